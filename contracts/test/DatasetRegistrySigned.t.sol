// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {DatasetRegistry} from "../src/DatasetRegistry.sol";
import {IDatasetRegistry} from "../src/interfaces/IDatasetRegistry.sol";
import {AddVersion, Register, Version} from "../src/types/Types.sol";
import {SignedFixture} from "./helpers/SignedFixture.sol";
import {MoodyWallet} from "./support/Wallets.sol";

contract DatasetRegistrySignedTest is SignedFixture {
    Register private request;
    bytes private signature;

    function setUp() public override {
        super.setUp();
        request = _registerOf(carol.addr, SALT, 5 << 64);
        signature = _sign(carol, _hash(request));
    }

    // ------------------------------------------------------------------------------------------------ registerBySig

    function testFuzz_RegisterBySig_WhenThePublisherSigned(address sender, uint192 key, bytes32 salt) external {
        vm.assume(salt != 0);
        Register memory r = _registerOf(carol.addr, salt, uint256(key) << 64);
        bytes32 id = r.version.datasetId;
        bytes32 expected = _versionHash(r.version);
        assertEq(registry.nonces(carol.addr, key), r.nonce);
        signature = _sign(carol, _hash(r));

        vm.expectEmit(address(registry));
        emit IERC721.Transfer(address(0), carol.addr, uint256(id));
        vm.expectEmit(address(registry));
        emit IDatasetRegistry.VersionAdded(id, expected, r.version.packageDigest, carol.addr, salt, META, r.version);
        vm.prank(sender);
        assertEq(registry.registerBySig(r, META, signature), expected);

        assertEq(registry.keyAt(id, 1), expected);
        assertEq(registry.recordRootOf(expected), r.version.recordRoot);
        assertEq(registry.ownerOf(uint256(id)), carol.addr);
        assertEq(registry.nonces(carol.addr, key), r.nonce);
    }

    function test_RegisterBySig_WhenTheRequestWasUsedBefore() external {
        registry.registerBySig(request, META, signature);
        bytes memory exists = abi.encodeWithSelector(IDatasetRegistry.DatasetExists.selector, request.version.datasetId);
        vm.expectRevert(exists);
        registry.registerBySig(request, META, signature);
        // Nor with what differs from it, nor when the dataset is another's.
        vm.prank(carol.addr);
        registry.transferFrom(carol.addr, mallory.addr, uint256(request.version.datasetId));
        request.version.packageDigest = keccak256("other");
        (request.nonce, request.deadline) = (6 << 64, request.deadline + 1);
        signature = _sign(carol, _hash(request));
        vm.expectRevert(exists);
        registry.registerBySig(request, META, signature);
    }

    function test_RegisterBySig_WhenAnotherRegistrationHasTheSameNonce() external {
        Register memory other = _registerOf(carol.addr, "other", request.nonce);
        registry.registerBySig(other, META, _sign(carol, _hash(other)));
        registry.registerBySig(request, META, signature);
        assertEq(registry.ownerOf(uint256(request.version.datasetId)), carol.addr);
    }

    function test_RegisterBySig_WhenAnotherRequestUsedTheNonce() external {
        (bytes32 id,) = _register(registry, carol.addr, "other");
        AddVersion memory r = _addOf(id, 2, request.nonce);
        registry.addVersionBySig(r, META, _sign(carol, _hash(r)));
        _expectNonce((5 << 64) + 1);
        registry.registerBySig(request, META, signature);
    }

    function testFuzz_RegisterBySig_WhenTheNonceIsNotTheNextOfItsKey(uint256 nonce) external {
        vm.assume(uint64(nonce) != 0);
        request.nonce = nonce;
        signature = _sign(carol, _hash(request));
        _expectNonce((nonce >> 64) << 64);
        registry.registerBySig(request, META, signature);
    }

    function test_RegisterBySig_WhenTheNonceWasCancelled() external {
        // Nobody cancels another's.
        vm.prank(mallory.addr);
        registry.cancelNonce(5);
        assertEq(registry.nonces(carol.addr, 5), 5 << 64);

        vm.expectEmit(address(registry));
        emit IDatasetRegistry.NonceCancelled(carol.addr, 5 << 64);
        vm.prank(carol.addr);
        assertEq(registry.cancelNonce(5), 5 << 64);
        _expectNonce((5 << 64) + 1);
        registry.registerBySig(request, META, signature);
        // Other keys go on.
        assertEq(registry.nonces(carol.addr, 0), 0);
        assertEq(registry.nonces(carol.addr, 6), 6 << 64);
    }

    function test_RegisterBySig_WhenTheDeadlineHasPassed() external {
        vm.warp(request.deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.RequestExpired.selector, request.deadline));
        registry.registerBySig(request, META, signature);
        vm.warp(request.deadline);
        registry.registerBySig(request, META, signature);
    }

    function test_RegisterBySig_WhenAFieldIsNotWhatWasSigned() external {
        for (uint256 field; field < 14; ++field) {
            Register memory r = request;
            if (field == 0) r.publisher = mallory.addr;
            if (field == 1) r.salt = keccak256("other");
            if (field == 2) r.nonce = 6 << 64;
            if (field == 3) r.deadline += 1;
            if (field >= 4) r.version = _mutated(r.version, field - 4);
            vm.expectRevert(_invalid(r.publisher));
            registry.registerBySig(r, META, signature);
        }
    }

    function test_RegisterBySig_WhenTheChainOrTheContractIsNotWhatWasSigned() external {
        DatasetRegistry other = _newRegistry(false);
        vm.expectRevert(_invalid(carol.addr));
        other.registerBySig(request, META, signature);
        uint256 here = block.chainid;
        vm.chainId(here + 1);
        vm.expectRevert(_invalid(carol.addr));
        registry.registerBySig(request, META, signature);
        vm.chainId(here);
        registry.registerBySig(request, META, signature);
    }

    function test_RegisterBySig_WhenTheSignatureHasOneBitFlipped() external {
        bytes memory bad = signature;
        for (uint256 bit; bit < 8 * bad.length; ++bit) {
            bytes1 mask = bytes1(uint8(1 << (bit % 8)));
            bad[bit / 8] ^= mask;
            vm.expectRevert(_invalid(carol.addr));
            registry.registerBySig(request, META, bad);
            bad[bit / 8] ^= mask;
        }
        registry.registerBySig(request, META, bad);
    }

    function test_RegisterBySig_WhenTheSignatureIsMirroredOrOfAnotherLength() external {
        bytes[5] memory bad;
        bad[0] = _mirrored(signature);
        bad[1] = "";
        bad[2] = bytes.concat(signature, hex"00");
        // The short form of EIP-2098.
        (bytes32 r, bytes32 s) = abi.decode(signature, (bytes32, bytes32));
        bad[3] = abi.encodePacked(r, bytes32(uint256(s) | (uint256(uint8(signature[64])) - 27) << 255));
        bad[4] = abi.encodePacked(bytes32(0), bytes32(0), uint8(27));
        for (uint256 i; i < bad.length; ++i) {
            vm.expectRevert(_invalid(carol.addr));
            registry.registerBySig(request, META, bad[i]);
        }
        // An account that recovers to nobody is nobody's to sign for.
        Register memory nobodys = _registerOf(address(0), SALT, 0);
        vm.expectRevert(_invalid(address(0)));
        registry.registerBySig(nobodys, META, bad[4]);
    }

    function test_RegisterBySig_WhenTheRequestItselfIsOneThatRegisterRefuses() external {
        // The dataset of another publisher.
        request.version.datasetId = registry.datasetIdOf(mallory.addr, SALT);
        bytes32 expected = registry.datasetIdOf(carol.addr, SALT);
        _refusedThough(
            abi.encodeWithSelector(IDatasetRegistry.DatasetIdMismatch.selector, expected, request.version.datasetId)
        );
        request.version.datasetId = expected;
        request.version.number = 2;
        _refusedThough(abi.encodeWithSelector(IDatasetRegistry.NumberInvalid.selector, uint32(2)));
        request.version.number = 1;
        request.version.records = 0;
        _refusedThough(abi.encodeWithSelector(IDatasetRegistry.FieldEmpty.selector, "records"));
        request.version.records = 1;
        request.salt = 0;
        _refusedThough(abi.encodeWithSelector(IDatasetRegistry.FieldEmpty.selector, "salt"));
        request.salt = SALT;
        signature = _sign(carol, _hash(request));
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.FieldEmpty.selector, "metaDigest"));
        registry.registerBySig(request, 0, signature);
    }

    function test_RegisterBySig_WhenThePublisherIsAContract() external {
        MoodyWallet wallet = _wallet(MoodyWallet.Mood.Honest);
        Register memory r = _registerOf(address(wallet), SALT, 0);
        bytes memory byOwner = _sign(carol, _hash(r));
        bytes memory byOther = _sign(mallory, _hash(r));
        vm.expectRevert(_invalid(address(wallet)));
        registry.registerBySig(r, META, byOther);
        for (uint8 mood = 1; mood <= uint8(MoodyWallet.Mood.Reverting); ++mood) {
            wallet.setMood(MoodyWallet.Mood(mood));
            vm.expectRevert(_invalid(address(wallet)));
            registry.registerBySig(r, META, byOwner);
        }
        wallet.setMood(MoodyWallet.Mood.Honest);
        registry.registerBySig(r, META, byOwner);
        assertEq(registry.ownerOf(uint256(r.version.datasetId)), address(wallet));
    }

    function test_RegisterBySig_WhenThePublisherDelegatesToCode() external {
        vm.signAndAttachDelegation(address(_wallet(MoodyWallet.Mood.Refusing)), carol.privateKey);
        vm.prank(relayer);
        registry.registerBySig(request, META, signature);
        assertGt(carol.addr.code.length, 0);
        assertEq(registry.ownerOf(uint256(request.version.datasetId)), carol.addr);
    }

    function test_RegisterBySig_WhenTheSenderGivesWrongDocuments() external {
        bytes32 id = request.version.datasetId;
        vm.prank(mallory.addr);
        bytes32 key = registry.registerBySig(request, "wrong", signature);
        vm.expectEmit(address(registry));
        emit IDatasetRegistry.DocumentsMoved(id, key, META);
        vm.prank(carol.addr);
        registry.announceDocuments(id, 1, META);
    }

    // ------------------------------------------------------------------------------------------------ addVersionBySig

    function testFuzz_AddVersionBySig_WhenTheOwnerSigned(address sender, uint192 key) external {
        (AddVersion memory r,) = _appendable(uint256(key) << 64);
        bytes32 expected = _versionHash(r.version);
        bytes32 id = r.version.datasetId;
        bytes memory signed = _sign(carol, _hash(r));
        vm.expectEmit(address(registry));
        emit IDatasetRegistry.VersionAdded(id, expected, r.version.packageDigest, carol.addr, 0, META, r.version);
        vm.prank(sender);
        assertEq(registry.addVersionBySig(r, META, signed), expected);
        assertEq(registry.keyAt(id, 2), expected);
        assertEq(registry.recordRootOf(expected), r.version.recordRoot);
        assertEq(registry.nonces(carol.addr, key), r.nonce + 1);
    }

    function test_AddVersionBySig_WhenTheTokenIsAnothersNow() external {
        (AddVersion memory r, bytes memory signed) = _appendable(0);
        vm.prank(carol.addr);
        registry.transferFrom(carol.addr, mallory.addr, uint256(r.version.datasetId));
        vm.expectRevert(_invalid(mallory.addr));
        registry.addVersionBySig(r, META, signed);
        // Also not when the new owner sends it.
        vm.prank(mallory.addr);
        vm.expectRevert(_invalid(mallory.addr));
        registry.addVersionBySig(r, META, signed);
        registry.addVersionBySig(r, META, _sign(mallory, _hash(r)));
        assertEq(registry.nonces(carol.addr, 0), 0);
        assertEq(registry.nonces(mallory.addr, 0), 1);
    }

    function test_AddVersionBySig_WhenTheDatasetIsUnknown() external {
        AddVersion memory r = AddVersion(0, _version("unknown", 2), 0, block.timestamp);
        vm.expectRevert(_invalid(address(0)));
        registry.addVersionBySig(r, META, _sign(carol, _hash(r)));
        vm.expectRevert(_invalid(address(0)));
        registry.addVersionBySig(r, META, abi.encodePacked(bytes32(0), bytes32(0), uint8(27)));
    }

    function test_AddVersionBySig_WhenAFieldTheChainOrTheContractIsNotWhatWasSigned() external {
        (AddVersion memory good, bytes memory signed) = _appendable(5 << 64);
        for (uint256 field; field < 13; ++field) {
            AddVersion memory r = abi.decode(abi.encode(good), (AddVersion));
            if (field == 0) r.previous = keccak256("other");
            if (field == 1) r.nonce = 6 << 64;
            if (field == 2) r.deadline += 1;
            if (field >= 3) r.version = _mutated(r.version, field - 3);
            vm.expectRevert(_invalid(field == 3 ? address(0) : carol.addr));
            registry.addVersionBySig(r, META, signed);
        }
        vm.chainId(block.chainid + 1);
        vm.expectRevert(_invalid(carol.addr));
        registry.addVersionBySig(good, META, signed);
        vm.chainId(block.chainid - 1);
        bytes memory elsewhere = _signAt(carol, address(licenses), _hash(good));
        vm.expectRevert(_invalid(carol.addr));
        registry.addVersionBySig(good, META, elsewhere);
        bytes memory mirrored = _mirrored(signed);
        vm.expectRevert(_invalid(carol.addr));
        registry.addVersionBySig(good, META, mirrored);
        registry.addVersionBySig(good, META, signed);
    }

    function test_AddVersionBySig_WhenTheRequestWasUsedBeforeOrItsDeadlineHasPassed() external {
        (AddVersion memory r, bytes memory signed) = _appendable(0);
        vm.warp(r.deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.RequestExpired.selector, r.deadline));
        registry.addVersionBySig(r, META, signed);
        vm.warp(r.deadline);
        registry.addVersionBySig(r, META, signed);
        _expectNonce(1);
        registry.addVersionBySig(r, META, signed);
        r.nonce = 1;
        signed = _sign(carol, _hash(r));
        bytes32 taken = _versionHash(r.version);
        vm.expectRevert(
            abi.encodeWithSelector(IDatasetRegistry.NumberTaken.selector, r.version.datasetId, uint32(2), taken)
        );
        registry.addVersionBySig(r, META, signed);
    }

    function test_AddVersionBySig_WhenTheRequestItselfIsOneThatAddVersionRefuses() external {
        (AddVersion memory r,) = _appendable(0);
        bytes32 key1 = r.previous;
        r.previous = keccak256("other");
        bytes memory signed = _sign(carol, _hash(r));
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.PreviousMismatch.selector, r.previous, key1));
        registry.addVersionBySig(r, META, signed);
        (r.previous, r.version.number) = (key1, 1);
        signed = _sign(carol, _hash(r));
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.NumberInvalid.selector, uint32(1)));
        registry.addVersionBySig(r, META, signed);
        (r.version.number, r.version.cardDigest) = (2, 0);
        signed = _sign(carol, _hash(r));
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.FieldEmpty.selector, "cardDigest"));
        registry.addVersionBySig(r, META, signed);
        assertEq(registry.nonces(carol.addr, 0), 0);
    }

    function test_AddVersionBySig_WhenTheOwnerIsAContract() external {
        MoodyWallet wallet = _wallet(MoodyWallet.Mood.Honest);
        (AddVersion memory r, bytes memory signed) = _appendable(0);
        vm.prank(carol.addr);
        registry.transferFrom(carol.addr, address(wallet), uint256(r.version.datasetId));
        for (uint8 mood = 1; mood <= uint8(MoodyWallet.Mood.Reverting); ++mood) {
            wallet.setMood(MoodyWallet.Mood(mood));
            vm.expectRevert(_invalid(address(wallet)));
            registry.addVersionBySig(r, META, signed);
        }
        wallet.setMood(MoodyWallet.Mood.Honest);
        registry.addVersionBySig(r, META, signed);
    }

    // ------------------------------------------------------------------------------------------------ announceDocuments

    function test_AnnounceDocuments_WhenTheSenderDoesNotOwnTheToken() external {
        (bytes32 id,) = _register(registry, alice, SALT);
        address[3] memory others = [bob, dao, relayer];
        for (uint256 i; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.NotOwner.selector, id, others[i], alice));
            registry.announceDocuments(id, 1, META);
        }
    }

    function test_AnnounceDocuments_WhenTheVersionIsUnknownOrTheDigestZero() external {
        (bytes32 id,) = _register(registry, alice, SALT);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.NumberUnknown.selector, id, uint32(2)));
        registry.announceDocuments(id, 2, META);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.FieldEmpty.selector, "metaDigest"));
        registry.announceDocuments(id, 1, 0);
    }

    // ------------------------------------------------------------------------------------------------ helpers

    function _expectNonce(uint256 next) private {
        vm.expectRevert(abi.encodeWithSelector(Nonces.InvalidAccountNonce.selector, carol.addr, next));
    }

    /// @dev The stored request, signed well, is refused for this reason and keeps its nonce.
    function _refusedThough(bytes memory reason) private {
        signature = _sign(carol, _hash(request));
        vm.expectRevert(reason);
        registry.registerBySig(request, META, signature);
        assertEq(registry.nonces(carol.addr, 5), 5 << 64);
    }

    /// @dev A dataset of Carol's, and her request to append to it.
    function _appendable(uint256 nonce) private returns (AddVersion memory r, bytes memory signed) {
        (bytes32 id,) = _register(registry, carol.addr, SALT);
        r = _addOf(id, 2, nonce);
        signed = _sign(carol, _hash(r));
    }

    function _mutated(Version memory version, uint256 field) private pure returns (Version memory) {
        bytes memory words = abi.encode(version);
        words[32 * field + 31] ^= 0x01;
        return abi.decode(words, (Version));
    }
}
