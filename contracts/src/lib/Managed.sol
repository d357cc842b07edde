// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";

/// @title Base of the data contracts: their rare calls are for who the AccessManager lets, which is the DAO's timelock.
/// @notice What such a contract is wired to is fixed in its code by its constructor, not in storage.
abstract contract Managed {
    address private immutable AUTHORITY;

    /// @notice Only who the AccessManager lets call this function, which is the DAO's timelock.
    error Unauthorized(address caller);

    modifier restricted() {
        (bool immediate,) = IAccessManager(AUTHORITY).canCall(msg.sender, address(this), msg.sig);
        if (!immediate) revert Unauthorized(msg.sender);
        _;
    }

    /// @param manager The AccessManager, for good.
    constructor(address manager) {
        AUTHORITY = manager;
    }

    /// @notice The AccessManager that says who may call restricted functions.
    function authority() public view returns (address) {
        return AUTHORITY;
    }
}
