// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";

import {Suite} from "../../src/types/Types.sol";
import {MockRegistry} from "../mocks/DataMocks.sol";
import {SuiteBase} from "../SuiteBase.sol";

/// @dev Whole transactions; run with `--isolate`.
contract DataGovernorGasTest is SuiteBase {
    Suite internal s;

    function setUp() public override {
        super.setUp();
        s = deploySuite();
        skip(1);
    }

    function test_gas_lifeCycle() public {
        Proposal memory p = proposalOf(
            s.registry, abi.encodeCall(MockRegistry.approveCard, ("key", true)), "# Approve a card\n\nIt is complete."
        );
        uint256 id = propose(s, alice, p);
        vm.snapshotGasLastCall("DataGovernor", "propose, one call");
        skip(VOTING_DELAY + 1);
        vote(s, alice, id, 1);
        vm.snapshotGasLastCall("DataGovernor", "castVote, first, reaches the quorum");
        vote(s, bob, id, 0);
        vm.snapshotGasLastCall("DataGovernor", "castVote, again");
        skip(VOTING_PERIOD + 1);
        queue(s, p);
        vm.snapshotGasLastCall("DataGovernor", "queue, one call");
        skip(TIMELOCK_DELAY);
        execute(s, p);
        vm.snapshotGasLastCall("DataGovernor", "execute, approveCard on a mock");
    }

    function test_gas_token() public {
        address dave = makeAddr("dave");
        vm.prank(alice);
        IERC20(s.token).transfer(dave, 1e18);
        vm.snapshotGasLastCall("DataToken", "transfer, first receipt delegates");
        skip(1);
        vm.prank(alice);
        IERC20(s.token).transfer(dave, 1e18);
        vm.snapshotGasLastCall("DataToken", "transfer, again");
        skip(1);
        vm.prank(bob);
        IVotes(s.token).delegate(alice);
        vm.snapshotGasLastCall("DataToken", "delegate");
    }
}
