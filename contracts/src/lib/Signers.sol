// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {NoncesKeyed} from "@openzeppelin/contracts/utils/NoncesKeyed.sol";
import {IDatasetRegistry} from "../interfaces/IDatasetRegistry.sol";
import {Eip712} from "./Eip712.sol";

/// @title Who signed a request to the registry.
abstract contract Signers is IDatasetRegistry, NoncesKeyed {
    /// @inheritdoc IDatasetRegistry
    function cancelNonce(uint192 key) external returns (uint256 nonce) {
        nonce = _useNonce(msg.sender, key);
        emit NonceCancelled(msg.sender, nonce);
    }

    /// @inheritdoc IDatasetRegistry
    function domainSeparator() external view returns (bytes32) {
        return Eip712.domainSeparator();
    }

    /// @inheritdoc IDatasetRegistry
    function nonces(address account, uint192 key)
        public
        view
        virtual
        override(IDatasetRegistry, NoncesKeyed)
        returns (uint256 nonce)
    {
        return super.nonces(account, key);
    }

    /// @dev Reverts unless the request can be used now and the signer signed it; uses up its nonce.
    function _authorize(address signer, uint256 nonce, uint256 deadline, bytes32 structHash, bytes calldata signature)
        internal
    {
        _useCheckedNonce(signer, nonce);
        _checkRequest(signer, deadline, structHash, signature);
    }

    /// @dev The same for a request that by its content can be granted only once: its nonce must be unused, and stays so.
    function _authorizeOnce(
        address signer,
        uint256 nonce,
        uint256 deadline,
        bytes32 structHash,
        bytes calldata signature
    ) internal view {
        uint256 next = nonces(signer, uint192(nonce >> 64));
        if (nonce != next) revert InvalidAccountNonce(signer, next);
        _checkRequest(signer, deadline, structHash, signature);
    }

    function _checkRequest(address signer, uint256 deadline, bytes32 structHash, bytes calldata signature)
        private
        view
    {
        if (block.timestamp > deadline) revert RequestExpired(deadline);
        _checkSignature(signer, Eip712.digest(structHash), signature);
    }

    /// @dev The account's key first: that needs no look at the account, and an account that delegates to code (EIP-7702)
    /// still has its key. Malleable (high s) and malformed signatures recover to nobody.
    function _checkSignature(address signer, bytes32 digest, bytes calldata signature) internal view {
        (address recovered, ECDSA.RecoverError failure,) = ECDSA.tryRecoverCalldata(digest, signature);
        if (failure == ECDSA.RecoverError.NoError && recovered == signer) return;
        if (!SignatureChecker.isValidERC1271SignatureNowCalldata(signer, digest, signature)) {
            revert SignatureInvalid(signer);
        }
    }
}
