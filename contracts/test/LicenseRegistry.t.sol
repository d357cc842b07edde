// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {LicenseRegistry} from "../src/LicenseRegistry.sol";
import {LinearCurve} from "../src/LinearCurve.sol";
import {ILicenseRegistry} from "../src/interfaces/ILicenseRegistry.sol";
import {Access} from "../src/lib/Managed.sol";
import {RoyaltyPolicy, Terms} from "../src/types/Types.sol";
import {RegistryFixture} from "./helpers/RegistryFixture.sol";

contract LicenseRegistryTest is RegistryFixture {
    bytes32 private id;
    bytes32 private open;
    bytes32 private paid;
    address private curve = address(new LinearCurve());

    function setUp() public override {
        super.setUp();
        (id,) = _register(registry, alice, SALT);
        open = _add(_terms(1));
        paid = _add(_terms(2));
    }

    function _add(Terms memory terms) private returns (bytes32) {
        vm.prank(dao);
        return licenses.addTerms(terms);
    }

    /// @dev Any terms that pass every check; half of them with a price module.
    function _makeValid(Terms memory terms) private view {
        if (terms.licenseDigest == 0) terms.licenseDigest = "license";
        terms.allow = uint16(bound(terms.allow, 1, 0xff));
        terms.deny = terms.deny & 0xff & ~terms.allow;
        terms.royaltyBps = uint16(bound(terms.royaltyBps, 0, 10_000));
        terms.priceModule = terms.priceStep % 2 == 0 ? address(0) : curve;
        if (terms.priceModule == address(0)) terms.priceStep = 0;
    }

    // ------------------------------------------------------------------------------------------------ constructor

    /// @dev The owner in the registry given is who may offer, whoever owns the dataset in another.
    function test_Constructor_KeepsEachArgument() external {
        LicenseRegistry made = new LicenseRegistry(address(manager), address(_newRegistry(true)));
        assertEq(made.authority(), address(manager));
        vm.prank(dao);
        bytes32 termsId = made.addTerms(_terms(1));
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, uint256(id)));
        made.offer(id, termsId);
    }

    // ------------------------------------------------------------------------------------------------ addTerms

    function test_AddTerms_WhenTheSenderIsNotTheDao() external {
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(Access.Unauthorized.selector, alice));
        licenses.addTerms(_terms(3));
    }

    function test_AddTerms_WhenThereIsNoLicenseText() external {
        Terms memory terms = _terms(3);
        terms.licenseDigest = 0;
        vm.prank(dao);
        vm.expectRevert(ILicenseRegistry.LicenseDigestEmpty.selector);
        licenses.addTerms(terms);
    }

    function testFuzz_AddTerms_WhenNothingIsAllowedAPurposeIsAllowedAndDeniedOrUndefined(uint16 allow, uint16 deny)
        external
    {
        Terms memory terms = _terms(3);
        (terms.allow, terms.deny) = (allow, deny);
        vm.prank(dao);
        if (allow == 0 || allow & deny != 0 || allow > 0xff || deny > 0xff) {
            vm.expectRevert(abi.encodeWithSelector(ILicenseRegistry.PurposesInvalid.selector, allow, deny));
        }
        licenses.addTerms(terms);
    }

    function test_AddTerms_WhenOneRuleOfThePurposesIsBroken() external {
        uint16[2][6] memory bad =
            [[uint16(0), 1], [uint16(0), 0], [uint16(3), 2], [uint16(0x101), 0], [uint16(1), 0x100], [0x8001, 0]];
        for (uint256 i; i < bad.length; ++i) {
            Terms memory terms = _terms(3);
            (terms.allow, terms.deny) = (bad[i][0], bad[i][1]);
            vm.prank(dao);
            vm.expectRevert(abi.encodeWithSelector(ILicenseRegistry.PurposesInvalid.selector, bad[i][0], bad[i][1]));
            licenses.addTerms(terms);
        }
        Terms memory all = _terms(3);
        (all.allow, all.deny) = (0xff, 0);
        _add(all);
    }

    function test_AddTerms_WhenTheRoyaltyIsAbove10000() external {
        Terms memory terms = _terms(3);
        terms.royaltyBps = 10_001;
        vm.prank(dao);
        vm.expectRevert(abi.encodeWithSelector(ILicenseRegistry.RoyaltyTooHigh.selector, 10_001));
        licenses.addTerms(terms);
        terms.royaltyBps = 10_000;
        _add(terms);
    }

    function test_AddTerms_WhenNoContractIsAtThePriceModule() external {
        Terms memory terms = _terms(3);
        terms.priceModule = bob;
        vm.prank(dao);
        vm.expectRevert(abi.encodeWithSelector(ILicenseRegistry.PriceModuleInvalid.selector, bob));
        licenses.addTerms(terms);
    }

    function test_AddTerms_WhenAStepComesWithoutAModule() external {
        Terms memory terms = _terms(3);
        terms.priceStep = 1;
        vm.prank(dao);
        vm.expectRevert(abi.encodeWithSelector(ILicenseRegistry.PriceStepInvalid.selector, 1));
        licenses.addTerms(terms);
        // A module may do without one.
        (terms.priceModule, terms.priceStep) = (curve, 0);
        _add(terms);
    }

    function test_AddTerms_GivenTheTermsExistPerhapsRetired() external {
        vm.startPrank(dao);
        vm.expectRevert(abi.encodeWithSelector(ILicenseRegistry.TermsExist.selector, paid, 2));
        licenses.addTerms(_terms(2));
        licenses.retireTerms(paid);
        vm.expectRevert(abi.encodeWithSelector(ILicenseRegistry.TermsExist.selector, paid, 2));
        licenses.addTerms(_terms(2));
    }

    function testFuzz_AddTerms_WhenEverythingIsInOrder(Terms memory terms) external {
        _makeValid(terms);
        bytes32 termsId = keccak256(
            abi.encode(
                keccak256("dgov.terms.v1"),
                terms.licenseDigest,
                terms.allow,
                terms.deny,
                terms.price,
                terms.currency,
                terms.duration,
                terms.revocable,
                terms.royaltyBps,
                terms.priceModule,
                terms.priceStep
            )
        );
        assertEq(licenses.termsIdOf(terms), termsId);

        vm.expectEmit(address(licenses));
        emit ILicenseRegistry.TermsAdded(termsId, terms.licenseDigest, 3, terms);
        assertEq(_add(terms), termsId);

        (Terms memory stored, uint24 number, bool active) = licenses.termsOf(termsId);
        assertEq(abi.encode(stored), abi.encode(terms));
        assertEq(number, 3);
        assertTrue(active);
        assertEq(licenses.termsAt(1), open);
        assertEq(licenses.termsAt(2), paid);
        assertEq(licenses.termsAt(3), termsId);
        assertEq(licenses.termsAt(4), 0);
        assertEq(licenses.termsAt(0), 0);
    }

    /// @notice Any single field makes other terms.
    function test_TermsIdOf_ShouldBindEveryField() external view {
        Terms memory base = _terms(1);
        bytes32 baseId = licenses.termsIdOf(base);
        for (uint256 i; i < 10; ++i) {
            Terms memory other = _terms(1);
            if (i == 0) other.licenseDigest = "other";
            if (i == 1) other.allow ^= 1;
            if (i == 2) other.deny ^= 1;
            if (i == 3) other.price += 1;
            if (i == 4) other.currency = address(1);
            if (i == 5) other.duration += 1;
            if (i == 6) other.revocable = !other.revocable;
            if (i == 7) other.royaltyBps += 1;
            if (i == 8) other.priceModule = address(1);
            if (i == 9) other.priceStep += 1;
            assertNotEq(licenses.termsIdOf(other), baseId);
        }
    }

    // ------------------------------------------------------------------------------------------------ requestTerms

    function test_RequestTerms_WhenTheDatasetIsUnknown() external {
        vm.expectRevert(abi.encodeWithSelector(ILicenseRegistry.DatasetUnknown.selector, bytes32("unknown")));
        licenses.requestTerms("unknown", _terms(3), "");
    }

    /// @dev One slip of each kind; what is right about each kind is tested with `addTerms`, which asks the same function.
    function test_RequestTerms_WhenTheTermsCouldNotBeAdded() external {
        bytes[7] memory reasons = [
            abi.encodeWithSelector(ILicenseRegistry.LicenseDigestEmpty.selector),
            abi.encodeWithSelector(ILicenseRegistry.PurposesInvalid.selector, 0, 0xc0),
            abi.encodeWithSelector(ILicenseRegistry.PurposesInvalid.selector, 0x0f, 0x01),
            abi.encodeWithSelector(ILicenseRegistry.RoyaltyTooHigh.selector, 10_001),
            abi.encodeWithSelector(ILicenseRegistry.PriceModuleInvalid.selector, bob),
            abi.encodeWithSelector(ILicenseRegistry.PriceStepInvalid.selector, 5),
            abi.encodeWithSelector(ILicenseRegistry.TermsExist.selector, paid, 2)
        ];
        for (uint256 i; i < reasons.length; ++i) {
            Terms memory terms = _terms(i == 6 ? 2 : 3);
            if (i == 0) terms.licenseDigest = 0;
            if (i == 1) terms.allow = 0;
            if (i == 2) terms.deny = 1;
            if (i == 3) terms.royaltyBps = 10_001;
            if (i == 4) terms.priceModule = bob;
            if (i == 5) terms.priceStep = 5;
            vm.expectRevert(reasons[i]);
            licenses.requestTerms(id, terms, "");
        }
    }

    /// @dev Anyone asks, nothing is stored, and what was asked for can be voted for as it is, however often it was asked for.
    function testFuzz_RequestTerms_WhenTheyCould(address requester, Terms memory terms, bytes32 note) external {
        _makeValid(terms);
        bytes32 termsId = licenses.termsIdOf(terms);
        for (uint256 i; i < 2; ++i) {
            vm.expectEmit(address(licenses));
            emit ILicenseRegistry.TermsRequested(id, termsId, requester, terms, note);
            vm.record();
            vm.prank(requester);
            assertEq(licenses.requestTerms(id, terms, note), termsId);
            (, bytes32[] memory writes) = vm.accesses(address(licenses));
            assertEq(writes.length, 0);
        }
        vm.expectRevert(abi.encodeWithSelector(ILicenseRegistry.TermsUnknown.selector, termsId));
        licenses.quote(id, termsId);
        assertEq(_add(terms), termsId);
        vm.prank(dao);
        licenses.setOffer(id, termsId, true);
        _assertQuote(termsId, terms);
    }

    // ------------------------------------------------------------------------------------------------ retireTerms

    function test_RetireTerms_WhenTheSenderIsNotTheDao() external {
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(Access.Unauthorized.selector, alice));
        licenses.retireTerms(open);
    }

    function test_RetireTerms_WhenTheTermsAreUnknownOrRetired() external {
        bytes32 unknown = keccak256("unknown");
        vm.startPrank(dao);
        vm.expectRevert(abi.encodeWithSelector(ILicenseRegistry.TermsUnknown.selector, unknown));
        licenses.retireTerms(unknown);
        licenses.retireTerms(open);
        vm.expectRevert(abi.encodeWithSelector(ILicenseRegistry.TermsInactive.selector, open));
        licenses.retireTerms(open);
    }

    function test_RetireTerms_WhenTheyAreActive() external {
        vm.startPrank(dao);
        licenses.setOffer(id, open, true);
        licenses.setOffer(id, paid, true);
        vm.expectEmit(address(licenses));
        emit ILicenseRegistry.TermsRetired(open);
        licenses.retireTerms(open);
        vm.stopPrank();

        (Terms memory stored, uint24 number, bool active) = licenses.termsOf(open);
        assertEq(abi.encode(stored), abi.encode(_terms(1)));
        assertEq(number, 1);
        assertFalse(active);
        vm.expectRevert(abi.encodeWithSelector(ILicenseRegistry.TermsInactive.selector, open));
        licenses.quote(id, open);
        (,, active) = licenses.termsOf(paid);
        assertTrue(active);
        licenses.quote(id, paid);
    }

    // ------------------------------------------------------------------------------------------------ reinstateTerms

    function test_ReinstateTerms_WhenTheSenderIsNotTheDao() external {
        vm.prank(dao);
        licenses.retireTerms(open);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(Access.Unauthorized.selector, alice));
        licenses.reinstateTerms(open);
    }

    function test_ReinstateTerms_WhenTheTermsAreUnknownOrActive() external {
        bytes32 unknown = keccak256("unknown");
        vm.startPrank(dao);
        vm.expectRevert(abi.encodeWithSelector(ILicenseRegistry.TermsUnknown.selector, unknown));
        licenses.reinstateTerms(unknown);
        vm.expectRevert(abi.encodeWithSelector(ILicenseRegistry.TermsActive.selector, open));
        licenses.reinstateTerms(open);
        licenses.retireTerms(open);
        licenses.reinstateTerms(open);
        vm.expectRevert(abi.encodeWithSelector(ILicenseRegistry.TermsActive.selector, open));
        licenses.reinstateTerms(open);
    }

    function testFuzz_ReinstateTerms_WhenTheyAreRetired(Terms memory terms) external {
        _makeValid(terms);
        bytes32 termsId = _add(terms);
        vm.startPrank(dao);
        licenses.retireTerms(open);
        licenses.retireTerms(termsId);
        vm.expectEmit(address(licenses));
        emit ILicenseRegistry.TermsReinstated(termsId);
        licenses.reinstateTerms(termsId);
        vm.stopPrank();

        (Terms memory stored, uint24 number, bool active) = licenses.termsOf(termsId);
        assertEq(abi.encode(stored), abi.encode(terms));
        assertEq(number, 3);
        assertTrue(active);
        assertEq(licenses.termsAt(3), termsId);
        assertEq(licenses.termsAt(4), 0);
        (,, active) = licenses.termsOf(open);
        assertFalse(active);
        assertFalse(licenses.isOffered(id, termsId));
        // Offered as any active terms are, and as complete as before.
        vm.prank(alice);
        licenses.offer(id, termsId);
        _assertQuote(termsId, terms);
    }

    function test_ReinstateTerms_GivenAnOfferWasNeverWithdrawn() external {
        vm.startPrank(dao);
        licenses.setOffer(id, open, true);
        licenses.setOffer(id, paid, true);
        licenses.retireTerms(open);
        licenses.retireTerms(paid);
        licenses.setOffer(id, paid, false);
        licenses.reinstateTerms(open);
        licenses.reinstateTerms(paid);
        vm.stopPrank();
        licenses.quote(id, open);
        vm.expectRevert(abi.encodeWithSelector(ILicenseRegistry.NotOffered.selector, id, paid));
        licenses.quote(id, paid);
    }

    // ------------------------------------------------------------------------------------------------ setPolicy

    function test_SetPolicy_WhenTheSenderIsNotTheDao() external {
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(Access.Unauthorized.selector, alice));
        licenses.setPolicy(RoyaltyPolicy(7000, 2000, 500, 500));
    }

    function testFuzz_SetPolicy_WhenTheSharesDoNotAddUpTo10000(RoyaltyPolicy memory bad) external {
        uint256 sum = uint256(bad.contributors) + bad.curators + bad.validators + bad.treasury;
        vm.assume(sum != 10_000);
        vm.prank(dao);
        vm.expectRevert(abi.encodeWithSelector(ILicenseRegistry.PolicySum.selector, sum));
        licenses.setPolicy(bad);
    }

    function test_SetPolicy_WhenTheSumWouldWrapTo10000() external {
        // 65,535 + 10,001 is 10,000 modulo 2^16.
        vm.prank(dao);
        vm.expectRevert(abi.encodeWithSelector(ILicenseRegistry.PolicySum.selector, 75_536));
        licenses.setPolicy(RoyaltyPolicy(65_535, 10_001, 0, 0));
    }

    function testFuzz_SetPolicy_WhenTheyDo(uint16 a, uint16 b, uint16 c) external {
        a = uint16(bound(a, 0, 10_000));
        b = uint16(bound(b, 0, 10_000 - a));
        c = uint16(bound(c, 0, 10_000 - a - b));
        RoyaltyPolicy memory good = RoyaltyPolicy(a, b, c, 10_000 - a - b - c);
        vm.expectEmit(address(licenses));
        emit ILicenseRegistry.PolicyChanged(good);
        vm.prank(dao);
        licenses.setPolicy(good);
        assertEq(abi.encode(licenses.policy()), abi.encode(good));
        bytes32 next = _add(_terms(3));
        assertEq(licenses.termsAt(3), next);
        assertEq(abi.encode(licenses.policy()), abi.encode(good));
    }

    // ------------------------------------------------------------------------------------------------ offer

    function test_Offer_WhenTheTermsAreUnknownOrRetired() external {
        bytes32 unknown = keccak256("unknown");
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(ILicenseRegistry.TermsUnknown.selector, unknown));
        licenses.offer(id, unknown);
        vm.prank(dao);
        licenses.retireTerms(open);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(ILicenseRegistry.TermsInactive.selector, open));
        licenses.offer(id, open);
    }

    function test_Offer_WhenTheSenderDoesNotOwnTheDatasetOrThereIsNone() external {
        address[2] memory others = [bob, dao];
        for (uint256 i; i < 2; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(ILicenseRegistry.NotDatasetOwner.selector, id, others[i], alice));
            licenses.offer(id, open);
        }
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, 7));
        licenses.offer(bytes32(uint256(7)), open);
        // The owner, not the publisher.
        vm.prank(alice);
        registry.transferFrom(alice, bob, uint256(id));
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(ILicenseRegistry.NotDatasetOwner.selector, id, alice, bob));
        licenses.offer(id, open);
        vm.prank(bob);
        licenses.offer(id, open);
    }

    function test_Offer_GivenThereHasBeenAnOfferOrTheDaoHasDecided() external {
        bytes memory reason = abi.encodeWithSelector(ILicenseRegistry.OfferDecided.selector, id);
        vm.startPrank(alice);
        licenses.offer(id, open);
        vm.expectRevert(reason);
        licenses.offer(id, paid);
        vm.expectRevert(reason);
        licenses.offer(id, open);
        vm.stopPrank();
        vm.prank(dao);
        licenses.setOffer(id, open, false);
        vm.prank(alice);
        vm.expectRevert(reason);
        licenses.offer(id, open);

        // The DAO may decide before the owner does, also against an offer.
        (bytes32 second,) = _register(registry, alice, "second");
        vm.prank(dao);
        licenses.setOffer(second, paid, false);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(ILicenseRegistry.OfferDecided.selector, second));
        licenses.offer(second, open);
    }

    function test_Offer_WhenEverythingIsInOrder() external {
        (bytes32 second,) = _register(registry, alice, "second");
        assertFalse(licenses.isOffered(id, open));
        vm.expectEmit(address(licenses));
        emit ILicenseRegistry.OfferChanged(id, open, true);
        vm.prank(alice);
        licenses.offer(id, open);
        assertTrue(licenses.isOffered(id, open));
        assertFalse(licenses.isOffered(id, paid));
        assertFalse(licenses.isOffered(second, open));
        // Each dataset has a first offer of its own.
        vm.prank(alice);
        licenses.offer(second, paid);
        assertTrue(licenses.isOffered(second, paid));
        assertFalse(licenses.isOffered(second, open));
    }

    // ------------------------------------------------------------------------------------------------ setOffer

    function test_SetOffer_WhenTheSenderIsNotTheDao() external {
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(Access.Unauthorized.selector, alice));
        licenses.setOffer(id, open, true);
    }

    function test_SetOffer_WhenTheTermsAreUnknownOrRetiredAndToBeOffered() external {
        bytes32 unknown = keccak256("unknown");
        vm.startPrank(dao);
        for (uint256 i; i < 2; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ILicenseRegistry.TermsUnknown.selector, unknown));
            licenses.setOffer(id, unknown, i == 0);
        }
        licenses.setOffer(id, open, true);
        licenses.retireTerms(open);
        vm.expectRevert(abi.encodeWithSelector(ILicenseRegistry.TermsInactive.selector, open));
        licenses.setOffer(id, open, true);
        assertTrue(licenses.isOffered(id, open));
        licenses.setOffer(id, open, false);
        assertFalse(licenses.isOffered(id, open));
    }

    function test_SetOffer_WhenTheDatasetIsUnknown() external {
        bytes32 unknown = keccak256("unknown");
        vm.prank(dao);
        vm.expectRevert(abi.encodeWithSelector(ILicenseRegistry.DatasetUnknown.selector, unknown));
        licenses.setOffer(unknown, open, true);
    }

    function test_SetOffer_WhenEverythingIsInOrder() external {
        vm.startPrank(dao);
        for (uint256 i; i < 2; ++i) {
            vm.expectEmit(address(licenses));
            emit ILicenseRegistry.OfferChanged(id, paid, true);
            licenses.setOffer(id, paid, true);
            assertTrue(licenses.isOffered(id, paid));
        }
        licenses.setOffer(id, open, true);
        for (uint256 i; i < 2; ++i) {
            vm.expectEmit(address(licenses));
            emit ILicenseRegistry.OfferChanged(id, paid, false);
            licenses.setOffer(id, paid, false);
            assertFalse(licenses.isOffered(id, paid));
            assertTrue(licenses.isOffered(id, open));
        }
    }

    /// @notice Bits of many terms, across the ends of the words: each is its own.
    function test_SetOffer_WhenThereAreHundredsOfTerms() external {
        bytes32[] memory ids = new bytes32[](515);
        (ids[1], ids[2]) = (open, paid);
        for (uint256 n = 3; n <= 514; ++n) {
            ids[n] = _add(_terms(n));
        }
        uint24[7] memory offered = [uint24(1), 255, 256, 257, 511, 512, 514];
        vm.startPrank(dao);
        for (uint256 i; i < offered.length; ++i) {
            licenses.setOffer(id, ids[offered[i]], true);
        }
        vm.stopPrank();
        uint256 count;
        for (uint256 n = 1; n <= 514; ++n) {
            if (licenses.isOffered(id, ids[n])) ++count;
        }
        assertEq(count, offered.length);
        for (uint256 i; i < offered.length; ++i) {
            assertTrue(licenses.isOffered(id, ids[offered[i]]));
        }
        // A first offer under high numbers is a first offer too.
        (bytes32 second,) = _register(registry, alice, "second");
        vm.startPrank(alice);
        licenses.offer(second, ids[256]);
        vm.expectRevert(abi.encodeWithSelector(ILicenseRegistry.OfferDecided.selector, second));
        licenses.offer(second, open);
    }

    // ------------------------------------------------------------------------------------------------ quote

    function test_Quote_WhenTheTermsAreUnknown() external {
        bytes32 unknown = keccak256("unknown");
        bytes memory reason = abi.encodeWithSelector(ILicenseRegistry.TermsUnknown.selector, unknown);
        vm.expectRevert(reason);
        licenses.quote(id, unknown);
        vm.expectRevert(reason);
        licenses.termsOf(unknown);
        vm.expectRevert(reason);
        licenses.isOffered(id, unknown);
    }

    function test_Quote_GivenTheDatasetIsNotOfferedUnderThem() external {
        vm.prank(alice);
        licenses.offer(id, open);
        vm.expectRevert(abi.encodeWithSelector(ILicenseRegistry.NotOffered.selector, id, paid));
        licenses.quote(id, paid);
        vm.prank(dao);
        licenses.setOffer(id, open, false);
        vm.expectRevert(abi.encodeWithSelector(ILicenseRegistry.NotOffered.selector, id, open));
        licenses.quote(id, open);
    }

    function testFuzz_Quote_GivenItIs(uint128 price, address currency, uint40 duration, uint16 allow, bool revocable)
        external
    {
        Terms memory terms = _terms(3);
        terms.price = price;
        terms.currency = currency;
        terms.duration = duration;
        terms.allow = uint16(bound(allow, 1, 0xff));
        terms.deny = 0;
        terms.revocable = revocable;
        _assertQuoteOfOffer(terms);
    }

    function testFuzz_Quote_GivenItIsAndAModulePricesIt(uint128 price, address currency, uint96 step) external {
        Terms memory terms = _terms(3);
        (terms.price, terms.currency, terms.priceModule, terms.priceStep) = (price, currency, curve, step);
        _assertQuoteOfOffer(terms);
    }

    function test_Quote_WhenItIsForAnotherLicense() external {
        Terms memory terms = _terms(3);
        (terms.priceModule, terms.priceStep) = (curve, 7);
        bytes32 termsId = _add(terms);
        vm.prank(alice);
        licenses.offer(id, termsId);
        vm.expectRevert(
            abi.encodeWithSelector(
                ILicenseRegistry.LicenseMismatch.selector, termsId, terms.licenseDigest, bytes32("other")
            )
        );
        licenses.quoteFor(id, termsId, "other");
    }

    function _assertQuoteOfOffer(Terms memory terms) private {
        bytes32 termsId = _add(terms);
        vm.prank(alice);
        licenses.offer(id, termsId);
        _assertQuote(termsId, terms);
    }

    function _assertQuote(bytes32 termsId, Terms memory terms) private view {
        bytes memory expected = abi.encode(
            terms.price,
            terms.currency,
            terms.duration,
            terms.allow,
            3,
            terms.revocable ? 2 : 1,
            terms.priceModule,
            terms.priceStep
        );
        (, bytes memory given) = address(licenses).staticcall(abi.encodeCall(licenses.quote, (id, termsId)));
        assertEq(given, expected);
        bytes memory call = abi.encodeCall(licenses.quoteFor, (id, termsId, terms.licenseDigest));
        (, given) = address(licenses).staticcall(call);
        assertEq(given, expected);
    }

    /// @notice One slot of the terms and one of the offers for native coin; one more for a token, one for a price module.
    function test_Quote_ShouldReadTwoSlotsForNativeCoinAndOneMoreForATokenAndForAModule() external {
        Terms memory terms = _terms(3);
        terms.currency = address(this);
        bytes32 token = _add(terms);
        (terms.currency, terms.priceModule, terms.priceStep) = (address(0), curve, 1);
        bytes32 priced = _add(terms);
        vm.startPrank(dao);
        licenses.setOffer(id, priced, true);
        licenses.setOffer(id, open, true);
        licenses.setOffer(id, token, true);
        vm.stopPrank();
        vm.record();
        licenses.quote(id, open);
        (bytes32[] memory reads,) = vm.accesses(address(licenses));
        assertEq(_distinct(reads), 2);
        vm.record();
        licenses.quote(id, token);
        (reads,) = vm.accesses(address(licenses));
        assertEq(_distinct(reads), 3);
        vm.record();
        licenses.quote(id, priced);
        (reads,) = vm.accesses(address(licenses));
        assertEq(_distinct(reads), 3);
    }

    function _distinct(bytes32[] memory slots) private pure returns (uint256 n) {
        for (uint256 i; i < slots.length; ++i) {
            bool seen;
            for (uint256 j; j < i; ++j) {
                if (slots[i] == slots[j]) seen = true;
            }
            if (!seen) ++n;
        }
    }
}
