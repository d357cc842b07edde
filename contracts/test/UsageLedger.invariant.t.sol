// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {JobState} from "../src/types/Modules.sol";
import {LedgerFixture} from "./support/LedgerFixture.sol";
import {LedgerHandler} from "./support/LedgerHandler.sol";
import {BlockingToken, FeeToken, PlainToken} from "./support/Tokens.sol";

/// @notice The ledger's books under payers, oracles, a court and forgers.
contract UsageLedgerInvariantTest is LedgerFixture {
    LedgerHandler internal handler;
    FeeToken internal fee;

    function setUp() public override {
        super.setUp();
        BlockingToken blocking = new BlockingToken();
        fee = new FeeToken();
        handler = new LedgerHandler(ledger, vault, COURT, DAO, [address(token), address(blocking), address(fee)]);
        vm.startPrank(DAO);
        vault.allowCurrency(address(blocking), true);
        vault.allowCurrency(address(fee), true);
        vault.allowCurrency(handler.nesting(), true);
        vm.stopPrank();
        handler.setVersions(versions, versionKeys);
        targetContract(address(handler));
        bytes4[] memory selectors = new bytes4[](22);
        // What moves a job on more often than the rest.
        selectors[0] = selectors[1] = handler.open.selector;
        selectors[2] = handler.openWithFee.selector;
        selectors[3] = selectors[4] = selectors[5] = handler.report.selector;
        selectors[6] = handler.court.selector;
        selectors[7] = selectors[8] = handler.settle.selector;
        selectors[9] = selectors[10] = handler.refund.selector;
        selectors[11] = selectors[12] = handler.withdraw.selector;
        selectors[13] = handler.reopen.selector;
        selectors[14] = handler.forgeReport.selector;
        selectors[15] = handler.forgeSettle.selector;
        selectors[16] = handler.courtByStranger.selector;
        selectors[17] = handler.openNested.selector;
        selectors[18] = handler.donate.selector;
        selectors[19] = handler.setRefused.selector;
        selectors[20] = handler.allow.selector;
        selectors[21] = handler.pass.selector;
        targetSelector(FuzzSelector(address(handler), selectors));
    }

    /// @dev One invariant for all, so that each run's calls are made once.
    /// forge-config: default.invariant.runs = 32
    /// forge-config: default.invariant.depth = 96
    function invariant_Books() external view {
        _balancesAreTheBooks();
        _poolsGotWhatTheFormulaSays();
        _payersGotWhatWasLeft();
        assertEq(handler.forged(), 0, "something forged was taken");
        assertEq(PlainToken(handler.nesting()).balanceOf(address(ledger)), 0);
    }

    /// @notice Every job has an end, and nothing stays behind.
    function afterInvariant() external {
        handler.endEverything();
        for (uint256 c; c < 3; ++c) {
            address currency = handler.currencies(c);
            assertEq(_balance(currency), handler.donated(currency), "what is left");
        }
    }

    /// @notice A walk by hand: the handler reaches everything, so that the invariant is about something.
    function test_TheHandlerReachesEverything() external {
        for (uint256 who; who < 4; ++who) {
            handler.open(who, who, 1e18, 3, 5 days);
            handler.report(who, [uint64(1), 2, 4, 5, 7]);
        }
        vm.expectRevert();
        handler.openWithFee(1e18);
        vm.expectRevert();
        handler.openNested(1e18);
        for (uint256 i; i < 3; ++i) {
            handler.court(i, 0, 0);
        }
        handler.court(0, 2, 1 days);
        handler.court(1, 3, 0);
        handler.court(2, 3, 0);
        handler.reopen(1, true);
        handler.report(1, [uint64(8), 0, 0, 1, 0]);
        skip(3 days);
        handler.settle(0);
        handler.settle(1);
        handler.settle(3);
        skip(3 days);
        handler.refund(2);
        handler.setRefused(true, 6);
        handler.withdraw(0, 0);
        handler.withdraw(1, 1);
        handler.withdraw(2, 2);
        handler.withdraw(3, 0);
        bytes32[8] memory actions =
            [bytes32("open"), "report", "hold", "uphold", "strike", "reopen", "settle", "refund"];
        for (uint256 i; i < actions.length; ++i) {
            assertGt(handler.done(actions[i]), 0, string(abi.encodePacked(actions[i])));
        }
        assertEq(handler.done("withdraw"), 4);
        this.invariant_Books();
    }

    /// @dev The ledger holds exactly the escrows of jobs that are not over, the credits, and what was given.
    function _balancesAreTheBooks() private view {
        for (uint256 c; c < 3; ++c) {
            address currency = handler.currencies(c);
            uint256 expected = handler.donated(currency);
            for (uint256 p; p < handler.PAYERS(); ++p) {
                expected += ledger.creditOf(handler.payers(p), currency);
            }
            for (uint256 i; i < handler.jobCount(); ++i) {
                (bytes32 id, address coin, uint256 amount, uint256 ended) = handler.jobAt(i);
                JobState state = ledger.jobOf(id).state;
                bool over = state == JobState.Settled || state == JobState.Refunded;
                assertEq(ended, over ? 1 : 0, "a job ends once");
                if (coin == currency && !over) expected += amount;
            }
            assertEq(_balance(currency), expected, "balance and books");
        }
        assertEq(fee.balanceOf(address(ledger)), 0);
    }

    function _poolsGotWhatTheFormulaSays() private view {
        for (uint256 p; p < handler.POOLS(); ++p) {
            for (uint256 c; c < 3; ++c) {
                address currency = handler.currencies(c);
                assertEq(_income(p, currency), handler.due(p, currency), "income");
            }
        }
        // The fifth version is nobody's payee.
        assertEq(_income(4, NATIVE), 0);
    }

    function _payersGotWhatWasLeft() private view {
        for (uint256 p; p < handler.PAYERS(); ++p) {
            address payer = handler.payers(p);
            for (uint256 c; c < 3; ++c) {
                address currency = handler.currencies(c);
                uint256 credit = ledger.creditOf(payer, currency);
                assertEq(credit, handler.credit(payer, currency), "credit");
                assertLe(credit + handler.withdrawn(payer, currency), handler.escrowed(payer, currency));
            }
        }
    }

    function _balance(address currency) private view returns (uint256) {
        return currency == NATIVE ? address(ledger).balance : PlainToken(currency).balanceOf(address(ledger));
    }
}
