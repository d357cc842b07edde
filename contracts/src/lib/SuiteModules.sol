// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";

import {IDatasetRegistry} from "../interfaces/IDatasetRegistry.sol";
import {IDisputeCourt} from "../interfaces/IDisputeCourt.sol";
import {IRewardRounds} from "../interfaces/IRewardRounds.sol";
import {ISuiteFactory} from "../interfaces/ISuiteFactory.sol";
import {IUsageLedger} from "../interfaces/IUsageLedger.sol";
import {IValidatorStake} from "../interfaces/IValidatorStake.sol";
import {ModuleConfig} from "../types/Modules.sol";
import {Suite} from "../types/Types.sol";

/// @title The factory's part that makes the modules, see ADR 0008: clones with their wiring behind their code, settings
/// written once, and the court's role.
abstract contract SuiteModules is ISuiteFactory {
    /// @dev The only role besides the admin's; its only member is the court.
    uint64 private constant COURT_ROLE = 1;
    uint64 private constant ADMIN_ROLE = 0;

    address private immutable STAKE;
    address private immutable COURT;
    address private immutable LEDGER;
    address private immutable ROUNDS;
    address private immutable RECORDS;

    /// @param parts What to clone, each locked against use by itself.
    constructor(Suite memory parts) {
        STAKE = _withCode(parts.stake);
        COURT = _withCode(parts.court);
        LEDGER = _withCode(parts.ledger);
        ROUNDS = _withCode(parts.rounds);
        RECORDS = _withCode(parts.records);
    }

    /// @dev What modules are cloned from.
    function _moduleImplementations(Suite memory parts) internal view {
        parts.stake = STAKE;
        parts.court = COURT;
        parts.ledger = LEDGER;
        parts.rounds = ROUNDS;
        parts.records = RECORDS;
    }

    /// @dev Makes them; everything that they are wired to is known.
    function _cloneModules(Suite memory suite, bytes32 salt) internal {
        suite.stake = Clones.cloneDeterministicWithImmutableArgs(STAKE, _stakeWiring(suite), salt);
        suite.ledger = Clones.cloneDeterministicWithImmutableArgs(LEDGER, _ledgerWiring(suite), salt);
        suite.court = Clones.cloneDeterministicWithImmutableArgs(COURT, _courtWiring(suite), salt);
        suite.rounds = Clones.cloneDeterministicWithImmutableArgs(ROUNDS, _roundsWiring(suite), salt);
        suite.records = Clones.cloneDeterministicWithImmutableArgs(RECORDS, _recordsWiring(suite), salt);
    }

    /// @dev Where `_cloneModules` makes them.
    function _predictModules(Suite memory suite, bytes32 salt) internal view {
        suite.stake = Clones.predictDeterministicAddressWithImmutableArgs(STAKE, _stakeWiring(suite), salt);
        suite.ledger = Clones.predictDeterministicAddressWithImmutableArgs(LEDGER, _ledgerWiring(suite), salt);
        suite.court = Clones.predictDeterministicAddressWithImmutableArgs(COURT, _courtWiring(suite), salt);
        suite.rounds = Clones.predictDeterministicAddressWithImmutableArgs(ROUNDS, _roundsWiring(suite), salt);
        suite.records = Clones.predictDeterministicAddressWithImmutableArgs(RECORDS, _recordsWiring(suite), salt);
    }

    /// @dev Settings, for good. Record tokens have none.
    function _initializeModules(Suite memory suite, ModuleConfig calldata config) internal {
        IValidatorStake(suite.stake).initialize(config);
        IUsageLedger(suite.ledger).initialize(config);
        IDisputeCourt(suite.court).initialize(config);
        IRewardRounds(suite.rounds).initialize(config);
    }

    /// @dev Gives the court its role and the role its functions; for the manager's admin.
    function _empowerCourt(Suite memory suite) internal {
        IAccessManager manager = IAccessManager(suite.manager);
        manager.setTargetFunctionRole(suite.registry, _registryFunctions(), COURT_ROLE);
        manager.setTargetFunctionRole(suite.stake, _stakeFunctions(), COURT_ROLE);
        manager.setTargetFunctionRole(suite.ledger, _ledgerFunctions(), COURT_ROLE);
        manager.grantRole(COURT_ROLE, suite.court, 0);
    }

    /// @dev The court acts at once, factory and deployer can't act as the court, and who administers and guards the role is
    /// the manager's admin: the timelock.
    function _checkCourt(Suite memory suite) internal view {
        IAccessManager manager = IAccessManager(suite.manager);
        (bool member, uint32 delay) = manager.hasRole(COURT_ROLE, suite.court);
        if (!member || delay != 0) revert RightMissing(suite.manager, bytes32(uint256(COURT_ROLE)), suite.court);
        _refuseRole(manager, COURT_ROLE, address(this));
        _refuseRole(manager, COURT_ROLE, msg.sender);
        uint64 admin = manager.getRoleAdmin(COURT_ROLE);
        uint64 guardian = manager.getRoleGuardian(COURT_ROLE);
        if (admin != ADMIN_ROLE || guardian != ADMIN_ROLE) revert CourtRoleExposed(suite.manager, admin, guardian);
    }

    /// @dev What no single module can see. A module may check more of what it is given.
    function _checkSettings(ModuleConfig calldata config) internal view {
        if (config.attestationLock == 0) revert SettingZero("attestationLock");
        if (config.minBond == 0) revert SettingZero("minBond");
        if (config.challengeWindow == 0) revert SettingZero("challengeWindow");
        if (config.answerWindow == 0) revert SettingZero("answerWindow");
        if (config.rulingWindow == 0) revert SettingZero("rulingWindow");
        if (config.appealWindow == 0) revert SettingZero("appealWindow");
        if (config.cancelWindow == 0) revert SettingZero("cancelWindow");
        if (config.bondBps == 0 || config.bondBps > 10_000) revert BondShareInvalid(config.bondBps);
        // A case opened in the last second of a challenge window, answered, ruled, appealed and ruled again.
        uint256 needed = uint256(config.challengeWindow) + config.answerWindow + 2 * uint256(config.rulingWindow)
            + config.appealWindow;
        if (config.unbonding < needed) revert UnbondingTooShort(config.unbonding, needed);
        address arbitrator = config.arbitrator;
        if (arbitrator != address(0) && arbitrator.code.length == 0) revert ArbitratorMissing(arbitrator);
    }

    function _refuseRole(IAccessManager manager, uint64 role, address holder) internal view {
        (bool member,) = manager.hasRole(role, holder);
        if (member) revert RightLeft(address(manager), bytes32(uint256(role)), holder);
    }

    function _withCode(address implementation) internal view returns (address) {
        if (implementation.code.length == 0) revert ImplementationMissing(implementation);
        return implementation;
    }

    // The treasury is the timelock.

    function _stakeWiring(Suite memory suite) private pure returns (bytes memory) {
        return abi.encodePacked(suite.manager, suite.registry, suite.timelock);
    }

    function _ledgerWiring(Suite memory suite) private pure returns (bytes memory) {
        return abi.encodePacked(suite.manager, suite.registry, suite.vault);
    }

    function _courtWiring(Suite memory suite) private pure returns (bytes memory) {
        return abi.encodePacked(suite.manager, suite.registry, suite.stake, suite.ledger, suite.timelock);
    }

    function _roundsWiring(Suite memory suite) private pure returns (bytes memory) {
        return abi.encodePacked(suite.manager, suite.governor, suite.timelock);
    }

    function _recordsWiring(Suite memory suite) private pure returns (bytes memory) {
        return abi.encodePacked(suite.registry);
    }

    function _registryFunctions() private pure returns (bytes4[] memory selectors) {
        selectors = new bytes4[](1);
        selectors[0] = IDatasetRegistry.ruleStatus.selector;
    }

    function _stakeFunctions() private pure returns (bytes4[] memory selectors) {
        selectors = new bytes4[](4);
        selectors[0] = IValidatorStake.hold.selector;
        selectors[1] = IValidatorStake.take.selector;
        selectors[2] = IValidatorStake.giveBack.selector;
        selectors[3] = IValidatorStake.forfeit.selector;
    }

    function _ledgerFunctions() private pure returns (bytes4[] memory selectors) {
        selectors = new bytes4[](3);
        selectors[0] = IUsageLedger.holdReport.selector;
        selectors[1] = IUsageLedger.upholdReport.selector;
        selectors[2] = IUsageLedger.strikeReport.selector;
    }
}
