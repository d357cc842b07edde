// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IProofVerifier} from "../../src/interfaces/IProofVerifier.sol";

/// @notice Accepts the hash of all it is asked about, and says why not otherwise.
contract HashVerifier is IProofVerifier {
    error ProofWrong(bytes32 expected);

    function verifyUsage(bytes32 jobId, uint256 round, bytes32 linesHash, bytes32 receiptDigest, bytes calldata proof)
        external
        pure
        returns (bytes4)
    {
        bytes32 expected = keccak256(abi.encode(jobId, round, linesHash, receiptDigest));
        if (keccak256(proof) != keccak256(abi.encode(expected))) revert ProofWrong(expected);
        return IProofVerifier.verifyUsage.selector;
    }
}

/// @notice Answers whatever it is asked with the bytes that it was made with.
contract CannedVerifier {
    bytes private _answer;

    constructor(bytes memory answer) {
        _answer = answer;
    }

    fallback(bytes calldata) external returns (bytes memory) {
        return _answer;
    }
}

/// @notice Reverts with nothing.
contract SilentVerifier {
    fallback() external {
        revert();
    }
}

/// @notice Burns all gas it is given.
contract BurningVerifier {
    fallback() external {
        assembly ("memory-safe") {
            invalid()
        }
    }
}

/// @notice Would remember that it was asked, which a static call forbids.
contract WritingVerifier {
    uint256 public asked;

    function verifyUsage(bytes32, uint256, bytes32, bytes32, bytes calldata) external returns (bytes4) {
        ++asked;
        return IProofVerifier.verifyUsage.selector;
    }
}

/// @notice A signer that is a contract: good are the signatures of its owner, until it is locked.
contract Wallet is IERC1271 {
    address private immutable OWNER;
    bool public locked;

    constructor(address owner) {
        OWNER = owner;
    }

    function setLocked(bool value) external {
        locked = value;
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        if (locked || ECDSA.recoverCalldata(hash, signature) != OWNER) return 0xffffffff;
        return IERC1271.isValidSignature.selector;
    }
}
