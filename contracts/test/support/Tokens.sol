// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice An honest ERC-20 that anyone can mint.
contract PlainToken is ERC20("Plain", "PLN") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

/// @notice Keeps one percent of each transfer.
contract FeeToken is PlainToken {
    function _update(address from, address to, uint256 amount) internal override {
        uint256 fee = from == address(0) ? 0 : amount / 100;
        super._update(from, to, amount - fee);
        if (fee != 0) super._update(from, address(0xfee), fee);
    }
}

/// @notice Refuses transfers to one account, as stablecoins with a block list do.
contract BlockingToken is PlainToken {
    address public blocked;

    error Blocked(address account);

    function setBlocked(address account) external {
        blocked = account;
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (to != address(0) && to == blocked) revert Blocked(to);
        super._update(from, to, amount);
    }
}

/// @notice Calls back sender and receiver before each transfer, as ERC-777 tokens do.
contract CallbackToken is PlainToken {
    mapping(address account => bool) public wantsCall;

    function setWantsCall(bool wants) external {
        wantsCall[msg.sender] = wants;
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (wantsCall[from]) IHook(from).hook();
        super._update(from, to, amount);
        if (wantsCall[to]) IHook(to).hook();
    }
}

interface IHook {
    function hook() external;
}
