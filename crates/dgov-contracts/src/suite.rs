//! Bindings of the project's own contracts and the structs they share (`contracts/src/types`, `contracts/src/interfaces`).

// Members carry their documentation in the Solidity interfaces; repeating it here would let the two drift apart.
#![allow(missing_docs)]
// The generated calls have as many arguments as the functions.
#![allow(clippy::too_many_arguments)]

use alloy::sol;

sol! {
    /// One immutable version of a dataset; its EIP-712 struct hash is the version key.
    #[derive(Debug, PartialEq, Eq)]
    struct Version {
        bytes32 datasetId;
        uint32 number;
        bytes32 packageDigest;
        bytes32 recordRoot;
        uint64 records;
        bytes32 contributorRoot;
        bytes32 splitsDigest;
        bytes32 cardDigest;
        bytes32 licenseDigest;
        bytes32 parentsHash;
    }

    /// A fixed share of gross income, in basis points.
    #[derive(Debug, PartialEq, Eq)]
    struct Split {
        address to;
        uint16 bps;
    }

    /// Status of a version.
    #[derive(Debug, PartialEq, Eq)]
    enum Status {
        Active,
        Deprecated,
        Recalled,
        Disputed
    }

    /// License terms: price in the smallest unit of `currency` (zero address: native coin), duration in seconds
    /// (0: without end), purposes as bit masks. A price module (zero: none) starts from the price; what it makes of the step
    /// is its own to say.
    #[derive(Debug, PartialEq, Eq)]
    struct Terms {
        bytes32 licenseDigest;
        uint16 allow;
        uint16 deny;
        uint128 price;
        address currency;
        uint40 duration;
        bool revocable;
        uint16 royaltyBps;
        address priceModule;
        uint96 priceStep;
    }

    /// How gross income is divided among the roles, in basis points that add up to 10,000.
    #[derive(Debug, PartialEq, Eq)]
    struct RoyaltyPolicy {
        uint16 contributors;
        uint16 curators;
        uint16 validators;
        uint16 treasury;
    }

    /// What identifies a royalty pool.
    #[derive(Debug, PartialEq, Eq)]
    struct PoolKey {
        bytes32 datasetId;
        bytes32 contributorRoot;
        uint16 contributorsBps;
        bytes32 splitsHash;
    }

    /// A contributor's claim on one pool in one currency, with the proof of the leaf.
    #[derive(Debug, PartialEq, Eq)]
    struct ContributorClaim {
        PoolKey pool;
        address currency;
        uint64 shares;
        bytes32 consent;
        uint256 bitmap;
        bytes siblings;
    }

    /// A fixed payee's claim on one pool in one currency.
    #[derive(Debug, PartialEq, Eq)]
    struct SplitClaim {
        bytes32 datasetId;
        bytes32 contributorRoot;
        uint16 contributorsBps;
        Split[] splits;
        address currency;
    }

    /// EIP-712 order to pay what pools owe `account` in one currency to `to` instead.
    #[derive(Debug, PartialEq, Eq)]
    struct ClaimTo {
        address account;
        address to;
        address currency;
        bytes32 poolsHash;
        uint256 nonce;
        uint256 deadline;
    }

    /// First recipient of the governance token.
    #[derive(Debug, PartialEq, Eq)]
    struct Allocation {
        address to;
        uint256 amount;
    }

    /// The governance half of a project: times in seconds, votes in the token's smallest unit, quorum in basis points.
    #[derive(Debug, PartialEq, Eq)]
    struct DaoConfig {
        string name;
        string symbol;
        Allocation[] allocations;
        uint48 votingDelay;
        uint32 votingPeriod;
        uint48 lateQuorumExtension;
        uint48 timelockDelay;
        uint256 proposalThreshold;
        uint16 quorumBps;
        address guardian;
        uint48 guardianSunset;
    }

    /// What the modules are initialized with, for good: times in seconds, amounts in the chain's smallest unit.
    #[derive(Debug, PartialEq, Eq)]
    struct ModuleConfig {
        uint96 attestationLock;
        uint96 minBond;
        uint16 bondBps;
        uint32 challengeWindow;
        uint32 answerWindow;
        uint32 rulingWindow;
        uint32 appealWindow;
        uint32 unbonding;
        uint32 cancelWindow;
        uint96 roundBond;
        address arbitrator;
        bytes arbitratorExtraData;
    }

    /// The data half of a project.
    #[derive(Debug, PartialEq, Eq)]
    struct ProjectConfig {
        bool daoApprovesCards;
        RoyaltyPolicy policy;
        Terms[] terms;
        address[] currencies;
        ModuleConfig modules;
    }

    /// The contracts of one project.
    #[derive(Debug, PartialEq, Eq)]
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

    /// One access pass, as stored; `expiry` in unix seconds, 2^40 - 1 means without end.
    #[derive(Debug, PartialEq, Eq)]
    struct Pass {
        address holder;
        uint40 expiry;
        uint24 termsNumber;
        uint16 purposes;
        uint8 burnAuth;
    }

    /// EIP-712 request for a pass; needs issuer and holder, each as sender or as signer.
    #[derive(Debug, PartialEq, Eq)]
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

    /// Provenance: one ERC-721 token per dataset, versions append.
    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    interface IDatasetRegistry {
        event VersionAdded(
            bytes32 indexed datasetId,
            bytes32 indexed versionKey,
            bytes32 indexed packageDigest,
            address publisher,
            bytes32 salt,
            bytes32 metaDigest,
            Version version
        );
        event StatusChanged(
            bytes32 indexed datasetId, bytes32 indexed versionKey, Status status, bytes32 successor, bytes32 evidence
        );
        event CardApproval(bytes32 indexed versionKey, bool approved);
        event DocumentsMoved(bytes32 indexed datasetId, bytes32 indexed versionKey, bytes32 metaDigest);
        event TaintChanged(bytes32 indexed versionKey, bytes32 indexed cause);
        event ConsentRevocation(address indexed contributor, bytes32 indexed consentDigest);
        event Transfer(address indexed from, address indexed to, uint256 indexed tokenId);

        function register(bytes32 salt, Version calldata version, bytes32 metaDigest) external returns (bytes32 versionKey);
        function addVersion(bytes32 previous, Version calldata version, bytes32 metaDigest)
            external
            returns (bytes32 versionKey);
        function setStatus(bytes32 datasetId, uint32 number, Status status, bytes32 successor, bytes32 evidence) external;
        function approveCard(bytes32 versionKey, bool approved) external;
        function contains(bytes32 versionKey, bytes32 key, uint64 weight, uint256 bitmap, bytes calldata siblings)
            external
            view
            returns (uint64 total);
        function excludes(
            bytes32 versionKey,
            bytes32 key,
            bytes32 terminalKey,
            uint64 terminalWeight,
            uint256 bitmap,
            bytes calldata siblings
        ) external view returns (uint64 total);
        function keyAt(bytes32 datasetId, uint32 number) external view returns (bytes32);
        function recordRootOf(bytes32 versionKey) external view returns (bytes32);
        function statusOf(bytes32 versionKey) external view returns (Status status, bool cardApproved);
        function taintOf(bytes32 versionKey) external view returns (bytes32 cause);
        function consentRevokedAt(address contributor, bytes32 consentDigest) external view returns (uint40);
        function requireSaleable(bytes32 datasetId, uint32 number) external view returns (bytes32 versionKey);
        function daoApprovesCards() external view returns (bool);
        function datasetIdOf(address publisher, bytes32 salt) external view returns (bytes32);
        function origin() external view returns (address factory, bytes32 salt);
        function authority() external view returns (address);
        function ownerOf(uint256 tokenId) external view returns (address);
        function balanceOf(address owner) external view returns (uint256);
        function tokenURI(uint256 tokenId) external view returns (string memory);
    }

    /// Append-only license terms, offers, and the royalty policy.
    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    interface ILicenseRegistry {
        event TermsAdded(bytes32 indexed termsId, bytes32 indexed licenseDigest, uint24 number, Terms terms);
        event TermsRetired(bytes32 indexed termsId);
        event TermsReinstated(bytes32 indexed termsId);
        event OfferChanged(bytes32 indexed datasetId, bytes32 indexed termsId, bool offered);
        event TermsRequested(
            bytes32 indexed datasetId, bytes32 indexed termsId, address indexed requester, Terms terms, bytes32 note
        );
        event PolicyChanged(RoyaltyPolicy policy);

        function addTerms(Terms calldata terms) external returns (bytes32 termsId);
        function requestTerms(bytes32 datasetId, Terms calldata terms, bytes32 note) external returns (bytes32 termsId);
        function retireTerms(bytes32 termsId) external;
        function reinstateTerms(bytes32 termsId) external;
        function setPolicy(RoyaltyPolicy calldata policy) external;
        function offer(bytes32 datasetId, bytes32 termsId) external;
        function setOffer(bytes32 datasetId, bytes32 termsId, bool offered) external;
        function quote(bytes32 datasetId, bytes32 termsId)
            external
            view
            returns (
                uint128 price,
                address currency,
                uint40 duration,
                uint16 allow,
                uint24 number,
                uint8 burnAuth,
                address priceModule,
                uint96 priceStep
            );
        function quoteFor(bytes32 datasetId, bytes32 termsId, bytes32 licenseDigest)
            external
            view
            returns (
                uint128 price,
                address currency,
                uint40 duration,
                uint16 allow,
                uint24 number,
                uint8 burnAuth,
                address priceModule,
                uint96 priceStep
            );
        function termsOf(bytes32 termsId) external view returns (Terms memory terms, uint24 number, bool active);
        function termsAt(uint24 number) external view returns (bytes32 termsId);
        function isOffered(bytes32 datasetId, bytes32 termsId) external view returns (bool);
        function policy() external view returns (RoyaltyPolicy memory);
        function termsIdOf(Terms calldata terms) external pure returns (bytes32);
        function authority() external view returns (address);
    }

    /// Soulbound access pass, one per holder and dataset, renewed in place.
    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    interface IAccessPass {
        event Purchased(
            uint256 indexed passId,
            bytes32 indexed datasetId,
            address indexed holder,
            bytes32 versionKey,
            bytes32 termsId,
            uint256 price,
            uint40 expiry
        );
        event PassIssued(
            uint256 indexed passId, bytes32 indexed datasetId, address indexed holder, bytes32 termsId, uint40 expiry
        );
        event Revoked(uint256 indexed passId, bytes32 indexed datasetId, address indexed holder);
        event CreditAdded(address indexed account, uint256 amount);
        event CreditWithdrawn(address indexed account, uint256 amount);
        event NonceCancelled(address indexed account, uint256 nonce);
        event Reissued(uint256 indexed oldPassId, uint256 indexed newPassId, address indexed newHolder);

        function purchase(Version calldata version, bytes32 termsId, uint256 maxPrice)
            external
            payable
            returns (uint256 passId);
        function issueBySig(
            IssuePass calldata request,
            bytes32 datasetId,
            uint32 number,
            bytes calldata issuerSignature,
            bytes calldata holderSignature
        ) external returns (uint256 passId);
        function revoke(address holder, bytes32 datasetId) external;
        function reissue(
            address oldHolder,
            IssuePass calldata request,
            bytes32 datasetId,
            uint32 number,
            bytes calldata holderSignature
        ) external returns (uint256 passId);
        function cancelNonce(uint192 key) external returns (uint256 nonce);
        function nonces(address account, uint192 key) external view returns (uint256 nonce);
        function isValid(address account, bytes32 datasetId, uint8 purpose) external view returns (bool);
        function passOf(address account, bytes32 datasetId) external view returns (Pass memory);
        function passIdOf(address account, bytes32 datasetId) external pure returns (uint256);
        function creditOf(address account) external view returns (uint256);
        function withdrawCredit() external returns (uint256 amount);
        function domainSeparator() external view returns (bytes32);
        function registry() external view returns (address);
        function licenses() external view returns (address);
        function vault() external view returns (address);
        function ownerOf(uint256 tokenId) external view returns (address);
        function balanceOf(address owner) external view returns (uint256);
        function authority() external view returns (address);
    }

    /// Royalty pools: gross income per pool and currency, paid out by proof.
    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    interface IRoyaltyVault {
        event Deposited(
            bytes32 indexed poolId, address indexed payer, bytes32 indexed ref, address currency, uint256 amount
        );
        event Claimed(bytes32 indexed poolId, address indexed account, address currency, uint256 amount);
        event SplitClaimed(bytes32 indexed poolId, address indexed account, address currency, uint256 amount);
        event ClaimedTo(address indexed account, address indexed to, address currency, uint256 amount, bytes32 poolsHash);
        event NonceCancelled(address indexed account, uint256 nonce);
        event CurrencyAllowed(address indexed currency, bool allowed);

        function deposit(bytes32 poolId, address currency, uint256 amount, bytes32 ref) external payable;
        function claim(address account, ContributorClaim calldata item) external returns (uint256 amount);
        function claimMany(address account, ContributorClaim[] calldata items, SplitClaim[] calldata splitItems) external;
        function claimManyTo(
            ClaimTo calldata request,
            ContributorClaim[] calldata items,
            SplitClaim[] calldata splitItems,
            bytes calldata signature
        ) external returns (uint256 amount);
        function cancelNonce(uint192 key) external returns (uint256 nonce);
        function nonces(address account, uint192 key) external view returns (uint256 nonce);
        function domainSeparator() external view returns (bytes32);
        function allowCurrency(address currency, bool allowed) external;
        function income(bytes32 poolId, address currency) external view returns (uint256);
        function paid(bytes32 poolId, address currency, address account) external view returns (uint256);
        function paidSplit(bytes32 poolId, address currency, address account) external view returns (uint256);
        function isAllowed(address currency) external view returns (bool);
        function authority() external view returns (address);
    }

    /// Single records as ERC-721 tokens, minted by proof.
    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    interface IRecordToken {
        event RecordMinted(
            uint256 indexed tokenId,
            bytes32 indexed versionKey,
            bytes32 indexed recordKey,
            bytes32 datasetId,
            uint64 weight
        );

        function mint(
            address to,
            bytes32 datasetId,
            uint32 number,
            bytes32 recordKey,
            uint64 weight,
            uint256 bitmap,
            bytes calldata siblings
        ) external returns (uint256 tokenId);
        function tokenIdOf(bytes32 versionKey, bytes32 recordKey) external pure returns (uint256);
        function recordOf(uint256 tokenId) external view returns (bytes32 versionKey, bytes32 recordKey);
        function ownerOf(uint256 tokenId) external view returns (address);
        function balanceOf(address owner) external view returns (uint256);
    }

    /// What the stake was set up with.
    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    interface IStakeSettings {
        function settings() external view returns (uint96 attestationLock, uint32 challengeWindow, uint32 unbonding);
    }

    /// What the court was set up with.
    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    interface ICourtSettings {
        function settings()
            external
            view
            returns (uint96 minBond, uint16 bondBps, uint32 answerWindow, uint32 rulingWindow, uint32 appealWindow);
        function arbitrator() external view returns (address arbitrator_, bytes memory extraData);
    }

    /// What reward rounds were set up with.
    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    interface IRoundSettings {
        function settings() external view returns (uint32 cancelWindow, uint96 bond);
    }

    /// Deploys a project's contracts in one transaction that leaves no outside admin.
    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    interface ISuiteFactory {
        event SuiteDeployed(address indexed deployer, address indexed registry, bytes32 indexed salt, Suite suite);

        function deploy(DaoConfig calldata dao, ProjectConfig calldata project) external returns (Suite memory suite);
        function deployDao(DaoConfig calldata dao, bool withManager) external returns (Suite memory suite);
        function saltOf(address deployer, DaoConfig calldata dao, ProjectConfig calldata project)
            external
            pure
            returns (bytes32);
        function daoSaltOf(address deployer, DaoConfig calldata dao, bool withManager) external pure returns (bytes32);
        function suiteOf(bytes32 salt) external view returns (Suite memory);
        function implementations() external view returns (Suite memory);
    }
}
