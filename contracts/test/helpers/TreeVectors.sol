// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Vm} from "forge-std/Vm.sol";
import {TreeProof} from "./TreeProof.sol";

/// @notice Reads `vectors/tree.json`. A contract of its own: every call starts with empty memory, which the many copies of
/// the document would otherwise fill.
contract TreeVectors {
    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    string private constant PATH = "test/vectors/tree.json";

    function treeCount() external view returns (uint256) {
        return _count("trees");
    }

    function refusedCount() external view returns (uint256) {
        return _count("refused");
    }

    function proofCount(uint256 tree) external view returns (uint256) {
        return _count(string.concat("trees[", VM.toString(tree), "].proofs"));
    }

    /// @return proof The claim with its proof.
    /// @return total Expected sum of the tree.
    function proofAt(uint256 tree, uint256 index) external view returns (TreeProof memory proof, uint64 total) {
        string memory json = VM.readFile(PATH);
        string memory path = string.concat(".trees[", VM.toString(tree), "]");
        bytes32 root = VM.parseJsonBytes32(json, string.concat(path, ".root"));
        uint8 kind = uint8(VM.parseJsonUint(json, string.concat(path, ".kind")));
        path = string.concat(path, ".proofs[", VM.toString(index), "]");
        return (_read(json, path, root, kind), uint64(VM.parseJsonUint(json, string.concat(path, ".total"))));
    }

    /// @return proof What must be refused.
    /// @return reason Why, for messages.
    /// @return failsAt Step of the definition that catches it.
    function refusedAt(uint256 index)
        external
        view
        returns (TreeProof memory proof, string memory reason, string memory failsAt)
    {
        string memory json = VM.readFile(PATH);
        string memory path = string.concat(".refused[", VM.toString(index), "]");
        bytes32 root = VM.parseJsonBytes32(json, string.concat(path, ".root"));
        uint8 kind = uint8(VM.parseJsonUint(json, string.concat(path, ".kind")));
        proof = _read(json, path, root, kind);
        reason = VM.parseJsonString(json, string.concat(path, ".reason"));
        failsAt = VM.parseJsonString(json, string.concat(path, ".failsAt"));
    }

    /// @return root Root of the tree.
    /// @return kind Its kind.
    /// @return rows Number of leaves given; zero where the vectors leave them out.
    function treeAt(uint256 tree) external view returns (bytes32 root, uint8 kind, uint256 rows) {
        string memory json = VM.readFile(PATH);
        string memory path = string.concat(".trees[", VM.toString(tree), "]");
        root = VM.parseJsonBytes32(json, string.concat(path, ".root"));
        kind = uint8(VM.parseJsonUint(json, string.concat(path, ".kind")));
        rows = _count(string.concat("trees[", VM.toString(tree), "].rows"));
    }

    /// @return key Key of the leaf.
    /// @return weight Its weight.
    /// @return data Its data.
    function rowAt(uint256 tree, uint256 index) external view returns (bytes32 key, uint64 weight, bytes32 data) {
        string memory json = VM.readFile(PATH);
        string memory path = string.concat(".trees[", VM.toString(tree), "].rows[", VM.toString(index), "]");
        key = VM.parseJsonBytes32(json, string.concat(path, ".key"));
        weight = uint64(VM.parseJsonUint(json, string.concat(path, ".weight")));
        data = VM.parseJsonBytes32(json, string.concat(path, ".data"));
    }

    function _read(string memory json, string memory path, bytes32 root, uint8 kind)
        private
        view
        returns (TreeProof memory proof)
    {
        proof.root = root;
        proof.kind = kind;
        proof.key = VM.parseJsonBytes32(json, string.concat(path, ".key"));
        string memory claim = VM.parseJsonString(json, string.concat(path, ".claim"));
        proof.present = keccak256(bytes(claim)) == keccak256("member");
        path = string.concat(path, ".proof");
        proof.bitmap = VM.parseJsonUint(json, string.concat(path, ".bitmap"));
        proof.siblings = VM.parseJsonBytes(json, string.concat(path, ".siblings"));
        path = string.concat(path, ".terminal");
        proof.terminalEmpty = !VM.keyExistsJson(json, string.concat(path, ".key"));
        if (proof.terminalEmpty) return proof;
        proof.terminalKey = VM.parseJsonBytes32(json, string.concat(path, ".key"));
        proof.terminalWeight = uint64(VM.parseJsonUint(json, string.concat(path, ".weight")));
        proof.terminalData = VM.parseJsonBytes32(json, string.concat(path, ".data"));
    }

    /// @dev Number of elements of a list, by asking for them in turn.
    function _count(string memory list) private view returns (uint256 n) {
        string memory json = VM.readFile(PATH);
        while (VM.keyExistsJson(json, string.concat(".", list, "[", VM.toString(n), "]"))) ++n;
    }
}
