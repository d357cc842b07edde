// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPriceModule} from "../../src/interfaces/IPriceModule.sol";
import {AccessPass} from "../../src/AccessPass.sol";
import {RoyaltyVault} from "../../src/RoyaltyVault.sol";
import {ContributorClaim, SplitClaim, Version} from "../../src/types/Types.sol";
import {CallbackToken} from "./Tokens.sol";

/// @notice A module that asks any price, refuses, or lets a buyer act from inside its own purchase, once.
contract HostileModule is IPriceModule {
    error Refused();

    uint256 public price;
    uint256 public sales;
    bool private _refuses;
    CuriousBuyer private _buyer;

    function set(uint256 price_, bool refuses, CuriousBuyer buyer) external {
        (price, _refuses, _buyer) = (price_, refuses, buyer);
    }

    function sell(bytes32, bytes32, uint128, uint96) external returns (uint256) {
        if (_refuses) revert Refused();
        ++sales;
        CuriousBuyer buyer = _buyer;
        if (address(buyer) != address(0)) {
            delete _buyer;
            buyer.hook();
        }
        return price;
    }

    function priceOf(address, bytes32, bytes32, uint128, uint96) external view returns (uint256) {
        return price;
    }

    function soldOf(address, bytes32, bytes32) external view returns (uint256) {
        return sales;
    }
}

/// @notice Buys, and does something else with the pass contract while it buys.
contract CuriousBuyer {
    enum Way {
        Nothing,
        BuyAgain,
        Revoke,
        Withdraw
    }

    AccessPass private immutable PASS;
    Version private _version;
    bytes32 private _termsId;
    Way private _way;
    uint256 private _value;

    constructor(AccessPass pass) {
        PASS = pass;
    }

    function arm(Version calldata version, bytes32 termsId, Way way, uint256 value) external {
        (_version, _termsId, _way, _value) = (version, termsId, way, value);
    }

    function buy(uint256 value, uint256 maxPrice) external {
        PASS.purchase{value: value}(_version, _termsId, maxPrice);
    }

    function hook() external {
        if (_way == Way.BuyAgain) PASS.purchase{value: _value}(_version, _termsId, type(uint256).max);
        if (_way == Way.Revoke) PASS.revoke(address(this), _version.datasetId);
        if (_way == Way.Withdraw) PASS.withdrawCredit();
    }

    receive() external payable {}
}

/// @notice Refuses native coin until told otherwise.
contract Refuser {
    bool public accepts;

    function setAccepts(bool value) external {
        accepts = value;
    }

    receive() external payable {
        require(accepts);
    }
}

/// @notice Claims again, in both ways, while it is being paid.
contract Reenterer {
    RoyaltyVault private immutable VAULT;
    ContributorClaim private _item;
    uint256 public calls;
    uint256 public refused;

    constructor(RoyaltyVault vault) {
        VAULT = vault;
    }

    function arm(ContributorClaim calldata item) external {
        _item = item;
    }

    receive() external payable {
        ++calls;
        try VAULT.claim(address(this), _item) {}
        catch {
            ++refused;
        }
        ContributorClaim[] memory items = new ContributorClaim[](1);
        items[0] = _item;
        try VAULT.claimMany(address(this), items, new SplitClaim[](0)) {}
        catch {
            ++refused;
        }
    }
}

/// @notice Deposits again from inside its own deposit.
contract TokenReenterer {
    RoyaltyVault private immutable VAULT;
    CallbackToken private immutable TOKEN;
    bytes32 private immutable POOL;
    uint256 private _amount;

    constructor(RoyaltyVault vault, CallbackToken token, bytes32 pool) {
        (VAULT, TOKEN, POOL) = (vault, token, pool);
        token.setWantsCall(true);
        token.approve(address(vault), type(uint256).max);
    }

    function depositTwice(uint256 amount) external {
        _amount = amount;
        VAULT.deposit(POOL, address(TOKEN), amount, 0);
    }

    function hook() external {
        uint256 amount = _amount;
        if (amount == 0) return;
        _amount = 0;
        VAULT.deposit(POOL, address(TOKEN), amount, 0);
    }
}

/// @notice Withdraws its credit again while it is being paid.
contract CreditReenterer {
    AccessPass private immutable PASS;
    uint256 public refused;

    constructor(AccessPass pass) {
        PASS = pass;
    }

    function buy(Version calldata version, bytes32 termsId, uint256 maxPrice) external payable {
        PASS.purchase{value: msg.value}(version, termsId, maxPrice);
    }

    function withdraw() external {
        PASS.withdrawCredit();
    }

    receive() external payable {
        try PASS.withdrawCredit() {}
        catch {
            ++refused;
        }
    }
}
