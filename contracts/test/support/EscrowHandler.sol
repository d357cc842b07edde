// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";
import {VoteEscrow} from "../../src/templates/VoteEscrow.sol";
import {PlainToken} from "./Tokens.sol";

/// @notice Lockers of all kinds over years. Remembers each account's lock from the outcome of calls only, and what the votes
/// were when a second was over.
contract EscrowHandler is Test {
    struct Sample {
        uint256 time;
        uint256[4] votes;
        uint256 supply;
    }

    uint256 public constant FUNDS = 1e27;
    uint256 private constant WEEK = 7 days;

    VoteEscrow private immutable ESCROW;
    PlainToken private immutable TOKEN;
    address[4] public actors;
    Sample[] private _samples;
    mapping(address account => uint256) public amountOf;
    mapping(address account => uint256) public endOf;
    mapping(string call => uint256) public successes;
    string public breach;

    constructor(VoteEscrow escrow, PlainToken token) {
        (ESCROW, TOKEN) = (escrow, token);
        string[4] memory names = ["l1", "l2", "l3", "l4"];
        for (uint256 i; i < 4; ++i) {
            actors[i] = makeAddr(names[i]);
            token.mint(actors[i], FUNDS);
            vm.prank(actors[i]);
            token.approve(address(escrow), type(uint256).max);
        }
    }

    function sampleCount() external view returns (uint256) {
        return _samples.length;
    }

    function sampleAt(uint256 i) external view returns (Sample memory) {
        return _samples[i];
    }

    function lock(uint256 who, uint256 amount, uint256 weeks_, uint8 slip) external {
        address sender = actors[who % 4];
        amount = slip % 8 == 0 ? 0 : amount % 1e24;
        uint48 end = _end(weeks_, slip);
        vm.prank(sender);
        try ESCROW.lock(amount, end) {
            if (amountOf[sender] != 0) breach = "locked over a lock";
            _checkEnd(end);
            (amountOf[sender], endOf[sender]) = (amount, end);
            ++successes["lock"];
        } catch {}
    }

    function increase(uint256 who, uint256 amount) external {
        address sender = actors[who % 4];
        amount = amount % 1e24;
        vm.prank(sender);
        try ESCROW.increase(amount) {
            if (amountOf[sender] == 0 || endOf[sender] <= block.timestamp) breach = "increased what does not run";
            amountOf[sender] += amount;
            ++successes["increase"];
        } catch {}
    }

    function extend(uint256 who, uint256 weeks_, uint8 slip) external {
        address sender = actors[who % 4];
        uint48 end = _end(weeks_, slip);
        vm.prank(sender);
        try ESCROW.extend(end) {
            if (amountOf[sender] == 0 || endOf[sender] <= block.timestamp) breach = "extended what does not run";
            if (end <= endOf[sender]) breach = "shortened";
            _checkEnd(end);
            endOf[sender] = end;
            ++successes["extend"];
        } catch {}
    }

    function withdraw(uint256 who) external {
        address sender = actors[who % 4];
        vm.prank(sender);
        try ESCROW.withdraw() {
            if (endOf[sender] > block.timestamp) breach = "withdrawn before the end";
            if (amountOf[sender] == 0) breach = "withdrawn nothing";
            amountOf[sender] = 0;
            ++successes["withdraw"];
        } catch {}
    }

    /// @notice Seconds to years go by; what the votes were is written down.
    function wait(uint256 time, uint8 scale) external {
        _samples.push();
        Sample storage sample = _samples[_samples.length - 1];
        sample.time = block.timestamp;
        for (uint256 i; i < 4; ++i) {
            sample.votes[i] = ESCROW.getVotes(actors[i]);
        }
        sample.supply = ESCROW.totalSupply();
        uint256[4] memory most = [uint256(2), 1 weeks, 20 weeks, 250 weeks];
        vm.warp(block.timestamp + 1 + time % most[scale % 4]);
        ++successes["wait"];
    }

    function _checkEnd(uint256 end) private {
        if (end % WEEK != 0 || end <= block.timestamp || end > block.timestamp + 208 * WEEK) {
            breach = "an end that must not be";
        }
    }

    /// @dev Mostly the end of one of the next 208 weeks.
    function _end(uint256 weeks_, uint8 slip) private view returns (uint48) {
        uint256 end = (block.timestamp / WEEK + (slip % 4 == 1 ? weeks_ % 212 : 1 + weeks_ % 208)) * WEEK;
        return uint48(slip % 8 == 2 ? end + weeks_ % WEEK : end);
    }
}
