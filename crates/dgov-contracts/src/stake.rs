//! Bindings of the validators' and publishers' stake (`contracts/src/interfaces/IValidatorStake.sol`).

// Members carry their documentation in the Solidity interfaces; repeating it here would let the two drift apart.
#![allow(missing_docs)]

use alloy::sol;

sol! {
    /// What a lock secures.
    #[derive(Debug, PartialEq, Eq)]
    enum LockKind {
        None,
        Attestation,
        Backing
    }

    /// Where a lock is.
    #[derive(Debug, PartialEq, Eq)]
    enum LockState {
        None,
        Live,
        Held,
        Escrowed,
        Released,
        Lost
    }

    /// A part of an account's stake that secures one thing; `until` in unix seconds, 2^40 - 1 while a backing stands.
    #[derive(Debug, PartialEq, Eq)]
    struct Lock {
        address owner;
        uint96 amount;
        uint40 until;
        uint16 score;
        LockKind kind;
        LockState state;
        bytes32 subject;
    }

    /// An account's stake, in the chain's smallest unit.
    #[derive(Debug, PartialEq, Eq)]
    struct StakeAccount {
        uint96 active;
        uint96 unbonding;
        uint32 upheld;
        uint32 lost;
        uint96 locked;
    }

    /// What a request still pays, and from when on (unix seconds).
    #[derive(Debug, PartialEq, Eq)]
    struct Unbonding {
        uint96 amount;
        uint40 readyAt;
    }

    /// EIP-712 attestation of a version's quality; `score` in basis points.
    #[derive(Debug, PartialEq, Eq)]
    struct Attestation {
        address validator;
        bytes32 versionKey;
        uint16 score;
        bytes32 evidence;
        uint256 nonce;
        uint256 deadline;
    }

    /// Stake, locked for attestations and behind datasets.
    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    interface IValidatorStake {
        event Staked(address indexed account, uint256 amount);
        event UnstakeRequested(address indexed account, uint256 indexed index, uint256 amount, uint40 readyAt);
        event Unstaked(address indexed account, uint256 indexed index, uint256 amount);
        event Attested(
            bytes32 indexed lockId,
            address indexed validator,
            bytes32 indexed versionKey,
            uint16 score,
            bytes32 evidence,
            uint256 amount,
            uint40 until
        );
        event Backed(bytes32 indexed lockId, address indexed publisher, bytes32 indexed datasetId, uint256 amount);
        event BackingEnding(bytes32 indexed lockId, uint40 until);
        event LockReleased(bytes32 indexed lockId, address indexed owner, uint256 amount);
        event LockHeld(bytes32 indexed lockId);
        event LockTaken(bytes32 indexed lockId, address indexed owner, uint256 amount);
        event LockReturned(bytes32 indexed lockId, uint40 until);
        event LockForfeited(bytes32 indexed lockId, address indexed owner, uint256 amount);
        event NonceCancelled(address indexed account, uint256 nonce);

        function stake() external payable;
        function requestUnstake(uint256 amount) external returns (uint256 index);
        function unstake(address account, uint256 index) external;
        function attest(bytes32 versionKey, uint16 score, bytes32 evidence) external returns (bytes32 lockId);
        function attestBySig(Attestation calldata attestation, bytes calldata signature) external returns (bytes32 lockId);
        function back(bytes32 datasetId, uint96 amount) external returns (bytes32 lockId);
        function endBacking(bytes32 lockId) external;
        function release(bytes32 lockId) external;
        function cancelNonce(uint192 key) external returns (uint256 nonce);
        function attestationIdOf(address validator, bytes32 versionKey) external view returns (bytes32);
        function backingIdOf(bytes32 datasetId) external view returns (bytes32);
        function lockOf(bytes32 lockId) external view returns (Lock memory);
        function accountOf(address account) external view returns (StakeAccount memory);
        function unbondingOf(address account, uint256 index) external view returns (Unbonding memory);
        function reputationOf(address validator) external view returns (uint256 bps);
        function qualityOf(bytes32 versionKey) external view returns (uint256 meanBps, uint256 count);
        function nonces(address account, uint192 key) external view returns (uint256 nonce);
        function domainSeparator() external view returns (bytes32);
        function settings() external view returns (uint96 attestationLock, uint32 challengeWindow, uint32 unbonding);
        function authority() external view returns (address);
        function wiring(uint256 index) external view returns (address);
    }
}
