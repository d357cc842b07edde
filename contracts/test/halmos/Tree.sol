// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";
import {SumTreeHarness} from "../helpers/SumTreeHarness.sol";

/// @notice Sums of the tree. Run by scripts/test-deep; Foundry runs no `check_`.
contract TreeProof is Test {
    SumTreeHarness internal tree;

    function setUp() external {
        tree = new SumTreeHarness();
    }

    /// @dev For all weights, siblings and roots of a path with three siblings, on each side of each of them: a proof that is
    /// accepted counts every sum once, without a bit cut off. The key is fixed: the verifier finds places in memory by it.
    function check_AnAcceptedTotalIsTheWholeSum(
        uint8 chosen,
        bytes32 root,
        bytes32 data,
        uint64 weight,
        bytes32[3] memory hashes,
        uint64[3] memory sums
    ) external view {
        bytes memory siblings = abi.encodePacked(hashes[0], sums[0], hashes[1], sums[1], hashes[2], sums[2]);
        for (uint256 sides; sides < 8; ++sides) {
            if (chosen != sides) continue;
            bytes32 key = bytes32(sides << 253 | 12_345);
            try tree.member(root, 2, key, weight, data, 7, siblings) returns (uint64 total) {
                assert(total == uint256(weight) + sums[0] + sums[1] + sums[2]);
                assert(weight != 0 && sums[0] != 0 && sums[1] != 0 && sums[2] != 0);
            } catch {}
        }
    }
}
