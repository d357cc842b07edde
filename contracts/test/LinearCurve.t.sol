// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";
import {LinearCurve} from "../src/LinearCurve.sol";
import {IPriceModule} from "../src/interfaces/IPriceModule.sol";

contract LinearCurveTest is Test {
    LinearCurve private curve = new LinearCurve();
    address private seller = makeAddr("seller");
    bytes32 private constant DATASET = "dataset";
    bytes32 private constant TERMS = "terms";

    // ------------------------------------------------------------------------------------------------ sell

    function testFuzz_Sell_ReturnsBaseAndStepForEachSaleBefore(uint128 base, uint96 step, uint8 sales) external {
        for (uint256 i; i < sales; ++i) {
            uint256 price = uint256(base) + uint256(step) * i;
            assertEq(curve.priceOf(seller, DATASET, TERMS, base, step), price);
            assertEq(curve.soldOf(seller, DATASET, TERMS), i);
            vm.expectEmit(address(curve));
            emit IPriceModule.Sold(seller, DATASET, TERMS, i + 1, price);
            vm.prank(seller);
            assertEq(curve.sell(DATASET, TERMS, base, step), price);
        }
        assertEq(curve.soldOf(seller, DATASET, TERMS), sales);
    }

    /// @dev Each of the three makes another book, for the price and for the count.
    function testFuzz_Sell_CountsForTheSenderTheDatasetAndTheTermsOnly(address other, bytes32 word) external {
        vm.assume(other != seller && word != DATASET && word != TERMS);
        for (uint256 i; i < 3; ++i) {
            vm.prank(seller);
            curve.sell(DATASET, TERMS, 100, 7);
        }
        vm.prank(other);
        assertEq(curve.sell(DATASET, TERMS, 100, 7), 100);
        vm.startPrank(seller);
        assertEq(curve.sell(word, TERMS, 100, 7), 100);
        assertEq(curve.sell(DATASET, word, 100, 7), 100);
        assertEq(curve.sell(TERMS, DATASET, 100, 7), 100, "order matters");
        vm.stopPrank();
        assertEq(curve.soldOf(seller, DATASET, TERMS), 3);
        assertEq(curve.priceOf(seller, DATASET, TERMS, 100, 7), 121);
    }

    /// @dev Counts that no chain will see, written straight into the book.
    function testFuzz_Sell_NeverOverflows(uint128 base, uint96 step, uint64 count) external {
        bytes32 book = keccak256(abi.encode(seller, DATASET, TERMS));
        vm.store(address(curve), keccak256(abi.encode(book, uint256(0))), bytes32(uint256(count)));
        assertEq(curve.soldOf(seller, DATASET, TERMS), count);
        vm.prank(seller);
        uint256 price = curve.sell(DATASET, TERMS, base, step);
        // Recomputed with checks.
        assertEq(price, uint256(base) + uint256(step) * count);
        assertEq(curve.soldOf(seller, DATASET, TERMS), uint256(count) + 1);
    }

    // ------------------------------------------------------------------------------------------------ priceOf

    function test_PriceOf_CountsNothing() external {
        vm.record();
        assertEq(curve.priceOf(seller, DATASET, TERMS, 5, 1), 5);
        (, bytes32[] memory writes) = vm.accesses(address(curve));
        assertEq(writes.length, 0);
        assertEq(curve.soldOf(seller, DATASET, TERMS), 0);
    }
}
