// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPriceModule} from "./interfaces/IPriceModule.sol";

/// @title A price that rises by the same step with each sale: price + step * sold
/// @notice One contract serves all projects of a chain. Books are per seller, dataset and terms, and only the seller writes
/// them; nobody administers them, and no money passes through here. Sales are never taken back: what expires, is revoked
/// or is renewed has been sold.
contract LinearCurve is IPriceModule {
    /// @dev Sales by keccak256(abi.encode(seller, datasetId, termsId)).
    mapping(bytes32 book => uint256 count) private _sold;

    /// @inheritdoc IPriceModule
    function sell(bytes32 datasetId, bytes32 termsId, uint128 base, uint96 step) external returns (uint256 price) {
        // Effects.
        bytes32 book = _bookOf(msg.sender, datasetId, termsId);
        uint256 count = _sold[book];
        price = _priceAt(base, step, count);
        unchecked {
            _sold[book] = count + 1;
        }
        emit Sold(msg.sender, datasetId, termsId, count + 1, price);
    }

    /// @inheritdoc IPriceModule
    function priceOf(address seller, bytes32 datasetId, bytes32 termsId, uint128 base, uint96 step)
        external
        view
        returns (uint256 price)
    {
        return _priceAt(base, step, _sold[_bookOf(seller, datasetId, termsId)]);
    }

    /// @inheritdoc IPriceModule
    function soldOf(address seller, bytes32 datasetId, bytes32 termsId) external view returns (uint256 count) {
        return _sold[_bookOf(seller, datasetId, termsId)];
    }

    /// @dev Counts grow by one a call and stay far below 2^64, so that the sum stays below 2^161.
    function _priceAt(uint128 base, uint96 step, uint256 count) private pure returns (uint256) {
        unchecked {
            return base + step * count;
        }
    }

    function _bookOf(address seller, bytes32 datasetId, bytes32 termsId) private pure returns (bytes32) {
        return keccak256(abi.encode(seller, datasetId, termsId));
    }
}
