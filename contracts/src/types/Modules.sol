// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What the modules of a project are initialized with, for good. Times in seconds, amounts in the chain's coin.
struct ModuleConfig {
    /// What one attestation locks of its validator's stake.
    uint96 attestationLock;
    /// Least bond of a case.
    uint96 minBond;
    /// Bond of a case as a fraction of what the case can take, basis points; the larger of the two counts.
    uint16 bondBps;
    /// How long attestations and usage reports can be challenged.
    uint32 challengeWindow;
    /// How long a case waits for an answer; the time in which others may join.
    uint32 answerWindow;
    /// How long a ruling may take.
    uint32 rulingWindow;
    /// How long a first ruling of the DAO may be appealed.
    uint32 appealWindow;
    /// How long stake takes to leave: at least challenge + answer + 2 * ruling + appeal.
    uint32 unbonding;
    /// How long a reward round can be cancelled before claims start.
    uint32 cancelWindow;
    /// What the publisher of a reward round puts at risk.
    uint96 roundBond;
    /// An ERC-792 arbitrator; zero for the DAO.
    address arbitrator;
    /// Passed on to the arbitrator: for Kleros the court and the number of jurors.
    bytes arbitratorExtraData;
}

/// @notice What a lock secures.
enum LockKind {
    None,
    /// A validator's attestation on a version.
    Attestation,
    /// A publisher's stake on a dataset.
    Backing
}

/// @notice Where a lock is.
enum LockState {
    None,
    /// Can be challenged; released when its time is over.
    Live,
    /// A case on it is open.
    Held,
    /// A first ruling took it; the appeal is not over.
    Escrowed,
    /// Returned to its owner's free stake.
    Released,
    /// Lost for good.
    Lost
}

/// @notice A part of an account's stake that secures one thing.
struct Lock {
    // Slot 0: 160 + 96.
    address owner;
    uint96 amount;
    // Slot 1: 40 + 16 + 8 + 8 = 72 bits.
    /// Attestation: end of the challenge window. Backing: when it may be released; the largest value while it stands.
    uint40 until;
    /// Attestation: basis points of quality. Backing: 0.
    uint16 score;
    LockKind kind;
    LockState state;
    // Slot 2.
    /// Attestation: the version key. Backing: the dataset id.
    bytes32 subject;
}

/// @notice An account's stake. `active + unbonding >= locked` always.
struct StakeAccount {
    // Slot 0: 96 + 96 + 64.
    uint96 active;
    uint96 unbonding;
    /// Attestations that stood.
    uint32 upheld;
    /// Attestations that were lost.
    uint32 lost;
    // Slot 1: 96.
    uint96 locked;
}

/// @notice Stake on its way out.
struct Unbonding {
    uint96 amount;
    uint40 readyAt;
}

/// @notice What a case is about.
enum SubjectKind {
    None,
    /// A dataset version.
    Version,
    /// A validator's attestation.
    Attestation,
    /// A usage report.
    Report
}

/// @notice Where a case is.
enum CaseState {
    None,
    /// Waits for an answer until `deadline`; both sides may be joined.
    Open,
    /// Answered, or not, in time: waits for a ruling until `deadline`.
    Contested,
    /// Ruled once by the DAO; can be appealed until `deadline`.
    Ruled,
    /// Appealed: waits for the second ruling until `deadline`.
    Appealed,
    /// Over.
    Closed
}

/// @notice What a case is decided for. The numbers are ERC-792's choices.
enum Side {
    /// Undecided, or the arbitrator refused: the subject stands, everybody gets their bond back.
    Nobody,
    Challenger,
    Respondent
}

/// @notice A case.
struct Case {
    // Slot 0: 160 + 40 + 8 + 8 + 8 + 8 = 232 bits.
    address challenger;
    uint40 deadline;
    SubjectKind kind;
    CaseState state;
    Side ruling;
    /// Whether a lock is held for this case.
    bool holdsLock;
    // Slot 1: version key, lock id or job id.
    bytes32 subject;
    // Slot 2: for versions the dataset id.
    bytes32 datasetId;
    // Slot 3: 96 + 96 + 32 = 224 bits.
    /// Bonds of the challenging side.
    uint96 challengerPot;
    /// Bonds of the defending side; zero while nobody answered.
    uint96 respondentPot;
    uint32 number;
    // Slot 4: 96 + 96 + 8.
    /// What each side had to bring.
    uint96 bond;
    /// What the arbitrator was paid.
    uint96 fee;
    // Slot 5: who appealed, and with what.
    address appellant;
    uint96 appealBond;
    // Slot 6: what was taken from a lock, for good.
    uint96 slashed;
    /// The arbitrator's id of the dispute, if an outside arbitrator was asked.
    uint256 disputeId;
}

/// @notice A payee of a usage job: a version, and the most that it may get.
struct JobPayee {
    bytes32 versionKey;
    uint128 cap;
}

/// @notice What a payer opens a job with.
struct JobRequest {
    /// Chosen by the payer; a nonce opens one job.
    uint256 nonce;
    /// ERC-20 token, or zero for the chain's own coin.
    address currency;
    /// What is escrowed.
    uint128 amount;
    /// Until when a report is accepted, unix seconds.
    uint40 deadline;
    /// keccak256(abi.encode(uint256 m, address[] signers)); zero if reports come with a proof only.
    bytes32 signerSetId;
    /// Checks reports that come with a proof; zero for none.
    address verifier;
    /// Strictly ascending by version key.
    JobPayee[] payees;
}

/// @notice Where a job is.
enum JobState {
    None,
    /// Waits for a report.
    Open,
    /// Reported; can be challenged until `settleAt`.
    Reported,
    /// A case on the report is open.
    Held,
    /// The report was struck; another one may come until the deadline.
    Struck,
    /// Paid out.
    Settled,
    /// Returned to the payer.
    Refunded
}

/// @notice A job.
struct Job {
    // Slot 0: 160 + 40 + 40 + 8 + 8 = 256 bits.
    address payer;
    /// Until when a report is accepted.
    uint40 deadline;
    /// From when a report can be settled.
    uint40 settleAt;
    /// Reports so far: the nonce of the next one.
    uint8 round;
    JobState state;
    // Slot 1: the signer set while open; then keccak256(abi.encode(signerSetId, linesHash)).
    bytes32 commitment;
    // Slot 2: keccak256(abi.encode(JobPayee[])).
    bytes32 payeesHash;
    // Slot 3: 128.
    uint128 amount;
    // Slot 4, only with a token.
    address currency;
    // Slot 5, only with a verifier.
    address verifier;
}

/// @notice One line of a usage report: how many records of a version were used.
struct UsageLine {
    bytes32 versionKey;
    uint64 weight;
}

/// @notice EIP-712 report; `lines` strictly ascending by version key, each weight at least 1; empty means that nothing was
/// used. `nonce` is the job's number of reports so far.
struct UsageReport {
    bytes32 jobId;
    bytes32 signerSetId;
    UsageLine[] lines;
    bytes32 receiptDigest;
    uint256 nonce;
    uint256 deadline;
}

/// @notice EIP-712 attestation.
struct Attestation {
    address validator;
    bytes32 versionKey;
    /// Basis points.
    uint16 score;
    /// sha256 of the stored evidence.
    bytes32 evidence;
    uint256 nonce;
    uint256 deadline;
}

/// @notice A numbered round of rewards over a sum tree of kind 3.
struct Round {
    // Slot 0.
    bytes32 root;
    // Slot 1: 160 + 40 + 8 = 208 bits.
    address publisher;
    /// From when the round can be claimed and no longer cancelled.
    uint40 claimableAt;
    RoundState state;
    // Slot 2: 160 + 64 = 224 bits.
    address currency;
    /// Sum of all weights, in units.
    uint64 units;
    // Slot 3: 128 + 40 + 88.
    /// Smallest units of the currency in one unit of weight.
    uint128 unit;
    /// From when the publisher may take back what nobody claimed; 0 for never.
    uint40 expiresAt;
    // Slot 4: 96 + 64.
    /// The publisher's bond, until it was returned.
    uint96 bond;
    /// Units claimed.
    uint64 claimed;
}

/// @notice Where a round is.
enum RoundState {
    None,
    Published,
    Cancelled,
    /// What nobody claimed was taken back.
    Swept
}

/// @notice A claim on one round.
struct RoundClaim {
    uint256 roundId;
    uint64 units;
    uint256 bitmap;
    bytes siblings;
}
