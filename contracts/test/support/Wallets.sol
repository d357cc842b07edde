// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @notice A wallet contract that answers ERC-1271 in the ways that wallets, and bad ones, do.
contract MoodyWallet is IERC1271 {
    enum Mood {
        /// Says yes to its owner's signature.
        Honest,
        /// Says no to everything.
        Refusing,
        /// Answers the magic value with bits after it.
        Garbage,
        /// Answers the magic value in four bytes instead of a word.
        Short,
        /// Answers nothing.
        Silent,
        Reverting
    }

    address private immutable OWNER;
    Mood public mood;

    constructor(address owner) {
        OWNER = owner;
    }

    function setMood(Mood mood_) external {
        mood = mood_;
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4 magic) {
        magic = this.isValidSignature.selector;
        if (mood == Mood.Refusing) return bytes4(0xffffffff);
        if (mood == Mood.Reverting) revert();
        uint256 length = mood == Mood.Garbage ? 32 : mood == Mood.Short ? 4 : 0;
        if (mood != Mood.Honest) {
            assembly ("memory-safe") {
                mstore(0, or(magic, 1))
                return(0, length)
            }
        }
        if (ECDSA.recoverCalldata(hash, signature) != OWNER) return bytes4(0);
    }
}
