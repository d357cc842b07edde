// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ClaimTo, IssuePass, Version} from "../types/Types.sol";

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

    /// @notice hashStruct of a request for a pass.
    function hashIssuePass(IssuePass calldata request) internal pure returns (bytes32) {
        return keccak256(abi.encode(ISSUE_PASS_TYPEHASH, request));
    }

    /// @notice hashStruct of an order to pay elsewhere.
    function hashClaimTo(ClaimTo calldata request) internal pure returns (bytes32) {
        return keccak256(abi.encode(CLAIM_TO_TYPEHASH, request));
    }
}
