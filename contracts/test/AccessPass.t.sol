// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {AccessPass} from "../src/AccessPass.sol";
import {IAccessPass} from "../src/interfaces/IAccessPass.sol";
import {IDatasetRegistry} from "../src/interfaces/IDatasetRegistry.sol";
import {IERC5192} from "../src/interfaces/IERC5192.sol";
import {IERC5484} from "../src/interfaces/IERC5484.sol";
import {ILicenseRegistry} from "../src/interfaces/ILicenseRegistry.sol";
import {IRoyaltyVault} from "../src/interfaces/IRoyaltyVault.sol";
import {SoulboundPass} from "../src/lib/SoulboundPass.sol";
import {IssuePass, Pass, Status, Terms, Version} from "../src/types/Types.sol";
import {CreditReenterer, Refuser} from "./support/Hostile.sol";
import {MoneyFixture} from "./support/MoneyFixture.sol";
import {FeeToken, PlainToken} from "./support/Tokens.sol";

contract AccessPassTest is MoneyFixture {
    uint128 internal constant PRICE = 0.01 ether;
    address internal buyer = makeAddr("buyer");
    Version internal version;
    bytes32 internal versionKey;
    bytes32 internal termsId;
    bytes32 internal poolId;
    uint256 internal passId;

    function setUp() public override {
        super.setUp();
        version = _register("raccoon", keccak256("root"), keccak256("splits"));
        versionKey = registry.keyAt(version.datasetId, 1);
        termsId = _addTerms(_terms());
        _offer(version.datasetId, termsId);
        poolId = _poolId(version.datasetId, version.contributorRoot, version.splitsDigest);
        passId = pass.passIdOf(buyer, version.datasetId);
        vm.deal(buyer, 100 ether);
        token.mint(buyer, 100 ether);
    }

    // ---- constructor

    function testFuzz_Constructor(address manager_, address registry_, address licenses_, address vault_) external {
        AccessPass made = new AccessPass(manager_, registry_, licenses_, vault_);
        assertEq(made.authority(), manager_);
        assertEq(made.registry(), registry_);
        assertEq(made.licenses(), licenses_);
        assertEq(made.vault(), vault_);
    }

    // ---- purchase of a new pass

    function test_PurchaseOfANewPass() external {
        uint40 expiry = uint40(block.timestamp + 365 days);
        assertEq(passId, uint256(keccak256(abi.encode(keccak256("dgov.pass.v1"), buyer, version.datasetId))));
        vm.expectEmit(address(pass));
        emit IERC721.Transfer(address(0), buyer, passId);
        vm.expectEmit(address(pass));
        emit IERC5192.Locked(passId);
        vm.expectEmit(address(pass));
        emit IERC5484.Issued(address(pass), buyer, passId, IERC5484.BurnAuth.Both);
        vm.expectEmit(address(pass));
        emit IAccessPass.Purchased(passId, version.datasetId, buyer, versionKey, termsId, PRICE, expiry);
        vm.expectEmit(address(vault));
        emit IRoyaltyVault.Deposited(poolId, address(pass), versionKey, address(0), PRICE);
        assertEq(_purchase(PRICE), passId);

        Pass memory stored = pass.passOf(buyer, version.datasetId);
        assertEq(stored.holder, buyer);
        assertEq(stored.expiry, expiry);
        assertEq(stored.termsNumber, 1);
        assertEq(stored.purposes, 37);
        assertEq(stored.burnAuth, 2);
        assertEq(vault.income(poolId, address(0)), PRICE);
        assertEq(address(vault).balance, PRICE);
        assertEq(address(pass).balance, 0);
    }

    function test_PurchaseOfIrrevocableTerms() external {
        Terms memory terms = _terms();
        terms.revocable = false;
        _purchaseOf(_newOffer(terms), PRICE);
        assertEq(uint8(pass.burnAuth(passId)), 1);
    }

    // ---- purchase of the same terms

    function test_RenewalExtendsFromTheOldExpiry() external {
        _purchase(PRICE);
        uint40 first = pass.passOf(buyer, version.datasetId).expiry;
        vm.warp(block.timestamp + 100 days);
        vm.recordLogs();
        _purchase(PRICE);
        assertEq(vm.getRecordedLogs().length, 2, "Purchased and Deposited only");
        assertEq(pass.passOf(buyer, version.datasetId).expiry, first + 365 days);
        assertEq(pass.balanceOf(buyer), 1);
        assertEq(vault.income(poolId, address(0)), 2 * PRICE);
    }

    function test_RenewalOfAnExpiredPassExtendsFromNow() external {
        _purchase(PRICE);
        vm.warp(pass.passOf(buyer, version.datasetId).expiry + 7 days);
        _purchase(PRICE);
        assertEq(pass.passOf(buyer, version.datasetId).expiry, block.timestamp + 365 days);
        assertEq(pass.balanceOf(buyer), 1);
    }

    function test_RenewalEndsAtTheLargestExpiry() external {
        Terms memory terms = _terms();
        terms.duration = type(uint40).max / 2;
        bytes32 long = _newOffer(terms);
        _purchaseOf(long, PRICE);
        _purchaseOf(long, PRICE);
        assertEq(pass.passOf(buyer, version.datasetId).expiry, type(uint40).max);
    }

    function test_RenewalOfAPassWithoutEndReverts() external {
        Terms memory terms = _terms();
        terms.duration = 0;
        bytes32 endless = _newOffer(terms);
        _purchaseOf(endless, PRICE);
        assertEq(pass.passOf(buyer, version.datasetId).expiry, type(uint40).max);
        _expectPurchaseRevert(endless, abi.encodeWithSelector(IAccessPass.PassEndless.selector, passId));
    }

    // ---- purchase of other terms

    function test_OtherTermsReplaceAnExpiredPass() external {
        _purchase(PRICE);
        Terms memory terms = _terms();
        terms.allow = 32;
        terms.duration = 1;
        terms.revocable = false;
        bytes32 narrow = _newOffer(terms);
        vm.warp(block.timestamp + 365 days);
        vm.expectEmit(address(pass));
        emit IERC5484.Issued(address(pass), buyer, passId, IERC5484.BurnAuth.OwnerOnly);
        _purchaseOf(narrow, PRICE);
        Pass memory stored = pass.passOf(buyer, version.datasetId);
        assertEq(stored.purposes, 32);
        assertEq(stored.expiry, block.timestamp + 1);
        assertEq(stored.termsNumber, 2);
        assertEq(pass.balanceOf(buyer), 1);
    }

    function test_OtherTermsReplaceAPassIfTheyAllowAsMuchForAsLong() external {
        _purchase(PRICE);
        Terms memory terms = _terms();
        terms.allow = 39;
        _purchaseOf(_newOffer(terms), PRICE);
        Pass memory stored = pass.passOf(buyer, version.datasetId);
        assertEq(stored.purposes, 39);
        // A new term from now: nothing of the old one is added to other rights.
        assertEq(stored.expiry, block.timestamp + 365 days);
    }

    function test_OtherTermsThatTakeAwayRevert() external {
        _purchase(PRICE);
        uint40 expiry = pass.passOf(buyer, version.datasetId).expiry;
        Terms memory terms = _terms();
        terms.allow = 36;
        _expectPurchaseRevert(
            _newOffer(terms),
            abi.encodeWithSelector(IAccessPass.PassWouldShrink.selector, passId, expiry, expiry, 37, 36)
        );
        terms = _terms();
        terms.duration = 365 days - 1;
        _expectPurchaseRevert(
            _newOffer(terms),
            abi.encodeWithSelector(IAccessPass.PassWouldShrink.selector, passId, expiry, expiry - 1, 37, 37)
        );
    }

    // ---- what can't be bought

    function test_PurchaseOfAnUnregisteredVersionReverts() external {
        for (uint256 i; i < 8; ++i) {
            Version memory other = version;
            if (i == 0) other.packageDigest = keccak256("other");
            if (i == 1) other.recordRoot = keccak256("other");
            if (i == 2) other.records += 1;
            if (i == 3) other.contributorRoot = keccak256("other");
            if (i == 4) other.splitsDigest = keccak256("other");
            if (i == 5) other.cardDigest = keccak256("other");
            if (i == 6) other.licenseDigest = keccak256("other");
            if (i == 7) other.parentsHash = keccak256("other");
            vm.expectRevert(
                abi.encodeWithSelector(IAccessPass.VersionMismatch.selector, versionKey, this._hashOf(other))
            );
            vm.prank(buyer);
            pass.purchase{value: PRICE}(other, termsId, PRICE);
        }
    }

    /// @dev Bits above the width of `number` and `records`, which no encoder writes.
    function test_PurchaseWithDirtyBitsReverts() external {
        for (uint256 word = 1; word < 5; word += 3) {
            bytes memory data = abi.encodeCall(pass.purchase, (version, termsId, PRICE));
            data[4 + 32 * word] = 0x01;
            vm.prank(buyer);
            (bool done,) = address(pass).call{value: PRICE}(data);
            assertFalse(done);
        }
    }

    function test_PurchaseOfWhatIsNotForSaleReverts() external {
        Version memory unknown = version;
        unknown.number = 2;
        vm.expectPartialRevert(IDatasetRegistry.NumberUnknown.selector);
        vm.prank(buyer);
        pass.purchase{value: PRICE}(unknown, termsId, PRICE);
        vm.prank(PUBLISHER);
        registry.setStatus(version.datasetId, 1, Status.Recalled, 0, 0);
        _expectPurchaseRevert(
            termsId, abi.encodeWithSelector(IDatasetRegistry.NotActive.selector, versionKey, Status.Recalled)
        );
    }

    function test_PurchaseOfAnotherLicenseReverts() external {
        Terms memory terms = _terms();
        terms.licenseDigest = keccak256("another license");
        _expectPurchaseRevert(
            _newOffer(terms),
            abi.encodeWithSelector(
                ILicenseRegistry.LicenseMismatch.selector,
                licenses.termsIdOf(terms),
                terms.licenseDigest,
                version.licenseDigest
            )
        );
    }

    function test_PurchaseOfRetiredOrUnofferedTermsReverts() external {
        vm.prank(DAO);
        licenses.setOffer(version.datasetId, termsId, false);
        _expectPurchaseRevert(
            termsId, abi.encodeWithSelector(ILicenseRegistry.NotOffered.selector, version.datasetId, termsId)
        );
        _offer(version.datasetId, termsId);
        vm.prank(DAO);
        licenses.retireTerms(termsId);
        _expectPurchaseRevert(termsId, abi.encodeWithSelector(ILicenseRegistry.TermsInactive.selector, termsId));
    }

    function test_PurchaseAboveTheMaximumReverts() external {
        vm.expectRevert(abi.encodeWithSelector(IAccessPass.PriceAboveMaximum.selector, PRICE, PRICE - 1));
        vm.prank(buyer);
        pass.purchase{value: PRICE}(version, termsId, PRICE - 1);
    }

    // ---- payment

    function test_ExcessBecomesCredit() external {
        vm.expectEmit(address(pass));
        emit IAccessPass.CreditAdded(buyer, 3);
        _purchase(PRICE + 3);
        _purchase(PRICE + 4);
        assertEq(pass.creditOf(buyer), 7);
        assertEq(address(pass).balance, 7);
        assertEq(vault.income(poolId, address(0)), 2 * PRICE);
        vm.expectEmit(address(pass));
        emit IAccessPass.CreditWithdrawn(buyer, 7);
        vm.prank(buyer);
        assertEq(pass.withdrawCredit(), 7);
        assertEq(buyer.balance, 100 ether - 2 * PRICE);
        vm.expectRevert(abi.encodeWithSelector(IAccessPass.NoCredit.selector, buyer));
        vm.prank(buyer);
        pass.withdrawCredit();
    }

    function test_TooLittleValueReverts() external {
        // Credit of others must not pay for it.
        vm.deal(address(this), PRICE);
        vm.deal(address(pass), PRICE);
        vm.expectRevert(abi.encodeWithSelector(IAccessPass.ValueInsufficient.selector, PRICE, PRICE - 1));
        vm.prank(buyer);
        pass.purchase{value: PRICE - 1}(version, termsId, PRICE);
    }

    function test_PurchaseWithToken() external {
        bytes32 inToken = _tokenOffer(address(token));
        vm.startPrank(buyer);
        token.approve(address(pass), 2 * PRICE);
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.ValueMismatch.selector, 0, 1));
        pass.purchase{value: 1}(version, inToken, PRICE);
        pass.purchase(version, inToken, PRICE);
        vm.stopPrank();
        assertEq(token.balanceOf(buyer), 100 ether - PRICE);
        assertEq(token.balanceOf(address(pass)), 0);
        assertEq(token.balanceOf(address(vault)), PRICE);
        assertEq(token.allowance(address(pass), address(vault)), 0);
        assertEq(vault.income(poolId, address(token)), PRICE);
        assertEq(vault.income(poolId, address(0)), 0);
        assertTrue(pass.isValid(buyer, version.datasetId, 0));
    }

    function test_PurchaseWithTokenThatKeepsAFeeReverts() external {
        FeeToken fee = new FeeToken();
        fee.mint(buyer, 100 ether);
        // Enough for the vault's pull to succeed: the vault's own balance is what refuses.
        fee.mint(address(pass), 1 ether);
        vm.prank(DAO);
        vault.allowCurrency(address(fee), true);
        bytes32 inFee = _tokenOffer(address(fee));
        vm.startPrank(buyer);
        fee.approve(address(pass), PRICE);
        vm.expectPartialRevert(IRoyaltyVault.BalanceMismatch.selector);
        pass.purchase(version, inFee, PRICE);
    }

    function test_PurchaseWithTokenOffTheListReverts() external {
        PlainToken other = new PlainToken();
        other.mint(buyer, PRICE);
        bytes32 inOther = _tokenOffer(address(other));
        vm.startPrank(buyer);
        other.approve(address(pass), PRICE);
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.CurrencyNotAllowed.selector, address(other)));
        pass.purchase(version, inOther, PRICE);
    }

    function test_PurchaseForFree() external {
        Terms memory terms = _terms();
        terms.price = 0;
        _purchaseOf(_newOffer(terms), 5);
        assertTrue(pass.isValid(buyer, version.datasetId, 0));
        assertEq(vault.income(poolId, address(0)), 0);
        assertEq(pass.creditOf(buyer), 5);
        terms.currency = address(token);
        terms.duration = 0;
        _purchaseOf(_newOffer(terms), 0);
        assertEq(vault.income(poolId, address(token)), 0);
    }

    function testFuzz_EveryWeiIsPriceOrCredit(uint96 price, uint96 sent) external {
        // These terms are there already.
        vm.assume(price != PRICE);
        Terms memory terms = _terms();
        terms.price = price;
        bytes32 offered = _newOffer(terms);
        vm.deal(buyer, sent);
        vm.prank(buyer);
        if (sent < price) {
            vm.expectRevert(abi.encodeWithSelector(IAccessPass.ValueInsufficient.selector, price, sent));
        }
        pass.purchase{value: sent}(version, offered, price);
        if (sent < price) return;
        assertEq(address(vault).balance, price);
        assertEq(vault.income(poolId, address(0)), price);
        assertEq(address(pass).balance, sent - price);
        assertEq(pass.creditOf(buyer), sent - price);
    }

    // ---- credit

    function test_CreditIsPaidOnceWhenTheReceiverCallsBack() external {
        CreditReenterer reenterer = new CreditReenterer(pass);
        vm.deal(address(this), 1 ether);
        reenterer.buy{value: PRICE + 5}(version, termsId, PRICE);
        _purchase(PRICE + 100);
        reenterer.withdraw();
        assertEq(address(reenterer).balance, 5);
        assertEq(reenterer.refused(), 1);
        assertEq(address(pass).balance, 100);
    }

    function test_CreditStaysIfTheAccountRefuses() external {
        Refuser refuser = new Refuser();
        vm.deal(address(refuser), 1 ether);
        vm.prank(address(refuser));
        pass.purchase{value: PRICE + 5}(version, termsId, PRICE);
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.PaymentRefused.selector, address(refuser), 5));
        vm.prank(address(refuser));
        pass.withdrawCredit();
        assertEq(pass.creditOf(address(refuser)), 5);
    }

    // ---- isValid

    function test_IsValidNeedsAccountDatasetPurposeAndTime() external {
        assertFalse(pass.isValid(buyer, version.datasetId, 0));
        _purchase(PRICE);
        for (uint256 purpose; purpose < 256; ++purpose) {
            bool expected = purpose == 0 || purpose == 2 || purpose == 5;
            assertEq(pass.isValid(buyer, version.datasetId, uint8(purpose)), expected);
        }
        assertFalse(pass.isValid(PUBLISHER, version.datasetId, 0));
        assertFalse(pass.isValid(buyer, keccak256("other"), 0));
        vm.warp(pass.passOf(buyer, version.datasetId).expiry - 1);
        assertTrue(pass.isValid(buyer, version.datasetId, 0));
        vm.warp(block.timestamp + 1);
        assertFalse(pass.isValid(buyer, version.datasetId, 0));
    }

    // ---- ERC-721, ERC-5192, ERC-5484

    function test_OwnersAndBalances() external {
        _purchase(PRICE);
        Version memory second = _register("second", keccak256("root"), keccak256("splits"));
        _offer(second.datasetId, termsId);
        vm.prank(buyer);
        uint256 other = pass.purchase{value: PRICE}(second, termsId, PRICE);
        assertNotEq(other, passId);
        assertEq(pass.balanceOf(buyer), 2);
        assertEq(pass.balanceOf(PUBLISHER), 0);
        vm.warp(block.timestamp + 366 days);
        assertEq(pass.ownerOf(passId), buyer);
        assertEq(pass.name(), "dgov access passes");
        assertEq(pass.symbol(), "DGP");
        vm.expectRevert(abi.encodeWithSelector(SoulboundPass.HolderInvalid.selector, address(0)));
        pass.balanceOf(address(0));
    }

    function test_TransfersAndApprovalsRevert() external {
        _purchase(PRICE);
        assertTrue(pass.locked(passId));
        assertEq(pass.getApproved(passId), address(0));
        assertFalse(pass.isApprovedForAll(buyer, address(this)));
        vm.startPrank(buyer);
        bytes memory refusal = abi.encodeWithSelector(SoulboundPass.Soulbound.selector, passId);
        vm.expectRevert(refusal);
        pass.transferFrom(buyer, PUBLISHER, passId);
        vm.expectRevert(refusal);
        pass.safeTransferFrom(buyer, PUBLISHER, passId);
        vm.expectRevert(refusal);
        pass.safeTransferFrom(buyer, PUBLISHER, passId, "");
        vm.expectRevert(refusal);
        pass.approve(PUBLISHER, passId);
        vm.expectRevert(abi.encodeWithSelector(SoulboundPass.Soulbound.selector, 0));
        pass.setApprovalForAll(PUBLISHER, true);
    }

    function test_TokenUriIsJson() external {
        _purchase(PRICE);
        string memory uri = pass.tokenURI(passId);
        string memory prefix = "data:application/json;utf8,";
        assertEq(vm.indexOf(uri, prefix), 0);
        string memory json = vm.replace(uri, prefix, "");
        assertEq(vm.parseJsonString(json, ".name"), string.concat("Access pass ", vm.toString(bytes32(passId))));
        assertEq(vm.parseJsonAddress(json, ".attributes[0].value"), buyer);
        assertEq(vm.parseJsonUint(json, ".attributes[1].value"), block.timestamp + 365 days);
        assertEq(vm.parseJsonUint(json, ".attributes[2].value"), 1);
        assertEq(vm.parseJsonUint(json, ".attributes[3].value"), 37);
    }

    function test_UnknownPassesRevert() external {
        bytes memory refusal = abi.encodeWithSelector(SoulboundPass.PassUnknown.selector, passId);
        vm.expectRevert(refusal);
        pass.ownerOf(passId);
        vm.expectRevert(refusal);
        pass.getApproved(passId);
        vm.expectRevert(refusal);
        pass.locked(passId);
        vm.expectRevert(refusal);
        pass.burnAuth(passId);
        vm.expectRevert(refusal);
        pass.tokenURI(passId);
    }

    function test_SupportsInterface() external view {
        assertTrue(pass.supportsInterface(0x01ffc9a7), "ERC-165");
        assertTrue(pass.supportsInterface(0x80ac58cd), "ERC-721");
        assertTrue(pass.supportsInterface(0x5b5e139f), "ERC-721 metadata");
        assertTrue(pass.supportsInterface(0xb45a3c0e), "ERC-5192");
        assertTrue(pass.supportsInterface(0x0489b56f), "ERC-5484");
        assertFalse(pass.supportsInterface(0xffffffff));
    }

    // ---- helpers

    function _purchase(uint256 value) private returns (uint256) {
        return _purchaseOf(termsId, value);
    }

    function _purchaseOf(bytes32 id, uint256 value) private returns (uint256) {
        vm.prank(buyer);
        return pass.purchase{value: value}(version, id, PRICE);
    }

    function _expectPurchaseRevert(bytes32 id, bytes memory reason) private {
        vm.expectRevert(reason);
        _purchaseOf(id, PRICE);
    }

    function _newOffer(Terms memory terms) private returns (bytes32 id) {
        id = _addTerms(terms);
        _offer(version.datasetId, id);
    }

    function _tokenOffer(address currency) private returns (bytes32) {
        Terms memory terms = _terms();
        terms.currency = currency;
        return _newOffer(terms);
    }
}
