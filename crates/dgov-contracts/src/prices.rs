//! Binding of price modules, which say what the next pass costs (`contracts/src/interfaces/IPriceModule.sol`).

// Members carry their documentation in the Solidity interfaces; repeating it here would let the two drift apart.
#![allow(missing_docs)]

use alloy::sol;

sol! {
    /// Says what the next pass costs, where a price is not fixed. Each seller has books of its own.
    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    interface IPriceModule {
        event Sold(
            address indexed seller, bytes32 indexed datasetId, bytes32 indexed termsId, uint256 count, uint256 price
        );

        function sell(bytes32 datasetId, bytes32 termsId, uint128 base, uint96 step) external returns (uint256 price);
        function priceOf(address seller, bytes32 datasetId, bytes32 termsId, uint128 base, uint96 step)
            external
            view
            returns (uint256 price);
        function soldOf(address seller, bytes32 datasetId, bytes32 termsId) external view returns (uint256 count);
    }
}
