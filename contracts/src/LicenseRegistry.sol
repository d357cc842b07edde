// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IDatasetRegistry} from "./interfaces/IDatasetRegistry.sol";
import {ILicenseRegistry} from "./interfaces/ILicenseRegistry.sol";
import {Managed} from "./lib/Managed.sol";
import {RoyaltyPolicy, Terms} from "./types/Types.sol";

/// @title Append-only license terms, which datasets are offered under which, and the royalty policy.
contract LicenseRegistry is ILicenseRegistry, Managed {
    /// @dev Slot A of terms, 248 bits: all that a quote needs, read as one.
    struct Packed {
        uint128 price;
        uint40 duration;
        uint24 number;
        uint16 allow;
        uint16 deny;
        uint16 royaltyBps;
        // Bit 0 active, bit 1 revocable, bit 2 a currency is set, bit 3 a price module is set.
        uint8 flags;
    }

    /// @dev What is stored of terms.
    struct Stored {
        // Slot A.
        Packed packed;
        // Slot B.
        bytes32 licenseDigest;
        // Slot C, written only if it is not the chain's own coin.
        address currency;
        // Slot D, 160 + 96, written and read only with a price module.
        address priceModule;
        uint96 priceStep;
    }

    bytes32 private constant TERMS_TAG = keccak256("dgov.terms.v1");
    uint8 private constant ACTIVE = 1;
    uint8 private constant REVOCABLE = 2;
    uint8 private constant HAS_CURRENCY = 4;
    uint8 private constant HAS_MODULE = 8;
    /// @dev Purposes 0 to 7 are defined.
    uint16 private constant PURPOSES = 0xff;
    uint256 private constant BPS = 10_000;
    /// @dev ERC-5484 values.
    uint8 private constant BURN_OWNER_ONLY = 1;
    uint8 private constant BURN_BOTH = 2;

    address private immutable REGISTRY;

    // Slot: policy 64, count 24.
    RoyaltyPolicy private _policy;
    uint24 private _count;

    mapping(bytes32 termsId => Stored) private _terms;

    /// @inheritdoc ILicenseRegistry
    mapping(uint24 number => bytes32 termsId) public termsAt;

    /// @dev Bit `number % 256` of word `number / 256`: offered under the terms with that number. Numbers start at 1, so that
    /// bit 0 of word 0 is free to say that somebody decided about the dataset's offers: a first offer writes one slot.
    mapping(bytes32 datasetId => mapping(uint256 word => uint256 bits)) private _offers;

    /// @param manager AccessManager of the project.
    /// @param registry Whose datasets are offered.
    constructor(address manager, address registry) Managed(manager) {
        REGISTRY = registry;
    }

    /// @inheritdoc ILicenseRegistry
    function addTerms(Terms calldata terms) external restricted returns (bytes32 termsId) {
        // Checks.
        termsId = _checkNew(terms);

        // Effects.
        Stored storage stored = _terms[termsId];
        uint24 number = ++_count;
        uint8 flags = ACTIVE;
        if (terms.revocable) flags |= REVOCABLE;
        if (terms.currency != address(0)) {
            flags |= HAS_CURRENCY;
            stored.currency = terms.currency;
        }
        if (terms.priceModule != address(0)) {
            flags |= HAS_MODULE;
            stored.priceModule = terms.priceModule;
            stored.priceStep = terms.priceStep;
        }
        stored.packed.price = terms.price;
        stored.packed.duration = terms.duration;
        stored.packed.number = number;
        stored.packed.allow = terms.allow;
        stored.packed.deny = terms.deny;
        stored.packed.royaltyBps = terms.royaltyBps;
        stored.packed.flags = flags;
        stored.licenseDigest = terms.licenseDigest;
        termsAt[number] = termsId;
        emit TermsAdded(termsId, terms.licenseDigest, number, terms);
    }

    /// @inheritdoc ILicenseRegistry
    function requestTerms(bytes32 datasetId, Terms calldata terms, bytes32 note) external returns (bytes32 termsId) {
        // Checks.
        termsId = _checkNew(terms);
        _checkDataset(datasetId);

        emit TermsRequested(datasetId, termsId, msg.sender, terms, note);
    }

    /// @inheritdoc ILicenseRegistry
    function retireTerms(bytes32 termsId) external restricted {
        // Checks.
        Stored storage stored = _terms[termsId];
        uint8 flags = _activeTerms(termsId).packed.flags;

        // Effects.
        stored.packed.flags = flags & ~ACTIVE;
        emit TermsRetired(termsId);
    }

    /// @inheritdoc ILicenseRegistry
    function reinstateTerms(bytes32 termsId) external restricted {
        // Checks.
        Stored storage stored = _knownTerms(termsId);
        uint8 flags = stored.packed.flags;
        if (flags & ACTIVE != 0) revert TermsActive(termsId);

        // Effects.
        stored.packed.flags = flags | ACTIVE;
        emit TermsReinstated(termsId);
    }

    /// @inheritdoc ILicenseRegistry
    function setPolicy(RoyaltyPolicy calldata newPolicy) external restricted {
        // Checks.
        uint256 sum = uint256(newPolicy.contributors) + newPolicy.curators + newPolicy.validators + newPolicy.treasury;
        if (sum != BPS) revert PolicySum(sum);

        // Effects.
        _policy = newPolicy;
        emit PolicyChanged(newPolicy);
    }

    /// @inheritdoc ILicenseRegistry
    function offer(bytes32 datasetId, bytes32 termsId) external {
        // Checks. The registry is a contract of the same suite and this reads from it only.
        uint24 number = _activeTerms(termsId).packed.number;
        if (_offers[datasetId][0] & 1 != 0) revert OfferDecided(datasetId);
        address owner = IERC721(REGISTRY).ownerOf(uint256(datasetId));
        if (owner != msg.sender) revert NotDatasetOwner(datasetId, msg.sender, owner);

        // Effects.
        _setOffer(datasetId, termsId, number, true);
    }

    /// @inheritdoc ILicenseRegistry
    function setOffer(bytes32 datasetId, bytes32 termsId, bool offered) external restricted {
        // Checks. An offer of retired terms can be withdrawn, not made.
        uint24 number = offered ? _activeTerms(termsId).packed.number : _knownTerms(termsId).packed.number;
        _checkDataset(datasetId);

        // Effects. No revert if nothing changes: the owner could make a proposal fail by offering first.
        _setOffer(datasetId, termsId, number, offered);
    }

    /// @inheritdoc ILicenseRegistry
    function quote(bytes32 datasetId, bytes32 termsId)
        external
        view
        returns (
            uint128 price,
            address currency,
            uint40 duration,
            uint16 allow,
            uint24 number,
            uint8 burnAuth,
            address priceModule,
            uint96 priceStep
        )
    {
        Packed memory packed;
        (packed, currency, burnAuth, priceModule, priceStep) = _quoted(datasetId, termsId);
        (price, duration, allow, number) = (packed.price, packed.duration, packed.allow, packed.number);
    }

    /// @inheritdoc ILicenseRegistry
    function quoteFor(bytes32 datasetId, bytes32 termsId, bytes32 licenseDigest)
        external
        view
        returns (
            uint128 price,
            address currency,
            uint40 duration,
            uint16 allow,
            uint24 number,
            uint8 burnAuth,
            address priceModule,
            uint96 priceStep
        )
    {
        Packed memory packed;
        (packed, currency, burnAuth, priceModule, priceStep) = _quoted(datasetId, termsId);
        // The id commits to the license, so hashing saves reading its slot.
        bytes32 actual = keccak256(
            abi.encode(
                TERMS_TAG,
                licenseDigest,
                packed.allow,
                packed.deny,
                packed.price,
                currency,
                packed.duration,
                burnAuth == BURN_BOTH,
                packed.royaltyBps,
                priceModule,
                priceStep
            )
        );
        if (actual != termsId) revert LicenseMismatch(termsId, _terms[termsId].licenseDigest, licenseDigest);
        (price, duration, allow, number) = (packed.price, packed.duration, packed.allow, packed.number);
    }

    /// @inheritdoc ILicenseRegistry
    function termsOf(bytes32 termsId) external view returns (Terms memory terms, uint24 number, bool active) {
        Stored storage stored = _knownTerms(termsId);
        uint8 flags = stored.packed.flags;
        terms = Terms({
            licenseDigest: stored.licenseDigest,
            allow: stored.packed.allow,
            deny: stored.packed.deny,
            price: stored.packed.price,
            currency: stored.currency,
            duration: stored.packed.duration,
            revocable: flags & REVOCABLE != 0,
            royaltyBps: stored.packed.royaltyBps,
            priceModule: stored.priceModule,
            priceStep: stored.priceStep
        });
        return (terms, stored.packed.number, flags & ACTIVE != 0);
    }

    /// @inheritdoc ILicenseRegistry
    function isOffered(bytes32 datasetId, bytes32 termsId) external view returns (bool) {
        return _offered(datasetId, _knownTerms(termsId).packed.number);
    }

    /// @inheritdoc ILicenseRegistry
    function policy() external view returns (RoyaltyPolicy memory) {
        return _policy;
    }

    /// @inheritdoc ILicenseRegistry
    function termsIdOf(Terms calldata terms) public pure returns (bytes32) {
        return keccak256(abi.encode(TERMS_TAG, terms));
    }

    function _setOffer(bytes32 datasetId, bytes32 termsId, uint24 number, bool offered) private {
        mapping(uint256 word => uint256 bits) storage words = _offers[datasetId];
        uint256 word = number >> 8;
        uint256 bit = 1 << (number & 0xff);
        uint256 bits = offered ? words[word] | bit : words[word] & ~bit;
        if (word == 0) {
            words[0] = bits | 1;
        } else {
            words[word] = bits;
            words[0] |= 1;
        }
        emit OfferChanged(datasetId, termsId, offered);
    }

    /// @dev Active terms under which the dataset is offered: two slots read, one more with a token, one with a module.
    function _quoted(bytes32 datasetId, bytes32 termsId)
        private
        view
        returns (Packed memory packed, address currency, uint8 burnAuth, address priceModule, uint96 priceStep)
    {
        packed = _terms[termsId].packed;
        uint8 flags = packed.flags;
        if (packed.number == 0) revert TermsUnknown(termsId);
        if (flags & ACTIVE == 0) revert TermsInactive(termsId);
        if (!_offered(datasetId, packed.number)) revert NotOffered(datasetId, termsId);
        if (flags & HAS_CURRENCY != 0) currency = _terms[termsId].currency;
        if (flags & HAS_MODULE != 0) {
            (priceModule, priceStep) = (_terms[termsId].priceModule, _terms[termsId].priceStep);
        }
        burnAuth = flags & REVOCABLE != 0 ? BURN_BOTH : BURN_OWNER_ONLY;
    }

    /// @dev What terms must be to be added; gives their id.
    function _checkNew(Terms calldata terms) private view returns (bytes32 termsId) {
        if (terms.licenseDigest == 0) revert LicenseDigestEmpty();
        if (terms.allow == 0 || terms.allow & terms.deny != 0 || (terms.allow | terms.deny) & ~PURPOSES != 0) {
            revert PurposesInvalid(terms.allow, terms.deny);
        }
        if (terms.royaltyBps > BPS) revert RoyaltyTooHigh(terms.royaltyBps);
        if (terms.priceModule == address(0)) {
            if (terms.priceStep != 0) revert PriceStepInvalid(terms.priceStep);
        } else if (terms.priceModule.code.length == 0) {
            revert PriceModuleInvalid(terms.priceModule);
        }
        termsId = termsIdOf(terms);
        uint24 number = _terms[termsId].packed.number;
        if (number != 0) revert TermsExist(termsId, number);
    }

    function _checkDataset(bytes32 datasetId) private view {
        if (IDatasetRegistry(REGISTRY).keyAt(datasetId, 1) == 0) revert DatasetUnknown(datasetId);
    }

    function _offered(bytes32 datasetId, uint24 number) private view returns (bool) {
        return _offers[datasetId][number >> 8] & (1 << (number & 0xff)) != 0;
    }

    function _knownTerms(bytes32 termsId) private view returns (Stored storage stored) {
        stored = _terms[termsId];
        if (stored.packed.number == 0) revert TermsUnknown(termsId);
    }

    function _activeTerms(bytes32 termsId) private view returns (Stored storage stored) {
        stored = _knownTerms(termsId);
        if (stored.packed.flags & ACTIVE == 0) revert TermsInactive(termsId);
    }
}
