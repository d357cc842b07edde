// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Presence and absence in the binary radix tree with sums of `spec.md` ("Tree").
/// @notice Every function reverts on a bad proof; none returns false, so that running out of gas can't look like an answer.
library SumTree {
    /// @notice Tree kinds: domain separators of the root.
    uint8 internal constant RECORDS = 1;
    uint8 internal constant CONTRIBUTORS = 2;
    uint8 internal constant REWARDS = 3;

    /// @notice The siblings' length is not 40 bytes for each bit set in the bitmap.
    error SiblingsLength(uint256 expected, uint256 actual);
    /// @notice A sibling with hash zero or sum zero, at this byte offset of the siblings.
    error SiblingEmpty(uint256 offset);
    /// @notice A leaf of weight zero, or an EMPTY terminal with a key or data.
    error TerminalInvalid(bytes32 key, uint64 weight, bytes32 data);
    /// @notice The terminal leaf does not lie on the path of the key.
    error TerminalOffPath(bytes32 key, bytes32 terminalKey, uint256 depth);
    /// @notice The sums add up to more than 2^64 - 1.
    error SumOverflow();
    /// @notice The proof leads to another root.
    error RootMismatch(bytes32 expected, bytes32 actual);
    /// @notice Trees of kinds 1 and 3 are never empty.
    error TreeEmpty(uint8 kind);
    /// @notice An absence proof whose terminal is the key itself.
    error KeyPresent(bytes32 key);

    /// @notice Reverts unless the leaf (key, weight, data) is in the tree.
    /// @return total Sum of all weights of the tree.
    function member(
        bytes32 root,
        uint8 kind,
        bytes32 key,
        uint64 weight,
        bytes32 data,
        uint256 bitmap,
        bytes calldata siblings
    ) internal pure returns (uint64 total) {
        if (weight == 0) revert TerminalInvalid(key, weight, data);
        return _climb(root, kind, key, leaf(key, weight, data), weight, bitmap, siblings);
    }

    /// @notice Reverts unless no leaf of the tree has the key.
    /// @param terminalKey Key of the leaf met instead; with weight zero (and all zero) the terminal is EMPTY.
    /// @return total Sum of all weights of the tree.
    function absent(
        bytes32 root,
        uint8 kind,
        bytes32 key,
        bytes32 terminalKey,
        uint64 terminalWeight,
        bytes32 terminalData,
        uint256 bitmap,
        bytes calldata siblings
    ) internal pure returns (uint64 total) {
        bytes32 hash;
        if (terminalWeight == 0) {
            if (terminalKey != 0 || terminalData != 0) revert TerminalInvalid(terminalKey, 0, terminalData);
        } else {
            if (terminalKey == key) revert KeyPresent(key);
            uint256 depth = _bitLength(bitmap);
            if (depth != 0 && uint256(terminalKey ^ key) >> (256 - depth) != 0) {
                revert TerminalOffPath(key, terminalKey, depth);
            }
            hash = leaf(terminalKey, terminalWeight, terminalData);
        }
        return _climb(root, kind, key, hash, terminalWeight, bitmap, siblings);
    }

    /// @notice The root that the path of the leaf (key, weight, data) leads to. For callers that file under a root what only
    /// its leaves may find: they need not read the root.
    function rootFrom(uint8 kind, bytes32 key, uint64 weight, bytes32 data, uint256 bitmap, bytes calldata siblings)
        internal
        pure
        returns (bytes32)
    {
        if (weight == 0) revert TerminalInvalid(key, weight, data);
        uint256 expected = 40 * _popCount(bitmap);
        if (siblings.length != expected) revert SiblingsLength(expected, siblings.length);
        (bytes32 hash, uint256 sum) = _lift(key, leaf(key, weight, data), weight, bitmap, siblings);
        if (sum > type(uint64).max) revert SumOverflow();
        return keccak256(abi.encodePacked(uint8(2), kind, hash, uint64(sum)));
    }

    /// @notice Hash of a leaf: keccak256(0x00 || key || u64(weight) || data).
    function leaf(bytes32 key, uint64 weight, bytes32 data) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(uint8(0), key, weight, data));
    }

    function _climb(
        bytes32 root,
        uint8 kind,
        bytes32 key,
        bytes32 hash,
        uint256 sum,
        uint256 bitmap,
        bytes calldata siblings
    ) private pure returns (uint64 total) {
        uint256 expected = 40 * _popCount(bitmap);
        if (siblings.length != expected) revert SiblingsLength(expected, siblings.length);
        (hash, sum) = _lift(key, hash, sum, bitmap, siblings);
        if (sum > type(uint64).max) revert SumOverflow();
        if (hash == 0 && kind != CONTRIBUTORS) revert TreeEmpty(kind);
        total = uint64(sum);
        bytes32 actual = keccak256(abi.encodePacked(uint8(2), kind, hash, total));
        if (actual != root) revert RootMismatch(root, actual);
    }

    /// @dev From the terminal to the top. The sum may exceed 64 bits, and then only the sum is right.
    function _lift(bytes32 key, bytes32 hash, uint256 sum, uint256 bitmap, bytes calldata siblings)
        private
        pure
        returns (bytes32, uint256)
    {
        uint256 i = _bitLength(bitmap);
        uint256 emptyAt = type(uint256).max;
        // 81 bytes at the free pointer: 0x01 || left hash || u64 left sum || right hash || u64 right sum. The node is
        // written first (its word of the sum spills over what follows), the sibling after it with exactly 40 bytes.
        assembly ("memory-safe") {
            let ptr := mload(0x40)
            let leftAt := add(ptr, 1)
            let rightAt := add(ptr, 41)
            let cursor := siblings.offset
            mstore8(ptr, 1)
            for {} i {} {
                i := sub(i, 1)
                // 40 if bit `i` of the key, counted from the top, is set: the node is the right one.
                let side := mul(40, shr(255, shl(i, key)))
                let nodeAt := add(leftAt, side)
                mstore(nodeAt, hash)
                mstore(add(nodeAt, 32), shl(192, sum))
                switch and(shr(i, bitmap), 1)
                case 0 { calldatacopy(sub(rightAt, side), calldatasize(), 40) }
                default {
                    let siblingSum := shr(192, calldataload(add(cursor, 32)))
                    if or(iszero(siblingSum), iszero(calldataload(cursor))) {
                        emptyAt := sub(cursor, siblings.offset)
                        break
                    }
                    calldatacopy(sub(rightAt, side), cursor, 40)
                    cursor := add(cursor, 40)
                    // At most 257 sums below 2^64: no overflow of the word. Sums only grow, so the check after the loop
                    // also catches one that was cut off above.
                    sum := add(sum, siblingSum)
                }
                hash := keccak256(ptr, 81)
            }
        }
        if (emptyAt != type(uint256).max) revert SiblingEmpty(emptyAt);
        return (hash, sum);
    }

    /// @dev Adds up neighbors: pairs of bits, then of 2, 4 and 8 bits; the 16 words of 16 bits by one product.
    function _popCount(uint256 x) private pure returns (uint256) {
        unchecked {
            x -= (x >> 1) & (type(uint256).max / 3);
            x = (x & (type(uint256).max / 5)) + ((x >> 2) & (type(uint256).max / 5));
            x = (x + (x >> 4)) & (type(uint256).max / 17);
            // A byte could not hold 256, so one step more before the product.
            x = (x + (x >> 8)) & (type(uint256).max / 257);
            return (x * (type(uint256).max / 0xffff)) >> 240;
        }
    }

    /// @dev Position of the highest bit set, plus one; 0 for 0.
    function _bitLength(uint256 x) private pure returns (uint256 n) {
        unchecked {
            if (x >> 128 != 0) (n, x) = (128, x >> 128);
            if (x >> 64 != 0) (n, x) = (n + 64, x >> 64);
            if (x >> 32 != 0) (n, x) = (n + 32, x >> 32);
            if (x >> 16 != 0) (n, x) = (n + 16, x >> 16);
            if (x >> 8 != 0) (n, x) = (n + 8, x >> 8);
            if (x >> 4 != 0) (n, x) = (n + 4, x >> 4);
            if (x >> 2 != 0) (n, x) = (n + 2, x >> 2);
            if (x >> 1 != 0) (n, x) = (n + 1, x >> 1);
            return n + x;
        }
    }
}
