// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";
import {SumTree} from "../src/lib/SumTree.sol";
import {SumTreeHarness} from "./helpers/SumTreeHarness.sol";
import {TreeBuilder} from "./helpers/TreeBuilder.sol";
import {TreeProof, TreeProofs} from "./helpers/TreeProof.sol";
import {TreeVectors} from "./helpers/TreeVectors.sol";

/// @notice The verifier against the known answers and against a second implementation.
contract SumTreeTest is Test {
    using TreeProofs for TreeProof;

    SumTreeHarness private tree = new SumTreeHarness();
    TreeBuilder private builder = new TreeBuilder();
    TreeVectors private vectors = new TreeVectors();

    // ------------------------------------------------------------------------------------------------ known answers

    function test_WhenTheProofIsOneOfTheVectors() external view {
        uint256 trees = vectors.treeCount();
        assertEq(trees, 12, "trees in the vectors");
        uint256 proofs;
        for (uint256 i; i < trees; ++i) {
            uint256 count = vectors.proofCount(i);
            for (uint256 j; j < count; ++j) {
                (TreeProof memory proof, uint64 total) = vectors.proofAt(i, j);
                assertEq(proof.verify(tree), total);
                ++proofs;
            }
        }
        assertEq(proofs, 46, "proofs in the vectors");
    }

    function test_WhenTheProofIsOnTheListOfRefusedOnes() external view {
        uint256 count = vectors.refusedCount();
        assertEq(count, 44, "refused proofs in the vectors");
        uint256 twoKeys;
        for (uint256 i; i < count; ++i) {
            (TreeProof memory proof, string memory reason, string memory failsAt) = vectors.refusedAt(i);
            (bool accepted, bytes memory data) = proof.offer(tree);
            // A member's leaf is made from the key asked for, so that a proof with a second key can't be written down here.
            // Offer it for either key: at most one of them may be in the tree at that place.
            if (proof.present && !proof.terminalEmpty && proof.terminalKey != proof.key) {
                ++twoKeys;
                if (accepted) {
                    proof.key = proof.terminalKey;
                    (accepted, data) = proof.offer(tree);
                }
                failsAt = "4";
            }
            assertFalse(accepted, reason);
            assertEq(bytes4(data), _errorOf(proof, failsAt), reason);
        }
        assertEq(twoKeys, 5, "refused proofs with two keys");
    }

    /// @dev The step that catches a proof, as this verifier orders the steps.
    function _errorOf(TreeProof memory proof, string memory failsAt) private pure returns (bytes4) {
        if (proof.present && proof.terminalWeight == 0) return SumTree.TerminalInvalid.selector;
        bytes32 step = keccak256(bytes(failsAt));
        if (step == keccak256("1: length of siblings")) return SumTree.SiblingsLength.selector;
        if (step == keccak256("1: sibling hash is 0")) return SumTree.SiblingEmpty.selector;
        if (step == keccak256("1: sibling sum is 0")) return SumTree.SiblingEmpty.selector;
        if (step == keccak256("2: terminal is not on the path of the key")) return SumTree.TerminalOffPath.selector;
        if (step == keccak256("3: sum overflows")) return SumTree.SumOverflow.selector;
        if (bytes(failsAt)[0] == "5") return SumTree.KeyPresent.selector;
        if (proof.terminalEmpty && proof.bitmap == 0) return SumTree.TreeEmpty.selector;
        return SumTree.RootMismatch.selector;
    }

    function test_TheBuilderOfTheseTestsAgreesWithTheVectors() external view {
        uint256 checked;
        for (uint256 i; i < 12; ++i) {
            (bytes32 root, uint8 kind, uint256 rows) = vectors.treeAt(i);
            if (rows == 0 && kind != SumTree.CONTRIBUTORS) continue;
            TreeBuilder.Leaf[] memory leaves = new TreeBuilder.Leaf[](rows);
            for (uint256 j; j < rows; ++j) {
                (bytes32 key, uint64 weight, bytes32 data) = vectors.rowAt(i, j);
                leaves[j] = TreeBuilder.Leaf(key, weight, data);
            }
            assertEq(builder.rootOf(leaves, kind), root);
            ++checked;
        }
        assertEq(checked, 10);
    }

    // ------------------------------------------------------------------------------------------------ mutations

    /// @notice Every bit of one proof of each kind of claim: presence, absence by a leaf, absence by EMPTY.
    function test_WhenOneBitOfAGoodProofIsFlipped() external view {
        (TreeProof memory proof,) = vectors.proofAt(4, 0);
        _flipAll(proof);
        (proof,) = vectors.proofAt(4, 5);
        assertFalse(proof.present);
        _flipAll(proof);
        (proof,) = vectors.proofAt(4, 6);
        assertFalse(proof.present);
        _flipAll(proof);
    }

    /// @notice The same in the tree of a million leaves.
    function test_WhenOneBitOfAProofOfPresenceInAMillionIsFlipped() external view {
        _flipAllInAMillion(0, true, false);
    }

    function test_WhenOneBitOfAProofOfAbsenceByEmptyInAMillionIsFlipped() external view {
        _flipAllInAMillion(2, false, true);
    }

    function test_WhenOneBitOfAProofOfAbsenceByALeafInAMillionIsFlipped() external view {
        _flipAllInAMillion(3, false, false);
    }

    function _flipAllInAMillion(uint256 index, bool present, bool empty) private view {
        (TreeProof memory proof,) = vectors.proofAt(11, index);
        assertEq(proof.present, present);
        assertEq(proof.terminalEmpty, empty);
        uint256 bits = _bits(proof);
        for (uint256 bit; bit < bits; bit += 500) {
            this.flipSome(proof, bit, bit + 500 < bits ? bit + 500 : bits);
        }
    }

    /// @dev External, so that each part has memory of its own.
    function flipSome(TreeProof memory proof, uint256 from, uint256 to) external view {
        for (uint256 bit = from; bit < to; ++bit) {
            _flipOne(proof, bit);
        }
    }

    /// @notice One bit of any proof of the vectors.
    function testFuzz_WhenOneBitOfAGoodProofIsFlipped(uint256 which, uint256 index, uint256 bit) external view {
        which = bound(which, 0, 11);
        (TreeProof memory proof,) = vectors.proofAt(which, bound(index, 0, vectors.proofCount(which) - 1));
        bit = bound(bit, 0, _bits(proof) - 1);
        _flipOne(proof, bit);
    }

    function testFuzz_WhenTheSiblingsAreOneTooManyOrOneTooFew(uint256 which, uint256 index, bytes memory surplus)
        external
    {
        which = bound(which, 0, 11);
        (TreeProof memory proof,) = vectors.proofAt(which, bound(index, 0, vectors.proofCount(which) - 1));
        uint256 expected = proof.siblings.length;
        vm.assume(surplus.length != 0);
        bytes memory good = proof.siblings;
        proof.siblings = abi.encodePacked(good, surplus);
        vm.expectRevert(
            abi.encodeWithSelector(SumTree.SiblingsLength.selector, expected, expected + surplus.length), address(tree)
        );
        this.verify(proof);
        if (expected == 0) return;
        proof.siblings = vm.parseBytes(vm.toString(good));
        bytes memory cut = proof.siblings;
        assembly ("memory-safe") {
            mstore(cut, sub(expected, 40))
        }
        vm.expectRevert(abi.encodeWithSelector(SumTree.SiblingsLength.selector, expected, expected - 40), address(tree));
        this.verify(proof);
    }

    function verify(TreeProof memory proof) external view returns (uint64) {
        return proof.verify(tree);
    }

    function _flipAll(TreeProof memory proof) private view {
        uint256 bits = _bits(proof);
        for (uint256 bit; bit < bits; ++bit) {
            _flipOne(proof, bit);
        }
    }

    function _bits(TreeProof memory proof) private pure returns (uint256) {
        return 256 + 8 + 256 + 256 + 64 + 256 + 256 + 8 * proof.siblings.length;
    }

    /// @dev Flips the bit, offers the proof, and flips it back.
    function _flipOne(TreeProof memory proof, uint256 bit) private view {
        if (!_flip(proof, bit)) return;
        (bool accepted,) = proof.offer(tree);
        assertFalse(accepted, string.concat("accepted with bit flipped: ", vm.toString(bit)));
        _flip(proof, bit);
    }

    /// @return meaningful False where the bit says nothing: the key below the terminal of an absence proof (another absent
    /// key of the same place), the terminal's key of a presence proof (not sent).
    function _flip(TreeProof memory proof, uint256 bit) private pure returns (bool meaningful) {
        if (bit < 256) {
            proof.root ^= bytes32(1 << bit);
            return true;
        }
        bit -= 256;
        if (bit < 8) {
            proof.kind ^= uint8(1 << bit);
            return true;
        }
        bit -= 8;
        if (bit < 256) {
            if (!proof.present && proof.bitmap >> bit == 0) return false;
            proof.key ^= bytes32(1 << (255 - bit));
            return true;
        }
        bit -= 256;
        if (bit < 256) {
            if (proof.present) return false;
            proof.terminalKey ^= bytes32(1 << bit);
            return true;
        }
        bit -= 256;
        if (bit < 64) {
            proof.terminalWeight ^= uint64(1 << bit);
            return true;
        }
        bit -= 64;
        if (bit < 256) {
            proof.terminalData ^= bytes32(1 << bit);
            return true;
        }
        bit -= 256;
        if (bit < 256) {
            proof.bitmap ^= 1 << bit;
            return true;
        }
        bit -= 256;
        proof.siblings[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        return true;
    }

    // ------------------------------------------------------------------------------------------------ any tree

    function testFuzz_WhenTheTreeIsMadeOfAnyKeys(bytes32 seed, uint8 count, uint8 shared, bytes32 other) external view {
        TreeBuilder.Leaf[] memory leaves = _leaves(seed, bound(count, 1, 8), bound(shared, 0, 255));
        uint64 total;
        for (uint256 i; i < leaves.length; ++i) {
            total += leaves[i].weight;
        }
        TreeProof memory proof;
        for (uint256 i; i < leaves.length; ++i) {
            proof = builder.prove(leaves, SumTree.RECORDS, leaves[i].key);
            assertEq(proof.verify(tree), total);
            // The same path can't show its absence.
            proof.present = false;
            _refused(proof, SumTree.KeyPresent.selector);
            (proof.terminalKey, proof.terminalWeight, proof.terminalData) = (0, 0, 0);
            _refused(proof, proof.bitmap == 0 ? SumTree.TreeEmpty.selector : SumTree.RootMismatch.selector);
        }
        other = _other(leaves, other);
        proof = builder.prove(leaves, SumTree.RECORDS, other);
        assertEq(proof.verify(tree), total);
        proof.present = true;
        if (proof.terminalEmpty) proof.terminalWeight = 1;
        _refused(proof, SumTree.RootMismatch.selector);
    }

    /// @notice A liar chooses all bytes of a tree of one inner node: whatever is proved present can't be proved absent.
    function testFuzz_WhenTheRootIsALiars(bytes32 key, bytes32 leafKey, bytes32 beside, uint64 sum, bool swapped)
        external
        view
    {
        sum = uint64(bound(sum, 1, type(uint64).max - 1));
        vm.assume(beside != 0);
        bytes32 leaf = SumTree.leaf(leafKey, 1, 0);
        bytes32 top = swapped
            ? keccak256(abi.encodePacked(bytes1(0x01), beside, sum, leaf, uint64(1)))
            : keccak256(abi.encodePacked(bytes1(0x01), leaf, uint64(1), beside, sum));
        TreeProof memory proof;
        proof.root = keccak256(abi.encodePacked(bytes1(0x02), SumTree.RECORDS, top, sum + 1));
        proof.kind = SumTree.RECORDS;
        proof.bitmap = 1;
        proof.siblings = abi.encodePacked(beside, sum);

        // Presence needs the leaf on the side where its key says that it is.
        proof.present = true;
        proof.key = leafKey;
        proof.terminalWeight = 1;
        (bool present,) = proof.offer(tree);
        assertEq(present, uint256(leafKey) >> 255 == (swapped ? 1 : 0));

        // Absence of another key by that leaf needs the same, and the key on the same side.
        vm.assume(key != leafKey);
        proof.present = false;
        proof.key = key;
        proof.terminalKey = leafKey;
        (bool absent,) = proof.offer(tree);
        assertEq(absent, present && uint256(leafKey ^ key) >> 255 == 0);

        proof.key = leafKey;
        (absent,) = proof.offer(tree);
        assertFalse(absent);
    }

    function test_WhenTheTerminalIsEmptyButHasAKeyOrData() external view {
        (TreeProof memory proof,) = vectors.proofAt(0, 0);
        proof.terminalKey = bytes32(uint256(1));
        _refused(proof, SumTree.TerminalInvalid.selector);
        proof.terminalKey = 0;
        proof.terminalData = bytes32(uint256(1));
        _refused(proof, SumTree.TerminalInvalid.selector);
    }

    /// @notice Any bitmap up to one sibling on each of the 256 levels, climbed here from the leaf.
    function testFuzz_WhenTheBitmapIsAny(uint256 bitmap, uint8 shift, bytes32 key) external view {
        this.climb(bitmap >> shift, key);
    }

    function test_WhenTheBitmapIsFullOrHasOneBit() external view {
        this.climb(type(uint256).max, 0);
        for (uint256 i; i < 256; i += 15) {
            this.climb(1 << i, keccak256("key"));
            this.climb(type(uint256).max >> i, keccak256("key"));
        }
    }

    /// @dev External, so that each climb has memory of its own.
    function climb(uint256 bitmap, bytes32 key) external view {
        bytes32 hash = SumTree.leaf(key, 5, "data");
        uint64 sum = 5;
        bytes memory siblings;
        uint256 depth = 256;
        while (depth != 0 && bitmap >> (depth - 1) == 0) --depth;
        while (depth != 0) {
            --depth;
            (bytes32 beside, uint64 weight) = (0, 0);
            if ((bitmap >> depth) & 1 == 1) {
                (beside, weight) = (keccak256(abi.encode(depth)), uint64(depth + 1));
                siblings = abi.encodePacked(siblings, beside, weight);
            }
            hash = (uint256(key) >> (255 - depth)) & 1 == 0
                ? keccak256(abi.encodePacked(bytes1(0x01), hash, sum, beside, weight))
                : keccak256(abi.encodePacked(bytes1(0x01), beside, weight, hash, sum));
            sum += weight;
        }
        bytes32 root = keccak256(abi.encodePacked(bytes1(0x02), SumTree.REWARDS, hash, sum));
        assertEq(tree.member(root, SumTree.REWARDS, key, 5, "data", bitmap, siblings), sum);
    }

    function _refused(TreeProof memory proof, bytes4 selector) private view {
        (bool accepted, bytes memory data) = proof.offer(tree);
        assertFalse(accepted);
        assertEq(bytes4(data), selector);
    }

    /// @dev Different keys that agree in their first `shared` bits, as far as so many can.
    function _leaves(bytes32 seed, uint256 count, uint256 shared)
        private
        pure
        returns (TreeBuilder.Leaf[] memory leaves)
    {
        if (shared > 252) shared = 252;
        leaves = new TreeBuilder.Leaf[](count);
        uint256 low = type(uint256).max >> shared;
        for (uint256 i; i < count; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            // The last three bits are the index, so that no two keys are equal.
            uint256 key = (uint256(seed) & ~low) | (random & low & ~uint256(7)) | i;
            leaves[i] = TreeBuilder.Leaf(bytes32(key), uint64(1 + random % 1e9), bytes32(random));
        }
    }

    function _other(TreeBuilder.Leaf[] memory leaves, bytes32 key) private pure returns (bytes32) {
        for (uint256 i; i < leaves.length; ++i) {
            if (leaves[i].key == key) return bytes32(~uint256(key));
        }
        return key;
    }
}
