// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Round} from "../src/types/Modules.sol";
import {RoundsFixture} from "./support/RoundsFixture.sol";
import {RoundsHandler} from "./support/RoundsHandler.sol";
import {PlainToken} from "./support/Tokens.sol";

/// @notice The rounds' books under publishers, payees and thieves.
contract RewardRoundsInvariantTest is RoundsFixture {
    RoundsHandler internal handler;

    function setUp() public override {
        super.setUp();
        handler = new RoundsHandler(rounds, trees, GUARDIAN, TREASURY, token);
        targetContract(address(handler));
        bytes4[] memory selectors = new bytes4[](15);
        selectors[0] = selectors[1] = selectors[2] = handler.publish.selector;
        selectors[3] = selectors[4] = selectors[5] = handler.claim.selector;
        selectors[6] = handler.forge.selector;
        selectors[7] = handler.publishUncovered.selector;
        selectors[8] = handler.returnBond.selector;
        selectors[9] = handler.sweep.selector;
        selectors[10] = handler.cancel.selector;
        selectors[11] = handler.donate.selector;
        selectors[12] = handler.setRefused.selector;
        selectors[13] = selectors[14] = handler.pass.selector;
        targetSelector(FuzzSelector(address(handler), selectors));
    }

    /// @dev One invariant for all, so that each run's calls are made once.
    /// forge-config: default.invariant.runs = 24
    function invariant_Books() external view {
        assertEq(handler.broken(), 0, "something that must never happen");
        assertEq(rounds.roundCount(), handler.count());
        for (uint256 c; c < handler.CURRENCIES(); ++c) {
            address currency = handler.currencies(c);
            uint256 expected = handler.donated(currency) + (currency == address(0) ? handler.bonds() : 0);
            for (uint256 id = 1; id <= handler.count(); ++id) {
                RoundsHandler.Book memory book = handler.bookOf(id);
                assertGe(book.total, book.paid, "a round paid more than its total");
                if (book.currency == currency) expected += book.total - book.paid;
            }
            assertEq(_balance(currency, address(rounds)), expected, "balance and books");
            for (uint256 a; a < handler.ACTORS(); ++a) {
                address actor = handler.actors(a);
                assertEq(_balance(currency, actor), handler.earned(currency, actor), "received and leaves");
            }
        }
        for (uint256 id = 1; id <= handler.count(); ++id) {
            Round memory round = rounds.roundOf(id);
            assertLe(round.claimed, round.units);
        }
    }

    /// @notice When all is claimed and swept, nothing is left but endless rounds that nobody can claim, and gifts.
    function afterInvariant() external {
        handler.finish();
        assertEq(handler.bonds(), 0);
        assertEq(handler.broken(), 0);
        for (uint256 c; c < handler.CURRENCIES(); ++c) {
            address currency = handler.currencies(c);
            uint256 expected = handler.donated(currency);
            for (uint256 id = 1; id <= handler.count(); ++id) {
                RoundsHandler.Book memory book = handler.bookOf(id);
                bool stays = book.lying && !book.rest;
                if (!stays) assertEq(book.paid, book.total);
                else if (book.currency == currency) expected += book.total;
            }
            assertEq(_balance(currency, address(rounds)), expected);
        }
    }

    function _balance(address currency, address account) private view returns (uint256) {
        return currency == address(0) ? account.balance : PlainToken(currency).balanceOf(account);
    }
}
