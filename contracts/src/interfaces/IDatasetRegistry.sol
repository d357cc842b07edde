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

    /// @notice The version names another dataset than the one that sender and salt give.
    error DatasetIdMismatch(bytes32 expected, bytes32 actual);
    /// @notice The sender has registered a dataset under this salt before.
    error DatasetExists(bytes32 datasetId);
    /// @notice 1 and only 1 is registered; only 2 and above is appended.
    error NumberInvalid(uint32 number);
    /// @notice The number is in use: somebody appended first.
    error NumberTaken(bytes32 datasetId, uint32 number, bytes32 versionKey);
    /// @notice The version before this number is another one, or there is none (`actual` zero).
    error PreviousMismatch(bytes32 expected, bytes32 actual);
    /// @notice A field that commits to something is zero.
    error FieldEmpty(string field);
    /// @notice The sender does not own the dataset's token.
    error NotOwner(bytes32 datasetId, address caller, address owner);
    /// @notice No version has this key.
    error VersionUnknown(bytes32 versionKey);
    /// @notice The dataset has no version with this number.
    error NumberUnknown(bytes32 datasetId, uint32 number);
    /// @notice A version can't replace itself.
    error SuccessorIsSelf(bytes32 versionKey);
    /// @notice Only active versions are for sale.
    error NotActive(bytes32 versionKey, Status status);
    /// @notice The DAO approves cards here and has not approved this one.
    error CardNotApproved(bytes32 versionKey);

    /// @notice Registers a dataset with its first version and mints its token to the sender.
    /// @param salt keccak256 of the slug.
    /// @return versionKey The key of version 1.
    function register(bytes32 salt, Version calldata version, bytes32 metaDigest) external returns (bytes32 versionKey);

    /// @notice Appends a version; only the owner of the dataset's token.
    /// @param previous Key of the latest version; guards against appending to a state the sender has not seen.
    function addVersion(bytes32 previous, Version calldata version, bytes32 metaDigest)
        external
        returns (bytes32 versionKey);

    /// @notice Sets a version's status. The owner moves it between Active, Deprecated and Recalled; into Disputed and out
    /// of it only the DAO, which can't change it otherwise.
    /// @param successor A registered version that replaces it, or zero.
    function setStatus(bytes32 datasetId, uint32 number, Status status, bytes32 successor, bytes32 evidence) external;

    /// @notice Sets a version's status by a ruling: any, from any. Restricted to the court.
    /// @param evidence sha256 of a stored document that says why.
    function ruleStatus(bytes32 datasetId, uint32 number, Status status, bytes32 evidence) external;

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

    /// @notice Status and card approval of a version; reverts if there is none.
    function statusOf(bytes32 versionKey) external view returns (Status status, bool cardApproved);

    /// @notice The key of a version that may be sold now: it is active and, where the DAO approves cards, its card is
    /// approved. Reverts with the reason otherwise.
    function requireSaleable(bytes32 datasetId, uint32 number) external view returns (bytes32 versionKey);

    /// @notice Whether versions need the DAO's approval of their card to be for sale.
    function daoApprovesCards() external view returns (bool);

    /// @notice The dataset id that this publisher and salt have here.
    function datasetIdOf(address publisher, bytes32 salt) external view returns (bytes32);

    /// @notice The factory that made this registry and the salt of the project there.
    function origin() external view returns (address factory, bytes32 salt);
}
