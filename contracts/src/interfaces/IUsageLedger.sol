// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Job, JobPayee, JobRequest, ModuleConfig, UsageLine, UsageReport} from "../types/Modules.sol";
import {Version} from "../types/Types.sol";

/// @title Pay per training run: escrow, a report by m of n signers or by proof, settlement by used records.
/// @notice Wiring: (manager, registry, vault).
/// @notice The payer chooses signers, payees and their caps when the job is opened; nothing of it changes later. A report
/// waits for the challenge window. Then each payee's pool gets min(cap, floor(amount * weight / all weights)) and the payer
/// the rest. No proof shows that training happened: signers say so, and can be challenged.
/// @notice Costs do not depend on other jobs: nothing is ever scanned.
interface IUsageLedger {
    /// @notice A job was opened.
    event JobOpened(
        bytes32 indexed jobId,
        address indexed payer,
        bytes32 indexed signerSetId,
        address currency,
        uint128 amount,
        uint40 deadline,
        address verifier,
        JobPayee[] payees
    );
    /// @notice A job was reported.
    event Reported(
        bytes32 indexed jobId, bytes32 indexed receiptDigest, uint8 round, uint40 settleAt, UsageLine[] lines
    );
    /// @notice A case on the report is open.
    event ReportHeld(bytes32 indexed jobId, uint8 round);
    /// @notice The report stands.
    event ReportUpheld(bytes32 indexed jobId, uint8 round, uint40 settleAt);
    /// @notice The report was struck; another one may come until `deadline`.
    event ReportStruck(bytes32 indexed jobId, uint8 round, uint40 deadline);
    /// @notice A job was paid out.
    event Settled(bytes32 indexed jobId, uint256 paid, uint256 returned);
    /// @notice A job's escrow went back to its payer.
    event Refunded(bytes32 indexed jobId, address indexed payer, uint256 amount);
    /// @notice An account pulled what was returned to it.
    event CreditWithdrawn(address indexed account, address indexed currency, uint256 amount);

    /// @notice The payer used this nonce before.
    error JobExists(bytes32 jobId);
    /// @notice There is no such job, or it is in another state.
    error JobStateInvalid(bytes32 jobId, uint8 state);
    /// @notice A job over nothing.
    error AmountZero();
    /// @notice The native coin sent is not the amount, or came with a token.
    error ValueMismatch(uint256 expected, uint256 sent);
    /// @notice The balance did not grow by the amount: the token takes a fee.
    error BalanceMismatch(address currency, uint256 expected, uint256 actual);
    /// @notice The vault does not take this token.
    error CurrencyNotAllowed(address currency);
    /// @notice The deadline is over, or too far away.
    error DeadlineInvalid(uint40 deadline);
    /// @notice Neither signers nor a verifier.
    error ReporterMissing();
    /// @notice Payees are at least one, at most 64, strictly ascending, of registered versions.
    error PayeesInvalid(uint256 index);
    /// @notice The time to report is over.
    error ReportLate(bytes32 jobId, uint40 deadline);
    /// @notice The report names another signer set than the job.
    error SignerSetMismatch(bytes32 expected, bytes32 given);
    /// @notice The report's nonce is not the job's number of reports.
    error NonceMismatch(uint256 expected, uint256 given);
    /// @notice Lines are strictly ascending, with a weight of at least 1, at most 64.
    error LinesInvalid(uint256 index);
    /// @notice Fewer signatures than the set asks for.
    error SignersInsufficient(uint256 needed, uint256 given);
    /// @notice Signers are strictly ascending positions in the set.
    error SignerPositionInvalid(uint256 position);
    /// @notice The signature is not the signer's.
    error SignatureInvalid(address signer);
    /// @notice The report was to be used before.
    error RequestExpired(uint256 deadline);
    /// @notice The verifier did not confirm the proof.
    error ProofRefused(address verifier);
    /// @notice What was given is not what the job committed to.
    error CommitmentMismatch(bytes32 expected, bytes32 given);
    /// @notice The report can still be challenged.
    error ChallengeOpen(bytes32 jobId, uint40 settleAt);
    /// @notice The time to challenge the report is over.
    error ChallengeOver(bytes32 jobId, uint40 settleAt);
    /// @notice The job can't be refunded yet.
    error RefundEarly(bytes32 jobId, uint40 from);
    /// @notice A version is missing, or is not a payee's.
    error VersionMismatch(bytes32 expected, bytes32 given);
    /// @notice The account has no credit in this currency.
    error NoCredit(address account, address currency);
    /// @notice The account refused the coin.
    error PaymentRefused(address account, uint256 amount);

    /// @notice Sets a clone up; only in the transaction that made it.
    function initialize(ModuleConfig calldata config) external;

    /// @notice Escrows the amount and fixes who reports and who may be paid.
    function openJob(JobRequest calldata request) external payable returns (bytes32 jobId);

    /// @notice Reports a job with m signatures of its signer set.
    /// @param threshold m, and `signers`, strictly ascending: what `signerSetId` is the hash of.
    /// @param positions Which signers signed: strictly ascending positions, one byte each; `signatures` in the same order.
    function report(
        UsageReport calldata report_,
        uint256 threshold,
        address[] calldata signers,
        bytes calldata positions,
        bytes[] calldata signatures
    ) external;

    /// @notice Reports a job with a proof that its verifier checks.
    function reportByProof(bytes32 jobId, UsageLine[] calldata lines, bytes32 receiptDigest, bytes calldata proof)
        external;

    /// @notice Makes a struck report's job open again: restores the signer set from what the report's commitment hides.
    function reopen(bytes32 jobId, bytes32 signerSetId, bytes32 linesHash) external;

    /// @notice Pays out a report that nobody challenged, or that stood; anyone may call.
    /// @param lines The reported lines.
    /// @param payees The job's payees.
    /// @param versions The versions of those payees that have a line, in their order: they say which pool is whose.
    function settle(
        bytes32 jobId,
        bytes32 signerSetId,
        UsageLine[] calldata lines,
        JobPayee[] calldata payees,
        Version[] calldata versions
    ) external;

    /// @notice Returns the escrow of a job that was not reported in time, whose report was struck and not replaced in time,
    /// or that nobody settled for 30 days; anyone may call, the payer is credited.
    function refund(bytes32 jobId) external;

    /// @notice Pays an account its credit; anyone may call, the money goes to the account.
    function withdrawCredit(address account, address currency) external returns (uint256 amount);

    /// @notice A case on the job's report was opened. For the court.
    /// @return amount What is escrowed.
    function holdReport(bytes32 jobId) external returns (uint128 amount);

    /// @notice The case is over and the report stands; it can be challenged for `extension` more seconds at least. For the
    /// court.
    function upholdReport(bytes32 jobId, uint32 extension) external;

    /// @notice The case is over and the report is struck. For the court.
    function strikeReport(bytes32 jobId) external;

    /// @notice keccak256(abi.encode(keccak256("dgov.job.v1"), chainId, ledger, payer, nonce)).
    function jobIdOf(address payer, uint256 nonce) external view returns (bytes32);

    /// @notice A job; all zero if there is none.
    function jobOf(bytes32 jobId) external view returns (Job memory);

    /// @notice What is returned to an account and not yet pulled.
    function creditOf(address account, address currency) external view returns (uint256);
}
