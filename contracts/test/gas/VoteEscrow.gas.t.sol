// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {VoteEscrow} from "../../src/templates/VoteEscrow.sol";
import {GasTest} from "../helpers/GasTest.sol";
import {GovernorFixture} from "../support/GovernorFixture.sol";

/// @notice Locks of a real DataToken; run with `--isolate`.
contract VoteEscrowGasTest is GovernorFixture, GasTest {
    VoteEscrow private escrow;

    function test_Lock() external isolated {
        escrow = new VoteEscrow(IERC20(s.token));
        uint48 end = uint48(block.timestamp / 1 weeks + 52) * 1 weeks;
        _approve(alice);
        _approve(bob);
        _send("lock, first of all", 320_000, alice, abi.encodeCall(escrow.lock, (1 ether, end)));
        skip(1 days);
        _send(
            "lock, first of an account, another week",
            250_000,
            bob,
            abi.encodeCall(escrow.lock, (1 ether, end + 1 weeks))
        );
        skip(1 days);
        _send("increase", 195_000, alice, abi.encodeCall(escrow.increase, (1 ether)));
        skip(1 days);
        _send("extend", 108_000, alice, abi.encodeCall(escrow.extend, (end + 1 weeks)));
        vm.warp(end + 1 weeks);
        _send("withdraw", 118_000, alice, abi.encodeCall(escrow.withdraw, ()));
    }

    function _approve(address holder) private {
        vm.prank(holder);
        IERC20(s.token).approve(address(escrow), type(uint256).max);
    }

    function _send(string memory name, uint256 budget, address sender, bytes memory data) private {
        _measure("VoteEscrow", name, budget, sender, address(escrow), data);
    }
}
