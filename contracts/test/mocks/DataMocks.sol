// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Managed} from "../../src/lib/Managed.sol";
import {RoyaltyPolicy, Status, Terms} from "../../src/types/Types.sol";

/// @dev What the factory and governance need of the data contracts, with the same constructors and the same
/// `restricted`, so that wiring and rights are the real ones.
contract MockRegistry is Managed {
    mapping(bytes32 versionKey => bool) public approved;
    mapping(bytes32 datasetId => mapping(uint32 number => Status)) public ruled;
    bool public immutable daoApprovesCards;
    address private immutable FACTORY;
    bytes32 private immutable SALT;

    constructor(address manager, address factory, bytes32 salt, bool daoApprovesCards_) Managed(manager) {
        FACTORY = factory;
        SALT = salt;
        daoApprovesCards = daoApprovesCards_;
    }

    function approveCard(bytes32 versionKey, bool value) external restricted {
        approved[versionKey] = value;
    }

    function ruleStatus(bytes32 datasetId, uint32 number, Status status, bytes32) external restricted {
        ruled[datasetId][number] = status;
    }

    function origin() external view returns (address factory, bytes32 salt) {
        return (FACTORY, SALT);
    }
}

contract MockLicenses is Managed {
    address public immutable registry;
    RoyaltyPolicy private _policy;
    Terms[] private _terms;

    constructor(address manager, address registry_) Managed(manager) {
        registry = registry_;
    }

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
}

contract MockVault is Managed {
    mapping(address currency => bool) public isAllowed;

    constructor(address manager) Managed(manager) {}

    function allowCurrency(address currency, bool allowed) external restricted {
        isAllowed[currency] = allowed;
    }
}

contract MockPass is Managed {
    address private immutable REGISTRY;
    address private immutable LICENSES;
    address private immutable VAULT;

    constructor(address manager, address registry, address licenses, address vault) Managed(manager) {
        REGISTRY = registry;
        LICENSES = licenses;
        VAULT = vault;
    }

    function wiring() external view returns (address registry, address licenses, address vault) {
        return (REGISTRY, LICENSES, VAULT);
    }
}
