// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ModuleConfig} from "./Modules.sol";

/// @notice One immutable version of a dataset. Its EIP-712 struct hash is the version key; field order is normative
/// (`spec.md`, "EIP-712").
struct Version {
    /// keccak256(abi.encode(keccak256("dgov.dataset.v1"), chainId, registry, publisher, salt)).
    bytes32 datasetId;
    /// 1 for the first version, +1 each.
    uint32 number;
    /// The sha2-256 digest inside the CIDv1 root of the package.
    bytes32 packageDigest;
    /// Root of the record tree, kind 1.
    bytes32 recordRoot;
    /// Number of records, duplicates included: the sum at the top of the record tree.
    uint64 records;
    /// Root of the contributor tree, kind 2.
    bytes32 contributorRoot;
    /// Digest of the splits, see `Split`.
    bytes32 splitsDigest;
    /// sha256 of the stored bytes of the data card.
    bytes32 cardDigest;
    /// sha256 of the stored bytes of the license text.
    bytes32 licenseDigest;
    /// keccak256 of the parents' version keys, strictly ascending, at most 16; or zero.
    bytes32 parentsHash;
}

/// @notice A fixed share of gross income, in basis points.
struct Split {
    address to;
    uint16 bps;
}

/// @notice Status of a version; it lives beside the version key, never inside it.
enum Status {
    Active,
    Deprecated,
    Recalled,
    Disputed
}

/// @notice Append-only license terms. Their id is
/// keccak256(abi.encode(keccak256("dgov.terms.v1"), each field in this order)).
struct Terms {
    /// sha256 of the license text.
    bytes32 licenseDigest;
    /// Purposes allowed, bit i as numbered in `spec.md`; neither allowed nor denied means denied.
    uint16 allow;
    /// Purposes denied; disjoint from `allow`.
    uint16 deny;
    /// Price of one term, in the smallest unit of `currency`.
    uint128 price;
    /// ERC-20 token, or zero for the chain's own coin.
    address currency;
    /// Seconds that one purchase adds; 0 means without end.
    uint40 duration;
    /// Whether the issuer may revoke a pass before it expires.
    bool revocable;
    /// Declared share of a licensee's own revenue, basis points; recorded, not enforced.
    uint16 royaltyBps;
    /// An `IPriceModule` that says what a pass costs, starting from `price`; zero if that is always `price`.
    address priceModule;
    /// What the module makes of it is the module's to say; zero without one.
    uint96 priceStep;
}

/// @notice How gross income is to be divided among the roles, basis points that add up to 10,000. The DAO owns it; each
/// version then fixes its own splits.
struct RoyaltyPolicy {
    uint16 contributors;
    uint16 curators;
    uint16 validators;
    uint16 treasury;
}

/// @notice What identifies a royalty pool; the pool id is the hash of these with chain and vault (`spec.md`).
struct PoolKey {
    bytes32 datasetId;
    bytes32 contributorRoot;
    /// The contributors' share of gross income, basis points.
    uint16 contributorsBps;
    /// keccak256(abi.encode(Split[])), splits strictly ascending by `to`.
    bytes32 splitsHash;
}

/// @notice A contributor's claim on one pool in one currency, with the proof of the leaf
/// (keccak256(account), shares, consent).
struct ContributorClaim {
    PoolKey pool;
    address currency;
    uint64 shares;
    bytes32 consent;
    uint256 bitmap;
    bytes siblings;
}

/// @notice A fixed payee's claim on one pool in one currency. The payee's row is looked up in `splits`.
struct SplitClaim {
    bytes32 datasetId;
    bytes32 contributorRoot;
    uint16 contributorsBps;
    Split[] splits;
    address currency;
}

/// @notice EIP-712 order to pay what pools owe `account` in one currency to `to` instead.
struct ClaimTo {
    address account;
    address to;
    /// ERC-20 token, or zero for the chain's own coin.
    address currency;
    /// keccak256 of the ids of the pools, strictly ascending, each once.
    bytes32 poolsHash;
    uint256 nonce;
    uint256 deadline;
}

/// @notice First recipients of the governance token.
struct Allocation {
    /// Zero stands for the DAO's own timelock, whose address depends on this configuration.
    address to;
    uint256 amount;
}

/// @notice What the governance half of a project is deployed with.
struct DaoConfig {
    string name;
    string symbol;
    Allocation[] allocations;
    /// Seconds.
    uint48 votingDelay;
    uint32 votingPeriod;
    uint48 lateQuorumExtension;
    uint48 timelockDelay;
    /// Votes, in the smallest unit of the token.
    uint256 proposalThreshold;
    /// Basis points of the supply at the snapshot.
    uint16 quorumBps;
    /// May cancel proposals until `guardianSunset` (unix seconds); zero for none.
    address guardian;
    uint48 guardianSunset;
}

/// @notice What the data half of a project is deployed with.
struct ProjectConfig {
    /// A version is for sale only after the DAO approved its card.
    bool daoApprovesCards;
    RoyaltyPolicy policy;
    Terms[] terms;
    /// ERC-20 tokens that the vault accepts besides the chain's own coin.
    address[] currencies;
    /// What the modules are set up with, for good.
    ModuleConfig modules;
}

/// @notice The contracts of one project.
struct Suite {
    address token;
    address timelock;
    address governor;
    address manager;
    address registry;
    address licenses;
    address vault;
    address pass;
    address stake;
    address court;
    address ledger;
    address rounds;
    address records;
}

/// @notice One pass, as stored.
struct Pass {
    address holder;
    /// Unix seconds; type(uint40).max means without end; 0 means none.
    uint40 expiry;
    /// Number of the terms in the license registry.
    uint24 termsNumber;
    uint16 purposes;
    /// ERC-5484: 0 issuer only, 1 owner only, 2 both, 3 neither.
    uint8 burnAuth;
}

/// @notice EIP-712 request for a pass; needs issuer and holder, as sender or as signer.
struct IssuePass {
    address issuer;
    address holder;
    bytes32 versionKey;
    bytes32 termsId;
    uint64 expiry;
    uint8 burnAuth;
    uint256 nonce;
    uint256 deadline;
}

/// @notice EIP-712 request to register a dataset for its publisher.
struct Register {
    address publisher;
    bytes32 salt;
    Version version;
    uint256 nonce;
    uint256 deadline;
}

/// @notice EIP-712 request to append a version for who owns the dataset's token when it is used.
struct AddVersion {
    bytes32 previous;
    Version version;
    uint256 nonce;
    uint256 deadline;
}

/// @notice EIP-712 consent of a contributor to the use of what they contributed. Its full digest, with the registry as
/// verifying contract, is what a contributor leaf commits to.
struct Consent {
    address contributor;
    /// Whose account the contributor's royalties go to.
    address payee;
    bytes32 datasetId;
    /// sha256 of the license text.
    bytes32 licenseDigest;
    /// Purposes allowed, bit i as numbered in `spec.md`.
    uint256 purposes;
    /// Unix seconds from when the consent no longer holds.
    uint64 expiry;
    /// Tells the consents of one contributor apart; nothing on chain uses it up.
    uint256 nonce;
    /// Until when a publisher may take the consent up. No chain state says when that was, so nothing on chain checks it.
    uint256 deadline;
}

/// @notice EIP-712 request to revoke a consent for its contributor.
struct RevokeConsent {
    address contributor;
    bytes32 consentDigest;
    uint256 nonce;
    uint256 deadline;
}
