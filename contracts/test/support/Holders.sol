// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Puts creation code where a factory reads it; see `CodeHolder`.
library Holders {
    error HolderRefused(uint256 length);

    /// @notice A contract whose code is 0x00 and the bytes given.
    function hold(bytes memory creationCode) internal returns (address) {
        return withCode(bytes.concat(hex"00", creationCode));
    }

    /// @notice A contract with exactly this code.
    function withCode(bytes memory code) internal returns (address made) {
        // Returns what follows these ten bytes: PUSH2 length, DUP1, PUSH1 10, PUSH0, CODECOPY, PUSH0, RETURN.
        bytes memory initCode = bytes.concat(hex"61", bytes2(uint16(code.length)), hex"80600a5f395ff3", code);
        assembly ("memory-safe") {
            made := create(0, add(initCode, 32), mload(initCode))
        }
        if (made == address(0)) revert HolderRefused(code.length);
    }
}
