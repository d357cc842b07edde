// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MoneyFixture} from "./support/MoneyFixture.sol";
import {BlockingToken, FeeToken, PlainToken} from "./support/Tokens.sol";
import {VaultHandler} from "./support/VaultHandler.sol";

/// @notice The vault's books under payers, payees and thieves.
contract RoyaltyVaultInvariantTest is MoneyFixture {
    VaultHandler internal handler;
    FeeToken internal fee;

    function setUp() public override {
        super.setUp();
        BlockingToken blocking = new BlockingToken();
        fee = new FeeToken();
        vm.startPrank(DAO);
        vault.allowCurrency(address(blocking), true);
        vault.allowCurrency(address(fee), true);
        vm.stopPrank();
        handler = new VaultHandler(vault, token, blocking, fee);
        targetContract(address(handler));
        bytes4[] memory selectors = new bytes4[](11);
        // Payments and claims more often than the rest.
        selectors[0] = selectors[1] = handler.deposit.selector;
        selectors[2] = handler.claim.selector;
        selectors[3] = handler.claimMany.selector;
        selectors[4] = handler.forgeClaim.selector;
        selectors[5] = handler.forgeSplit.selector;
        selectors[6] = handler.donate.selector;
        selectors[7] = handler.setRefused.selector;
        selectors[8] = handler.depositWithFee.selector;
        selectors[9] = selectors[10] = handler.claimTo.selector;
        targetSelector(FuzzSelector(address(handler), selectors));
    }

    /// @dev One invariant for all, so that each run's calls are made once.
    /// forge-config: default.invariant.runs = 24
    function invariant_Books() external view {
        _balancesAreTheBooks();
        _incomeIsWhatWasDeposited();
        _nobodyGetsMoreThanTheirShare();
        _moneyGoesElsewhereByOrderOnly();
    }

    /// @notice The campaign reaches both kinds of orders: a handler that only fails would prove nothing.
    function test_TheHandlerOrdersPayments() external {
        for (uint256 c; c < 3; ++c) {
            for (uint256 p; p < handler.POOLS(); ++p) {
                handler.deposit(p, c, 10_000);
            }
            // Sent by the account, signed by it, signed and replayed; ann is in both books of the honest pools.
            handler.claimTo(2, 0, 1, c, 0);
            handler.claimTo(0, 0, 1, c, 1);
            handler.claimTo(1, 2, 3, c, 7);
            for (uint256 a; a < 3; ++a) {
                assertGt(handler.redirected(handler.actors(a), handler.currencies(c)), 0);
            }
        }
        assertEq(handler.breach(), "");
        _moneyGoesElsewhereByOrderOnly();
    }

    /// @notice When everybody claims, everybody gets all that is due: no claim of one has used up another's.
    function afterInvariant() external {
        handler.claimEverything();
        for (uint256 a; a < 4; ++a) {
            for (uint256 p; p < handler.POOLS(); ++p) {
                for (uint256 c; c < 3; ++c) {
                    assertEq(handler.owed(a, p, c), 0);
                    assertEq(handler.owedSplit(a, p, c), 0);
                }
            }
        }
    }

    /// @dev The vault holds exactly what all books say it owes, and what was given without a deposit.
    function _balancesAreTheBooks() private view {
        for (uint256 c; c < 3; ++c) {
            address currency = handler.currencies(c);
            uint256 expected = handler.donated(currency);
            for (uint256 p; p < handler.POOLS(); ++p) {
                (uint256 income, uint256 paid) = _book(p, currency);
                assertGe(income, paid, "a pool paid more than its income");
                expected += income - paid;
            }
            uint256 balance =
                currency == address(0) ? address(vault).balance : PlainToken(currency).balanceOf(address(vault));
            assertEq(balance, expected, "balance and books");
        }
    }

    /// @dev Income is what was deposited, and nothing of a token that keeps a fee.
    function _incomeIsWhatWasDeposited() private view {
        for (uint256 p; p < handler.POOLS(); ++p) {
            bytes32 id = handler.poolAt(p).id;
            for (uint256 c; c < 3; ++c) {
                address currency = handler.currencies(c);
                assertEq(vault.income(id, currency), handler.deposited(id, currency));
            }
            assertEq(vault.income(id, address(fee)), 0);
        }
        assertEq(fee.balanceOf(address(vault)), 0);
    }

    /// @dev Nobody was ever paid more than the formula gives; a stranger to the tree nothing at all.
    function _nobodyGetsMoreThanTheirShare() private view {
        for (uint256 a; a < handler.ACTORS(); ++a) {
            address actor = handler.actors(a);
            for (uint256 c; c < 3; ++c) {
                address currency = handler.currencies(c);
                uint256 received;
                for (uint256 p; p < handler.POOLS(); ++p) {
                    bytes32 id = handler.poolAt(p).id;
                    uint256 paid = vault.paid(id, currency, actor);
                    uint256 paidSplit = vault.paidSplit(id, currency, actor);
                    assertLe(paid, handler.entitled(a, p, c));
                    assertLe(paidSplit, handler.entitledSplit(a, p, c));
                    received += paid + paidSplit;
                }
                uint256 balance = currency == address(0) ? actor.balance : PlainToken(currency).balanceOf(actor);
                received -= handler.redirected(actor, currency);
                assertEq(balance, received, "received and books");
            }
        }
    }

    /// @dev What went to another address is what accounts ordered, no more.
    function _moneyGoesElsewhereByOrderOnly() private view {
        assertEq(handler.breach(), "");
        address sink = handler.SINK();
        for (uint256 c; c < 3; ++c) {
            address currency = handler.currencies(c);
            uint256 ordered;
            for (uint256 a; a < handler.ACTORS(); ++a) {
                ordered += handler.redirected(handler.actors(a), currency);
            }
            assertEq(currency == address(0) ? sink.balance : PlainToken(currency).balanceOf(sink), ordered);
        }
    }

    function _book(uint256 pool, address currency) private view returns (uint256 income, uint256 paid) {
        bytes32 id = handler.poolAt(pool).id;
        income = vault.income(id, currency);
        for (uint256 a; a < handler.ACTORS(); ++a) {
            address actor = handler.actors(a);
            paid += vault.paid(id, currency, actor) + vault.paidSplit(id, currency, actor);
        }
    }
}
