// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IERC721Metadata} from "@openzeppelin/contracts/token/ERC721/extensions/IERC721Metadata.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {IERC5192} from "../interfaces/IERC5192.sol";
import {IERC5484} from "../interfaces/IERC5484.sol";
import {Pass} from "../types/Types.sol";

/// @title Storage of the passes and their ERC-721 surface, without transfers
/// @notice A pass that has expired still has its owner: expiry says what it is good for, not whose it is.
abstract contract SoulboundPass is IERC721Metadata, IERC5192, IERC5484 {
    bytes32 private constant PASS_TAG = keccak256("dgov.pass.v1");

    /// @dev One slot each: holder 160 | expiry 40 | termsNumber 24 | purposes 16 | burnAuth 8, 8 bits free.
    mapping(uint256 passId => Pass) internal _passes;
    mapping(address holder => uint256) private _balances;

    /// @notice Passes belong to who got them: no transfers, no approvals.
    error Soulbound(uint256 passId);
    /// @notice There is no such pass.
    error PassUnknown(uint256 passId);
    /// @notice The zero address holds nothing.
    error HolderInvalid(address holder);

    /// @inheritdoc IERC721Metadata
    function name() external pure returns (string memory) {
        return "dgov access passes";
    }

    /// @inheritdoc IERC721Metadata
    function symbol() external pure returns (string memory) {
        return "DGP";
    }

    /// @inheritdoc IERC721Metadata
    function tokenURI(uint256 passId) external view returns (string memory) {
        Pass memory pass = _existing(passId);
        return string.concat(
            'data:application/json;utf8,{"name":"Access pass ',
            Strings.toHexString(passId, 32),
            '","attributes":[{"trait_type":"holder","value":"',
            Strings.toHexString(pass.holder),
            '"},{"trait_type":"expiry","display_type":"date","value":',
            Strings.toString(pass.expiry),
            '},{"trait_type":"terms number","value":',
            Strings.toString(pass.termsNumber),
            '},{"trait_type":"purposes","value":',
            Strings.toString(pass.purposes),
            "}]}"
        );
    }

    /// @inheritdoc IERC721
    function ownerOf(uint256 passId) external view returns (address) {
        return _existing(passId).holder;
    }

    /// @inheritdoc IERC721
    function balanceOf(address holder) external view returns (uint256) {
        if (holder == address(0)) revert HolderInvalid(holder);
        return _balances[holder];
    }

    /// @inheritdoc IERC721
    function getApproved(uint256 passId) external view returns (address) {
        _existing(passId);
        return address(0);
    }

    /// @inheritdoc IERC721
    function isApprovedForAll(address, address) external pure returns (bool) {
        return false;
    }

    /// @inheritdoc IERC721
    function approve(address, uint256 passId) external pure {
        revert Soulbound(passId);
    }

    /// @inheritdoc IERC721
    /// @dev Reverts with pass id zero: it speaks of no pass in particular.
    function setApprovalForAll(address, bool) external pure {
        revert Soulbound(0);
    }

    /// @inheritdoc IERC721
    function transferFrom(address, address, uint256 passId) external pure {
        revert Soulbound(passId);
    }

    /// @inheritdoc IERC721
    function safeTransferFrom(address, address, uint256 passId) external pure {
        revert Soulbound(passId);
    }

    /// @inheritdoc IERC721
    function safeTransferFrom(address, address, uint256 passId, bytes calldata) external pure {
        revert Soulbound(passId);
    }

    /// @inheritdoc IERC5192
    function locked(uint256 passId) external view returns (bool) {
        _existing(passId);
        return true;
    }

    /// @inheritdoc IERC5484
    function burnAuth(uint256 passId) external view returns (BurnAuth) {
        return BurnAuth(_existing(passId).burnAuth);
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == type(IERC165).interfaceId || interfaceId == type(IERC721).interfaceId
            || interfaceId == type(IERC721Metadata).interfaceId || interfaceId == type(IERC5192).interfaceId
            || interfaceId == type(IERC5484).interfaceId;
    }

    /// @dev Writes a pass, new or in the place of an old one of the same holder and dataset.
    /// @param from Who issues it, for ERC-5484.
    function _store(uint256 passId, Pass memory old, Pass memory next, address from) internal {
        _passes[passId] = next;
        if (old.holder == address(0)) {
            unchecked {
                ++_balances[next.holder];
            }
            emit Transfer(address(0), next.holder, passId);
            emit Locked(passId);
        } else if (old.termsNumber == next.termsNumber && old.burnAuth == next.burnAuth) {
            return;
        }
        emit Issued(from, next.holder, passId, BurnAuth(next.burnAuth));
    }

    function _burn(uint256 passId, address holder) internal {
        delete _passes[passId];
        unchecked {
            --_balances[holder];
        }
        emit Transfer(holder, address(0), passId);
    }

    function _existing(uint256 passId) internal view returns (Pass memory pass) {
        pass = _passes[passId];
        if (pass.holder == address(0)) revert PassUnknown(passId);
    }

    function _passIdOf(address holder, bytes32 datasetId) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(PASS_TAG, holder, datasetId)));
    }
}
