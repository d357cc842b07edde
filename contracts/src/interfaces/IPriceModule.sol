// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Says what the next pass costs, where a price is not fixed. Named by license terms, which the DAO decides.
/// @notice The seller (an AccessPass) is the caller of `sell`: each seller has books of its own, so that nobody can move
/// another's price.
interface IPriceModule {
    /// @notice One pass was sold.
    event Sold(
        address indexed seller, bytes32 indexed datasetId, bytes32 indexed termsId, uint256 count, uint256 price
    );

    /// @notice Records one sale of the caller and returns its price.
    /// @param base The terms' price.
    /// @param step The terms' `priceStep`, whose meaning is the module's.
    function sell(bytes32 datasetId, bytes32 termsId, uint128 base, uint96 step) external returns (uint256 price);

    /// @notice What the next sale of the seller would cost.
    function priceOf(address seller, bytes32 datasetId, bytes32 termsId, uint128 base, uint96 step)
        external
        view
        returns (uint256 price);

    /// @notice How many were sold.
    function soldOf(address seller, bytes32 datasetId, bytes32 termsId) external view returns (uint256 count);
}
