// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Builds contributor trees as `spec.md` defines them, slowly and plainly, and proofs from them.
library ContributorTree {
    struct Row {
        address account;
        uint64 shares;
        bytes32 consent;
    }

    struct Node {
        bytes32 hash;
        uint256 sum;
    }

    function keyOf(address account) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(account));
    }

    function root(Row[] memory rows) internal pure returns (bytes32) {
        return rootOf(_build(_all(rows), 0));
    }

    function rootOf(Node memory top) internal pure returns (bytes32) {
        // Casts: sums of honest and lying trees alike are below 2^64 in the tests.
        return keccak256(abi.encodePacked(uint8(2), uint8(2), top.hash, uint64(top.sum)));
    }

    /// @notice Bitmap and siblings of the account's path, whether it is in the tree or not.
    function prove(Row[] memory rows, address account) internal pure returns (uint256 bitmap, bytes memory siblings) {
        bytes32 key = keyOf(account);
        Row[] memory here = _all(rows);
        for (uint256 d; here.length > 1; ++d) {
            (Row[] memory zeros, Row[] memory ones) = _part(here, d);
            bool one = _bit(key, d);
            Row[] memory beside = one ? zeros : ones;
            here = one ? ones : zeros;
            if (beside.length == 0) continue;
            Node memory node = _build(beside, d + 1);
            bitmap |= 1 << d;
            siblings = bytes.concat(abi.encodePacked(node.hash, uint64(node.sum)), siblings);
        }
    }

    function leaf(Row memory row) internal pure returns (Node memory) {
        return Node(keccak256(abi.encodePacked(uint8(0), keyOf(row.account), row.shares, row.consent)), row.shares);
    }

    function inner(Node memory left, Node memory right) internal pure returns (Node memory) {
        bytes32 hash = keccak256(abi.encodePacked(uint8(1), left.hash, uint64(left.sum), right.hash, uint64(right.sum)));
        return Node(hash, left.sum + right.sum);
    }

    /// @notice A root that holds the row at this depth among siblings whose hashes are made up. Costs the same to verify
    /// as a tree of 2^depth rows, which would take too long to build here.
    function deepPath(Row memory row, uint256 depth)
        internal
        pure
        returns (bytes32 root_, uint256 bitmap, bytes memory siblings)
    {
        Node memory node = leaf(row);
        bytes32 key = keyOf(row.account);
        for (uint256 d = depth; d > 0;) {
            --d;
            // What stands beside a path at depth d of a balanced tree: 2^(depth - d - 1) rows of about 700 shares.
            Node memory beside = Node(keccak256(abi.encode("beside", d)), 700 << (depth - d - 1));
            siblings = bytes.concat(siblings, abi.encodePacked(beside.hash, uint64(beside.sum)));
            node = _bit(key, d) ? inner(beside, node) : inner(node, beside);
        }
        return (rootOf(node), (1 << depth) - 1, siblings);
    }

    /// @notice The root of a tree of two rows in which the second leaf counts as `claimed` shares, whatever it has; and the
    /// paths of both. Only the first row's path leads to the root.
    function lyingPair(Row memory first, Row memory second, uint64 claimed)
        internal
        pure
        returns (bytes32 root_, uint256 bitmap, bytes memory besideFirst, bytes memory besideSecond)
    {
        Node memory a = leaf(first);
        Node memory b = Node(leaf(second).hash, claimed);
        bytes32 key = keyOf(first.account);
        uint256 d;
        while (_bit(key, d) == _bit(keyOf(second.account), d)) ++d;
        bitmap = 1 << d;
        besideFirst = abi.encodePacked(b.hash, uint64(b.sum));
        besideSecond = abi.encodePacked(a.hash, uint64(a.sum));
        Node memory node = _bit(key, d) ? inner(b, a) : inner(a, b);
        for (; d > 0; --d) {
            node = _bit(key, d - 1) ? inner(Node(0, 0), node) : inner(node, Node(0, 0));
        }
        root_ = rootOf(node);
    }

    function _build(Row[] memory rows, uint256 d) private pure returns (Node memory) {
        if (rows.length == 0) return Node(0, 0);
        if (rows.length == 1) return leaf(rows[0]);
        (Row[] memory zeros, Row[] memory ones) = _part(rows, d);
        return inner(_build(zeros, d + 1), _build(ones, d + 1));
    }

    function _part(Row[] memory rows, uint256 d) private pure returns (Row[] memory zeros, Row[] memory ones) {
        uint256 count;
        for (uint256 i; i < rows.length; ++i) {
            if (_bit(keyOf(rows[i].account), d)) ++count;
        }
        ones = new Row[](count);
        zeros = new Row[](rows.length - count);
        uint256 z;
        uint256 o;
        for (uint256 i; i < rows.length; ++i) {
            if (_bit(keyOf(rows[i].account), d)) ones[o++] = rows[i];
            else zeros[z++] = rows[i];
        }
    }

    /// @dev A copy of the list, so that callers may go on using theirs.
    function _all(Row[] memory rows) private pure returns (Row[] memory copy) {
        copy = new Row[](rows.length);
        for (uint256 i; i < rows.length; ++i) {
            copy[i] = rows[i];
        }
    }

    function _bit(bytes32 key, uint256 d) private pure returns (bool) {
        return uint256(key) >> (255 - d) & 1 != 0;
    }
}
