// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ContributorClaim, SplitClaim} from "../types/Types.sol";

/// @title Royalty pools: gross income per pool and currency, paid out by proof.
/// @notice owed = floor(floor(income * bps / 10,000) * shares / total) - paid. Books are per (pool, currency, account),
/// one for contributors and one for splits. A pool's books never touch another's.
interface IRoyaltyVault {
    /// @notice Income of a pool.
    /// @param ref Chosen by the payer, so that a payment can be found again.
    event Deposited(
        bytes32 indexed poolId, address indexed payer, bytes32 indexed ref, address currency, uint256 amount
    );

    /// @notice A contributor was paid.
    event Claimed(bytes32 indexed poolId, address indexed account, address currency, uint256 amount);

    /// @notice A fixed payee was paid.
    event SplitClaimed(bytes32 indexed poolId, address indexed account, address currency, uint256 amount);

    /// @notice The DAO allows (or no longer allows) deposits in this token. Claims are always possible.
    event CurrencyAllowed(address indexed currency, bool allowed);

    /// @notice A deposit of nothing.
    error NothingDeposited(bytes32 poolId, address currency);
    /// @notice The native coin sent is not the amount, or came with a token.
    error ValueMismatch(uint256 expected, uint256 sent);
    /// @notice The DAO has not allowed deposits in this token.
    error CurrencyNotAllowed(address currency);
    /// @notice Only contracts can be allowed as tokens; the native coin always is and can't be forbidden.
    error CurrencyInvalid(address currency);
    /// @notice The vault's balance did not grow by the amount, for example because the token takes a fee.
    error BalanceMismatch(address currency, uint256 expected, uint256 balance);
    /// @notice Gross income of a pool is limited to 2^128 - 1 of a currency's smallest unit.
    error IncomeOverflow(bytes32 poolId, address currency, uint256 income, uint256 amount);
    /// @notice None of the pools named owes this account anything now.
    error NothingOwed(address account);
    /// @notice The account refused the native coin.
    error PaymentRefused(address account, uint256 amount);
    /// @notice Equal currencies must be neighbors, in ascending order.
    error CurrenciesNotAscending(address previous, address next);
    /// @notice Payees must be strictly ascending.
    error SplitsNotAscending(address previous, address next);
    /// @notice All basis points of a pool must add up to 10,000.
    error SplitsSum(uint256 sum);
    /// @notice The account is not among the fixed payees.
    error NotInSplits(address account);

    /// @notice Adds income to a pool. Native coin: `currency` zero and `amount` equal to the value sent.
    function deposit(bytes32 poolId, address currency, uint256 amount, bytes32 ref) external payable;

    /// @notice Pays the account what one pool owes it as contributor; reverts if that is nothing. Anyone may call; the money goes to the account only.
    function claim(address account, ContributorClaim calldata item) external returns (uint256 amount);

    /// @notice Pays the account what several pools owe it, as contributor and as fixed payee, one transfer a currency.
    /// Pools that owe nothing are skipped; if none owes anything the call reverts.
    /// @dev `items` and `splitItems` each ordered by currency, ascending, so that equal currencies are neighbors.
    function claimMany(address account, ContributorClaim[] calldata items, SplitClaim[] calldata splitItems) external;

    /// @notice Allows or forbids deposits in an ERC-20. Restricted to the DAO.
    function allowCurrency(address currency, bool allowed) external;

    /// @notice Gross income of a pool.
    function income(bytes32 poolId, address currency) external view returns (uint256);

    /// @notice What a contributor has been paid.
    function paid(bytes32 poolId, address currency, address account) external view returns (uint256);

    /// @notice What a fixed payee has been paid.
    function paidSplit(bytes32 poolId, address currency, address account) external view returns (uint256);

    /// @notice Whether deposits in this ERC-20 are accepted.
    function isAllowed(address currency) external view returns (bool);
}
