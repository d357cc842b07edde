// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {IDatasetRegistry} from "./interfaces/IDatasetRegistry.sol";
import {Consents} from "./lib/Consents.sol";
import {Eip712} from "./lib/Eip712.sol";
import {Managed} from "./lib/Managed.sol";
import {Signers} from "./lib/Signers.sol";
import {Versions} from "./lib/Versions.sol";
import {AddVersion, Register, Status, Version} from "./types/Types.sol";

/// @title Provenance of datasets: one ERC-721 token per dataset, versions append.
/// @dev Ids bind chain, registry and publisher: nobody can take a name or a content that another is about to register.
contract DatasetRegistry is ERC721, Versions, Consents {
    using Strings for uint256;

    bytes32 private constant DATASET_TAG = keccak256("dgov.dataset.v1");

    address private immutable FACTORY;
    bytes32 private immutable SALT;

    /// @dev `name` and `symbol` are constants: storing them would cost each project two slots.
    /// @param manager AccessManager of the project.
    /// @param factory Who creates this registry.
    /// @param salt The project's salt there.
    /// @param daoApprovesCards_ See `daoApprovesCards`.
    constructor(address manager, address factory, bytes32 salt, bool daoApprovesCards_)
        ERC721("", "")
        Managed(manager)
        Versions(daoApprovesCards_)
    {
        FACTORY = factory;
        SALT = salt;
    }

    /// @inheritdoc IDatasetRegistry
    function register(bytes32 salt, Version calldata version, bytes32 metaDigest)
        external
        returns (bytes32 versionKey)
    {
        versionKey = Eip712.hashVersion(version);
        _register(msg.sender, salt, version, versionKey, metaDigest);
    }

    /// @inheritdoc IDatasetRegistry
    function registerBySig(Register calldata request, bytes32 metaDigest, bytes calldata signature)
        external
        returns (bytes32 versionKey)
    {
        versionKey = Eip712.hashVersion(request.version);
        // Checks. An id is taken once, so that the nonce need not be written: 20,000 gas of a publisher's first (ADR 0009).
        _authorizeOnce(
            request.publisher, request.nonce, request.deadline, Eip712.hashRegister(request, versionKey), signature
        );
        _register(request.publisher, request.salt, request.version, versionKey, metaDigest);
    }

    /// @inheritdoc IDatasetRegistry
    function addVersion(bytes32 previous, Version calldata version, bytes32 metaDigest)
        external
        returns (bytes32 versionKey)
    {
        _checkOwner(version.datasetId, msg.sender);
        versionKey = Eip712.hashVersion(version);
        _addVersion(msg.sender, previous, version, versionKey, metaDigest);
    }

    /// @inheritdoc IDatasetRegistry
    function addVersionBySig(AddVersion calldata request, bytes32 metaDigest, bytes calldata signature)
        external
        returns (bytes32 versionKey)
    {
        versionKey = Eip712.hashVersion(request.version);
        // Nobody signs for the zero address, the owner of what does not exist.
        address owner = _ownerOf(uint256(request.version.datasetId));
        // Checks and effects: the signer's nonce.
        _authorize(owner, request.nonce, request.deadline, Eip712.hashAddVersion(request, versionKey), signature);
        _addVersion(owner, request.previous, request.version, versionKey, metaDigest);
    }

    /// @inheritdoc IDatasetRegistry
    function announceDocuments(bytes32 datasetId, uint32 number, bytes32 metaDigest) external {
        // Checks.
        bytes32 versionKey = _keyOf(datasetId, number);
        _checkOwner(datasetId, msg.sender);
        if (metaDigest == 0) revert FieldEmpty("metaDigest");

        // Effects.
        emit DocumentsMoved(datasetId, versionKey, metaDigest);
    }

    /// @inheritdoc IDatasetRegistry
    function datasetIdOf(address publisher, bytes32 salt) public view returns (bytes32) {
        return keccak256(abi.encode(DATASET_TAG, block.chainid, address(this), publisher, salt));
    }

    /// @inheritdoc IDatasetRegistry
    function origin() external view returns (address factory, bytes32 salt) {
        return (FACTORY, SALT);
    }

    /// @inheritdoc IDatasetRegistry
    function nonces(address account, uint192 key)
        public
        view
        override(IDatasetRegistry, Signers)
        returns (uint256 nonce)
    {
        return super.nonces(account, key);
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
            _statusName(_statusOf(versionKey)),
            '"}'
        );
    }

    /// @dev The publisher is the sender or has signed.
    function _register(
        address publisher,
        bytes32 salt,
        Version calldata version,
        bytes32 versionKey,
        bytes32 metaDigest
    ) private {
        // Checks.
        if (salt == 0) revert FieldEmpty("salt");
        bytes32 datasetId = datasetIdOf(publisher, salt);
        if (version.datasetId != datasetId) revert DatasetIdMismatch(datasetId, version.datasetId);
        if (version.number != 1) revert NumberInvalid(version.number);
        if (keyAt[datasetId][1] != 0) revert DatasetExists(datasetId);
        _checkCommitments(version, metaDigest);

        // Effects. `_mint` does not call the receiver.
        _store(version, versionKey);
        _mint(publisher, uint256(datasetId));
        emit VersionAdded(datasetId, versionKey, version.packageDigest, publisher, salt, metaDigest, version);
    }

    /// @dev The owner is the sender or has signed.
    function _addVersion(
        address owner,
        bytes32 previous,
        Version calldata version,
        bytes32 versionKey,
        bytes32 metaDigest
    ) private {
        // Checks.
        bytes32 datasetId = version.datasetId;
        uint32 number = version.number;
        if (number < 2) revert NumberInvalid(number);
        bytes32 actual = keyAt[datasetId][number - 1];
        if (actual == 0 || actual != previous) revert PreviousMismatch(previous, actual);
        bytes32 taken = keyAt[datasetId][number];
        if (taken != 0) revert NumberTaken(datasetId, number, taken);
        _checkCommitments(version, metaDigest);

        // Effects.
        _store(version, versionKey);
        emit VersionAdded(datasetId, versionKey, version.packageDigest, owner, 0, metaDigest, version);
    }

    function _checkOwner(bytes32 datasetId, address account) internal view override {
        address owner = _ownerOf(uint256(datasetId));
        if (owner != account) revert NotOwner(datasetId, account, owner);
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
