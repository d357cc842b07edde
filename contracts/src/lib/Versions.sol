// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IDatasetRegistry} from "../interfaces/IDatasetRegistry.sol";
import {Status, Version} from "../types/Types.sol";
import {Eip712} from "./Eip712.sol";
import {Managed} from "./Managed.sol";
import {SumTree} from "./SumTree.sol";

/// @title What is stored of versions, and what becomes of them: status, approval, rulings, taint.
abstract contract Versions is IDatasetRegistry, Managed {
    /// @dev Slot: 8 bits each. All zero, the state after registration, is never written. A sale reads this slot only.
    struct Flags {
        Status status;
        bool cardApproved;
        /// While `status` is Disputed: what it was.
        Status before;
        /// Recalled by a ruling; stays while it is disputed once more.
        bool ruled;
        /// `taintOf` is not zero.
        bool tainted;
    }

    /// @dev `Flags` of an active version with an approved card, nothing else set: `before` and `ruled` are zero while a
    /// version is active.
    uint256 private constant CARD_APPROVED = 1 << 8;

    uint256 private constant MAX_PARENTS = 16;

    bool private immutable DAO_APPROVES_CARDS;

    /// @inheritdoc IDatasetRegistry
    /// @dev Numbers have no gaps, so the entry below a free number is the latest version: no head is stored.
    mapping(bytes32 datasetId => mapping(uint32 number => bytes32 versionKey)) public keyAt;

    /// @inheritdoc IDatasetRegistry
    mapping(bytes32 versionKey => bytes32 recordRoot) public recordRootOf;

    mapping(bytes32 versionKey => Flags) private _flags;

    /// @inheritdoc IDatasetRegistry
    mapping(bytes32 versionKey => bytes32 cause) public taintOf;

    /// @param daoApprovesCards_ See `daoApprovesCards`.
    constructor(bool daoApprovesCards_) {
        DAO_APPROVES_CARDS = daoApprovesCards_;
    }

    /// @inheritdoc IDatasetRegistry
    function setStatus(bytes32 datasetId, uint32 number, Status status, bytes32 successor, bytes32 evidence) external {
        // Checks.
        bytes32 versionKey = _keyOf(datasetId, number);
        Flags memory flags = _flags[versionKey];
        if (status == Status.Disputed || flags.status == Status.Disputed || flags.ruled) _checkDao();
        else _checkOwner(datasetId, msg.sender);
        if (successor == versionKey) revert SuccessorIsSelf(versionKey);
        if (successor != 0) _recordRoot(successor);

        // Effects.
        if (status == Status.Disputed) {
            if (flags.status != Status.Disputed) flags.before = flags.status;
        } else {
            // Out of a dispute, Recalled is a ruling; any other status ends one.
            flags.ruled = status == Status.Recalled && (flags.ruled || flags.status == Status.Disputed);
            flags.before = Status.Active;
        }
        flags.status = status;
        _flags[versionKey] = flags;
        emit StatusChanged(datasetId, versionKey, status, successor, evidence);
    }

    /// @inheritdoc IDatasetRegistry
    function ruleStatus(bytes32 datasetId, uint32 number, Status status, bytes32 evidence) external restricted {
        // Checks.
        bytes32 versionKey = _keyOf(datasetId, number);
        Flags memory flags = _flags[versionKey];
        if (flags.status != Status.Disputed) {
            if (status != Status.Disputed) revert StatusChangeInvalid(versionKey, flags.status, status);
            if (flags.ruled) revert RulingStands(versionKey);
            flags.before = flags.status;
        } else if (status == Status.Recalled) {
            flags.ruled = true;
            flags.before = Status.Active;
        } else {
            if (status != Status.Active && status != flags.before) {
                revert StatusChangeInvalid(versionKey, Status.Disputed, status);
            }
            (status, flags.before) = (flags.before, Status.Active);
        }

        // Effects.
        flags.status = status;
        _flags[versionKey] = flags;
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
    /// @dev Parents are older than their children, because keys are hashes of what they name: causes never form a circle, and
    /// each chain of them ends at a recalled version.
    function markTainted(Version calldata child, bytes32[] calldata parents, bytes32 parentKey) external {
        // Checks.
        bytes32 childKey = Eip712.hashVersion(child);
        _recordRoot(childKey);
        _checkParents(child.parentsHash, parents, parentKey);
        if (!_taints(parentKey)) revert ParentClean(parentKey);
        bytes32 old = taintOf[childKey];
        if (old != 0 && _taints(old)) revert Tainted(childKey, old);

        // Effects.
        taintOf[childKey] = parentKey;
        _flags[childKey].tainted = true;
        emit TaintChanged(childKey, parentKey);
    }

    /// @inheritdoc IDatasetRegistry
    function clearTaint(bytes32 versionKey) external {
        // Checks.
        bytes32 cause = taintOf[versionKey];
        if (cause == 0) revert NotTainted(versionKey);
        if (_taints(cause)) revert Tainted(versionKey, cause);

        // Effects.
        delete taintOf[versionKey];
        _flags[versionKey].tainted = false;
        emit TaintChanged(versionKey, 0);
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
    function rulingOf(bytes32 versionKey) external view returns (bool ruled, Status before) {
        Flags storage flags = _flags[versionKey];
        return (flags.ruled, flags.before);
    }

    /// @inheritdoc IDatasetRegistry
    function requireSaleable(bytes32 datasetId, uint32 number) external view returns (bytes32 versionKey) {
        versionKey = _keyOf(datasetId, number);
        Flags storage flags = _flags[versionKey];
        uint256 word;
        // The whole slot at once: each purchase runs through here.
        assembly ("memory-safe") {
            word := sload(flags.slot)
        }
        if (word == CARD_APPROVED || (word == 0 && !DAO_APPROVES_CARDS)) return versionKey;
        if (flags.status != Status.Active) revert NotActive(versionKey, flags.status);
        if (flags.tainted) revert Tainted(versionKey, taintOf[versionKey]);
        revert CardNotApproved(versionKey);
    }

    /// @inheritdoc IDatasetRegistry
    function daoApprovesCards() external view returns (bool) {
        return DAO_APPROVES_CARDS;
    }

    /// @dev Stores a version under its number and key; the caller has checked that both are free.
    function _store(Version calldata version, bytes32 versionKey) internal {
        keyAt[version.datasetId][version.number] = versionKey;
        recordRootOf[versionKey] = version.recordRoot;
    }

    /// @dev Reverts unless the account owns the dataset's token now.
    function _checkOwner(bytes32 datasetId, address account) internal view virtual;

    function _keyOf(bytes32 datasetId, uint32 number) internal view returns (bytes32 versionKey) {
        versionKey = keyAt[datasetId][number];
        if (versionKey == 0) revert NumberUnknown(datasetId, number);
    }

    function _statusOf(bytes32 versionKey) internal view returns (Status) {
        return _flags[versionKey].status;
    }

    /// @dev For functions of which only some uses are the DAO's.
    function _checkDao() private view restricted {}

    function _recordRoot(bytes32 versionKey) private view returns (bytes32 root) {
        root = recordRootOf[versionKey];
        if (root == 0) revert VersionUnknown(versionKey);
    }

    /// @dev Whether children of this version are tainted. A recall counts also while it is disputed: else a friend's case on
    /// a recalled parent would free its children. A key that is not registered here has no flags.
    function _taints(bytes32 versionKey) private view returns (bool) {
        Flags memory flags = _flags[versionKey];
        return flags.tainted || flags.status == Status.Recalled
            || (flags.status == Status.Disputed && flags.before == Status.Recalled);
    }

    /// @dev Reverts unless these are the parents that the version commits to, and the key is one of them.
    function _checkParents(bytes32 parentsHash, bytes32[] calldata parents, bytes32 parentKey) private pure {
        uint256 count = parents.length;
        if (count > MAX_PARENTS) revert ParentsInvalid(MAX_PARENTS);
        bool found;
        bytes32 last;
        for (uint256 i; i < count; ++i) {
            bytes32 parent = parents[i];
            if (i != 0 && parent <= last) revert ParentsInvalid(i);
            if (parent == parentKey) found = true;
            last = parent;
        }
        bytes32 actual = keccak256(abi.encodePacked(parents));
        if (actual != parentsHash) revert ParentsMismatch(parentsHash, actual);
        if (!found) revert ParentMissing(parentKey);
    }
}
