// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Access} from "./Managed.sol";

/// @title Base of the modules: clones whose wiring is part of their code.
/// @notice A clone is 45 bytes (EIP-1167) and then its wiring, 20 bytes an address; the first is always the AccessManager.
/// Reading it costs a copy of the contract's own code, not a storage slot.
abstract contract Module is Access {
    uint256 private constant CLONE_LENGTH = 0x2d;

    address private immutable IMPLEMENTATION;

    /// @notice Only clones are ever used.
    error NotAClone();
    /// @notice The clone was set up before.
    error AlreadyInitialized();

    modifier onlyClone() {
        if (address(this) == IMPLEMENTATION) revert NotAClone();
        _;
    }

    constructor() {
        IMPLEMENTATION = address(this);
    }

    /// @notice What the clone is wired to, in the order that its interface states.
    function wiring(uint256 index) external view returns (address) {
        return _wired(index);
    }

    function _authority() internal view virtual override returns (address) {
        return _wired(0);
    }

    /// @dev Zero past the end.
    function _wired(uint256 index) internal view returns (address part) {
        uint256 offset = CLONE_LENGTH + 20 * index;
        assembly ("memory-safe") {
            mstore(0, 0)
            extcodecopy(address(), 12, offset, 20)
            part := mload(0)
        }
    }
}
