// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";
import {LinearCurve} from "../../src/LinearCurve.sol";

/// @notice Prices of the curve, for all bases and steps. Run by scripts/test-deep; Foundry runs no `check_`.
contract CurveProof is Test {
    bytes32 internal constant DATASET = keccak256("dataset");
    bytes32 internal constant TERMS = keccak256("terms");

    LinearCurve internal curve;

    function setUp() external {
        curve = new LinearCurve();
    }

    function check_EachSaleCostsOneStepMore(uint128 base, uint96 step) external {
        for (uint256 sold; sold < 3; ++sold) {
            uint256 quoted = curve.priceOf(address(this), DATASET, TERMS, base, step);
            uint256 price = curve.sell(DATASET, TERMS, base, step);
            assert(price == quoted);
            assert(price == uint256(base) + uint256(step) * sold);
            assert(curve.soldOf(address(this), DATASET, TERMS) == sold + 1);
        }
    }

    /// @dev Whatever others sell or ask for, a seller's price stays.
    function check_OnlyTheSellerMovesItsPrice(
        address other,
        bytes32 dataset,
        bytes32 terms,
        uint128 base,
        uint96 step,
        uint128 otherBase,
        uint96 otherStep
    ) external {
        vm.assume(other != address(this));
        vm.prank(other);
        curve.sell(dataset, terms, otherBase, otherStep);
        assert(curve.priceOf(address(this), DATASET, TERMS, base, step) == base);
    }
}
