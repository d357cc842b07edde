// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ClaimTo, ContributorClaim, SplitClaim} from "../types/Types.sol";

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

    /// @notice What pools owed the account was paid to `to`, as the account ordered.
    event ClaimedTo(address indexed account, address indexed to, address currency, uint256 amount, bytes32 poolsHash);

    /// @notice The account made its next nonce of a key unusable.
    event NonceCancelled(address indexed account, uint256 nonce);

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

    /// @notice The order's deadline has passed.
    error RequestExpired(uint256 deadline);
    /// @notice Neither the sender nor a valid signature of this account.
    error SignatureInvalid(address signer);
    /// @notice Money sent here would be lost.
    error ReceiverInvalid(address to);
    /// @notice An order is for one currency.
    error CurrencyMismatch(address expected, address given);
    /// @notice Pools must be strictly ascending by id, in both lists.
    error PoolsNotAscending(bytes32 previous, bytes32 next);
    /// @notice The pools claimed are not those of the order.
    error PoolsMismatch(bytes32 expected, bytes32 given);

    /// @notice Adds income to a pool. Native coin: `currency` zero and `amount` equal to the value sent.
    function deposit(bytes32 poolId, address currency, uint256 amount, bytes32 ref) external payable;

    /// @notice Pays the account what one pool owes it as contributor; reverts if that is nothing. Anyone may call; the money goes to the account only.
    function claim(address account, ContributorClaim calldata item) external returns (uint256 amount);

    /// @notice Pays the account what several pools owe it, as contributor and as fixed payee, one transfer a currency.
    /// Pools that owe nothing are skipped; if none owes anything the call reverts.
    /// @dev `items` and `splitItems` each ordered by currency, ascending, so that equal currencies are neighbors.
    function claimMany(address account, ContributorClaim[] calldata items, SplitClaim[] calldata splitItems) external;

    /// @notice Pays what pools owe `request.account` in one currency to `request.to`: the way out for a contract that can't
    /// receive coin and for an account that a token has blocked. Needs the account, as sender or as signer; anyone may
    /// hand in what it signed. Only a signer's nonce is used.
    /// @dev Each list strictly ascending by pool id, all items in the order's currency; a pool may be in both, and counts
    /// once in `poolsHash`. The order binds pools, not books: whoever hands it in can leave one of a pool's two books out,
    /// which stays owed to the account. Pools that owe nothing are skipped; if none owes anything the call reverts.
    /// @param signature Ignored if the account is the sender.
    function claimManyTo(
        ClaimTo calldata request,
        ContributorClaim[] calldata items,
        SplitClaim[] calldata splitItems,
        bytes calldata signature
    ) external returns (uint256 amount);

    /// @notice Makes the sender's next nonce of this key unusable, and with it every signature that bears it.
    function cancelNonce(uint192 key) external returns (uint256 nonce);

    /// @notice The next nonce of the account for this key, key included (`u192 key || u64 sequence`).
    function nonces(address account, uint192 key) external view returns (uint256 nonce);

    /// @notice The EIP-712 domain separator of this contract.
    function domainSeparator() external view returns (bytes32);

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
