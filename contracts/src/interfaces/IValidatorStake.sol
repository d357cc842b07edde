// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Attestation, Lock, ModuleConfig, StakeAccount, Unbonding} from "../types/Modules.sol";

/// @title Stake in the chain's own coin: validators lock parts of it for attestations, publishers for their datasets.
/// @notice Wiring: (manager, registry, treasury).
/// @notice Every lock is covered: `active + unbonding >= locked`. Stake that is asked back waits `unbonding` seconds and
/// leaves only as far as locks are covered without it, so that nobody who can be slashed leaves first. A lock that a case
/// takes comes from active stake, then from unbonding stake, and waits in escrow until the appeal is over.
/// @notice Requests form one line: they are asked for and come due in the same order, and what leaves, paid out or taken by
/// a case, leaves from the front of the line. What a request still pays is thereby exact, whatever was taken meanwhile.
/// @notice Any registered version can be attested, in whatever status, by anyone, its publisher included: events and locks
/// name the validator, so that who relies on an attestation sees whose it is. Reputation counts what nobody brought down;
/// many unchallenged attestations of one's own data raise it, for the price of the locks.
interface IValidatorStake {
    /// @notice Stake was added.
    event Staked(address indexed account, uint256 amount);
    /// @notice Stake is on its way out.
    event UnstakeRequested(address indexed account, uint256 indexed index, uint256 amount, uint40 readyAt);
    /// @notice Stake left: request `index` and those before it, as far as they were not paid or taken, and locks are covered.
    event Unstaked(address indexed account, uint256 indexed index, uint256 amount);
    /// @notice A validator attested the quality of a version.
    event Attested(
        bytes32 indexed lockId,
        address indexed validator,
        bytes32 indexed versionKey,
        uint16 score,
        bytes32 evidence,
        uint256 amount,
        uint40 until
    );
    /// @notice A publisher put stake behind a dataset.
    event Backed(bytes32 indexed lockId, address indexed publisher, bytes32 indexed datasetId, uint256 amount);
    /// @notice A publisher asked for the stake behind a dataset.
    event BackingEnding(bytes32 indexed lockId, uint40 until);
    /// @notice A lock is free again.
    event LockReleased(bytes32 indexed lockId, address indexed owner, uint256 amount);
    /// @notice A case holds a lock.
    event LockHeld(bytes32 indexed lockId);
    /// @notice A first ruling took a lock into escrow.
    event LockTaken(bytes32 indexed lockId, address indexed owner, uint256 amount);
    /// @notice A case is over without loss; the lock can be challenged again until `until`.
    event LockReturned(bytes32 indexed lockId, uint40 until);
    /// @notice A lock is lost: its amount went to the caller.
    event LockForfeited(bytes32 indexed lockId, address indexed owner, uint256 amount);
    /// @notice A nonce can no longer be used in a signature.
    event NonceCancelled(address indexed account, uint256 nonce);

    /// @notice Stake waits at least as long as a challenge of it can last.
    error UnbondingTooShort(uint256 unbonding, uint256 needed);
    /// @notice A deposit, a request or a backing of nothing.
    error AmountZero();
    /// @notice The contract holds at most 2^96 - 1.
    error StakeOverflow(uint256 total);
    /// @notice The account has less free, active stake.
    error StakeInsufficient(address account, uint256 free, uint256 needed);
    /// @notice Unbonding takes longer.
    error NotReady(uint256 index, uint40 readyAt);
    /// @notice There is no such request, or it was paid or taken.
    error UnbondingUnknown(address account, uint256 index);
    /// @notice What is left would not cover the locks.
    error LocksUncovered(address account, uint256 left, uint256 locked);
    /// @notice No version has this key.
    error VersionUnknown(bytes32 versionKey);
    /// @notice Basis points go to 10,000.
    error ScoreInvalid(uint16 score);
    /// @notice Evidence is a digest, never zero.
    error EvidenceMissing();
    /// @notice The validator has attested this version before.
    error AlreadyAttested(bytes32 lockId);
    /// @notice The dataset has a backing that is neither released nor lost.
    error AlreadyBacked(bytes32 lockId);
    /// @notice Only the owner of the dataset's token backs it.
    error NotDatasetOwner(bytes32 datasetId, address caller, address owner);
    /// @notice Only the owner of a backing, or of its dataset, may do this.
    error NotLockOwner(bytes32 lockId, address caller, address owner);
    /// @notice The end of the backing was asked for before.
    error AlreadyEnding(bytes32 lockId, uint40 until);
    /// @notice The lock is in another state, or of another kind.
    error LockStateInvalid(bytes32 lockId, uint8 state);
    /// @notice The time to challenge this lock is over.
    error ChallengeOver(bytes32 lockId, uint40 until);
    /// @notice The lock can still be challenged.
    error ChallengeOpen(bytes32 lockId, uint40 until);
    /// @notice The signature is not the validator's.
    error SignatureInvalid(address signer);
    /// @notice The request was to be used before.
    error RequestExpired(uint256 deadline);
    /// @notice The account refused the coin.
    error PaymentRefused(address account, uint256 amount);

    /// @notice Sets a clone up; only in the transaction that made it.
    function initialize(ModuleConfig calldata config) external;

    /// @notice Adds the coin sent to the sender's active stake.
    function stake() external payable;

    /// @notice Asks for active stake; it can be taken `unbonding` seconds later. It stays slashable until it is paid.
    function requestUnstake(uint256 amount) external returns (uint256 index);

    /// @notice Pays a request whose time has come, and all before it, to their owner; anyone may call. Pays less if locks
    /// would not be covered, the rest later; reverts if nothing can be paid.
    function unstake(address account, uint256 index) external;

    /// @notice Attests a version, once for good; locks `attestationLock` of the sender's free active stake.
    function attest(bytes32 versionKey, uint16 score, bytes32 evidence) external returns (bytes32 lockId);

    /// @notice The same for a validator who signed (ERC-1271 too).
    function attestBySig(Attestation calldata attestation, bytes calldata signature) external returns (bytes32 lockId);

    /// @notice Locks free active stake of the dataset's owner behind it, for as long as the owner leaves it. It stays when the
    /// dataset is sold.
    function back(bytes32 datasetId, uint96 amount) external returns (bytes32 lockId);

    /// @notice The owner of a backing asks for it; it can be released `unbonding` seconds later, and be held by a case until it
    /// is. The owner of the dataset may ask too, so that a former owner's backing does not stand in the way of another.
    function endBacking(bytes32 lockId) external;

    /// @notice Frees a lock whose time is over; anyone may call. An attestation that stood raises its validator's record.
    function release(bytes32 lockId) external;

    /// @notice Makes the sender's next nonce of a key unusable.
    function cancelNonce(uint192 key) external returns (uint256 nonce);

    /// @notice A case on the lock was opened. Attestations can be held in their challenge window, backings until they are
    /// released. For the court.
    function hold(bytes32 lockId) external returns (address owner, uint96 amount);

    /// @notice A first ruling went against the lock: its amount leaves the owner's stake for escrow. For the court.
    function take(bytes32 lockId) external;

    /// @notice The case is over and the lock stands: escrow returns. It can be challenged for `extension` more seconds at
    /// least. For the court.
    function giveBack(bytes32 lockId, uint32 extension) external;

    /// @notice The case is over and the lock is lost: its amount goes to the caller, out of escrow or, if no ruling took it
    /// before, out of stake. For the court.
    function forfeit(bytes32 lockId) external returns (uint96 amount);

    /// @notice keccak256(abi.encode(keccak256("dgov.attestation.v1"), chainId, stake, validator, versionKey)).
    function attestationIdOf(address validator, bytes32 versionKey) external view returns (bytes32);

    /// @notice keccak256(abi.encode(keccak256("dgov.backing.v1"), chainId, stake, datasetId)).
    function backingIdOf(bytes32 datasetId) external view returns (bytes32);

    /// @notice A lock; all zero if there is none.
    function lockOf(bytes32 lockId) external view returns (Lock memory);

    /// @notice An account's stake.
    function accountOf(address account) external view returns (StakeAccount memory);

    /// @notice What a request still pays; all zero if there is none, or it was paid or taken.
    function unbondingOf(address account, uint256 index) external view returns (Unbonding memory);

    /// @notice A validator's record in basis points, by the rule of succession: 10,000 * (upheld + 1) / (upheld + lost + 2).
    function reputationOf(address validator) external view returns (uint256 bps);

    /// @notice The mean score of a version's attestations that were not lost, in basis points, and their number.
    function qualityOf(bytes32 versionKey) external view returns (uint256 meanBps, uint256 count);

    /// @notice The account's next nonce of a key.
    function nonces(address account, uint192 key) external view returns (uint256 nonce);

    /// @notice EIP-712 domain separator.
    function domainSeparator() external view returns (bytes32);

    /// @notice What one attestation locks, how long it can be challenged, and how long stake takes to leave.
    function settings() external view returns (uint96 attestationLock, uint32 challengeWindow, uint32 unbonding);
}
