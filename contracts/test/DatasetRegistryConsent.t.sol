// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {IDatasetRegistry} from "../src/interfaces/IDatasetRegistry.sol";
import {Consent, RevokeConsent} from "../src/types/Types.sol";
import {SignedFixture} from "./helpers/SignedFixture.sol";
import {MoodyWallet} from "./support/Wallets.sol";

contract DatasetRegistryConsentTest is SignedFixture {
    uint64 private constant EXPIRY = 1_900_000_000;

    Consent private consent;
    bytes32 private digest;
    RevokeConsent private request;
    bytes private signature;

    function setUp() public override {
        super.setUp();
        vm.warp(1_800_000_000);
        consent = _consentOf(carol.addr);
        digest = _toSign(address(registry), _hash(consent));
        request = RevokeConsent(carol.addr, digest, 5 << 64, block.timestamp + 1 days);
        signature = _sign(carol, _hash(request));
    }

    // ------------------------------------------------------------------------------------------------ revokeConsent

    function test_RevokeConsent_WhenTheDigestIsZero() external {
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.FieldEmpty.selector, "consentDigest"));
        registry.revokeConsent(0);
    }

    function test_RevokeConsent_GivenTheContributorRevokedItBefore() external {
        vm.prank(carol.addr);
        registry.revokeConsent(digest);
        uint40 first = uint40(block.timestamp);
        vm.warp(first + 100);
        bytes memory reason =
            abi.encodeWithSelector(IDatasetRegistry.ConsentRevoked.selector, carol.addr, digest, first);
        vm.prank(carol.addr);
        vm.expectRevert(reason);
        registry.revokeConsent(digest);
        vm.expectRevert(reason);
        registry.revokeConsentBySig(request, signature);
        assertEq(registry.consentRevokedAt(carol.addr, digest), first);
    }

    function testFuzz_RevokeConsent_WhenEverythingIsInOrder(address sender, bytes32 any) external {
        vm.assume(any != 0 && sender != carol.addr);
        vm.expectEmit(address(registry));
        emit IDatasetRegistry.ConsentRevocation(sender, any);
        vm.prank(sender);
        registry.revokeConsent(any);
        assertEq(registry.consentRevokedAt(sender, any), block.timestamp);
        // Somebody who revokes Carol's digest revokes nothing of Carol's.
        vm.prank(sender);
        if (any != digest) registry.revokeConsent(digest);
        assertEq(registry.consentRevokedAt(carol.addr, digest), 0);
        assertEq(registry.checkConsent(consent, _sign(carol, _hash(consent))), digest);
    }

    // ------------------------------------------------------------------------------------------------ revokeConsentBySig

    function testFuzz_RevokeConsentBySig_WhenTheContributorSigned(address sender) external {
        vm.expectEmit(address(registry));
        emit IDatasetRegistry.ConsentRevocation(carol.addr, digest);
        vm.prank(sender);
        registry.revokeConsentBySig(request, signature);
        assertEq(registry.consentRevokedAt(carol.addr, digest), block.timestamp);
        assertEq(registry.nonces(carol.addr, 5), (5 << 64) + 1);
    }

    function test_RevokeConsentBySig_WhenSomebodyElseSigned() external {
        bytes memory bad = _sign(mallory, _hash(request));
        vm.prank(mallory.addr);
        vm.expectRevert(_invalid(carol.addr));
        registry.revokeConsentBySig(request, bad);
        assertEq(registry.nonces(carol.addr, 5), 5 << 64);
    }

    function test_RevokeConsentBySig_WhenAnythingIsNotWhatWasSigned() external {
        for (uint256 field; field < 4; ++field) {
            RevokeConsent memory r = request;
            if (field == 0) r.contributor = mallory.addr;
            if (field == 1) r.consentDigest ^= bytes32(uint256(1));
            if (field == 2) r.nonce = 6 << 64;
            if (field == 3) r.deadline += 1;
            vm.expectRevert(_invalid(r.contributor));
            registry.revokeConsentBySig(r, signature);
        }
        bytes memory bad = signature;
        for (uint256 bit; bit < 8 * bad.length; ++bit) {
            bytes1 mask = bytes1(uint8(1 << (bit % 8)));
            bad[bit / 8] ^= mask;
            vm.expectRevert(_invalid(carol.addr));
            registry.revokeConsentBySig(request, bad);
            bad[bit / 8] ^= mask;
        }
        bad = _mirrored(signature);
        vm.expectRevert(_invalid(carol.addr));
        registry.revokeConsentBySig(request, bad);
        bad = _signAt(carol, address(licenses), _hash(request));
        vm.expectRevert(_invalid(carol.addr));
        registry.revokeConsentBySig(request, bad);
        vm.chainId(block.chainid + 1);
        vm.expectRevert(_invalid(carol.addr));
        registry.revokeConsentBySig(request, signature);
    }

    function test_RevokeConsentBySig_WhenTheRequestCanNotBeUsed() external {
        vm.warp(request.deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.RequestExpired.selector, request.deadline));
        registry.revokeConsentBySig(request, signature);
        vm.warp(request.deadline);
        registry.revokeConsentBySig(request, signature);
        bytes memory reason = abi.encodeWithSelector(Nonces.InvalidAccountNonce.selector, carol.addr, (5 << 64) + 1);
        vm.expectRevert(reason);
        registry.revokeConsentBySig(request, signature);

        request.nonce = 6 << 64;
        signature = _sign(carol, _hash(request));
        vm.prank(carol.addr);
        registry.cancelNonce(6);
        vm.expectRevert(abi.encodeWithSelector(Nonces.InvalidAccountNonce.selector, carol.addr, (6 << 64) + 1));
        registry.revokeConsentBySig(request, signature);
    }

    function test_RevokeConsentBySig_WhenTheContributorIsAContract() external {
        MoodyWallet wallet = _wallet(MoodyWallet.Mood.Honest);
        request.contributor = address(wallet);
        signature = _sign(carol, _hash(request));
        for (uint8 mood = 1; mood <= uint8(MoodyWallet.Mood.Reverting); ++mood) {
            wallet.setMood(MoodyWallet.Mood(mood));
            vm.expectRevert(_invalid(address(wallet)));
            registry.revokeConsentBySig(request, signature);
        }
        wallet.setMood(MoodyWallet.Mood.Honest);
        registry.revokeConsentBySig(request, signature);
        assertEq(registry.consentRevokedAt(address(wallet), digest), block.timestamp);
        assertEq(registry.consentRevokedAt(carol.addr, digest), 0);
    }

    // ------------------------------------------------------------------------------------------------ checkConsent

    function test_CheckConsent_WhenTheContributorSignedAndItHolds() external {
        signature = _sign(carol, _hash(consent));
        assertEq(registry.checkConsent(consent, signature), digest);
        vm.warp(consent.deadline + 1);
        assertEq(registry.checkConsent(consent, signature), digest);
        vm.warp(EXPIRY - 1);
        assertEq(registry.checkConsent(consent, signature), digest);
    }

    function test_CheckConsent_WhenItHasExpired() external {
        signature = _sign(carol, _hash(consent));
        vm.warp(EXPIRY);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.ConsentExpired.selector, EXPIRY));
        registry.checkConsent(consent, signature);
    }

    function test_CheckConsent_WhenTheContributorRevokedIt() external {
        signature = _sign(carol, _hash(consent));
        vm.prank(carol.addr);
        registry.revokeConsent(digest);
        vm.expectRevert(
            abi.encodeWithSelector(
                IDatasetRegistry.ConsentRevoked.selector, carol.addr, digest, uint40(block.timestamp)
            )
        );
        registry.checkConsent(consent, signature);
        // The same consent with another nonce is another one.
        consent.nonce += 1;
        registry.checkConsent(consent, _sign(carol, _hash(consent)));
    }

    function test_CheckConsent_WhenAnythingIsNotWhatWasSigned() external {
        signature = _sign(carol, _hash(consent));
        for (uint256 field; field < 8; ++field) {
            bytes memory words = abi.encode(consent);
            words[32 * field + 31] ^= 0x01;
            Consent memory r = abi.decode(words, (Consent));
            vm.expectRevert(_invalid(r.contributor));
            registry.checkConsent(r, signature);
        }
        bytes memory bad = signature;
        for (uint256 bit; bit < 8 * bad.length; ++bit) {
            bytes1 mask = bytes1(uint8(1 << (bit % 8)));
            bad[bit / 8] ^= mask;
            vm.expectRevert(_invalid(carol.addr));
            registry.checkConsent(consent, bad);
            bad[bit / 8] ^= mask;
        }
        bad = _mirrored(signature);
        vm.expectRevert(_invalid(carol.addr));
        registry.checkConsent(consent, bad);
        bad = _signAt(carol, address(licenses), _hash(consent));
        vm.expectRevert(_invalid(carol.addr));
        registry.checkConsent(consent, bad);
        vm.chainId(block.chainid + 1);
        vm.expectRevert(_invalid(carol.addr));
        registry.checkConsent(consent, signature);
    }

    function test_CheckConsent_WhenTheContributorIsAContract() external {
        MoodyWallet wallet = _wallet(MoodyWallet.Mood.Honest);
        consent.contributor = address(wallet);
        bytes32 structHash = _hash(consent);
        signature = _sign(carol, structHash);
        assertEq(registry.checkConsent(consent, signature), _toSign(address(registry), structHash));
        for (uint8 mood = 1; mood <= uint8(MoodyWallet.Mood.Reverting); ++mood) {
            wallet.setMood(MoodyWallet.Mood(mood));
            vm.expectRevert(_invalid(address(wallet)));
            registry.checkConsent(consent, signature);
        }
    }

    // ------------------------------------------------------------------------------------------------ helpers

    function _consentOf(address contributor) private returns (Consent memory) {
        return Consent({
            contributor: contributor,
            payee: makeAddr("payee"),
            datasetId: keccak256("dataset"),
            licenseDigest: keccak256("license"),
            purposes: 37,
            expiry: EXPIRY,
            nonce: 0,
            deadline: block.timestamp + 1 days
        });
    }
}
