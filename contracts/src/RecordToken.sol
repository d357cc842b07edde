// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {IDatasetRegistry} from "./interfaces/IDatasetRegistry.sol";
import {IRecordToken} from "./interfaces/IRecordToken.sol";
import {Access} from "./lib/Managed.sol";
import {Module} from "./lib/Module.sol";

/// @title Single records as ERC-721 tokens, minted on demand.
/// @notice A token says that its record is in the version, for good; a recall of the version does not take it away.
contract RecordToken is IRecordToken, ERC721, Module {
    using Strings for uint256;

    bytes32 private constant RECORD_TAG = keccak256("dgov.record.v1");

    struct Record {
        // Slot 0.
        bytes32 versionKey;
        // Slot 1.
        bytes32 recordKey;
        // Slot 2: 64 bits.
        uint64 weight;
    }

    mapping(uint256 tokenId => Record) private _records;

    /// @dev `name` and `symbol` are constants: a clone has no storage of its implementation.
    constructor() ERC721("", "") {}

    /// @inheritdoc IRecordToken
    function mint(
        address to,
        bytes32 datasetId,
        uint32 number,
        bytes32 recordKey,
        uint64 weight,
        uint256 bitmap,
        bytes calldata siblings
    ) external onlyClone returns (uint256 tokenId) {
        // Checks.
        IDatasetRegistry registry = IDatasetRegistry(_wired(0));
        bytes32 versionKey = registry.keyAt(datasetId, number);
        if (versionKey == 0) revert NumberUnknown(datasetId, number);
        address owner = IERC721(address(registry)).ownerOf(uint256(datasetId));
        if (owner != msg.sender) revert NotDatasetOwner(datasetId, msg.sender, owner);
        tokenId = tokenIdOf(versionKey, recordKey);
        if (_ownerOf(tokenId) != address(0)) revert RecordExists(tokenId);
        registry.contains(versionKey, recordKey, weight, bitmap, siblings);

        // Effects. `_mint` does not call the receiver.
        _records[tokenId] = Record(versionKey, recordKey, weight);
        _mint(to, tokenId);
        emit RecordMinted(tokenId, versionKey, recordKey, datasetId, weight);
    }

    /// @inheritdoc IRecordToken
    function recordOf(uint256 tokenId) external view returns (bytes32 versionKey, bytes32 recordKey) {
        _requireOwned(tokenId);
        Record storage record = _records[tokenId];
        return (record.versionKey, record.recordKey);
    }

    /// @inheritdoc IRecordToken
    function tokenIdOf(bytes32 versionKey, bytes32 recordKey) public pure returns (uint256) {
        return uint256(keccak256(abi.encode(RECORD_TAG, versionKey, recordKey)));
    }

    /// @notice Name of the collection, the same in every project.
    function name() public pure override returns (string memory) {
        return "dgov records";
    }

    /// @notice Symbol of the collection, the same in every project.
    function symbol() public pure override returns (string memory) {
        return "DGR";
    }

    /// @notice Metadata made from what is stored: the record, its version, and how often it is in it.
    function tokenURI(uint256 tokenId) public view override returns (string memory) {
        _requireOwned(tokenId);
        Record storage record = _records[tokenId];
        string memory key = uint256(record.recordKey).toHexString(32);
        return string.concat(
            'data:application/json;utf8,{"name":"dgov record ',
            key,
            '","description":"A record of an AI training dataset, proved to be in a registered version.",',
            '"version_key":"',
            uint256(record.versionKey).toHexString(32),
            '","record_key":"',
            key,
            '","weight":',
            uint256(record.weight).toString(),
            "}"
        );
    }

    /// @dev Nothing here is restricted: the registry's AccessManager, so that `authority` tells the truth.
    function _authority() internal view override returns (address) {
        return Access(_wired(0)).authority();
    }
}
