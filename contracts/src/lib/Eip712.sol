// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Attestation, UsageLine, UsageReport} from "../types/Modules.sol";
import {AddVersion, ClaimTo, Consent, IssuePass, Register, RevokeConsent, Version} from "../types/Types.sol";

/// @title The one definition on chain of the EIP-712 domain and of the structs that several contracts hash.
/// @notice Types and field order are those of `spec.md` ("EIP-712"). Nothing is stored or cached: the domain follows from
/// chain and address, and on a chain that split off it is another.
library Eip712 {
    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant NAME_HASH = keccak256("dgov");
    bytes32 private constant VERSION_HASH = keccak256("1");

    bytes32 internal constant VERSION_TYPEHASH = keccak256(
        "Version(bytes32 datasetId,uint32 number,bytes32 packageDigest,bytes32 recordRoot,uint64 records,bytes32 contributorRoot,bytes32 splitsDigest,bytes32 cardDigest,bytes32 licenseDigest,bytes32 parentsHash)"
    );
    bytes32 internal constant REGISTER_TYPEHASH = keccak256(
        "Register(address publisher,bytes32 salt,Version version,uint256 nonce,uint256 deadline)"
        "Version(bytes32 datasetId,uint32 number,bytes32 packageDigest,bytes32 recordRoot,uint64 records,bytes32 contributorRoot,bytes32 splitsDigest,bytes32 cardDigest,bytes32 licenseDigest,bytes32 parentsHash)"
    );
    bytes32 internal constant ADD_VERSION_TYPEHASH = keccak256(
        "AddVersion(bytes32 previous,Version version,uint256 nonce,uint256 deadline)"
        "Version(bytes32 datasetId,uint32 number,bytes32 packageDigest,bytes32 recordRoot,uint64 records,bytes32 contributorRoot,bytes32 splitsDigest,bytes32 cardDigest,bytes32 licenseDigest,bytes32 parentsHash)"
    );
    bytes32 internal constant CONSENT_TYPEHASH = keccak256(
        "Consent(address contributor,address payee,bytes32 datasetId,bytes32 licenseDigest,uint256 purposes,uint64 expiry,uint256 nonce,uint256 deadline)"
    );
    bytes32 internal constant REVOKE_CONSENT_TYPEHASH =
        keccak256("RevokeConsent(address contributor,bytes32 consentDigest,uint256 nonce,uint256 deadline)");
    bytes32 internal constant ISSUE_PASS_TYPEHASH = keccak256(
        "IssuePass(address issuer,address holder,bytes32 versionKey,bytes32 termsId,uint64 expiry,uint8 burnAuth,uint256 nonce,uint256 deadline)"
    );

    bytes32 internal constant CLAIM_TO_TYPEHASH = keccak256(
        "ClaimTo(address account,address to,address currency,bytes32 poolsHash,uint256 nonce,uint256 deadline)"
    );

    /// @notice The domain separator of the calling contract.
    function domainSeparator() internal view returns (bytes32) {
        return keccak256(abi.encode(DOMAIN_TYPEHASH, NAME_HASH, VERSION_HASH, block.chainid, address(this)));
    }

    /// @notice What is signed: keccak256(0x1901 || domain separator || struct hash).
    function digest(bytes32 structHash) internal view returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", domainSeparator(), structHash));
    }

    /// @notice The version key: hashStruct of the version.
    /// @dev Ten static words, hashed as they came: surplus high bits of `number` or `records` give a key that no registered
    /// version has, and revert where the field itself is read.
    function hashVersion(Version calldata version) internal pure returns (bytes32 key) {
        bytes32 typehash = VERSION_TYPEHASH;
        assembly ("memory-safe") {
            let ptr := mload(0x40)
            mstore(ptr, typehash)
            calldatacopy(add(ptr, 32), version, 320)
            key := keccak256(ptr, 352)
        }
    }

    /// @notice hashStruct of a request to register.
    /// @param versionKey hashStruct of its version, which the caller has computed.
    function hashRegister(Register calldata request, bytes32 versionKey) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(REGISTER_TYPEHASH, request.publisher, request.salt, versionKey, request.nonce, request.deadline)
        );
    }

    /// @notice hashStruct of a request to append.
    /// @param versionKey hashStruct of its version, which the caller has computed.
    function hashAddVersion(AddVersion calldata request, bytes32 versionKey) internal pure returns (bytes32) {
        return
            keccak256(abi.encode(ADD_VERSION_TYPEHASH, request.previous, versionKey, request.nonce, request.deadline));
    }

    /// @notice hashStruct of a consent.
    function hashConsent(Consent calldata consent) internal pure returns (bytes32) {
        return keccak256(abi.encode(CONSENT_TYPEHASH, consent));
    }

    /// @notice hashStruct of a request to revoke a consent.
    function hashRevokeConsent(RevokeConsent calldata request) internal pure returns (bytes32) {
        return keccak256(abi.encode(REVOKE_CONSENT_TYPEHASH, request));
    }

    /// @notice hashStruct of a request for a pass.
    function hashIssuePass(IssuePass calldata request) internal pure returns (bytes32) {
        return keccak256(abi.encode(ISSUE_PASS_TYPEHASH, request));
    }

    bytes32 internal constant USAGE_LINE_TYPEHASH = keccak256("UsageLine(bytes32 versionKey,uint64 weight)");
    bytes32 internal constant USAGE_REPORT_TYPEHASH = keccak256(
        "UsageReport(bytes32 jobId,bytes32 signerSetId,UsageLine[] lines,bytes32 receiptDigest,uint256 nonce,uint256 deadline)UsageLine(bytes32 versionKey,uint64 weight)"
    );

    /// @notice hashStruct of a line of a usage report.
    function hashUsageLine(UsageLine calldata line) internal pure returns (bytes32) {
        return keccak256(abi.encode(USAGE_LINE_TYPEHASH, line));
    }

    /// @notice hashStruct of a usage report; a list is hashed as the hashes of its elements, one after the other.
    function hashUsageReport(UsageReport calldata report) internal pure returns (bytes32) {
        UsageLine[] calldata lines = report.lines;
        bytes32[] memory hashes = new bytes32[](lines.length);
        for (uint256 i; i < lines.length; ++i) {
            hashes[i] = hashUsageLine(lines[i]);
        }
        return keccak256(
            abi.encode(
                USAGE_REPORT_TYPEHASH,
                report.jobId,
                report.signerSetId,
                keccak256(abi.encodePacked(hashes)),
                report.receiptDigest,
                report.nonce,
                report.deadline
            )
        );
    }

    bytes32 internal constant ATTESTATION_TYPEHASH = keccak256(
        "Attestation(address validator,bytes32 versionKey,uint16 score,bytes32 evidence,uint256 nonce,uint256 deadline)"
    );

    /// @notice hashStruct of an attestation.
    function hashAttestation(Attestation calldata attestation) internal pure returns (bytes32) {
        return keccak256(abi.encode(ATTESTATION_TYPEHASH, attestation));
    }

    /// @notice hashStruct of an order to pay elsewhere.
    function hashClaimTo(ClaimTo calldata request) internal pure returns (bytes32) {
        return keccak256(abi.encode(CLAIM_TO_TYPEHASH, request));
    }
}
