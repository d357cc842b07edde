// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {AccessPass} from "../src/AccessPass.sol";
import {IRoyaltyVault} from "../src/interfaces/IRoyaltyVault.sol";
import {Eip712} from "../src/lib/Eip712.sol";
import {PoolId} from "../src/lib/PoolId.sol";
import {RoyaltyVault} from "../src/RoyaltyVault.sol";
import {ClaimTo, ContributorClaim, IssuePass, Split, SplitClaim} from "../src/types/Types.sol";
import {MoneyFixture} from "./support/MoneyFixture.sol";

/// @notice The contracts at the vectors' addresses and chain id agree with the vectors on ids, digests and signatures.
contract MoneyVectorsTest is MoneyFixture {
    string private json;

    function setUp() public override {
        super.setUp();
        json = vm.readFile("test/vectors/eip712.json");
        vm.chainId(vm.parseJsonUint(json, ".domain.chainId"));
    }

    function hashIssuePass(IssuePass calldata request) external pure returns (bytes32) {
        return Eip712.hashIssuePass(request);
    }

    function hashClaimTo(ClaimTo calldata request) external pure returns (bytes32) {
        return Eip712.hashClaimTo(request);
    }

    function test_DomainSeparator() external {
        assertEq(_knownPass().domainSeparator(), vm.parseJsonBytes32(json, ".domain.separator"));
    }

    function test_Typehashes() external view {
        assertEq(Eip712.VERSION_TYPEHASH, vm.parseJsonBytes32(json, ".structs[0].typehash"));
        assertEq(Eip712.ISSUE_PASS_TYPEHASH, vm.parseJsonBytes32(json, ".structs[5].typehash"));
        assertEq(Eip712.CLAIM_TO_TYPEHASH, vm.parseJsonBytes32(json, ".structs[6].typehash"));
    }

    /// @dev The signature of the vectors issues the pass of the vectors; the holder sends it.
    function test_IssuePassBySignature() external {
        assertEq(vm.parseJsonString(json, ".structs[5].name"), "IssuePass");
        AccessPass known = _knownPass();
        IssuePass memory request = _request();
        bytes32 datasetId = vm.parseJsonBytes32(json, ".ids.datasetId");
        bytes memory signature = vm.parseJsonBytes(json, ".structs[5].signature");
        assertEq(this.hashIssuePass(request), vm.parseJsonBytes32(json, ".structs[5].structHash"));

        // Registries are not what is tested here.
        vm.mockCall(
            address(registry), abi.encodeCall(registry.requireSaleable, (datasetId, 1)), abi.encode(request.versionKey)
        );
        vm.mockCall(address(registry), abi.encodeCall(ERC721.ownerOf, (uint256(datasetId))), abi.encode(request.issuer));
        vm.mockCall(
            address(licenses),
            abi.encodeCall(licenses.quote, (datasetId, request.termsId)),
            abi.encode(0, address(0), 0, 37, 1, 2, address(0), 0)
        );
        // The nonce of the vectors is the fourth of its key.
        for (uint256 i; i < uint64(request.nonce); ++i) {
            vm.prank(request.issuer);
            known.cancelNonce(uint192(request.nonce >> 64));
        }
        vm.prank(request.holder);
        known.issueBySig(request, datasetId, 1, signature, "");
        assertEq(known.passOf(request.holder, datasetId).expiry, request.expiry);
    }

    /// @dev The vault at the vectors' address takes the vectors' signature, and then misses the pools it is for.
    function test_ClaimToBySignature() external {
        assertEq(vm.parseJsonString(json, ".structs[6].name"), "ClaimTo");
        address place = vm.parseJsonAddress(json, ".domain.verifyingContract");
        vm.etch(place, address(vault).code);
        RoyaltyVault known = RoyaltyVault(place);
        ClaimTo memory request = _claimTo();
        bytes32 structHash = this.hashClaimTo(request);
        assertEq(structHash, vm.parseJsonBytes32(json, ".structs[6].structHash"));
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", known.domainSeparator(), structHash));
        assertEq(digest, vm.parseJsonBytes32(json, ".structs[6].digest"));
        bytes32[] memory pools = vm.parseJsonBytes32Array(json, ".ids.poolsHash.pools");
        assertEq(keccak256(abi.encodePacked(pools)), vm.parseJsonBytes32(json, ".ids.poolsHash.poolsHash"));
        assertEq(request.poolsHash, vm.parseJsonBytes32(json, ".ids.poolsHash.poolsHash"));

        for (uint256 i; i < uint64(request.nonce); ++i) {
            vm.prank(request.account);
            known.cancelNonce(uint192(request.nonce >> 64));
        }
        bytes memory signature = vm.parseJsonBytes(json, ".structs[6].signature");
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.PoolsMismatch.selector, request.poolsHash, keccak256("")));
        known.claimManyTo(request, new ContributorClaim[](0), new SplitClaim[](0), signature);
        signature[0] ^= 0x01;
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.SignatureInvalid.selector, request.account));
        known.claimManyTo(request, new ContributorClaim[](0), new SplitClaim[](0), signature);
    }

    function test_PoolIdsAndSplitsDigests() external {
        address place = vm.parseJsonAddress(json, ".ids.vault");
        vm.etch(place, address(vault).code);
        RoyaltyVault known = RoyaltyVault(place);
        bytes32 poolId = vm.parseJsonBytes32(json, ".ids.poolId.poolId");
        bytes32 datasetId = vm.parseJsonBytes32(json, ".ids.poolId.datasetId");
        bytes32 root = vm.parseJsonBytes32(json, ".ids.poolId.contributorRoot");
        Split[] memory splits = new Split[](2);
        for (uint256 i; i < 2; ++i) {
            string memory path = string.concat(".ids.splitsDigest[0].splits[", vm.toString(i), "]");
            splits[i].to = vm.parseJsonAddress(json, string.concat(path, ".to"));
            splits[i].bps = uint16(vm.parseJsonUint(json, string.concat(path, ".bps")));
        }
        uint16 bps = uint16(vm.parseJsonUint(json, ".ids.splitsDigest[0].contributorsBps"));
        bytes32 digest = PoolId.splitsDigestOf(bps, keccak256(abi.encode(splits)));
        assertEq(digest, vm.parseJsonBytes32(json, ".ids.splitsDigest[0].splitsDigest"));
        assertEq(
            PoolId.splitsDigestOf(10_000, keccak256(abi.encode(new Split[](0)))),
            vm.parseJsonBytes32(json, ".ids.splitsDigest[1].splitsDigest")
        );
        assertEq(PoolId.idOf(place, datasetId, root, digest), poolId);

        // What is deposited under the vectors' id is claimed from the preimage.
        vm.deal(address(this), 10_000);
        known.deposit{value: 10_000}(poolId, address(0), 10_000, 0);
        SplitClaim[] memory items = new SplitClaim[](1);
        items[0] = SplitClaim(datasetId, root, bps, splits, address(0));
        known.claimMany(splits[1].to, new ContributorClaim[](0), items);
        assertEq(known.paidSplit(poolId, address(0), splits[1].to), splits[1].bps);
        assertEq(splits[1].to.balance, splits[1].bps);
    }

    function _knownPass() private returns (AccessPass) {
        address place = vm.parseJsonAddress(json, ".domain.verifyingContract");
        vm.etch(place, address(pass).code);
        return AccessPass(place);
    }

    function _claimTo() private view returns (ClaimTo memory request) {
        string memory path = ".structs[6].message.";
        request.account = vm.parseJsonAddress(json, string.concat(path, "account"));
        request.to = vm.parseJsonAddress(json, string.concat(path, "to"));
        request.currency = vm.parseJsonAddress(json, string.concat(path, "currency"));
        request.poolsHash = vm.parseJsonBytes32(json, string.concat(path, "poolsHash"));
        request.nonce = vm.parseJsonUint(json, string.concat(path, "nonce"));
        request.deadline = vm.parseJsonUint(json, string.concat(path, "deadline"));
    }

    function _request() private view returns (IssuePass memory request) {
        string memory path = ".structs[5].message.";
        request.issuer = vm.parseJsonAddress(json, string.concat(path, "issuer"));
        request.holder = vm.parseJsonAddress(json, string.concat(path, "holder"));
        request.versionKey = vm.parseJsonBytes32(json, string.concat(path, "versionKey"));
        request.termsId = vm.parseJsonBytes32(json, string.concat(path, "termsId"));
        request.expiry = uint64(vm.parseJsonUint(json, string.concat(path, "expiry")));
        request.burnAuth = uint8(vm.parseJsonUint(json, string.concat(path, "burnAuth")));
        request.nonce = vm.parseJsonUint(json, string.concat(path, "nonce"));
        request.deadline = vm.parseJsonUint(json, string.concat(path, "deadline"));
    }
}
