// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Version} from "../../src/types/Types.sol";
import {GasTest} from "../helpers/GasTest.sol";
import {RecordFixture} from "../helpers/RecordFixture.sol";
import {TreeProof} from "../helpers/TreeProof.sol";
import {TreeVectors} from "../helpers/TreeVectors.sol";

/// @notice What a record token costs; run with `--isolate`.
contract RecordTokenGasTest is RecordFixture, GasTest {
    /// @dev Position in the vectors.
    uint256 private constant THOUSAND = 4;

    function test_MintFromAThousand() external isolated {
        TreeVectors vectors = new TreeVectors();
        uint256 count = vectors.proofCount(THOUSAND);
        bytes32 id = registry.datasetIdOf(alice, SALT);
        Version memory version = _version(id, 1);
        (TreeProof memory proof, uint64 total) = vectors.proofAt(THOUSAND, 0);
        (version.recordRoot, version.records) = (proof.root, total);
        vm.prank(alice);
        registry.register(SALT, version, META);
        uint256 minted;
        for (uint256 i; i < count; ++i) {
            (proof,) = vectors.proofAt(THOUSAND, i);
            if (!proof.present) continue;
            _mint(minted == 0 ? "mint, of 1,000, first of this holder" : "mint, of 1,000, again", id, proof);
            if (++minted == 2) return;
        }
        fail();
    }

    function _mint(string memory name, bytes32 id, TreeProof memory proof) private {
        bytes memory data =
            abi.encodeCall(records.mint, (bob, id, 1, proof.key, proof.terminalWeight, proof.bitmap, proof.siblings));
        _measure("RecordToken", name, 200_000, alice, address(records), data);
    }
}
