// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RewardRounds} from "../../src/RewardRounds.sol";
import {RoundClaim} from "../../src/types/Modules.sol";
import {IHook, PlainToken} from "./Tokens.sol";

/// @notice Claims, sweeps and takes its bond again while it is paid in the chain's coin.
contract RoundsReenterer {
    RewardRounds private immutable ROUNDS;
    RoundClaim[] private _items;
    uint256 public calls;
    uint256 public successes;

    constructor(RewardRounds rounds) {
        ROUNDS = rounds;
    }

    function arm(RoundClaim calldata item) external {
        _items.push(item);
    }

    function publish(bytes32 topHash, uint64 units, uint128 unit, uint40 expiresAt) external payable returns (uint256) {
        return ROUNDS.publish{value: msg.value}(topHash, units, unit, address(0), expiresAt, 0);
    }

    receive() external payable {
        ++calls;
        uint256 n = ROUNDS.roundCount();
        try ROUNDS.claim(address(this), _items) {
            ++successes;
        } catch {}
        for (uint256 i = 1; i <= n && i <= 4; ++i) {
            try ROUNDS.sweep(i) {
                ++successes;
            } catch {}
            try ROUNDS.returnBond(i) {
                ++successes;
            } catch {}
        }
    }
}

/// @notice Publishes from inside its own publication, so that one arrival would count twice.
contract NestedPublisher {
    RewardRounds private immutable ROUNDS;
    ShortToken private immutable TOKEN;
    bytes32 private immutable TOP;
    uint64 private _inner;
    uint256 private _bond;
    bool public tried;

    constructor(RewardRounds rounds, ShortToken token, bytes32 top) payable {
        (ROUNDS, TOKEN, TOP) = (rounds, token, top);
        token.setWantsCall(true);
        token.approve(address(rounds), type(uint256).max);
    }

    function publish(uint64 units, uint64 inner, uint256 bond) external {
        (_inner, _bond) = (inner, bond);
        ROUNDS.publish{value: bond}(TOP, units, 1, address(TOKEN), 0, 0);
    }

    function hook() external {
        uint64 inner = _inner;
        if (inner == 0) return;
        _inner = 0;
        tried = true;
        ROUNDS.publish{value: _bond}(TOP, inner, 1, address(TOKEN), 0, 0);
    }
}

/// @notice Calls the sender back, and delivers less than it was told to into one account once, so that what is missing of an
/// outer transfer could be covered by an inner one.
contract ShortToken is PlainToken {
    mapping(address account => bool) public wantsCall;
    address private _short;
    uint256 private _missing;

    function setWantsCall(bool wants) external {
        wantsCall[msg.sender] = wants;
    }

    function setShort(address to, uint256 amount) external {
        (_short, _missing) = (to, amount);
    }

    function _update(address from, address to, uint256 amount) internal override {
        uint256 less = to == _short ? _missing : 0;
        if (less != 0) _missing = 0;
        if (wantsCall[from]) IHook(from).hook();
        super._update(from, to, amount - less);
    }
}

/// @notice Says that it moved what it did not.
contract SilentToken is PlainToken {
    function transferFrom(address, address, uint256) public pure override returns (bool) {
        return true;
    }
}
