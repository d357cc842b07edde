// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC6372} from "@openzeppelin/contracts/interfaces/IERC6372.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Time} from "@openzeppelin/contracts/utils/types/Time.sol";
import {IVoteEscrow} from "../interfaces/IVoteEscrow.sol";

/// @title VoteEscrow
/// @notice See {IVoteEscrow}.
/// @dev Each lock is a line that falls by `slope` each second and reaches zero at its end, exactly: all are whole numbers. The
/// supply is the sum of the lines; where locks end, at the ends of weeks, it falls less from then on. A change happens now
/// and only changes what ends later, so that nothing before now ever changes.
contract VoteEscrow is IVoteEscrow {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    uint48 private constant WEEK = 7 days;
    uint48 private constant MAX_TIME = 208 * WEEK;

    struct Lock {
        // Slot: 104 + 48 bits.
        uint104 amount;
        uint48 end;
    }

    /// @dev From `since` on there are `votes`, less `slope` each second.
    struct Point {
        // Slot: 48 + 104 + 104 bits.
        uint48 since;
        uint104 slope;
        uint104 votes;
    }

    IERC20 private immutable ASSET;

    mapping(address account => Lock) private _locks;
    mapping(address account => Point[]) private _history;
    Point[] private _supply;
    /// @dev How much less the supply falls from the end of this week on.
    mapping(uint256 week => uint256 slope) private _ending;

    /// @param asset_ What is locked.
    constructor(IERC20 asset_) {
        ASSET = asset_;
    }

    /// @inheritdoc IVoteEscrow
    function lock(uint256 amount, uint48 end) external {
        // Checks.
        if (_locks[msg.sender].amount != 0) revert LockExists(msg.sender);
        if (amount == 0) revert AmountZero();
        _checkEnd(end, clock());

        // Effects and interactions.
        _change(Lock(0, 0), Lock(amount.toUint104(), end));
        ASSET.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @inheritdoc IVoteEscrow
    function increase(uint256 amount) external {
        // Checks.
        Lock memory old = _running();
        if (amount == 0) revert AmountZero();

        // Effects and interactions.
        _change(old, Lock((old.amount + amount).toUint104(), old.end));
        ASSET.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @inheritdoc IVoteEscrow
    function extend(uint48 end) external {
        // Checks.
        Lock memory old = _running();
        _checkEnd(end, old.end);

        // Effects.
        _change(old, Lock(old.amount, end));
    }

    /// @inheritdoc IVoteEscrow
    function withdraw() external returns (uint256 amount) {
        // Checks.
        Lock memory old = _locks[msg.sender];
        amount = old.amount;
        if (amount == 0) revert LockMissing(msg.sender);
        if (clock() < old.end) revert LockRuns(msg.sender, old.end);

        // Effects: its votes are gone already.
        delete _locks[msg.sender];
        emit Withdrawn(msg.sender, amount);

        // Interactions.
        ASSET.safeTransfer(msg.sender, amount);
    }

    /// @inheritdoc IVoteEscrow
    function lockOf(address account) external view returns (uint256 amount, uint48 end) {
        Lock memory current = _locks[account];
        return (current.amount, current.end);
    }

    /// @inheritdoc IVoteEscrow
    function asset() external view returns (address) {
        return address(ASSET);
    }

    /// @inheritdoc IVoteEscrow
    function name() external view returns (string memory) {
        return string.concat("Vote-escrowed ", IERC20Metadata(address(ASSET)).name());
    }

    /// @inheritdoc IVotes
    function getVotes(address account) external view returns (uint256) {
        return _votesAt(account, clock());
    }

    /// @inheritdoc IVotes
    function getPastVotes(address account, uint256 timepoint) external view returns (uint256) {
        return _votesAt(account, _past(timepoint));
    }

    /// @inheritdoc IVoteEscrow
    function totalSupply() external view returns (uint256 votes) {
        (votes,) = _supplyAt(clock());
    }

    /// @inheritdoc IVotes
    function getPastTotalSupply(uint256 timepoint) external view returns (uint256 votes) {
        (votes,) = _supplyAt(_past(timepoint));
    }

    /// @inheritdoc IVotes
    function delegates(address account) external pure returns (address) {
        return account;
    }

    /// @inheritdoc IVotes
    function delegate(address) external pure {
        revert DelegationUnsupported();
    }

    /// @inheritdoc IVotes
    function delegateBySig(address, uint256, uint256, uint8, bytes32, bytes32) external pure {
        revert DelegationUnsupported();
    }

    /// @inheritdoc IERC6372
    function clock() public view returns (uint48) {
        return Time.timestamp();
    }

    /// @inheritdoc IERC6372
    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() external pure returns (string memory) {
        return "mode=timestamp";
    }

    /// @dev Puts a lock in the place of the sender's old one, which runs, or is none.
    function _change(Lock memory old, Lock memory next) private {
        uint48 now_ = clock();
        uint256 oldSlope = old.amount / MAX_TIME;
        uint256 slope = next.amount / MAX_TIME;
        uint256 votes = slope * (next.end - now_);
        (uint256 supply, uint256 fall) = _supplyAt(now_);
        if (old.amount != 0) {
            supply -= oldSlope * (old.end - now_);
            fall -= oldSlope;
            _ending[old.end] -= oldSlope;
        }
        _ending[next.end] += slope;
        _push(_supply, Point(now_, (fall + slope).toUint104(), (supply + votes).toUint104()));
        _push(_history[msg.sender], Point(now_, slope.toUint104(), votes.toUint104()));
        _locks[msg.sender] = next;
        emit Locked(msg.sender, next.amount, next.end);
    }

    /// @dev What happened last in a second is what counts for it.
    function _push(Point[] storage points, Point memory point) private {
        uint256 count = points.length;
        if (count != 0 && points[count - 1].since == point.since) points[count - 1] = point;
        else points.push(point);
    }

    function _running() private view returns (Lock memory current) {
        current = _locks[msg.sender];
        if (current.amount == 0) revert LockMissing(msg.sender);
        if (clock() >= current.end) revert LockEnded(msg.sender, current.end);
    }

    function _checkEnd(uint48 end, uint48 after_) private view {
        if (end % WEEK != 0 || end <= after_ || end > clock() + MAX_TIME) revert EndInvalid(end);
    }

    /// @dev The present second can still change.
    function _past(uint256 timepoint) private view returns (uint48) {
        uint48 now_ = clock();
        if (timepoint >= now_) revert ERC5805FutureLookup(timepoint, now_);
        // Compared with a uint48 above.
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint48(timepoint);
    }

    function _votesAt(address account, uint48 time) private view returns (uint256) {
        Point memory point = _pointAt(_history[account], time);
        uint256 fallen = uint256(point.slope) * (time - point.since);
        return fallen < point.votes ? point.votes - fallen : 0;
    }

    /// @dev From the last change on, week by week: locks end with weeks, and 208 weeks after a change all have ended.
    function _supplyAt(uint48 time) private view returns (uint256 votes, uint256 slope) {
        Point memory point = _pointAt(_supply, time);
        (votes, slope) = (point.votes, point.slope);
        uint256 from = point.since;
        uint256 week = (from / WEEK + 1) * WEEK;
        while (slope != 0 && week <= time) {
            votes -= slope * (week - from);
            slope -= _ending[week];
            from = week;
            week += WEEK;
        }
        if (slope != 0) votes -= slope * (time - from);
    }

    /// @dev The last point at or before this time; zeros if there is none.
    function _pointAt(Point[] storage points, uint48 time) private view returns (Point memory point) {
        uint256 low;
        uint256 high = points.length;
        // Invariant: points before `low` are not after `time`, points from `high` on are.
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (points[middle].since <= time) low = middle + 1;
            else high = middle;
        }
        if (low != 0) point = points[low - 1];
    }
}
