// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {LinearCurve} from "../../src/LinearCurve.sol";
import {Terms, Version} from "../../src/types/Types.sol";
import {GasTest} from "../helpers/GasTest.sol";
import {MoneyFixture} from "../support/MoneyFixture.sol";

/// @notice What passes cost as whole transactions, with the real registries and vault; run with `--isolate`. The first three
/// budgets are the design's.
contract AccessPassGasTest is MoneyFixture, GasTest {
    string private constant GROUP = "AccessPass";
    uint128 private constant PRICE = 0.01 ether;

    Version private version;
    bytes32 private inNative;
    bytes32 private inToken;
    bytes32 private onCurve;

    function setUp() public override {
        super.setUp();
        version = _register("raccoon", keccak256("root"), keccak256("splits"));
        Terms memory terms = _terms();
        inNative = _addTerms(terms);
        terms.currency = address(token);
        inToken = _addTerms(terms);
        (terms.currency, terms.priceModule, terms.priceStep) = (address(0), address(new LinearCurve()), 1);
        onCurve = _addTerms(terms);
        _offer(version.datasetId, onCurve);
        _offer(version.datasetId, inNative);
        _offer(version.datasetId, inToken);
    }

    function test_PurchaseWithNativeCoin() external isolated {
        _purchase("purchase, native coin, first sale of a pool", 135_000, "first", inNative, PRICE);
        _purchase("purchase, native coin, new holder", 118_000, "second", inNative, PRICE);
        _purchase("purchase, native coin, renewal", 75_000, "second", inNative, PRICE);
        _purchase("purchase, native coin, renewal with excess, first", 109_000, "second", inNative, PRICE + 1);
    }

    /// @dev On a curve: another slot of the terms, a call, and a count that the first sale starts.
    function test_PurchaseOnACurve() external isolated {
        _purchase("purchase, linear curve, first sale of terms and pool", 170_000, "first", onCurve, PRICE);
        _purchase("purchase, linear curve, new holder", 137_000, "second", onCurve, PRICE + 1);
        _purchase("purchase, linear curve, renewal", 93_000, "second", onCurve, PRICE + 2);
    }

    function test_PurchaseWithToken() external isolated {
        _purchase("purchase, token, first sale of a pool", 192_000, "first", inToken, 0);
        _purchase("purchase, token, new holder", 162_000, "second", inToken, 0);
        _purchase("purchase, token, renewal", 127_000, "second", inToken, 0);
    }

    function test_RevokeAndWithdraw() external isolated {
        address buyer = _purchase("purchase, with excess, first sale", 170_000, "first", inNative, PRICE + 1);
        _measure(GROUP, "withdrawCredit", 38_000, buyer, address(pass), abi.encodeCall(pass.withdrawCredit, ()));
        bytes memory data = abi.encodeCall(pass.revoke, (buyer, version.datasetId));
        _measure(GROUP, "revoke by the holder", 40_000, buyer, address(pass), data);
    }

    function _purchase(string memory name, uint256 budget, string memory who, bytes32 termsId, uint256 value)
        private
        returns (address buyer)
    {
        buyer = makeAddr(who);
        if (value == 0) {
            // A buyer who keeps some of the token and approves what it pays.
            token.mint(buyer, 10 * PRICE);
            vm.prank(buyer);
            token.approve(address(pass), PRICE);
        }
        bytes memory data = abi.encodeCall(pass.purchase, (version, termsId, PRICE + 2));
        _measurePaid(GROUP, name, budget, buyer, address(pass), value, data);
    }
}
