// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Case, ModuleConfig, Side} from "../types/Modules.sol";

/// @title Cases on versions, attestations and usage reports, with bonds on both sides and a default at every deadline.
/// @notice Wiring: (manager, registry, stake, ledger, treasury).
///
/// | state | ends | default at the deadline |
/// | --- | --- | --- |
/// | Open | at the deadline, never earlier | unanswered: for the challenger; answered: see below |
/// | Contested | with a ruling | nobody's: the subject stands, bonds return, less the arbitrator's fee |
/// | Ruled | at the deadline, or with an appeal | the ruling is final |
/// | Appealed | with a second ruling | the first ruling is final, the appeal bond is lost |
///
/// @notice Anyone takes an answered case to who rules, by `submit`. If nobody does for as long as a ruling may take, or the
/// arbitrator can't be asked, it is nobody's.
/// @notice Without an outside arbitrator the DAO rules, by proposal. An outside arbitrator's ruling is final when it
/// arrives, and is taken as long as nobody has closed the case: appeals are its own. The first appeal to it moves the
/// deadline, once, by an appeal window and a ruling window, so that nobody gets the default by appealing late.
/// @notice A subject has one open case. That slot can't be occupied by an ally of the accused: others may join the case and
/// bring evidence; half of a loser's bond goes to the treasury; and a subject that stood can be challenged again with
/// evidence that is new, for a bond that grows with each case that was ruled for the respondent. Open cases on versions of
/// one dataset hold its backing together: the first that is ruled for its challenger takes it, and it is free when the
/// last one is over. So a case that an ally opened on one version does not shelter the stake from an honest one on another.
/// @notice Money of a closed case. The arbitrator's fee comes out of the losing pot first, then out of the winning one.
/// What is left of the losing pot, what was slashed and a lost appeal bond go half to the treasury and half to the winning
/// side, by their bonds. If it is nobody's, the fee comes out of both pots alike, and a lost appeal bond goes to the
/// treasury. Parts are rounded down: less than one wei for each payee of a case stays here.
/// @notice The accused can join the challengers of their own case, and get back some of the winners' half. The treasury's
/// half of a loss is lost whoever joins.
interface IDisputeCourt {
    /// @notice A case was opened.
    event CaseOpened(
        uint256 indexed caseId,
        bytes32 indexed subject,
        address indexed challenger,
        uint8 kind,
        bytes32 datasetId,
        uint32 number,
        bytes32 evidence,
        uint256 bond,
        uint40 deadline
    );
    /// @notice Somebody put a bond on a side: 1 the challenger's, 2 the respondent's.
    event Joined(uint256 indexed caseId, address indexed account, Side indexed side, uint256 amount);
    /// @notice The case went to who rules.
    event Submitted(uint256 indexed caseId, uint256 disputeId, uint256 fee, uint40 deadline);
    /// @notice Evidence; `digest` is the sha256 of the document at `uri`.
    event EvidenceAdded(uint256 indexed caseId, address indexed party, bytes32 indexed digest, string uri);
    /// @notice A ruling was given; final if `deadline` is now.
    event Ruled(uint256 indexed caseId, Side indexed ruling, uint40 deadline);
    /// @notice The first ruling was appealed.
    event Appealed(uint256 indexed caseId, address indexed appellant, uint256 amount, uint40 deadline);
    /// @notice The case is over.
    event CaseClosed(uint256 indexed caseId, Side indexed ruling, uint256 slashed, uint256 toTreasury);
    /// @notice Somebody's part of a case was paid.
    event Withdrawn(uint256 indexed caseId, address indexed account, uint256 amount);

    /// @notice The subject has an open case.
    error CaseExists(bytes32 subject, uint256 caseId);
    /// @notice There is no such case.
    error CaseUnknown(uint256 caseId);
    /// @notice The case is in another state.
    error CaseStateInvalid(uint256 caseId, uint8 state);
    /// @notice The deadline of this step is over.
    error DeadlinePassed(uint256 caseId, uint40 deadline);
    /// @notice The deadline of this step is not over.
    error DeadlineAhead(uint256 caseId, uint40 deadline);
    /// @notice The coin sent is less than the bond.
    error BondInsufficient(uint256 bond, uint256 sent);
    /// @notice Evidence is a digest, never zero, and new to the subject.
    error EvidenceInvalid(bytes32 subject, bytes32 evidence);
    /// @notice Only the challenger's or the respondent's side can be joined.
    error SideInvalid(uint8 side);
    /// @notice A ruling is 0, 1 or 2.
    error RulingInvalid(uint256 ruling);
    /// @notice Only versions that are active, deprecated or recalled by their owner can be challenged.
    error VersionNotChallengeable(bytes32 versionKey, uint8 status);
    /// @notice Only the arbitrator rules on what was submitted to it.
    error NotArbitrator(address caller, address arbitrator);
    /// @notice The DAO rules here only where there is no outside arbitrator.
    error ArbitratorRules(address arbitrator);
    /// @notice No case has this dispute.
    error DisputeUnknown(uint256 disputeId);
    /// @notice The case owes this account nothing.
    error NothingOwed(uint256 caseId, address account);
    /// @notice The account refused the coin.
    error PaymentRefused(address account, uint256 amount);
    /// @notice The clone was given no time to answer or to rule in: cases would be over when they are opened.
    error WindowZero();
    /// @notice The lock is no attestation; a backing is challenged by a case on a version of its dataset.
    error NotAnAttestation(bytes32 lockId);
    /// @notice The arbitrator gave the id of a dispute that another case has.
    error DisputeTaken(uint256 disputeId, uint256 caseId);

    /// @notice Sets a clone up; only in the transaction that made it.
    function initialize(ModuleConfig calldata config) external;

    /// @notice Challenges a version of a dataset: what it says of its data is not true, or may not be distributed. If its
    /// owner backs the dataset with stake, that stake is held. A version that was recalled by a ruling, and still is, can't be
    /// challenged again.
    /// @param evidence sha256 of the document at `uri`.
    function openVersion(bytes32 datasetId, uint32 number, bytes32 evidence, string calldata uri)
        external
        payable
        returns (uint256 caseId);

    /// @notice Challenges an attestation in its window.
    function openAttestation(bytes32 lockId, bytes32 evidence, string calldata uri)
        external
        payable
        returns (uint256 caseId);

    /// @notice Challenges the report of a usage job in its window. The escrow counts for the bond if it is in the chain's own
    /// coin; amounts of tokens do not compare, so there it is the least bond.
    function openReport(bytes32 jobId, bytes32 evidence, string calldata uri) external payable returns (uint256 caseId);

    /// @notice Puts the coin sent on a side of an open case. The respondent's first one must be the bond at least.
    function join(uint256 caseId, Side side) external payable;

    /// @notice Adds evidence to a case that is open, contested or appealed; anyone may.
    function submitEvidence(uint256 caseId, bytes32 digest, string calldata uri) external;

    /// @notice After the answer window: an unanswered case becomes the challenger's, an answered one goes to who rules. With
    /// an outside arbitrator its fee comes out of the bonds; what is missing is sent along and does not come back. Coin that
    /// is not needed is credited.
    function submit(uint256 caseId) external payable;

    /// @notice The DAO's ruling, the first or the second. Restricted to the DAO, where there is no outside arbitrator.
    function decide(uint256 caseId, Side ruling) external;

    /// @notice Appeals. The DAO's first ruling for twice the bond; an outside arbitrator's for what it asks.
    function appeal(uint256 caseId) external payable;

    /// @notice Ends a case that is final or past its last deadline; anyone may call.
    function close(uint256 caseId) external;

    /// @notice Pays an account what a case owes it, see `owedBy`; anyone may call, the coin goes to the account.
    function withdraw(uint256 caseId, address account) external returns (uint256 amount);

    /// @notice Pays the treasury what closed cases owe it; anyone may call.
    function withdrawTreasury() external returns (uint256 amount);

    /// @notice A case; all zero if there is none.
    function caseOf(uint256 caseId) external view returns (Case memory);

    /// @notice How many cases there were; their ids start at 1.
    function caseCount() external view returns (uint256);

    /// @notice The open case of a subject, zero if there is none.
    function openCaseOf(bytes32 subject) external view returns (uint256 caseId);

    /// @notice What an account put on a side, until it was paid for it.
    function bondOf(uint256 caseId, Side side, address account) external view returns (uint256);

    /// @notice What a case owes an account: its part once the case is closed; coin that a fee did not need and an appeal bond
    /// that was won back at any time.
    function owedBy(uint256 caseId, address account) external view returns (uint256);

    /// @notice What opening a case needs now.
    /// @param atStake What the case can take: the amount of the lock, or of the escrow if that is native coin.
    function bondFor(bytes32 subject, uint256 atStake) external view returns (uint256);

    /// @notice Who rules: an outside arbitrator and what it is told, or zero for the DAO.
    function arbitrator() external view returns (address arbitrator_, bytes memory extraData);

    /// @notice What the clone was set up with: the least bond, the bond's share of what a case can take, and the windows.
    function settings()
        external
        view
        returns (uint96 minBond, uint16 bondBps, uint32 answerWindow, uint32 rulingWindow, uint32 appealWindow);
}
