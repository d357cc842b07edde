// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    TimelockControllerUpgradeable
} from "@openzeppelin/contracts-upgradeable/governance/TimelockControllerUpgradeable.sol";

/// @title Holds a project's rights and treasury, and executes what its governor queued after the delay.
/// @notice OpenZeppelin's timelock without changes. The factory makes the governor the only proposer and canceller, lets
/// anyone execute, and leaves no admin but the timelock itself.
contract DataTimelock is TimelockControllerUpgradeable {
    /// @dev Only clones are ever set up.
    constructor() {
        _disableInitializers();
    }
}
