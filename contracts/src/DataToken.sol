// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20Upgradeable} from "@openzeppelin/contracts-upgradeable/token/ERC20/ERC20Upgradeable.sol";
import {
    ERC20PermitUpgradeable
} from "@openzeppelin/contracts-upgradeable/token/ERC20/extensions/ERC20PermitUpgradeable.sol";
import {
    ERC20VotesUpgradeable
} from "@openzeppelin/contracts-upgradeable/token/ERC20/extensions/ERC20VotesUpgradeable.sol";
import {NoncesUpgradeable} from "@openzeppelin/contracts-upgradeable/utils/NoncesUpgradeable.sol";
import {Time} from "@openzeppelin/contracts/utils/types/Time.sol";

import {IDataToken} from "./interfaces/IDataToken.sol";
import {Allocation} from "./types/Types.sol";

/// @title DataToken
/// @notice See {IDataToken}.
contract DataToken is IDataToken, ERC20PermitUpgradeable, ERC20VotesUpgradeable {
    /// @custom:storage-location erc7201:dgov.storage.DataToken
    struct DataTokenStorage {
        mapping(address account => bool) declined;
    }

    // keccak256(abi.encode(uint256(keccak256("dgov.storage.DataToken")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE = 0xcfd8558e5ec97d0fbac0f32b0baa171e4105c2e135dbe2d544f534ea8f8eea00;

    /// @dev Only clones are ever set up.
    constructor() {
        _disableInitializers();
    }

    /// @inheritdoc IDataToken
    function initialize(
        string calldata name_,
        string calldata symbol_,
        Allocation[] calldata allocations,
        address treasury
    ) external initializer {
        // The EIP-712 name and version are constants, so that `__ERC20Permit_init` would only write slots never read.
        __ERC20_init(name_, symbol_);
        for (uint256 i; i < allocations.length; ++i) {
            address to = allocations[i].to;
            _mint(to == address(0) ? treasury : to, allocations[i].amount);
        }
        if (totalSupply() == 0) revert SupplyMissing();
    }

    /// @inheritdoc IDataToken
    function declinedVotes(address account) external view returns (bool) {
        return _storage().declined[account];
    }

    /// @notice Unix seconds (ERC-6372).
    function clock() public view override returns (uint48) {
        return Time.timestamp();
    }

    /// @notice ERC-6372 description of the clock.
    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    /// @inheritdoc ERC20PermitUpgradeable
    function nonces(address owner) public view override(ERC20PermitUpgradeable, NoncesUpgradeable) returns (uint256) {
        return super.nonces(owner);
    }

    /// @dev Before the move, so that the votes arrive with one checkpoint. An account that got here without a delegate
    /// and never declined has no balance yet.
    function _update(address from, address to, uint256 value)
        internal
        override(ERC20Upgradeable, ERC20VotesUpgradeable)
    {
        if (value != 0 && delegates(to) == address(0) && !_storage().declined[to]) _delegate(to, to);
        super._update(from, to, value);
    }

    /// @dev Remembers who chose to vote with nothing: a later receipt must not undo that.
    function _delegate(address account, address delegatee) internal override {
        if (delegatee == address(0)) _storage().declined[account] = true;
        super._delegate(account, delegatee);
    }

    function _EIP712Name() internal pure override returns (string memory) {
        return "dgov";
    }

    function _EIP712Version() internal pure override returns (string memory) {
        return "1";
    }

    function _storage() private pure returns (DataTokenStorage storage $) {
        assembly {
            $.slot := STORAGE
        }
    }
}
