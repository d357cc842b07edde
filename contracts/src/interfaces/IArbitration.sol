// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title ERC-792: who rules on disputes for a fee.
interface IArbitrator {
    /// @notice Where a dispute is.
    enum DisputeStatus {
        Waiting,
        Appealable,
        Solved
    }

    /// @notice Creates a dispute of the caller; pays `arbitrationCost`.
    function createDispute(uint256 choices, bytes calldata extraData) external payable returns (uint256 disputeId);

    /// @notice What a dispute costs.
    function arbitrationCost(bytes calldata extraData) external view returns (uint256 cost);

    /// @notice Appeals a ruling; pays `appealCost`.
    function appeal(uint256 disputeId, bytes calldata extraData) external payable;

    /// @notice What an appeal costs.
    function appealCost(uint256 disputeId, bytes calldata extraData) external view returns (uint256 cost);

    /// @notice When a ruling can be appealed.
    function appealPeriod(uint256 disputeId) external view returns (uint256 start, uint256 end);

    /// @notice Where the dispute is.
    function disputeStatus(uint256 disputeId) external view returns (DisputeStatus status);

    /// @notice The ruling so far.
    function currentRuling(uint256 disputeId) external view returns (uint256 ruling);
}

/// @title ERC-792: what an arbitrator rules on.
interface IArbitrable {
    /// @notice A ruling was given.
    event Ruling(address indexed _arbitrator, uint256 indexed _disputeID, uint256 _ruling);

    /// @notice Called by the arbitrator only.
    function rule(uint256 disputeId, uint256 ruling) external;
}

/// @title ERC-1497: evidence of a dispute, as Kleros' and other interfaces read it.
interface IEvidence {
    /// @notice What disputes of this kind are about; `_evidence` is the URI of a JSON document.
    event MetaEvidence(uint256 indexed _metaEvidenceID, string _evidence);

    /// @notice A piece of evidence.
    event Evidence(
        address indexed _arbitrator, uint256 indexed _evidenceGroupID, address indexed _party, string _evidence
    );

    /// @notice A dispute was created at the arbitrator.
    event Dispute(
        address indexed _arbitrator, uint256 indexed _disputeID, uint256 _metaEvidenceID, uint256 _evidenceGroupID
    );
}
