// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AddVersion, Register, RevokeConsent, Status, Version} from "../../src/types/Types.sol";
import {GasTest} from "../helpers/GasTest.sol";
import {SignedFixture} from "../helpers/SignedFixture.sol";
import {TreeProof} from "../helpers/TreeProof.sol";
import {TreeVectors} from "../helpers/TreeVectors.sol";

/// @notice Budgets of the design for provenance; run with `--isolate`.
contract DatasetRegistryGasTest is SignedFixture, GasTest {
    string private constant GROUP = "DatasetRegistry";
    /// @dev Positions in the vectors.
    uint256 private constant THOUSAND = 4;
    uint256 private constant MILLION = 11;

    function test_Publish() external isolated {
        bytes32 id = registry.datasetIdOf(alice, SALT);
        bytes32 id2 = registry.datasetIdOf(alice, "second");
        _send(
            "register, first by this owner",
            130_000,
            alice,
            abi.encodeCall(registry.register, (SALT, _version(id, 1), META))
        );
        _send("register, again", 112_000, alice, abi.encodeCall(registry.register, ("second", _version(id2, 1), META)));
        bytes32 key = registry.keyAt(id, 1);
        _send("addVersion", 90_000, alice, abi.encodeCall(registry.addVersion, (key, _version(id, 2), META)));
        bytes32 key2 = registry.keyAt(id, 2);
        _send("setStatus", 62_000, alice, abi.encodeCall(registry.setStatus, (id, 1, Status.Deprecated, key2, META)));
        _send("approveCard", 65_000, dao, abi.encodeCall(registry.approveCard, (key2, true)));
    }

    function test_PublishBySignature() external isolated {
        Register memory r = _registerOf(carol.addr, SALT, 0);
        bytes memory signature = _sign(carol, _hash(r));
        _send(
            "registerBySig, first ever of this publisher",
            150_000,
            relayer,
            abi.encodeCall(registry.registerBySig, (r, META, signature))
        );
        r = _registerOf(carol.addr, "second", 0);
        signature = _sign(carol, _hash(r));
        _send("registerBySig, again", 125_000, relayer, abi.encodeCall(registry.registerBySig, (r, META, signature)));
        vm.prank(carol.addr);
        registry.cancelNonce(0);
        AddVersion memory a = _addOf(r.version.datasetId, 2, 1);
        signature = _sign(carol, _hash(a));
        _send("addVersionBySig", 98_000, relayer, abi.encodeCall(registry.addVersionBySig, (a, META, signature)));
        a = _addOf(r.version.datasetId, 3, 1 << 65);
        signature = _sign(carol, _hash(a));
        _send(
            "addVersionBySig, first of a nonce key",
            115_000,
            relayer,
            abi.encodeCall(registry.addVersionBySig, (a, META, signature))
        );
        _send(
            "announceDocuments",
            35_000,
            carol.addr,
            abi.encodeCall(registry.announceDocuments, (r.version.datasetId, 1, META))
        );
        _send("cancelNonce", 50_000, carol.addr, abi.encodeCall(registry.cancelNonce, (9)));
    }

    function test_RevokeConsent() external isolated {
        _send("revokeConsent", 48_000, carol.addr, abi.encodeCall(registry.revokeConsent, (META)));
        RevokeConsent memory r = RevokeConsent(carol.addr, SALT, 0, block.timestamp + 1);
        bytes memory signature = _sign(carol, _hash(r));
        _send(
            "revokeConsentBySig, first nonce",
            80_000,
            relayer,
            abi.encodeCall(registry.revokeConsentBySig, (r, signature))
        );
    }

    function test_RuleAndTaint() external isolated {
        (bytes32 id, bytes32 key) = _register(registry, alice, SALT);
        _send("ruleStatus, dispute", 65_000, court, abi.encodeCall(registry.ruleStatus, (id, 1, Status.Disputed, META)));
        _send("ruleStatus, recall", 50_000, court, abi.encodeCall(registry.ruleStatus, (id, 1, Status.Recalled, META)));
        bytes32[] memory parents = new bytes32[](16);
        for (uint256 i; i < 16; ++i) {
            parents[i] = bytes32(uint256(key) + i);
        }
        Version memory child = _version(registry.datasetIdOf(alice, "child"), 1);
        child.parentsHash = keccak256(abi.encodePacked(parents));
        vm.prank(alice);
        bytes32 childKey = registry.register("child", child, META);
        _send("markTainted, 16 parents", 110_000, bob, abi.encodeCall(registry.markTainted, (child, parents, key)));
        vm.prank(dao);
        registry.setStatus(id, 1, Status.Active, 0, 0);
        _send("clearTaint", 40_000, bob, abi.encodeCall(registry.clearTaint, (childKey)));
    }

    function test_ProveInAThousand() external isolated {
        _proofs(THOUSAND, 43_000, "of 1,000");
    }

    function test_ProveInAMillion() external isolated {
        _proofs(MILLION, 58_000, "of a million");
    }

    /// @dev The dearest proof of presence and of absence among the vectors of one tree.
    function _proofs(uint256 tree, uint256 budget, string memory size) private {
        TreeVectors vectors = new TreeVectors();
        uint256 count = vectors.proofCount(tree);
        TreeProof memory member;
        TreeProof memory absent;
        for (uint256 i; i < count; ++i) {
            (TreeProof memory proof,) = vectors.proofAt(tree, i);
            if (proof.present && proof.siblings.length > member.siblings.length) member = proof;
            if (!proof.present && proof.siblings.length > absent.siblings.length) absent = proof;
        }
        bytes32 id = registry.datasetIdOf(alice, SALT);
        Version memory version = _version(id, 1);
        version.recordRoot = member.root;
        vm.prank(alice);
        bytes32 key = registry.register(SALT, version, META);
        _send(
            string.concat("contains, ", size),
            budget,
            bob,
            abi.encodeCall(registry.contains, (key, member.key, member.terminalWeight, member.bitmap, member.siblings))
        );
        _send(
            string.concat("excludes, ", size),
            budget,
            bob,
            abi.encodeCall(
                registry.excludes,
                (key, absent.key, absent.terminalKey, absent.terminalWeight, absent.bitmap, absent.siblings)
            )
        );
    }

    function _send(string memory name, uint256 budget, address sender, bytes memory data) private {
        _measure(GROUP, name, budget, sender, address(registry), data);
    }
}
