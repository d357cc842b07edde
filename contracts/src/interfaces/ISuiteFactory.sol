// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DaoConfig, ProjectConfig, Suite} from "../types/Types.sol";

/// @title Deploys a project's contracts as clones in one transaction that leaves no outside admin.
interface ISuiteFactory {
    /// @notice A project's contracts exist from now on.
    event SuiteDeployed(address indexed deployer, address indexed registry, bytes32 indexed salt, Suite suite);

    /// @notice Deploys governance and data contracts, wires them, adds the first terms, and asserts that the timelock is
    /// the only admin.
    function deploy(DaoConfig calldata dao, ProjectConfig calldata project) external returns (Suite memory suite);

    /// @notice Deploys token, timelock and governor, and AccessManager if `withManager`.
    function deployDao(DaoConfig calldata dao, bool withManager) external returns (Suite memory suite);

    /// @notice The salt that binds deployer and configuration.
    function saltOf(address deployer, DaoConfig calldata dao, ProjectConfig calldata project)
        external
        pure
        returns (bytes32);

    /// @notice Where the contracts of a salt are, deployed or not.
    function suiteOf(bytes32 salt) external view returns (Suite memory);
}
