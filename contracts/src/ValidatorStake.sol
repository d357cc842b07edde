// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {NoncesKeyed} from "@openzeppelin/contracts/utils/NoncesKeyed.sol";
import {IDatasetRegistry} from "./interfaces/IDatasetRegistry.sol";
import {IValidatorStake} from "./interfaces/IValidatorStake.sol";
import {Eip712} from "./lib/Eip712.sol";
import {Module} from "./lib/Module.sol";
import {Attestation, Lock, LockKind, LockState, ModuleConfig, StakeAccount, Unbonding} from "./types/Modules.sol";

/// @title Stake of validators and publishers, and what is locked of it
/// @notice What keeps the books covered:
///
/// 1. Coin held is the sum of all accounts' active and unbonding stake and of the locks in escrow. It comes in by `stake`
///    alone and leaves by `unstake` and `forfeit` alone.
/// 2. `active + unbonding >= locked`: locks are made of free active stake, `unstake` leaves what they need, and `take`
///    lowers both sides by the same amount.
/// 3. The whole contract never holds more than 96 bits of coin, so that no sum of stakes overflows, a returned lock's least
///    of all: a case that could not be closed would hold the bonds of others.
contract ValidatorStake is IValidatorStake, Module, NoncesKeyed {
    /// @dev One slot: 96 + 32 + 32 + 8.
    struct Settings {
        uint96 attestationLock;
        uint32 challengeWindow;
        uint32 unbonding;
        bool initialized;
    }

    /// @dev What is stored of an account.
    struct Account {
        // Slot 0: 96 + 96 + 32 + 32.
        uint96 active;
        uint96 unbonding;
        uint32 upheld;
        uint32 lost;
        // Slot 1: 96 + 128 + 32.
        uint96 locked;
        /// All that was ever asked for: at most 2^32 requests of 96 bits. What was paid or taken of it is
        /// `requested - unbonding`, the front of the line.
        uint128 requested;
        uint32 requests;
    }

    /// @dev One slot: 128 + 40. A request covers what was asked for from the end of the request before it up to its own.
    struct Request {
        uint128 end;
        uint40 readyAt;
    }

    /// @dev One slot. Of a version's attestations that were not lost.
    struct Quality {
        uint128 sum;
        uint128 count;
    }

    bytes32 private constant ATTESTATION_TAG = keccak256("dgov.attestation.v1");
    bytes32 private constant BACKING_TAG = keccak256("dgov.backing.v1");
    uint16 private constant ALL_BPS = 10_000;
    /// @dev `until` of a backing whose end nobody asked for.
    uint40 private constant ENDLESS = type(uint40).max;
    uint256 private constant REGISTRY = 1;

    Settings private _settings;
    mapping(address account => Account) private _accounts;
    mapping(address account => mapping(uint256 index => Request)) private _requests;
    mapping(bytes32 lockId => Lock) private _locks;
    mapping(bytes32 versionKey => Quality) private _qualities;

    /// @inheritdoc IValidatorStake
    function initialize(ModuleConfig calldata config) external onlyClone {
        // Checks.
        if (_settings.initialized) revert AlreadyInitialized();
        uint256 needed = uint256(config.challengeWindow) + config.answerWindow + 2 * uint256(config.rulingWindow)
            + config.appealWindow;
        if (config.unbonding < needed) revert UnbondingTooShort(config.unbonding, needed);

        // Effects.
        _settings = Settings(config.attestationLock, config.challengeWindow, config.unbonding, true);
    }

    /// @inheritdoc IValidatorStake
    function stake() external payable onlyClone {
        // Checks.
        if (msg.value == 0) revert AmountZero();
        if (address(this).balance > type(uint96).max) revert StakeOverflow(address(this).balance);

        // Effects. The cast: the balance contains the value.
        // forge-lint: disable-next-line(unsafe-typecast)
        _accounts[msg.sender].active += uint96(msg.value);
        emit Staked(msg.sender, msg.value);
    }

    /// @inheritdoc IValidatorStake
    function requestUnstake(uint256 amount) external returns (uint256 index) {
        // Checks.
        Account storage account = _accounts[msg.sender];
        if (amount == 0) revert AmountZero();
        if (amount > account.active) revert StakeInsufficient(msg.sender, account.active, amount);

        // Effects. The cast: `active` is not less.
        // forge-lint: disable-next-line(unsafe-typecast)
        uint96 part = uint96(amount);
        account.active -= part;
        account.unbonding += part;
        account.requested += part;
        index = account.requests++;
        uint40 readyAt = _after(_settings.unbonding);
        _requests[msg.sender][index] = Request(account.requested, readyAt);
        emit UnstakeRequested(msg.sender, index, amount, readyAt);
    }

    /// @inheritdoc IValidatorStake
    function unstake(address owner, uint256 index) external {
        // Checks.
        Account storage account = _accounts[owner];
        Request memory request = _requests[owner][index];
        uint128 gone = account.requested - account.unbonding;
        // A request that never was ends at zero.
        if (request.end <= gone) revert UnbondingUnknown(owner, index);
        if (block.timestamp < request.readyAt) revert NotReady(index, request.readyAt);
        uint256 amount = request.end - gone;
        uint256 held = uint256(account.active) + account.unbonding;
        uint256 free = held - account.locked;
        if (free == 0) revert LocksUncovered(owner, held - amount, account.locked);
        if (amount > free) amount = free;

        // Effects. The cast: requests that are not gone add up to `unbonding`.
        // forge-lint: disable-next-line(unsafe-typecast)
        account.unbonding -= uint96(amount);
        emit Unstaked(owner, index, amount);

        // Interactions.
        _pay(owner, amount);
    }

    /// @inheritdoc IValidatorStake
    function attest(bytes32 versionKey, uint16 score, bytes32 evidence) external returns (bytes32 lockId) {
        return _attest(msg.sender, versionKey, score, evidence);
    }

    /// @inheritdoc IValidatorStake
    function attestBySig(Attestation calldata attestation, bytes calldata signature) external returns (bytes32 lockId) {
        // Checks, and the signer's nonce.
        if (block.timestamp > attestation.deadline) revert RequestExpired(attestation.deadline);
        address validator = attestation.validator;
        _useCheckedNonce(validator, attestation.nonce);
        if (!_isSignedBy(validator, Eip712.digest(Eip712.hashAttestation(attestation)), signature)) {
            revert SignatureInvalid(validator);
        }

        // Checks and effects.
        return _attest(validator, attestation.versionKey, attestation.score, attestation.evidence);
    }

    /// @inheritdoc IValidatorStake
    function back(bytes32 datasetId, uint96 amount) external returns (bytes32 lockId) {
        // Checks.
        if (amount == 0) revert AmountZero();
        address owner = _datasetOwner(datasetId);
        if (owner != msg.sender) revert NotDatasetOwner(datasetId, msg.sender, owner);
        lockId = backingIdOf(datasetId);
        if (_stands(_locks[lockId].state)) revert AlreadyBacked(lockId);

        // Checks and effects.
        _lock(lockId, Lock(msg.sender, amount, ENDLESS, 0, LockKind.Backing, LockState.Live, datasetId));
        emit Backed(lockId, msg.sender, datasetId, amount);
    }

    /// @inheritdoc IValidatorStake
    function endBacking(bytes32 lockId) external {
        // Checks. A case does not keep the owner from asking, only from getting.
        Lock storage lock = _locks[lockId];
        if (lock.kind != LockKind.Backing || !_stands(lock.state)) {
            revert LockStateInvalid(lockId, uint8(lock.state));
        }
        if (msg.sender != lock.owner && msg.sender != _datasetOwner(lock.subject)) {
            revert NotLockOwner(lockId, msg.sender, lock.owner);
        }
        if (lock.until != ENDLESS) revert AlreadyEnding(lockId, lock.until);

        // Effects.
        uint40 until = _after(_settings.unbonding);
        lock.until = until;
        emit BackingEnding(lockId, until);
    }

    /// @inheritdoc IValidatorStake
    function release(bytes32 lockId) external {
        // Checks.
        Lock storage lock = _locks[lockId];
        if (lock.state != LockState.Live) revert LockStateInvalid(lockId, uint8(lock.state));
        if (block.timestamp < lock.until) revert ChallengeOpen(lockId, lock.until);

        // Effects.
        address owner = lock.owner;
        Account storage account = _accounts[owner];
        account.locked -= lock.amount;
        if (lock.kind == LockKind.Attestation) ++account.upheld;
        lock.state = LockState.Released;
        emit LockReleased(lockId, owner, lock.amount);
    }

    /// @inheritdoc IValidatorStake
    function cancelNonce(uint192 key) external returns (uint256 nonce) {
        nonce = _useNonce(msg.sender, key);
        emit NonceCancelled(msg.sender, nonce);
    }

    /// @inheritdoc IValidatorStake
    function hold(bytes32 lockId) external restricted returns (address owner, uint96 amount) {
        // Checks.
        Lock storage lock = _locks[lockId];
        if (lock.state != LockState.Live) revert LockStateInvalid(lockId, uint8(lock.state));
        if (lock.kind == LockKind.Attestation && block.timestamp >= lock.until) {
            revert ChallengeOver(lockId, lock.until);
        }

        // Effects.
        lock.state = LockState.Held;
        emit LockHeld(lockId);
        return (lock.owner, lock.amount);
    }

    /// @inheritdoc IValidatorStake
    function take(bytes32 lockId) external restricted {
        // Checks.
        Lock storage lock = _locks[lockId];
        if (lock.state != LockState.Held) revert LockStateInvalid(lockId, uint8(lock.state));

        // Effects.
        _take(lockId, lock);
    }

    /// @inheritdoc IValidatorStake
    function giveBack(bytes32 lockId, uint32 extension) external restricted {
        // Checks.
        Lock storage lock = _locks[lockId];
        LockState state = lock.state;
        if (state != LockState.Held && state != LockState.Escrowed) revert LockStateInvalid(lockId, uint8(state));

        // Effects. To active stake, wherever it came from: the owner asks for it again.
        if (state == LockState.Escrowed) {
            Account storage account = _accounts[lock.owner];
            account.active += lock.amount;
            account.locked += lock.amount;
        }
        uint40 until = _after(extension);
        if (until < lock.until) until = lock.until;
        lock.until = until;
        lock.state = LockState.Live;
        emit LockReturned(lockId, until);
    }

    /// @inheritdoc IValidatorStake
    function forfeit(bytes32 lockId) external restricted returns (uint96 amount) {
        // Checks.
        Lock storage lock = _locks[lockId];
        LockState state = lock.state;
        if (state != LockState.Held && state != LockState.Escrowed) revert LockStateInvalid(lockId, uint8(state));

        // Effects.
        if (state == LockState.Held) _take(lockId, lock);
        lock.state = LockState.Lost;
        if (lock.kind == LockKind.Attestation) {
            ++_accounts[lock.owner].lost;
            Quality storage quality = _qualities[lock.subject];
            quality.sum -= lock.score;
            --quality.count;
        }
        amount = lock.amount;
        emit LockForfeited(lockId, lock.owner, amount);

        // Interactions.
        _pay(msg.sender, amount);
    }

    /// @inheritdoc IValidatorStake
    function lockOf(bytes32 lockId) external view returns (Lock memory) {
        return _locks[lockId];
    }

    /// @inheritdoc IValidatorStake
    function accountOf(address owner) external view returns (StakeAccount memory) {
        Account storage account = _accounts[owner];
        return StakeAccount(account.active, account.unbonding, account.upheld, account.lost, account.locked);
    }

    /// @inheritdoc IValidatorStake
    function unbondingOf(address owner, uint256 index) external view returns (Unbonding memory) {
        Account storage account = _accounts[owner];
        Request memory request = _requests[owner][index];
        uint128 from = account.requested - account.unbonding;
        if (request.end <= from) return Unbonding(0, 0);
        uint128 start = index == 0 ? 0 : _requests[owner][index - 1].end;
        if (start > from) from = start;
        // The cast: one request was of 96 bits.
        // forge-lint: disable-next-line(unsafe-typecast)
        return Unbonding(uint96(request.end - from), request.readyAt);
    }

    /// @inheritdoc IValidatorStake
    function reputationOf(address validator) external view returns (uint256 bps) {
        uint256 upheld = _accounts[validator].upheld;
        return ALL_BPS * (upheld + 1) / (upheld + _accounts[validator].lost + 2);
    }

    /// @inheritdoc IValidatorStake
    function qualityOf(bytes32 versionKey) external view returns (uint256 meanBps, uint256 count) {
        Quality memory quality = _qualities[versionKey];
        count = quality.count;
        if (count != 0) meanBps = quality.sum / count;
    }

    /// @inheritdoc IValidatorStake
    function nonces(address account, uint192 key)
        public
        view
        override(IValidatorStake, NoncesKeyed)
        returns (uint256 nonce)
    {
        return super.nonces(account, key);
    }

    /// @inheritdoc IValidatorStake
    function domainSeparator() external view returns (bytes32) {
        return Eip712.domainSeparator();
    }

    /// @inheritdoc IValidatorStake
    function settings() external view returns (uint96 attestationLock, uint32 challengeWindow, uint32 unbonding) {
        return (_settings.attestationLock, _settings.challengeWindow, _settings.unbonding);
    }

    /// @inheritdoc IValidatorStake
    function attestationIdOf(address validator, bytes32 versionKey) public view returns (bytes32) {
        return keccak256(abi.encode(ATTESTATION_TAG, block.chainid, address(this), validator, versionKey));
    }

    /// @inheritdoc IValidatorStake
    function backingIdOf(bytes32 datasetId) public view returns (bytes32) {
        return keccak256(abi.encode(BACKING_TAG, block.chainid, address(this), datasetId));
    }

    function _attest(address validator, bytes32 versionKey, uint16 score, bytes32 evidence)
        private
        returns (bytes32 lockId)
    {
        // Checks.
        if (score > ALL_BPS) revert ScoreInvalid(score);
        if (evidence == 0) revert EvidenceMissing();
        if (IDatasetRegistry(_wired(REGISTRY)).recordRootOf(versionKey) == 0) revert VersionUnknown(versionKey);
        lockId = attestationIdOf(validator, versionKey);
        // Whatever became of it: a lost attestation can't be made again, nor a released one be counted twice.
        if (_locks[lockId].state != LockState.None) revert AlreadyAttested(lockId);

        // Checks and effects.
        uint96 amount = _settings.attestationLock;
        uint40 until = _after(_settings.challengeWindow);
        _lock(lockId, Lock(validator, amount, until, score, LockKind.Attestation, LockState.Live, versionKey));
        Quality storage quality = _qualities[versionKey];
        quality.sum += score;
        ++quality.count;
        emit Attested(lockId, validator, versionKey, score, evidence, amount, until);
    }

    /// @dev Locks free active stake: what is on its way out, or locked already, secures nothing new.
    function _lock(bytes32 lockId, Lock memory lock) private {
        // Checks.
        Account storage account = _accounts[lock.owner];
        uint256 active = account.active;
        uint256 locked = account.locked;
        uint256 free = active > locked ? active - locked : 0;
        if (free < lock.amount) revert StakeInsufficient(lock.owner, free, lock.amount);

        // Effects.
        account.locked += lock.amount;
        _locks[lockId] = lock;
    }

    /// @dev From active stake first, then from the front of the requests' line, which is `unbonding` getting less.
    function _take(bytes32 lockId, Lock storage lock) private {
        address owner = lock.owner;
        uint96 amount = lock.amount;
        Account storage account = _accounts[owner];
        uint96 fromActive = amount < account.active ? amount : account.active;
        account.active -= fromActive;
        account.unbonding -= amount - fromActive;
        account.locked -= amount;
        lock.state = LockState.Escrowed;
        emit LockTaken(lockId, owner, amount);
    }

    function _pay(address to, uint256 amount) private {
        if (!LowLevelCall.callNoReturn(to, amount, "")) revert PaymentRefused(to, amount);
    }

    /// @dev The account's key first, which an account with code may have too (EIP-7702); then the contract's own word.
    function _isSignedBy(address signer, bytes32 digest, bytes calldata signature) private view returns (bool) {
        (address recovered, ECDSA.RecoverError err,) = ECDSA.tryRecoverCalldata(digest, signature);
        if (err == ECDSA.RecoverError.NoError && recovered == signer) return true;
        return SignatureChecker.isValidERC1271SignatureNowCalldata(signer, digest, signature);
    }

    function _datasetOwner(bytes32 datasetId) private view returns (address) {
        return IERC721(_wired(REGISTRY)).ownerOf(uint256(datasetId));
    }

    function _stands(LockState state) private pure returns (bool) {
        return state == LockState.Live || state == LockState.Held || state == LockState.Escrowed;
    }

    function _after(uint32 time) private view returns (uint40) {
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint40(block.timestamp + time);
    }
}
