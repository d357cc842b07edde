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

    /// @notice Native coin paid in excess waits for the account.
    event CreditAdded(address indexed account, uint256 amount);

    /// @notice The account pulled its credit.
    event CreditWithdrawn(address indexed account, uint256 amount);

    /// @notice The account made its next nonce of a key unusable.
    event NonceCancelled(address indexed account, uint256 nonce);

    /// @notice The version is not the one registered under this number.
    error VersionMismatch(bytes32 registered, bytes32 given);
    /// @notice The terms are not those of the pass.
    error TermsMismatch(bytes32 expected, bytes32 given);
    /// @notice The price is more than the buyer agreed to.
    error PriceAboveMaximum(uint256 price, uint256 maxPrice);
    /// @notice The native coin sent does not cover the price.
    error ValueInsufficient(uint256 price, uint256 sent);
    /// @notice The pass has no end under these terms already; paying again would buy nothing.
    error PassEndless(uint256 passId);
    /// @notice The holder has a pass that still counts and allows more, or for longer, than the new one would.
    error PassWouldShrink(uint256 passId, uint40 oldExpiry, uint40 newExpiry, uint16 oldPurposes, uint16 newPurposes);
    /// @notice The request's deadline has passed.
    error RequestExpired(uint256 deadline);
    /// @notice An expiry that has passed, does not fit 40 bits, or is not the one of the pass to be moved.
    error ExpiryInvalid(uint64 expiry);
    /// @notice No ERC-5484 burn authorization, or not the one of the pass to be moved.
    error BurnAuthInvalid(uint8 burnAuth);
    /// @notice The request names another issuer than the one who may issue here.
    error IssuerInvalid(address issuer, address expected);
    /// @notice Neither the sender nor a valid signature of this account.
    error SignatureInvalid(address signer);
    /// @notice The pass's burn authorization does not let this account end it.
    error RevokeForbidden(address caller, uint256 passId, uint8 burnAuth);
    /// @notice The account has no credit.
    error NoCredit(address account);

    /// @notice Buys or renews the sender's pass in one transaction; the price goes to the pool of this version.
    /// The same terms are added to what is left of the pass. Other terms take its place if it has expired, or if they
    /// allow at least as much for at least as long. Native coin beyond the price becomes credit. Terms with a price module
    /// cost what the module says at this sale; passes issued without a sale are not counted there.
    /// @param version The version, as registered; the pool follows from it.
    /// @param maxPrice The most the buyer will pay, in the smallest unit of the terms' currency.
    function purchase(Version calldata version, bytes32 termsId, uint256 maxPrice)
        external
        payable
        returns (uint256 passId);

    /// @notice Issues a pass with the consent of issuer and holder, each as sender or as signer. The issuer is the owner
    /// of the dataset's token; it vouches that the terms are for the license of the version.
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
    /// account's consent is a signed IssuePass with the old terms, expiry and burnAuth, and with the caller as issuer,
    /// so that it can't be used for anything else.
    function reissue(
        address oldHolder,
        IssuePass calldata request,
        bytes32 datasetId,
        uint32 number,
        bytes calldata holderSignature
    ) external returns (uint256 passId);

    /// @notice Makes the sender's next nonce of this key unusable, and with it every signature that bears it.
    function cancelNonce(uint192 key) external returns (uint256 nonce);

    /// @notice The next nonce of the account for this key, key included (`u192 key || u64 sequence`).
    function nonces(address account, uint192 key) external view returns (uint256 nonce);

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

    /// @notice The EIP-712 domain separator of this contract.
    function domainSeparator() external view returns (bytes32);

    /// @notice The dataset registry whose versions are sold here.
    function registry() external view returns (address);

    /// @notice The license registry that sets the terms.
    function licenses() external view returns (address);

    /// @notice The royalty vault that gets the price.
    function vault() external view returns (address);
}
