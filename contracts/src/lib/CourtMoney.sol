// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Case, Side} from "../types/Modules.sol";

/// @title Who gets what of a case that is over
/// @notice What a case holds is both pots, what was slashed and a lost appeal bond, less the arbitrator's fee. `split`
/// divides exactly that between the payees and the treasury; `partOf` rounds each payee's part down. So parts never add up
/// to more than there is, and less than one wei for each payee is left over.
library CourtMoney {
    /// @notice How a case is divided.
    /// @return pot The bonds that are paid for.
    /// @return payout What all of them get.
    /// @return toTreasury What the treasury gets.
    function split(Case storage c) internal view returns (uint256 pot, uint256 payout, uint256 toTreasury) {
        // All amounts are below 2^96, and no subtraction goes below zero.
        unchecked {
            uint256 both = uint256(c.challengerPot) + c.respondentPot;
            uint256 rest = both - _min(c.fee, both);
            if (c.ruling == Side.Nobody) return (both, rest, c.appealBond);

            (uint256 winners, uint256 losers) = c.ruling == Side.Challenger
                ? (uint256(c.challengerPot), uint256(c.respondentPot))
                : (uint256(c.respondentPot), uint256(c.challengerPot));
            uint256 lost = losers - _min(c.fee, losers);
            uint256 spoils = lost + c.slashed + c.appealBond;
            pot = winners;
            // The winners' own bonds, less what the losing pot did not have for the fee, and their half.
            payout = rest - lost + spoils / 2;
            toTreasury = spoils - spoils / 2;
        }
    }

    /// @notice The part of an account with these bonds.
    function partOf(Case storage c, uint256 onChallenger, uint256 onRespondent) internal view returns (uint256) {
        uint256 bonds = c.ruling == Side.Nobody
            ? onChallenger + onRespondent
            : c.ruling == Side.Challenger ? onChallenger : onRespondent;
        if (bonds == 0) return 0;
        (uint256 pot, uint256 payout,) = split(c);
        // Bonds are at most the pot, so the pot is not zero; both factors are below 2^99.
        return bonds * payout / pot;
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
