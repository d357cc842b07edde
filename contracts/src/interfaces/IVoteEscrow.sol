// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC5805} from "@openzeppelin/contracts/interfaces/IERC5805.sol";

/// @title Votes for tokens that are locked: the longer, the more, and less each second.
/// @notice A template, no part of a suite: a DAO that wants it deploys it and a governor that counts from it.
/// @notice A lock of `amount` until `end` has `amount / MAX_TIME * (end - now)` votes (the division rounds down): all of the
/// amount for 208 weeks, none at its end. Votes can't be delegated or transferred.
/// @notice The supply of votes decays with them, and so does a quorum that is a fraction of it. Where little is locked,
/// little decides: lock before the governor gets any rights. A governor with a proposal threshold can be set up only when
/// that much is locked.
interface IVoteEscrow is IERC5805 {
    /// @notice An account's lock is now this.
    event Locked(address indexed account, uint256 amount, uint48 end);
    /// @notice An account took its tokens back.
    event Withdrawn(address indexed account, uint256 amount);

    /// @notice Nothing to lock.
    error AmountZero();
    /// @notice A lock ends with a week (Thursday 0:00 UTC), in the future, at most 208 weeks ahead, and later than it did.
    error EndInvalid(uint48 end);
    /// @notice The account has a lock: increase or extend it, or withdraw when it has ended.
    error LockExists(address account);
    /// @notice The account has no lock.
    error LockMissing(address account);
    /// @notice The lock has ended: withdraw.
    error LockEnded(address account, uint48 end);
    /// @notice The lock has not ended.
    error LockRuns(address account, uint48 end);
    /// @notice Votes stay with who locked the tokens.
    error DelegationUnsupported();
    /// @notice Only times that are over can be asked for.
    error ERC5805FutureLookup(uint256 timepoint, uint48 clock);

    /// @notice Locks the sender's tokens, which it approved, until `end`.
    function lock(uint256 amount, uint48 end) external;

    /// @notice Adds tokens to the sender's lock.
    function increase(uint256 amount) external;

    /// @notice Makes the sender's lock end later.
    function extend(uint48 end) external;

    /// @notice Returns the sender's tokens after the lock's end.
    function withdraw() external returns (uint256 amount);

    /// @notice An account's lock; zeros if it has none.
    function lockOf(address account) external view returns (uint256 amount, uint48 end);

    /// @notice What is locked: a token without fees and callbacks, like the DataToken.
    function asset() external view returns (address);

    /// @notice The sum of all votes now.
    function totalSupply() external view returns (uint256);

    /// @notice The token's name, with the word for this: governors ask for it.
    function name() external view returns (string memory);
}
