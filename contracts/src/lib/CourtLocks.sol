// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IValidatorStake} from "../interfaces/IValidatorStake.sol";
import {LockState} from "../types/Modules.sol";
import {Module} from "./Module.sol";

/// @title Locks that cases hold together
/// @notice A lock is held while any case claims it, and taken by the first case that is ruled for its challenger. It goes
/// back when the last claim ends, or when the case that took it is lost on appeal.
/// @dev What this contract holds is in its own books, so that it never touches a lock that another court holds.
abstract contract CourtLocks is Module {
    using SafeCast for uint256;

    /// @dev Slot: 64 + 64 + 8 bits.
    struct Hold {
        /// Cases that are not over and claim the lock.
        uint64 claims;
        /// The case that took it into escrow.
        uint64 taker;
        /// Whether the stake module holds it for this contract.
        bool held;
    }

    mapping(bytes32 lockId => Hold) private _holds;

    function _stake() internal view returns (IValidatorStake) {
        return IValidatorStake(_wired(2));
    }

    /// @dev Claims an attestation; the stake module checks its window.
    function _claimAttestation(bytes32 lockId) internal returns (uint96 amount) {
        Hold storage hold = _holds[lockId];
        (hold.held, hold.claims) = (true, 1);
        (, amount) = _stake().hold(lockId);
    }

    /// @dev Claims a backing if there is one that is free, or that another case here holds.
    function _claimBacking(bytes32 lockId) internal returns (uint96 amount, bool claimed) {
        Hold storage hold = _holds[lockId];
        if (!hold.held && !_holdFree(hold, lockId)) return (0, false);
        ++hold.claims;
        return (_stake().lockOf(lockId).amount, true);
    }

    /// @dev Takes a claimed lock into escrow for a case, unless another case was first.
    function _seize(bytes32 lockId, uint256 caseId) internal {
        Hold storage hold = _holds[lockId];
        if (hold.taker != 0) return;
        // Another case on the dataset may have taken what was there, and its owner may have put up stake again.
        if (!hold.held && !_holdFree(hold, lockId)) return;
        hold.taker = caseId.toUint64();
        _stake().take(lockId);
    }

    /// @dev Ends the claim of a case.
    /// @return slashed The coin that arrived.
    function _settleLock(bytes32 lockId, uint256 caseId, bool won, uint32 extension) internal returns (uint96 slashed) {
        Hold storage hold = _holds[lockId];
        uint64 claims = --hold.claims;
        if (hold.taker == caseId) {
            hold.taker = 0;
            if (won) {
                hold.held = false;
                // Counted, not believed: bonds of other cases are in the same balance.
                uint256 before = address(this).balance;
                _stake().forfeit(lockId);
                return (address(this).balance - before).toUint96();
            }
        } else if (!hold.held || claims != 0) {
            // Where another case took the lock, that case claims it still.
            return 0;
        }
        hold.held = claims != 0;
        _stake().giveBack(lockId, extension);
        if (claims != 0) _stake().hold(lockId);
    }

    /// @dev Holds a backing that nobody holds, if there is one.
    function _holdFree(Hold storage hold, bytes32 lockId) private returns (bool) {
        if (_stake().lockOf(lockId).state != LockState.Live) return false;
        hold.held = true;
        _stake().hold(lockId);
        return true;
    }
}
