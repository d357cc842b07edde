// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IDatasetRegistry} from "../src/interfaces/IDatasetRegistry.sol";
import {IEvidence} from "../src/interfaces/IArbitration.sol";
import {IDisputeCourt} from "../src/interfaces/IDisputeCourt.sol";
import {IUsageLedger} from "../src/interfaces/IUsageLedger.sol";
import {IValidatorStake} from "../src/interfaces/IValidatorStake.sol";
import {DisputeCourt} from "../src/DisputeCourt.sol";
import {CourtText} from "../src/lib/CourtText.sol";
import {Access} from "../src/lib/Managed.sol";
import {Module} from "../src/lib/Module.sol";
import {
    Case,
    CaseState,
    JobState,
    LockKind,
    LockState,
    ModuleConfig,
    Side,
    SubjectKind
} from "../src/types/Modules.sol";
import {Status} from "../src/types/Types.sol";
import {CourtFixture} from "./support/CourtFixture.sol";

contract DisputeCourtTest is CourtFixture {
    // ---- initialize

    function test_Initialize() external {
        DisputeCourt made = _clone();
        vm.expectEmit(address(made));
        emit IEvidence.MetaEvidence(0, CourtText.META_EVIDENCE);
        made.initialize(_config(address(kleros)));
        (address arbitrator, bytes memory extraData) = made.arbitrator();
        assertEq(arbitrator, address(kleros));
        assertEq(extraData, abi.encode(uint256(4), uint256(3)));
        (uint96 minBond, uint16 bondBps, uint32 answer, uint32 ruling, uint32 appeal) = made.settings();
        assertEq(minBond, MIN_BOND);
        assertEq(bondBps, BOND_BPS);
        assertEq(answer, ANSWER);
        assertEq(ruling, RULING);
        assertEq(appeal, APPEAL);
        vm.expectRevert(Module.AlreadyInitialized.selector);
        made.initialize(_config(address(0)));
    }

    function test_InitializeImplementationReverts() external {
        vm.expectRevert(Module.NotAClone.selector);
        implementation.initialize(_config(address(0)));
    }

    function test_InitializeWithoutTimeReverts() external {
        DisputeCourt made = _clone();
        ModuleConfig memory config = _config(address(0));
        config.answerWindow = 0;
        vm.expectRevert(IDisputeCourt.WindowZero.selector);
        made.initialize(config);
        (config.answerWindow, config.rulingWindow) = (1, 0);
        vm.expectRevert(IDisputeCourt.WindowZero.selector);
        made.initialize(config);
    }

    function test_Wiring() external view {
        assertEq(court.authority(), address(manager));
        assertEq(court.wiring(1), address(statuses));
        assertEq(court.wiring(2), address(stake));
        assertEq(court.wiring(3), address(reports));
        assertEq(court.wiring(4), DAO);
        (address arbitrator,) = court.arbitrator();
        assertEq(arbitrator, address(0));
    }

    // ---- opening

    function test_OpenVersion() external {
        // 10 % of what is at stake.
        assertEq(court.bondFor(versionKey, STAKE), 10 ether);
        uint40 deadline = uint40(block.timestamp) + ANSWER;
        vm.deal(alice, 11 ether);
        vm.expectEmit(address(court));
        emit IDisputeCourt.CaseOpened(1, versionKey, alice, 1, DATASET, 1, PROOF, 10 ether, deadline);
        vm.expectEmit(address(court));
        emit IDisputeCourt.Joined(1, alice, Side.Challenger, 11 ether);
        vm.expectEmit(address(court));
        emit IDisputeCourt.EvidenceAdded(1, alice, PROOF, URI);
        vm.expectEmit(address(court));
        emit IEvidence.Evidence(address(0), 1, alice, URI);
        vm.prank(alice);
        assertEq(court.openVersion{value: 11 ether}(DATASET, 1, PROOF, URI), 1);

        Case memory c = court.caseOf(1);
        assertEq(c.challenger, alice);
        assertEq(c.deadline, deadline);
        assertEq(uint8(c.kind), uint8(SubjectKind.Version));
        assertEq(uint8(c.state), uint8(CaseState.Open));
        assertTrue(c.holdsLock);
        assertEq(c.subject, versionKey);
        assertEq(c.datasetId, DATASET);
        assertEq(c.number, 1);
        assertEq(c.challengerPot, 11 ether);
        assertEq(c.bond, 10 ether);
        assertEq(court.caseCount(), 1);
        assertEq(court.openCaseOf(versionKey), 1);
        assertEq(court.bondOf(1, Side.Challenger, alice), 11 ether);
        assertEq(court.owedBy(1, alice), 0);
        assertEq(uint8(stake.lockOf(backing).state), uint8(LockState.Held));
        assertEq(address(court).balance, 11 ether);
    }

    function test_OpenTwiceReverts() external {
        _openVersion(court, alice, 10 ether);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.CaseExists.selector, versionKey, 1));
        court.openVersion(DATASET, 1, PROOF, URI);
        _openAttestation(court, alice, 10 ether);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.CaseExists.selector, LOCK, 2));
        court.openAttestation(LOCK, PROOF, URI);
        _openReport(court, alice, 10 ether);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.CaseExists.selector, JOB, 3));
        court.openReport(JOB, PROOF, URI);
    }

    function test_OpenWithOldEvidenceReverts() external {
        vm.deal(address(this), 100 ether);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.EvidenceInvalid.selector, versionKey, 0));
        court.openVersion{value: 10 ether}(DATASET, 1, 0, URI);
        uint256 id = court.openVersion{value: 10 ether}(DATASET, 1, PROOF, URI);
        _join(court, id, Side.Respondent, bob, 10 ether);
        vm.warp(block.timestamp + ANSWER + RULING);
        court.close(id);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.EvidenceInvalid.selector, versionKey, PROOF));
        court.openVersion{value: 20 ether}(DATASET, 1, PROOF, URI);
        // Used on this subject only.
        statuses.add(DATASET, 2);
        court.openVersion{value: 10 ether}(DATASET, 2, PROOF, URI);
    }

    function test_OpenForLessReverts() external {
        vm.deal(address(this), 100 ether);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.BondInsufficient.selector, 10 ether, 10 ether - 1));
        court.openVersion{value: 10 ether - 1}(DATASET, 1, PROOF, URI);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.BondInsufficient.selector, 10 ether, 1));
        court.openAttestation{value: 1}(LOCK, PROOF, URI);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.BondInsufficient.selector, 5 ether, 0));
        court.openReport(JOB, PROOF, URI);
        // Nothing was taken: the lock and the digest are free.
        assertEq(uint8(stake.lockOf(backing).state), uint8(LockState.Live));
        court.openVersion{value: 10 ether}(DATASET, 1, PROOF, URI);
    }

    function test_OpenVersionWithoutBacking() external {
        bytes32 key = statuses.add(keccak256("other"), 1);
        assertEq(court.bondFor(key, 0), MIN_BOND);
        vm.deal(address(this), 2 ether);
        uint256 id = court.openVersion{value: MIN_BOND}(keccak256("other"), 1, PROOF, URI);
        assertFalse(court.caseOf(id).holdsLock);
        stake.setState(backing, LockState.Released);
        id = court.openVersion{value: MIN_BOND}(DATASET, 1, PROOF, URI);
        assertFalse(court.caseOf(id).holdsLock);
    }

    function test_OpenVersionInAStatus() external {
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.VersionUnknown.selector, 0));
        court.openVersion(DATASET, 2, PROOF, URI);
        statuses.setStatus(versionKey, Status.Disputed, false);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.VersionNotChallengeable.selector, versionKey, 3));
        court.openVersion(DATASET, 1, PROOF, URI);
        statuses.setStatus(versionKey, Status.Recalled, true);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.VersionNotChallengeable.selector, versionKey, 2));
        court.openVersion(DATASET, 1, PROOF, URI);
        for (uint32 i; i < 3; ++i) {
            bytes32 key = statuses.add(DATASET, i + 1);
            statuses.setStatus(key, Status(i), false);
            vm.deal(address(this), 10 ether);
            assertEq(court.openVersion{value: 10 ether}(DATASET, i + 1, PROOF, URI), i + 1);
        }
    }

    function test_OpenAttestation() external {
        uint256 id = _openAttestation(court, alice, 10 ether);
        Case memory c = court.caseOf(id);
        assertEq(uint8(c.kind), uint8(SubjectKind.Attestation));
        assertEq(c.subject, LOCK);
        assertEq(c.datasetId, 0);
        assertTrue(c.holdsLock);
        assertEq(uint8(stake.lockOf(LOCK).state), uint8(LockState.Held));
    }

    function test_OpenAttestationLateReverts() external {
        uint40 until = stake.lockOf(LOCK).until;
        vm.warp(until);
        vm.expectRevert(abi.encodeWithSelector(IValidatorStake.ChallengeOver.selector, LOCK, until));
        court.openAttestation(LOCK, PROOF, URI);
    }

    function test_OpenAttestationOnABackingReverts() external {
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.NotAnAttestation.selector, backing));
        court.openAttestation(backing, PROOF, URI);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.NotAnAttestation.selector, PROOF));
        court.openAttestation(PROOF, PROOF, URI);
    }

    function test_OpenReport() external {
        // 10 % of 50.
        uint256 id = _openReport(court, alice, 5 ether);
        Case memory c = court.caseOf(id);
        assertEq(uint8(c.kind), uint8(SubjectKind.Report));
        assertEq(c.subject, JOB);
        assertEq(c.bond, 5 ether);
        assertFalse(c.holdsLock);
        assertEq(uint8(reports.jobOf(JOB).state), uint8(JobState.Held));
    }

    function test_OpenReportLateReverts() external {
        uint40 until = reports.jobOf(JOB).settleAt;
        vm.warp(until);
        vm.expectRevert(abi.encodeWithSelector(IUsageLedger.ChallengeOver.selector, JOB, until));
        court.openReport(JOB, PROOF, URI);
    }

    /// @dev Else a token with many decimals, or worth nothing, would make a report unchallengeable.
    function test_OpenReportInATokenAsksTheLeastBond() external {
        reports.report(JOB, type(uint128).max, makeAddr("token"), uint40(block.timestamp) + CHALLENGE);
        uint256 id = _openReport(court, alice, MIN_BOND);
        assertEq(court.caseOf(id).bond, MIN_BOND);
    }

    function testFuzz_BondFor(uint96 atStake, uint96 minBond, uint16 bps) external {
        DisputeCourt made = _clone();
        ModuleConfig memory config = _config(address(0));
        (config.minBond, config.bondBps) = (minBond, bps);
        made.initialize(config);
        uint256 part = uint256(atStake) * bps / 10_000;
        uint256 expected = part > minBond ? part : minBond;
        // Never zero: a side with nothing in it is not there.
        assertEq(made.bondFor(versionKey, atStake), expected == 0 ? 1 : expected);
    }

    /// @dev A court that asks for nothing still tells who answered.
    function test_BondIsNeverZero() external {
        DisputeCourt made = _clone();
        ModuleConfig memory config = _config(address(0));
        (config.minBond, config.bondBps) = (0, 0);
        made.initialize(config);
        assertEq(made.bondFor(versionKey, STAKE), 1);
    }

    // ---- join

    function test_Join() external {
        uint256 id = _openVersion(court, alice, 10 ether);
        _join(court, id, Side.Respondent, bob, 10 ether);
        vm.expectEmit(address(court));
        emit IDisputeCourt.Joined(id, carol, Side.Respondent, 1);
        _join(court, id, Side.Respondent, carol, 1);
        _join(court, id, Side.Challenger, carol, 1);
        _join(court, id, Side.Challenger, alice, 3);
        vm.warp(court.caseOf(id).deadline - 1);
        _join(court, id, Side.Respondent, bob, 5);
        Case memory c = court.caseOf(id);
        assertEq(c.challengerPot, 10 ether + 4);
        assertEq(c.respondentPot, 10 ether + 6);
        assertEq(court.bondOf(id, Side.Challenger, alice), 10 ether + 3);
        assertEq(court.bondOf(id, Side.Respondent, bob), 10 ether + 5);
        assertEq(court.bondOf(id, Side.Respondent, carol), 1);
        assertEq(court.bondOf(id, Side.Challenger, carol), 1);
    }

    function test_JoinReverts() external {
        uint256 id = _openVersion(court, alice, 11 ether);
        vm.deal(address(this), 100 ether);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.BondInsufficient.selector, 10 ether, 10 ether - 1));
        court.join{value: 10 ether - 1}(id, Side.Respondent);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.BondInsufficient.selector, 1, 0));
        court.join(id, Side.Challenger);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.SideInvalid.selector, 0));
        court.join{value: 10 ether}(id, Side.Nobody);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.CaseUnknown.selector, 2));
        court.join{value: 10 ether}(2, Side.Challenger);
        court.join{value: 10 ether}(id, Side.Respondent);
        uint40 deadline = court.caseOf(id).deadline;
        vm.warp(deadline);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.DeadlinePassed.selector, id, deadline));
        court.join{value: 10 ether}(id, Side.Respondent);
        court.submit(id);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.CaseStateInvalid.selector, id, 2));
        court.join{value: 10 ether}(id, Side.Respondent);
    }

    // ---- submitEvidence

    function test_SubmitEvidence() external {
        uint256 id = _openVersion(court, alice, 10 ether);
        _join(court, id, Side.Respondent, bob, 10 ether);
        _evidence(id);
        _submit(court, id);
        _evidence(id);
        _decide(id, Side.Nobody);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.CaseStateInvalid.selector, id, 3));
        court.submitEvidence(id, PROOF, URI);
        _appeal(id, carol, 20 ether);
        _evidence(id);
        _closeAtDeadline(court, id);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.CaseStateInvalid.selector, id, 5));
        court.submitEvidence(id, PROOF, URI);
        // What was shown in a case can open another.
        vm.deal(carol, 20 ether);
        vm.prank(carol);
        court.openVersion{value: 20 ether}(DATASET, 1, PROOF, URI);
    }

    function _evidence(uint256 id) private {
        vm.expectEmit(address(court));
        emit IDisputeCourt.EvidenceAdded(id, carol, PROOF, URI);
        vm.expectEmit(address(court));
        emit IEvidence.Evidence(address(0), id, carol, URI);
        vm.prank(carol);
        court.submitEvidence(id, PROOF, URI);
    }

    function test_SubmitEvidenceReverts() external {
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.CaseUnknown.selector, 1));
        court.submitEvidence(1, PROOF, URI);
        uint256 id = _openVersion(court, alice, 10 ether);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.EvidenceInvalid.selector, versionKey, 0));
        court.submitEvidence(id, 0, URI);
    }

    // ---- submit

    function test_SubmitEarlyReverts() external {
        uint256 id = _openVersion(court, alice, 10 ether);
        uint40 deadline = court.caseOf(id).deadline;
        vm.warp(deadline - 1);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.DeadlineAhead.selector, id, deadline));
        court.submit(id);
        _join(court, id, Side.Respondent, bob, 10 ether);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.DeadlineAhead.selector, id, deadline));
        court.submit(id);
    }

    function test_SubmitUnanswered() external {
        uint256 id = _openVersion(court, alice, 10 ether);
        _pass(court, id);
        vm.deal(carol, 3);
        vm.prank(carol);
        court.submit{value: 3}(id);
        _assertState(court, id, CaseState.Closed);
        _assertRuling(court, id, Side.Challenger);
        assertEq(court.owedBy(id, carol), 3);
        assertEq(court.owedBy(id, alice), 60 ether);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.CaseStateInvalid.selector, id, 5));
        court.submit(id);
    }

    function test_SubmitAnswered() external {
        uint256 id = _openVersion(court, alice, 10 ether);
        _join(court, id, Side.Respondent, bob, 10 ether);
        _pass(court, id);
        uint40 deadline = uint40(block.timestamp) + RULING;
        vm.deal(carol, 3);
        vm.expectEmit(address(court));
        emit IDisputeCourt.Submitted(id, 0, 0, deadline);
        vm.prank(carol);
        court.submit{value: 3}(id);
        _assertState(court, id, CaseState.Contested);
        assertEq(court.caseOf(id).deadline, deadline);
        // What no fee needed, at once.
        assertEq(_withdraw(court, id, carol), 3);
        assertEq(carol.balance, 3);
        // The bonds are still there.
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.NothingOwed.selector, id, alice));
        court.withdraw(id, alice);
        assertEq(court.bondOf(id, Side.Challenger, alice), 10 ether);
    }

    // ---- decide

    function test_DecideReverts() external {
        uint256 id = _openVersion(court, alice, 10 ether);
        vm.expectRevert(abi.encodeWithSelector(Access.Unauthorized.selector, address(this)));
        court.decide(id, Side.Challenger);
        vm.startPrank(DAO);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.CaseStateInvalid.selector, id, 1));
        court.decide(id, Side.Challenger);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.CaseUnknown.selector, 9));
        court.decide(9, Side.Challenger);
        vm.stopPrank();
        _join(court, id, Side.Respondent, bob, 10 ether);
        _submit(court, id);
        _pass(court, id);
        vm.startPrank(DAO);
        uint40 deadline = court.caseOf(id).deadline;
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.DeadlinePassed.selector, id, deadline));
        court.decide(id, Side.Challenger);
        vm.warp(deadline - 1);
        court.decide(id, Side.Challenger);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.CaseStateInvalid.selector, id, 3));
        court.decide(id, Side.Respondent);
        vm.stopPrank();
        _appeal(id, bob, 20 ether);
        _pass(court, id);
        deadline = court.caseOf(id).deadline;
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.DeadlinePassed.selector, id, deadline));
        _decide(id, Side.Respondent);
    }

    function test_DecideForTheChallenger() external {
        uint256 id = _contested(court);
        uint40 deadline = uint40(block.timestamp) + APPEAL;
        vm.expectEmit(address(court));
        emit IDisputeCourt.Ruled(id, Side.Challenger, deadline);
        _decide(id, Side.Challenger);
        _assertState(court, id, CaseState.Ruled);
        assertEq(court.caseOf(id).deadline, deadline);
        assertEq(uint8(stake.lockOf(backing).state), uint8(LockState.Escrowed));
        _assertStatus(Status.Disputed);
        assertEq(court.owedBy(id, alice), 0);
    }

    function testFuzz_DecideForTheOthersDoesNothingYet(bool nobody) external {
        uint256 id = _contested(court);
        _decide(id, nobody ? Side.Nobody : Side.Respondent);
        _assertState(court, id, CaseState.Ruled);
        assertEq(uint8(stake.lockOf(backing).state), uint8(LockState.Held));
        _assertStatus(Status.Active);
    }

    function test_SecondRulingIsFinal() external {
        uint256 id = _contested(court);
        _decide(id, Side.Respondent);
        _appeal(id, carol, 25 ether);
        vm.expectEmit(address(court));
        emit IDisputeCourt.Ruled(id, Side.Respondent, uint40(block.timestamp));
        _decide(id, Side.Respondent);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.CaseStateInvalid.selector, id, 3));
        _decide(id, Side.Challenger);
        vm.deal(carol, 100 ether);
        vm.prank(carol);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.DeadlinePassed.selector, id, uint40(block.timestamp)));
        court.appeal{value: 100 ether}(id);
        assertEq(court.owedBy(id, carol), 0);
        court.close(id);
        _assertRuling(court, id, Side.Respondent);
    }

    function test_SecondRulingThatDiffersReturnsTheAppealBond() external {
        uint256 id = _contested(court);
        _decide(id, Side.Respondent);
        _appeal(id, carol, 25 ether);
        _decide(id, Side.Challenger);
        assertEq(_withdraw(court, id, carol), 25 ether);
        assertEq(uint8(stake.lockOf(backing).state), uint8(LockState.Escrowed));
        _assertStatus(Status.Disputed);
        court.close(id);
        assertEq(uint8(stake.lockOf(backing).state), uint8(LockState.Lost));
        _assertStatus(Status.Recalled);
        // 20 of bob's and 100 of stake, half to alice; the appeal bond is in nobody's part.
        assertEq(court.owedBy(id, alice), 20 ether + 60 ether);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.NothingOwed.selector, id, carol));
        court.withdraw(id, carol);
    }

    // ---- appeal

    function test_Appeal() external {
        uint256 id = _contested(court);
        _decide(id, Side.Challenger);
        vm.warp(court.caseOf(id).deadline - 1);
        uint40 deadline = uint40(block.timestamp) + RULING;
        vm.expectEmit(address(court));
        emit IDisputeCourt.Appealed(id, carol, 20 ether, deadline);
        _appeal(id, carol, 20 ether);
        Case memory c = court.caseOf(id);
        assertEq(uint8(c.state), uint8(CaseState.Appealed));
        assertEq(c.appellant, carol);
        assertEq(c.appealBond, 20 ether);
        assertEq(c.deadline, deadline);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.CaseStateInvalid.selector, id, 4));
        _appeal(id, bob, 20 ether);
    }

    function test_AppealReverts() external {
        uint256 id = _contested(court);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.CaseStateInvalid.selector, id, 2));
        _appeal(id, bob, 20 ether);
        _decide(id, Side.Challenger);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.BondInsufficient.selector, 20 ether, 20 ether - 1));
        _appeal(id, bob, 20 ether - 1);
        _pass(court, id);
        uint40 deadline = court.caseOf(id).deadline;
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.DeadlinePassed.selector, id, deadline));
        _appeal(id, bob, 20 ether);
    }

    // ---- close: deadlines and defaults

    function test_CloseReverts() external {
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.CaseUnknown.selector, 1));
        court.close(1);
        uint256 id = _openVersion(court, alice, 20 ether);
        _refusesToClose(id, 0);
        _join(court, id, Side.Respondent, bob, 20 ether);
        // Answered: anyone has the time of a ruling to submit it.
        _refusesToClose(id, RULING);
        _submit(court, id);
        _refusesToClose(id, 0);
        _decide(id, Side.Challenger);
        _refusesToClose(id, 0);
        _appeal(id, bob, 20 ether);
        _refusesToClose(id, 0);
        _closeAtDeadline(court, id);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.CaseStateInvalid.selector, id, 5));
        court.close(id);
    }

    function _refusesToClose(uint256 id, uint40 more) private {
        uint40 deadline = court.caseOf(id).deadline + more;
        uint256 time = block.timestamp;
        vm.warp(deadline - 1);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.DeadlineAhead.selector, id, deadline));
        court.close(id);
        vm.warp(time);
    }

    function test_UnansweredIsTheChallengers() external {
        uint256 id = _openVersion(court, alice, 10 ether);
        vm.expectEmit(address(court));
        emit IDisputeCourt.CaseClosed(id, Side.Challenger, STAKE, 50 ether);
        _closeAtDeadline(court, id);
        _assertRuling(court, id, Side.Challenger);
        assertEq(uint8(stake.lockOf(backing).state), uint8(LockState.Lost));
        _assertStatus(Status.Recalled);
        assertEq(court.caseOf(id).slashed, STAKE);
        assertEq(court.openCaseOf(versionKey), 0);
        assertEq(court.owedBy(id, alice), 60 ether);
        assertEq(court.bondFor(versionKey, STAKE), 10 ether);
    }

    function test_AnsweredAndNeverSubmittedIsNobodys() external {
        uint256 id = _openVersion(court, alice, 10 ether);
        _join(court, id, Side.Respondent, bob, 10 ether);
        vm.warp(court.caseOf(id).deadline + RULING);
        court.close(id);
        _assertNobodys(id);
    }

    function test_NeverRuledIsNobodys() external {
        uint256 id = _contested(court);
        _closeAtDeadline(court, id);
        _assertNobodys(id);
    }

    function _assertNobodys(uint256 id) private view {
        _assertRuling(court, id, Side.Nobody);
        _assertStatus(Status.Active);
        assertEq(uint8(stake.lockOf(backing).state), uint8(LockState.Live));
        assertEq(court.owedBy(id, alice), court.caseOf(id).challengerPot);
        assertEq(court.owedBy(id, bob), court.caseOf(id).respondentPot);
    }

    function test_NeverAppealedIsAsRuled() external {
        uint256 id = _contested(court);
        _decide(id, Side.Respondent);
        vm.expectEmit(address(court));
        emit IDisputeCourt.CaseClosed(id, Side.Respondent, 0, 10 ether);
        _closeAtDeadline(court, id);
        _assertRuling(court, id, Side.Respondent);
        assertEq(court.owedBy(id, bob), 30 ether);
        assertEq(court.owedBy(id, alice), 0);
        assertEq(uint8(stake.lockOf(backing).state), uint8(LockState.Live));
    }

    function test_AppealedAndNeverRuledAgainIsAsRuledFirst() external {
        uint256 id = _contested(court);
        _decide(id, Side.Challenger);
        _appeal(id, bob, 20 ether);
        _closeAtDeadline(court, id);
        _assertRuling(court, id, Side.Challenger);
        // Bob's pot, the stake and the appeal bond: 140, half and half.
        assertEq(court.owedBy(id, alice), 20 ether + 70 ether);
        assertEq(court.owedBy(id, bob), 0);
        court.withdrawTreasury();
        assertEq(DAO.balance, 70 ether);
        _assertStatus(Status.Recalled);
    }

    function test_FlippedRulingRestores() external {
        statuses.setStatus(versionKey, Status.Deprecated, false);
        uint256 id = _contested(court);
        _decide(id, Side.Challenger);
        _assertStatus(Status.Disputed);
        _appeal(id, bob, 20 ether);
        _decide(id, Side.Respondent);
        assertEq(uint8(stake.lockOf(backing).state), uint8(LockState.Escrowed));
        court.close(id);
        _assertStatus(Status.Deprecated);
        assertEq(uint8(stake.lockOf(backing).state), uint8(LockState.Live));
        assertEq(court.caseOf(id).slashed, 0);
        // Own bond, half of alice's; the appeal bond on top.
        assertEq(court.owedBy(id, bob), 30 ether + 20 ether);
    }

    function test_AttestationThatStandsCanBeChallengedLonger() external {
        uint256 id = _openAttestation(court, alice, 10 ether);
        _join(court, id, Side.Respondent, bob, 10 ether);
        vm.warp(block.timestamp + ANSWER + RULING);
        court.close(id);
        assertEq(stake.lockOf(LOCK).until, block.timestamp + ANSWER);
        assertEq(uint8(stake.lockOf(LOCK).state), uint8(LockState.Live));
        id = _openAttestation(court, carol, 20 ether);
        _closeAtDeadline(court, id);
        assertEq(uint8(stake.lockOf(LOCK).state), uint8(LockState.Lost));
        assertEq(court.caseOf(id).slashed, STAKE);
        _assertStatus(Status.Active);
    }

    function test_Reports() external {
        uint256 id = _openReport(court, alice, 5 ether);
        _join(court, id, Side.Respondent, bob, 5 ether);
        _submit(court, id);
        _decide(id, Side.Respondent);
        _closeAtDeadline(court, id);
        assertEq(uint8(reports.jobOf(JOB).state), uint8(JobState.Reported));
        assertEq(reports.jobOf(JOB).settleAt, block.timestamp + ANSWER);
        id = _openReport(court, carol, 10 ether);
        _closeAtDeadline(court, id);
        assertEq(uint8(reports.jobOf(JOB).state), uint8(JobState.Struck));
        assertEq(court.owedBy(id, carol), 10 ether);
    }

    function test_DaoEndsTheDisputeItself() external {
        uint256 id = _contested(court);
        _decide(id, Side.Challenger);
        statuses.setStatus(versionKey, Status.Active, false);
        _closeAtDeadline(court, id);
        _assertStatus(Status.Active);
        assertEq(court.owedBy(id, alice), 20 ether + 60 ether);
    }

    function test_DaoEndsTheDisputeThatDoesNotStand() external {
        uint256 id = _contested(court);
        _decide(id, Side.Challenger);
        _appeal(id, bob, 20 ether);
        _decide(id, Side.Nobody);
        statuses.setStatus(versionKey, Status.Recalled, true);
        court.close(id);
        _assertStatus(Status.Recalled);
    }

    function test_DaoRecallsBeforeTheCourt() external {
        uint256 id = _openVersion(court, alice, 10 ether);
        statuses.setStatus(versionKey, Status.Recalled, true);
        _closeAtDeadline(court, id);
        _assertState(court, id, CaseState.Closed);
        _assertStatus(Status.Recalled);
    }

    function test_DaoDisputesDuringACase() external {
        uint256 id = _contested(court);
        statuses.setStatus(versionKey, Status.Disputed, false);
        _decide(id, Side.Challenger);
        _appeal(id, bob, 20 ether);
        _decide(id, Side.Respondent);
        court.close(id);
        // The DAO's own word stands until the DAO takes it back.
        _assertStatus(Status.Disputed);
    }

    function test_BondGrowsWithEachCaseRuledForTheRespondent() external {
        // Cases that are nobody's return all bonds: if they counted, raising the bond would be free.
        uint256 id = _contested(court);
        _decide(id, Side.Nobody);
        _closeAtDeadline(court, id);
        id = _contested(court);
        _closeAtDeadline(court, id);
        for (uint256 i = 1; i < 4; ++i) {
            assertEq(court.bondFor(versionKey, STAKE), i * 10 ether);
            id = _openVersion(court, alice, i * 10 ether);
            _join(court, id, Side.Respondent, bob, i * 10 ether);
            _submit(court, id);
            _decide(id, Side.Respondent);
            _closeAtDeadline(court, id);
        }
        assertEq(court.bondFor(JOB, 50 ether), 5 ether);
    }

    // ---- locks that cases share

    function test_SharedLockIsFreeAfterTheLastCase() external {
        statuses.add(DATASET, 2);
        uint256 one = _openVersion(court, alice, 10 ether);
        uint256 two = _openOther(2, carol, 10 ether);
        assertTrue(court.caseOf(two).holdsLock);
        assertEq(court.caseOf(two).bond, 10 ether);
        _join(court, one, Side.Respondent, bob, 10 ether);
        _join(court, two, Side.Respondent, bob, 10 ether);
        vm.warp(block.timestamp + ANSWER + RULING);
        court.close(one);
        assertEq(uint8(stake.lockOf(backing).state), uint8(LockState.Held));
        court.close(two);
        assertEq(uint8(stake.lockOf(backing).state), uint8(LockState.Live));
    }

    function test_SharedLockIsTakenByTheFirst() external {
        statuses.add(DATASET, 2);
        uint256 one = _openVersion(court, alice, 10 ether);
        uint256 two = _openOther(2, carol, 10 ether);
        _join(court, one, Side.Respondent, bob, 10 ether);
        _closeAtDeadline(court, two);
        assertEq(court.caseOf(two).slashed, STAKE);
        _submit(court, one);
        _decide(one, Side.Challenger);
        _closeAtDeadline(court, one);
        assertEq(court.caseOf(one).slashed, 0);
        assertEq(court.owedBy(one, alice), 15 ether);
        _assertStatus(Status.Recalled);
    }

    function test_SharedLockTakenAndTheOtherDismissed() external {
        statuses.add(DATASET, 2);
        uint256 one = _contested(court);
        _decide(one, Side.Challenger);
        // Opened on what is in escrow already.
        uint256 two = _openOther(2, carol, 10 ether);
        _join(court, two, Side.Respondent, bob, 10 ether);
        _appeal(one, bob, 20 ether);
        vm.warp(court.caseOf(two).deadline + RULING);
        court.close(two);
        assertEq(uint8(stake.lockOf(backing).state), uint8(LockState.Escrowed));
        court.close(one);
        assertEq(court.caseOf(one).slashed, STAKE);
    }

    function test_SharedLockLostOnAppealStaysForTheOthers() external {
        statuses.add(DATASET, 2);
        uint256 one = _contested(court);
        uint256 two = _openOther(2, carol, 10 ether);
        _decide(one, Side.Challenger);
        _appeal(one, bob, 20 ether);
        _decide(one, Side.Respondent);
        court.close(one);
        assertEq(uint8(stake.lockOf(backing).state), uint8(LockState.Held));
        _closeAtDeadline(court, two);
        assertEq(court.caseOf(two).slashed, STAKE);
        assertEq(uint8(stake.lockOf(backing).state), uint8(LockState.Lost));
    }

    function test_StakePutUpAfterALoss() external {
        statuses.add(DATASET, 2);
        uint256 one = _openVersion(court, alice, 10 ether);
        uint256 two = _openOther(2, carol, 10 ether);
        _join(court, two, Side.Respondent, bob, 10 ether);
        _closeAtDeadline(court, one);
        vm.deal(owner, STAKE);
        vm.prank(owner);
        stake.lock{value: STAKE}(backing, LockKind.Backing, DATASET, type(uint40).max);
        court.submit(two);
        _decide(two, Side.Challenger);
        assertEq(uint8(stake.lockOf(backing).state), uint8(LockState.Escrowed));
        _closeAtDeadline(court, two);
        assertEq(court.caseOf(two).slashed, STAKE);
    }

    function test_LockOfAnotherCourtIsLeftAlone() external {
        stake.hold(backing);
        uint256 id = _openVersion(court, alice, MIN_BOND);
        assertFalse(court.caseOf(id).holdsLock);
        _closeAtDeadline(court, id);
        assertEq(uint8(stake.lockOf(backing).state), uint8(LockState.Held));
        _assertStatus(Status.Recalled);
    }

    function _openOther(uint32 number, address account, uint256 value) private returns (uint256) {
        vm.deal(account, value);
        bytes32 proof = _proof();
        vm.prank(account);
        return court.openVersion{value: value}(DATASET, number, proof, URI);
    }

    // ---- an ally in the slot

    /// @dev The accused's ally takes the slot with rubbish, and another ally answers. Honest ones can't be kept out, can open
    /// again in time, and each round costs the allies half of the ally's bond.
    function test_AllyCannotOccupyTheSlot() external {
        bytes32 found = keccak256("what carol found");
        uint256 id = _openAttestation(court, ally, 10 ether);
        vm.deal(carol, 100 ether);
        vm.startPrank(carol);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.CaseExists.selector, LOCK, id));
        court.openAttestation{value: 10 ether}(LOCK, found, URI);
        // Carol brings the evidence here, and joins with as much as she likes.
        court.submitEvidence(id, found, URI);
        court.join{value: 1}(id, Side.Challenger);
        vm.stopPrank();
        _join(court, id, Side.Respondent, owner, 10 ether);
        _submit(court, id);
        // The DAO takes its time, and rules on what the ally wrote.
        vm.warp(block.timestamp + RULING - 1);
        _decide(id, Side.Respondent);
        _closeAtDeadline(court, id);
        // The window of the attestation was over long ago; it is open again.
        assertGt(block.timestamp, 1_800_000_000 + CHALLENGE);
        uint256 back = _withdraw(court, id, owner);
        // 10 + 10 came from the allies; 15 went back: half of the bond is the treasury's.
        assertEq(back, 15 ether);
        court.withdrawTreasury();
        assertEq(DAO.balance, 5 ether + 1);

        // Nobody can open with the ally's evidence again, and what was shown in its case is still new.
        vm.warp(block.timestamp + ANSWER - 1);
        vm.prank(carol);
        uint256 second = court.openAttestation{value: 20 ether}(LOCK, found, URI);
        assertEq(court.caseOf(second).bond, 20 ether);
        _join(court, second, Side.Respondent, owner, 20 ether);
        _submit(court, second);
        _decide(second, Side.Challenger);
        _closeAtDeadline(court, second);
        assertEq(uint8(stake.lockOf(LOCK).state), uint8(LockState.Lost));
        // Her 20, half of the owner's 20 and half of the stake.
        assertEq(_withdraw(court, second, carol), 20 ether + 60 ether);
    }

    /// @dev The same with another version: the stake is not sheltered by a case that an ally opened first.
    function test_AllyOnAnotherVersionDoesNotShelterTheStake() external {
        statuses.add(DATASET, 2);
        uint256 sham = _openOther(2, ally, 10 ether);
        _join(court, sham, Side.Respondent, owner, 10 ether);
        uint256 id = _openVersion(court, carol, 10 ether);
        _closeAtDeadline(court, id);
        assertEq(court.caseOf(id).slashed, STAKE);
        vm.warp(court.caseOf(sham).deadline + RULING);
        court.close(sham);
        _assertState(court, sham, CaseState.Closed);
    }

    function _assertStatus(Status status) private view {
        (Status actual,) = statuses.statusOf(versionKey);
        assertEq(uint8(actual), uint8(status), "status");
    }
}
