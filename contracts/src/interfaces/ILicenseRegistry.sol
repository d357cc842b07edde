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

    /// @notice A dataset is (no longer) offered under these terms.
    event OfferChanged(bytes32 indexed datasetId, bytes32 indexed termsId, bool offered);

    /// @notice The DAO's royalty policy changed.
    event PolicyChanged(RoyaltyPolicy policy);

    /// @notice Adds terms. Restricted to the DAO; the factory adds the first ones.
    function addTerms(Terms calldata terms) external returns (bytes32 termsId);

    /// @notice Retires terms. Restricted to the DAO.
    function retireTerms(bytes32 termsId) external;

    /// @notice Sets the royalty policy. Restricted to the DAO.
    function setPolicy(RoyaltyPolicy calldata policy) external;

    /// @notice First offer of a dataset, by its owner, under terms that the DAO has approved.
    function offer(bytes32 datasetId, bytes32 termsId) external;

    /// @notice Offers a dataset or withdraws the offer. Restricted to the DAO.
    function setOffer(bytes32 datasetId, bytes32 termsId, bool offered) external;

    /// @notice What AccessPass needs to sell; reverts unless the terms are active and the dataset is offered under them.
    function quote(bytes32 datasetId, bytes32 termsId)
        external
        view
        returns (uint128 price, address currency, uint40 duration, uint16 allow, uint24 number, uint8 burnAuth);

    /// @notice As `quote`; reverts also unless the terms are for this license, so that a sale can't pair a version with
    /// terms of another license.
    function quoteFor(bytes32 datasetId, bytes32 termsId, bytes32 licenseDigest)
        external
        view
        returns (uint128 price, address currency, uint40 duration, uint16 allow, uint24 number, uint8 burnAuth);

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
