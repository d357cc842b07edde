// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {Test} from "forge-std/Test.sol";
import {DatasetRegistry} from "../../src/DatasetRegistry.sol";
import {LicenseRegistry} from "../../src/LicenseRegistry.sol";
import {Terms, Version} from "../../src/types/Types.sol";

/// @notice The two registries as the factory makes them: under an AccessManager that only `dao` administers.
abstract contract RegistryFixture is Test {
    bytes32 internal constant SALT = keccak256("raccoon");
    bytes32 internal constant META = keccak256("meta");
    bytes32 internal constant PROJECT_SALT = keccak256("project");
    /// @dev Role of the dispute court, ADR 0008.
    uint64 internal constant COURT = 1;

    address internal dao = makeAddr("dao");
    address internal factory = makeAddr("factory");
    address internal alice = makeAddr("alice");
    address internal bob = makeAddr("bob");
    address internal court = makeAddr("court");

    AccessManager internal manager;
    DatasetRegistry internal registry;
    LicenseRegistry internal licenses;

    function setUp() public virtual {
        manager = new AccessManager(dao);
        registry = _newRegistry(false);
        bytes4[] memory rulings = new bytes4[](1);
        rulings[0] = registry.ruleStatus.selector;
        vm.startPrank(dao);
        manager.setTargetFunctionRole(address(registry), rulings, COURT);
        manager.grantRole(COURT, court, 0);
        vm.stopPrank();
        licenses = new LicenseRegistry(address(manager), address(registry));
    }

    function _newRegistry(bool daoApprovesCards) internal returns (DatasetRegistry) {
        return new DatasetRegistry(address(manager), factory, PROJECT_SALT, daoApprovesCards);
    }

    /// @dev A version with every field set and different from those of other numbers. Digests by keccak256: sha256 would be
    /// a call, and end a prank.
    function _version(bytes32 datasetId, uint32 number) internal pure returns (Version memory) {
        return Version({
            datasetId: datasetId,
            number: number,
            packageDigest: _digest("package", number),
            recordRoot: _digest("records", number),
            records: 1000 + uint64(number),
            contributorRoot: _digest("contributors", number),
            splitsDigest: _digest("splits", number),
            cardDigest: _digest("card", number),
            licenseDigest: _digest("license", number),
            parentsHash: _digest("parents", number)
        });
    }

    function _digest(string memory name, uint32 number) internal pure returns (bytes32) {
        return keccak256(abi.encode(name, number));
    }

    /// @dev Registers a dataset of the publisher.
    function _register(DatasetRegistry target, address publisher, bytes32 salt)
        internal
        returns (bytes32 datasetId, bytes32 versionKey)
    {
        datasetId = target.datasetIdOf(publisher, salt);
        vm.prank(publisher);
        versionKey = target.register(salt, _version(datasetId, 1), META);
    }

    /// @dev Appends a version as the publisher, who must own the dataset.
    function _append(DatasetRegistry target, address publisher, bytes32 datasetId, uint32 number)
        internal
        returns (bytes32 versionKey)
    {
        bytes32 previous = target.keyAt(datasetId, number - 1);
        vm.prank(publisher);
        versionKey = target.addVersion(previous, _version(datasetId, number), META);
    }

    /// @dev Terms in native coin that pass every check.
    function _terms(uint256 n) internal pure returns (Terms memory) {
        return Terms({
            licenseDigest: keccak256(abi.encode("license", n)),
            allow: 0x0f,
            deny: 0xc0,
            price: 1 ether,
            currency: address(0),
            duration: 365 days,
            revocable: true,
            royaltyBps: 250,
            priceModule: address(0),
            priceStep: 0
        });
    }
}
