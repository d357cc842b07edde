// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IRoyaltyVault} from "../src/interfaces/IRoyaltyVault.sol";
import {IUsageLedger} from "../src/interfaces/IUsageLedger.sol";
import {Access} from "../src/lib/Managed.sol";
import {Module} from "../src/lib/Module.sol";
import {UsageLedger} from "../src/UsageLedger.sol";
import {Job, JobPayee, JobRequest, JobState, UsageLine} from "../src/types/Modules.sol";
import {Version} from "../src/types/Types.sol";
import {Refuser} from "./support/Hostile.sol";
import {NestingPayer, NestingToken, ReenteringPayer} from "./support/HostileJobs.sol";
import {LedgerFixture} from "./support/LedgerFixture.sol";
import {BlockingToken, FeeToken, PlainToken} from "./support/Tokens.sol";

contract UsageLedgerTest is LedgerFixture {
    // ---- initialize

    function test_InitializeTwiceReverts() external {
        vm.expectRevert(Module.AlreadyInitialized.selector);
        ledger.initialize(_config(1));
    }

    function test_InitializeOfTheImplementationReverts() external {
        UsageLedger implementation = new UsageLedger();
        vm.expectRevert(Module.NotAClone.selector);
        implementation.initialize(_config(1));
    }

    function testFuzz_Window(uint32 window) external {
        ledger = _newLedger(address(new UsageLedger()), window);
        bytes32 jobId = _openFirst();
        assertEq(ledger.jobOf(jobId).settleAt, 0);
        _reported(jobId, _lines(1, 0, 0, 0, 0));
        assertEq(ledger.jobOf(jobId).settleAt, block.timestamp + window);
    }

    // ---- openJob

    function test_OpenJob() external {
        JobRequest memory request = _request(7);
        request.verifier = makeAddr("verifier");
        request.payees[1].cap = 5;
        bytes32 jobId = keccak256(abi.encode(keccak256("dgov.job.v1"), block.chainid, address(ledger), PAYER, 7));
        vm.expectEmit(address(ledger));
        emit IUsageLedger.JobOpened(
            jobId,
            PAYER,
            request.signerSetId,
            NATIVE,
            100,
            uint40(block.timestamp) + TERM,
            request.verifier,
            request.payees
        );
        assertEq(_open(request), jobId);
        assertEq(ledger.jobIdOf(PAYER, 7), jobId);
        Job memory job = ledger.jobOf(jobId);
        assertEq(job.payer, PAYER);
        assertEq(job.deadline, block.timestamp + TERM);
        assertEq(job.settleAt, 0);
        assertEq(job.round, 0);
        assertEq(uint8(job.state), uint8(JobState.Open));
        assertEq(job.commitment, request.signerSetId);
        assertEq(job.payeesHash, keccak256(abi.encode(request.payees)));
        assertEq(job.amount, 100);
        assertEq(job.currency, NATIVE);
        assertEq(job.verifier, request.verifier);
        assertEq(address(ledger).balance, 100);
    }

    function test_OpenJobOfAnotherValueReverts() external {
        JobRequest memory request = _request(1);
        vm.startPrank(PAYER);
        vm.expectRevert(abi.encodeWithSelector(IUsageLedger.ValueMismatch.selector, 100, 99));
        ledger.openJob{value: 99}(request);
        vm.expectRevert(abi.encodeWithSelector(IUsageLedger.ValueMismatch.selector, 100, 101));
        ledger.openJob{value: 101}(request);
    }

    function test_OpenJobWithToken() external {
        bytes32 jobId = _open(_tokenRequest(1, token));
        assertEq(token.balanceOf(address(ledger)), 100);
        assertEq(token.balanceOf(PAYER), 1e30 - 100);
        assertEq(ledger.jobOf(jobId).currency, address(token));
    }

    function test_OpenJobWithTokenAndValueReverts() external {
        JobRequest memory request = _tokenRequest(1, token);
        vm.prank(PAYER);
        vm.expectRevert(abi.encodeWithSelector(IUsageLedger.ValueMismatch.selector, 0, 1));
        ledger.openJob{value: 1}(request);
    }

    function test_OpenJobWithTokenNotAllowedReverts() external {
        PlainToken other = _tokenOfPayer(new PlainToken(), false);
        JobRequest memory request = _tokenRequest(1, other);
        _refusedOpen(request, abi.encodeWithSelector(IUsageLedger.CurrencyNotAllowed.selector, address(other)));
    }

    function test_OpenJobWithFeeTokenReverts() external {
        PlainToken fee = _tokenOfPayer(new FeeToken(), true);
        JobRequest memory request = _tokenRequest(1, fee);
        _refusedOpen(request, abi.encodeWithSelector(IUsageLedger.BalanceMismatch.selector, address(fee), 100, 99));
        assertEq(fee.balanceOf(address(ledger)), 0);
    }

    /// @notice The balance grows by just the amount, and only the lock tells that two jobs would count it.
    function test_OpenJobInsideOpenJobReverts() external {
        NestingToken nesting = new NestingToken();
        _tokenOfPayer(nesting, true);
        NestingPayer payer = new NestingPayer(ledger, nesting);
        nesting.mint(address(payer), 1_000);
        JobRequest memory outer = _tokenRequest(1, nesting);
        JobRequest memory inner = _tokenRequest(2, nesting);
        inner.amount = 10;
        vm.expectRevert(abi.encodeWithSelector(IUsageLedger.BalanceMismatch.selector, address(nesting), 100, 90));
        payer.open(outer, inner);
    }

    function test_OpenJobTwiceReverts() external {
        bytes32 jobId = _openFirst();
        bytes memory reason = abi.encodeWithSelector(IUsageLedger.JobExists.selector, jobId);
        _refusedOpen(_request(1), reason);
        skip(TERM + 1);
        ledger.refund(jobId);
        _refusedOpen(_request(1), reason);
    }

    /// @notice Who sees the payer's transaction can't take its id.
    function test_OpenJobOfAnotherPayer() external {
        JobRequest memory request = _request(1);
        address other = makeAddr("front-runner");
        vm.deal(other, 100);
        vm.prank(other);
        bytes32 theirs = ledger.openJob{value: 100}(request);
        bytes32 ours = _open(request);
        assertNotEq(theirs, ours);
        assertEq(ledger.jobOf(theirs).payer, other);
        assertEq(ledger.jobOf(ours).payer, PAYER);
        assertNotEq(_newLedger(address(new UsageLedger()), WINDOW).jobIdOf(PAYER, 1), ours);
        vm.chainId(block.chainid + 1);
        assertNotEq(ledger.jobIdOf(PAYER, 1), ours);
    }

    function test_OpenJobOverNothingReverts() external {
        JobRequest memory request = _request(1);
        request.amount = 0;
        _refusedOpen(request, abi.encodeWithSelector(IUsageLedger.AmountZero.selector));
    }

    function test_OpenJobWithInvalidDeadlineReverts() external {
        JobRequest memory request = _request(1);
        uint40[4] memory deadlines =
            [0, uint40(block.timestamp), uint40(block.timestamp + 3 * 365 days + 1), type(uint40).max];
        for (uint256 i; i < 4; ++i) {
            request.deadline = deadlines[i];
            _refusedOpen(request, abi.encodeWithSelector(IUsageLedger.DeadlineInvalid.selector, deadlines[i]));
        }
        request.deadline = uint40(block.timestamp + 3 * 365 days);
        _open(request);
        request.nonce = 2;
        request.deadline = uint40(block.timestamp + 1);
        _open(request);
    }

    function test_OpenJobWithoutReporterReverts() external {
        JobRequest memory request = _request(1);
        request.signerSetId = 0;
        _refusedOpen(request, abi.encodeWithSelector(IUsageLedger.ReporterMissing.selector));
        request.verifier = address(1);
        _open(request);
    }

    function test_OpenJobWithInvalidPayeesReverts() external {
        JobRequest memory request = _request(1);
        request.payees = new JobPayee[](0);
        _refusedPayees(request, 0);
        request.payees = new JobPayee[](65);
        _refusedPayees(request, 65);
        request.payees = _payees(3);
        (request.payees[1], request.payees[2]) = (request.payees[2], request.payees[1]);
        _refusedPayees(request, 2);
        request.payees = _payees(3);
        request.payees[1].versionKey = request.payees[0].versionKey;
        _refusedPayees(request, 1);
        request.payees = _payees(1);
        request.payees[0].versionKey = keccak256("nothing");
        _refusedPayees(request, 0);
        request.payees[0].versionKey = 0;
        _refusedPayees(request, 0);
    }

    // ---- settle

    function test_Settle() external {
        JobRequest memory request = _request(1);
        request.amount = 101;
        request.payees[2].cap = 10;
        bytes32 jobId = _open(request);
        // Of 7: 2/7 of 101 is 28.86, 1/7 is 14.43, 3/7 is 43.29, but 10 at most; 1/7 is for no payee.
        UsageLine[] memory lines = _lines(2, 1, 3, 0, 1);
        _reported(jobId, lines);
        skip(WINDOW);
        vm.expectEmit(address(ledger));
        emit IUsageLedger.Settled(jobId, 52, 49);
        vm.expectEmit(address(vault));
        emit IRoyaltyVault.Deposited(_poolOf(0), address(ledger), jobId, NATIVE, 28);
        vm.prank(makeAddr("anyone"));
        _settle(jobId, lines, request.payees);
        assertEq(_income(0, NATIVE), 28);
        assertEq(_income(1, NATIVE), 14);
        assertEq(_income(2, NATIVE), 10);
        assertEq(_income(3, NATIVE), 0);
        assertEq(_income(4, NATIVE), 0);
        assertEq(ledger.creditOf(PAYER, NATIVE), 49);
        assertEq(address(ledger).balance, 49);
        _assertState(jobId, JobState.Settled);
    }

    function test_SettleAddsToWhatIsCredited() external {
        UsageLine[] memory lines = _lines(3, 0, 0, 0, 1);
        bytes32 first = _openFor(1);
        bytes32 second = _openFor(2);
        _reported(first, lines);
        _reported(second, lines);
        skip(WINDOW);
        _settle(first, lines, _payees(4));
        _settle(second, lines, _payees(4));
        assertEq(ledger.creditOf(PAYER, NATIVE), 50);
        assertEq(address(ledger).balance, 50);
    }

    function test_SettleInToken() external {
        bytes32 jobId = _open(_tokenRequest(1, token));
        UsageLine[] memory lines = _lines(2, 1, 0, 0, 1);
        _reported(jobId, lines);
        skip(WINDOW);
        _settle(jobId, lines, _payees(4));
        assertEq(_income(0, address(token)), 50);
        assertEq(_income(1, address(token)), 25);
        assertEq(ledger.creditOf(PAYER, address(token)), 25);
        assertEq(ledger.creditOf(PAYER, NATIVE), 0);
        assertEq(token.balanceOf(address(ledger)), 25);
        assertEq(token.allowance(address(ledger), address(vault)), 0);
    }

    function test_SettleEmptyReport() external {
        _settledForNothing(_openFirst(), new UsageLine[](0));
    }

    function test_SettleReportWithoutPayees() external {
        _settledForNothing(_openFirst(), _lines(0, 0, 0, 0, 9));
    }

    function test_SettleSkipsPartsOfNothing() external {
        JobRequest memory request = _request(1);
        request.payees[1].cap = 0;
        bytes32 jobId = _open(request);
        // The first is too small for one coin of a hundred, the second has no cap.
        UsageLine[] memory lines = _lines(1, 100, 100, 0, 0);
        _reported(jobId, lines);
        skip(WINDOW);
        _settle(jobId, lines, request.payees);
        assertEq(_income(0, NATIVE), 0);
        assertEq(_income(1, NATIVE), 0);
        assertEq(_income(2, NATIVE), 49);
        assertEq(ledger.creditOf(PAYER, NATIVE), 51);
    }

    function test_SettleLargestAmounts() external {
        PlainToken huge = _tokenOfPayer(new PlainToken(), true);
        JobRequest memory request = _tokenRequest(1, huge);
        request.amount = type(uint128).max;
        huge.mint(PAYER, type(uint128).max);
        bytes32 jobId = _open(request);
        uint64 most = type(uint64).max;
        UsageLine[] memory lines = _lines(most, most, most, most, most);
        _reported(jobId, lines);
        skip(WINDOW);
        _settle(jobId, lines, request.payees);
        for (uint256 i; i < 4; ++i) {
            assertEq(_income(i, address(huge)), type(uint128).max / 5);
        }
    }

    function testFuzz_Settle(uint128 amount, uint64[5] memory weights, uint128[4] memory caps, bool inToken) external {
        amount = uint128(bound(amount, 1, type(uint128).max));
        JobRequest memory request = _request(1);
        request.amount = amount;
        for (uint256 i; i < 4; ++i) {
            request.payees[i].cap = caps[i];
        }
        PlainToken coin = _tokenOfPayer(new PlainToken(), true);
        coin.mint(PAYER, amount);
        if (inToken) request.currency = address(coin);
        else vm.deal(PAYER, amount);
        bytes32 jobId = _open(request);
        UsageLine[] memory lines = _lines(weights[0], weights[1], weights[2], weights[3], weights[4]);
        _reported(jobId, lines);
        skip(WINDOW);
        _settle(jobId, lines, request.payees);

        uint256 sum = uint256(weights[0]) + weights[1] + weights[2] + weights[3] + weights[4];
        uint256 paid;
        for (uint256 i; i < 4; ++i) {
            uint256 part = sum == 0 ? 0 : uint256(amount) * weights[i] / sum;
            if (part > caps[i]) part = caps[i];
            assertEq(_income(i, request.currency), part);
            paid += part;
        }
        assertEq(ledger.creditOf(PAYER, request.currency), amount - paid);
        uint256 held = inToken ? coin.balanceOf(address(ledger)) : address(ledger).balance;
        assertEq(held, amount - paid);
    }

    /// @dev Beside another job's escrow, within reach of a formula that is wrong.
    function test_SettleWithCapsOfNothing() external {
        _openFirst();
        for (uint256 i; i < 18; ++i) {
            JobRequest memory request = _request(2 + i);
            (request.amount, request.payees) = (32, _payees(2));
            (request.payees[0].cap, request.payees[1].cap) = (0, i < 9 ? 0 : 32);
            bytes32 jobId = _open(request);
            uint64 a = uint64(1 + i % 3);
            uint64 b = uint64(1 + i / 3 % 3);
            UsageLine[] memory lines = _lines(a, b, 2, 0, 0);
            _reported(jobId, lines);
            skip(WINDOW);
            (uint256 before, uint256 credit) = (_income(1, NATIVE), ledger.creditOf(PAYER, NATIVE));
            _settle(jobId, lines, request.payees);
            uint256 part = i < 9 ? 0 : uint256(32) * b / (a + b + 2);
            assertEq(_income(0, NATIVE), 0);
            assertEq(_income(1, NATIVE), before + part);
            assertEq(ledger.creditOf(PAYER, NATIVE), credit + 32 - part);
            assertEq(address(ledger).balance, 100 + credit + 32 - part);
        }
    }

    function test_SettleInTheWindowReverts() external {
        bytes32 jobId = _openFirst();
        UsageLine[] memory lines = _lines(1, 0, 0, 0, 0);
        _reported(jobId, lines);
        skip(WINDOW - 1);
        _refusedSettle(
            jobId, lines, abi.encodeWithSelector(IUsageLedger.ChallengeOpen.selector, jobId, block.timestamp + 1)
        );
        skip(1);
        _settle(jobId, lines, _payees(4));
    }

    function test_SettleInAnotherStateReverts() external {
        bytes32 jobId = _openFirst();
        UsageLine[] memory lines = _lines(1, 0, 0, 0, 0);
        _refusedSettle(keccak256("none"), lines, _stateInvalid(keccak256("none"), JobState.None));
        _refusedSettle(jobId, lines, _stateInvalid(jobId, JobState.Open));
        _reported(jobId, lines);
        vm.prank(COURT);
        ledger.holdReport(jobId);
        skip(WINDOW);
        _refusedSettle(jobId, lines, _stateInvalid(jobId, JobState.Held));
        vm.prank(COURT);
        ledger.strikeReport(jobId);
        skip(WINDOW);
        _refusedSettle(jobId, lines, _stateInvalid(jobId, JobState.Struck));
        skip(TERM);
        ledger.refund(jobId);
        _refusedSettle(jobId, lines, _stateInvalid(jobId, JobState.Refunded));
    }

    function test_SettleTwiceReverts() external {
        bytes32 jobId = _openFirst();
        _openFor(2);
        UsageLine[] memory lines = _lines(1, 0, 0, 0, 0);
        _reported(jobId, lines);
        skip(WINDOW);
        _settle(jobId, lines, _payees(4));
        _refusedSettle(jobId, lines, _stateInvalid(jobId, JobState.Settled));
        assertEq(_income(0, NATIVE), 100);
    }

    function test_SettleWithOtherLinesReverts() external {
        bytes32 jobId = _openFirst();
        UsageLine[] memory lines = _lines(1, 2, 0, 0, 0);
        _reported(jobId, lines);
        skip(WINDOW);
        bytes32 expected = ledger.jobOf(jobId).commitment;
        UsageLine[] memory other = _lines(1, 3, 0, 0, 0);
        bytes32 given = keccak256(abi.encode(_setId(), _linesHash(other)));
        _refusedSettle(jobId, other, abi.encodeWithSelector(IUsageLedger.CommitmentMismatch.selector, expected, given));
        JobPayee[] memory payees = _payees(4);
        Version[] memory found = _versionsOf(lines, payees);
        given = keccak256(abi.encode(bytes32(0), _linesHash(lines)));
        vm.expectRevert(abi.encodeWithSelector(IUsageLedger.CommitmentMismatch.selector, expected, given));
        ledger.settle(jobId, 0, lines, payees, found);
    }

    function test_SettleWithOtherPayeesReverts() external {
        bytes32 jobId = _openFirst();
        UsageLine[] memory lines = _lines(1, 2, 0, 0, 1);
        _reported(jobId, lines);
        skip(WINDOW);
        // One more, one less, and another cap.
        JobPayee[][3] memory others = [_payees(5), _payees(3), _payees(4)];
        others[2][0].cap = 1;
        bytes32 expected = ledger.jobOf(jobId).payeesHash;
        for (uint256 i; i < 3; ++i) {
            Version[] memory found = _versionsOf(lines, others[i]);
            vm.expectRevert(
                abi.encodeWithSelector(
                    IUsageLedger.CommitmentMismatch.selector, expected, keccak256(abi.encode(others[i]))
                )
            );
            ledger.settle(jobId, _setId(), lines, others[i], found);
        }
    }

    function test_SettleWithOtherVersionsReverts() external {
        bytes32 jobId = _openFirst();
        UsageLine[] memory lines = _lines(1, 0, 2, 0, 3);
        _reported(jobId, lines);
        skip(WINDOW);
        Version[] memory found = new Version[](1);
        found[0] = versions[0];
        _refusedVersions(jobId, lines, found, versionKeys[2], 0);
        found = new Version[](2);
        // The fifth has a line, too, but is no payee.
        (found[0], found[1]) = (versions[0], versions[4]);
        _refusedVersions(jobId, lines, found, versionKeys[2], versionKeys[4]);
        (found[0], found[1]) = (versions[2], versions[0]);
        _refusedVersions(jobId, lines, found, versionKeys[0], versionKeys[2]);
        // The right key's version with another pool.
        (found[0], found[1]) = (versions[0], versions[2]);
        found[1].contributorRoot = keccak256("mine");
        _refusedVersions(jobId, lines, found, versionKeys[2], this._hashOf(found[1]));
        found = new Version[](3);
        (found[0], found[1], found[2]) = (versions[0], versions[2], versions[3]);
        _refusedVersions(jobId, lines, found, 0, versionKeys[3]);
        found = new Version[](0);
        _refusedVersions(jobId, lines, found, versionKeys[0], 0);
    }

    // ---- refund

    function test_RefundOfUnreportedJob() external {
        bytes32 jobId = _openFirst();
        skip(TERM);
        vm.expectRevert(abi.encodeWithSelector(IUsageLedger.RefundEarly.selector, jobId, block.timestamp + 1));
        ledger.refund(jobId);
        skip(1);
        vm.expectEmit(address(ledger));
        emit IUsageLedger.Refunded(jobId, PAYER, 100);
        address anyone = makeAddr("anyone");
        vm.prank(anyone);
        ledger.refund(jobId);
        assertEq(ledger.creditOf(PAYER, NATIVE), 100);
        assertEq(ledger.creditOf(anyone, NATIVE), 0);
        _assertState(jobId, JobState.Refunded);
        assertEq(ledger.jobOf(jobId).settleAt, 0);
    }

    function test_RefundOfStruckJob() external {
        for (uint256 nonce = 1; nonce <= 2; ++nonce) {
            bytes32 jobId = _openFor(nonce);
            UsageLine[] memory lines = _lines(1, 0, 0, 0, 0);
            _reported(jobId, lines);
            _strike(jobId);
            if (nonce == 2) ledger.reopen(jobId, _setId(), _linesHash(lines));
            skip(TERM);
            vm.expectRevert(abi.encodeWithSelector(IUsageLedger.RefundEarly.selector, jobId, block.timestamp + 1));
            ledger.refund(jobId);
            skip(1);
            ledger.refund(jobId);
            assertEq(ledger.jobOf(jobId).settleAt, 0);
        }
        assertEq(ledger.creditOf(PAYER, NATIVE), 200);
    }

    function test_RefundOfReportThatNobodySettles() external {
        bytes32 jobId = _openFirst();
        _reported(jobId, _lines(1, 0, 0, 0, 0));
        skip(WINDOW + 30 days - 1);
        vm.expectRevert(abi.encodeWithSelector(IUsageLedger.RefundEarly.selector, jobId, block.timestamp + 1));
        ledger.refund(jobId);
        skip(1);
        ledger.refund(jobId);
        assertEq(ledger.creditOf(PAYER, NATIVE), 100);
    }

    function test_RefundWhenTheCurrencyIsNoLongerAllowed() external {
        bytes32 jobId = _open(_tokenRequest(1, token));
        UsageLine[] memory lines = _lines(1, 0, 0, 0, 0);
        _reported(jobId, lines);
        vm.prank(DAO);
        vault.allowCurrency(address(token), false);
        skip(WINDOW);
        _refusedSettle(jobId, lines, abi.encodeWithSelector(IRoyaltyVault.CurrencyNotAllowed.selector, address(token)));
        skip(30 days);
        ledger.refund(jobId);
        assertEq(ledger.withdrawCredit(PAYER, address(token)), 100);
        assertEq(token.balanceOf(PAYER), 1e30);
    }

    function test_RefundInAnotherStateReverts() external {
        bytes32 jobId = keccak256("none");
        _refusedRefund(jobId, JobState.None);
        jobId = _openFirst();
        UsageLine[] memory lines = _lines(1, 0, 0, 0, 0);
        _reported(jobId, lines);
        vm.prank(COURT);
        ledger.holdReport(jobId);
        skip(3_650 days);
        _refusedRefund(jobId, JobState.Held);
        vm.prank(COURT);
        ledger.upholdReport(jobId, 0);
        _settle(jobId, lines, _payees(4));
        _refusedRefund(jobId, JobState.Settled);
    }

    function test_RefundTwiceReverts() external {
        bytes32 jobId = _openFirst();
        _openFor(2);
        skip(TERM + 1);
        ledger.refund(jobId);
        _refusedRefund(jobId, JobState.Refunded);
        assertEq(ledger.creditOf(PAYER, NATIVE), 100);
    }

    // ---- withdrawCredit

    function test_WithdrawCredit() external {
        _openFor(9);
        _refundedFor(1, NATIVE);
        _refundedFor(2, address(token));
        uint256 before = PAYER.balance;
        vm.expectEmit(address(ledger));
        emit IUsageLedger.CreditWithdrawn(PAYER, NATIVE, 100);
        vm.prank(makeAddr("anyone"));
        assertEq(ledger.withdrawCredit(PAYER, NATIVE), 100);
        assertEq(PAYER.balance, before + 100);
        vm.expectRevert(abi.encodeWithSelector(IUsageLedger.NoCredit.selector, PAYER, NATIVE));
        ledger.withdrawCredit(PAYER, NATIVE);
        assertEq(ledger.creditOf(PAYER, address(token)), 100);
        assertEq(ledger.withdrawCredit(PAYER, address(token)), 100);
        assertEq(token.balanceOf(PAYER), 1e30);
        vm.expectRevert(abi.encodeWithSelector(IUsageLedger.NoCredit.selector, PAYER, address(token)));
        ledger.withdrawCredit(PAYER, address(token));
    }

    function test_WithdrawCreditOnceWhenItCallsBack() external {
        _openFor(9);
        ReenteringPayer payer = new ReenteringPayer(ledger);
        vm.deal(address(this), 100);
        payer.open{value: 100}(_request(1));
        skip(TERM + 1);
        ledger.refund(payer.jobId());
        ledger.withdrawCredit(address(payer), NATIVE);
        assertEq(address(payer).balance, 100);
        assertEq(payer.refused(), 2);
        assertEq(address(ledger).balance, 100);
    }

    /// @notice A payer that refuses coin stops neither settlement nor others, and gets it when it takes it.
    function test_WithdrawCreditOfRefusingPayer() external {
        Refuser refuser = new Refuser();
        vm.deal(address(refuser), 100);
        JobRequest memory request = _request(1);
        vm.prank(address(refuser));
        bytes32 jobId = ledger.openJob{value: 100}(request);
        UsageLine[] memory lines = _lines(1, 0, 0, 0, 1);
        _reported(jobId, lines);
        skip(WINDOW);
        _settle(jobId, lines, request.payees);
        assertEq(_income(0, NATIVE), 50);
        vm.expectRevert(abi.encodeWithSelector(IUsageLedger.PaymentRefused.selector, address(refuser), 50));
        ledger.withdrawCredit(address(refuser), NATIVE);
        assertEq(ledger.creditOf(address(refuser), NATIVE), 50);
        refuser.setAccepts(true);
        ledger.withdrawCredit(address(refuser), NATIVE);
        assertEq(address(refuser).balance, 50);
    }

    function test_WithdrawCreditOfBlockedPayer() external {
        BlockingToken blocking = new BlockingToken();
        _tokenOfPayer(blocking, true);
        _refundedFor(1, address(blocking));
        blocking.setBlocked(PAYER);
        vm.expectRevert(abi.encodeWithSelector(BlockingToken.Blocked.selector, PAYER));
        ledger.withdrawCredit(PAYER, address(blocking));
        blocking.setBlocked(address(0));
        assertEq(ledger.withdrawCredit(PAYER, address(blocking)), 100);
    }

    // ---- for the court

    function test_CourtFunctionsOfOthersRevert() external {
        bytes32 jobId = _openFirst();
        _reported(jobId, _lines(1, 0, 0, 0, 0));
        address[4] memory others = [PAYER, signers[0], PUBLISHER, address(this)];
        for (uint256 i; i < 4; ++i) {
            vm.startPrank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(Access.Unauthorized.selector, others[i]));
            ledger.holdReport(jobId);
            vm.expectRevert(abi.encodeWithSelector(Access.Unauthorized.selector, others[i]));
            ledger.upholdReport(jobId, 1);
            vm.expectRevert(abi.encodeWithSelector(Access.Unauthorized.selector, others[i]));
            ledger.strikeReport(jobId);
            vm.stopPrank();
        }
    }

    function test_HoldReport() external {
        bytes32 jobId = _openFirst();
        _reported(jobId, _lines(1, 0, 0, 0, 0));
        skip(WINDOW - 1);
        vm.expectEmit(address(ledger));
        emit IUsageLedger.ReportHeld(jobId, 0);
        vm.prank(COURT);
        assertEq(ledger.holdReport(jobId), 100);
        _assertState(jobId, JobState.Held);
    }

    function test_HoldReportAfterTheWindowReverts() external {
        bytes32 jobId = _openFirst();
        _reported(jobId, _lines(1, 0, 0, 0, 0));
        skip(WINDOW);
        vm.prank(COURT);
        vm.expectRevert(abi.encodeWithSelector(IUsageLedger.ChallengeOver.selector, jobId, block.timestamp));
        ledger.holdReport(jobId);
    }

    function test_HoldReportInAnotherStateReverts() external {
        bytes32 jobId = _openFirst();
        vm.prank(COURT);
        vm.expectRevert(_stateInvalid(jobId, JobState.Open));
        ledger.holdReport(jobId);
        _reported(jobId, _lines(1, 0, 0, 0, 0));
        vm.startPrank(COURT);
        ledger.holdReport(jobId);
        vm.expectRevert(_stateInvalid(jobId, JobState.Held));
        ledger.holdReport(jobId);
    }

    function test_UpholdReport() external {
        bytes32 jobId = _openFirst();
        UsageLine[] memory lines = _lines(1, 0, 0, 0, 0);
        _reported(jobId, lines);
        uint256 settleAt = block.timestamp + WINDOW;
        // Early: what was left of the window stays.
        vm.startPrank(COURT);
        ledger.holdReport(jobId);
        vm.expectEmit(address(ledger));
        emit IUsageLedger.ReportUpheld(jobId, 0, uint40(settleAt));
        ledger.upholdReport(jobId, WINDOW - 1);
        assertEq(ledger.jobOf(jobId).settleAt, settleAt);
        // Late: the extension counts.
        ledger.holdReport(jobId);
        skip(100 days);
        ledger.upholdReport(jobId, 1 days);
        settleAt = block.timestamp + 1 days;
        assertEq(ledger.jobOf(jobId).settleAt, settleAt);
        vm.stopPrank();
        _refusedSettle(jobId, lines, abi.encodeWithSelector(IUsageLedger.ChallengeOpen.selector, jobId, settleAt));
        skip(1 days);
        _settle(jobId, lines, _payees(4));
        assertEq(_income(0, NATIVE), 100);
    }

    function test_UpholdAndStrikeInAnotherStateRevert() external {
        bytes32 jobId = _openFirst();
        vm.startPrank(COURT);
        vm.expectRevert(_stateInvalid(jobId, JobState.Open));
        ledger.upholdReport(jobId, 1);
        vm.expectRevert(_stateInvalid(jobId, JobState.Open));
        ledger.strikeReport(jobId);
        vm.stopPrank();
        _reported(jobId, _lines(1, 0, 0, 0, 0));
        vm.startPrank(COURT);
        vm.expectRevert(_stateInvalid(jobId, JobState.Reported));
        ledger.upholdReport(jobId, 1);
        vm.expectRevert(_stateInvalid(jobId, JobState.Reported));
        ledger.strikeReport(jobId);
    }

    function test_StrikeReport() external {
        bytes32 jobId = _openFirst();
        UsageLine[] memory lines = _lines(1, 0, 0, 0, 0);
        uint256 deadline = block.timestamp + TERM;
        _reported(jobId, lines);
        // Early: the deadline stays.
        vm.startPrank(COURT);
        ledger.holdReport(jobId);
        vm.expectEmit(address(ledger));
        emit IUsageLedger.ReportStruck(jobId, 0, uint40(deadline));
        ledger.strikeReport(jobId);
        vm.stopPrank();
        assertEq(ledger.jobOf(jobId).deadline, deadline);
        assertEq(ledger.jobOf(jobId).settleAt, 0);
        ledger.reopen(jobId, _setId(), _linesHash(lines));
        // Late: one window from the ruling.
        _reported(jobId, lines);
        assertEq(ledger.jobOf(jobId).settleAt, block.timestamp + WINDOW);
        vm.startPrank(COURT);
        ledger.holdReport(jobId);
        skip(100 days);
        vm.expectEmit(address(ledger));
        emit IUsageLedger.ReportStruck(jobId, 1, uint40(block.timestamp) + WINDOW);
        ledger.strikeReport(jobId);
        vm.stopPrank();
        ledger.reopen(jobId, _setId(), _linesHash(lines));
        skip(WINDOW);
        _reported(jobId, _lines(0, 1, 0, 0, 0));
        skip(WINDOW);
        _settle(jobId, _lines(0, 1, 0, 0, 0), _payees(4));
        assertEq(_income(0, NATIVE), 0);
        assertEq(_income(1, NATIVE), 100);
    }

    // ---- reopen

    function test_Reopen() external {
        bytes32 jobId = _openFirst();
        UsageLine[] memory lines = _lines(1, 0, 0, 0, 0);
        bytes32 linesHash = _linesHash(lines);
        vm.expectRevert(_stateInvalid(jobId, JobState.Open));
        ledger.reopen(jobId, _setId(), linesHash);
        _reported(jobId, lines);
        vm.expectRevert(_stateInvalid(jobId, JobState.Reported));
        ledger.reopen(jobId, _setId(), linesHash);
        _strike(jobId);
        bytes32 expected = ledger.jobOf(jobId).commitment;
        bytes32 mine = keccak256(abi.encode(uint256(1), signers));
        vm.expectRevert(
            abi.encodeWithSelector(
                IUsageLedger.CommitmentMismatch.selector, expected, keccak256(abi.encode(mine, linesHash))
            )
        );
        ledger.reopen(jobId, mine, linesHash);
        vm.prank(makeAddr("anyone"));
        ledger.reopen(jobId, _setId(), linesHash);
        assertEq(ledger.jobOf(jobId).commitment, _setId());
        _assertState(jobId, JobState.Open);
    }

    function test_ReopenAfter255ReportsReverts() external {
        bytes32 jobId = _openFirst();
        UsageLine[] memory lines = _lines(1, 0, 0, 0, 0);
        bytes32 linesHash = _linesHash(lines);
        for (uint256 i; i < 255; ++i) {
            if (i != 0) ledger.reopen(jobId, _setId(), linesHash);
            _reported(jobId, lines);
            _strike(jobId);
        }
        assertEq(ledger.jobOf(jobId).round, 255);
        vm.expectRevert(_stateInvalid(jobId, JobState.Struck));
        ledger.reopen(jobId, _setId(), linesHash);
        skip(TERM + 1);
        ledger.refund(jobId);
        assertEq(ledger.creditOf(PAYER, NATIVE), 100);
    }

    // ---- jobOf

    function test_JobOfNothing() external view {
        Job memory none;
        assertEq(abi.encode(ledger.jobOf(keccak256("none"))), abi.encode(none));
    }

    // ---- helpers

    function _openFor(uint256 nonce) private returns (bytes32) {
        return _open(_request(nonce));
    }

    function _tokenRequest(uint256 nonce, PlainToken coin) private view returns (JobRequest memory request) {
        request = _request(nonce);
        request.currency = address(coin);
    }

    /// @dev A token of which the payer has some and lets the ledger take it.
    function _tokenOfPayer(PlainToken coin, bool allowed) private returns (PlainToken) {
        coin.mint(PAYER, 1_000);
        vm.prank(PAYER);
        coin.approve(address(ledger), type(uint256).max);
        vm.prank(DAO);
        vault.allowCurrency(address(coin), allowed);
        return coin;
    }

    function _refundedFor(uint256 nonce, address currency) private {
        JobRequest memory request = _request(nonce);
        request.currency = currency;
        bytes32 jobId = _open(request);
        skip(TERM + 1);
        ledger.refund(jobId);
    }

    /// @dev Settles a report that pays nobody.
    function _settledForNothing(bytes32 jobId, UsageLine[] memory lines) private {
        _reported(jobId, lines);
        skip(WINDOW);
        vm.expectEmit(address(ledger));
        emit IUsageLedger.Settled(jobId, 0, 100);
        _settle(jobId, lines, _payees(4));
        assertEq(ledger.creditOf(PAYER, NATIVE), 100);
        assertEq(address(vault).balance, 0);
    }

    function _refusedOpen(JobRequest memory request, bytes memory reason) private {
        uint256 value = request.currency == NATIVE ? request.amount : 0;
        vm.prank(PAYER);
        vm.expectRevert(reason);
        ledger.openJob{value: value}(request);
    }

    function _refusedPayees(JobRequest memory request, uint256 index) private {
        _refusedOpen(request, abi.encodeWithSelector(IUsageLedger.PayeesInvalid.selector, index));
    }

    function _refusedSettle(bytes32 jobId, UsageLine[] memory lines, bytes memory reason) private {
        JobPayee[] memory payees = _payees(4);
        Version[] memory found = _versionsOf(lines, payees);
        bytes32 setId = _setId();
        vm.expectRevert(reason);
        ledger.settle(jobId, setId, lines, payees, found);
    }

    function _refusedVersions(
        bytes32 jobId,
        UsageLine[] memory lines,
        Version[] memory found,
        bytes32 expected,
        bytes32 given
    ) private {
        bytes32 setId = _setId();
        JobPayee[] memory payees = _payees(4);
        vm.expectRevert(abi.encodeWithSelector(IUsageLedger.VersionMismatch.selector, expected, given));
        ledger.settle(jobId, setId, lines, payees, found);
    }

    function _refusedRefund(bytes32 jobId, JobState state) private {
        vm.expectRevert(_stateInvalid(jobId, state));
        ledger.refund(jobId);
    }

    function _stateInvalid(bytes32 jobId, JobState state) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IUsageLedger.JobStateInvalid.selector, jobId, state);
    }
}
