// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";

/// @title Rare calls are for who the AccessManager lets: the DAO's timelock, or the module that has a role for them.
abstract contract Access {
    /// @notice Only who the AccessManager lets call this function.
    error Unauthorized(address caller);

    modifier restricted() {
        (bool immediate,) = IAccessManager(_authority()).canCall(msg.sender, address(this), msg.sig);
        if (!immediate) revert Unauthorized(msg.sender);
        _;
    }

    /// @notice The AccessManager that says who may call restricted functions.
    function authority() public view returns (address) {
        return _authority();
    }

    function _authority() internal view virtual returns (address);
}

/// @title Base of the data contracts: what such a contract is wired to is fixed in its code by its constructor, not in
/// storage.
abstract contract Managed is Access {
    address private immutable AUTHORITY;

    /// @param manager The AccessManager, for good.
    constructor(address manager) {
        AUTHORITY = manager;
    }

    function _authority() internal view override returns (address) {
        return AUTHORITY;
    }
}
