// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {IDisputeCourt} from "../src/interfaces/IDisputeCourt.sol";
import {IDatasetRegistry} from "../src/interfaces/IDatasetRegistry.sol";
import {DisputeCourt} from "../src/DisputeCourt.sol";
import {ValidatorStake} from "../src/ValidatorStake.sol";
import {JobState, LockState, ModuleConfig, Side, UsageLine} from "../src/types/Modules.sol";
import {Status} from "../src/types/Types.sol";
import {LedgerFixture} from "./support/LedgerFixture.sol";

/// @notice The court with the real registry, stake, ledger, vault and AccessManager, wired as the factory does.
contract DisputeCourtIntegrationTest is LedgerFixture {
    uint32 private constant ANSWER = 2 days;
    uint32 private constant RULING = 6 days;
    uint32 private constant APPEAL = 1 days;
    uint96 private constant BACKING = 100 ether;
    uint96 private constant ATTESTATION = 10 ether;

    ValidatorStake private stake;
    DisputeCourt private court;
    address private alice = makeAddr("alice");
    address private bob = makeAddr("bob");
    address private validator = makeAddr("validator");
    uint256 private _proofs;

    function setUp() public override {
        super.setUp();
        ModuleConfig memory config;
        config.attestationLock = ATTESTATION;
        config.minBond = 1 ether;
        config.bondBps = 1_000;
        (config.challengeWindow, config.answerWindow, config.rulingWindow) = (WINDOW, ANSWER, RULING);
        (config.appealWindow, config.unbonding) = (APPEAL, 30 days);
        stake = ValidatorStake(
            Clones.cloneWithImmutableArgs(
                address(new ValidatorStake()), abi.encodePacked(address(manager), address(registry), DAO)
            )
        );
        stake.initialize(config);
        bytes memory wiring =
            abi.encodePacked(address(manager), address(registry), address(stake), address(ledger), DAO);
        court = DisputeCourt(payable(Clones.cloneWithImmutableArgs(address(new DisputeCourt()), wiring)));
        court.initialize(config);

        vm.startPrank(DAO);
        bytes4[] memory ruling = new bytes4[](1);
        ruling[0] = IDatasetRegistry.ruleStatus.selector;
        manager.setTargetFunctionRole(address(registry), ruling, COURT_ROLE);
        bytes4[] memory locks = new bytes4[](4);
        (locks[0], locks[1]) = (stake.hold.selector, stake.take.selector);
        (locks[2], locks[3]) = (stake.giveBack.selector, stake.forfeit.selector);
        manager.setTargetFunctionRole(address(stake), locks, COURT_ROLE);
        manager.grantRole(COURT_ROLE, address(court), 0);
        vm.stopPrank();

        vm.deal(PUBLISHER, BACKING);
        vm.startPrank(PUBLISHER);
        stake.stake{value: BACKING}();
        stake.back(versions[0].datasetId, BACKING);
        vm.stopPrank();
        vm.deal(validator, ATTESTATION);
        vm.prank(validator);
        stake.stake{value: ATTESTATION}();
        vm.deal(alice, 1_000 ether);
        vm.deal(bob, 1_000 ether);
    }

    // ---- versions

    function test_VersionUpheld() external {
        uint256 id = _openVersion(alice, 10 ether);
        _answer(id, bob, 10 ether);
        _submit(id);
        _decide(id, Side.Challenger);
        _assertStatus(Status.Disputed, false);
        assertEq(stake.accountOf(PUBLISHER).active, 0);
        vm.prank(bob);
        court.appeal{value: 20 ether}(id);
        _decide(id, Side.Challenger);
        court.close(id);
        _assertStatus(Status.Recalled, true);
        assertEq(court.caseOf(id).slashed, BACKING);
        // 10 + 100 + 20, half; nobody else is in it.
        assertEq(court.withdraw(id, alice), 10 ether + 65 ether);
        assertEq(court.withdrawTreasury(), 65 ether);
        assertEq(address(court).balance, 0);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.VersionNotChallengeable.selector, versionKeys[0], 2));
        _openVersion(alice, 1 ether);
    }

    function test_VersionFlips() external {
        vm.prank(PUBLISHER);
        registry.setStatus(versions[0].datasetId, 1, Status.Deprecated, 0, 0);
        uint256 id = _openVersion(alice, 10 ether);
        _answer(id, bob, 10 ether);
        _submit(id);
        _decide(id, Side.Challenger);
        vm.prank(bob);
        court.appeal{value: 20 ether}(id);
        _decide(id, Side.Respondent);
        court.close(id);
        _assertStatus(Status.Deprecated, false);
        assertEq(stake.accountOf(PUBLISHER).active, BACKING);
        assertEq(uint8(_backing()), uint8(LockState.Live));
        assertEq(court.withdraw(id, bob), 35 ether);
    }

    function test_DaoEndsTheDispute() external {
        uint256 id = _openVersion(alice, 10 ether);
        _answer(id, bob, 10 ether);
        _submit(id);
        _decide(id, Side.Challenger);
        vm.prank(DAO);
        registry.setStatus(versions[0].datasetId, 1, Status.Active, 0, 0);
        vm.warp(court.caseOf(id).deadline);
        court.close(id);
        _assertStatus(Status.Active, false);
        assertEq(uint8(_backing()), uint8(LockState.Lost));
    }

    function test_DaoRecallsBeforeTheCourt() external {
        uint256 id = _openVersion(alice, 10 ether);
        vm.startPrank(DAO);
        registry.setStatus(versions[0].datasetId, 1, Status.Disputed, 0, 0);
        registry.setStatus(versions[0].datasetId, 1, Status.Recalled, 0, 0);
        vm.stopPrank();
        vm.warp(court.caseOf(id).deadline);
        court.close(id);
        _assertStatus(Status.Recalled, true);
        assertEq(uint8(_backing()), uint8(LockState.Lost));
    }

    function test_OwnerLeavesInVain() external {
        uint256 id = _openVersion(alice, 10 ether);
        bytes32 lockId = stake.backingIdOf(versions[0].datasetId);
        vm.startPrank(PUBLISHER);
        stake.endBacking(lockId);
        stake.requestUnstake(BACKING);
        registry.setStatus(versions[0].datasetId, 1, Status.Recalled, 0, 0);
        vm.stopPrank();
        vm.warp(court.caseOf(id).deadline);
        court.close(id);
        assertEq(court.caseOf(id).slashed, BACKING);
        _assertStatus(Status.Recalled, true);
    }

    function test_BackingThatIsAskedForIsStillHeld() external {
        bytes32 lockId = stake.backingIdOf(versions[0].datasetId);
        vm.prank(PUBLISHER);
        stake.endBacking(lockId);
        vm.warp(stake.lockOf(lockId).until + 1);
        // Its time is over, but nobody released it.
        uint256 id = _openVersion(alice, 10 ether);
        assertTrue(court.caseOf(id).holdsLock);
        vm.expectRevert();
        stake.release(lockId);
        vm.warp(court.caseOf(id).deadline);
        court.close(id);
        assertEq(court.caseOf(id).slashed, BACKING);
    }

    // ---- attestations

    function test_ValidatorLeavesInVain() external {
        vm.startPrank(validator);
        bytes32 lockId = stake.attest(versionKeys[0], 9_000, keccak256("evidence"));
        vm.expectRevert();
        stake.requestUnstake(ATTESTATION + 1);
        stake.requestUnstake(ATTESTATION);
        vm.stopPrank();
        uint256 id = _openAttestation(lockId, alice, 1 ether);
        _answer(id, validator, 1 ether);
        vm.warp(court.caseOf(id).deadline);
        court.submit(id);
        vm.warp(block.timestamp + RULING - 1);
        _decide(id, Side.Challenger);
        assertEq(stake.accountOf(validator).unbonding, 0);
        vm.warp(court.caseOf(id).deadline);
        court.close(id);
        assertEq(court.caseOf(id).slashed, ATTESTATION);
        assertEq(court.withdraw(id, alice), 1 ether + 5.5 ether);
        assertEq(stake.accountOf(validator).lost, 1);
    }

    function test_AttestationStands() external {
        vm.prank(validator);
        bytes32 lockId = stake.attest(versionKeys[0], 9_000, keccak256("evidence"));
        uint256 id = _openAttestation(lockId, alice, 1 ether);
        _answer(id, validator, 1 ether);
        vm.warp(court.caseOf(id).deadline);
        court.submit(id);
        vm.warp(court.caseOf(id).deadline);
        court.close(id);
        vm.expectRevert();
        stake.release(lockId);
        vm.warp(block.timestamp + ANSWER - 1);
        uint256 second = _openAttestation(lockId, alice, 2 ether);
        _answer(second, validator, 2 ether);
        _submit(second);
        _decide(second, Side.Respondent);
        vm.warp(court.caseOf(second).deadline);
        court.close(second);
        vm.warp(block.timestamp + ANSWER);
        stake.release(lockId);
        assertEq(stake.accountOf(validator).upheld, 1);
    }

    // ---- two versions over one backing

    function test_TwoVersionsOneBacking() external {
        _append(0, 2);
        uint256 one = _openVersion(alice, 10 ether);
        bytes32 proof = _proof();
        vm.prank(alice);
        uint256 two = court.openVersion{value: 10 ether}(versions[0].datasetId, 2, proof, "");
        _answer(one, bob, 10 ether);
        vm.warp(court.caseOf(one).deadline);
        court.submit(one);
        _decide(one, Side.Challenger);
        court.close(two);
        assertEq(court.caseOf(two).slashed, 0);
        vm.prank(bob);
        court.appeal{value: 20 ether}(one);
        _decide(one, Side.Respondent);
        court.close(one);
        assertEq(uint8(_backing()), uint8(LockState.Live));
    }

    // ---- reports

    function test_ReportStruck() external {
        bytes32 jobId = _openFirst();
        UsageLine[] memory lines = _lines(9, 0, 0, 0, 0);
        _reported(jobId, lines);
        uint256 id = _openReport(jobId, alice);
        vm.warp(court.caseOf(id).deadline);
        court.close(id);
        assertEq(uint8(ledger.jobOf(jobId).state), uint8(JobState.Struck));
        ledger.reopen(jobId, _setId(), _linesHash(lines));
        _reported(jobId, _lines(1, 1, 0, 0, 0));
        // The same case again, with new evidence.
        id = _openReport(jobId, alice);
        assertEq(court.caseOf(id).bond, 1 ether);
    }

    function test_ReportStands() external {
        bytes32 jobId = _openFirst();
        UsageLine[] memory lines = _lines(1, 1, 0, 0, 0);
        _reported(jobId, lines);
        uint256 id = _openReport(jobId, alice);
        _answer(id, bob, 1 ether);
        _submit(id);
        _decide(id, Side.Respondent);
        vm.warp(court.caseOf(id).deadline);
        vm.expectRevert();
        _settle(jobId, lines, _payees(4));
        court.close(id);
        assertEq(ledger.jobOf(jobId).settleAt, block.timestamp + ANSWER);
        vm.warp(block.timestamp + ANSWER);
        _settle(jobId, lines, _payees(4));
        assertEq(uint8(ledger.jobOf(jobId).state), uint8(JobState.Settled));
    }

    // ---- helpers

    function _openVersion(address account, uint256 value) private returns (uint256) {
        bytes32 proof = _proof();
        vm.prank(account);
        return court.openVersion{value: value}(versions[0].datasetId, 1, proof, "ipfs://proof");
    }

    function _openAttestation(bytes32 lockId, address account, uint256 value) private returns (uint256) {
        bytes32 proof = _proof();
        vm.prank(account);
        return court.openAttestation{value: value}(lockId, proof, "ipfs://proof");
    }

    function _openReport(bytes32 jobId, address account) private returns (uint256) {
        bytes32 proof = _proof();
        vm.prank(account);
        return court.openReport{value: 1 ether}(jobId, proof, "ipfs://proof");
    }

    function _answer(uint256 id, address account, uint256 value) private {
        vm.deal(account, account.balance + value);
        vm.prank(account);
        court.join{value: value}(id, Side.Respondent);
    }

    function _submit(uint256 id) private {
        vm.warp(court.caseOf(id).deadline);
        court.submit(id);
    }

    function _decide(uint256 id, Side ruling) private {
        vm.prank(DAO);
        court.decide(id, ruling);
    }

    function _append(uint256 index, uint32 number) private {
        bytes32 datasetId = versions[index].datasetId;
        bytes32 previous = registry.keyAt(datasetId, number - 1);
        versions[index].number = number;
        vm.prank(PUBLISHER);
        registry.addVersion(previous, versions[index], keccak256("meta"));
    }

    function _backing() private view returns (LockState) {
        return stake.lockOf(stake.backingIdOf(versions[0].datasetId)).state;
    }

    function _assertStatus(Status expected, bool byRuling) private view {
        (Status status,) = registry.statusOf(versionKeys[0]);
        (bool ruled,) = registry.rulingOf(versionKeys[0]);
        assertEq(uint8(status), uint8(expected), "status");
        assertEq(ruled, byRuling, "ruled");
    }

    function _proof() private returns (bytes32) {
        return keccak256(abi.encode(++_proofs));
    }
}
