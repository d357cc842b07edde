// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DaoConfig, ProjectConfig, Suite} from "../types/Types.sol";

/// @title Deploys a project's contracts in one transaction that leaves no outside admin.
/// @notice Governance contracts and modules are clones; the data contracts are full contracts, because they are called far
/// more often: a purchase runs through all four of them.
/// @notice The factory stores nothing, owns nothing and has no admin. Salts bind the deployer and the whole
/// configuration, so that nobody can take another's addresses, or put another configuration there.
interface ISuiteFactory {
    /// @notice A project's contracts exist from now on. Addresses that were not deployed are zero.
    event SuiteDeployed(address indexed deployer, address indexed registry, bytes32 indexed salt, Suite suite);

    /// @notice The contracts of this salt exist already; `token` is one of them.
    error AlreadyDeployed(bytes32 salt, address token);
    /// @notice An implementation or a holder of creation code given to the factory's constructor has no code.
    error ImplementationMissing(address implementation);
    /// @notice The timelock would not have the right it needs; `holder` lacks `role` on `target`.
    error RightMissing(address target, bytes32 role, address holder);
    /// @notice Someone besides the DAO would keep a right: `holder` still has `role` on `target`.
    error RightLeft(address target, bytes32 role, address holder);
    /// @notice Somebody besides the timelock would decide who acts as the court: the role's admin or guardian is not 0.
    error CourtRoleExposed(address manager, uint64 admin, uint64 guardian);
    /// @notice A window, lock or bond of nothing would let everybody through.
    error SettingZero(string setting);
    /// @notice Basis points, at least 1 and at most 10,000.
    error BondShareInvalid(uint16 bps);
    /// @notice Stake would leave before a case on it is over.
    error UnbondingTooShort(uint256 unbonding, uint256 needed);
    /// @notice There is no contract at the arbitrator's address.
    error ArbitratorMissing(address arbitrator);

    /// @notice Deploys governance, data contracts and modules, wires them, adds the first terms, and asserts that the
    /// timelock is the only admin and the court the only court.
    /// @dev Reverts with `AlreadyDeployed` for a deployer and configuration that were there before; terms, policy and
    /// currencies are checked by the contracts they go to.
    function deploy(DaoConfig calldata dao, ProjectConfig calldata project) external returns (Suite memory suite);

    /// @notice Deploys token, timelock and governor, and AccessManager if `withManager`; the other addresses stay zero.
    function deployDao(DaoConfig calldata dao, bool withManager) external returns (Suite memory suite);

    /// @notice The salt that binds deployer and configuration.
    /// @dev keccak256(abi.encode(keccak256("dgov.suite.v1"), deployer, dao, project)), its lowest bit replaced by
    /// `project.daoApprovesCards`: the registry's address depends on that flag, and `suiteOf` has only the salt.
    function saltOf(address deployer, DaoConfig calldata dao, ProjectConfig calldata project)
        external
        pure
        returns (bytes32);

    /// @notice The salt of `deployDao`: keccak256(abi.encode(keccak256("dgov.dao.v1"), deployer, dao, withManager)).
    function daoSaltOf(address deployer, DaoConfig calldata dao, bool withManager) external pure returns (bytes32);

    /// @notice Where the contracts of a salt are, deployed or not.
    function suiteOf(bytes32 salt) external view returns (Suite memory);

    /// @notice What this factory makes suites of: token, timelock, governor, manager and modules are what it clones, the
    /// other four hold the creation code of the data contracts (see `CodeHolder`).
    function implementations() external view returns (Suite memory);
}
