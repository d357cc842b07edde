// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {StakeAccount} from "../../src/types/Modules.sol";
import {StakeFixture} from "../support/StakeFixture.sol";

/// @notice Cover of locks, for all amounts. Run by scripts/test-deep; Foundry runs no `check_`.
contract StakeProof is StakeFixture {
    address internal constant VALIDATOR = address(0xa11ce);

    bytes32 internal versionKey;
    uint256 internal escrow;

    function setUp() public override {
        super.setUp();
        versionKey = this._hashOf(_register("set", keccak256("contributors"), keccak256("splits")));
        vm.deal(VALIDATOR, type(uint96).max);
        // Somebody else's stake, within reach of books that are wrong.
        vm.deal(address(this), 1e24);
        stake.stake{value: 1e24}();
    }

    /// @dev Stake, an attestation, a request, a case that takes, unstaking with a lock in escrow, and both ends of the case.
    function check_LocksStayCovered(uint96 staked, uint96 asked, uint96 more, bool takes, bool lost) external {
        vm.assume(staked >= LOCK && staked < 1e26 && more != 0 && more < 1e26);
        vm.assume(asked != 0 && asked <= staked);
        vm.startPrank(VALIDATOR);
        stake.stake{value: staked}();
        bytes32 lockId = stake.attest(versionKey, 9_000, keccak256("evidence"));
        stake.requestUnstake(asked);
        vm.stopPrank();
        _covered();

        court.hold(lockId);
        if (takes) {
            court.take(lockId);
            escrow = LOCK;
            _covered();
        }
        vm.warp(block.timestamp + UNBONDING);
        try stake.unstake(VALIDATOR, 0) {} catch {}
        _covered();
        vm.prank(VALIDATOR);
        stake.stake{value: more}();

        if (lost) court.forfeit(lockId);
        else court.giveBack(lockId, 1 days);
        escrow = 0;
        assert(address(court).balance == (lost ? LOCK : 0));
        _covered();
        try stake.unstake(VALIDATOR, 0) {} catch {}
        _covered();
    }

    function _covered() internal view {
        StakeAccount memory account = stake.accountOf(VALIDATOR);
        uint256 held = uint256(account.active) + account.unbonding;
        assert(held >= account.locked);
        assert(address(stake).balance == 1e24 + held + escrow);
    }
}
