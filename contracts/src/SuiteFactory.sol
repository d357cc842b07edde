// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";

import {DataAccessManager} from "./DataAccessManager.sol";
import {DataTimelock} from "./DataTimelock.sol";
import {IDataGovernor} from "./interfaces/IDataGovernor.sol";
import {IDataToken} from "./interfaces/IDataToken.sol";
import {ILicenseRegistry} from "./interfaces/ILicenseRegistry.sol";
import {IRoyaltyVault} from "./interfaces/IRoyaltyVault.sol";
import {ISuiteFactory} from "./interfaces/ISuiteFactory.sol";
import {CodeHolder} from "./lib/CodeHolder.sol";
import {SuiteModules} from "./lib/SuiteModules.sol";
import {DaoConfig, ProjectConfig, Suite} from "./types/Types.sol";

/// @title SuiteFactory
/// @notice See {ISuiteFactory}.
contract SuiteFactory is ISuiteFactory, SuiteModules {
    bytes32 private constant SUITE_DOMAIN = keccak256("dgov.suite.v1");
    bytes32 private constant DAO_DOMAIN = keccak256("dgov.dao.v1");

    /// @dev OpenZeppelin's role ids: AccessManager's admin, and AccessControl's admin, proposer, canceller, executor.
    uint64 private constant MANAGER_ADMIN = 0;
    bytes32 private constant TIMELOCK_ADMIN = 0;
    bytes32 private constant PROPOSER = keccak256("PROPOSER_ROLE");
    bytes32 private constant CANCELLER = keccak256("CANCELLER_ROLE");
    bytes32 private constant EXECUTOR = keccak256("EXECUTOR_ROLE");

    address private immutable TOKEN;
    address private immutable TIMELOCK;
    address private immutable GOVERNOR;
    address private immutable MANAGER;
    address private immutable REGISTRY;
    address private immutable LICENSES;
    address private immutable VAULT;
    address private immutable PASS;

    /// @param implementations_ Token, timelock, governor, manager and the modules: what to clone, each locked against use by
    /// itself. Registry, licenses, vault and pass: holders of their creation code, see `CodeHolder`.
    constructor(Suite memory implementations_) SuiteModules(implementations_) {
        TOKEN = _withCode(implementations_.token);
        TIMELOCK = _withCode(implementations_.timelock);
        GOVERNOR = _withCode(implementations_.governor);
        MANAGER = _withCode(implementations_.manager);
        REGISTRY = _holder(implementations_.registry);
        LICENSES = _holder(implementations_.licenses);
        VAULT = _holder(implementations_.vault);
        PASS = _holder(implementations_.pass);
    }

    /// @inheritdoc ISuiteFactory
    function deploy(DaoConfig calldata dao, ProjectConfig calldata project) external returns (Suite memory suite) {
        bytes32 salt = saltOf(msg.sender, dao, project);
        _checkSettings(project.modules);

        // Effects: every contract exists before any is set up.
        _cloneDao(suite, salt);
        suite.manager = Clones.cloneDeterministic(MANAGER, salt);
        suite.registry = CodeHolder.create(REGISTRY, _registryArgs(suite.manager, salt), salt);
        suite.licenses = CodeHolder.create(LICENSES, _licensesArgs(suite), salt);
        suite.vault = CodeHolder.create(VAULT, _vaultArgs(suite), salt);
        suite.pass = CodeHolder.create(PASS, _passArgs(suite), salt);
        _cloneModules(suite, salt);

        // Interactions: all of them with contracts that were just made. Clones come first, before anything of the
        // configuration is called: nobody else gets to initialize one.
        _initializeDao(suite, dao);
        _initializeModules(suite, project.modules);
        DataAccessManager manager = DataAccessManager(suite.manager);
        manager.initialize(address(this));
        _empowerCourt(suite);
        _configure(suite, project);
        manager.grantRole(MANAGER_ADMIN, suite.timelock, 0);
        manager.renounceRole(MANAGER_ADMIN, address(this));

        _checkTimelock(suite);
        _checkManager(suite);
        _checkCourt(suite);
        emit SuiteDeployed(msg.sender, suite.registry, salt, suite);
    }

    /// @inheritdoc ISuiteFactory
    function deployDao(DaoConfig calldata dao, bool withManager) external returns (Suite memory suite) {
        bytes32 salt = daoSaltOf(msg.sender, dao, withManager);

        // Effects
        _cloneDao(suite, salt);
        if (withManager) suite.manager = Clones.cloneDeterministic(MANAGER, salt);

        // Interactions
        _initializeDao(suite, dao);
        if (withManager) {
            DataAccessManager(suite.manager).initialize(suite.timelock);
            _checkManager(suite);
        }

        _checkTimelock(suite);
        emit SuiteDeployed(msg.sender, address(0), salt, suite);
    }

    /// @inheritdoc ISuiteFactory
    function suiteOf(bytes32 salt) external view returns (Suite memory suite) {
        suite.token = Clones.predictDeterministicAddress(TOKEN, salt);
        suite.timelock = Clones.predictDeterministicAddress(TIMELOCK, salt);
        suite.governor = Clones.predictDeterministicAddress(GOVERNOR, salt);
        suite.manager = Clones.predictDeterministicAddress(MANAGER, salt);
        suite.registry = CodeHolder.predict(REGISTRY, _registryArgs(suite.manager, salt), salt);
        suite.licenses = CodeHolder.predict(LICENSES, _licensesArgs(suite), salt);
        suite.vault = CodeHolder.predict(VAULT, _vaultArgs(suite), salt);
        suite.pass = CodeHolder.predict(PASS, _passArgs(suite), salt);
        _predictModules(suite, salt);
    }

    /// @inheritdoc ISuiteFactory
    function implementations() external view returns (Suite memory parts) {
        parts.token = TOKEN;
        parts.timelock = TIMELOCK;
        parts.governor = GOVERNOR;
        parts.manager = MANAGER;
        parts.registry = REGISTRY;
        parts.licenses = LICENSES;
        parts.vault = VAULT;
        parts.pass = PASS;
        _moduleImplementations(parts);
    }

    /// @inheritdoc ISuiteFactory
    function saltOf(address deployer, DaoConfig calldata dao, ProjectConfig calldata project)
        public
        pure
        returns (bytes32)
    {
        bytes32 hash = keccak256(abi.encode(SUITE_DOMAIN, deployer, dao, project));
        return bytes32((uint256(hash) & ~uint256(1)) | (project.daoApprovesCards ? 1 : 0));
    }

    /// @inheritdoc ISuiteFactory
    function daoSaltOf(address deployer, DaoConfig calldata dao, bool withManager) public pure returns (bytes32) {
        return keccak256(abi.encode(DAO_DOMAIN, deployer, dao, withManager));
    }

    /// @dev Checks and creates what every DAO has.
    function _cloneDao(Suite memory suite, bytes32 salt) private {
        address token = Clones.predictDeterministicAddress(TOKEN, salt);
        if (token.code.length != 0) revert AlreadyDeployed(salt, token);
        suite.token = Clones.cloneDeterministic(TOKEN, salt);
        suite.timelock = Clones.cloneDeterministic(TIMELOCK, salt);
        suite.governor = Clones.cloneDeterministic(GOVERNOR, salt);
    }

    /// @dev The timelock never has an admin but itself, not even in this transaction.
    function _initializeDao(Suite memory suite, DaoConfig calldata dao) private {
        IDataToken(suite.token).initialize(dao.name, dao.symbol, dao.allocations, suite.timelock);
        address[] memory proposers = new address[](1);
        proposers[0] = suite.governor;
        // The zero address as executor: anyone.
        DataTimelock(payable(suite.timelock)).initialize(dao.timelockDelay, proposers, new address[](1), address(0));
        IDataGovernor(suite.governor).initialize(suite.token, payable(suite.timelock), dao);
    }

    /// @dev What the DAO starts with; later only its timelock can change it.
    function _configure(Suite memory suite, ProjectConfig calldata project) private {
        ILicenseRegistry licenses = ILicenseRegistry(suite.licenses);
        licenses.setPolicy(project.policy);
        for (uint256 i; i < project.terms.length; ++i) {
            licenses.addTerms(project.terms[i]);
        }
        for (uint256 i; i < project.currencies.length; ++i) {
            IRoyaltyVault(suite.vault).allowCurrency(project.currencies[i], true);
        }
    }

    /// @dev The governor is who proposes and cancels; neither the factory nor the deployer is admin or proposer.
    function _checkTimelock(Suite memory suite) private view {
        DataTimelock timelock = DataTimelock(payable(suite.timelock));
        _requireRole(timelock, PROPOSER, suite.governor);
        _requireRole(timelock, CANCELLER, suite.governor);
        _requireRole(timelock, EXECUTOR, address(0));
        _requireRole(timelock, TIMELOCK_ADMIN, suite.timelock);
        _refuseRoles(timelock, address(this));
        _refuseRoles(timelock, msg.sender);
    }

    function _requireRole(DataTimelock timelock, bytes32 role, address holder) private view {
        if (!timelock.hasRole(role, holder)) revert RightMissing(address(timelock), role, holder);
    }

    function _refuseRoles(DataTimelock timelock, address holder) private view {
        if (timelock.hasRole(TIMELOCK_ADMIN, holder)) revert RightLeft(address(timelock), TIMELOCK_ADMIN, holder);
        if (timelock.hasRole(PROPOSER, holder)) revert RightLeft(address(timelock), PROPOSER, holder);
        if (timelock.hasRole(CANCELLER, holder)) revert RightLeft(address(timelock), CANCELLER, holder);
    }

    /// @dev The timelock administers at once and without a second delay; factory and deployer don't.
    function _checkManager(Suite memory suite) private view {
        IAccessManager manager = IAccessManager(suite.manager);
        (bool member, uint32 delay) = manager.hasRole(MANAGER_ADMIN, suite.timelock);
        if (!member || delay != 0) revert RightMissing(suite.manager, bytes32(uint256(MANAGER_ADMIN)), suite.timelock);
        _refuseRole(manager, MANAGER_ADMIN, address(this));
        _refuseRole(manager, MANAGER_ADMIN, msg.sender);
    }

    function _registryArgs(address manager, bytes32 salt) private view returns (bytes memory) {
        return abi.encode(manager, address(this), salt, uint256(salt) & 1 == 1);
    }

    function _licensesArgs(Suite memory suite) private pure returns (bytes memory) {
        return abi.encode(suite.manager, suite.registry);
    }

    function _vaultArgs(Suite memory suite) private pure returns (bytes memory) {
        return abi.encode(suite.manager);
    }

    function _passArgs(Suite memory suite) private pure returns (bytes memory) {
        return abi.encode(suite.manager, suite.registry, suite.licenses, suite.vault);
    }

    function _holder(address holder) private view returns (address) {
        CodeHolder.check(_withCode(holder));
        return holder;
    }
}
