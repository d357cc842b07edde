// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {IDatasetRegistry} from "./interfaces/IDatasetRegistry.sol";
import {Eip712} from "./lib/Eip712.sol";
import {Managed} from "./lib/Managed.sol";
import {SumTree} from "./lib/SumTree.sol";
import {Status, Version} from "./types/Types.sol";

/// @title Provenance of datasets: one ERC-721 token per dataset, versions append.
/// @dev Ids bind chain, registry and publisher: nobody can take a name or a content that another is about to register.
contract DatasetRegistry is IDatasetRegistry, ERC721, Managed {
    using Strings for uint256;

    /// @dev Slot: status 8 bits, cardApproved 8 bits. All zero, the state after registration, is never written.
    struct Flags {
        Status status;
        bool cardApproved;
    }

    bytes32 private constant DATASET_TAG = keccak256("dgov.dataset.v1");

    address private immutable FACTORY;
    bytes32 private immutable SALT;
    bool private immutable DAO_APPROVES_CARDS;

    /// @inheritdoc IDatasetRegistry
    /// @dev Numbers have no gaps, so the entry below a free number is the latest version: no head is stored.
    mapping(bytes32 datasetId => mapping(uint32 number => bytes32 versionKey)) public keyAt;

    /// @inheritdoc IDatasetRegistry
    mapping(bytes32 versionKey => bytes32 recordRoot) public recordRootOf;

    mapping(bytes32 versionKey => Flags) private _flags;

    /// @dev `name` and `symbol` are constants: storing them would cost each project two slots.
    /// @param manager AccessManager of the project.
    /// @param factory Who creates this registry.
    /// @param salt The project's salt there.
    /// @param daoApprovesCards_ See `daoApprovesCards`.
    constructor(address manager, address factory, bytes32 salt, bool daoApprovesCards_)
        ERC721("", "")
        Managed(manager)
    {
        FACTORY = factory;
        SALT = salt;
        DAO_APPROVES_CARDS = daoApprovesCards_;
    }

    /// @inheritdoc IDatasetRegistry
    function register(bytes32 salt, Version calldata version, bytes32 metaDigest)
        external
        returns (bytes32 versionKey)
    {
        // Checks.
        if (salt == 0) revert FieldEmpty("salt");
        bytes32 datasetId = datasetIdOf(msg.sender, salt);
        if (version.datasetId != datasetId) revert DatasetIdMismatch(datasetId, version.datasetId);
        if (version.number != 1) revert NumberInvalid(version.number);
        if (keyAt[datasetId][1] != 0) revert DatasetExists(datasetId);
        _checkCommitments(version, metaDigest);

        // Effects. `_mint` does not call the receiver.
        versionKey = _append(version);
        _mint(msg.sender, uint256(datasetId));
        emit VersionAdded(datasetId, versionKey, version.packageDigest, msg.sender, salt, metaDigest, version);
    }

    /// @inheritdoc IDatasetRegistry
    function addVersion(bytes32 previous, Version calldata version, bytes32 metaDigest)
        external
        returns (bytes32 versionKey)
    {
        // Checks.
        bytes32 datasetId = version.datasetId;
        uint32 number = version.number;
        _checkOwner(datasetId);
        if (number < 2) revert NumberInvalid(number);
        bytes32 actual = keyAt[datasetId][number - 1];
        if (actual == 0 || actual != previous) revert PreviousMismatch(previous, actual);
        bytes32 taken = keyAt[datasetId][number];
        if (taken != 0) revert NumberTaken(datasetId, number, taken);
        _checkCommitments(version, metaDigest);

        // Effects.
        versionKey = _append(version);
        emit VersionAdded(datasetId, versionKey, version.packageDigest, msg.sender, 0, metaDigest, version);
    }

    /// @inheritdoc IDatasetRegistry
    function setStatus(bytes32 datasetId, uint32 number, Status status, bytes32 successor, bytes32 evidence) external {
        // Checks.
        bytes32 versionKey = _keyOf(datasetId, number);
        if (status == Status.Disputed || _flags[versionKey].status == Status.Disputed) _checkDao();
        else _checkOwner(datasetId);
        if (successor == versionKey) revert SuccessorIsSelf(versionKey);
        if (successor != 0) _recordRoot(successor);

        // Effects.
        _flags[versionKey].status = status;
        emit StatusChanged(datasetId, versionKey, status, successor, evidence);
    }

    /// @inheritdoc IDatasetRegistry
    function ruleStatus(bytes32 datasetId, uint32 number, Status status, bytes32 evidence) external restricted {
        // Checks.
        bytes32 versionKey = _keyOf(datasetId, number);

        // Effects.
        _flags[versionKey].status = status;
        emit StatusChanged(datasetId, versionKey, status, 0, evidence);
    }

    /// @inheritdoc IDatasetRegistry
    function approveCard(bytes32 versionKey, bool approved) external restricted {
        // Checks.
        _recordRoot(versionKey);

        // Effects.
        _flags[versionKey].cardApproved = approved;
        emit CardApproval(versionKey, approved);
    }

    /// @inheritdoc IDatasetRegistry
    function contains(bytes32 versionKey, bytes32 key, uint64 weight, uint256 bitmap, bytes calldata siblings)
        external
        view
        returns (uint64 total)
    {
        return SumTree.member(_recordRoot(versionKey), SumTree.RECORDS, key, weight, 0, bitmap, siblings);
    }

    /// @inheritdoc IDatasetRegistry
    function excludes(
        bytes32 versionKey,
        bytes32 key,
        bytes32 terminalKey,
        uint64 terminalWeight,
        uint256 bitmap,
        bytes calldata siblings
    ) external view returns (uint64 total) {
        return SumTree.absent(
            _recordRoot(versionKey), SumTree.RECORDS, key, terminalKey, terminalWeight, 0, bitmap, siblings
        );
    }

    /// @inheritdoc IDatasetRegistry
    function statusOf(bytes32 versionKey) external view returns (Status status, bool cardApproved) {
        _recordRoot(versionKey);
        Flags storage flags = _flags[versionKey];
        return (flags.status, flags.cardApproved);
    }

    /// @inheritdoc IDatasetRegistry
    function requireSaleable(bytes32 datasetId, uint32 number) external view returns (bytes32 versionKey) {
        versionKey = _keyOf(datasetId, number);
        Flags memory flags = _flags[versionKey];
        if (flags.status != Status.Active) revert NotActive(versionKey, flags.status);
        if (!flags.cardApproved && DAO_APPROVES_CARDS) revert CardNotApproved(versionKey);
    }

    /// @inheritdoc IDatasetRegistry
    function daoApprovesCards() external view returns (bool) {
        return DAO_APPROVES_CARDS;
    }

    /// @inheritdoc IDatasetRegistry
    function datasetIdOf(address publisher, bytes32 salt) public view returns (bytes32) {
        return keccak256(abi.encode(DATASET_TAG, block.chainid, address(this), publisher, salt));
    }

    /// @inheritdoc IDatasetRegistry
    function origin() external view returns (address factory, bytes32 salt) {
        return (FACTORY, SALT);
    }

    /// @notice Name of the collection, the same in every registry.
    function name() public pure override returns (string memory) {
        return "dgov datasets";
    }

    /// @notice Symbol of the collection, the same in every registry.
    function symbol() public pure override returns (string memory) {
        return "DGD";
    }

    /// @notice Metadata made from what is stored: the dataset's id and its latest version.
    function tokenURI(uint256 tokenId) public view override returns (string memory) {
        _requireOwned(tokenId);
        bytes32 datasetId = bytes32(tokenId);
        uint32 number = _latest(datasetId);
        bytes32 versionKey = keyAt[datasetId][number];
        string memory id = tokenId.toHexString(32);
        return string.concat(
            'data:application/json;utf8,{"name":"dgov dataset ',
            id,
            '","description":"Provenance of an AI training dataset. Version records are in the events of the registry.",',
            '"dataset_id":"',
            id,
            '","latest_version":',
            uint256(number).toString(),
            ',"version_key":"',
            uint256(versionKey).toHexString(32),
            '","status":"',
            _statusName(_flags[versionKey].status),
            '"}'
        );
    }

    /// @dev Stores the version under its number and key; the caller has checked that both are free.
    function _append(Version calldata version) private returns (bytes32 versionKey) {
        versionKey = Eip712.hashVersion(version);
        keyAt[version.datasetId][version.number] = versionKey;
        recordRootOf[versionKey] = version.recordRoot;
    }

    /// @dev Everything but the parents must be there.
    function _checkCommitments(Version calldata version, bytes32 metaDigest) private pure {
        if (version.packageDigest == 0) revert FieldEmpty("packageDigest");
        if (version.recordRoot == 0) revert FieldEmpty("recordRoot");
        if (version.records == 0) revert FieldEmpty("records");
        if (version.contributorRoot == 0) revert FieldEmpty("contributorRoot");
        if (version.splitsDigest == 0) revert FieldEmpty("splitsDigest");
        if (version.cardDigest == 0) revert FieldEmpty("cardDigest");
        if (version.licenseDigest == 0) revert FieldEmpty("licenseDigest");
        if (metaDigest == 0) revert FieldEmpty("metaDigest");
    }

    /// @dev Reverts unless the sender owns the dataset's token now.
    function _checkOwner(bytes32 datasetId) private view {
        address owner = _ownerOf(uint256(datasetId));
        if (owner != msg.sender) revert NotOwner(datasetId, msg.sender, owner);
    }

    /// @dev For functions of which only some uses are the DAO's.
    function _checkDao() private view restricted {}

    function _keyOf(bytes32 datasetId, uint32 number) private view returns (bytes32 versionKey) {
        versionKey = keyAt[datasetId][number];
        if (versionKey == 0) revert NumberUnknown(datasetId, number);
    }

    function _recordRoot(bytes32 versionKey) private view returns (bytes32 root) {
        root = recordRootOf[versionKey];
        if (root == 0) revert VersionUnknown(versionKey);
    }

    /// @dev Number of the latest version of a dataset that has one: doubles the step, then halves it. Numbers have no gaps.
    function _latest(bytes32 datasetId) private view returns (uint32) {
        mapping(uint32 number => bytes32) storage keys = keyAt[datasetId];
        uint256 low = 1;
        uint256 high = 2;
        while (high <= type(uint32).max && keys[uint32(high)] != 0) (low, high) = (high, 2 * high);
        // Invariant: `low` is in use, `high` is not.
        while (high - low > 1) {
            uint256 middle = (low + high) / 2;
            if (keys[uint32(middle)] != 0) low = middle;
            else high = middle;
        }
        return uint32(low);
    }

    function _statusName(Status status) private pure returns (string memory) {
        if (status == Status.Active) return "active";
        if (status == Status.Deprecated) return "deprecated";
        if (status == Status.Recalled) return "recalled";
        return "disputed";
    }
}
