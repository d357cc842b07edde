// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Lock, LockKind, LockState, StakeAccount} from "../src/types/Modules.sol";
import {Version} from "../src/types/Types.sol";
import {StakeFixture} from "./support/StakeFixture.sol";
import {StakeHandler} from "./support/StakeHandler.sol";

/// @notice The stakes' books under stakers, a willful court and thieves.
contract ValidatorStakeInvariantTest is StakeFixture {
    StakeHandler internal handler;

    function setUp() public override {
        super.setUp();
        bytes32[] memory versions = new bytes32[](3);
        bytes32[] memory datasets = new bytes32[](2);
        string[3] memory slugs = ["first", "second", "third"];
        for (uint256 i; i < 3; ++i) {
            Version memory version = _register(slugs[i], keccak256("contributors"), keccak256("splits"));
            versions[i] = this._hashOf(version);
            if (i < 2) datasets[i] = version.datasetId;
        }
        handler = new StakeHandler(stake, court, registry, versions, datasets);
        targetContract(address(handler));
        bytes4[] memory selectors = new bytes4[](20);
        // What makes locks, and time, more often than the rest.
        selectors[0] = selectors[1] = selectors[2] = handler.stake.selector;
        selectors[3] = selectors[4] = handler.attest.selector;
        selectors[5] = handler.back.selector;
        selectors[6] = selectors[7] = handler.requestUnstake.selector;
        selectors[8] = selectors[9] = handler.unstake.selector;
        selectors[10] = handler.endBacking.selector;
        selectors[11] = handler.release.selector;
        selectors[12] = handler.sellDataset.selector;
        selectors[13] = handler.hold.selector;
        selectors[14] = handler.take.selector;
        selectors[15] = handler.giveBack.selector;
        selectors[16] = handler.forfeit.selector;
        selectors[17] = handler.usurp.selector;
        selectors[18] = handler.setRefuses.selector;
        selectors[19] = handler.pass.selector;
        targetSelector(FuzzSelector(address(handler), selectors));
        bytes4[] memory rare = new bytes4[](2);
        (rare[0], rare[1]) = (handler.forge.selector, handler.force.selector);
        targetSelector(FuzzSelector(address(handler), rare));
    }

    /// @dev One invariant for all, so that each run's calls are made once.
    /// forge-config: default.invariant.runs = 24
    function invariant_Books() external view {
        assertEq(handler.broken(), 0, "something that must never happen");
        uint256 all = handler.forced();
        uint256 allLost;
        for (uint256 a; a < handler.ACTORS(); ++a) {
            address actor = handler.actors(a);
            all += _actorsBooks(actor);
            allLost += handler.lostStake(actor);
        }
        assertEq(address(stake).balance, all, "coin and books");
        assertEq(address(court).balance, allLost, "forfeited and the court's coin");
        _qualityIsTheMean();
    }

    /// @notice All cases over and all locks free: everybody gets all that they did not lose.
    function afterInvariant() external {
        handler.leave();
        assertEq(address(stake).balance, handler.forced());
        for (uint256 a; a < handler.ACTORS(); ++a) {
            address actor = handler.actors(a);
            assertEq(actor.balance, 1e24 - handler.lostStake(actor));
            assertEq(stake.accountOf(actor).locked, 0);
        }
        assertEq(handler.broken(), 0);
    }

    /// @return sum Coin that is here for the actor.
    function _actorsBooks(address actor) private view returns (uint256 sum) {
        StakeAccount memory account = stake.accountOf(actor);
        (uint256 locked, uint256 escrow) = _locksOf(actor);
        assertEq(account.locked, locked, "locked is the sum of locks");
        assertGe(uint256(account.active) + account.unbonding, account.locked, "locks are covered");
        assertEq(account.active, handler.active(actor), "active");
        assertEq(account.upheld, handler.upheld(actor));
        assertEq(account.lost, handler.lost(actor));
        uint256 unbonding;
        for (uint256 i; i < handler.entryCount(actor); ++i) {
            StakeHandler.Entry memory entry = handler.entryAt(actor, i);
            assertEq(stake.unbondingOf(actor, i).amount, entry.amount, "request");
            if (entry.amount != 0) assertEq(stake.unbondingOf(actor, i).readyAt, entry.readyAt);
            unbonding += entry.amount;
        }
        assertEq(account.unbonding, unbonding, "unbonding is the sum of requests");
        sum = uint256(account.active) + account.unbonding + escrow;
        assertEq(actor.balance, 1e24 - sum - handler.lostStake(actor), "nobody gained");
    }

    function _locksOf(address actor) private view returns (uint256 locked, uint256 escrow) {
        for (uint256 i; i < handler.lockCount(); ++i) {
            Lock memory lock = stake.lockOf(handler.lockIds(i));
            if (lock.owner != actor) continue;
            if (lock.state == LockState.Live || lock.state == LockState.Held) locked += lock.amount;
            if (lock.state == LockState.Escrowed) escrow += lock.amount;
        }
    }

    function _qualityIsTheMean() private view {
        for (uint256 v; v < handler.VERSIONS(); ++v) {
            uint256 sum;
            uint256 n;
            for (uint256 i; i < handler.lockCount(); ++i) {
                Lock memory lock = stake.lockOf(handler.lockIds(i));
                if (lock.kind != LockKind.Attestation || lock.subject != handler.versions(v)) continue;
                if (lock.state == LockState.Lost) continue;
                (sum, n) = (sum + lock.score, n + 1);
            }
            (uint256 mean, uint256 count) = stake.qualityOf(handler.versions(v));
            assertEq(count, n);
            assertEq(mean, n == 0 ? 0 : sum / n);
        }
    }
}
