// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IArbitrator, IEvidence} from "../interfaces/IArbitration.sol";
import {IDatasetRegistry} from "../interfaces/IDatasetRegistry.sol";
import {IDisputeCourt} from "../interfaces/IDisputeCourt.sol";
import {IUsageLedger} from "../interfaces/IUsageLedger.sol";
import {Case, CaseState, LockKind, ModuleConfig, Side, SubjectKind} from "../types/Modules.sol";
import {Status} from "../types/Types.sol";
import {CourtLocks} from "./CourtLocks.sol";
import {CourtText} from "./CourtText.sol";

/// @title The first half of a court: bringing cases, joining them, evidence
abstract contract CourtCases is IDisputeCourt, IEvidence, CourtLocks {
    using SafeCast for uint256;

    uint256 internal constant ALL_BPS = 10_000;
    /// @dev ERC-792's choices besides zero: `Side`.
    uint256 internal constant CHOICES = 2;

    /// @dev Slot: 96 + 16 + 3 * 32 + 8 = 216 bits.
    struct Settings {
        uint96 minBond;
        uint16 bondBps;
        uint32 answerWindow;
        uint32 rulingWindow;
        uint32 appealWindow;
        bool initialized;
    }

    /// @dev Slot: 64 + 64 bits.
    struct Subject {
        uint64 openCase;
        /// Cases that were ruled for the respondent.
        uint64 stood;
        // Slot 1: digests that opened a case.
        mapping(bytes32 digest => bool) evidence;
    }

    Settings internal _settings;
    address internal _arbitrator;
    bytes internal _extraData;
    uint256 internal _treasuryOwed;

    /// @inheritdoc IDisputeCourt
    uint256 public caseCount;

    mapping(uint256 caseId => Case) internal _cases;
    mapping(bytes32 subject => Subject) internal _subjects;
    /// @dev Whether a first ruling made the version disputed.
    mapping(uint256 caseId => bool) internal _disputed;
    mapping(uint256 caseId => mapping(Side side => mapping(address account => uint256))) internal _bonds;
    mapping(uint256 caseId => mapping(address account => uint256)) internal _credits;
    mapping(uint256 disputeId => uint256 caseId) internal _caseOfDispute;

    /// @inheritdoc IDisputeCourt
    function initialize(ModuleConfig calldata config) external onlyClone {
        // Checks.
        if (_settings.initialized) revert AlreadyInitialized();
        if (config.answerWindow == 0 || config.rulingWindow == 0) revert WindowZero();

        // Effects.
        _settings = Settings({
            minBond: config.minBond,
            bondBps: config.bondBps,
            answerWindow: config.answerWindow,
            rulingWindow: config.rulingWindow,
            appealWindow: config.appealWindow,
            initialized: true
        });
        _arbitrator = config.arbitrator;
        _extraData = config.arbitratorExtraData;
        emit MetaEvidence(CourtText.META_EVIDENCE_ID, CourtText.META_EVIDENCE);
    }

    /// @inheritdoc IDisputeCourt
    function openVersion(bytes32 datasetId, uint32 number, bytes32 evidence, string calldata uri)
        external
        payable
        returns (uint256 caseId)
    {
        bytes32 versionKey = _registry().keyAt(datasetId, number);
        (Status status,) = _registry().statusOf(versionKey);
        // What a ruling recalled is not paid for twice.
        (bool ruled,) = _registry().rulingOf(versionKey);
        if (ruled || status == Status.Disputed) revert VersionNotChallengeable(versionKey, uint8(status));
        caseId = _begin(versionKey, evidence);
        Case storage c = _cases[caseId];
        (uint96 atStake, bool holdsLock) = _claimBacking(_stake().backingIdOf(datasetId));
        (c.kind, c.holdsLock, c.datasetId, c.number) = (SubjectKind.Version, holdsLock, datasetId, number);
        _open(caseId, c, versionKey, atStake, evidence, uri);
    }

    /// @inheritdoc IDisputeCourt
    function openAttestation(bytes32 lockId, bytes32 evidence, string calldata uri)
        external
        payable
        returns (uint256 caseId)
    {
        if (_stake().lockOf(lockId).kind != LockKind.Attestation) revert NotAnAttestation(lockId);
        caseId = _begin(lockId, evidence);
        Case storage c = _cases[caseId];
        (c.kind, c.holdsLock) = (SubjectKind.Attestation, true);
        _open(caseId, c, lockId, _claimAttestation(lockId), evidence, uri);
    }

    /// @inheritdoc IDisputeCourt
    function openReport(bytes32 jobId, bytes32 evidence, string calldata uri)
        external
        payable
        returns (uint256 caseId)
    {
        caseId = _begin(jobId, evidence);
        Case storage c = _cases[caseId];
        c.kind = SubjectKind.Report;
        uint256 atStake = _ledger().holdReport(jobId);
        // Amounts of a token do not compare: a worthless one could make the bond of a case unpayable.
        if (_ledger().jobOf(jobId).currency != address(0)) atStake = 0;
        _open(caseId, c, jobId, atStake, evidence, uri);
    }

    /// @inheritdoc IDisputeCourt
    function join(uint256 caseId, Side side) external payable {
        // Checks.
        Case storage c = _caseIn(caseId, CaseState.Open);
        _requireBefore(caseId, c.deadline);
        if (side == Side.Nobody) revert SideInvalid(uint8(side));
        uint256 least = side == Side.Respondent && c.respondentPot == 0 ? c.bond : 1;
        if (msg.value < least) revert BondInsufficient(least, msg.value);

        // Effects.
        _addBond(caseId, c, side);
    }

    /// @inheritdoc IDisputeCourt
    function submitEvidence(uint256 caseId, bytes32 digest, string calldata uri) external {
        Case storage c = _known(caseId);
        CaseState state = c.state;
        if (state == CaseState.Ruled || state == CaseState.Closed) revert CaseStateInvalid(caseId, uint8(state));
        // Not kept: a digest that was shown here can still open another case, or it could be burnt for its owner.
        if (digest == 0) revert EvidenceInvalid(c.subject, digest);
        _emitEvidence(caseId, digest, uri);
    }

    /// @inheritdoc IDisputeCourt
    function caseOf(uint256 caseId) external view returns (Case memory) {
        return _cases[caseId];
    }

    /// @inheritdoc IDisputeCourt
    function openCaseOf(bytes32 subject) external view returns (uint256) {
        return _subjects[subject].openCase;
    }

    /// @inheritdoc IDisputeCourt
    function bondOf(uint256 caseId, Side side, address account) external view returns (uint256) {
        return _bonds[caseId][side][account];
    }

    /// @inheritdoc IDisputeCourt
    function bondFor(bytes32 subject, uint256 atStake) public view returns (uint256 bond) {
        bond = atStake * _settings.bondBps / ALL_BPS;
        if (bond < _settings.minBond) bond = _settings.minBond;
        bond *= 1 + _subjects[subject].stood;
        bond += _arbitrationCost();
        // A side is there when its pot is not zero.
        if (bond == 0) bond = 1;
    }

    /// @inheritdoc IDisputeCourt
    function arbitrator() external view returns (address, bytes memory) {
        return (_arbitrator, _extraData);
    }

    /// @inheritdoc IDisputeCourt
    function settings() external view returns (uint96, uint16, uint32, uint32, uint32) {
        Settings memory s = _settings;
        return (s.minBond, s.bondBps, s.answerWindow, s.rulingWindow, s.appealWindow);
    }

    /// @dev Checks and takes the subject's slot.
    function _begin(bytes32 subject, bytes32 evidence) internal returns (uint256 caseId) {
        Subject storage s = _subjects[subject];
        if (s.openCase != 0) revert CaseExists(subject, s.openCase);
        if (evidence == 0 || s.evidence[evidence]) revert EvidenceInvalid(subject, evidence);
        s.evidence[evidence] = true;
        caseId = ++caseCount;
        s.openCase = caseId.toUint64();
    }

    /// @dev Checks the bond and writes the rest of a new case.
    function _open(
        uint256 caseId,
        Case storage c,
        bytes32 subject,
        uint256 atStake,
        bytes32 evidence,
        string calldata uri
    ) internal {
        uint256 bond = bondFor(subject, atStake);
        if (msg.value < bond) revert BondInsufficient(bond, msg.value);
        uint40 deadline = _in(_settings.answerWindow);
        (c.challenger, c.deadline, c.state) = (msg.sender, deadline, CaseState.Open);
        (c.subject, c.bond) = (subject, bond.toUint96());
        emit CaseOpened(caseId, subject, msg.sender, uint8(c.kind), c.datasetId, c.number, evidence, bond, deadline);
        _addBond(caseId, c, Side.Challenger);
        _emitEvidence(caseId, evidence, uri);
    }

    function _addBond(uint256 caseId, Case storage c, Side side) internal {
        uint96 amount = msg.value.toUint96();
        if (side == Side.Challenger) c.challengerPot += amount;
        else c.respondentPot += amount;
        _bonds[caseId][side][msg.sender] += amount;
        emit Joined(caseId, msg.sender, side, amount);
    }

    /// @dev What an outside arbitrator asks for a dispute.
    function _arbitrationCost() internal view returns (uint256) {
        return _arbitrator == address(0) ? 0 : IArbitrator(_arbitrator).arbitrationCost(_extraData);
    }

    function _credit(uint256 caseId, uint256 amount) internal {
        if (amount != 0) _credits[caseId][msg.sender] += amount;
    }

    function _emitEvidence(uint256 caseId, bytes32 digest, string calldata uri) internal {
        emit EvidenceAdded(caseId, msg.sender, digest, uri);
        emit Evidence(_arbitrator, caseId, msg.sender, uri);
    }

    /// @dev The lock that a case may hold.
    function _lockOf(Case storage c) internal view returns (bytes32) {
        return c.kind == SubjectKind.Version ? _stake().backingIdOf(c.datasetId) : c.subject;
    }

    function _known(uint256 caseId) internal view returns (Case storage c) {
        c = _cases[caseId];
        if (c.state == CaseState.None) revert CaseUnknown(caseId);
    }

    function _caseIn(uint256 caseId, CaseState state) internal view returns (Case storage c) {
        c = _known(caseId);
        if (c.state != state) revert CaseStateInvalid(caseId, uint8(c.state));
    }

    function _requireBefore(uint256 caseId, uint40 deadline) internal view {
        if (block.timestamp >= deadline) revert DeadlinePassed(caseId, deadline);
    }

    function _requireAfter(uint256 caseId, uint40 deadline) internal view {
        if (block.timestamp < deadline) revert DeadlineAhead(caseId, deadline);
    }

    function _in(uint32 window) internal view returns (uint40) {
        return (block.timestamp + window).toUint40();
    }

    function _registry() internal view returns (IDatasetRegistry) {
        return IDatasetRegistry(_wired(1));
    }

    function _ledger() internal view returns (IUsageLedger) {
        return IUsageLedger(_wired(3));
    }
}
