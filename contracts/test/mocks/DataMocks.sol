// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ManagedClone} from "../../src/lib/ManagedClone.sol";
import {RoyaltyPolicy, Terms} from "../../src/types/Types.sol";

/// @dev What the factory and governance need of the data contracts, with the same immutable arguments and the same
/// `restricted`, so that wiring and rights are the real ones.
contract MockRegistry is ManagedClone {
    mapping(bytes32 versionKey => bool) public approved;

    function approveCard(bytes32 versionKey, bool value) external restricted {
        approved[versionKey] = value;
    }

    function origin() external view returns (address factory, bytes32 salt) {
        return (address(uint160(uint256(_argument(1)))), _argument(2));
    }

    function daoApprovesCards() external view returns (bool) {
        return _argument(3) != 0;
    }
}

contract MockLicenses is ManagedClone {
    RoyaltyPolicy private _policy;
    Terms[] private _terms;

    function addTerms(Terms calldata terms) external restricted returns (bytes32) {
        _terms.push(terms);
        return keccak256(abi.encode(terms));
    }

    function setPolicy(RoyaltyPolicy calldata value) external restricted {
        _policy = value;
    }

    function policy() external view returns (RoyaltyPolicy memory) {
        return _policy;
    }

    function termsCount() external view returns (uint256) {
        return _terms.length;
    }

    function termsNumbered(uint256 number) external view returns (Terms memory) {
        return _terms[number - 1];
    }

    function registry() external view returns (address) {
        return address(uint160(uint256(_argument(1))));
    }
}

contract MockVault is ManagedClone {
    mapping(address currency => bool) public isAllowed;

    function allowCurrency(address currency, bool allowed) external restricted {
        isAllowed[currency] = allowed;
    }
}

contract MockPass is ManagedClone {
    function wiring() external view returns (address registry, address licenses, address vault) {
        return (_address(1), _address(2), _address(3));
    }

    function _address(uint256 index) private view returns (address) {
        return address(uint160(uint256(_argument(index))));
    }
}
