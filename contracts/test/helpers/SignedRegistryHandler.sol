// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Vm} from "forge-std/Vm.sol";
import {DatasetRegistry} from "../../src/DatasetRegistry.sol";
import {LicenseRegistry} from "../../src/LicenseRegistry.sol";
import {AddVersion, Register, RevokeConsent, Status, Version} from "../../src/types/Types.sol";
import {RegistryHandler} from "./RegistryHandler.sol";

/// @notice Adds signers and relayers that send what was signed late, twice, changed or for others; a court; and everybody
/// who marks and clears taints.
contract SignedRegistryHandler is RegistryHandler {
    string private constant VERSION_TYPE =
        "Version(bytes32 datasetId,uint32 number,bytes32 packageDigest,bytes32 recordRoot,uint64 records,bytes32 contributorRoot,bytes32 splitsDigest,bytes32 cardDigest,bytes32 licenseDigest,bytes32 parentsHash)";

    address private immutable COURT;

    /// @dev What relayers have at hand: requests as bytes, and signatures.
    bytes[] private _registers;
    bytes[] private _registerSignatures;
    bytes[] private _adds;
    bytes[] private _addSignatures;
    bytes[] private _revokes;
    bytes[] private _revokeSignatures;
    /// @dev Who signed a request, and with what.
    mapping(bytes32 request => mapping(address signer => bytes32)) private _signed;
    mapping(address account => mapping(uint192 key => uint256)) public nextNonce;
    mapping(bytes32 versionKey => bytes32) public causeOf;
    mapping(address contributor => mapping(bytes32 digest => uint256)) public revokedAt;

    constructor(DatasetRegistry registry_, LicenseRegistry licenses_, address dao_, address court_)
        RegistryHandler(registry_, licenses_, dao_)
    {
        COURT = court_;
    }

    function wait(uint256 time) external {
        vm.warp(block.timestamp + time % 1 days);
    }

    // ------------------------------------------------------------------------------------------------ signers

    function signRegister(uint256 who, uint256 salt, uint256 content, uint192 key, uint256 time) external {
        Vm.Wallet memory signer = actors[who % 3];
        bytes32 name = bytes32(1 + salt % 4);
        Register memory r;
        (r.publisher, r.salt, r.nonce, r.deadline) = (signer.addr, name, _nonce(signer.addr, key), _deadline(time));
        r.version = _version(REGISTRY.datasetIdOf(signer.addr, name), 1, content);
        bytes32 typehash = keccak256(
            abi.encodePacked(
                "Register(address publisher,bytes32 salt,Version version,uint256 nonce,uint256 deadline)", VERSION_TYPE
            )
        );
        bytes32 structHash = keccak256(abi.encode(typehash, r.publisher, r.salt, _hash(r.version), r.nonce, r.deadline));
        _registers.push(abi.encode(r));
        _registerSignatures.push(_sign(signer, structHash, abi.encode(r)));
    }

    function signAdd(uint256 who, uint256 which, uint256 content, uint192 key, uint256 time) external {
        bytes32 id = _dataset(which);
        Vm.Wallet memory signer = actors[who % 3];
        for (uint256 i; i < 3; ++i) {
            // Mostly the owner, sometimes somebody who hopes.
            if (who % 5 != 0 && actors[i].addr == ownerOf[id]) signer = actors[i];
        }
        uint256 count = _versions[id].length;
        AddVersion memory r;
        (r.previous, r.nonce, r.deadline) =
        (REGISTRY.keyAt(id, uint32(count)), _nonce(signer.addr, key), _deadline(time));
        r.version = _version(id, uint32(count + 1), content);
        bytes32 typehash = keccak256(
            abi.encodePacked(
                "AddVersion(bytes32 previous,Version version,uint256 nonce,uint256 deadline)", VERSION_TYPE
            )
        );
        bytes32 structHash = keccak256(abi.encode(typehash, r.previous, _hash(r.version), r.nonce, r.deadline));
        _adds.push(abi.encode(r));
        _addSignatures.push(_sign(signer, structHash, abi.encode(r)));
    }

    function signRevoke(uint256 who, uint256 digest, uint192 key, uint256 time) external {
        Vm.Wallet memory signer = actors[who % 3];
        RevokeConsent memory r =
            RevokeConsent(signer.addr, bytes32(1 + digest % 4), _nonce(signer.addr, key), _deadline(time));
        bytes32 typehash =
            keccak256("RevokeConsent(address contributor,bytes32 consentDigest,uint256 nonce,uint256 deadline)");
        _revokes.push(abi.encode(r));
        _revokeSignatures.push(_sign(signer, keccak256(abi.encode(typehash, r)), abi.encode(r)));
    }

    function cancelNonce(uint256 who, uint192 key) external {
        address sender = _actor(who);
        key %= 2;
        vm.prank(sender);
        REGISTRY.cancelNonce(key);
        ++nextNonce[sender][key];
        ++successes["cancelNonce"];
    }

    // ------------------------------------------------------------------------------------------------ relayers

    /// @param slip Which of request and signature are changed on the way.
    function relayRegister(uint256 who, uint256 which, uint256 change, uint8 slip) external {
        if (_registers.length == 0) return;
        (bytes memory request, bytes memory signature) = _tamper(_registers, _registerSignatures, which, change, slip);
        Register memory r = abi.decode(request, (Register));
        vm.prank(_actor(who));
        try REGISTRY.registerBySig(r, "meta", signature) returns (bytes32 key) {
            _granted(r.publisher, request, signature, r.nonce, r.deadline);
            _registered(r.publisher, r.version, key);
            ++successes["registerBySig"];
        } catch {}
    }

    function relayAdd(uint256 who, uint256 which, uint256 change, uint8 slip) external {
        if (_adds.length == 0) return;
        (bytes memory request, bytes memory signature) = _tamper(_adds, _addSignatures, which, change, slip);
        AddVersion memory r = abi.decode(request, (AddVersion));
        vm.prank(_actor(who));
        try REGISTRY.addVersionBySig(r, "meta", signature) returns (bytes32 key) {
            _used(ownerOf[r.version.datasetId], request, signature, r.nonce, r.deadline);
            _appended(r.previous, r.version, key);
            ++successes["addVersionBySig"];
        } catch {}
    }

    function relayRevoke(uint256 who, uint256 which, uint256 change, uint8 slip) external {
        if (_revokes.length == 0) return;
        (bytes memory request, bytes memory signature) = _tamper(_revokes, _revokeSignatures, which, change, slip);
        RevokeConsent memory r = abi.decode(request, (RevokeConsent));
        vm.prank(_actor(who));
        try REGISTRY.revokeConsentBySig(r, signature) {
            _used(r.contributor, request, signature, r.nonce, r.deadline);
            _revoked(r.contributor, r.consentDigest);
            ++successes["revokeConsentBySig"];
        } catch {}
    }

    function revokeConsent(uint256 who, uint256 digest) external {
        bytes32 consent = bytes32(1 + digest % 4);
        address sender = _actor(who);
        vm.prank(sender);
        try REGISTRY.revokeConsent(consent) {
            _revoked(sender, consent);
            ++successes["revokeConsent"];
        } catch {}
    }

    // ------------------------------------------------------------------------------------------------ court, taint

    function ruleStatus(uint256 who, uint256 which, uint32 number, uint8 status, uint8 slip) external {
        bytes32 id = _dataset(which);
        Status next = Status(status % 4);
        number = uint32(_slips(slip, 1) ? number % (_versions[id].length + 2) : 1);
        bytes32 key = REGISTRY.keyAt(id, number);
        address sender = _slips(slip, 0) ? _actor(who) : COURT;
        vm.prank(sender);
        try REGISTRY.ruleStatus(id, number, next, 0) {
            if (sender != COURT || key == 0) breach = "ruled by another, or on nothing";
            if (statusOf[key] != Status.Disputed) {
                if (next != Status.Disputed || ruledOf[key]) breach = "ruled without a dispute";
                (beforeOf[key], statusOf[key]) = (statusOf[key], next);
            } else {
                if (next == Status.Disputed) breach = "disputed twice";
                if (next == Status.Recalled) (statusOf[key], ruledOf[key]) = (next, true);
                else statusOf[key] = beforeOf[key];
                beforeOf[key] = Status.Active;
            }
            ++successes["ruleStatus"];
        } catch {}
    }

    /// @param slip Another child's parents, a key that is none of them.
    function markTainted(uint256 who, uint256 which, uint256 other, uint8 slip) external {
        if (keys.length == 0) return;
        bytes32 child = keys[which % keys.length];
        bytes32[] memory parents = _parents[_slips(slip, 0) ? keys[other % keys.length] : child];
        bytes32 parent = keys[other % keys.length];
        if (!_slips(slip, 1) && parents.length != 0) parent = parents[other % parents.length];
        Version memory version = _versionOf(child);
        vm.prank(_actor(who));
        try REGISTRY.markTainted(version, parents, parent) {
            if (!_isParent(child, parent)) breach = "tainted by a stranger";
            if (!taints(parent)) breach = "tainted by a clean parent";
            if (causeOf[child] != 0 && taints(causeOf[child])) breach = "a standing cause was replaced";
            causeOf[child] = parent;
            ++successes["markTainted"];
        } catch {}
    }

    function clearTaint(uint256 who, uint256 which) external {
        if (keys.length == 0) return;
        bytes32 child = keys[which % keys.length];
        vm.prank(_actor(who));
        try REGISTRY.clearTaint(child) {
            if (causeOf[child] == 0 || taints(causeOf[child])) breach = "cleared what stands";
            causeOf[child] = 0;
            ++successes["clearTaint"];
        } catch {}
    }

    /// @notice Whether what is made of this version is tainted: of what it is, or was before a dispute, or of its own taint.
    function taints(bytes32 key) public view returns (bool) {
        Status status = statusOf[key] == Status.Disputed ? beforeOf[key] : statusOf[key];
        return status == Status.Recalled || causeOf[key] != 0;
    }

    // ------------------------------------------------------------------------------------------------ helpers

    function _used(address signer, bytes memory request, bytes memory signature, uint256 nonce, uint256 deadline)
        private
    {
        _granted(signer, request, signature, nonce, deadline);
        ++nextNonce[signer][uint192(nonce >> 64)];
    }

    function _granted(address signer, bytes memory request, bytes memory signature, uint256 nonce, uint256 deadline)
        private
    {
        if (_signed[keccak256(request)][signer] != keccak256(signature)) breach = "used what its signer did not sign";
        if (block.timestamp > deadline) breach = "used after its deadline";
        if (uint64(nonce) != nextNonce[signer][uint192(nonce >> 64)]) breach = "used twice, or out of order";
    }

    function _revoked(address contributor, bytes32 digest) private {
        if (revokedAt[contributor][digest] != 0) breach = "revoked twice";
        revokedAt[contributor][digest] = block.timestamp;
    }

    /// @dev A request with a signature; sometimes with another's, with a word changed, or with a bit of the signature.
    function _tamper(bytes[] storage requests, bytes[] storage signatures, uint256 which, uint256 change, uint8 slip)
        private
        view
        returns (bytes memory request, bytes memory signature)
    {
        request = requests[which % requests.length];
        signature = signatures[(_slips(slip, 0) ? change : which) % requests.length];
        if (_slips(slip, 1)) request[32 * (change % (request.length / 32)) + 31] ^= 0x01;
        if (_slips(slip, 2)) signature[change % 65] ^= bytes1(uint8(1 << (change % 8)));
    }

    function _sign(Vm.Wallet memory signer, bytes32 structHash, bytes memory request)
        private
        returns (bytes memory signature)
    {
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", REGISTRY.domainSeparator(), structHash));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(signer.privateKey, digest);
        signature = abi.encodePacked(r, s, v);
        _signed[keccak256(request)][signer.addr] = keccak256(signature);
    }

    function _nonce(address signer, uint192 key) private view returns (uint256) {
        key %= 2;
        return uint256(key) << 64 | nextNonce[signer][key];
    }

    function _deadline(uint256 time) private view returns (uint256) {
        return block.timestamp + time % 3 days;
    }

    function _hash(Version memory version) private pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(VERSION_TYPE)), version));
    }

    function _versionOf(bytes32 key) private view returns (Version memory) {
        for (uint256 i; i < datasets.length; ++i) {
            Version[] storage versions = _versions[datasets[i]];
            for (uint256 j; j < versions.length; ++j) {
                if (_hash(versions[j]) == key) return versions[j];
            }
        }
        revert();
    }

    function _isParent(bytes32 child, bytes32 parent) private view returns (bool) {
        bytes32[] storage parents = _parents[child];
        for (uint256 i; i < parents.length; ++i) {
            if (parents[i] == parent) return true;
        }
        return false;
    }
}
