// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DaoConfig} from "../types/Types.sol";

/// @title Decisions of a project: OpenZeppelin's Governor with timelock, quorum in basis points of the supply, late
/// quorum protection and a guardian that can only cancel.
/// @notice What is not OpenZeppelin's: the guardian is nobody from its sunset on. The sunset never moves, so that a
/// guardian that cancels every vote on its own removal is gone on a date known from the start.
/// @dev EIP-712 domain of ballots: name "dgov", version "1". A proposal whose description ends in `#proposer=0x...` can
/// be made by that account only.
interface IDataGovernor {
    /// @notice The guardian's time is over, or never was: nobody can be made guardian now.
    error GuardianSunsetPassed(address guardian, uint256 sunset, uint256 now_);
    /// @notice Nobody could ever propose.
    error ThresholdAboveSupply(uint256 threshold, uint256 supply);

    /// @notice Sets a clone up; once.
    /// @param token Where the votes are; its clock is the governor's.
    /// @param timelock Who executes what was decided.
    /// @param dao Voting settings and guardian; name and allocations are the token's matter.
    function initialize(address token, address payable timelock, DaoConfig calldata dao) external;

    /// @notice Unix seconds from which the guardian is nobody; zero if there never was one.
    function guardianSunset() external view returns (uint48);
}
