// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    AccessManagerUpgradeable
} from "@openzeppelin/contracts-upgradeable/access/manager/AccessManagerUpgradeable.sol";

/// @title Says who may call the restricted functions of a project's data contracts.
/// @notice OpenZeppelin's AccessManager without changes. After deployment its only admin is the project's timelock.
contract DataAccessManager is AccessManagerUpgradeable {
    /// @dev Only clones are ever set up.
    constructor() {
        _disableInitializers();
    }
}
