//! Bindings of the reward rounds (`contracts/src/interfaces/IRewardRounds.sol`).

// Members carry their documentation in the Solidity interfaces; repeating it here would let the two drift apart.
#![allow(missing_docs)]
// The generated calls have as many arguments as the functions.
#![allow(clippy::too_many_arguments)]

use alloy::sol;

sol! {
    /// Where a round is.
    #[derive(Debug, PartialEq, Eq)]
    enum RoundState {
        None,
        Published,
        Cancelled,
        Swept
    }

    /// A numbered round of rewards: `units * unit` of the currency (zero address: native coin), times in unix seconds.
    #[derive(Debug, PartialEq, Eq)]
    struct Round {
        bytes32 root;
        address publisher;
        uint40 claimableAt;
        RoundState state;
        address currency;
        uint64 units;
        uint128 unit;
        uint40 expiresAt;
        uint96 bond;
        uint64 claimed;
    }

    /// A claim on one round, with the proof of the account's leaf.
    #[derive(Debug, PartialEq, Eq)]
    struct RoundClaim {
        uint256 roundId;
        uint64 units;
        uint256 bitmap;
        bytes siblings;
    }

    /// Rounds of rewards over sum trees of kind 3.
    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    interface IRewardRounds {
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
        event RoundCancelled(uint256 indexed roundId, address indexed by);
        event BondReturned(uint256 indexed roundId, address indexed to, uint256 amount);
        event RewardClaimed(uint256 indexed roundId, address indexed account, address to, uint256 amount);
        event RoundSwept(uint256 indexed roundId, uint256 amount);

        function publish(
            bytes32 topHash,
            uint64 units,
            uint128 unit,
            address currency,
            uint40 expiresAt,
            bytes32 list
        ) external payable returns (uint256 roundId);
        function cancel(uint256 roundId) external;
        function claim(address account, RoundClaim[] calldata items) external returns (uint256 amount);
        function returnBond(uint256 roundId) external;
        function sweep(uint256 roundId) external;
        function roundOf(uint256 roundId) external view returns (Round memory);
        function roundCount() external view returns (uint256);
        function isClaimed(uint256 roundId, address account) external view returns (bool);
        function settings() external view returns (uint32 cancelWindow, uint96 bond);
        function authority() external view returns (address);
        function wiring(uint256 index) external view returns (address);
    }
}
