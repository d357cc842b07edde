// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IDatasetRegistry} from "./interfaces/IDatasetRegistry.sol";
import {IRoyaltyVault} from "./interfaces/IRoyaltyVault.sol";
import {IUsageLedger} from "./interfaces/IUsageLedger.sol";
import {Eip712} from "./lib/Eip712.sol";
import {Module} from "./lib/Module.sol";
import {PoolId} from "./lib/PoolId.sol";
import {UsageReports} from "./lib/UsageReports.sol";
import {Job, JobPayee, JobRequest, JobState, ModuleConfig, UsageLine, UsageReport} from "./types/Modules.sol";
import {Version} from "./types/Types.sol";

/// @title Pay per training run: escrow, report, settlement
/// @notice What this contract holds of a currency is the sum of the escrows of jobs that are not over and of all credits:
/// an escrow comes in whole or not at all, and leaves once, because every way out changes the state first.
contract UsageLedger is IUsageLedger, Module, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @dev Slot 0 of a job, 256 bits: all that a report changes besides the commitment.
    struct Head {
        address payer;
        uint40 deadline;
        /// From when the report can be settled. While there is none (`Open`, `Struck`) the challenge window, so that a report
        /// needs no slot of settings.
        uint40 settleAt;
        uint8 round;
        JobState state;
    }

    /// @dev A job as stored; see `Job`.
    struct Stored {
        // Slot 0.
        Head head;
        // Slot 1: the signer set, and keccak256(abi.encode(signerSetId, linesHash)) from a report to `reopen`.
        bytes32 commitment;
        // Slot 2.
        bytes32 payeesHash;
        // Slot 3: 128 bits.
        uint128 amount;
        // Slot 4, written only with a token.
        address currency;
        // Slot 5, written only with a verifier.
        address verifier;
    }

    /// @dev A deposit to be made once all books are written.
    struct Payment {
        bytes32 poolId;
        uint256 cap;
        uint256 amount;
    }

    bytes32 private constant JOB_TAG = keccak256("dgov.job.v1");
    /// @dev Most time from opening a job to its deadline.
    uint256 private constant MAX_TERM = 3 * 365 days;
    /// @dev How long a report that can be settled waits for somebody to do it.
    uint40 private constant SETTLE_TERM = 30 days;
    uint256 private constant REGISTRY = 1;
    uint256 private constant VAULT = 2;

    // Slot: 32 + 8.
    uint32 private _challengeWindow;
    bool private _initialized;

    mapping(bytes32 jobId => Stored) private _jobs;
    mapping(address account => mapping(address currency => uint256)) private _credits;

    /// @inheritdoc IUsageLedger
    function initialize(ModuleConfig calldata config) external onlyClone {
        if (_initialized) revert AlreadyInitialized();
        _initialized = true;
        _challengeWindow = config.challengeWindow;
    }

    /// @inheritdoc IUsageLedger
    function openJob(JobRequest calldata request) external payable nonReentrant returns (bytes32 jobId) {
        // Checks.
        jobId = jobIdOf(msg.sender, request.nonce);
        Stored storage job = _jobs[jobId];
        if (job.head.state != JobState.None) revert JobExists(jobId);
        if (request.amount == 0) revert AmountZero();
        if (request.deadline <= block.timestamp || request.deadline > block.timestamp + MAX_TERM) {
            revert DeadlineInvalid(request.deadline);
        }
        if (request.signerSetId == 0 && request.verifier == address(0)) revert ReporterMissing();
        _checkPayees(request.payees);
        // Interaction before the effects: only the balance tells what arrived.
        _take(request.currency, request.amount);

        // Effects.
        job.head = Head(msg.sender, request.deadline, _challengeWindow, 0, JobState.Open);
        job.commitment = request.signerSetId;
        job.payeesHash = keccak256(abi.encode(request.payees));
        job.amount = request.amount;
        if (request.currency != address(0)) job.currency = request.currency;
        if (request.verifier != address(0)) job.verifier = request.verifier;
        emit JobOpened(
            jobId,
            msg.sender,
            request.signerSetId,
            request.currency,
            request.amount,
            request.deadline,
            request.verifier,
            request.payees
        );
    }

    /// @inheritdoc IUsageLedger
    /// @dev Two storage slots are read and written, and nothing of other jobs. The signers' contracts are only asked.
    function report(
        UsageReport calldata report_,
        uint256 threshold,
        address[] calldata signers,
        bytes calldata positions,
        bytes[] calldata signatures
    ) external {
        // Checks.
        Stored storage job = _jobs[report_.jobId];
        Head memory head = _reportable(report_.jobId, job);
        if (block.timestamp > report_.deadline) revert RequestExpired(report_.deadline);
        if (report_.signerSetId != job.commitment) revert SignerSetMismatch(job.commitment, report_.signerSetId);
        if (report_.nonce != head.round) revert NonceMismatch(head.round, report_.nonce);
        bytes32 commitment = _commitment(report_.signerSetId, UsageReports.checkLines(report_.lines));
        UsageReports.checkSignatures(report_, threshold, signers, positions, signatures);

        // Effects.
        job.commitment = commitment;
        _report(report_.jobId, job, head, report_.receiptDigest, report_.lines);
    }

    /// @inheritdoc IUsageLedger
    function reportByProof(bytes32 jobId, UsageLine[] calldata lines, bytes32 receiptDigest, bytes calldata proof)
        external
    {
        // Checks.
        Stored storage job = _jobs[jobId];
        Head memory head = _reportable(jobId, job);
        bytes32 linesHash = UsageReports.checkLines(lines);
        UsageReports.checkProof(job.verifier, jobId, head.round, linesHash, receiptDigest, proof);

        // Effects.
        job.commitment = _commitment(job.commitment, linesHash);
        _report(jobId, job, head, receiptDigest, lines);
    }

    /// @inheritdoc IUsageLedger
    /// @dev Not after 255 reports: their number has no room for more, and the escrow returns after the deadline.
    function reopen(bytes32 jobId, bytes32 signerSetId, bytes32 linesHash) external {
        // Checks.
        Stored storage job = _jobs[jobId];
        Head memory head = _inState(jobId, job, JobState.Struck);
        if (head.round == type(uint8).max) revert JobStateInvalid(jobId, uint8(head.state));
        _checkCommitment(job.commitment, _commitment(signerSetId, linesHash));

        // Effects.
        job.head.state = JobState.Open;
        job.commitment = signerSetId;
    }

    /// @inheritdoc IUsageLedger
    function settle(
        bytes32 jobId,
        bytes32 signerSetId,
        UsageLine[] calldata lines,
        JobPayee[] calldata payees,
        Version[] calldata versions
    ) external nonReentrant {
        // Checks.
        Stored storage job = _jobs[jobId];
        Head memory head = _inState(jobId, job, JobState.Reported);
        if (block.timestamp < head.settleAt) revert ChallengeOpen(jobId, head.settleAt);
        _checkCommitment(job.commitment, _commitment(signerSetId, keccak256(abi.encode(lines))));
        _checkCommitment(job.payeesHash, keccak256(abi.encode(payees)));
        uint256 amount = job.amount;
        Payment[] memory payments = _match(lines, payees, versions);
        uint256 paid = _apportion(payments, amount, lines);

        // Effects.
        job.head.state = JobState.Settled;
        address currency = job.currency;
        if (paid != amount) _credits[head.payer][currency] += amount - paid;
        emit Settled(jobId, paid, amount - paid);

        // Interactions.
        _deposit(jobId, currency, payments, paid);
    }

    /// @inheritdoc IUsageLedger
    function refund(bytes32 jobId) external nonReentrant {
        // Checks.
        Stored storage job = _jobs[jobId];
        Head memory head = job.head;
        uint40 from;
        if (_unreported(head.state)) from = head.deadline + 1;
        else if (head.state == JobState.Reported) from = head.settleAt + SETTLE_TERM;
        else revert JobStateInvalid(jobId, uint8(head.state));
        if (block.timestamp < from) revert RefundEarly(jobId, from);

        // Effects.
        if (_unreported(head.state)) job.head.settleAt = 0;
        job.head.state = JobState.Refunded;
        uint256 amount = job.amount;
        _credits[head.payer][job.currency] += amount;
        emit Refunded(jobId, head.payer, amount);
    }

    /// @inheritdoc IUsageLedger
    function withdrawCredit(address account, address currency) external nonReentrant returns (uint256 amount) {
        // Checks.
        amount = _credits[account][currency];
        if (amount == 0) revert NoCredit(account, currency);

        // Effects.
        _credits[account][currency] = 0;
        emit CreditWithdrawn(account, currency, amount);

        // Interactions.
        if (currency != address(0)) {
            IERC20(currency).safeTransfer(account, amount);
        } else if (!LowLevelCall.callNoReturn(account, amount, "")) {
            revert PaymentRefused(account, amount);
        }
    }

    /// @inheritdoc IUsageLedger
    function holdReport(bytes32 jobId) external restricted returns (uint128 amount) {
        // Checks.
        Stored storage job = _jobs[jobId];
        Head memory head = _inState(jobId, job, JobState.Reported);
        if (block.timestamp >= head.settleAt) revert ChallengeOver(jobId, head.settleAt);

        // Effects.
        job.head.state = JobState.Held;
        emit ReportHeld(jobId, head.round - 1);
        return job.amount;
    }

    /// @inheritdoc IUsageLedger
    function upholdReport(bytes32 jobId, uint32 extension) external restricted {
        // Checks.
        Stored storage job = _jobs[jobId];
        Head memory head = _inState(jobId, job, JobState.Held);

        // Effects.
        head.settleAt = _later(head.settleAt, extension);
        head.state = JobState.Reported;
        job.head = head;
        emit ReportUpheld(jobId, head.round - 1, head.settleAt);
    }

    /// @inheritdoc IUsageLedger
    function strikeReport(bytes32 jobId) external restricted {
        // Checks.
        Stored storage job = _jobs[jobId];
        Head memory head = _inState(jobId, job, JobState.Held);

        // Effects.
        uint32 window = _challengeWindow;
        head.deadline = _later(head.deadline, window);
        head.settleAt = window;
        head.state = JobState.Struck;
        job.head = head;
        emit ReportStruck(jobId, head.round - 1, head.deadline);
    }

    /// @inheritdoc IUsageLedger
    function jobOf(bytes32 jobId) external view returns (Job memory) {
        Stored memory job = _jobs[jobId];
        Head memory head = job.head;
        return Job({
            payer: head.payer,
            deadline: head.deadline,
            settleAt: _unreported(head.state) ? 0 : head.settleAt,
            round: head.round,
            state: head.state,
            commitment: job.commitment,
            payeesHash: job.payeesHash,
            amount: job.amount,
            currency: job.currency,
            verifier: job.verifier
        });
    }

    /// @inheritdoc IUsageLedger
    function creditOf(address account, address currency) external view returns (uint256) {
        return _credits[account][currency];
    }

    /// @inheritdoc IUsageLedger
    function jobIdOf(address payer, uint256 nonce) public view returns (bytes32) {
        return keccak256(abi.encode(JOB_TAG, block.chainid, address(this), payer, nonce));
    }

    /// @dev Writes a report into the job; the commitment is the caller's.
    function _report(
        bytes32 jobId,
        Stored storage job,
        Head memory head,
        bytes32 receiptDigest,
        UsageLine[] calldata lines
    ) private {
        uint8 round = head.round;
        // Until now the window.
        head.settleAt += uint40(block.timestamp);
        // `reopen` left room for one more.
        head.round = round + 1;
        head.state = JobState.Reported;
        job.head = head;
        emit Reported(jobId, receiptDigest, round, head.settleAt, lines);
    }

    /// @dev Takes the amount from the sender, all of it or nothing.
    function _take(address currency, uint256 amount) private {
        uint256 value = currency == address(0) ? amount : 0;
        if (msg.value != value) revert ValueMismatch(value, msg.value);
        if (currency == address(0)) return;
        if (!IRoyaltyVault(_wired(VAULT)).isAllowed(currency)) revert CurrencyNotAllowed(currency);
        uint256 expected = IERC20(currency).balanceOf(address(this)) + amount;
        IERC20(currency).safeTransferFrom(msg.sender, address(this), amount);
        uint256 actual = IERC20(currency).balanceOf(address(this));
        if (actual != expected) revert BalanceMismatch(currency, expected, actual);
    }

    function _deposit(bytes32 jobId, address currency, Payment[] memory payments, uint256 total) private {
        address vault = _wired(VAULT);
        if (currency != address(0)) IERC20(currency).forceApprove(vault, total);
        for (uint256 i; i < payments.length; ++i) {
            uint256 amount = payments[i].amount;
            if (amount == 0) continue;
            uint256 value = currency == address(0) ? amount : 0;
            IRoyaltyVault(vault).deposit{value: value}(payments[i].poolId, currency, amount, jobId);
        }
    }

    /// @dev The payees that have a line, `amount` being their weight. Lines and payees are both ascending: one pass over the
    /// two.
    function _match(UsageLine[] calldata lines, JobPayee[] calldata payees, Version[] calldata versions)
        private
        view
        returns (Payment[] memory payments)
    {
        payments = new Payment[](versions.length);
        uint256 count;
        uint256 j;
        for (uint256 i; i < payees.length; ++i) {
            bytes32 versionKey = payees[i].versionKey;
            while (j < lines.length && lines[j].versionKey < versionKey) ++j;
            if (j == lines.length) break;
            if (lines[j].versionKey != versionKey) continue;
            if (count == versions.length) revert VersionMismatch(versionKey, 0);
            payments[count] = Payment(_poolOf(versionKey, versions[count]), payees[i].cap, lines[j].weight);
            ++count;
        }
        if (count != versions.length) revert VersionMismatch(0, Eip712.hashVersion(versions[count]));
    }

    /// @dev Turns weights into amounts. Amounts are below 2^128, weights below 2^64, and the floors of all parts add up to the
    /// amount at most.
    function _apportion(Payment[] memory payments, uint256 amount, UsageLine[] calldata lines)
        private
        pure
        returns (uint256 total)
    {
        uint256 weights;
        for (uint256 i; i < lines.length; ++i) {
            weights += lines[i].weight;
        }
        for (uint256 i; i < payments.length; ++i) {
            Payment memory payment = payments[i];
            payment.amount = Math.min(payment.cap, amount * payment.amount / weights);
            total += payment.amount;
        }
    }

    function _poolOf(bytes32 versionKey, Version calldata version) private view returns (bytes32) {
        bytes32 given = Eip712.hashVersion(version);
        if (given != versionKey) revert VersionMismatch(versionKey, given);
        return PoolId.idOf(_wired(VAULT), version.datasetId, version.contributorRoot, version.splitsDigest);
    }

    function _checkPayees(JobPayee[] calldata payees) private view {
        uint256 count = payees.length;
        if (count == 0 || count > UsageReports.MAX_LINES) revert PayeesInvalid(count);
        IDatasetRegistry registry = IDatasetRegistry(_wired(REGISTRY));
        bytes32 previous;
        for (uint256 i; i < count; ++i) {
            bytes32 versionKey = payees[i].versionKey;
            // No version has the key zero.
            if (versionKey <= previous || registry.recordRootOf(versionKey) == 0) revert PayeesInvalid(i);
            previous = versionKey;
        }
    }

    /// @dev A job that waits for a report and can still get one.
    function _reportable(bytes32 jobId, Stored storage job) private view returns (Head memory head) {
        head = _inState(jobId, job, JobState.Open);
        if (block.timestamp > head.deadline) revert ReportLate(jobId, head.deadline);
    }

    function _inState(bytes32 jobId, Stored storage job, JobState state) private view returns (Head memory head) {
        head = job.head;
        if (head.state != state) revert JobStateInvalid(jobId, uint8(head.state));
    }

    /// @dev The later of this time and the end of a term that starts now.
    function _later(uint40 time, uint32 term) private view returns (uint40) {
        uint40 end = uint40(block.timestamp) + term;
        return end > time ? end : time;
    }

    function _checkCommitment(bytes32 expected, bytes32 given) private pure {
        if (given != expected) revert CommitmentMismatch(expected, given);
    }

    function _commitment(bytes32 signerSetId, bytes32 linesHash) private pure returns (bytes32) {
        return keccak256(abi.encode(signerSetId, linesHash));
    }

    /// @dev In these states `Head.settleAt` is the window.
    function _unreported(JobState state) private pure returns (bool) {
        return state == JobState.Open || state == JobState.Struck;
    }
}
