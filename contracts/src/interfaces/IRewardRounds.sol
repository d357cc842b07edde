// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ModuleConfig, Round, RoundClaim} from "../types/Modules.sol";

/// @title Retroactive funding and usage-weighted epochs: numbered rounds, each with a root of its own (tree kind 3).
/// @notice Wiring: (manager, governor, treasury).
/// @notice A round is funded whole when it is published: the root is computed from the tree's top, so that its total is known
/// and no leaf can be paid that is not covered. Until claims start, the guardian (whom the governor names, until its sunset)
/// or the DAO (its timelock, the treasury) cancels a round whose leaves are withheld or wrong: the funds return to the
/// publisher, the bond goes to the treasury.
/// @notice Cancelling moves no money: `sweep` and `returnBond` do, each by anyone and each for itself, so that a payee that
/// refuses keeps nobody from cancelling and no other payee from being paid.
/// @notice Any ERC-20 can fund a round. Rounds in a token that changes balances by itself, or lies about them, share that
/// fate with each other, and with no round in another currency.
interface IRewardRounds {
    /// @notice A round was published. `list` is the sha2-256 digest inside the CIDv1 of the list of payees.
    event RoundPublished(
        uint256 indexed roundId,
        bytes32 indexed root,
        address indexed publisher,
        address currency,
        uint64 units,
        uint128 unit,
        uint40 claimableAt,
        uint40 expiresAt,
        bytes32 list
    );
    /// @notice A round was cancelled before claims started.
    event RoundCancelled(uint256 indexed roundId, address indexed by);
    /// @notice The bond was returned to the publisher or, of a cancelled round, paid to the treasury.
    event BondReturned(uint256 indexed roundId, address indexed to, uint256 amount);
    /// @notice An account was paid.
    event RewardClaimed(uint256 indexed roundId, address indexed account, address to, uint256 amount);
    /// @notice What nobody claimed went back to the publisher; of a cancelled round all.
    event RoundSwept(uint256 indexed roundId, uint256 amount);

    /// @notice There is no such round.
    error RoundUnknown(uint256 roundId);
    /// @notice The round is in another state.
    error RoundStateInvalid(uint256 roundId, uint8 state);
    /// @notice An empty tree, a unit of nothing, or more than a currency has.
    error TotalInvalid(uint64 units, uint128 unit);
    /// @notice The native coin sent is not the total and the bond.
    error ValueMismatch(uint256 expected, uint256 sent);
    /// @notice The balance did not grow by the total: the token takes a fee.
    error BalanceMismatch(address currency, uint256 expected, uint256 actual);
    /// @notice Rounds run out at least 90 days after claims start, or never (zero).
    error ExpiryInvalid(uint40 expiresAt, uint40 earliest);
    /// @notice Claims have not started.
    error NotClaimable(uint256 roundId, uint40 claimableAt);
    /// @notice Claims have started: the round can't be cancelled.
    error CancelOver(uint256 roundId, uint40 claimableAt);
    /// @notice Only the guardian and the DAO cancel.
    error CancelForbidden(address caller);
    /// @notice The round has not run out.
    error NotExpired(uint256 roundId, uint40 expiresAt);
    /// @notice The account was paid by this round, and by all others of the claim.
    error AlreadyClaimed(uint256 roundId, address account);
    /// @notice The publisher's bond was paid out, or there was none.
    error BondGone(uint256 roundId);
    /// @notice Rounds of one claim have one currency.
    error CurrencyMismatch(uint256 roundId, address expected, address actual);
    /// @notice A claim of no round.
    error NothingClaimed();
    /// @notice The account refused the coin.
    error PaymentRefused(address account, uint256 amount);

    /// @notice Sets a clone up; only in the transaction that made it.
    function initialize(ModuleConfig calldata config) external;

    /// @notice Publishes a round and funds it: `units * unit` of the currency, and the bond in the chain's coin.
    /// @param topHash Hash of the tree's top node; the root is keccak256(0x02 || 3 || topHash || u64(units)).
    /// @param list sha2-256 digest inside the CIDv1 of the list of payees, from which everybody can rebuild the tree.
    function publish(bytes32 topHash, uint64 units, uint128 unit, address currency, uint40 expiresAt, bytes32 list)
        external
        payable
        returns (uint256 roundId);

    /// @notice Cancels a round before claims start. The guardian (until its sunset) or the DAO. `sweep` then pays the publisher,
    /// `returnBond` the treasury.
    function cancel(uint256 roundId) external;

    /// @notice Pays an account its part of rounds of one currency, in one transfer; anyone may call, the money goes to the
    /// account. Rounds that paid it before are passed over, so that nobody can spoil a claim by making part of it first;
    /// it reverts if no round is left.
    function claim(address account, RoundClaim[] calldata items) external returns (uint256 amount);

    /// @notice Returns the publisher's bond once claims have started; of a cancelled round, pays it to the treasury at once.
    /// Anyone may call.
    function returnBond(uint256 roundId) external;

    /// @notice Returns what nobody claimed to the publisher of a round that has run out, or was cancelled; anyone may call.
    /// Until then a round that has run out still pays.
    function sweep(uint256 roundId) external;

    /// @notice A round; all zero if there is none.
    function roundOf(uint256 roundId) external view returns (Round memory);

    /// @notice How many rounds there were; their ids start at 1.
    function roundCount() external view returns (uint256);

    /// @notice Whether the account was paid.
    function isClaimed(uint256 roundId, address account) external view returns (bool);

    /// @notice Seconds from publication to claims, and the publisher's bond.
    function settings() external view returns (uint32 cancelWindow, uint96 bond);
}
