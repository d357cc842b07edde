// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {DisputeCourt} from "../../src/DisputeCourt.sol";
import {IDatasetRegistry} from "../../src/interfaces/IDatasetRegistry.sol";
import {ValidatorStake} from "../../src/ValidatorStake.sol";
import {ModuleConfig, Side} from "../../src/types/Modules.sol";
import {GasTest} from "../helpers/GasTest.sol";
import {LedgerFixture} from "../support/LedgerFixture.sol";

/// @notice What the steps of a case cost as whole transactions, with the real modules; run with `--isolate`.
contract DisputeCourtGasTest is LedgerFixture, GasTest {
    string private constant GROUP = "DisputeCourt";
    string private constant URI = "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi";

    ValidatorStake private stake;
    DisputeCourt private court;
    address private alice = makeAddr("alice");
    address private bob = makeAddr("bob");
    address private keeper = makeAddr("keeper");

    function setUp() public override {
        super.setUp();
        ModuleConfig memory config;
        (config.attestationLock, config.minBond, config.bondBps) = (10 ether, 1 ether, 1_000);
        (config.challengeWindow, config.answerWindow, config.rulingWindow) = (WINDOW, 2 days, 6 days);
        (config.appealWindow, config.unbonding) = (1 days, 30 days);
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
        bytes4[] memory selectors = new bytes4[](4);
        (selectors[0], selectors[1]) = (stake.hold.selector, stake.take.selector);
        (selectors[2], selectors[3]) = (stake.giveBack.selector, stake.forfeit.selector);
        manager.setTargetFunctionRole(address(stake), selectors, COURT_ROLE);
        selectors = new bytes4[](1);
        selectors[0] = IDatasetRegistry.ruleStatus.selector;
        manager.setTargetFunctionRole(address(registry), selectors, COURT_ROLE);
        manager.grantRole(COURT_ROLE, address(court), 0);
        vm.stopPrank();
        vm.deal(PUBLISHER, 100 ether);
        vm.startPrank(PUBLISHER);
        stake.stake{value: 100 ether}();
        stake.back(versions[0].datasetId, 50 ether);
        stake.attest(versionKeys[0], 9_000, keccak256("evidence"));
        vm.stopPrank();
        vm.deal(alice, 1);
        vm.deal(bob, 1);
    }

    function test_Version() external isolated {
        bytes memory data = abi.encodeCall(court.openVersion, (versions[0].datasetId, 1, keccak256("1"), URI));
        _pay("open on a version with a backing", 400_000, alice, 5 ether, data);
        _pay("join, first respondent", 70_000, bob, 5 ether, abi.encodeCall(court.join, (1, Side.Respondent)));
        _pay("join again", 50_000, bob, 1, abi.encodeCall(court.join, (1, Side.Respondent)));
        data = abi.encodeCall(court.submitEvidence, (1, keccak256("2"), URI));
        _pay("submit evidence", 45_000, bob, 0, data);
        vm.warp(court.caseOf(1).deadline);
        _pay("submit to the DAO", 60_000, keeper, 0, abi.encodeCall(court.submit, (1)));
        data = abi.encodeCall(court.decide, (1, Side.Challenger));
        _pay("decide for the challenger, first", 200_000, DAO, 0, data);
        _pay("appeal", 90_000, bob, 10 ether, abi.encodeCall(court.appeal, (1)));
        vm.warp(court.caseOf(1).deadline);
        _pay("close for the challenger", 220_000, keeper, 0, abi.encodeCall(court.close, (1)));
        _pay("withdraw", 70_000, keeper, 0, abi.encodeCall(court.withdraw, (1, alice)));
        _pay("withdraw, treasury", 70_000, keeper, 0, abi.encodeCall(court.withdrawTreasury, ()));
    }

    function test_Attestation() external isolated {
        bytes32 lockId = stake.attestationIdOf(PUBLISHER, versionKeys[0]);
        bytes memory data = abi.encodeCall(court.openAttestation, (lockId, keccak256("1"), URI));
        _pay("open on an attestation", 370_000, alice, 1 ether, data);
        vm.warp(court.caseOf(1).deadline);
        _pay("close, unanswered attestation", 260_000, keeper, 0, abi.encodeCall(court.close, (1)));
    }

    function test_Report() external isolated {
        bytes32 jobId = _openFirst();
        _reported(jobId, _lines(1, 1, 0, 0, 0));
        bytes memory data = abi.encodeCall(court.openReport, (jobId, keccak256("1"), URI));
        _pay("open on a report", 330_000, alice, 1 ether, data);
        vm.warp(court.caseOf(1).deadline);
        _pay("close, unanswered report", 110_000, keeper, 0, abi.encodeCall(court.close, (1)));
    }

    function _pay(string memory name, uint256 budget, address sender, uint256 value, bytes memory data) private {
        _measurePaid(GROUP, name, budget, sender, address(court), value, data);
    }
}
