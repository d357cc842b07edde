// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {Test} from "forge-std/Test.sol";
import {AccessPass} from "../../src/AccessPass.sol";
import {DatasetRegistry} from "../../src/DatasetRegistry.sol";
import {LicenseRegistry} from "../../src/LicenseRegistry.sol";
import {RoyaltyVault} from "../../src/RoyaltyVault.sol";
import {Eip712} from "../../src/lib/Eip712.sol";
import {ContributorClaim, PoolKey, Split, SplitClaim, Terms, Version} from "../../src/types/Types.sol";
import {ContributorTree} from "./ContributorTree.sol";
import {PlainToken} from "./Tokens.sol";

/// @notice The real data contracts, and short ways to make versions, pools and claims.
abstract contract MoneyFixture is Test {
    using ContributorTree for ContributorTree.Row[];

    address internal immutable DAO = makeAddr("dao");
    address internal immutable PUBLISHER = makeAddr("publisher");

    AccessManager internal manager;
    DatasetRegistry internal registry;
    LicenseRegistry internal licenses;
    RoyaltyVault internal vault;
    AccessPass internal pass;
    PlainToken internal token;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        manager = new AccessManager(DAO);
        registry = new DatasetRegistry(address(manager), address(this), keccak256("project"), false);
        licenses = new LicenseRegistry(address(manager), address(registry));
        vault = new RoyaltyVault(address(manager));
        pass = new AccessPass(address(manager), address(registry), address(licenses), address(vault));
        token = new PlainToken();
        vm.prank(DAO);
        vault.allowCurrency(address(token), true);
    }

    /// @dev Registers the first version of a dataset of the publisher.
    function _register(string memory slug, bytes32 contributorRoot, bytes32 splitsDigest)
        internal
        returns (Version memory version)
    {
        bytes32 salt = keccak256(bytes(slug));
        version = Version({
            datasetId: registry.datasetIdOf(PUBLISHER, salt),
            number: 1,
            packageDigest: keccak256(abi.encode("package", slug)),
            recordRoot: keccak256(abi.encode("records", slug)),
            records: 1000,
            contributorRoot: contributorRoot,
            splitsDigest: splitsDigest,
            cardDigest: keccak256(abi.encode("card", slug)),
            licenseDigest: keccak256("license"),
            parentsHash: 0
        });
        vm.prank(PUBLISHER);
        registry.register(salt, version, keccak256("meta"));
    }

    /// @dev Native coin, revocable, a year, purposes 0, 2 and 5, 0.01 coins.
    function _terms() internal pure returns (Terms memory) {
        return Terms({
            licenseDigest: keccak256("license"),
            allow: 37,
            deny: 192,
            price: 0.01 ether,
            currency: address(0),
            duration: 365 days,
            revocable: true,
            royaltyBps: 0,
            priceModule: address(0),
            priceStep: 0
        });
    }

    function _addTerms(Terms memory terms) internal returns (bytes32 termsId) {
        vm.prank(DAO);
        return licenses.addTerms(terms);
    }

    function _offer(bytes32 datasetId, bytes32 termsId) internal {
        vm.prank(DAO);
        licenses.setOffer(datasetId, termsId, true);
    }

    function _hashOf(Version calldata version) external pure returns (bytes32) {
        return Eip712.hashVersion(version);
    }

    function _poolId(bytes32 datasetId, bytes32 contributorRoot, bytes32 splitsDigest) internal view returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("dgov.pool.v1"), block.chainid, address(vault), datasetId, contributorRoot, splitsDigest
            )
        );
    }

    function _splitsDigest(uint16 contributorsBps, Split[] memory splits) internal pure returns (bytes32) {
        return keccak256(abi.encode(contributorsBps, keccak256(abi.encode(splits))));
    }

    function _claimOf(
        ContributorTree.Row[] memory rows,
        uint256 index,
        bytes32 datasetId,
        uint16 contributorsBps,
        Split[] memory splits,
        address currency
    ) internal pure returns (ContributorClaim memory item) {
        item.pool = PoolKey(datasetId, rows.root(), contributorsBps, keccak256(abi.encode(splits)));
        item.currency = currency;
        item.shares = rows[index].shares;
        item.consent = rows[index].consent;
        (item.bitmap, item.siblings) = rows.prove(rows[index].account);
    }
}
