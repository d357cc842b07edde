// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {LinearCurve} from "../src/LinearCurve.sol";
import {Pass, Terms, Version} from "../src/types/Types.sol";
import {HostileModule} from "./support/Hostile.sol";
import {MoneyFixture} from "./support/MoneyFixture.sol";
import {PassHandler} from "./support/PassHandler.sol";

/// @notice Money and rights of passes under buyers of all kinds.
contract AccessPassInvariantTest is MoneyFixture {
    PassHandler internal handler;
    LinearCurve internal curve;

    function setUp() public override {
        super.setUp();
        Version[] memory sold = new Version[](2);
        sold[0] = _register("first", keccak256("root"), keccak256("splits"));
        sold[1] = _register("second", keccak256("root"), keccak256("splits"));
        Terms[] memory terms = new Terms[](5);
        bytes32[] memory ids = new bytes32[](5);
        terms[0] = _terms();
        terms[1] = _terms();
        (terms[1].currency, terms[1].allow, terms[1].revocable) = (address(token), 39, false);
        terms[2] = _terms();
        (terms[2].price, terms[2].allow, terms[2].duration) = (0, 1, 30 days);
        curve = new LinearCurve();
        terms[3] = _terms();
        (terms[3].priceModule, terms[3].priceStep, terms[3].allow) = (address(curve), 0.001 ether, 39);
        terms[4] = _terms();
        (terms[4].priceModule, terms[4].allow) = (address(new HostileModule()), 39);
        for (uint256 i; i < 5; ++i) {
            ids[i] = _addTerms(terms[i]);
            for (uint256 d; d < 2; ++d) {
                _offer(sold[d].datasetId, ids[i]);
            }
        }
        handler = new PassHandler(pass, token, PUBLISHER, sold, ids, terms);
        targetContract(address(handler));
        bytes4[] memory selectors = new bytes4[](8);
        selectors[0] = handler.purchase.selector;
        selectors[1] = handler.purchase.selector;
        selectors[2] = handler.purchaseForOwnPool.selector;
        selectors[3] = handler.withdraw.selector;
        selectors[4] = handler.revoke.selector;
        selectors[5] = handler.pass.selector;
        selectors[6] = handler.setModule.selector;
        selectors[7] = handler.purchaseInside.selector;
        targetSelector(FuzzSelector(address(handler), selectors));
    }

    /// forge-config: default.invariant.runs = 24
    function invariant_MoneyAndRights() external view {
        _creditIsWhatWasSentTooMuch();
        _pricesAreInThePoolsOfTheVersions();
        _passesGiveWhatWasPromised();
        _theCurveCountsItsSales();
    }

    /// @notice The campaign gets inside purchases in every way: a handler that only fails would prove nothing.
    function test_TheHandlerActsFromInside() external {
        for (uint256 buyer; buyer < 2; ++buyer) {
            handler.purchase(buyer, 0, 3, 5);
            this.invariant_MoneyAndRights();
        }
        assertEq(handler.soldOnCurve(handler.datasetAt(0).datasetId), 2);
        for (uint256 way = 1; way <= 3; ++way) {
            handler.purchaseInside(0, way, 0.5 ether, 7);
            this.invariant_MoneyAndRights();
        }
        assertGt(handler.pulled(handler.buyers(4)), 0);
    }

    /// @dev The pass contract holds the credits and nothing else.
    function _creditIsWhatWasSentTooMuch() private view {
        uint256 credits;
        for (uint256 b; b < handler.BUYERS(); ++b) {
            address buyer = handler.buyers(b);
            uint256 credit = pass.creditOf(buyer);
            assertEq(credit, handler.excess(buyer) - handler.pulled(buyer), "credit");
            credits += credit;
        }
        assertEq(address(pass).balance, credits, "balance and credits");
        assertEq(token.balanceOf(address(pass)), 0, "tokens left behind");
        assertEq(token.allowance(address(pass), address(vault)), 0, "allowance left behind");
    }

    /// @dev Each price is in the pool of the version sold, in its currency, and covered.
    function _pricesAreInThePoolsOfTheVersions() private view {
        uint256[2] memory sums;
        for (uint256 d; d < handler.DATASETS(); ++d) {
            Version memory version = handler.datasetAt(d);
            bytes32 id = _poolId(version.datasetId, version.contributorRoot, version.splitsDigest);
            for (uint256 c; c < 2; ++c) {
                address currency = c == 0 ? address(0) : address(token);
                uint256 income = vault.income(id, currency);
                assertEq(income, handler.spent(version.datasetId, currency), "income and prices");
                sums[c] += income;
            }
        }
        assertEq(address(vault).balance, sums[0]);
        assertEq(token.balanceOf(address(vault)), sums[1]);
    }

    /// @dev Each dataset has its own count, and paid what the formula says for it.
    function _theCurveCountsItsSales() private view {
        for (uint256 d; d < handler.DATASETS(); ++d) {
            bytes32 id = handler.datasetAt(d).datasetId;
            uint256 sold = curve.soldOf(address(pass), id, handler.termsIds(3));
            assertEq(sold, handler.soldOnCurve(id));
            assertEq(
                handler.spentOnCurve(id), sold * 0.01 ether + sold * (sold - (sold == 0 ? 0 : 1)) / 2 * 0.001 ether
            );
        }
    }

    /// @dev Nobody but those whom the burn authorization names, and nothing but time, takes rights away; balances count
    /// passes.
    function _passesGiveWhatWasPromised() private view {
        assertEq(handler.shrunk(), 0, "a sale took rights away");
        for (uint256 b; b < handler.BUYERS(); ++b) {
            address buyer = handler.buyers(b);
            uint256 count;
            for (uint256 d; d < handler.DATASETS(); ++d) {
                bytes32 datasetId = handler.datasetAt(d).datasetId;
                (address holder, uint40 expiry,, uint16 purposes,) = handler.promised(buyer, datasetId);
                Pass memory actual = pass.passOf(buyer, datasetId);
                assertEq(actual.holder, holder);
                assertEq(actual.expiry, expiry);
                assertEq(actual.purposes, purposes);
                for (uint8 purpose; purpose < 8; ++purpose) {
                    bool expected = expiry > block.timestamp && purposes >> purpose & 1 != 0;
                    assertEq(pass.isValid(buyer, datasetId, purpose), expected);
                }
                if (holder == address(0)) continue;
                ++count;
                assertEq(pass.ownerOf(pass.passIdOf(buyer, datasetId)), buyer);
            }
            assertEq(pass.balanceOf(buyer), count, "balance and passes");
        }
    }
}
