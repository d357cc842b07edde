// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title What a module asks a governor: who may cancel.
interface IProposalGuardian {
    /// @notice Who may cancel now; zero for nobody.
    function proposalGuardian() external view returns (address);
}
