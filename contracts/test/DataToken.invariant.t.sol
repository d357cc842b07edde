// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {Test} from "forge-std/Test.sol";

import {DataToken} from "../src/DataToken.sol";
import {Allocation} from "../src/types/Types.sol";

/// @dev Six accounts that send, delegate to anyone and decline, as they like, with time passing or not.
contract DataTokenHandler is Test {
    DataToken internal immutable TOKEN;
    address[6] public actors;
    /// @dev What the account itself chose last: our own memory, beside the token's.
    mapping(address account => bool) public chose;
    mapping(address account => address) public choice;
    mapping(address account => bool) public received;

    constructor(DataToken token, address[6] memory actors_) {
        TOKEN = token;
        actors = actors_;
    }

    function transfer(uint256 from, uint256 to, uint256 amount, uint256 wait) external {
        address sender = actors[from % 6];
        address receiver = actors[to % 6];
        amount = bound(amount, 0, TOKEN.balanceOf(sender));
        skip(wait % 3);
        vm.prank(sender);
        TOKEN.transfer(receiver, amount);
        if (amount != 0) received[receiver] = true;
    }

    function delegate(uint256 from, uint256 to) external {
        address account = actors[from % 6];
        address delegatee = to % 7 == 6 ? address(0) : actors[to % 7];
        vm.prank(account);
        TOKEN.delegate(delegatee);
        chose[account] = true;
        choice[account] = delegatee;
    }
}

contract DataTokenInvariantTest is Test {
    DataToken internal token;
    DataTokenHandler internal handler;

    function setUp() public {
        vm.warp(1_760_000_000);
        address[6] memory actors;
        Allocation[] memory allocations = new Allocation[](2);
        for (uint256 i; i < 6; ++i) {
            actors[i] = makeAddr(vm.toString(i));
        }
        allocations[0] = Allocation(actors[0], 1_000);
        allocations[1] = Allocation(actors[1], 500);
        token = DataToken(Clones.clone(address(new DataToken())));
        token.initialize("Raccoon Data", "RAC", allocations, makeAddr("treasury"));
        handler = new DataTokenHandler(token, actors);
        targetContract(address(handler));
    }

    /// @dev Nobody votes with more or less than what those who chose them (or themselves, unasked) hold.
    function invariant_votesAreBalancesByChoice() public view {
        for (uint256 i; i < 6; ++i) {
            address delegatee = handler.actors(i);
            uint256 expected;
            for (uint256 j; j < 6; ++j) {
                address account = handler.actors(j);
                bool itsOwn = account == delegatee && !handler.chose(account);
                if (itsOwn || (handler.chose(account) && handler.choice(account) == delegatee)) {
                    expected += token.balanceOf(account);
                }
            }
            assertEq(token.getVotes(delegatee), expected);
        }
    }

    /// @dev Who received tokens and never chose votes for themselves; who chose keeps the choice.
    function invariant_choiceIsKept() public view {
        for (uint256 i; i < 6; ++i) {
            address account = handler.actors(i);
            if (handler.chose(account)) assertEq(token.delegates(account), handler.choice(account));
            else if (handler.received(account)) assertEq(token.delegates(account), account);
        }
    }

    function invariant_supplyIsFixed() public view {
        uint256 sum;
        for (uint256 i; i < 6; ++i) {
            sum += token.balanceOf(handler.actors(i));
        }
        assertEq(sum, 1_500);
        assertEq(token.totalSupply(), 1_500);
    }
}
