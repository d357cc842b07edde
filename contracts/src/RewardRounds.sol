// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IProposalGuardian} from "./interfaces/IProposalGuardian.sol";
import {IRewardRounds} from "./interfaces/IRewardRounds.sol";
import {Module} from "./lib/Module.sol";
import {SumTree} from "./lib/SumTree.sol";
import {ModuleConfig, Round, RoundClaim, RoundState} from "./types/Modules.sol";

/// @title Numbered rounds of rewards, each with funds and a root of its own
/// @notice What keeps each round covered by its own money, whoever published it:
///
/// 1. Its total arrives before it exists, and the root commits to it: leaves proven against a root never add up to more than
///    the sum in its top node, and an account has one leaf and is paid once.
/// 2. What goes back to the publisher is the total less what was claimed, once, and nothing is claimed after that.
/// 3. The bond has a flag of its own and is paid once.
contract RewardRounds is IRewardRounds, Module, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @dev One slot: 96 + 32 + 64 + 8.
    struct Settings {
        uint96 bond;
        uint32 cancelWindow;
        uint64 count;
        bool initialized;
    }

    /// @dev All that a claim in the chain's coin reads and writes of a round. One slot: 128 + 64 + 40 + 8 + 8.
    struct Packed {
        uint128 unit;
        uint64 claimed;
        uint40 claimableAt;
        RoundState state;
        uint8 flags;
    }

    /// @dev The rest of a round.
    struct Stored {
        // Slot 0.
        bytes32 root;
        // Slot 1: 160 + 64.
        address currency;
        uint64 units;
        // Slot 2: 160 + 40.
        address publisher;
        uint40 expiresAt;
    }

    /// @dev Flags: the currency is a token; the bond is here; the round was cancelled.
    uint8 private constant HAS_CURRENCY = 1;
    uint8 private constant BOND_HELD = 2;
    uint8 private constant CANCELLED = 4;
    uint40 private constant LEAST_SPAN = 90 days;
    uint256 private constant GOVERNOR = 1;
    uint256 private constant TREASURY = 2;

    Settings private _settings;
    mapping(uint256 roundId => Stored) private _rounds;
    /// @dev Filed under the root: a path that leads to another one finds nothing, and the root need not be read.
    mapping(uint256 roundId => mapping(bytes32 root => Packed)) private _packed;
    /// @dev Bit `roundId % 256` of word `roundId / 256`: an account's later claims write a word that it has.
    mapping(address account => mapping(uint256 word => uint256 bits)) private _claims;

    /// @inheritdoc IRewardRounds
    function initialize(ModuleConfig calldata config) external onlyClone {
        // Checks.
        if (_settings.initialized) revert AlreadyInitialized();

        // Effects.
        _settings = Settings(config.roundBond, config.cancelWindow, 0, true);
    }

    /// @inheritdoc IRewardRounds
    function publish(bytes32 topHash, uint64 units, uint128 unit, address currency, uint40 expiresAt, bytes32 list)
        external
        payable
        nonReentrant
        returns (uint256 roundId)
    {
        // Checks.
        Settings memory settings_ = _settings;
        uint40 claimableAt = uint40(block.timestamp) + settings_.cancelWindow;
        if (expiresAt != 0 && expiresAt < claimableAt + LEAST_SPAN) {
            revert ExpiryInvalid(expiresAt, claimableAt + LEAST_SPAN);
        }
        if (topHash == 0) revert TotalInvalid(units, unit);

        // Checks, and an interaction before the effects.
        _collect(currency, units, unit, settings_.bond);

        // Effects.
        roundId = ++settings_.count;
        _settings = settings_;
        uint8 flags = currency == address(0) ? 0 : HAS_CURRENCY;
        if (settings_.bond != 0) flags |= BOND_HELD;
        bytes32 root = keccak256(abi.encodePacked(uint8(2), SumTree.REWARDS, topHash, units));
        Stored storage round = _rounds[roundId];
        _packed[roundId][root] = Packed(unit, 0, claimableAt, RoundState.Published, flags);
        round.root = root;
        (round.currency, round.units) = (currency, units);
        (round.publisher, round.expiresAt) = (msg.sender, expiresAt);
        emit RoundPublished(roundId, root, msg.sender, currency, units, unit, claimableAt, expiresAt, list);
    }

    /// @inheritdoc IRewardRounds
    function cancel(uint256 roundId) external {
        // Checks. The DAO needs no word of the governor's, which may be another by now.
        Packed storage packed = _packed[roundId][_rounds[roundId].root];
        _requireState(roundId, packed.state, RoundState.Published);
        if (block.timestamp >= packed.claimableAt) revert CancelOver(roundId, packed.claimableAt);
        if (msg.sender != _wired(TREASURY) && msg.sender != IProposalGuardian(_wired(GOVERNOR)).proposalGuardian()) {
            revert CancelForbidden(msg.sender);
        }

        // Effects.
        packed.state = RoundState.Cancelled;
        packed.flags |= CANCELLED;
        emit RoundCancelled(roundId, msg.sender);
    }

    /// @inheritdoc IRewardRounds
    function claim(address account, RoundClaim[] calldata items) external returns (uint256 amount) {
        if (items.length == 0) revert NothingClaimed();
        bytes32 key = keccak256(abi.encodePacked(account));
        address currency;
        // Checks and effects.
        for (uint256 i; i < items.length; ++i) {
            RoundClaim calldata item = items[i];
            if (!_mark(account, item.roundId)) continue;
            (address own, uint256 part) = _settle(account, key, item);
            // A part is never nothing: this is the first.
            if (amount == 0) currency = own;
            else if (own != currency) revert CurrencyMismatch(item.roundId, currency, own);
            amount += part;
        }
        if (amount == 0) revert AlreadyClaimed(items[0].roundId, account);

        // Interaction.
        _pay(account, currency, amount);
    }

    /// @inheritdoc IRewardRounds
    function returnBond(uint256 roundId) external {
        // Checks.
        Stored storage round = _rounds[roundId];
        Packed storage packed = _packed[roundId][round.root];
        if (packed.state == RoundState.None) revert RoundUnknown(roundId);
        if (packed.flags & BOND_HELD == 0) revert BondGone(roundId);
        bool cancelled = packed.flags & CANCELLED != 0;
        if (!cancelled && block.timestamp < packed.claimableAt) revert NotClaimable(roundId, packed.claimableAt);

        // Effects.
        packed.flags &= ~BOND_HELD;
        address to = cancelled ? _wired(TREASURY) : round.publisher;
        uint256 amount = _settings.bond;
        emit BondReturned(roundId, to, amount);

        // Interaction.
        _pay(to, address(0), amount);
    }

    /// @inheritdoc IRewardRounds
    function sweep(uint256 roundId) external {
        // Checks.
        Stored storage round = _rounds[roundId];
        Packed storage packed = _packed[roundId][round.root];
        if (packed.state != RoundState.Cancelled) {
            _requireState(roundId, packed.state, RoundState.Published);
            uint40 expiresAt = round.expiresAt;
            if (expiresAt == 0 || block.timestamp < expiresAt) revert NotExpired(roundId, expiresAt);
        }

        // Effects.
        packed.state = RoundState.Swept;
        uint256 amount = uint256(round.units - packed.claimed) * packed.unit;
        emit RoundSwept(roundId, amount);

        // Interaction.
        if (amount != 0) _pay(round.publisher, round.currency, amount);
    }

    /// @inheritdoc IRewardRounds
    function roundOf(uint256 roundId) external view returns (Round memory) {
        Stored memory round = _rounds[roundId];
        Packed memory packed = _packed[roundId][round.root];
        return Round({
            root: round.root,
            publisher: round.publisher,
            claimableAt: packed.claimableAt,
            state: packed.state,
            currency: round.currency,
            units: round.units,
            unit: packed.unit,
            expiresAt: round.expiresAt,
            bond: packed.flags & BOND_HELD == 0 ? 0 : _settings.bond,
            claimed: packed.claimed
        });
    }

    /// @inheritdoc IRewardRounds
    function roundCount() external view returns (uint256) {
        return _settings.count;
    }

    /// @inheritdoc IRewardRounds
    function isClaimed(uint256 roundId, address account) external view returns (bool) {
        return _claims[account][roundId >> 8] & (1 << (roundId & 0xff)) != 0;
    }

    /// @inheritdoc IRewardRounds
    function settings() external view returns (uint32 cancelWindow, uint96 bond) {
        return (_settings.cancelWindow, _settings.bond);
    }

    /// @dev Marks the account as paid by the round; false if it was.
    function _mark(address account, uint256 roundId) private returns (bool) {
        mapping(uint256 word => uint256) storage words = _claims[account];
        uint256 bits = words[roundId >> 8];
        uint256 bit = 1 << (roundId & 0xff);
        if (bits & bit != 0) return false;
        words[roundId >> 8] = bits | bit;
        return true;
    }

    /// @dev Counts the account's units as claimed and returns what they are worth.
    function _settle(address account, bytes32 key, RoundClaim calldata item)
        private
        returns (address currency, uint256 amount)
    {
        uint256 roundId = item.roundId;
        uint64 units = item.units;
        bytes32 root = SumTree.rootFrom(SumTree.REWARDS, key, units, 0, item.bitmap, item.siblings);
        Packed storage stored = _packed[roundId][root];
        Packed memory packed = stored;
        if (packed.state != RoundState.Published) _refuse(roundId, root, packed.state);
        if (block.timestamp < packed.claimableAt) revert NotClaimable(roundId, packed.claimableAt);
        stored.claimed = packed.claimed + units;
        if (packed.flags & HAS_CURRENCY != 0) currency = _rounds[roundId].currency;
        amount = uint256(units) * packed.unit;
        emit RewardClaimed(roundId, account, account, amount);
    }

    /// @dev Takes total and bond from the sender and refuses all but exactly that. Only the balance tells what arrived of a
    /// token. Nobody publishes from inside the transfer, or one arrival would count for two rounds; claims from inside it
    /// lower the balance and are refused with it.
    function _collect(address currency, uint64 units, uint128 unit, uint256 bond) private {
        uint256 total = uint256(units) * unit;
        if (total == 0 || total > type(uint128).max) revert TotalInvalid(units, unit);
        uint256 value = currency == address(0) ? total + bond : bond;
        if (msg.value != value) revert ValueMismatch(value, msg.value);
        if (currency == address(0)) return;

        uint256 expected = IERC20(currency).balanceOf(address(this)) + total;
        IERC20(currency).safeTransferFrom(msg.sender, address(this), total);
        uint256 balance = IERC20(currency).balanceOf(address(this));
        if (balance != expected) revert BalanceMismatch(currency, expected, balance);
    }

    function _pay(address to, address currency, uint256 amount) private {
        if (currency == address(0)) {
            if (!LowLevelCall.callNoReturn(to, amount, "")) revert PaymentRefused(to, amount);
        } else {
            IERC20(currency).safeTransfer(to, amount);
        }
    }

    /// @dev Why a path found no round to be paid from.
    function _refuse(uint256 roundId, bytes32 actual, RoundState state) private view {
        bytes32 root = _rounds[roundId].root;
        if (root == 0) revert RoundUnknown(roundId);
        if (root != actual) revert SumTree.RootMismatch(root, actual);
        revert RoundStateInvalid(roundId, uint8(state));
    }

    function _requireState(uint256 roundId, RoundState state, RoundState expected) private pure {
        if (state == RoundState.None) revert RoundUnknown(roundId);
        if (state != expected) revert RoundStateInvalid(roundId, uint8(state));
    }
}
