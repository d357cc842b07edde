// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AddVersion, Consent, Register, RevokeConsent, Status, Version} from "../types/Types.sol";

/// @title Provenance of datasets: one ERC-721 token per dataset, versions append.
/// @notice Stores the version key and the record root; everything else is in the events.
/// @notice Signed twins: a request is good until its deadline, once, for the nonce that its signer has next under the key in
/// the nonce's upper 192 bits. A registration leaves its nonce unused, see `registerBySig`. Signers are accounts or ERC-1271
/// contracts.
/// @notice Taint: a version whose parent was recalled, or is tainted itself, can be marked by anyone, for as long as that is
/// so. A dispute is only a claim and taints nothing: otherwise one bond would stop the sale of all descendants. Parents in
/// other registries are not seen. Who recalls a version stops the sale of what others made of it; that is what a recall is
/// for.
interface IDatasetRegistry {
    /// @notice A version exists from now on. The dataset was created in the same transaction if `version.number` is 1.
    /// @param salt keccak256 of the slug for number 1, zero for later versions.
    /// @param metaDigest sha2-256 digest inside the CIDv1 root of the documents.
    event VersionAdded(
        bytes32 indexed datasetId,
        bytes32 indexed versionKey,
        bytes32 indexed packageDigest,
        address publisher,
        bytes32 salt,
        bytes32 metaDigest,
        Version version
    );

    /// @notice A version's status changed.
    /// @param successor Version key that replaces it, or zero.
    /// @param evidence sha256 of a stored document that says why, or zero.
    event StatusChanged(
        bytes32 indexed datasetId, bytes32 indexed versionKey, Status status, bytes32 successor, bytes32 evidence
    );

    /// @notice The DAO approved (or no longer approves) the card of this version.
    event CardApproval(bytes32 indexed versionKey, bool approved);

    /// @notice The documents of a version are found under another digest from now on. What they say is still bound by the
    /// version's own digests.
    event DocumentsMoved(bytes32 indexed datasetId, bytes32 indexed versionKey, bytes32 metaDigest);

    /// @notice A version is tainted by this parent; by none any more if `cause` is zero.
    event TaintChanged(bytes32 indexed versionKey, bytes32 indexed cause);

    /// @notice A contributor revoked a consent.
    event ConsentRevocation(address indexed contributor, bytes32 indexed consentDigest);

    /// @notice A nonce was used up, so that what was signed with it is worthless.
    event NonceCancelled(address indexed account, uint256 nonce);

    /// @notice The version names another dataset than the one that sender and salt give.
    error DatasetIdMismatch(bytes32 expected, bytes32 actual);
    /// @notice The sender has registered a dataset under this salt before.
    error DatasetExists(bytes32 datasetId);
    /// @notice 1 and only 1 is registered; only 2 and above is appended.
    error NumberInvalid(uint32 number);
    /// @notice The number is in use: somebody appended first.
    error NumberTaken(bytes32 datasetId, uint32 number, bytes32 versionKey);
    /// @notice The version before this number is another one, or there is none (`actual` zero).
    error PreviousMismatch(bytes32 expected, bytes32 actual);
    /// @notice A field that commits to something is zero.
    error FieldEmpty(string field);
    /// @notice The sender does not own the dataset's token.
    error NotOwner(bytes32 datasetId, address caller, address owner);
    /// @notice No version has this key.
    error VersionUnknown(bytes32 versionKey);
    /// @notice The dataset has no version with this number.
    error NumberUnknown(bytes32 datasetId, uint32 number);
    /// @notice A version can't replace itself.
    error SuccessorIsSelf(bytes32 versionKey);
    /// @notice Only active versions are for sale.
    error NotActive(bytes32 versionKey, Status status);
    /// @notice The DAO approves cards here and has not approved this one.
    error CardNotApproved(bytes32 versionKey);

    /// @notice The version is tainted by this parent.
    error Tainted(bytes32 versionKey, bytes32 cause);
    /// @notice The version is not tainted.
    error NotTainted(bytes32 versionKey);
    /// @notice The parent at this position is not above the one before, or is one too many: there are 16 at most.
    error ParentsInvalid(uint256 index);
    /// @notice These are not the parents of the version.
    error ParentsMismatch(bytes32 expected, bytes32 actual);
    /// @notice The key is not among the parents.
    error ParentMissing(bytes32 parentKey);
    /// @notice The parent is neither recalled nor tainted.
    error ParentClean(bytes32 parentKey);
    /// @notice A court can't change the status in this way.
    error StatusChangeInvalid(bytes32 versionKey, Status from, Status to);
    /// @notice The version was recalled by a ruling; only the DAO changes that.
    error RulingStands(bytes32 versionKey);
    /// @notice The deadline of the request is over.
    error RequestExpired(uint256 deadline);
    /// @notice The request is not signed by this account.
    error SignatureInvalid(address signer);
    /// @notice The consent no longer holds.
    error ConsentExpired(uint64 expiry);
    /// @notice The contributor revoked the consent.
    error ConsentRevoked(address contributor, bytes32 consentDigest, uint40 revokedAt);

    /// @notice Registers a dataset with its first version and mints its token to the sender.
    /// @param salt keccak256 of the slug.
    /// @return versionKey The key of version 1.
    function register(bytes32 salt, Version calldata version, bytes32 metaDigest) external returns (bytes32 versionKey);

    /// @notice Appends a version; only the owner of the dataset's token.
    /// @param previous Key of the latest version; guards against appending to a state the sender has not seen.
    function addVersion(bytes32 previous, Version calldata version, bytes32 metaDigest)
        external
        returns (bytes32 versionKey);

    /// @notice Registers a dataset for its publisher, who signed the request and gets the token. The nonce must be unused and
    /// stays so: a dataset's id is taken once. Requests with the same nonce can therefore all be used, also after another
    /// one was signed in place of the first; `cancelNonce` takes back those that were not.
    /// @param metaDigest Not signed: it says where documents are found, not what they say. A sender who gives a wrong one
    /// hides them until the owner puts it right with `announceDocuments`.
    function registerBySig(Register calldata request, bytes32 metaDigest, bytes calldata signature)
        external
        returns (bytes32 versionKey);

    /// @notice Appends a version for who owns the dataset's token now and signed the request. A former owner's signature
    /// is worthless while the token is another's.
    /// @param metaDigest Not signed, see `registerBySig`.
    function addVersionBySig(AddVersion calldata request, bytes32 metaDigest, bytes calldata signature)
        external
        returns (bytes32 versionKey);

    /// @notice Says where the documents of a version are found from now on; only the owner of the dataset's token. The last
    /// word counts: of `VersionAdded` and this. Nothing is stored.
    function announceDocuments(bytes32 datasetId, uint32 number, bytes32 metaDigest) external;

    /// @notice Sets a version's status. The owner moves it between Active, Deprecated and Recalled; into Disputed and out
    /// of it only the DAO, which can't change it otherwise. A version that went from Disputed to Recalled is recalled by a
    /// ruling: only the DAO changes its status, until it has set another one.
    /// @param successor A registered version that replaces it, or zero.
    function setStatus(bytes32 datasetId, uint32 number, Status status, bytes32 successor, bytes32 evidence) external;

    /// @notice Sets a version's status for the dispute court. Restricted to it.
    ///
    /// | from | to | meaning |
    /// | --- | --- | --- |
    /// | Active, Deprecated, Recalled by the owner | Disputed | a case is open |
    /// | Disputed | Recalled | upheld: recalled by a ruling, see `setStatus` |
    /// | Disputed | Active, or the status before | dismissed: the status before comes back, also if that was not Active |
    ///
    /// Anything else reverts. The DAO may end a dispute by `setStatus` while the case is open: a court must then close its
    /// case without this call.
    function ruleStatus(bytes32 datasetId, uint32 number, Status status, bytes32 evidence) external;

    /// @notice Marks a version as tainted; anyone may call. Reverts with `Tainted` while it is tainted by a cause that
    /// stands.
    /// @param child The version.
    /// @param parents The keys of all its parents, strictly ascending.
    /// @param parentKey The one of them that is recalled or tainted. A recalled one counts also while it is disputed.
    function markTainted(Version calldata child, bytes32[] calldata parents, bytes32 parentKey) external;

    /// @notice Clears a version whose cause is gone; anyone may call. If another parent taints it, it can be marked again.
    function clearTaint(bytes32 versionKey) external;

    /// @notice Revokes a consent that the sender gave, for good. Only the contributor's own entry is written, so that nobody
    /// revokes another's.
    /// @param consentDigest Full EIP-712 digest of the consent; it need not be known here.
    function revokeConsent(bytes32 consentDigest) external;

    /// @notice Revokes a consent for its contributor, who signed the request.
    function revokeConsentBySig(RevokeConsent calldata request, bytes calldata signature) external;

    /// @notice Uses up the sender's next nonce under this key.
    function cancelNonce(uint192 key) external returns (uint256 nonce);

    /// @notice Approves the card of a version, or takes the approval back. Restricted to the DAO.
    function approveCard(bytes32 versionKey, bool approved) external;

    /// @notice Reverts unless the record is in the version; see `spec.md` for the proof.
    /// @param weight The record's multiplicity.
    /// @return total Number of records of the version.
    function contains(bytes32 versionKey, bytes32 key, uint64 weight, uint256 bitmap, bytes calldata siblings)
        external
        view
        returns (uint64 total);

    /// @notice Reverts unless the record is not in the version.
    /// @param terminalKey Key of the leaf that stands in its place; zero with `terminalWeight` zero for EMPTY.
    function excludes(
        bytes32 versionKey,
        bytes32 key,
        bytes32 terminalKey,
        uint64 terminalWeight,
        uint256 bitmap,
        bytes calldata siblings
    ) external view returns (uint64 total);

    /// @notice The key of a version, zero if there is none.
    function keyAt(bytes32 datasetId, uint32 number) external view returns (bytes32);

    /// @notice The record root of a version, zero if there is none.
    function recordRootOf(bytes32 versionKey) external view returns (bytes32);

    /// @notice Status and card approval of a version; reverts if there is none.
    function statusOf(bytes32 versionKey) external view returns (Status status, bool cardApproved);

    /// @notice Whether a version was recalled by a ruling, and the status it had before a dispute that is not over
    /// (Active without one). Both are at their defaults for an unknown version.
    function rulingOf(bytes32 versionKey) external view returns (bool ruled, Status before);

    /// @notice The parent that taints a version, zero if none.
    function taintOf(bytes32 versionKey) external view returns (bytes32 cause);

    /// @notice When a contributor revoked a consent, unix seconds; zero if they did not.
    function consentRevokedAt(address contributor, bytes32 consentDigest) external view returns (uint40);

    /// @notice Reverts unless the contributor signed the consent, it holds now, and it was not revoked. Its deadline is not
    /// checked, see `Consent`; nor that the dataset exists.
    /// @return consentDigest What the contributor's leaf commits to.
    function checkConsent(Consent calldata consent, bytes calldata signature)
        external
        view
        returns (bytes32 consentDigest);

    /// @notice The next nonce of an account under a key: the key in the upper 192 bits, a sequence in the lower 64.
    function nonces(address account, uint192 key) external view returns (uint256 nonce);

    /// @notice Separator of the EIP-712 domain ("dgov", "1", chain, this contract).
    function domainSeparator() external view returns (bytes32);

    /// @notice The key of a version that may be sold now: it is active, not tainted and, where the DAO approves cards, its
    /// card is approved. Reverts with the reason otherwise.
    function requireSaleable(bytes32 datasetId, uint32 number) external view returns (bytes32 versionKey);

    /// @notice Whether versions need the DAO's approval of their card to be for sale.
    function daoApprovesCards() external view returns (bool);

    /// @notice The dataset id that this publisher and salt have here.
    function datasetIdOf(address publisher, bytes32 salt) external view returns (bytes32);

    /// @notice The factory that made this registry and the salt of the project there.
    function origin() external view returns (address factory, bytes32 salt);
}
