// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Vm} from "forge-std/Vm.sol";
import {IDatasetRegistry} from "../../src/interfaces/IDatasetRegistry.sol";
import {AddVersion, Consent, Register, RevokeConsent, Version} from "../../src/types/Types.sol";
import {MoodyWallet} from "../support/Wallets.sol";
import {RegistryFixture} from "./RegistryFixture.sol";

/// @notice Signers, and a second implementation of what they sign.
abstract contract SignedFixture is RegistryFixture {
    string private constant VERSION_TYPE =
        "Version(bytes32 datasetId,uint32 number,bytes32 packageDigest,bytes32 recordRoot,uint64 records,bytes32 contributorRoot,bytes32 splitsDigest,bytes32 cardDigest,bytes32 licenseDigest,bytes32 parentsHash)";

    Vm.Wallet internal carol = vm.createWallet("carol");
    Vm.Wallet internal mallory = vm.createWallet("mallory");
    address internal relayer = makeAddr("relayer");

    function _versionHash(Version memory version) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(VERSION_TYPE)), version));
    }

    function _hash(Register memory r) internal pure returns (bytes32) {
        bytes32 typehash = keccak256(
            abi.encodePacked(
                "Register(address publisher,bytes32 salt,Version version,uint256 nonce,uint256 deadline)", VERSION_TYPE
            )
        );
        return keccak256(abi.encode(typehash, r.publisher, r.salt, _versionHash(r.version), r.nonce, r.deadline));
    }

    function _hash(AddVersion memory r) internal pure returns (bytes32) {
        bytes32 typehash = keccak256(
            abi.encodePacked(
                "AddVersion(bytes32 previous,Version version,uint256 nonce,uint256 deadline)", VERSION_TYPE
            )
        );
        return keccak256(abi.encode(typehash, r.previous, _versionHash(r.version), r.nonce, r.deadline));
    }

    function _hash(Consent memory r) internal pure returns (bytes32) {
        bytes32 typehash = keccak256(
            "Consent(address contributor,address payee,bytes32 datasetId,bytes32 licenseDigest,uint256 purposes,uint64 expiry,uint256 nonce,uint256 deadline)"
        );
        return keccak256(abi.encode(typehash, r));
    }

    function _hash(RevokeConsent memory r) internal pure returns (bytes32) {
        bytes32 typehash =
            keccak256("RevokeConsent(address contributor,bytes32 consentDigest,uint256 nonce,uint256 deadline)");
        return keccak256(abi.encode(typehash, r));
    }

    /// @dev What is signed for a struct at a contract of this chain.
    function _toSign(address target, bytes32 structHash) internal view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("dgov"),
                keccak256("1"),
                block.chainid,
                target
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function _sign(Vm.Wallet memory signer, bytes32 structHash) internal view returns (bytes memory) {
        return _signAt(signer, address(registry), structHash);
    }

    function _signAt(Vm.Wallet memory signer, address target, bytes32 structHash) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(signer.privateKey, _toSign(target, structHash));
        return abi.encodePacked(r, s, v);
    }

    function _registerOf(address publisher, bytes32 salt, uint256 nonce) internal view returns (Register memory) {
        Version memory version = _version(registry.datasetIdOf(publisher, salt), 1);
        return Register(publisher, salt, version, nonce, block.timestamp + 1 days);
    }

    function _addOf(bytes32 datasetId, uint32 number, uint256 nonce) internal view returns (AddVersion memory) {
        bytes32 previous = registry.keyAt(datasetId, number - 1);
        return AddVersion(previous, _version(datasetId, number), nonce, block.timestamp + 1 days);
    }

    function _invalid(address signer) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IDatasetRegistry.SignatureInvalid.selector, signer);
    }

    /// @dev The other signature of the same message that the curve allows: s mirrored, v flipped.
    function _mirrored(bytes memory signature) internal pure returns (bytes memory) {
        (bytes32 r, bytes32 s) = abi.decode(signature, (bytes32, bytes32));
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        return abi.encodePacked(r, order - uint256(s), uint8(signature[64]) == 27 ? uint8(28) : uint8(27));
    }

    function _wallet(MoodyWallet.Mood mood) internal returns (MoodyWallet wallet) {
        wallet = new MoodyWallet(carol.addr);
        wallet.setMood(mood);
    }
}
