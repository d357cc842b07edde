// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SumTree} from "../../src/lib/SumTree.sol";

/// @notice Gives the library's functions an address, so that a test can catch what they revert with.
contract SumTreeHarness {
    function member(
        bytes32 root,
        uint8 kind,
        bytes32 key,
        uint64 weight,
        bytes32 data,
        uint256 bitmap,
        bytes calldata siblings
    ) external pure returns (uint64) {
        return SumTree.member(root, kind, key, weight, data, bitmap, siblings);
    }

    function absent(
        bytes32 root,
        uint8 kind,
        bytes32 key,
        bytes32 terminalKey,
        uint64 terminalWeight,
        bytes32 terminalData,
        uint256 bitmap,
        bytes calldata siblings
    ) external pure returns (uint64) {
        return SumTree.absent(root, kind, key, terminalKey, terminalWeight, terminalData, bitmap, siblings);
    }

    function rootFrom(uint8 kind, bytes32 key, uint64 weight, bytes32 data, uint256 bitmap, bytes calldata siblings)
        external
        pure
        returns (bytes32)
    {
        return SumTree.rootFrom(kind, key, weight, data, bitmap, siblings);
    }
}
