// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    TimelockControllerUpgradeable
} from "@openzeppelin/contracts-upgradeable/governance/TimelockControllerUpgradeable.sol";
import {
    AccessManagerUpgradeable
} from "@openzeppelin/contracts-upgradeable/access/manager/AccessManagerUpgradeable.sol";
import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Test} from "forge-std/Test.sol";

import {IDataGovernor} from "../src/interfaces/IDataGovernor.sol";
import {Allocation, DaoConfig, Status, Suite} from "../src/types/Types.sol";
import {IDatasetRegistry} from "../src/interfaces/IDatasetRegistry.sol";
import {IUsageLedger} from "../src/interfaces/IUsageLedger.sol";
import {IValidatorStake} from "../src/interfaces/IValidatorStake.sol";
import {ModuleConfig} from "../src/types/Modules.sol";
import {MockRegistry, MockVault} from "./mocks/DataMocks.sol";
import {MockCourt, MockLedger, MockModule, MockStake} from "./mocks/ModuleMocks.sol";
import {IGovernorExtensions, SuiteBase} from "./SuiteBase.sol";

/// @dev Outsiders, guardian, minority holders and a governor of another project try every door of a suite.
contract IntruderHandler is Test {
    Suite internal s;
    address[] internal intruders;
    uint256 public attempts;
    uint256 public successes;
    uint256[] public proposals;

    constructor(Suite memory suite, address[] memory intruders_) {
        s = suite;
        intruders = intruders_;
    }

    function _try(uint256 who, address target, bytes memory data) private {
        ++attempts;
        vm.prank(intruders[who % intruders.length]);
        (bool done,) = target.call(data);
        if (done) ++successes;
    }

    function grantOnManager(uint256 who, uint256 to, uint64 role, uint32 delay) external {
        _try(who, s.manager, abi.encodeCall(IAccessManager.grantRole, (role, _one(to), delay)));
    }

    /// @dev The court's role, which random numbers would rarely hit.
    function grantCourt(uint256 who, uint256 to, uint32 delay) external {
        _try(who, s.manager, abi.encodeCall(IAccessManager.grantRole, (1, _one(to), delay)));
        _try(who, s.manager, abi.encodeCall(IAccessManager.revokeRole, (1, s.court)));
        _try(who, s.manager, abi.encodeCall(IAccessManager.setRoleGuardian, (1, 2)));
        _try(who, s.manager, abi.encodeCall(IAccessManager.setGrantDelay, (1, delay)));
    }

    function openForTheCourt(uint256 who, uint256 what) external {
        bytes4[] memory selectors = new bytes4[](3);
        selectors[0] = IValidatorStake.take.selector;
        selectors[1] = IUsageLedger.strikeReport.selector;
        selectors[2] = IDatasetRegistry.ruleStatus.selector;
        address[4] memory targets = [s.registry, s.stake, s.ledger, s.court];
        address target = targets[what % 4];
        _try(
            who, s.manager, abi.encodeCall(IAccessManager.setTargetFunctionRole, (target, selectors, type(uint64).max))
        );
        _try(who, s.manager, abi.encodeCall(IAccessManager.setTargetClosed, (target, true)));
        _try(who, s.manager, abi.encodeCall(IAccessManager.updateAuthority, (target, _one(what))));
    }

    function openOnManager(uint256 who, uint256 what) external {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = MockRegistry.approveCard.selector;
        if (what % 3 == 0) {
            _try(
                who,
                s.manager,
                abi.encodeCall(IAccessManager.setTargetFunctionRole, (s.registry, selectors, type(uint64).max))
            );
        } else if (what % 3 == 1) {
            _try(who, s.manager, abi.encodeCall(IAccessManager.setRoleAdmin, (1, 2)));
        } else {
            _try(
                who,
                s.manager,
                abi.encodeCall(
                    IAccessManager.execute, (s.registry, abi.encodeCall(MockRegistry.approveCard, ("k", true)))
                )
            );
        }
    }

    function grantOnTimelock(uint256 who, uint256 to, uint256 role) external {
        bytes32[4] memory roles =
            [bytes32(0), keccak256("PROPOSER_ROLE"), keccak256("CANCELLER_ROLE"), keccak256("EXECUTOR_ROLE")];
        _try(who, s.timelock, abi.encodeCall(IAccessControl.grantRole, (roles[role % 4], _one(to))));
    }

    function schedule(uint256 who, uint256 delay) external {
        bytes memory data = abi.encodeCall(IAccessManager.grantRole, (0, _one(who), 0));
        _try(
            who,
            s.timelock,
            abi.encodeCall(TimelockControllerUpgradeable.schedule, (s.manager, 0, data, 0, 0, delay % 30 days))
        );
        skip(1 days);
        _try(who, s.timelock, abi.encodeCall(TimelockControllerUpgradeable.execute, (s.manager, 0, data, 0, 0)));
    }

    function initializeAgain(uint256 who) external {
        DaoConfig memory dao;
        _try(who, s.manager, abi.encodeCall(AccessManagerUpgradeable.initialize, (_one(who))));
        _try(
            who,
            s.timelock,
            abi.encodeCall(TimelockControllerUpgradeable.initialize, (0, intruders, intruders, _one(who)))
        );
        _try(who, s.governor, abi.encodeCall(IDataGovernor.initialize, (s.token, payable(s.timelock), dao)));
        ModuleConfig memory config;
        _try(who, s.stake, abi.encodeCall(MockModule.initialize, (config)));
        _try(who, s.court, abi.encodeCall(MockModule.initialize, (config)));
        _try(who, s.ledger, abi.encodeCall(MockModule.initialize, (config)));
        _try(who, s.rounds, abi.encodeCall(MockModule.initialize, (config)));
    }

    function useRights(uint256 who) external {
        _try(who, s.registry, abi.encodeCall(MockRegistry.approveCard, ("k", true)));
        _try(who, s.vault, abi.encodeCall(MockVault.allowCurrency, (_one(who), true)));
        _try(who, s.governor, abi.encodeCall(IGovernorExtensions.setProposalGuardian, (_one(who))));
        _try(who, s.governor, abi.encodeWithSignature("relay(address,uint256,bytes)", s.manager, 0, ""));
    }

    function actAsCourt(uint256 who) external {
        _try(who, s.registry, abi.encodeCall(MockRegistry.ruleStatus, ("d", 1, Status.Recalled, "e")));
        _try(who, s.stake, abi.encodeCall(MockStake.hold, ("l")));
        _try(who, s.stake, abi.encodeCall(MockStake.take, ("l")));
        _try(who, s.stake, abi.encodeCall(MockStake.giveBack, ("l", 1)));
        _try(who, s.stake, abi.encodeCall(MockStake.forfeit, ("l")));
        _try(who, s.ledger, abi.encodeCall(MockLedger.holdReport, ("j")));
        _try(who, s.ledger, abi.encodeCall(MockLedger.upholdReport, ("j", 1)));
        _try(who, s.ledger, abi.encodeCall(MockLedger.strikeReport, ("j")));
        _try(who, s.court, abi.encodeCall(MockCourt.useRights, ()));
    }

    /// @dev A minority's takeover by the book: propose, vote, wait, queue, execute. Only the vote stands in its way.
    function takeOverByVote(uint256 who, uint256 nonce) external {
        address[] memory targets = new address[](1);
        uint256[] memory values = new uint256[](1);
        bytes[] memory calldatas = new bytes[](1);
        targets[0] = s.manager;
        calldatas[0] = abi.encodeCall(IAccessManager.grantRole, (nonce % 2 == 0 ? 0 : 1, _one(who), 0));
        string memory description = vm.toString(nonce);
        IGovernor governor = IGovernor(s.governor);
        vm.prank(_one(who));
        try governor.propose(targets, values, calldatas, description) returns (uint256 id) {
            proposals.push(id);
            vm.warp(governor.proposalSnapshot(id) + 1);
            for (uint256 i; i < intruders.length; ++i) {
                vm.prank(intruders[i]);
                try governor.castVote(id, 1) {} catch {}
            }
            vm.warp(governor.proposalDeadline(id) + 1);
            try governor.queue(targets, values, calldatas, keccak256(bytes(description))) {
                ++successes;
            } catch {}
        } catch {}
    }

    function move(uint256 from, uint256 to, uint256 amount) external {
        amount = bound(amount, 0, IERC20(s.token).balanceOf(_one(from)));
        vm.prank(_one(from));
        IERC20(s.token).transfer(_one(to), amount);
    }

    function proposalCount() external view returns (uint256) {
        return proposals.length;
    }

    function _one(uint256 who) private view returns (address) {
        return intruders[who % intruders.length];
    }
}

contract RightsInvariantTest is SuiteBase {
    Suite internal s;
    address[] internal intruders;
    IntruderHandler internal handler;

    /// @dev Minority: carol and mallory hold 3.9 % together, the quorum is 4 %.
    function setUp() public override {
        super.setUp();
        Suite memory other = factory.deployDao(soleConfig(), true);
        DaoConfig memory dao = daoConfig();
        dao.allocations = new Allocation[](3);
        dao.allocations[0] = Allocation(alice, 961_000e18);
        dao.allocations[1] = Allocation(carol, 20_000e18);
        dao.allocations[2] = Allocation(mallory, 19_000e18);
        s = factory.deploy(dao, projectConfig());
        skip(1);
        intruders.push(carol);
        intruders.push(mallory);
        intruders.push(guardian);
        intruders.push(address(this));
        intruders.push(address(factory));
        intruders.push(other.timelock);
        intruders.push(other.governor);
        // Modules have their own functions, and no right over each other.
        intruders.push(s.stake);
        intruders.push(s.ledger);
        intruders.push(s.rounds);
        intruders.push(s.records);
        handler = new IntruderHandler(s, intruders);
        targetContract(address(handler));
    }

    function invariant_nobodyGotIn() public view {
        assertEq(handler.successes(), 0);
    }

    function invariant_theTimelockIsTheOnlyAdmin() public view {
        (bool member, uint32 delay) = IAccessManager(s.manager).hasRole(0, s.timelock);
        assertTrue(member && delay == 0);
        bytes32[3] memory roles = [bytes32(0), keccak256("PROPOSER_ROLE"), keccak256("CANCELLER_ROLE")];
        for (uint256 i; i < intruders.length; ++i) {
            (member,) = IAccessManager(s.manager).hasRole(0, intruders[i]);
            assertFalse(member);
            for (uint256 j; j < roles.length; ++j) {
                assertFalse(IAccessControl(s.timelock).hasRole(roles[j], intruders[i]));
            }
        }
        assertFalse(MockRegistry(s.registry).approved("k"));
    }

    function invariant_theCourtIsTheOnlyCourt() public view {
        IAccessManager manager = IAccessManager(s.manager);
        (bool member, uint32 delay) = manager.hasRole(1, s.court);
        assertTrue(member && delay == 0);
        assertEq(manager.getRoleAdmin(1), 0);
        assertEq(manager.getRoleGuardian(1), 0);
        for (uint256 i; i < intruders.length; ++i) {
            (member,) = manager.hasRole(1, intruders[i]);
            assertFalse(member);
        }
        // The DAO gives the role; it does not have it.
        (member,) = manager.hasRole(1, s.timelock);
        assertFalse(member);
        assertEq(MockStake(s.stake).calls(), 0);
        assertEq(MockLedger(s.ledger).calls(), 0);
        assertEq(uint8(MockRegistry(s.registry).ruled("d", 1)), uint8(Status.Active));
    }

    /// @dev The campaign really knocks: with the votes it lacks, or a role left open, it gets in and is noticed.
    function test_theCampaignNoticesAnOpenDoor() public {
        handler.takeOverByVote(0, 1);
        assertEq(handler.proposalCount(), 1);
        assertEq(handler.successes(), 0);

        uint256 closed = vm.snapshotState();
        vm.prank(alice);
        IERC20(s.token).transfer(carol, 30_000e18);
        skip(1);
        handler.takeOverByVote(0, 2);
        assertEq(handler.successes(), 1);

        vm.revertToState(closed);
        vm.prank(s.timelock);
        IAccessManager(s.manager).grantRole(0, carol, 0);
        handler.useRights(0);
        assertEq(handler.successes(), 2);

        vm.revertToState(closed);
        vm.prank(s.timelock);
        IAccessManager(s.manager).grantRole(1, carol, 0);
        handler.actAsCourt(0);
        assertEq(handler.successes(), 8);
        handler.grantCourt(0, 1, 0);
        handler.openForTheCourt(0, 1);
        assertEq(handler.successes(), 8);

        vm.revertToState(closed);
        vm.prank(s.timelock);
        IAccessManager(s.manager).grantRole(0, carol, 0);
        handler.grantCourt(0, 1, 0);
        assertEq(handler.successes(), 4);

        vm.revertToState(closed);
        vm.prank(s.timelock);
        IAccessControl(s.timelock).grantRole(keccak256("PROPOSER_ROLE"), carol);
        handler.schedule(0, TIMELOCK_DELAY);
        assertEq(handler.successes(), 1);
    }
}
