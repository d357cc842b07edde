// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessPass} from "../../src/AccessPass.sol";
import {RoyaltyVault} from "../../src/RoyaltyVault.sol";
import {ContributorClaim, SplitClaim, Version} from "../../src/types/Types.sol";
import {CallbackToken} from "./Tokens.sol";

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
