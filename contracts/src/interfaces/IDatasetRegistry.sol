// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Status, Version} from "../types/Types.sol";

/// @title Provenance of datasets: one ERC-721 token per dataset, versions append.
/// @notice Stores the version key and the record root; everything else is in the events.
interface IDatasetRegistry {
    /// @notice A version exists from now on. The dataset was created in the same transaction if `version.number` is 1.
    /// @param salt keccak256 of the slug for number 1, zero for later versions.
    /// @param metaDigest sha2-256 digest inside the CIDv1 root of the documents.
    event VersionAdded(
        bytes32 indexed datasetId,
        bytes32 indexed versionKey,
        bytes32 indexed packageDigest,
        address publisher,
        bytes32 salt,
        bytes32 metaDigest,
        Version version
    );

    /// @notice A version's status changed.
    /// @param successor Version key that replaces it, or zero.
    /// @param evidence sha256 of a stored document that says why, or zero.
    event StatusChanged(
        bytes32 indexed datasetId, bytes32 indexed versionKey, Status status, bytes32 successor, bytes32 evidence
    );

    /// @notice The DAO approved (or no longer approves) the card of this version.
    event CardApproval(bytes32 indexed versionKey, bool approved);

    /// @notice Registers a dataset with its first version and mints its token to the sender.
    /// @param salt keccak256 of the slug.
    /// @return versionKey The key of version 1.
    function register(bytes32 salt, Version calldata version, bytes32 metaDigest) external returns (bytes32 versionKey);

    /// @notice Appends a version; only the owner of the dataset's token.
    /// @param previous Key of the latest version; guards against appending to a state the sender has not seen.
    function addVersion(bytes32 previous, Version calldata version, bytes32 metaDigest)
        external
        returns (bytes32 versionKey);

    /// @notice Sets a version's status; the owner may set Active, Deprecated and Recalled, never leave Disputed.
    function setStatus(bytes32 datasetId, uint32 number, Status status, bytes32 successor, bytes32 evidence) external;

    /// @notice Approves the card of a version, or takes the approval back. Restricted to the DAO.
    function approveCard(bytes32 versionKey, bool approved) external;

    /// @notice Reverts unless the record is in the version; see `spec.md` for the proof.
    /// @param weight The record's multiplicity.
    /// @return total Number of records of the version.
    function contains(bytes32 versionKey, bytes32 key, uint64 weight, uint256 bitmap, bytes calldata siblings)
        external
        view
        returns (uint64 total);

    /// @notice Reverts unless the record is not in the version.
    /// @param terminalKey Key of the leaf that stands in its place; zero with `terminalWeight` zero for EMPTY.
    function excludes(
        bytes32 versionKey,
        bytes32 key,
        bytes32 terminalKey,
        uint64 terminalWeight,
        uint256 bitmap,
        bytes calldata siblings
    ) external view returns (uint64 total);

    /// @notice The key of a version, zero if there is none.
    function keyAt(bytes32 datasetId, uint32 number) external view returns (bytes32);

    /// @notice The record root of a version, zero if there is none.
    function recordRootOf(bytes32 versionKey) external view returns (bytes32);

    /// @notice Status and card approval of a version.
    function statusOf(bytes32 versionKey) external view returns (Status status, bool cardApproved);

    /// @notice The key of a version that may be sold now; reverts with the reason otherwise.
    function requireSaleable(bytes32 datasetId, uint32 number) external view returns (bytes32 versionKey);

    /// @notice Whether versions need the DAO's approval of their card to be for sale.
    function daoApprovesCards() external view returns (bool);

    /// @notice The dataset id that this publisher and salt have here.
    function datasetIdOf(address publisher, bytes32 salt) external view returns (bytes32);

    /// @notice The factory that made this registry and the salt of the project there.
    function origin() external view returns (address factory, bytes32 salt);
}
