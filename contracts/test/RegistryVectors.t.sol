// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DatasetRegistry} from "../src/DatasetRegistry.sol";
import {IDatasetRegistry} from "../src/interfaces/IDatasetRegistry.sol";
import {Version} from "../src/types/Types.sol";
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

    function _read(uint256 index) private view returns (Version memory version, bytes32 versionKey) {
        string memory path = string.concat(".ids.versionKeys[", vm.toString(index), "]");
        versionKey = vm.parseJsonBytes32(json, string.concat(path, ".versionKey"));
        path = string.concat(path, ".version.");
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
