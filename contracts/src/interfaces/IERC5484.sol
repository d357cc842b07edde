// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title ERC-5484: consensual soulbound tokens.
interface IERC5484 {
    /// @notice Who may end a token early.
    enum BurnAuth {
        IssuerOnly,
        OwnerOnly,
        Both,
        Neither
    }

    /// @notice A token was issued under this authorization.
    event Issued(address indexed from, address indexed to, uint256 indexed tokenId, BurnAuth burnAuth);

    /// @notice Who may end the token early; reverts if there is no such token.
    function burnAuth(uint256 tokenId) external view returns (BurnAuth);
}
