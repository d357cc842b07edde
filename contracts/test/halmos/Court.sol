// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";
import {CourtMoney} from "../../src/lib/CourtMoney.sol";
import {Case, Side} from "../../src/types/Modules.sol";

/// @notice How a case is divided. Run by scripts/test-deep; Foundry runs no `check_`.
contract CourtProof is Test {
    Case internal c;

    /// @dev For all amounts: payees and treasury together get exactly what the case holds.
    function check_ACaseIsDividedExactly(
        uint96 challengerPot,
        uint96 respondentPot,
        uint96 fee,
        uint96 slashed,
        uint96 appealBond,
        uint8 ruling
    ) external {
        uint256 held = _write(challengerPot, respondentPot, fee, slashed, appealBond, ruling);
        (uint256 pot, uint256 payout, uint256 toTreasury) = CourtMoney.split(c);
        assert(payout + toTreasury == held);
        if (c.ruling == Side.Nobody) assert(pot == uint256(challengerPot) + respondentPot);
        else assert(pot == (c.ruling == Side.Challenger ? challengerPot : respondentPot));
    }

    /// @dev For bonds of one or two of an account on each side and of another on the challenger's, and all other amounts: they
    /// never get more than there is.
    function check_PartsAreCovered(uint8 chosen, uint96 fee, uint96 slashed, uint96 appealBond, uint8 ruling) external {
        // A solver can divide by numbers that it knows.
        for (uint256 i; i < 8; ++i) {
            if (chosen != i) continue;
            (uint96 a, uint96 b, uint96 x) = (uint96(1 + i % 2), uint96(1 + i / 2 % 2), uint96(1 + i / 4));
            uint256 held = _write(a + b, x, fee, slashed, appealBond, ruling);
            uint256 paid = CourtMoney.partOf(c, a, x) + CourtMoney.partOf(c, b, 0);
            (,, uint256 toTreasury) = CourtMoney.split(c);
            assert(paid + toTreasury <= held);
        }
    }

    /// @dev A case as the court leaves it: stake is lost to a challenger only, and a side that won is there.
    function _write(
        uint96 challengerPot,
        uint96 respondentPot,
        uint96 fee,
        uint96 slashed,
        uint96 appealBond,
        uint8 ruling
    ) internal returns (uint256 held) {
        vm.assume(ruling <= 2);
        vm.assume(challengerPot != 0);
        vm.assume(ruling == 1 || slashed == 0);
        (c.challengerPot, c.respondentPot, c.fee) = (challengerPot, respondentPot, fee);
        (c.slashed, c.appealBond, c.ruling) = (slashed, appealBond, Side(ruling));
        uint256 both = uint256(challengerPot) + respondentPot;
        held = (fee < both ? both - fee : 0) + slashed + appealBond;
    }
}
