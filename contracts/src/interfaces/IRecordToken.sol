// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Single records as ERC-721 tokens, minted on demand by a proof that the record is in a registered version.
/// @notice Wiring: (registry).
interface IRecordToken {
    /// @notice A record became a token.
    event RecordMinted(
        uint256 indexed tokenId, bytes32 indexed versionKey, bytes32 indexed recordKey, bytes32 datasetId, uint64 weight
    );

    /// @notice Only the owner of the dataset mints its records.
    error NotDatasetOwner(bytes32 datasetId, address caller, address owner);
    /// @notice The dataset has no version with this number.
    error NumberUnknown(bytes32 datasetId, uint32 number);
    /// @notice The record of this version is a token already.
    error RecordExists(uint256 tokenId);

    /// @notice Mints a record of a version to an account; reverts unless the proof holds.
    /// @param weight The record's multiplicity in the version.
    function mint(
        address to,
        bytes32 datasetId,
        uint32 number,
        bytes32 recordKey,
        uint64 weight,
        uint256 bitmap,
        bytes calldata siblings
    ) external returns (uint256 tokenId);

    /// @notice keccak256(abi.encode(keccak256("dgov.record.v1"), versionKey, recordKey)).
    function tokenIdOf(bytes32 versionKey, bytes32 recordKey) external pure returns (uint256);

    /// @notice What a token stands for; reverts if it was never minted.
    function recordOf(uint256 tokenId) external view returns (bytes32 versionKey, bytes32 recordKey);
}
