// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DatasetRegistry} from "../src/DatasetRegistry.sol";
import {IDatasetRegistry} from "../src/interfaces/IDatasetRegistry.sol";
import {AddVersion, Consent, Register, RevokeConsent, Version} from "../src/types/Types.sol";
import {RegistryFixture} from "./helpers/RegistryFixture.sol";

/// @notice The registry at the vectors' address and chain id gives the vectors' ids and keys, through its own functions.
contract RegistryVectorsTest is RegistryFixture {
    string private json;
    DatasetRegistry private known;

    function setUp() public override {
        super.setUp();
        json = vm.readFile("test/vectors/eip712.json");
        vm.chainId(vm.parseJsonUint(json, ".ids.chainId"));
        address place = vm.parseJsonAddress(json, ".ids.registry");
        // The code of a registry, its configuration included, at the address that the vectors name.
        vm.etch(place, address(registry).code);
        known = DatasetRegistry(place);
    }

    function test_DatasetIdOf() external view {
        address publisher = vm.parseJsonAddress(json, ".ids.publisher");
        bytes32 salt = vm.parseJsonBytes32(json, ".ids.salt");
        assertEq(keccak256(bytes(vm.parseJsonString(json, ".ids.slug"))), salt);
        bytes32 datasetId = known.datasetIdOf(publisher, salt);
        assertEq(datasetId, vm.parseJsonBytes32(json, ".ids.datasetId"));
        assertEq(uint256(datasetId), vm.parseJsonUint(json, ".ids.tokenId"));
    }

    /// @notice Versions 1 and 2 of the vectors, registered: the keys that the registry gives and stores are the vectors'.
    function test_VersionKeys() external {
        address publisher = vm.parseJsonAddress(json, ".ids.publisher");
        bytes32 salt = vm.parseJsonBytes32(json, ".ids.salt");
        (Version memory version, bytes32 first) = _read(0);
        vm.prank(publisher);
        assertEq(known.register(salt, version, META), first);
        assertEq(known.keyAt(version.datasetId, 1), first);
        assertEq(known.recordRootOf(first), version.recordRoot);
        assertEq(known.ownerOf(vm.parseJsonUint(json, ".ids.tokenId")), publisher);

        bytes32 second;
        (version, second) = _read(1);
        vm.prank(publisher);
        assertEq(known.addVersion(first, version, META), second);
        assertEq(known.keyAt(version.datasetId, 2), second);
        assertFalse(vm.keyExistsJson(json, ".ids.versionKeys[2]"));
    }

    /// @notice The same dataset can't be registered on another chain, at another registry or by another publisher.
    function test_DatasetIdsBindChainRegistryAndPublisher() external {
        address publisher = vm.parseJsonAddress(json, ".ids.publisher");
        bytes32 salt = vm.parseJsonBytes32(json, ".ids.salt");
        (Version memory version,) = _read(0);
        bytes32 here = known.datasetIdOf(publisher, salt);

        bytes32 other = registry.datasetIdOf(publisher, salt);
        assertNotEq(other, here);
        vm.prank(publisher);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.DatasetIdMismatch.selector, other, here));
        registry.register(salt, version, META);

        vm.chainId(block.chainid + 1);
        other = known.datasetIdOf(publisher, salt);
        assertNotEq(other, here);
        vm.prank(publisher);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.DatasetIdMismatch.selector, other, here));
        known.register(salt, version, META);
    }

    /// @notice The vectors' signatures of Register and AddVersion, made by another implementation, are good here: the
    /// nonces are 0, which a registration leaves unused, and 1.
    function test_RegisterAndAddVersion() external {
        address signer = vm.parseJsonAddress(json, ".signer.address");
        assertEq(known.domainSeparator(), vm.parseJsonBytes32(json, ".domain.separator"));
        string memory path = _struct("Register");
        Register memory first;
        first.publisher = vm.parseJsonAddress(json, string.concat(path, ".message.publisher"));
        assertEq(first.publisher, signer);
        first.salt = vm.parseJsonBytes32(json, string.concat(path, ".message.salt"));
        first.version = _versionAt(string.concat(path, ".message.version."));
        (first.nonce, first.deadline) = _terms(path);
        bytes memory signature = vm.parseJsonBytes(json, string.concat(path, ".signature"));
        _accepts(path, abi.encodeCall(known.registerBySig, (first, META, signature)));
        bytes32 key = known.keyAt(first.version.datasetId, 1);
        assertEq(known.ownerOf(uint256(first.version.datasetId)), signer);

        vm.prank(signer);
        known.cancelNonce(0);
        path = _struct("AddVersion");
        AddVersion memory second;
        second.previous = vm.parseJsonBytes32(json, string.concat(path, ".message.previous"));
        assertEq(second.previous, key);
        second.version = _versionAt(string.concat(path, ".message.version."));
        (second.nonce, second.deadline) = _terms(path);
        signature = vm.parseJsonBytes(json, string.concat(path, ".signature"));
        _accepts(path, abi.encodeCall(known.addVersionBySig, (second, META, signature)));
        assertNotEq(known.keyAt(first.version.datasetId, 2), 0);
        assertEq(known.nonces(signer, 0), 2);
    }

    /// @notice The vectors' Consent gives the vectors' digest, and its revocation is good here.
    function test_ConsentAndRevokeConsent() external {
        string memory path = _struct("Consent");
        Consent memory consent;
        consent.contributor = vm.parseJsonAddress(json, string.concat(path, ".message.contributor"));
        consent.payee = vm.parseJsonAddress(json, string.concat(path, ".message.payee"));
        consent.datasetId = vm.parseJsonBytes32(json, string.concat(path, ".message.datasetId"));
        consent.licenseDigest = vm.parseJsonBytes32(json, string.concat(path, ".message.licenseDigest"));
        consent.purposes = vm.parseJsonUint(json, string.concat(path, ".message.purposes"));
        consent.expiry = uint64(vm.parseJsonUint(json, string.concat(path, ".message.expiry")));
        (consent.nonce, consent.deadline) = _terms(path);
        bytes memory signature = vm.parseJsonBytes(json, string.concat(path, ".signature"));
        bytes32 digest = known.checkConsent(consent, signature);
        assertEq(digest, vm.parseJsonBytes32(json, string.concat(path, ".digest")));
        assertEq(digest, vm.parseJsonBytes32(json, ".ids.consentDigest"));

        path = _struct("RevokeConsent");
        RevokeConsent memory request;
        request.contributor = vm.parseJsonAddress(json, string.concat(path, ".message.contributor"));
        request.consentDigest = vm.parseJsonBytes32(json, string.concat(path, ".message.consentDigest"));
        assertEq(request.consentDigest, digest);
        (request.nonce, request.deadline) = _terms(path);
        signature = vm.parseJsonBytes(json, string.concat(path, ".signature"));
        // Its nonce is 1.
        vm.prank(request.contributor);
        known.cancelNonce(0);
        _accepts(path, abi.encodeCall(known.revokeConsentBySig, (request, signature)));
        assertEq(known.consentRevokedAt(request.contributor, digest), block.timestamp);
    }

    /// @dev The call goes through, and what it recovered the signer from is the vectors' digest.
    function _accepts(string memory path, bytes memory call) private {
        bytes32 digest = vm.parseJsonBytes32(json, string.concat(path, ".digest"));
        bytes memory signature = vm.parseJsonBytes(json, string.concat(path, ".signature"));
        (bytes32 r, bytes32 s) = abi.decode(signature, (bytes32, bytes32));
        vm.expectCall(address(1), abi.encode(digest, uint256(uint8(signature[64])), r, s));
        (bool success, bytes memory reason) = address(known).call(call);
        if (!success) {
            assembly ("memory-safe") {
                revert(add(reason, 32), mload(reason))
            }
        }
    }

    /// @dev Where the vectors have the struct of this name.
    function _struct(string memory name) private view returns (string memory path) {
        for (uint256 i; i < 10; ++i) {
            path = string.concat(".structs[", vm.toString(i), "]");
            string memory found = vm.parseJsonString(json, string.concat(path, ".name"));
            if (keccak256(bytes(found)) == keccak256(bytes(name))) return path;
        }
        revert(name);
    }

    function _terms(string memory path) private view returns (uint256 nonce, uint256 deadline) {
        nonce = vm.parseJsonUint(json, string.concat(path, ".message.nonce"));
        deadline = vm.parseJsonUint(json, string.concat(path, ".message.deadline"));
    }

    function _read(uint256 index) private view returns (Version memory version, bytes32 versionKey) {
        string memory path = string.concat(".ids.versionKeys[", vm.toString(index), "]");
        versionKey = vm.parseJsonBytes32(json, string.concat(path, ".versionKey"));
        version = _versionAt(string.concat(path, ".version."));
    }

    function _versionAt(string memory path) private view returns (Version memory version) {
        version.datasetId = vm.parseJsonBytes32(json, string.concat(path, "datasetId"));
        version.number = uint32(vm.parseJsonUint(json, string.concat(path, "number")));
        version.packageDigest = vm.parseJsonBytes32(json, string.concat(path, "packageDigest"));
        version.recordRoot = vm.parseJsonBytes32(json, string.concat(path, "recordRoot"));
        version.records = uint64(vm.parseJsonUint(json, string.concat(path, "records")));
        version.contributorRoot = vm.parseJsonBytes32(json, string.concat(path, "contributorRoot"));
        version.splitsDigest = vm.parseJsonBytes32(json, string.concat(path, "splitsDigest"));
        version.cardDigest = vm.parseJsonBytes32(json, string.concat(path, "cardDigest"));
        version.licenseDigest = vm.parseJsonBytes32(json, string.concat(path, "licenseDigest"));
        version.parentsHash = vm.parseJsonBytes32(json, string.concat(path, "parentsHash"));
    }
}
