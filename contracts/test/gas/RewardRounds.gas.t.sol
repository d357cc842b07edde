// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RoundClaim} from "../../src/types/Modules.sol";
import {GasTest} from "../helpers/GasTest.sol";
import {RoundsFixture} from "../support/RoundsFixture.sol";

/// @notice What rounds cost as whole transactions; run with `--isolate`. Paths are those of rounds of 1,000 and a million
/// accounts: 10 and 20 siblings, as the mean of random keys is.
contract RewardRoundsGasTest is RoundsFixture, GasTest {
    string private constant GROUP = "RewardRounds";

    address private account = makeAddr("account");
    address private other = makeAddr("other");
    address private caller = makeAddr("caller");

    function setUp() public override {
        super.setUp();
        token.mint(PUBLISHER, 1e30);
        vm.prank(PUBLISHER);
        token.approve(address(rounds), type(uint256).max);
        // Payees have had coin and token before.
        vm.deal(account, 1);
        token.mint(account, 1);
    }

    function test_Publish() external isolated {
        bytes32 top = keccak256("top");
        uint40 expires = uint40(block.timestamp + WINDOW + 90 days);
        bytes memory data = abi.encodeCall(rounds.publish, (top, 1_000, 1e15, address(0), expires, LIST));
        _measurePaid(GROUP, "publish, native coin", 140_000, PUBLISHER, address(rounds), 1 ether + BOND, data);
        data = abi.encodeCall(rounds.publish, (top, 1_000, 1e15, address(token), expires, LIST));
        _measurePaid(GROUP, "publish, token, first", 180_000, PUBLISHER, address(rounds), BOND, data);
        _measurePaid(GROUP, "publish, token, again", 165_000, PUBLISHER, address(rounds), BOND, data);
        _measure(GROUP, "cancel", 45_000, GUARDIAN, address(rounds), abi.encodeCall(rounds.cancel, (1)));
        _measure(GROUP, "sweep", 52_000, caller, address(rounds), abi.encodeCall(rounds.sweep, (1)));
        skip(WINDOW);
        _measure(GROUP, "returnBond", 52_000, caller, address(rounds), abi.encodeCall(rounds.returnBond, (2)));
    }

    function test_ClaimOf1000() external isolated {
        _claims("1,000", 10, 62_000);
    }

    function test_ClaimOfAMillion() external isolated {
        _claims("a million", 20, 70_000);
    }

    function test_TenOfAMillion() external isolated {
        RoundClaim[] memory items = new RoundClaim[](10);
        for (uint256 i; i < 10; ++i) {
            items[i] = _round(20, address(0));
        }
        skip(WINDOW);
        bytes memory data = abi.encodeCall(rounds.claim, (account, items));
        _measure(GROUP, "claim, ten rounds of a million, first", 365_000, caller, address(rounds), data);
    }

    /// @dev Somebody was paid by the round before, so that its counter is not the first claim's to pay.
    function _claims(string memory size, uint256 siblings, uint256 budget) private {
        for (uint256 i; i < 2; ++i) {
            address currency = i == 0 ? address(0) : address(token);
            string memory name = string.concat("claim, ", i == 0 ? "native coin, " : "token, ", size);
            // Tokens: 9,000 more.
            uint256 again = budget + 9_000 * i;
            RoundClaim[] memory items = new RoundClaim[](1);
            items[0] = _round(siblings, currency);
            skip(WINDOW);
            _measure(
                GROUP,
                string.concat(name, i == 0 ? ", first" : ", again"),
                i == 0 ? again + 17_000 : again,
                caller,
                address(rounds),
                abi.encodeCall(rounds.claim, (account, items))
            );
            if (i != 0) continue;
            items[0] = _round(siblings, currency);
            skip(WINDOW);
            _measure(
                GROUP,
                string.concat(name, ", again"),
                again,
                caller,
                address(rounds),
                abi.encodeCall(rounds.claim, (account, items))
            );
        }
    }

    /// @dev A round with the account's leaf of 777 units this deep, among siblings whose hashes are made up.
    function _round(uint256 depth, address currency) private returns (RoundClaim memory item) {
        bytes32 key = keccak256(abi.encodePacked(account));
        bytes32 node = keccak256(abi.encodePacked(uint8(0), key, uint64(777), bytes32(0)));
        uint64 sum = 777;
        item.units = 777;
        item.bitmap = (1 << depth) - 1;
        for (uint256 d = depth; d > 0;) {
            --d;
            bytes32 beside = keccak256(abi.encode("beside", d));
            uint64 weight = uint64(700 << (depth - d - 1));
            item.siblings = bytes.concat(item.siblings, abi.encodePacked(beside, weight));
            node = uint256(key) >> (255 - d) & 1 == 0
                ? keccak256(abi.encodePacked(uint8(1), node, sum, beside, weight))
                : keccak256(abi.encodePacked(uint8(1), beside, weight, node, sum));
            sum += weight;
        }
        uint256 value = currency == address(0) ? uint256(sum) * 1e9 + BOND : BOND;
        vm.deal(PUBLISHER, value);
        vm.prank(PUBLISHER);
        item.roundId = rounds.publish{value: value}(node, sum, 1e9, currency, 0, LIST);
    }
}
