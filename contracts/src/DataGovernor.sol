// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {GovernorUpgradeable} from "@openzeppelin/contracts-upgradeable/governance/GovernorUpgradeable.sol";
import {
    TimelockControllerUpgradeable
} from "@openzeppelin/contracts-upgradeable/governance/TimelockControllerUpgradeable.sol";
import {
    GovernorCountingSimpleUpgradeable
} from "@openzeppelin/contracts-upgradeable/governance/extensions/GovernorCountingSimpleUpgradeable.sol";
import {
    GovernorPreventLateQuorumUpgradeable
} from "@openzeppelin/contracts-upgradeable/governance/extensions/GovernorPreventLateQuorumUpgradeable.sol";
import {
    GovernorProposalGuardianUpgradeable
} from "@openzeppelin/contracts-upgradeable/governance/extensions/GovernorProposalGuardianUpgradeable.sol";
import {
    GovernorSettingsUpgradeable
} from "@openzeppelin/contracts-upgradeable/governance/extensions/GovernorSettingsUpgradeable.sol";
import {
    GovernorTimelockControlUpgradeable
} from "@openzeppelin/contracts-upgradeable/governance/extensions/GovernorTimelockControlUpgradeable.sol";
import {
    GovernorVotesQuorumFractionUpgradeable
} from "@openzeppelin/contracts-upgradeable/governance/extensions/GovernorVotesQuorumFractionUpgradeable.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";

import {IDataGovernor} from "./interfaces/IDataGovernor.sol";
import {DaoConfig} from "./types/Types.sol";

/// @title DataGovernor
/// @notice See {IDataGovernor}.
contract DataGovernor is
    IDataGovernor,
    GovernorSettingsUpgradeable,
    GovernorCountingSimpleUpgradeable,
    GovernorVotesQuorumFractionUpgradeable,
    GovernorTimelockControlUpgradeable,
    GovernorPreventLateQuorumUpgradeable,
    GovernorProposalGuardianUpgradeable
{
    /// @custom:storage-location erc7201:dgov.storage.DataGovernor
    struct DataGovernorStorage {
        // slot 0: 6 of 32 bytes
        uint48 guardianSunset;
    }

    // keccak256(abi.encode(uint256(keccak256("dgov.storage.DataGovernor")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE = 0x7687d0c9fe98986792bba658f4367daa60dfd0ee0a00b2d9f7a47b5491130f00;

    /// @dev Only clones are ever set up.
    constructor() {
        _disableInitializers();
    }

    /// @inheritdoc IDataGovernor
    function initialize(address token_, address payable timelock_, DaoConfig calldata dao) external initializer {
        uint256 supply = IERC20(token_).totalSupply();
        if (dao.proposalThreshold > supply) revert ThresholdAboveSupply(dao.proposalThreshold, supply);

        // Name and EIP-712 domain are computed: `__Governor_init` would only write slots never read. The token comes
        // before the quorum (its clock dates the checkpoint), the period before the extension (it bounds it).
        __GovernorVotes_init(IVotes(token_));
        __GovernorSettings_init(dao.votingDelay, dao.votingPeriod, dao.proposalThreshold);
        __GovernorVotesQuorumFraction_init(dao.quorumBps);
        __GovernorTimelockControl_init(TimelockControllerUpgradeable(timelock_));
        __GovernorPreventLateQuorum_init(dao.lateQuorumExtension);
        if (dao.guardian != address(0)) {
            _storage().guardianSunset = dao.guardianSunset;
            _setProposalGuardian(dao.guardian);
        }
    }

    /// @notice The token's name and "Governor".
    function name() public view override returns (string memory) {
        return string.concat(IERC20Metadata(address(token())).name(), " Governor");
    }

    /// @inheritdoc IDataGovernor
    function guardianSunset() public view returns (uint48) {
        return _storage().guardianSunset;
    }

    /// @notice Who may cancel any proposal now; zero from the sunset on.
    function proposalGuardian() public view override returns (address) {
        return block.timestamp < guardianSunset() ? super.proposalGuardian() : address(0);
    }

    /// @notice The quorum is in basis points of the supply at the snapshot.
    function quorumDenominator() public pure override returns (uint256) {
        return 10_000;
    }

    /// @inheritdoc GovernorSettingsUpgradeable
    function proposalThreshold()
        public
        view
        override(GovernorUpgradeable, GovernorSettingsUpgradeable)
        returns (uint256)
    {
        return super.proposalThreshold();
    }

    /// @inheritdoc GovernorPreventLateQuorumUpgradeable
    function proposalDeadline(uint256 proposalId)
        public
        view
        override(GovernorUpgradeable, GovernorPreventLateQuorumUpgradeable)
        returns (uint256)
    {
        return super.proposalDeadline(proposalId);
    }

    /// @inheritdoc GovernorTimelockControlUpgradeable
    function state(uint256 proposalId)
        public
        view
        override(GovernorUpgradeable, GovernorTimelockControlUpgradeable)
        returns (ProposalState)
    {
        return super.state(proposalId);
    }

    /// @inheritdoc GovernorTimelockControlUpgradeable
    function proposalNeedsQueuing(uint256 proposalId)
        public
        view
        override(GovernorUpgradeable, GovernorTimelockControlUpgradeable)
        returns (bool)
    {
        return super.proposalNeedsQueuing(proposalId);
    }

    /// @dev A guardian named after the sunset would be nobody; say so instead of storing it.
    function _setProposalGuardian(address guardian) internal override {
        if (guardian != address(0) && block.timestamp >= guardianSunset()) {
            revert GuardianSunsetPassed(guardian, guardianSunset(), block.timestamp);
        }
        super._setProposalGuardian(guardian);
    }

    function _queueOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(GovernorUpgradeable, GovernorTimelockControlUpgradeable) returns (uint48) {
        return super._queueOperations(proposalId, targets, values, calldatas, descriptionHash);
    }

    function _executeOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(GovernorUpgradeable, GovernorTimelockControlUpgradeable) {
        super._executeOperations(proposalId, targets, values, calldatas, descriptionHash);
    }

    function _cancel(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(GovernorUpgradeable, GovernorTimelockControlUpgradeable) returns (uint256) {
        return super._cancel(targets, values, calldatas, descriptionHash);
    }

    function _validateCancel(uint256 proposalId, address caller)
        internal
        view
        override(GovernorUpgradeable, GovernorProposalGuardianUpgradeable)
        returns (bool)
    {
        return super._validateCancel(proposalId, caller);
    }

    function _tallyUpdated(uint256 proposalId)
        internal
        override(GovernorUpgradeable, GovernorPreventLateQuorumUpgradeable)
    {
        super._tallyUpdated(proposalId);
    }

    function _executor()
        internal
        view
        override(GovernorUpgradeable, GovernorTimelockControlUpgradeable)
        returns (address)
    {
        return super._executor();
    }

    function _EIP712Name() internal pure override returns (string memory) {
        return "dgov";
    }

    function _EIP712Version() internal pure override returns (string memory) {
        return "1";
    }

    function _storage() private pure returns (DataGovernorStorage storage $) {
        assembly {
            $.slot := STORAGE
        }
    }
}
