// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Contracts whose code is other contracts' creation code.
/// @notice A holder's code is one byte 0x00 (STOP: a call does nothing) and then creation code without arguments. A factory
/// that reads it from there can create full contracts without carrying their code itself; EIP-170 limits each holder to
/// 24,576 bytes.
/// @dev Holders never change: code that starts with STOP can't destroy itself.
library CodeHolder {
    /// @notice This is no holder: its code is too short or does not start with 0x00.
    error CodeHolderInvalid(address holder);
    /// @notice Creating what the holder holds gave no contract, and no reason: the address is taken, or the creation code
    /// ran out of gas or returned nothing.
    error CreationFailed(address holder, address expected);

    /// @notice Reverts unless the account is a holder.
    function check(address holder) internal view {
        // Code 0x00 alone would hold nothing.
        if (holder.code.length < 2) revert CodeHolderInvalid(holder);
        bytes32 head;
        assembly ("memory-safe") {
            extcodecopy(holder, 0, 0, 1)
            head := byte(0, mload(0))
        }
        if (head != 0) revert CodeHolderInvalid(holder);
    }

    /// @notice Creates the contract that is held, by CREATE2, or reverts with its constructor's reason.
    /// @param holder Has passed `check`.
    /// @param args ABI-encoded arguments of the constructor.
    function create(address holder, bytes memory args, bytes32 salt) internal returns (address created) {
        bytes memory code = _initCode(holder, args);
        assembly ("memory-safe") {
            created := create2(0, add(code, 32), mload(code), salt)
            if iszero(created) {
                if returndatasize() {
                    let reason := mload(0x40)
                    returndatacopy(reason, 0, returndatasize())
                    revert(reason, returndatasize())
                }
            }
        }
        if (created.code.length == 0) revert CreationFailed(holder, _addressOf(code, salt));
    }

    /// @notice Where `create` with the same parameters, called from this contract, puts the contract.
    function predict(address holder, bytes memory args, bytes32 salt) internal view returns (address) {
        return _addressOf(_initCode(holder, args), salt);
    }

    /// @dev EIP-1014.
    function _addressOf(bytes memory code, bytes32 salt) private view returns (address) {
        bytes32 hash = keccak256(abi.encodePacked(bytes1(0xff), address(this), salt, keccak256(code)));
        return address(uint160(uint256(hash)));
    }

    /// @dev Creation code, then arguments.
    function _initCode(address holder, bytes memory args) private view returns (bytes memory code) {
        assembly ("memory-safe") {
            let held := sub(extcodesize(holder), 1)
            let size := mload(args)
            code := mload(0x40)
            let start := add(code, 32)
            extcodecopy(holder, start, 1, held)
            mcopy(add(start, held), add(args, 32), size)
            mstore(code, add(held, size))
            mstore(0x40, and(add(add(start, add(held, size)), 31), not(31)))
        }
    }
}
