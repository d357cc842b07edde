// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IssuePass, Pass, Version} from "../types/Types.sol";

/// @title Soulbound access pass (ERC-721, ERC-5192, ERC-5484), one per holder and dataset, renewed in place.
interface IAccessPass {
    /// @notice A pass was bought.
    event Purchased(
        uint256 indexed passId,
        bytes32 indexed datasetId,
        address indexed holder,
        bytes32 versionKey,
        bytes32 termsId,
        uint256 price,
        uint40 expiry
    );

    /// @notice A pass was issued without a sale.
    event PassIssued(
        uint256 indexed passId, bytes32 indexed datasetId, address indexed holder, bytes32 termsId, uint40 expiry
    );

    /// @notice A pass was revoked before its time.
    event Revoked(uint256 indexed passId, bytes32 indexed datasetId, address indexed holder);

    /// @notice A pass moved to another account of the same holder.
    event Reissued(uint256 indexed oldPassId, uint256 indexed newPassId, address indexed newHolder);

    /// @notice Buys or renews the sender's pass in one transaction; the price goes to the pool of this version.
    /// @param version The version, as registered; the pool follows from it.
    /// @param maxPrice The most the buyer will pay, in the smallest unit of the terms' currency.
    function purchase(Version calldata version, bytes32 termsId, uint256 maxPrice)
        external
        payable
        returns (uint256 passId);

    /// @notice Issues a pass with the consent of issuer and holder, each as sender or as signer.
    /// @param number Number of the version whose key the request names.
    function issueBySig(
        IssuePass calldata request,
        bytes32 datasetId,
        uint32 number,
        bytes calldata issuerSignature,
        bytes calldata holderSignature
    ) external returns (uint256 passId);

    /// @notice Ends a pass early where its terms allow that: by the dataset's owner or the holder, as `burnAuth` says.
    function revoke(address holder, bytes32 datasetId) external;

    /// @notice Moves what is left of a pass to another account after a loss of keys. Restricted to the DAO; the new
    /// account's consent is a signed IssuePass with the old expiry and burnAuth.
    function reissue(
        address oldHolder,
        IssuePass calldata request,
        bytes32 datasetId,
        uint32 number,
        bytes calldata holderSignature
    ) external returns (uint256 passId);

    /// @notice Whether the account may use the dataset for the purpose now.
    /// @param purpose Bit number of the purpose.
    function isValid(address account, bytes32 datasetId, uint8 purpose) external view returns (bool);

    /// @notice The pass of an account for a dataset; all zero if there is none.
    function passOf(address account, bytes32 datasetId) external view returns (Pass memory);

    /// @notice The id of the pass of an account for a dataset.
    function passIdOf(address account, bytes32 datasetId) external pure returns (uint256);

    /// @notice Native coin paid in excess that the account can pull.
    function creditOf(address account) external view returns (uint256);

    /// @notice Pays the sender's credit out.
    function withdrawCredit() external returns (uint256 amount);
}
