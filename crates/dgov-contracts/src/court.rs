//! Bindings of the dispute court, and of an outside arbitrator.

// Members carry their documentation in the Solidity interfaces; repeating it here would let the two drift apart. How many
// arguments an event has is decided there, too.
#![allow(missing_docs, clippy::too_many_arguments)]

use alloy::sol;

sol! {
    /// What a case is about.
    #[derive(Debug, PartialEq, Eq)]
    enum SubjectKind {
        None,
        Version,
        Attestation,
        Report
    }

    /// Where a case is.
    #[derive(Debug, PartialEq, Eq)]
    enum CaseState {
        None,
        Open,
        Contested,
        Ruled,
        Appealed,
        Closed
    }

    /// What a case is decided for; the numbers are ERC-792's choices.
    #[derive(Debug, PartialEq, Eq)]
    enum Side {
        Nobody,
        Challenger,
        Respondent
    }

    /// A case; times in unix seconds, amounts in the chain's smallest unit.
    #[derive(Debug, PartialEq, Eq)]
    struct Case {
        address challenger;
        uint40 deadline;
        SubjectKind kind;
        CaseState state;
        Side ruling;
        bool holdsLock;
        bytes32 subject;
        bytes32 datasetId;
        uint96 challengerPot;
        uint96 respondentPot;
        uint32 number;
        uint96 bond;
        uint96 fee;
        address appellant;
        uint96 appealBond;
        uint96 slashed;
        uint256 disputeId;
    }

    /// Cases with bonds on both sides and a default at every deadline.
    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    interface IDisputeCourt {
        event CaseOpened(
            uint256 indexed caseId,
            bytes32 indexed subject,
            address indexed challenger,
            uint8 kind,
            bytes32 datasetId,
            uint32 number,
            bytes32 evidence,
            uint256 bond,
            uint40 deadline
        );
        event Joined(uint256 indexed caseId, address indexed account, Side indexed side, uint256 amount);
        event Submitted(uint256 indexed caseId, uint256 disputeId, uint256 fee, uint40 deadline);
        event EvidenceAdded(uint256 indexed caseId, address indexed party, bytes32 indexed digest, string uri);
        event Ruled(uint256 indexed caseId, Side indexed ruling, uint40 deadline);
        event Appealed(uint256 indexed caseId, address indexed appellant, uint256 amount, uint40 deadline);
        event CaseClosed(uint256 indexed caseId, Side indexed ruling, uint256 slashed, uint256 toTreasury);
        event Withdrawn(uint256 indexed caseId, address indexed account, uint256 amount);

        function openVersion(bytes32 datasetId, uint32 number, bytes32 evidence, string calldata uri)
            external
            payable
            returns (uint256 caseId);
        function openAttestation(bytes32 lockId, bytes32 evidence, string calldata uri)
            external
            payable
            returns (uint256 caseId);
        function openReport(bytes32 jobId, bytes32 evidence, string calldata uri)
            external
            payable
            returns (uint256 caseId);
        function join(uint256 caseId, Side side) external payable;
        function submitEvidence(uint256 caseId, bytes32 digest, string calldata uri) external;
        function submit(uint256 caseId) external payable;
        function decide(uint256 caseId, Side ruling) external;
        function appeal(uint256 caseId) external payable;
        function close(uint256 caseId) external;
        function withdraw(uint256 caseId, address account) external returns (uint256 amount);
        function withdrawTreasury() external returns (uint256 amount);
        function caseOf(uint256 caseId) external view returns (Case memory);
        function caseCount() external view returns (uint256);
        function openCaseOf(bytes32 subject) external view returns (uint256 caseId);
        function bondOf(uint256 caseId, Side side, address account) external view returns (uint256);
        function owedBy(uint256 caseId, address account) external view returns (uint256);
        function bondFor(bytes32 subject, uint256 atStake) external view returns (uint256);
        function arbitrator() external view returns (address arbitrator_, bytes memory extraData);
        function settings()
            external
            view
            returns (uint96 minBond, uint16 bondBps, uint32 answerWindow, uint32 rulingWindow, uint32 appealWindow);
    }

    /// An outside arbitrator, ERC-792.
    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    interface IArbitrator {
        function arbitrationCost(bytes calldata extraData) external view returns (uint256 cost);
        function appealCost(uint256 disputeId, bytes calldata extraData) external view returns (uint256 cost);
    }
}
