// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SumTreeHarness} from "./SumTreeHarness.sol";

/// @notice A claim about a tree with its proof, as the vectors write it.
struct TreeProof {
    bytes32 root;
    uint8 kind;
    bytes32 key;
    /// Member if true, absent if false.
    bool present;
    /// The terminal is EMPTY, the three fields after it are zero.
    bool terminalEmpty;
    bytes32 terminalKey;
    uint64 terminalWeight;
    bytes32 terminalData;
    uint256 bitmap;
    bytes siblings;
}

/// @notice Offers a claim to the verifier.
library TreeProofs {
    /// @dev The contract makes a member's leaf from the key asked for; `terminalKey` is not sent.
    function verify(TreeProof memory p, SumTreeHarness tree) internal pure returns (uint64 total) {
        if (p.present) {
            return tree.member(p.root, p.kind, p.key, p.terminalWeight, p.terminalData, p.bitmap, p.siblings);
        }
        return tree.absent(p.root, p.kind, p.key, p.terminalKey, p.terminalWeight, p.terminalData, p.bitmap, p.siblings);
    }

    /// @notice Whether the verifier accepts, and with which bytes it refuses otherwise.
    function offer(TreeProof memory p, SumTreeHarness tree) internal view returns (bool accepted, bytes memory reason) {
        bytes memory call = p.present
            ? abi.encodeCall(
                tree.member, (p.root, p.kind, p.key, p.terminalWeight, p.terminalData, p.bitmap, p.siblings)
            )
            : abi.encodeCall(
                tree.absent,
                (p.root, p.kind, p.key, p.terminalKey, p.terminalWeight, p.terminalData, p.bitmap, p.siblings)
            );
        return address(tree).staticcall(call);
    }
}
