// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";
import {VoteEscrow} from "../src/templates/VoteEscrow.sol";
import {EscrowHandler} from "./support/EscrowHandler.sol";
import {PlainToken} from "./support/Tokens.sol";

contract VoteEscrowInvariantTest is Test {
    PlainToken private token;
    VoteEscrow private escrow;
    EscrowHandler private handler;

    function setUp() public {
        vm.warp(1_760_000_000);
        token = new PlainToken();
        escrow = new VoteEscrow(token);
        handler = new EscrowHandler(escrow, token);
        targetContract(address(handler));
    }

    /// @notice Votes are each lock's line, computed here from scratch, and the supply is exactly their sum.
    function invariant_VotesAreTheLinesAndTheSupplyIsTheirSum() external view {
        uint256 sum;
        for (uint256 i; i < 4; ++i) {
            address actor = handler.actors(i);
            (uint256 amount, uint256 end) = (handler.amountOf(actor), handler.endOf(actor));
            uint256 expected = end > block.timestamp ? amount / 208 weeks * (end - block.timestamp) : 0;
            assertEq(escrow.getVotes(actor), expected);
            assertLe(expected, amount);
            sum += expected;
        }
        assertEq(escrow.totalSupply(), sum);
        assertEq(handler.breach(), "");
    }

    function invariant_ThePastNeverChanges() external view {
        for (uint256 i; i < handler.sampleCount(); ++i) {
            EscrowHandler.Sample memory sample = handler.sampleAt(i);
            assertEq(escrow.getPastTotalSupply(sample.time), sample.supply);
            for (uint256 j; j < 4; ++j) {
                assertEq(escrow.getPastVotes(handler.actors(j), sample.time), sample.votes[j]);
            }
        }
    }

    /// @notice The contract holds exactly what is locked, and nobody has more than they began with.
    function invariant_NobodyGetsMoreThanTheyLocked() external view {
        uint256 locked;
        for (uint256 i; i < 4; ++i) {
            address actor = handler.actors(i);
            (uint256 amount,) = escrow.lockOf(actor);
            assertEq(amount, handler.amountOf(actor));
            assertEq(token.balanceOf(actor) + amount, handler.FUNDS());
            locked += amount;
        }
        assertEq(token.balanceOf(address(escrow)), locked);
    }

    function test_TheHandlerReachesEveryCall() external {
        handler.lock(0, 1e20, 5, 3);
        handler.increase(0, 1e20);
        handler.extend(0, 50, 3);
        handler.wait(249 weeks, 3);
        handler.withdraw(0);
        assertEq(handler.breach(), "");
        string[5] memory calls = ["lock", "increase", "extend", "wait", "withdraw"];
        for (uint256 i; i < calls.length; ++i) {
            assertEq(handler.successes(calls[i]), 1, calls[i]);
        }
    }
}
