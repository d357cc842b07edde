// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TreeProof} from "./TreeProof.sol";

/// @notice A second, plain implementation of the tree of `spec.md`: builds it top down and reads proofs off it. For small
/// trees in tests only.
contract TreeBuilder {
    struct Leaf {
        bytes32 key;
        uint64 weight;
        bytes32 data;
    }

    struct Node {
        bytes32 hash;
        uint64 sum;
    }

    /// @notice Root of the leaves, whose keys must differ.
    function rootOf(Leaf[] memory leaves, uint8 kind) public pure returns (bytes32) {
        Node memory top = build(leaves, 0);
        return keccak256(abi.encodePacked(bytes1(0x02), kind, top.hash, top.sum));
    }

    /// @notice The node over the leaves, which agree in the first `depth` bits.
    function build(Leaf[] memory leaves, uint256 depth) public pure returns (Node memory) {
        if (leaves.length == 0) return Node(0, 0);
        if (leaves.length == 1) {
            Leaf memory leaf = leaves[0];
            return Node(keccak256(abi.encodePacked(bytes1(0x00), leaf.key, leaf.weight, leaf.data)), leaf.weight);
        }
        // Down the levels that all leaves share, without recursion: 256 levels would not fit on the stack.
        uint256 fork = depth;
        while (_side(leaves, fork, 0).length % leaves.length == 0) ++fork;
        Node memory node = _inner(build(_side(leaves, fork, 0), fork + 1), build(_side(leaves, fork, 1), fork + 1));
        Node memory empty;
        while (fork > depth) {
            --fork;
            node = (uint256(leaves[0].key) >> (255 - fork)) & 1 == 0 ? _inner(node, empty) : _inner(empty, node);
        }
        return node;
    }

    function _inner(Node memory left, Node memory right) private pure returns (Node memory) {
        return Node(
            keccak256(abi.encodePacked(bytes1(0x01), left.hash, left.sum, right.hash, right.sum)), left.sum + right.sum
        );
    }

    /// @notice The proof of presence or absence of the key.
    function prove(Leaf[] memory leaves, uint8 kind, bytes32 key) public pure returns (TreeProof memory proof) {
        proof.root = rootOf(leaves, kind);
        proof.kind = kind;
        proof.key = key;
        uint256 depth;
        while (leaves.length > 1) {
            uint256 bit = (uint256(key) >> (255 - depth)) & 1;
            Node memory beside = build(_side(leaves, depth, 1 - bit), depth + 1);
            if (beside.hash != 0) {
                proof.bitmap |= 1 << depth;
                proof.siblings = abi.encodePacked(beside.hash, beside.sum, proof.siblings);
            }
            leaves = _side(leaves, depth, bit);
            ++depth;
        }
        proof.terminalEmpty = leaves.length == 0;
        if (proof.terminalEmpty) return proof;
        proof.terminalKey = leaves[0].key;
        proof.terminalWeight = leaves[0].weight;
        proof.terminalData = leaves[0].data;
        proof.present = leaves[0].key == key;
    }

    function _side(Leaf[] memory leaves, uint256 depth, uint256 bit) private pure returns (Leaf[] memory side) {
        uint256 n;
        side = new Leaf[](leaves.length);
        for (uint256 i; i < leaves.length; ++i) {
            if ((uint256(leaves[i].key) >> (255 - depth)) & 1 == bit) side[n++] = leaves[i];
        }
        assembly ("memory-safe") {
            mstore(side, n)
        }
    }
}
