// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SumTree} from "../../src/lib/SumTree.sol";
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
    /// @dev `member` and `rootFrom` do not say the same of one proof.
    error RootFromDisagrees(bool found, bytes answer, bytes reason);

    /// @dev The contract makes a member's leaf from the key asked for; `terminalKey` is not sent.
    function verify(TreeProof memory p, SumTreeHarness tree) internal view returns (uint64 total) {
        if (p.present) {
            total = tree.member(p.root, p.kind, p.key, p.terminalWeight, p.terminalData, p.bitmap, p.siblings);
            _compare(p, tree, true, "");
            return total;
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
        (accepted, reason) = address(tree).staticcall(call);
        if (p.present) _compare(p, tree, accepted, reason);
    }

    /// @dev `rootFrom` finds the root of what `member` accepts, another one where only the root is wrong, and refuses the rest
    /// for the same reason.
    function _compare(TreeProof memory p, SumTreeHarness tree, bool accepted, bytes memory reason) private view {
        bytes memory call =
            abi.encodeCall(tree.rootFrom, (p.kind, p.key, p.terminalWeight, p.terminalData, p.bitmap, p.siblings));
        (bool found, bytes memory answer) = address(tree).staticcall(call);
        bool agrees;
        if (accepted) agrees = found && bytes32(answer) == p.root;
        else if (bytes4(reason) == SumTree.RootMismatch.selector) agrees = found && bytes32(answer) != p.root;
        else agrees = !found && keccak256(answer) == keccak256(reason);
        if (!agrees) revert RootFromDisagrees(found, answer, reason);
    }
}
