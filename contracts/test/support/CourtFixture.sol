// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {Test} from "forge-std/Test.sol";
import {DisputeCourt} from "../../src/DisputeCourt.sol";
import {Case, CaseState, LockKind, ModuleConfig, Side} from "../../src/types/Modules.sol";
import {MockArbitrator, MockReports, MockStake, MockStatuses} from "../mocks/CourtMocks.sol";

/// @notice A court over small modules, and the short ways through a case.
abstract contract CourtFixture is Test {
    uint96 internal constant MIN_BOND = 1 ether;
    uint16 internal constant BOND_BPS = 1_000;
    uint32 internal constant CHALLENGE = 7 days;
    uint32 internal constant ANSWER = 3 days;
    uint32 internal constant RULING = 14 days;
    uint32 internal constant APPEAL = 2 days;
    uint96 internal constant STAKE = 100 ether;
    bytes32 internal constant DATASET = keccak256("dataset");
    bytes32 internal constant LOCK = keccak256("attestation");
    bytes32 internal constant JOB = keccak256("job");
    bytes32 internal constant PROOF = keccak256("proof");
    string internal constant URI = "ipfs://proof";

    address internal immutable DAO = makeAddr("dao");
    address internal owner = makeAddr("owner");
    address internal alice = makeAddr("alice");
    address internal bob = makeAddr("bob");
    address internal carol = makeAddr("carol");
    address internal ally = makeAddr("ally");
    address internal keeper = makeAddr("keeper");

    AccessManager internal manager;
    MockStatuses internal statuses;
    MockStake internal stake;
    MockReports internal reports;
    MockArbitrator internal kleros;
    DisputeCourt internal implementation;
    /// @dev The DAO rules in `court`, `kleros` in `outside`.
    DisputeCourt internal court;
    DisputeCourt internal outside;

    bytes32 internal versionKey;
    bytes32 internal backing;
    uint256 private _proofs;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        manager = new AccessManager(DAO);
        statuses = new MockStatuses();
        stake = new MockStake();
        reports = new MockReports();
        kleros = new MockArbitrator();
        kleros.set(0.2 ether, 0.5 ether);
        implementation = new DisputeCourt();
        court = _newCourt(address(0));
        outside = _newCourt(address(kleros));

        versionKey = statuses.add(DATASET, 1);
        backing = stake.backingIdOf(DATASET);
        vm.deal(owner, 2 * STAKE);
        vm.startPrank(owner);
        stake.lock{value: STAKE}(backing, LockKind.Backing, DATASET, type(uint40).max);
        stake.lock{value: STAKE}(LOCK, LockKind.Attestation, versionKey, uint40(block.timestamp) + CHALLENGE);
        vm.stopPrank();
        reports.report(JOB, 50 ether, address(0), uint40(block.timestamp) + CHALLENGE);
    }

    function _config(address arbitrator) internal pure returns (ModuleConfig memory config) {
        config.minBond = MIN_BOND;
        config.bondBps = BOND_BPS;
        config.challengeWindow = CHALLENGE;
        config.answerWindow = ANSWER;
        config.rulingWindow = RULING;
        config.appealWindow = APPEAL;
        config.arbitrator = arbitrator;
        config.arbitratorExtraData = abi.encode(uint256(4), uint256(3));
    }

    function _clone() internal returns (DisputeCourt) {
        return DisputeCourt(
            payable(Clones.cloneWithImmutableArgs(
                    address(implementation),
                    abi.encodePacked(address(manager), address(statuses), address(stake), address(reports), DAO)
                ))
        );
    }

    function _newCourt(address arbitrator) internal returns (DisputeCourt made) {
        made = _clone();
        made.initialize(_config(arbitrator));
    }

    function _openVersion(DisputeCourt where, address account, uint256 value) internal returns (uint256) {
        vm.deal(account, account.balance + value);
        bytes32 proof = _proof();
        vm.prank(account);
        return where.openVersion{value: value}(DATASET, 1, proof, URI);
    }

    function _openAttestation(DisputeCourt where, address account, uint256 value) internal returns (uint256) {
        vm.deal(account, account.balance + value);
        bytes32 proof = _proof();
        vm.prank(account);
        return where.openAttestation{value: value}(LOCK, proof, URI);
    }

    function _openReport(DisputeCourt where, address account, uint256 value) internal returns (uint256) {
        vm.deal(account, account.balance + value);
        bytes32 proof = _proof();
        vm.prank(account);
        return where.openReport{value: value}(JOB, proof, URI);
    }

    function _join(DisputeCourt where, uint256 id, Side side, address account, uint256 value) internal {
        vm.deal(account, account.balance + value);
        vm.prank(account);
        where.join{value: value}(id, side);
    }

    /// @dev Goes to the case's deadline.
    function _pass(DisputeCourt where, uint256 id) internal {
        vm.warp(where.caseOf(id).deadline);
    }

    function _submit(DisputeCourt where, uint256 id) internal {
        _pass(where, id);
        vm.prank(keeper);
        where.submit(id);
    }

    function _decide(uint256 id, Side ruling) internal {
        vm.prank(DAO);
        court.decide(id, ruling);
    }

    function _appeal(uint256 id, address account, uint256 value) internal {
        vm.deal(account, account.balance + value);
        vm.prank(account);
        court.appeal{value: value}(id);
    }

    function _closeAtDeadline(DisputeCourt where, uint256 id) internal {
        _pass(where, id);
        vm.prank(keeper);
        where.close(id);
    }

    /// @dev Open on the version, answered, submitted.
    function _contested(DisputeCourt where) internal returns (uint256 id) {
        id = _openVersion(where, alice, 20 ether);
        _join(where, id, Side.Respondent, bob, 20 ether);
        _submit(where, id);
    }

    /// @dev New evidence each time.
    function _proof() internal returns (bytes32) {
        return keccak256(abi.encode("proof", ++_proofs));
    }

    function _assertState(DisputeCourt where, uint256 id, CaseState state) internal view {
        assertEq(uint8(where.caseOf(id).state), uint8(state), "state");
    }

    function _assertRuling(DisputeCourt where, uint256 id, Side ruling) internal view {
        Case memory c = where.caseOf(id);
        assertEq(uint8(c.ruling), uint8(ruling), "ruling");
    }

    function _withdraw(DisputeCourt where, uint256 id, address account) internal returns (uint256) {
        vm.prank(keeper);
        return where.withdraw(id, account);
    }
}
