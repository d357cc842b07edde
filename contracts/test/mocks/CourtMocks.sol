// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IArbitrable, IArbitrator} from "../../src/interfaces/IArbitration.sol";
import {IDatasetRegistry} from "../../src/interfaces/IDatasetRegistry.sol";
import {IUsageLedger} from "../../src/interfaces/IUsageLedger.sol";
import {IValidatorStake} from "../../src/interfaces/IValidatorStake.sol";
import {Job, JobState, Lock, LockKind, LockState} from "../../src/types/Modules.sol";
import {Status} from "../../src/types/Types.sol";

/// @dev The registry as the court sees it, with the rules of `ruleStatus`.
contract MockStatuses {
    struct Flags {
        Status status;
        Status before;
        bool ruled;
    }

    mapping(bytes32 datasetId => mapping(uint32 number => bytes32)) public keyAt;
    mapping(bytes32 versionKey => Flags) public flags;

    error Transition(Status from, Status to);

    function add(bytes32 datasetId, uint32 number) external returns (bytes32 key) {
        key = keyAt[datasetId][number] = keccak256(abi.encode("version", datasetId, number));
    }

    /// @dev What owner and DAO do there.
    function setStatus(bytes32 versionKey, Status status, bool ruled) external {
        flags[versionKey] = Flags(status, Status.Active, ruled);
    }

    function statusOf(bytes32 versionKey) external view returns (Status, bool) {
        if (versionKey == 0) revert IDatasetRegistry.VersionUnknown(versionKey);
        return (flags[versionKey].status, false);
    }

    function rulingOf(bytes32 versionKey) external view returns (bool, Status) {
        return (flags[versionKey].ruled, flags[versionKey].before);
    }

    function ruleStatus(bytes32 datasetId, uint32 number, Status status, bytes32) external {
        Flags storage f = flags[keyAt[datasetId][number]];
        if (f.status != Status.Disputed) {
            if (status != Status.Disputed || f.ruled) revert Transition(f.status, status);
            (f.before, f.status) = (f.status, status);
        } else if (status == Status.Recalled) {
            (f.ruled, f.status, f.before) = (true, status, Status.Active);
        } else {
            if (status != Status.Active && status != f.before) revert Transition(f.status, status);
            (f.status, f.before) = (f.before, Status.Active);
        }
    }
}

/// @dev Locks over real coin, with the states of the stake module.
contract MockStake {
    mapping(bytes32 lockId => Lock) private _locks;

    function lock(bytes32 lockId, LockKind kind, bytes32 subject, uint40 until) external payable {
        _locks[lockId] = Lock(msg.sender, uint96(msg.value), until, 0, kind, LockState.Live, subject);
    }

    function setState(bytes32 lockId, LockState state) external {
        _locks[lockId].state = state;
    }

    function hold(bytes32 lockId) external returns (address, uint96) {
        Lock storage l = _in(lockId, LockState.Live, LockState.Live);
        if (l.kind == LockKind.Attestation && block.timestamp >= l.until) {
            revert IValidatorStake.ChallengeOver(lockId, l.until);
        }
        l.state = LockState.Held;
        return (l.owner, l.amount);
    }

    function take(bytes32 lockId) external {
        _in(lockId, LockState.Held, LockState.Held).state = LockState.Escrowed;
    }

    function giveBack(bytes32 lockId, uint32 extension) external {
        Lock storage l = _in(lockId, LockState.Held, LockState.Escrowed);
        l.state = LockState.Live;
        uint40 until = uint40(block.timestamp) + extension;
        if (l.until < until) l.until = until;
    }

    function forfeit(bytes32 lockId) external returns (uint96 amount) {
        Lock storage l = _in(lockId, LockState.Escrowed, LockState.Escrowed);
        (l.state, amount) = (LockState.Lost, l.amount);
        (bool success,) = msg.sender.call{value: amount}("");
        require(success);
    }

    function lockOf(bytes32 lockId) external view returns (Lock memory) {
        return _locks[lockId];
    }

    function backingIdOf(bytes32 datasetId) external pure returns (bytes32) {
        return keccak256(abi.encode("backing", datasetId));
    }

    function _in(bytes32 lockId, LockState one, LockState other) private view returns (Lock storage l) {
        l = _locks[lockId];
        if (l.state != one && l.state != other) revert IValidatorStake.LockStateInvalid(lockId, uint8(l.state));
    }
}

/// @dev Reports in their states.
contract MockReports {
    mapping(bytes32 jobId => Job) private _jobs;

    function report(bytes32 jobId, uint128 amount, address currency, uint40 settleAt) external {
        Job storage job = _jobs[jobId];
        (job.amount, job.currency, job.settleAt, job.state) = (amount, currency, settleAt, JobState.Reported);
    }

    function holdReport(bytes32 jobId) external returns (uint128) {
        Job storage job = _in(jobId, JobState.Reported);
        if (block.timestamp >= job.settleAt) revert IUsageLedger.ChallengeOver(jobId, job.settleAt);
        job.state = JobState.Held;
        return job.amount;
    }

    function upholdReport(bytes32 jobId, uint32 extension) external {
        Job storage job = _in(jobId, JobState.Held);
        job.state = JobState.Reported;
        uint40 until = uint40(block.timestamp) + extension;
        if (job.settleAt < until) job.settleAt = until;
    }

    function strikeReport(bytes32 jobId) external {
        _in(jobId, JobState.Held).state = JobState.Struck;
    }

    function jobOf(bytes32 jobId) external view returns (Job memory) {
        return _jobs[jobId];
    }

    function _in(bytes32 jobId, JobState state) private view returns (Job storage job) {
        job = _jobs[jobId];
        if (job.state != state) revert IUsageLedger.JobStateInvalid(jobId, uint8(job.state));
    }
}

/// @dev An arbitrator that asks what it is told to and can be told to misbehave.
contract MockArbitrator {
    uint256 public cost;
    uint256 public fee;
    bool public refuses;
    bool public repeats;
    uint256 public disputes;
    bytes public lastExtraData;
    uint256 public lastChoices;
    bytes private _call;
    bool public called;
    bytes public answer;

    function set(uint256 cost_, uint256 fee_) external {
        (cost, fee) = (cost_, fee_);
    }

    function setRefuses(bool value) external {
        refuses = value;
    }

    function setRepeats(bool value) external {
        repeats = value;
    }

    /// @dev What it calls at the court while it is called.
    function setCall(bytes calldata data) external {
        _call = data;
    }

    function arbitrationCost(bytes calldata) external view returns (uint256) {
        require(!refuses, "refused");
        return cost;
    }

    function appealCost(uint256, bytes calldata) external view returns (uint256) {
        require(!refuses, "refused");
        return fee;
    }

    function createDispute(uint256 choices, bytes calldata extraData) external payable returns (uint256) {
        require(!refuses && msg.value == cost, "refused");
        (lastChoices, lastExtraData) = (choices, extraData);
        _callBack();
        return repeats ? 0 : disputes++;
    }

    function appeal(uint256, bytes calldata) external payable {
        require(!refuses && msg.value == fee, "refused");
        _callBack();
    }

    function rule(IArbitrable court, uint256 disputeId, uint256 ruling) external {
        court.rule(disputeId, ruling);
    }

    receive() external payable {}

    function _callBack() private {
        if (_call.length != 0) (called, answer) = msg.sender.call(_call);
    }
}
