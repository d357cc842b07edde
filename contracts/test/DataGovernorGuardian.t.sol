// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    TimelockControllerUpgradeable
} from "@openzeppelin/contracts-upgradeable/governance/TimelockControllerUpgradeable.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";

import {DataTimelock} from "../src/DataTimelock.sol";
import {IDataGovernor} from "../src/interfaces/IDataGovernor.sol";
import {Access} from "../src/lib/Managed.sol";
import {MockRegistry} from "./mocks/DataMocks.sol";
import {GovernorFixture} from "./support/GovernorFixture.sol";

/// @dev Who may cancel, when, and that a guardian can do nothing else.
contract DataGovernorGuardianTest is GovernorFixture {
    // ---------------------------------------------------------------------------------------------------- guardian

    function test_guardian_cancelsWhilePending() public {
        Proposal memory p = approval();
        uint256 id = propose(s, alice, p);
        cancel(s, guardian, p);
        assertState(id, IGovernor.ProposalState.Canceled);
    }

    function test_guardian_cancelsInTheQueue() public {
        Proposal memory p = approval();
        uint256 id = pass(s, p);
        vm.warp(sunset - 1);
        cancel(s, guardian, p);
        assertState(id, IGovernor.ProposalState.Canceled);
        skip(TIMELOCK_DELAY);
        vm.expectPartialRevert(IGovernor.GovernorUnexpectedProposalState.selector);
        execute(s, p);
        bytes32 salt = bytes20(s.governor) ^ keccak256(bytes(p.description));
        vm.expectPartialRevert(TimelockControllerUpgradeable.TimelockUnexpectedOperationState.selector);
        DataTimelock(payable(s.timelock)).executeBatch(p.targets, p.values, p.calldatas, 0, salt);
    }

    function test_guardian_nobodyFromTheSunset() public {
        Proposal memory p = approval();
        uint256 id = pass(s, p);
        vm.warp(sunset);
        assertEq(more.proposalGuardian(), address(0));
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorUnableToCancel.selector, id, guardian));
        this.cancelAs(guardian, p);
        execute(s, p);
        assertTrue(MockRegistry(s.registry).approved("key"));
    }

    function test_guardian_cancelsOnly() public {
        Proposal memory p = approval();
        vm.startPrank(guardian);
        vm.expectPartialRevert(IGovernor.GovernorInsufficientProposerVotes.selector);
        governor.propose(p.targets, p.values, p.calldatas, p.description);
        vm.expectRevert(abi.encodeWithSelector(Access.Unauthorized.selector, guardian));
        MockRegistry(s.registry).approveCard("key", true);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorOnlyExecutor.selector, guardian));
        more.setProposalGuardian(mallory);
        vm.expectPartialRevert(bytes4(keccak256("AccessControlUnauthorizedAccount(address,bytes32)")));
        DataTimelock(payable(s.timelock)).cancel("id");
        vm.stopPrank();

        uint256 id = propose(s, alice, p);
        skip(VOTING_DELAY + 1);
        assertEq(vote(s, guardian, id, 1), 0);
    }

    function test_guardian_removedByTheDao() public {
        enact(s, proposalOf(s.governor, abi.encodeCall(more.setProposalGuardian, (address(0))), "# No guardian"));
        Proposal memory p = approval();
        uint256 id = propose(s, alice, p);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorUnableToCancel.selector, id, guardian));
        this.cancelAs(guardian, p);
    }

    function test_guardian_replacedByTheDao() public {
        enact(s, proposalOf(s.governor, abi.encodeCall(more.setProposalGuardian, (carol)), "# Carol guards"));
        assertEq(more.proposalGuardian(), carol);
        vm.warp(sunset);
        assertEq(more.proposalGuardian(), address(0));

        Proposal memory p = proposalOf(s.governor, abi.encodeCall(more.setProposalGuardian, (bob)), "# Bob guards");
        pass(s, p);
        skip(TIMELOCK_DELAY);
        vm.expectRevert(
            abi.encodeWithSelector(IDataGovernor.GuardianSunsetPassed.selector, bob, sunset, block.timestamp)
        );
        execute(s, p);
    }

    /// @dev Clearing what is without effect anyway must not fail: a proposal may do it beside other things.
    function test_guardian_clearedAfterTheSunset() public {
        vm.warp(sunset);
        enact(s, proposalOf(s.governor, abi.encodeCall(more.setProposalGuardian, (address(0))), "# No guardian"));
        assertEq(more.proposalGuardian(), address(0));
    }

    // ---------------------------------------------------------------------------------------------------- proposer

    function test_proposer_besideAGuardianCancelsWhilePending() public {
        Proposal memory p = approval();
        uint256 id = propose(s, alice, p);
        cancel(s, alice, p);
        assertState(id, IGovernor.ProposalState.Canceled);

        p.description = "# Again";
        id = propose(s, alice, p);
        skip(VOTING_DELAY + 1);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorUnableToCancel.selector, id, alice));
        this.cancelAs(alice, p);
    }

    function test_proposer_withoutAGuardianCancelsUntilExecution() public {
        Proposal memory p = approval();
        uint256 id = pass(s, p);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorUnableToCancel.selector, id, alice));
        this.cancelAs(alice, p);
        vm.warp(sunset);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorUnableToCancel.selector, id, bob));
        this.cancelAs(bob, p);
        cancel(s, alice, p);
        assertState(id, IGovernor.ProposalState.Canceled);
    }
}
