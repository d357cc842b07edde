// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {JobPayee, JobRequest, UsageLine} from "../../src/types/Modules.sol";
import {GasTest} from "../helpers/GasTest.sol";
import {LedgerFixture} from "../support/LedgerFixture.sol";
import {ReportSigners} from "../support/ReportSigners.sol";

/// @notice What a training run costs as whole transactions, with the real registry and vault; run with `--isolate`. The budget
/// of the report is the design's.
contract UsageLedgerGasTest is LedgerFixture, GasTest {
    string private constant GROUP = "UsageLedger";
    uint256 private constant REPORT_BUDGET = 85_000;
    /// @dev EIP-7825.
    uint256 private constant TRANSACTION_CAP = 1 << 24;

    address private caller = makeAddr("caller");

    function test_Open() external isolated {
        _openFor("open, native coin, one payee", 165_000, NATIVE, 1);
        _openFor("open, native coin, three payees", 180_000, NATIVE, 3);
        _openFor("open, token, three payees", 245_000, address(token), 3);
    }

    function test_Report() external isolated {
        bytes32 jobId = _openJob(1, NATIVE, 3);
        _measureReport("report, 3 of 5, one line", jobId, _lines(400, 0, 0, 0, 0));
        jobId = _openJob(2, NATIVE, 3);
        _measureReport("report, 3 of 5, three lines", jobId, _lines(400, 600, 1_000, 0, 0));
        jobId = _openJob(3, address(token), 3);
        _measureReport("report, 3 of 5, three lines, job in a token", jobId, _lines(400, 600, 1_000, 0, 0));
        skip(WINDOW - 1);
        _strike(jobId);
        ledger.reopen(jobId, _setId(), _linesHash(_lines(400, 600, 1_000, 0, 0)));
        _measureReport("report, 3 of 5, three lines, second round", jobId, _lines(400, 600, 1_000, 0, 0));
    }

    /// @notice The same report with one open job and with 1,001.
    function test_ReportDoesNotDependOnOpenJobs() external isolated {
        bytes32 first = _openJob(1, NATIVE, 3);
        ReportSigners.Signed memory s = _signed(_report(first, _lines(400, 600, 1_000, 0, 0)));
        bytes memory data = abi.encodeCall(ledger.report, (s.report, s.threshold, s.signers, s.positions, s.signatures));
        uint256 state = vm.snapshotState();
        uint256 alone = _measure(GROUP, "report, one open job", REPORT_BUDGET, caller, address(ledger), data);
        vm.revertToState(state);
        for (uint256 nonce = 2; nonce <= 1_001; ++nonce) {
            _openJob(nonce, nonce % 2 == 0 ? NATIVE : address(token), 3);
        }
        uint256 among = _measure(GROUP, "report, 1,001 open jobs", REPORT_BUDGET, caller, address(ledger), data);
        assertEq(among, alone);
    }

    function test_Settle() external isolated {
        _settleTwice("settle, native coin, one payee", NATIVE, 1, 115_000, 80_000);
        _settleTwice("settle, native coin, three payees", NATIVE, 3, 200_000, 132_000);
        _settleTwice("settle, token, one payee", address(token), 1, 152_000, 100_000);
        _settleTwice("settle, token, three payees", address(token), 3, 238_000, 150_000);
    }

    function test_RefundAndWithdraw() external isolated {
        bytes32 jobId = _openJob(1, NATIVE, 3);
        skip(TERM + 1);
        _measure(GROUP, "refund", 65_000, caller, address(ledger), abi.encodeCall(ledger.refund, (jobId)));
        bytes memory data = abi.encodeCall(ledger.withdrawCredit, (PAYER, NATIVE));
        _measure(GROUP, "withdrawCredit, native coin", 45_000, caller, address(ledger), data);
    }

    /// @notice The largest job there can be settles within one transaction: no escrow is too large to leave.
    function test_SettleOf64PayeesFitsIntoATransaction() external isolated {
        delete versions;
        delete versionKeys;
        _makeVersions(64, "more-");
        UsageLine[] memory lines = new UsageLine[](64);
        for (uint256 i; i < 64; ++i) {
            lines[i] = UsageLine(versionKeys[i], uint64(i + 1));
        }
        bytes32 jobId = _openJob(1, address(token), 64);
        _reported(jobId, lines);
        skip(WINDOW);
        JobPayee[] memory payees = _payees(64);
        bytes memory data = abi.encodeCall(ledger.settle, (jobId, _setId(), lines, payees, _versionsOf(lines, payees)));
        _measure(GROUP, "settle, token, 64 payees, first of the pools", TRANSACTION_CAP, caller, address(ledger), data);
    }

    function _openFor(string memory name, uint256 budget, address currency, uint256 payees) private {
        JobRequest memory request = _requestOf(uint256(keccak256(bytes(name))), currency, payees);
        uint256 value = currency == NATIVE ? request.amount : 0;
        // An allowance for each job, as our own commands give it.
        vm.prank(PAYER);
        token.approve(address(ledger), request.amount);
        _measurePaid(GROUP, name, budget, PAYER, address(ledger), value, abi.encodeCall(ledger.openJob, (request)));
    }

    function _requestOf(uint256 nonce, address currency, uint256 payees)
        private
        view
        returns (JobRequest memory request)
    {
        request = _request(nonce);
        request.currency = currency;
        request.amount = 1 ether;
        request.payees = _payees(payees);
    }

    function _openJob(uint256 nonce, address currency, uint256 payees) private returns (bytes32 jobId) {
        return _open(_requestOf(nonce, currency, payees));
    }

    function _measureReport(string memory name, bytes32 jobId, UsageLine[] memory lines) private {
        ReportSigners.Signed memory s = _signed(_report(jobId, lines));
        bytes memory data = abi.encodeCall(ledger.report, (s.report, s.threshold, s.signers, s.positions, s.signatures));
        _measure(GROUP, name, REPORT_BUDGET, caller, address(ledger), data);
    }

    /// @dev For a payer without credit and pools without income, then for those that have some.
    function _settleTwice(string memory name, address currency, uint256 count, uint256 first, uint256 again) private {
        uint256 state = vm.snapshotState();
        for (uint256 turn; turn < 2; ++turn) {
            bytes memory data = _settleable(turn, currency, count);
            string memory which = string.concat(name, turn == 0 ? ", first of the pools" : ", again");
            _measure(GROUP, which, turn == 0 ? first : again, caller, address(ledger), data);
        }
        vm.revertToState(state);
    }

    /// @dev A job of which a part returns, so that the payer's credit is written, too.
    function _settleable(uint256 nonce, address currency, uint256 count) private returns (bytes memory) {
        bytes32 jobId = _openJob(nonce, currency, count);
        UsageLine[] memory lines = count == 1 ? _lines(400, 0, 0, 0, 100) : _lines(400, 600, 1_000, 0, 100);
        _reported(jobId, lines);
        skip(WINDOW);
        JobPayee[] memory payees = _payees(count);
        return abi.encodeCall(ledger.settle, (jobId, _setId(), lines, payees, _versionsOf(lines, payees)));
    }
}
