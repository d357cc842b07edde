// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RoyaltyPolicy, Terms} from "../types/Types.sol";

/// @title Append-only license terms, which datasets are offered under which, and the royalty policy.
interface ILicenseRegistry {
    /// @notice Terms may be offered from now on.
    /// @param number Position in the registry, from 1.
    event TermsAdded(bytes32 indexed termsId, bytes32 indexed licenseDigest, uint24 number, Terms terms);

    /// @notice Terms may no longer be offered or bought; passes that exist stay valid.
    event TermsRetired(bytes32 indexed termsId);

    /// @notice Retired terms may be offered and bought again; their offers that nobody withdrew are in force again.
    event TermsReinstated(bytes32 indexed termsId);

    /// @notice A dataset is (no longer) offered under these terms.
    event OfferChanged(bytes32 indexed datasetId, bytes32 indexed termsId, bool offered);

    /// @notice Somebody asks the DAO to add these terms and to offer the dataset under them.
    /// @param note sha256 of a document that says why, or zero.
    event TermsRequested(
        bytes32 indexed datasetId, bytes32 indexed termsId, address indexed requester, Terms terms, bytes32 note
    );

    /// @notice The DAO's royalty policy changed.
    event PolicyChanged(RoyaltyPolicy policy);

    /// @notice These terms exist; they can't be added again. If they are retired, `reinstateTerms` brings them back.
    error TermsExist(bytes32 termsId, uint24 number);
    /// @notice No terms have this id.
    error TermsUnknown(bytes32 termsId);
    /// @notice The terms are retired.
    error TermsInactive(bytes32 termsId);
    /// @notice The terms are not retired, so that there is nothing to reinstate.
    error TermsActive(bytes32 termsId);
    /// @notice Terms without a license text.
    error LicenseDigestEmpty();
    /// @notice Purposes that nothing allows, that contradict each other, or that are not defined.
    error PurposesInvalid(uint16 allow, uint16 deny);
    /// @notice More than 10,000 basis points.
    error RoyaltyTooHigh(uint16 royaltyBps);
    /// @notice Nothing at this address could say a price.
    error PriceModuleInvalid(address priceModule);
    /// @notice A step means nothing without a module.
    error PriceStepInvalid(uint96 priceStep);
    /// @notice The four shares do not add up to 10,000.
    error PolicySum(uint256 sum);
    /// @notice Only the owner of the dataset's token makes its first offer.
    error NotDatasetOwner(bytes32 datasetId, address caller, address owner);
    /// @notice The dataset is not registered.
    error DatasetUnknown(bytes32 datasetId);
    /// @notice The dataset had an offer, or the DAO decided about one; what follows is the DAO's to change.
    error OfferDecided(bytes32 datasetId);
    /// @notice The dataset is not offered under these terms.
    error NotOffered(bytes32 datasetId, bytes32 termsId);

    /// @notice The terms are for another license than the version has.
    error LicenseMismatch(bytes32 termsId, bytes32 licenseDigest, bytes32 given);

    /// @notice Adds terms. Restricted to the DAO; the factory adds the first ones.
    function addTerms(Terms calldata terms) external returns (bytes32 termsId);

    /// @notice Asks the DAO for terms of one's own for a registered dataset. Nothing is stored: the DAO answers by voting on
    /// `addTerms` and `setOffer`, and what `addTerms` would refuse is refused here. Anyone may ask.
    /// @param note sha256 of a document that says why, or zero.
    function requestTerms(bytes32 datasetId, Terms calldata terms, bytes32 note) external returns (bytes32 termsId);

    /// @notice Retires terms. Restricted to the DAO.
    function retireTerms(bytes32 termsId) external;

    /// @notice Brings retired terms back under their old id and number; reverts if they are active or unknown. An id commits
    /// to every field, so a price that returns to an old value is the old terms, which can't be added twice. A dataset that
    /// was still offered under them is for sale under them at once. Restricted to the DAO.
    function reinstateTerms(bytes32 termsId) external;

    /// @notice Sets the royalty policy. Restricted to the DAO.
    function setPolicy(RoyaltyPolicy calldata policy) external;

    /// @notice First offer of a dataset, by its owner, under terms that the DAO has approved.
    function offer(bytes32 datasetId, bytes32 termsId) external;

    /// @notice Offers a dataset or withdraws the offer, whatever it was before. Restricted to the DAO.
    function setOffer(bytes32 datasetId, bytes32 termsId, bool offered) external;

    /// @notice What AccessPass needs to sell; reverts unless the terms are active and the dataset is offered under them.
    /// @return price Of one term, in the smallest unit of `currency`; what a module starts from, if there is one.
    /// @return currency ERC-20 token, or zero for the chain's own coin.
    /// @return duration Seconds; 0 means without end.
    /// @return allow Purposes allowed.
    /// @return number The terms' position in the registry.
    /// @return burnAuth ERC-5484: 2 (issuer and owner) if the terms are revocable, else 1 (owner only).
    /// @return priceModule Says what a pass costs; zero if that is `price`.
    /// @return priceStep For the module.
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
        );

    /// @notice As `quote`; reverts also unless the terms are for this license, so that a sale can't pair a version with
    /// terms of another license.
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
        );

    /// @notice The stored terms; reverts if unknown.
    function termsOf(bytes32 termsId) external view returns (Terms memory terms, uint24 number, bool active);

    /// @notice The id of the terms with this number, zero if there are none.
    function termsAt(uint24 number) external view returns (bytes32 termsId);

    /// @notice Whether the dataset is offered under the terms.
    function isOffered(bytes32 datasetId, bytes32 termsId) external view returns (bool);

    /// @notice The royalty policy.
    function policy() external view returns (RoyaltyPolicy memory);

    /// @notice The id of terms, whether registered or not.
    function termsIdOf(Terms calldata terms) external pure returns (bytes32);
}
