//! Bindings of the usage ledger (`contracts/src/interfaces/IUsageLedger.sol`): jobs that pay per training run.

// Members carry their documentation in the Solidity interface; repeating it here would let the two drift apart.
#![allow(missing_docs)]
// Events with many fields.
#![allow(clippy::too_many_arguments)]

use alloy::sol;

use crate::suite;

sol! {
    /// A payee of a job: a version, and the most that it may get.
    #[derive(Debug, PartialEq, Eq)]
    struct JobPayee {
        bytes32 versionKey;
        uint128 cap;
    }

    /// What a payer opens a job with.
    #[derive(Debug, PartialEq, Eq)]
    struct JobRequest {
        uint256 nonce;
        address currency;
        uint128 amount;
        uint40 deadline;
        bytes32 signerSetId;
        address verifier;
        JobPayee[] payees;
    }

    /// Where a job is.
    #[derive(Debug, PartialEq, Eq)]
    enum JobState {
        None,
        Open,
        Reported,
        Held,
        Struck,
        Settled,
        Refunded
    }

    /// A job.
    #[derive(Debug, PartialEq, Eq)]
    struct Job {
        address payer;
        uint40 deadline;
        uint40 settleAt;
        uint8 round;
        JobState state;
        bytes32 commitment;
        bytes32 payeesHash;
        uint128 amount;
        address currency;
        address verifier;
    }

    /// Use of one version in a training run; a member of an EIP-712 struct.
    #[derive(Debug, PartialEq, Eq)]
    struct UsageLine {
        bytes32 versionKey;
        uint64 weight;
    }

    /// A usage report (EIP-712): lines strictly ascending by version key, `nonce` the job's number of reports so far.
    #[derive(Debug, PartialEq, Eq)]
    struct UsageReport {
        bytes32 jobId;
        bytes32 signerSetId;
        UsageLine[] lines;
        bytes32 receiptDigest;
        uint256 nonce;
        uint256 deadline;
    }

    /// [`suite::Version`], which a macro of its own can't name.
    #[derive(Debug, PartialEq, Eq)]
    struct PayeeVersion {
        bytes32 datasetId;
        uint32 number;
        bytes32 packageDigest;
        bytes32 recordRoot;
        uint64 records;
        bytes32 contributorRoot;
        bytes32 splitsDigest;
        bytes32 cardDigest;
        bytes32 licenseDigest;
        bytes32 parentsHash;
    }

    /// Pay per training run: escrow, a report by m of n signers or by proof, settlement by used records.
    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    interface IUsageLedger {
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
        event Reported(
            bytes32 indexed jobId, bytes32 indexed receiptDigest, uint8 round, uint40 settleAt, UsageLine[] lines
        );
        event ReportHeld(bytes32 indexed jobId, uint8 round);
        event ReportUpheld(bytes32 indexed jobId, uint8 round, uint40 settleAt);
        event ReportStruck(bytes32 indexed jobId, uint8 round, uint40 deadline);
        event Settled(bytes32 indexed jobId, uint256 paid, uint256 returned);
        event Refunded(bytes32 indexed jobId, address indexed payer, uint256 amount);
        event CreditWithdrawn(address indexed account, address indexed currency, uint256 amount);

        function openJob(JobRequest calldata request) external payable returns (bytes32 jobId);
        function report(
            UsageReport calldata report_,
            uint256 threshold,
            address[] calldata signers,
            bytes calldata positions,
            bytes[] calldata signatures
        ) external;
        function reportByProof(bytes32 jobId, UsageLine[] calldata lines, bytes32 receiptDigest, bytes calldata proof)
            external;
        function reopen(bytes32 jobId, bytes32 signerSetId, bytes32 linesHash) external;
        function settle(
            bytes32 jobId,
            bytes32 signerSetId,
            UsageLine[] calldata lines,
            JobPayee[] calldata payees,
            PayeeVersion[] calldata versions
        ) external;
        function refund(bytes32 jobId) external;
        function withdrawCredit(address account, address currency) external returns (uint256 amount);
        function jobIdOf(address payer, uint256 nonce) external view returns (bytes32);
        function jobOf(bytes32 jobId) external view returns (Job memory);
        function creditOf(address account, address currency) external view returns (uint256);
        function wiring(uint256 index) external view returns (address);
    }
}

impl From<&suite::Version> for PayeeVersion {
    fn from(version: &suite::Version) -> Self {
        Self {
            datasetId: version.datasetId,
            number: version.number,
            packageDigest: version.packageDigest,
            recordRoot: version.recordRoot,
            records: version.records,
            contributorRoot: version.contributorRoot,
            splitsDigest: version.splitsDigest,
            cardDigest: version.cardDigest,
            licenseDigest: version.licenseDigest,
            parentsHash: version.parentsHash,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use alloy::sol_types::SolInterface;

    use super::IUsageLedger::{IUsageLedgerCalls, IUsageLedgerEvents};
    use crate::artifacts::Contract;

    /// The bindings are written by hand: each function and event is the compiled contract's.
    #[test]
    fn the_bindings_are_the_contracts() {
        let abi = &Contract::UsageLedger.artifact().unwrap().abi;
        for selector in IUsageLedgerCalls::selectors() {
            assert!(abi.functions().any(|function| function.selector() == selector), "{selector:02x?}");
        }
        for hash in IUsageLedgerEvents::SELECTORS {
            assert!(abi.events().any(|event| event.selector() == *hash), "{hash:02x?}");
        }
    }
}
