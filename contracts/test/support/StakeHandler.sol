// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CommonBase} from "forge-std/Base.sol";
import {StdCheats} from "forge-std/StdCheats.sol";
import {StdUtils} from "forge-std/StdUtils.sol";
import {DatasetRegistry} from "../../src/DatasetRegistry.sol";
import {Attestation, Lock, LockKind, LockState} from "../../src/types/Modules.sol";
import {ValidatorStake} from "../../src/ValidatorStake.sol";
import {CourtAccount} from "./StakeFixture.sol";
import {HostileStaker} from "./StakeHostile.sol";

/// @notice Stakers, a court that does as it likes, and thieves; with a second, plain account of what everybody has. One of
/// the stakers calls back while it is paid and refuses coin at times.
contract StakeHandler is CommonBase, StdCheats, StdUtils {
    uint256 public constant ACTORS = 4;
    uint256 public constant VERSIONS = 3;
    uint256 public constant DATASETS = 2;

    /// @dev What was asked for and is neither paid nor taken, request by request.
    struct Entry {
        uint256 amount;
        uint256 readyAt;
    }

    ValidatorStake public immutable STAKE;
    CourtAccount public immutable COURT;
    DatasetRegistry private immutable REGISTRY;
    HostileStaker public immutable HOSTILE;

    address[] public actors;
    bytes32[] public versions;
    bytes32[] public datasets;
    bytes32[] public lockIds;
    mapping(bytes32 lockId => bool) private _seen;
    mapping(address => uint256) public staked;
    mapping(address => uint256) public active;
    mapping(address => uint256) public lostStake;
    mapping(address => uint256) public upheld;
    mapping(address => uint256) public lost;
    mapping(address => Entry[]) private _entries;
    uint256 public forced;
    /// @dev What must never happen, counted.
    uint256 public broken;

    constructor(
        ValidatorStake stake_,
        CourtAccount court_,
        DatasetRegistry registry_,
        bytes32[] memory versions_,
        bytes32[] memory datasets_
    ) {
        (STAKE, COURT, REGISTRY) = (stake_, court_, registry_);
        (versions, datasets) = (versions_, datasets_);
        HOSTILE = new HostileStaker(stake_);
        actors = [makeAddr("ann"), makeAddr("ben"), address(HOSTILE), makeAddr("publisher")];
        for (uint256 i; i < ACTORS; ++i) {
            vm.deal(actors[i], 1e24);
        }
    }

    function entryCount(address actor) external view returns (uint256) {
        return _entries[actor].length;
    }

    function entryAt(address actor, uint256 index) external view returns (Entry memory) {
        return _entries[actor][index];
    }

    function lockCount() external view returns (uint256) {
        return lockIds.length;
    }

    // ---- stakers

    function stake(uint256 actor, uint256 amount) external {
        address who = actors[actor % ACTORS];
        amount = bound(amount, 1, 40 ether);
        if (who.balance < amount) return;
        _act(who, abi.encodeCall(STAKE.stake, ()), amount);
        staked[who] += amount;
        active[who] += amount;
    }

    function requestUnstake(uint256 actor, uint256 amount) external {
        address who = actors[actor % ACTORS];
        amount = bound(amount, 1, 20 ether);
        _act(who, abi.encodeCall(STAKE.requestUnstake, (amount)), 0);
        active[who] -= amount;
        _entries[who].push(Entry(amount, block.timestamp + 28 days));
    }

    /// @notice Anybody has a request paid; nobody gets a coin before its time. What came in is checked against the plain
    /// account, whatever the receiver did inside.
    function unstake(uint256 actor, uint256 index) external {
        address who = actors[actor % ACTORS];
        uint256 n = _entries[who].length;
        if (n == 0) return;
        index %= n;
        uint256 before = who.balance;
        vm.prank(actors[(actor + 1) % ACTORS]);
        STAKE.unstake(who, index);
        uint256 paid = who.balance - before;
        if (paid == 0) ++broken;
        for (uint256 i; i < n && paid != 0; ++i) {
            Entry storage entry = _entries[who][i];
            if (entry.amount == 0) continue;
            if (entry.readyAt > block.timestamp) ++broken;
            uint256 part = paid < entry.amount ? paid : entry.amount;
            entry.amount -= part;
            paid -= part;
        }
        if (paid != 0) ++broken;
    }

    function attest(uint256 actor, uint256 version, uint16 score) external {
        address who = actors[actor % ACTORS];
        bytes32 key = versions[version % VERSIONS];
        _act(who, abi.encodeCall(STAKE.attest, (key, score % 10_001, keccak256("evidence"))), 0);
        _note(STAKE.attestationIdOf(who, key));
    }

    function back(uint256 dataset, uint256 amount) external {
        bytes32 id = datasets[dataset % DATASETS];
        address who = REGISTRY.ownerOf(uint256(id));
        _act(who, abi.encodeCall(STAKE.back, (id, uint96(bound(amount, 1, 30 ether)))), 0);
        _note(STAKE.backingIdOf(id));
    }

    function endBacking(uint256 actor, uint256 dataset) external {
        bytes32 lockId = STAKE.backingIdOf(datasets[dataset % DATASETS]);
        _act(actors[actor % ACTORS], abi.encodeCall(STAKE.endBacking, (lockId)), 0);
    }

    function release(uint256 lock) external {
        bytes32 lockId = _lockAt(lock);
        STAKE.release(lockId);
        if (STAKE.lockOf(lockId).kind == LockKind.Attestation) ++upheld[STAKE.lockOf(lockId).owner];
    }

    function sellDataset(uint256 dataset, uint256 to) external {
        uint256 id = uint256(datasets[dataset % DATASETS]);
        address owner = REGISTRY.ownerOf(id);
        vm.prank(owner);
        REGISTRY.transferFrom(owner, actors[to % ACTORS], id);
    }

    // ---- the court

    function hold(uint256 lock) external {
        COURT.hold(_lockAt(lock));
    }

    function take(uint256 lock) external {
        bytes32 lockId = _lockAt(lock);
        COURT.take(lockId);
        _taken(STAKE.lockOf(lockId));
    }

    function giveBack(uint256 lock, uint32 extension) external {
        bytes32 lockId = _lockAt(lock);
        Lock memory before = STAKE.lockOf(lockId);
        COURT.giveBack(lockId, extension % 10 days);
        if (before.state == LockState.Escrowed) active[before.owner] += before.amount;
        if (STAKE.lockOf(lockId).until < before.until) ++broken;
    }

    function forfeit(uint256 lock) external {
        bytes32 lockId = _lockAt(lock);
        Lock memory before = STAKE.lockOf(lockId);
        COURT.forfeit(lockId);
        if (before.state == LockState.Held) _taken(before);
        lostStake[before.owner] += before.amount;
        if (before.kind == LockKind.Attestation) ++lost[before.owner];
    }

    // ---- thieves and the world

    /// @notice What only the court may do, and setting up again.
    function usurp(uint256 actor, uint256 lock, uint256 way) external {
        bytes32 lockId = _lockAt(lock);
        bytes[5] memory calls = [
            abi.encodeCall(STAKE.hold, (lockId)),
            abi.encodeCall(STAKE.take, (lockId)),
            abi.encodeCall(STAKE.giveBack, (lockId, 0)),
            abi.encodeCall(STAKE.forfeit, (lockId)),
            abi.encodeWithSelector(STAKE.initialize.selector, uint256(32), uint256(1))
        ];
        vm.prank(actors[actor % ACTORS]);
        (bool success,) = address(STAKE).call(calls[way % 5]);
        if (success) ++broken;
    }

    /// @notice Signatures that nobody gave.
    function forge(uint256 actor, uint256 version, bytes calldata signature) external {
        address who = actors[actor % ACTORS];
        Attestation memory request = Attestation(
            who, versions[version % VERSIONS], 1, keccak256("evidence"), STAKE.nonces(who, 0), block.timestamp
        );
        try STAKE.attestBySig(request, signature) {
            ++broken;
        } catch {}
    }

    function force(uint256 amount) external {
        amount = bound(amount, 1, 1 ether);
        vm.deal(address(STAKE), address(STAKE).balance + amount);
        forced += amount;
    }

    function setRefuses(bool value) external {
        HOSTILE.setRefuses(value);
    }

    function pass(uint256 time) external {
        skip(bound(time, 1 hours, 15 days));
    }

    // ---- for the end of a run: all cases end, all locks are freed, everybody leaves

    function leave() external {
        HOSTILE.setRefuses(false);
        for (uint256 i; i < lockIds.length; ++i) {
            Lock memory lock = STAKE.lockOf(lockIds[i]);
            if (lock.state == LockState.Held || lock.state == LockState.Escrowed) {
                COURT.giveBack(lockIds[i], 0);
                if (lock.state == LockState.Escrowed) active[lock.owner] += lock.amount;
                lock = STAKE.lockOf(lockIds[i]);
            }
            if (lock.state == LockState.Live && lock.until == type(uint40).max) {
                _act(lock.owner, abi.encodeCall(STAKE.endBacking, (lockIds[i])), 0);
            }
        }
        skip(60 days);
        for (uint256 i; i < lockIds.length; ++i) {
            if (STAKE.lockOf(lockIds[i]).state == LockState.Live) STAKE.release(lockIds[i]);
        }
        for (uint256 i; i < ACTORS; ++i) {
            address who = actors[i];
            if (active[who] != 0) {
                _act(who, abi.encodeCall(STAKE.requestUnstake, (active[who])), 0);
                _entries[who].push(Entry(active[who], block.timestamp + 28 days));
                active[who] = 0;
            }
        }
        skip(28 days);
        for (uint256 i; i < ACTORS; ++i) {
            uint256 n = _entries[actors[i]].length;
            if (n != 0 && STAKE.unbondingOf(actors[i], n - 1).amount != 0) STAKE.unstake(actors[i], n - 1);
        }
    }

    // ---- helpers

    /// @dev The plain account of a loss: active first, then the oldest requests.
    function _taken(Lock memory lock) private {
        uint256 rest = lock.amount;
        uint256 part = rest < active[lock.owner] ? rest : active[lock.owner];
        active[lock.owner] -= part;
        rest -= part;
        Entry[] storage entries = _entries[lock.owner];
        for (uint256 i; i < entries.length && rest != 0; ++i) {
            part = rest < entries[i].amount ? rest : entries[i].amount;
            entries[i].amount -= part;
            rest -= part;
        }
        if (rest != 0) ++broken;
    }

    function _act(address who, bytes memory data, uint256 value) private {
        if (who == address(HOSTILE)) {
            HOSTILE.act(data, value);
            return;
        }
        vm.prank(who);
        (bool success, bytes memory reason) = address(STAKE).call{value: value}(data);
        if (!success) {
            assembly ("memory-safe") {
                revert(add(reason, 32), mload(reason))
            }
        }
    }

    function _note(bytes32 lockId) private {
        if (_seen[lockId]) return;
        _seen[lockId] = true;
        lockIds.push(lockId);
    }

    function _lockAt(uint256 index) private view returns (bytes32) {
        return lockIds.length == 0 ? bytes32(0) : lockIds[index % lockIds.length];
    }
}
