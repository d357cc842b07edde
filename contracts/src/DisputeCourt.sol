// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IArbitrable, IArbitrator} from "./interfaces/IArbitration.sol";
import {IDisputeCourt} from "./interfaces/IDisputeCourt.sol";
import {CourtCases} from "./lib/CourtCases.sol";
import {CourtMoney} from "./lib/CourtMoney.sol";
import {CourtText} from "./lib/CourtText.sol";
import {Case, CaseState, Side, SubjectKind} from "./types/Modules.sol";
import {Status} from "./types/Types.sol";

/// @title Cases with bonds on both sides and a default at every deadline
/// @notice Why nothing gets stuck: every state has a deadline after which `close` needs nobody's consent. It calls only the
/// project's own modules, never an account or the arbitrator; and it visits no participants: each pulls a part that follows
/// from four numbers of the case. What is owed is always here: coin leaves only as a fee out of the pots of its own case,
/// and as parts of what is left of them (`CourtMoney`).
/// @dev Registry, stake and ledger are the project's own and call nobody back. The arbitrator is a stranger: what it may
/// call while it is called is decided by what was written before.
contract DisputeCourt is IArbitrable, CourtCases {
    using SafeCast for uint256;

    /// @dev Slashed stake arrives here, and nothing else.
    receive() external payable {
        if (msg.sender != _wired(2)) revert Unauthorized(msg.sender);
    }

    /// @inheritdoc IDisputeCourt
    function submit(uint256 caseId) external payable {
        // Checks.
        Case storage c = _caseIn(caseId, CaseState.Open);
        _requireAfter(caseId, c.deadline);
        if (c.respondentPot == 0) {
            _credit(caseId, msg.value);
            _close(caseId, c, Side.Challenger);
            return;
        }
        address arbitrator_ = _arbitrator;
        uint256 cost = _arbitrationCost();
        uint256 pots = uint256(c.challengerPot) + c.respondentPot;
        uint256 missing = cost > pots ? cost - pots : 0;
        if (msg.value < missing) revert BondInsufficient(missing, msg.value);

        // Effects.
        uint40 deadline = _in(_settings.rulingWindow);
        (c.state, c.deadline, c.fee) = (CaseState.Contested, deadline, cost.toUint96());
        _credit(caseId, msg.value - missing);

        // Interaction. The id is known only afterwards; until then nothing can be ruled on.
        uint256 disputeId;
        if (arbitrator_ != address(0)) {
            disputeId = IArbitrator(arbitrator_).createDispute{value: cost}(CHOICES, _extraData);
            uint256 other = _caseOfDispute[disputeId];
            if (other != 0) revert DisputeTaken(disputeId, other);
            _caseOfDispute[disputeId] = caseId;
            c.disputeId = disputeId;
            emit Dispute(arbitrator_, disputeId, CourtText.META_EVIDENCE_ID, caseId);
        }
        emit Submitted(caseId, disputeId, cost, deadline);
    }

    /// @inheritdoc IDisputeCourt
    function decide(uint256 caseId, Side ruling) external restricted {
        // Checks.
        if (_arbitrator != address(0)) revert ArbitratorRules(_arbitrator);
        Case storage c = _known(caseId);
        CaseState state = c.state;
        if (state != CaseState.Contested && state != CaseState.Appealed) revert CaseStateInvalid(caseId, uint8(state));
        _requireBefore(caseId, c.deadline);

        // Effects. The second ruling is final: its deadline is now.
        uint40 deadline = _in(state == CaseState.Contested ? _settings.appealWindow : 0);
        if (state == CaseState.Appealed && ruling != c.ruling) {
            _credits[caseId][c.appellant] += c.appealBond;
            c.appealBond = 0;
        }
        (c.state, c.ruling, c.deadline) = (CaseState.Ruled, ruling, deadline);
        emit Ruled(caseId, ruling, deadline);

        // Interactions, with the project's own modules. What the first ruling did is undone only when the case is closed.
        if (ruling == Side.Challenger) _enforce(caseId, c);
    }

    /// @inheritdoc IArbitrable
    /// @dev Writes the ruling and calls nobody, so that the arbitrator's own books can't be held up; `close` does the rest.
    function rule(uint256 disputeId, uint256 ruling) external {
        // Checks.
        address arbitrator_ = _arbitrator;
        if (msg.sender != arbitrator_) revert NotArbitrator(msg.sender, arbitrator_);
        if (ruling > CHOICES) revert RulingInvalid(ruling);
        uint256 caseId = _caseOfDispute[disputeId];
        if (caseId == 0) revert DisputeUnknown(disputeId);
        Case storage c = _caseIn(caseId, CaseState.Contested);

        // Effects.
        (c.state, c.ruling, c.deadline) = (CaseState.Ruled, Side(ruling), _in(0));
        emit Ruling(arbitrator_, disputeId, ruling);
        emit Ruled(caseId, Side(ruling), c.deadline);
    }

    /// @inheritdoc IDisputeCourt
    function appeal(uint256 caseId) external payable {
        address arbitrator_ = _arbitrator;
        if (arbitrator_ != address(0)) return _appealTo(arbitrator_, caseId);

        // Checks.
        Case storage c = _caseIn(caseId, CaseState.Ruled);
        _requireBefore(caseId, c.deadline);
        uint256 least = 2 * uint256(c.bond);
        if (msg.value < least) revert BondInsufficient(least, msg.value);

        // Effects.
        uint40 deadline = _in(_settings.rulingWindow);
        (c.state, c.deadline) = (CaseState.Appealed, deadline);
        (c.appellant, c.appealBond) = (msg.sender, msg.value.toUint96());
        emit Appealed(caseId, msg.sender, msg.value, deadline);
    }

    /// @inheritdoc IDisputeCourt
    function close(uint256 caseId) external {
        Case storage c = _known(caseId);
        CaseState state = c.state;
        if (state == CaseState.Closed) revert CaseStateInvalid(caseId, uint8(state));
        Side ruling = c.ruling;
        uint40 end = c.deadline;
        if (state == CaseState.Open) {
            // Answered, and nobody could or would submit it.
            if (c.respondentPot != 0) end += _settings.rulingWindow;
            else ruling = Side.Challenger;
        }
        _requireAfter(caseId, end);
        _close(caseId, c, ruling);
    }

    /// @inheritdoc IDisputeCourt
    function withdraw(uint256 caseId, address account) external returns (uint256 amount) {
        // Checks.
        amount = owedBy(caseId, account);
        if (amount == 0) revert NothingOwed(caseId, account);

        // Effects.
        delete _credits[caseId][account];
        if (_cases[caseId].state == CaseState.Closed) {
            delete _bonds[caseId][Side.Challenger][account];
            delete _bonds[caseId][Side.Respondent][account];
        }
        emit Withdrawn(caseId, account, amount);

        // Interaction.
        _pay(account, amount);
    }

    /// @inheritdoc IDisputeCourt
    function withdrawTreasury() external returns (uint256 amount) {
        address treasury = _wired(4);
        amount = _treasuryOwed;
        if (amount == 0) revert NothingOwed(0, treasury);
        _treasuryOwed = 0;
        emit Withdrawn(0, treasury, amount);
        _pay(treasury, amount);
    }

    /// @inheritdoc IDisputeCourt
    function owedBy(uint256 caseId, address account) public view returns (uint256 amount) {
        amount = _credits[caseId][account];
        if (_cases[caseId].state != CaseState.Closed) return amount;
        mapping(Side => mapping(address => uint256)) storage bonds = _bonds[caseId];
        return
            amount + CourtMoney.partOf(_cases[caseId], bonds[Side.Challenger][account], bonds[Side.Respondent][account]);
    }

    /// @dev An appeal to an outside arbitrator, for what it asks.
    function _appealTo(address arbitrator_, uint256 caseId) private {
        // Checks.
        Case storage c = _caseIn(caseId, CaseState.Contested);
        _requireBefore(caseId, c.deadline);
        uint256 disputeId = c.disputeId;
        uint256 cost = IArbitrator(arbitrator_).appealCost(disputeId, _extraData);
        if (msg.value < cost) revert BondInsufficient(cost, msg.value);

        // Effects. Once only: an arbitrator that takes appeals for ever would keep bonds and locks for ever.
        if (c.appellant == address(0)) {
            c.appellant = msg.sender;
            c.deadline += uint40(_settings.appealWindow) + _settings.rulingWindow;
        }
        _credit(caseId, msg.value - cost);
        emit Appealed(caseId, msg.sender, cost, c.deadline);

        // Interaction.
        IArbitrator(arbitrator_).appeal{value: cost}(disputeId, _extraData);
    }

    /// @dev What a ruling for the challenger does before it is final.
    function _enforce(uint256 caseId, Case storage c) private {
        if (c.holdsLock) _seize(_lockOf(c), caseId);
        if (c.kind != SubjectKind.Version || _disputed[caseId]) return;
        (Status status,) = _registry().statusOf(c.subject);
        (bool ruled,) = _registry().rulingOf(c.subject);
        if (ruled || status == Status.Disputed) return;
        _disputed[caseId] = true;
        _registry().ruleStatus(c.datasetId, c.number, Status.Disputed, 0);
    }

    function _close(uint256 caseId, Case storage c, Side ruling) private {
        // Effects.
        bytes32 subject = c.subject;
        bool won = ruling == Side.Challenger;
        (c.state, c.ruling, c.deadline) = (CaseState.Closed, ruling, _in(0));
        _subjects[subject].openCase = 0;
        // A case that is nobody's costs nobody anything, and must not make the next one dearer.
        if (ruling == Side.Respondent) ++_subjects[subject].stood;

        // Interactions, with the project's own modules: the subject, then the books, which depend on what was slashed.
        uint32 extension = _settings.answerWindow;
        if (c.kind == SubjectKind.Report) {
            if (won) _ledger().strikeReport(subject);
            else _ledger().upholdReport(subject, extension);
        } else {
            if (won) _enforce(caseId, c);
            if (c.holdsLock) c.slashed = _settleLock(_lockOf(c), caseId, won, extension);
            if (c.kind == SubjectKind.Version) _settleStatus(caseId, c, won);
        }
        (,, uint256 toTreasury) = CourtMoney.split(c);
        _treasuryOwed += toTreasury;
        emit CaseClosed(caseId, ruling, c.slashed, toTreasury);
    }

    /// @dev Out of a dispute. What the DAO has ended itself meanwhile is left as it is: the registry would refuse, and the
    /// case could not be closed.
    function _settleStatus(uint256 caseId, Case storage c, bool won) private {
        if (!won && !_disputed[caseId]) return;
        (Status status,) = _registry().statusOf(c.subject);
        if (status != Status.Disputed) return;
        // Active stands for what it was before.
        _registry().ruleStatus(c.datasetId, c.number, won ? Status.Recalled : Status.Active, 0);
    }

    function _pay(address account, uint256 amount) private {
        if (!LowLevelCall.callNoReturn(account, amount, "")) revert PaymentRefused(account, amount);
    }
}
