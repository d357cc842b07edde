// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Vm} from "forge-std/Vm.sol";
import {LinearCurve} from "../src/LinearCurve.sol";
import {IAccessPass} from "../src/interfaces/IAccessPass.sol";
import {IDatasetRegistry} from "../src/interfaces/IDatasetRegistry.sol";
import {IPriceModule} from "../src/interfaces/IPriceModule.sol";
import {IRoyaltyVault} from "../src/interfaces/IRoyaltyVault.sol";
import {Eip712} from "../src/lib/Eip712.sol";
import {IssuePass, Status, Terms, Version} from "../src/types/Types.sol";
import {CuriousBuyer, HostileModule} from "./support/Hostile.sol";
import {MoneyFixture} from "./support/MoneyFixture.sol";

contract AccessPassPricesTest is MoneyFixture {
    uint128 internal constant BASE = 0.01 ether;
    uint96 internal constant STEP = 0.001 ether;
    address internal constant NATIVE = address(0);

    LinearCurve internal curve;
    HostileModule internal hostile;
    CuriousBuyer internal curious;
    address internal ann = makeAddr("ann");
    address internal ben = makeAddr("ben");
    Version internal version;
    bytes32 internal versionKey;
    bytes32 internal onCurve;
    bytes32 internal onHostile;
    bytes32 internal poolId;

    function setUp() public override {
        super.setUp();
        curve = new LinearCurve();
        hostile = new HostileModule();
        curious = new CuriousBuyer(pass);
        version = _register("raccoon", keccak256("root"), keccak256("splits"));
        versionKey = registry.keyAt(version.datasetId, 1);
        onCurve = _offerWith(version.datasetId, NATIVE, address(curve));
        onHostile = _offerWith(version.datasetId, NATIVE, address(hostile));
        poolId = _poolId(version.datasetId, version.contributorRoot, version.splitsDigest);
        for (uint256 i; i < 3; ++i) {
            vm.deal(i == 0 ? ann : i == 1 ? ben : address(curious), 10 ether);
        }
    }

    // ---- a linear curve

    function test_CurvePriceRisesWithEachSale() external {
        for (uint256 i; i < 5; ++i) {
            address buyer = i % 2 == 0 ? ann : ben;
            uint256 price = BASE + STEP * i;
            assertEq(curve.priceOf(address(pass), version.datasetId, onCurve, BASE, STEP), price);
            vm.expectEmit(address(curve));
            emit IPriceModule.Sold(address(pass), version.datasetId, onCurve, i + 1, price);
            vm.expectEmit(address(pass));
            emit IAccessPass.Purchased(
                pass.passIdOf(buyer, version.datasetId),
                version.datasetId,
                buyer,
                versionKey,
                onCurve,
                price,
                uint40(block.timestamp + 365 days * (1 + i / 2))
            );
            vm.expectEmit(address(vault));
            emit IRoyaltyVault.Deposited(poolId, address(pass), versionKey, NATIVE, price);
            _buy(buyer, version, onCurve, price, price);
        }
        assertEq(curve.soldOf(address(pass), version.datasetId, onCurve), 5);
        assertEq(vault.income(poolId, NATIVE), 5 * BASE + 10 * uint256(STEP));
        assertEq(address(pass).balance, 0);
    }

    function test_CurveCountsEachDatasetAndTermsForItself() external {
        Version memory other = _register("other", keccak256("root"), keccak256("splits"));
        _offer(other.datasetId, onCurve);
        Terms memory terms = _termsWith(NATIVE, address(curve));
        terms.allow = 39;
        bytes32 wider = _addTerms(terms);
        _offer(version.datasetId, wider);
        _buy(ann, version, onCurve, BASE, BASE);
        _buy(ann, other, onCurve, BASE, BASE);
        _buy(ann, version, wider, BASE, BASE);
        _buy(ben, version, onCurve, BASE + STEP, BASE + STEP);
    }

    function test_CurveKeepsExcessAsCredit() external {
        _buy(ann, version, onCurve, 1 ether, 1 ether);
        _buy(ben, version, onCurve, 1 ether, 1 ether);
        assertEq(pass.creditOf(ann), 1 ether - BASE);
        assertEq(pass.creditOf(ben), 1 ether - BASE - STEP);
        assertEq(address(pass).balance, 2 ether - 2 * BASE - STEP);
    }

    function test_CurveWithToken() external {
        bytes32 inToken = _offerWith(version.datasetId, address(token), address(curve));
        token.mint(ann, 1 ether);
        vm.prank(ann);
        token.approve(address(pass), 1 ether);
        _buy(ann, version, inToken, 0, BASE);
        _buy(ann, version, inToken, 0, BASE + STEP);
        assertEq(vault.income(poolId, address(token)), 2 * BASE + STEP);
        assertEq(token.balanceOf(ann), 1 ether - 2 * BASE - STEP);
        assertEq(token.allowance(address(pass), address(vault)), 0);
    }

    function test_CurveAboveTheMaximumReverts() external {
        _buy(ann, version, onCurve, BASE, BASE);
        vm.expectRevert(abi.encodeWithSelector(IAccessPass.PriceAboveMaximum.selector, BASE + STEP, BASE));
        _buy(ben, version, onCurve, 1 ether, BASE);
        assertEq(curve.soldOf(address(pass), version.datasetId, onCurve), 1);
        assertFalse(pass.isValid(ben, version.datasetId, 0));
    }

    function test_CurveWithTooLittleValueReverts() external {
        _buy(ann, version, onCurve, BASE, BASE);
        vm.expectRevert(abi.encodeWithSelector(IAccessPass.ValueInsufficient.selector, BASE + STEP, BASE));
        _buy(ben, version, onCurve, BASE, 1 ether);
        assertEq(curve.soldOf(address(pass), version.datasetId, onCurve), 1);
    }

    function test_CurveCountsSalesOnly() external {
        Vm.Wallet memory holder = vm.createWallet("holder");
        uint64 expiry = uint64(block.timestamp + 365 days);
        IssuePass memory request = IssuePass(PUBLISHER, holder.addr, versionKey, onCurve, expiry, 2, 0, block.timestamp);
        bytes memory signature = _sign(holder, request);
        vm.prank(PUBLISHER);
        pass.issueBySig(request, version.datasetId, 1, "", signature);
        request.issuer = DAO;
        Vm.Wallet memory next = vm.createWallet("next");
        request.holder = next.addr;
        signature = _sign(next, request);
        vm.prank(DAO);
        pass.reissue(holder.addr, request, version.datasetId, 1, signature);
        assertTrue(pass.isValid(next.addr, version.datasetId, 0));
        assertEq(curve.soldOf(address(pass), version.datasetId, onCurve), 0);
        _buy(ann, version, onCurve, BASE, BASE);
    }

    // ---- fixed terms

    function test_FixedTermsAskNoModule() external {
        bytes32 fixedPrice = _addTerms(_terms());
        _offer(version.datasetId, fixedPrice);
        vm.expectCall(address(curve), abi.encodePacked(IPriceModule.sell.selector), 0);
        vm.expectCall(address(0), abi.encodePacked(IPriceModule.sell.selector), 0);
        _buy(ann, version, fixedPrice, BASE, BASE);
        assertEq(vault.income(poolId, NATIVE), BASE);
    }

    // ---- a hostile module

    function testFuzz_AModuleChargesUpToTheMaximum(uint128 price, uint256 maxPrice, uint128 sent) external {
        hostile.set(price, false, CuriousBuyer(payable(0)));
        vm.deal(ann, sent);
        if (price > maxPrice) {
            vm.expectRevert(abi.encodeWithSelector(IAccessPass.PriceAboveMaximum.selector, price, maxPrice));
        } else if (sent < price) {
            vm.expectRevert(abi.encodeWithSelector(IAccessPass.ValueInsufficient.selector, price, sent));
        }
        _buy(ann, version, onHostile, sent, maxPrice);
        if (price > maxPrice || sent < price) return;
        assertEq(vault.income(poolId, NATIVE), price);
        assertEq(address(vault).balance, price);
        assertEq(pass.creditOf(ann), sent - price);
        assertEq(address(pass).balance, sent - price);
    }

    function test_AModuleThatRevertsStopsTheSale() external {
        hostile.set(0, true, CuriousBuyer(payable(0)));
        vm.expectRevert(HostileModule.Refused.selector);
        _buy(ann, version, onHostile, 1 ether, 1 ether);
        // Other terms are not touched by it.
        _buy(ann, version, onCurve, BASE, BASE);
    }

    function test_APriceNoPoolCanHoldReverts() external {
        uint256 huge = uint256(type(uint128).max) + 1;
        hostile.set(huge, false, CuriousBuyer(payable(0)));
        vm.deal(ann, huge);
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.IncomeOverflow.selector, poolId, NATIVE, 0, huge));
        _buy(ann, version, onHostile, huge, huge);
    }

    function test_AModuleIsAskedLast() external {
        vm.expectCall(address(hostile), abi.encodePacked(IPriceModule.sell.selector), 0);
        Version memory wrong = version;
        wrong.cardDigest = keccak256("other");
        vm.expectPartialRevert(IAccessPass.VersionMismatch.selector);
        _buy(ann, wrong, onHostile, 1 ether, 1 ether);
        Terms memory endless = _termsWith(NATIVE, address(curve));
        (endless.duration, endless.allow) = (0, 39);
        bytes32 wider = _addTerms(endless);
        _offer(version.datasetId, wider);
        _buy(ann, version, wider, BASE, BASE);
        vm.expectPartialRevert(IAccessPass.PassWouldShrink.selector);
        _buy(ann, version, onHostile, 1 ether, 1 ether);
        vm.prank(PUBLISHER);
        registry.setStatus(version.datasetId, 1, Status.Recalled, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.NotActive.selector, versionKey, Status.Recalled));
        _buy(ben, version, onHostile, 1 ether, 1 ether);
    }

    function test_BuyingAgainFromInsideGivesAndChargesBoth() external {
        hostile.set(BASE, false, curious);
        curious.arm(version, onHostile, CuriousBuyer.Way.BuyAgain, 2 * BASE);
        curious.buy(3 * BASE, BASE);
        assertEq(pass.passOf(address(curious), version.datasetId).expiry, block.timestamp + 2 * 365 days);
        assertEq(pass.balanceOf(address(curious)), 1);
        assertEq(vault.income(poolId, NATIVE), 2 * BASE);
        assertEq(pass.creditOf(address(curious)), 3 * BASE);
        assertEq(address(pass).balance, 3 * BASE);
    }

    function test_EndingThePassFromInsideDoesNotSaveItsPrice() external {
        hostile.set(BASE, false, curious);
        curious.arm(version, onHostile, CuriousBuyer.Way.Revoke, 0);
        curious.buy(BASE, BASE);
        assertEq(vault.income(poolId, NATIVE), BASE);
        assertFalse(pass.isValid(address(curious), version.datasetId, 0));
        assertEq(pass.balanceOf(address(curious)), 0);
        // What it left is an ordinary absence of a pass.
        curious.buy(BASE, BASE);
        assertTrue(pass.isValid(address(curious), version.datasetId, 0));
        assertEq(pass.balanceOf(address(curious)), 1);
    }

    function test_WithdrawingFromInsideGivesWhatWasCreditBefore() external {
        hostile.set(BASE, false, CuriousBuyer(payable(0)));
        curious.arm(version, onHostile, CuriousBuyer.Way.Withdraw, 0);
        curious.buy(BASE + 7, BASE);
        _buy(ann, version, onHostile, BASE + 100, BASE);
        uint256 before = address(curious).balance;
        hostile.set(BASE, false, curious);
        curious.buy(BASE + 5, BASE);
        assertEq(address(curious).balance, before - BASE - 5 + 7);
        assertEq(pass.creditOf(address(curious)), 5);
        assertEq(address(pass).balance, 105);
    }

    // ---- helpers

    function _buy(address buyer, Version memory of_, bytes32 termsId, uint256 value, uint256 maxPrice) private {
        vm.prank(buyer);
        pass.purchase{value: value}(of_, termsId, maxPrice);
    }

    function _termsWith(address currency, address module) private pure returns (Terms memory terms) {
        terms = _terms();
        (terms.price, terms.currency, terms.priceModule, terms.priceStep) = (BASE, currency, module, STEP);
    }

    function _offerWith(bytes32 datasetId, address currency, address module) private returns (bytes32 termsId) {
        termsId = _addTerms(_termsWith(currency, module));
        _offer(datasetId, termsId);
    }

    function _hashOfRequest(IssuePass calldata request) external pure returns (bytes32) {
        return Eip712.hashIssuePass(request);
    }

    function _sign(Vm.Wallet memory signer, IssuePass memory request) private returns (bytes memory) {
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", pass.domainSeparator(), this._hashOfRequest(request)));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(signer, digest);
        return abi.encodePacked(r, s, v);
    }
}
