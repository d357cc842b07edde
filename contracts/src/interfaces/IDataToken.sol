// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Allocation} from "../types/Types.sol";

/// @title The votes of a project: ERC-20 with ERC-5805 votes and ERC-2612 permits, counted in unix seconds (ERC-6372).
/// @notice The supply is fixed at deployment: nothing mints or burns afterwards.
/// @notice Whoever receives tokens for the first time votes with them at once, without a transaction of their own: the
/// account delegates to itself, unless it delegated before, to anyone or to nobody.
/// @dev EIP-712 domain: name "dgov", version "1", also for permits; `eip712Domain` says so (ERC-5267).
interface IDataToken {
    /// @notice The allocations add up to nothing; a project without votes could never decide anything.
    error SupplyMissing();

    /// @notice Sets a clone up; once.
    /// @param name Name of the token.
    /// @param symbol Symbol of the token.
    /// @param allocations Who gets how much, in the smallest unit (18 decimals); rows of one account add up.
    /// @param treasury Stands in for the zero address in `allocations`.
    function initialize(
        string calldata name,
        string calldata symbol,
        Allocation[] calldata allocations,
        address treasury
    ) external;

    /// @notice Whether the account once delegated to nobody; its receipts then never delegate by themselves.
    function declinedVotes(address account) external view returns (bool);
}
