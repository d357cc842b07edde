// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IRewardRounds} from "../src/interfaces/IRewardRounds.sol";
import {Eip712} from "../src/lib/Eip712.sol";
import {Attestation, RoundClaim} from "../src/types/Modules.sol";
import {ValidatorStake} from "../src/ValidatorStake.sol";
import {TreeProof} from "./helpers/TreeProof.sol";
import {TreeVectors} from "./helpers/TreeVectors.sol";
import {RoundsFixture} from "./support/RoundsFixture.sol";
import {StakeFixture} from "./support/StakeFixture.sol";

/// @notice The attestation of the vectors, at their address and chain id, is accepted with the signature of the vectors.
contract AttestationVectorsTest is StakeFixture {
    string private constant PATH = ".structs[9].";

    string private json;

    function setUp() public override {
        super.setUp();
        json = vm.readFile("test/vectors/eip712.json");
        vm.chainId(vm.parseJsonUint(json, ".domain.chainId"));
    }

    function hashAttestation(Attestation calldata attestation) external pure returns (bytes32) {
        return Eip712.hashAttestation(attestation);
    }

    function test_Attestation() external {
        assertEq(vm.parseJsonString(json, string.concat(PATH, "name")), "Attestation");
        assertEq(Eip712.ATTESTATION_TYPEHASH, vm.parseJsonBytes32(json, string.concat(PATH, "typehash")));
        Attestation memory attestation = _read();
        assertEq(this.hashAttestation(attestation), vm.parseJsonBytes32(json, string.concat(PATH, "structHash")));

        address place = vm.parseJsonAddress(json, ".domain.verifyingContract");
        vm.etch(place, address(stake).code);
        ValidatorStake known = ValidatorStake(place);
        known.initialize(_config());
        assertEq(known.domainSeparator(), vm.parseJsonBytes32(json, ".domain.separator"));
        vm.deal(attestation.validator, 10 ether);
        vm.prank(attestation.validator);
        known.stake{value: 10 ether}();
        for (uint256 i; i < uint64(attestation.nonce); ++i) {
            vm.prank(attestation.validator);
            known.cancelNonce(uint192(attestation.nonce >> 64));
        }
        // The registry is not what is tested here.
        vm.mockCall(address(registry), abi.encodeCall(registry.recordRootOf, (attestation.versionKey)), abi.encode(1));
        bytes32 lockId = known.attestBySig(attestation, vm.parseJsonBytes(json, string.concat(PATH, "signature")));
        assertEq(known.lockOf(lockId).score, attestation.score);
        assertEq(known.lockOf(lockId).owner, attestation.validator);
    }

    function _read() private view returns (Attestation memory attestation) {
        string memory path = string.concat(PATH, "message.");
        attestation.validator = vm.parseJsonAddress(json, string.concat(path, "validator"));
        attestation.versionKey = vm.parseJsonBytes32(json, string.concat(path, "versionKey"));
        attestation.score = uint16(vm.parseJsonUint(json, string.concat(path, "score")));
        attestation.evidence = vm.parseJsonBytes32(json, string.concat(path, "evidence"));
        attestation.nonce = vm.parseJsonUint(json, string.concat(path, "nonce"));
        attestation.deadline = vm.parseJsonUint(json, string.concat(path, "deadline"));
    }
}

/// @notice Rounds over the reward trees of the vectors have the vectors' roots.
contract RewardVectorsTest is RoundsFixture {
    function test_Roots() external {
        TreeVectors vectors = new TreeVectors();
        string memory json = vm.readFile("test/vectors/tree.json");
        uint256 seen;
        vm.deal(address(this), type(uint128).max);
        for (uint256 i; i < vectors.treeCount(); ++i) {
            (bytes32 root, uint8 kind,) = vectors.treeAt(i);
            if (kind != REWARDS) continue;
            string memory path = string.concat(".trees[", vm.toString(i), "].");
            bytes32 top = vm.parseJsonBytes32(json, string.concat(path, "topHash"));
            uint64 units = uint64(vm.parseJsonUint(json, string.concat(path, "topSum")));
            uint256 roundId = rounds.publish{value: uint256(units) + BOND}(top, units, 1, address(0), 0, LIST);
            assertEq(rounds.roundOf(roundId).root, root);
            ++seen;
        }
        assertEq(seen, 2);
    }

    /// @dev The vectors' keys are no accounts' keys: their proofs must fail for any account that can be named.
    function test_ProofsOfOtherKeysAreRefused() external {
        TreeVectors vectors = new TreeVectors();
        (TreeProof memory proof,) = vectors.proofAt(9, 0);
        string memory json = vm.readFile("test/vectors/tree.json");
        bytes32 top = vm.parseJsonBytes32(json, ".trees[9].topHash");
        vm.deal(address(this), type(uint128).max);
        uint256 total = uint256(type(uint64).max);
        rounds.publish{value: total + BOND}(top, type(uint64).max, 1, address(0), 0, LIST);
        skip(WINDOW);
        RoundClaim[] memory items = new RoundClaim[](1);
        items[0] = RoundClaim(1, type(uint64).max, proof.bitmap, proof.siblings);
        vm.expectRevert();
        rounds.claim(address(this), items);
        vm.expectRevert(IRewardRounds.NothingClaimed.selector);
        rounds.claim(address(this), new RoundClaim[](0));
    }
}
