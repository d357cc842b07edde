// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CommonBase} from "forge-std/Base.sol";
import {StdCheats} from "forge-std/StdCheats.sol";
import {StdUtils} from "forge-std/StdUtils.sol";
import {IArbitrable} from "../../src/interfaces/IArbitration.sol";
import {IDisputeCourt} from "../../src/interfaces/IDisputeCourt.sol";
import {DisputeCourt} from "../../src/DisputeCourt.sol";
import {Case, CaseState, LockKind, LockState, Side} from "../../src/types/Modules.sol";
import {Status} from "../../src/types/Types.sol";
import {MockArbitrator, MockReports, MockStake, MockStatuses} from "../mocks/CourtMocks.sol";
import {Refuser} from "./Hostile.sol";

/// @notice Does all that it can to a court while it is paid.
contract Grabber {
    DisputeCourt private immutable COURT;

    constructor(DisputeCourt court) {
        COURT = court;
    }

    receive() external payable {
        uint256 count = COURT.caseCount();
        for (uint256 id = count > 2 ? count - 2 : 1; id <= count; ++id) {
            try COURT.withdraw(id, address(this)) {} catch {}
            try COURT.close(id) {} catch {}
        }
        try COURT.withdrawTreasury() {} catch {}
    }
}

/// @notice Challengers, defenders, allies, a careless DAO and a moody arbitrator around one court: two datasets of three
/// versions, attestations and reports, stake that is put up again after it was lost.
contract CourtHandler is CommonBase, StdCheats, StdUtils {
    uint256 public constant ACTORS = 5;

    DisputeCourt public immutable COURT;
    MockStatuses public immutable STATUSES;
    MockStake public immutable STAKE;
    MockReports public immutable REPORTS;
    MockArbitrator public immutable KLEROS;
    address public immutable DAO;
    bool public immutable OUTSIDE;

    address[] public actors;

    Refuser private immutable REFUSER;
    uint256 private _proofs;

    constructor(
        DisputeCourt court,
        MockStatuses statuses,
        MockStake stake,
        MockReports reports,
        MockArbitrator kleros,
        address dao,
        bool outside
    ) {
        (COURT, STATUSES, STAKE, REPORTS, KLEROS, DAO, OUTSIDE) =
        (court, statuses, stake, reports, kleros, dao, outside);
        REFUSER = new Refuser();
        actors = [makeAddr("ann"), makeAddr("ben"), makeAddr("col"), address(REFUSER), address(new Grabber(court))];
        for (uint256 d; d < 2; ++d) {
            for (uint32 n = 1; n < 4; ++n) {
                STATUSES.add(_dataset(d), n);
            }
            back(d, 100 ether);
            attest(d, 50 ether);
            report(d, 30 ether);
        }
    }

    // ---- subjects

    function back(uint256 dataset, uint96 amount) public {
        bytes32 lockId = STAKE.backingIdOf(_dataset(dataset));
        LockState state = STAKE.lockOf(lockId).state;
        if (state != LockState.None && state != LockState.Lost && state != LockState.Released) return;
        _lock(lockId, LockKind.Backing, _dataset(dataset), amount, type(uint40).max);
    }

    function attest(uint256 which, uint96 amount) public {
        bytes32 lockId = _attestation(which);
        LockState state = STAKE.lockOf(lockId).state;
        if (state == LockState.Held || state == LockState.Escrowed) return;
        _lock(lockId, LockKind.Attestation, bytes32(which), amount, uint40(block.timestamp) + 7 days);
    }

    function report(uint256 which, uint128 amount) public {
        amount = uint128(bound(amount, 1, 1e24));
        if (COURT.openCaseOf(_job(which)) != 0) return;
        REPORTS.report(_job(which), amount, address(0), uint40(block.timestamp) + 7 days);
    }

    /// @dev A backing that its owner asked for is gone as soon as nobody holds it.
    function release(uint256 dataset) external {
        bytes32 lockId = STAKE.backingIdOf(_dataset(dataset));
        if (STAKE.lockOf(lockId).state == LockState.Live) STAKE.setState(lockId, LockState.Released);
    }

    /// @dev Owner and DAO set statuses under the court's feet.
    function setStatus(uint256 dataset, uint32 number, uint8 status, bool ruled) external {
        bytes32 key = STATUSES.keyAt(_dataset(dataset), 1 + number % 3);
        Status to = Status(status % 4);
        STATUSES.setStatus(key, to, ruled && to == Status.Recalled);
    }

    // ---- cases

    function openVersion(uint256 actor, uint256 dataset, uint32 number, uint96 more) external {
        bytes32 datasetId = _dataset(dataset);
        uint256 value = COURT.bondFor(STATUSES.keyAt(datasetId, 1 + number % 3), 1e24) + more % 1e20;
        address who = _fund(actor, value);
        vm.prank(who);
        COURT.openVersion{value: value}(datasetId, 1 + number % 3, _proof(), "");
    }

    function openAttestation(uint256 actor, uint256 which, uint96 more) external {
        bytes32 lockId = _attestation(which);
        uint256 value = COURT.bondFor(lockId, STAKE.lockOf(lockId).amount) + more % 1e20;
        address who = _fund(actor, value);
        vm.prank(who);
        COURT.openAttestation{value: value}(lockId, _proof(), "");
    }

    function openReport(uint256 actor, uint256 which) external {
        bytes32 jobId = _job(which);
        uint256 value = COURT.bondFor(jobId, REPORTS.jobOf(jobId).amount);
        address who = _fund(actor, value);
        vm.prank(who);
        COURT.openReport{value: value}(jobId, _proof(), "");
    }

    function join(uint256 actor, uint256 id, bool respondent, uint96 value) external {
        id = _pick(id, CaseState.Open, CaseState.Open);
        Case memory c = COURT.caseOf(id);
        respondent = respondent || c.respondentPot == 0;
        value = uint96(bound(value, respondent && c.respondentPot == 0 ? c.bond : 1, 1e25));
        address who = _fund(actor, value);
        vm.prank(who);
        COURT.join{value: value}(id, respondent ? Side.Respondent : Side.Challenger);
    }

    function submit(uint256 actor, uint256 id, uint96 value, bool wait) external {
        id = _pick(id, CaseState.Open, CaseState.Open);
        // Cases that nobody answered end here: let most of them be answered first.
        if (wait && (COURT.caseOf(id).respondentPot != 0 || value % 3 == 0)) _reach(COURT.caseOf(id).deadline);
        address who = _fund(actor, value);
        vm.prank(who);
        COURT.submit{value: value}(id);
    }

    function decide(uint256 id, uint8 ruling) external {
        id = _pick(id, CaseState.Contested, CaseState.Appealed);
        vm.prank(DAO);
        COURT.decide(id, Side(ruling % 3));
    }

    function rule(uint256 id, uint8 ruling) external {
        id = _pick(id, CaseState.Contested, CaseState.Contested);
        KLEROS.rule(IArbitrable(address(COURT)), COURT.caseOf(id).disputeId, ruling % 4);
    }

    function appeal(uint256 actor, uint256 id, uint96 value) external {
        id = _pick(id, CaseState.Ruled, OUTSIDE ? CaseState.Contested : CaseState.Ruled);
        value = uint96(bound(value, 2 * uint256(COURT.caseOf(id).bond), 1e26));
        address who = _fund(actor, value);
        vm.prank(who);
        COURT.appeal{value: value}(id);
    }

    /// @dev Mostly of cases that were ruled, sometimes of any, whose time has come or not.
    function close(uint256 id, uint8 way) external {
        id = way % 4 == 0 ? _case(id) : _pick(id, CaseState.Ruled, CaseState.Appealed);
        if (way % 8 > 2) _reach(COURT.caseOf(id).deadline + (way % 16 == 3 ? 14 days : 0));
        COURT.close(id);
    }

    function withdraw(uint256 actor, uint256 id) external {
        COURT.withdraw(_pick(id, CaseState.Closed, CaseState.Contested), actors[actor % ACTORS]);
    }

    function withdrawTreasury() public {
        COURT.withdrawTreasury();
    }

    // ---- moods

    function pass(uint32 time) external {
        vm.warp(block.timestamp + time % (time % 5 == 0 ? 10 days : 12 hours));
    }

    function setArbitrator(uint96 cost, uint96 fee, bool refuses, bool repeats) external {
        KLEROS.set(cost % 1e22, fee % 1e22);
        KLEROS.setRefuses(refuses && cost % 2 == 0);
        KLEROS.setRepeats(repeats && fee % 2 == 0);
    }

    /// @dev The arbitrator calls back while it is called.
    function setCall(uint256 id, uint8 way) external {
        id = _case(id);
        if (way % 4 == 0) KLEROS.setCall("");
        if (way % 4 == 1) KLEROS.setCall(abi.encodeCall(IDisputeCourt.close, (id)));
        if (way % 4 == 2) KLEROS.setCall(abi.encodeCall(IDisputeCourt.withdraw, (id, actors[way % ACTORS])));
        if (way % 4 == 3) KLEROS.setCall(abi.encodeCall(IArbitrable.rule, (id % (1 + KLEROS.disputes()), way % 3)));
    }

    function setRefused(bool accepts) external {
        REFUSER.setAccepts(accepts);
    }

    // ---- the end: nobody helps but time

    function finish() external {
        KLEROS.setRefuses(true);
        REFUSER.setAccepts(true);
        vm.warp(block.timestamp + 365 days);
        uint256 count = COURT.caseCount();
        for (uint256 id = 1; id <= count; ++id) {
            if (COURT.caseOf(id).state != CaseState.Closed) COURT.close(id);
        }
        for (uint256 id = 1; id <= count; ++id) {
            for (uint256 a; a < ACTORS; ++a) {
                if (COURT.owedBy(id, actors[a]) != 0) COURT.withdraw(id, actors[a]);
            }
        }
        if (treasuryDue() != treasuryGot()) withdrawTreasury();
    }

    // ---- books

    /// @notice What the court must have for its cases, from what it says of them; the treasury's part by a formula of this
    /// file's own.
    function liabilities() external view returns (uint256 sum) {
        sum = treasuryDue() - treasuryGot();
        uint256 count = COURT.caseCount();
        for (uint256 id = 1; id <= count; ++id) {
            Case memory c = COURT.caseOf(id);
            for (uint256 a; a < ACTORS; ++a) {
                sum += COURT.owedBy(id, actors[a]);
            }
            if (c.state == CaseState.Closed) continue;
            uint256 pots = uint256(c.challengerPot) + c.respondentPot;
            sum += c.appealBond + (pots > c.fee ? pots - c.fee : 0);
        }
    }

    /// @notice Half of what the losers of each case had left, and of what else was lost; all of it where nobody won.
    function treasuryDue() public view returns (uint256 due) {
        uint256 count = COURT.caseCount();
        for (uint256 id = 1; id <= count; ++id) {
            Case memory c = COURT.caseOf(id);
            if (c.state != CaseState.Closed) continue;
            if (c.ruling == Side.Nobody) {
                due += c.appealBond;
                continue;
            }
            uint256 losing = c.ruling == Side.Challenger ? c.respondentPot : c.challengerPot;
            losing = losing > c.fee ? losing - c.fee : 0;
            due += (losing + c.slashed + c.appealBond + 1) / 2;
        }
    }

    /// @notice The treasury has no other income.
    function treasuryGot() public view returns (uint256) {
        return DAO.balance;
    }

    /// @notice Less than one wei for each payee of a case that is over.
    function dust() external view returns (uint256) {
        return ACTORS * COURT.caseCount();
    }

    function _lock(bytes32 lockId, LockKind kind, bytes32 subject, uint96 amount, uint40 until) private {
        amount = uint96(bound(amount, 1, 1e24));
        vm.deal(address(this), amount);
        STAKE.lock{value: amount}(lockId, kind, subject, until);
    }

    function _fund(uint256 actor, uint256 value) private returns (address who) {
        who = actors[actor % ACTORS];
        vm.deal(who, who.balance + value);
    }

    function _case(uint256 id) private view returns (uint256) {
        uint256 count = COURT.caseCount();
        return count == 0 ? 1 : 1 + id % count;
    }

    /// @dev A case in one of two states, the next one after a random one; a random one if there is none.
    function _pick(uint256 seed, CaseState one, CaseState other) private view returns (uint256) {
        uint256 count = COURT.caseCount();
        for (uint256 i; i < count; ++i) {
            uint256 id = 1 + (seed % count + i) % count;
            CaseState state = COURT.caseOf(id).state;
            if (state == one || state == other) return id;
        }
        return _case(seed);
    }

    function _reach(uint256 time) private {
        if (block.timestamp < time) vm.warp(time);
    }

    function _proof() private returns (bytes32) {
        return keccak256(abi.encode(++_proofs));
    }

    function _dataset(uint256 which) private pure returns (bytes32) {
        return keccak256(abi.encode("dataset", which % 2));
    }

    function _attestation(uint256 which) private pure returns (bytes32) {
        return keccak256(abi.encode("attestation", which % 2));
    }

    function _job(uint256 which) private pure returns (bytes32) {
        return keccak256(abi.encode("job", which % 2));
    }
}
