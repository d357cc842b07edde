// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IDatasetRegistry} from "../interfaces/IDatasetRegistry.sol";
import {Consent, RevokeConsent} from "../types/Types.sol";
import {Eip712} from "./Eip712.sol";
import {Signers} from "./Signers.sol";

/// @title Consents of contributors, and their end.
/// @notice A consent itself is never stored: it is signed, and contributor leaves commit to its digest.
abstract contract Consents is Signers {
    /// @inheritdoc IDatasetRegistry
    mapping(address contributor => mapping(bytes32 consentDigest => uint40)) public consentRevokedAt;

    /// @inheritdoc IDatasetRegistry
    function revokeConsent(bytes32 consentDigest) external {
        _revoke(msg.sender, consentDigest);
    }

    /// @inheritdoc IDatasetRegistry
    function revokeConsentBySig(RevokeConsent calldata request, bytes calldata signature) external {
        // Checks and effects: the signer's nonce.
        _authorize(request.contributor, request.nonce, request.deadline, Eip712.hashRevokeConsent(request), signature);
        _revoke(request.contributor, request.consentDigest);
    }

    /// @inheritdoc IDatasetRegistry
    function checkConsent(Consent calldata consent, bytes calldata signature)
        external
        view
        returns (bytes32 consentDigest)
    {
        consentDigest = Eip712.digest(Eip712.hashConsent(consent));
        if (consent.expiry <= block.timestamp) revert ConsentExpired(consent.expiry);
        _checkNotRevoked(consent.contributor, consentDigest);
        _checkSignature(consent.contributor, consentDigest, signature);
    }

    /// @dev The first time counts: a later call can't make the revocation younger.
    function _revoke(address contributor, bytes32 consentDigest) private {
        // Checks.
        if (consentDigest == 0) revert FieldEmpty("consentDigest");
        _checkNotRevoked(contributor, consentDigest);

        // Effects.
        consentRevokedAt[contributor][consentDigest] = uint40(block.timestamp);
        emit ConsentRevocation(contributor, consentDigest);
    }

    function _checkNotRevoked(address contributor, bytes32 consentDigest) private view {
        uint40 revokedAt = consentRevokedAt[contributor][consentDigest];
        if (revokedAt != 0) revert ConsentRevoked(contributor, consentDigest, revokedAt);
    }
}
