// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";

/// @title Base of the data contracts: clones whose fixed configuration is in their own code, not in storage.
/// @notice Word 0 of the arguments is the AccessManager; what follows is each contract's own.
abstract contract ManagedClone {
    address private immutable IMPLEMENTATION = address(this);

    /// @notice The implementation itself does nothing; only its clones do.
    error ImplementationLocked();
    /// @notice Only who the AccessManager lets call this function, which is the DAO's timelock.
    error Unauthorized(address caller);

    modifier onlyClone() {
        if (address(this) == IMPLEMENTATION) revert ImplementationLocked();
        _;
    }

    modifier restricted() {
        if (address(this) == IMPLEMENTATION) revert ImplementationLocked();
        (bool immediate,) = IAccessManager(authority()).canCall(msg.sender, address(this), msg.sig);
        if (!immediate) revert Unauthorized(msg.sender);
        _;
    }

    /// @notice The AccessManager that says who may call restricted functions.
    function authority() public view returns (address) {
        return address(uint160(uint256(_argument(0))));
    }

    /// @dev Word `index` of the clone's immutable arguments; reading code that is running costs no cold access.
    function _argument(uint256 index) internal view returns (bytes32 word) {
        // 0x2d: length of the clone's own code, which OpenZeppelin's `Clones` puts before the arguments.
        assembly ("memory-safe") {
            extcodecopy(address(), 0, add(0x2d, shl(5, index)), 32)
            word := mload(0)
        }
    }
}
