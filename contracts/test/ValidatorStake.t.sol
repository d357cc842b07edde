// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {IValidatorStake} from "../src/interfaces/IValidatorStake.sol";
import {Eip712} from "../src/lib/Eip712.sol";
import {Access} from "../src/lib/Managed.sol";
import {Module} from "../src/lib/Module.sol";
import {Attestation, Lock, LockKind, LockState, ModuleConfig, StakeAccount} from "../src/types/Modules.sol";
import {Status, Version} from "../src/types/Types.sol";
import {ValidatorStake} from "../src/ValidatorStake.sol";
import {StakeFixture} from "./support/StakeFixture.sol";
import {HostileStaker, WalletSigner} from "./support/StakeHostile.sol";

contract ValidatorStakeTest is StakeFixture {
    bytes32 internal constant EVIDENCE = keccak256("evidence");
    uint16 internal constant SCORE = 9_000;

    bytes32 internal versionKey;
    bytes32 internal datasetId;
    bytes32 internal otherKey;
    address internal ann;
    uint256 internal annKey;
    address internal ben = makeAddr("ben");
    address internal stranger = makeAddr("stranger");

    function setUp() public override {
        super.setUp();
        (ann, annKey) = makeAddrAndKey("ann");
        Version memory version = _register("first", keccak256("contributors"), keccak256("splits"));
        datasetId = version.datasetId;
        versionKey = this._hashOf(version);
        otherKey = this._hashOf(_register("second", keccak256("contributors"), keccak256("splits")));
        vm.deal(ann, 1_000 ether);
        vm.deal(ben, 1_000 ether);
        vm.deal(PUBLISHER, 1_000 ether);
    }

    // ---- initialize

    function test_InitializeKeepsSettingsAndWiring() external view {
        (uint96 lock, uint32 window, uint32 unbonding) = stake.settings();
        assertEq(lock, LOCK);
        assertEq(window, CHALLENGE);
        assertEq(unbonding, UNBONDING);
        assertEq(stake.wiring(0), address(manager));
        assertEq(stake.authority(), address(manager));
        assertEq(stake.wiring(1), address(registry));
        assertEq(stake.wiring(2), TREASURY);
        assertEq(stake.wiring(3), address(0));
    }

    function test_InitializeAgainReverts() external {
        vm.expectRevert(Module.AlreadyInitialized.selector);
        stake.initialize(_config());
    }

    function test_InitializeOfTheImplementationReverts() external {
        ValidatorStake implementation = new ValidatorStake();
        vm.expectRevert(Module.NotAClone.selector);
        implementation.initialize(_config());
    }

    function test_InitializeWithShortUnbondingReverts() external {
        ValidatorStake other = _newStake();
        ModuleConfig memory config = _config();
        config.unbonding = 22 days - 1;
        vm.expectRevert(abi.encodeWithSelector(IValidatorStake.UnbondingTooShort.selector, 22 days - 1, 22 days));
        other.initialize(config);
        config.unbonding = 22 days;
        other.initialize(config);
    }

    // ---- stake

    function test_Stake() external {
        vm.expectEmit(address(stake));
        emit IValidatorStake.Staked(ann, 3 ether);
        _stake(ann, 3 ether);
        _stake(ann, 4 ether);
        _stake(ben, 1 ether);
        _assertAccount(ann, 7 ether, 0, 0);
        _assertAccount(ben, 1 ether, 0, 0);
        assertEq(address(stake).balance, 8 ether);
    }

    function test_StakeOfNothingReverts() external {
        vm.expectRevert(IValidatorStake.AmountZero.selector);
        stake.stake();
    }

    function test_StakeBeyondTheLimitReverts() external {
        uint256 limit = type(uint96).max;
        _stake(ben, 1 ether);
        vm.deal(ann, limit);
        vm.prank(ann);
        vm.expectRevert(abi.encodeWithSelector(IValidatorStake.StakeOverflow.selector, limit + 1));
        stake.stake{value: limit - 1 ether + 1}();
        _stake(ann, limit - 1 ether);
        _assertAccount(ann, uint96(limit - 1 ether), 0, 0);
    }

    function test_PlainTransferReverts() external {
        vm.prank(ann);
        (bool success,) = address(stake).call{value: 1}("");
        assertFalse(success);
    }

    // ---- requestUnstake, unstake

    function test_RequestUnstake() external {
        _stake(ann, 10 ether);
        vm.expectEmit(address(stake));
        emit IValidatorStake.UnstakeRequested(ann, 0, 4 ether, uint40(block.timestamp + UNBONDING));
        assertEq(_request(ann, 4 ether), 0);
        assertEq(_request(ann, 6 ether), 1);
        _assertAccount(ann, 0, 10 ether, 0);
        _assertRequest(ann, 0, 4 ether);
        _assertRequest(ann, 1, 6 ether);
        _assertRequest(ann, 2, 0);
        assertEq(stake.unbondingOf(ann, 1).readyAt, block.timestamp + UNBONDING);
        assertEq(stake.unbondingOf(ann, 2).readyAt, 0);
    }

    function test_RequestUnstakeReverts() external {
        _stake(ann, 10 ether);
        vm.startPrank(ann);
        vm.expectRevert(IValidatorStake.AmountZero.selector);
        stake.requestUnstake(0);
        vm.expectRevert(abi.encodeWithSelector(IValidatorStake.StakeInsufficient.selector, ann, 10 ether, 10 ether + 1));
        stake.requestUnstake(10 ether + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IValidatorStake.StakeInsufficient.selector, ann, 10 ether, type(uint256).max)
        );
        stake.requestUnstake(type(uint256).max);
        vm.stopPrank();
    }

    function test_UnstakePaysTheOwnerOnce() external {
        _stake(ann, 10 ether);
        _request(ann, 4 ether);
        vm.expectRevert(
            abi.encodeWithSelector(IValidatorStake.NotReady.selector, 0, uint40(block.timestamp + UNBONDING))
        );
        stake.unstake(ann, 0);
        skip(UNBONDING - 1);
        vm.expectRevert(abi.encodeWithSelector(IValidatorStake.NotReady.selector, 0, uint40(block.timestamp + 1)));
        stake.unstake(ann, 0);
        skip(1);
        vm.expectEmit(address(stake));
        emit IValidatorStake.Unstaked(ann, 0, 4 ether);
        vm.prank(stranger);
        stake.unstake(ann, 0);
        assertEq(ann.balance, 994 ether);
        assertEq(stranger.balance, 0);
        _assertAccount(ann, 6 ether, 0, 0);
        _expectUnbondingUnknown(ann, 0);
        stake.unstake(ann, 0);
    }

    function test_UnstakeOfNoRequestReverts() external {
        _stake(ann, 10 ether);
        _request(ann, 4 ether);
        skip(UNBONDING);
        _expectUnbondingUnknown(ann, 1);
        stake.unstake(ann, 1);
        _expectUnbondingUnknown(ben, 0);
        stake.unstake(ben, 0);
    }

    function test_UnstakePaysEarlierRequestsToo() external {
        _stake(ann, 10 ether);
        _request(ann, 1 ether);
        _request(ann, 2 ether);
        skip(1 days);
        _request(ann, 4 ether);
        skip(UNBONDING - 1 days);
        stake.unstake(ann, 1);
        assertEq(ann.balance, 993 ether);
        _assertRequest(ann, 0, 0);
        _assertRequest(ann, 1, 0);
        _assertRequest(ann, 2, 4 ether);
        _expectUnbondingUnknown(ann, 0);
        stake.unstake(ann, 0);
        vm.expectRevert(abi.encodeWithSelector(IValidatorStake.NotReady.selector, 2, uint40(block.timestamp + 1 days)));
        stake.unstake(ann, 2);
        skip(1 days);
        stake.unstake(ann, 2);
        assertEq(ann.balance, 997 ether);
    }

    function test_UnstakeLeavesWhatLocksNeed() external {
        _stake(ann, 15 ether);
        bytes32 lockId = _attest(ann);
        _request(ann, 3 ether);
        _request(ann, 12 ether);
        skip(CHALLENGE - 1);
        vm.prank(address(court));
        stake.hold(lockId);
        skip(UNBONDING);
        // 5 are free of 15: the first request and 2 of the second.
        vm.expectEmit(address(stake));
        emit IValidatorStake.Unstaked(ann, 1, 5 ether);
        stake.unstake(ann, 1);
        assertEq(ann.balance, 990 ether);
        _assertAccount(ann, 0, 10 ether, 10 ether);
        _assertRequest(ann, 1, 10 ether);
        vm.expectRevert(abi.encodeWithSelector(IValidatorStake.LocksUncovered.selector, ann, 0, 10 ether));
        stake.unstake(ann, 1);
        court.giveBack(lockId, 0);
        stake.release(lockId);
        stake.unstake(ann, 1);
        assertEq(ann.balance, 1_000 ether);
    }

    function test_UnstakePaysWhatACaseLeft() external {
        _stake(ann, 15 ether);
        bytes32 lockId = _attest(ann);
        _request(ann, 6 ether);
        _request(ann, 5 ether);
        court.hold(lockId);
        // 4 active, then the first request and nothing of the second.
        court.take(lockId);
        _assertAccount(ann, 0, 5 ether, 0);
        _assertRequest(ann, 0, 0);
        _assertRequest(ann, 1, 5 ether);
        skip(UNBONDING);
        _expectUnbondingUnknown(ann, 0);
        stake.unstake(ann, 0);
        stake.unstake(ann, 1);
        assertEq(ann.balance, 990 ether);
        // What was given back is active again and leaves by a new request.
        court.giveBack(lockId, 0);
        _assertAccount(ann, 10 ether, 0, 10 ether);
    }

    /// @dev If an entry paid the smaller of itself and what is unbonding, old requests would let new stake out at once.
    function test_UnstakePaysNothingOfNewStakeEarly() external {
        _stake(ann, 10 ether);
        bytes32 lockId = _attest(ann);
        _request(ann, 10 ether);
        court.hold(lockId);
        court.forfeit(lockId);
        skip(UNBONDING);
        _stake(ann, 5 ether);
        assertEq(_request(ann, 5 ether), 1);
        _expectUnbondingUnknown(ann, 0);
        stake.unstake(ann, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IValidatorStake.NotReady.selector, 1, uint40(block.timestamp + UNBONDING))
        );
        stake.unstake(ann, 1);
    }

    function test_UnstakeOfARefuserReverts() external {
        HostileStaker hostile = new HostileStaker(stake);
        vm.deal(address(hostile), 10 ether);
        hostile.act(abi.encodeCall(stake.stake, ()), 10 ether);
        hostile.act(abi.encodeCall(stake.requestUnstake, (10 ether)), 0);
        _stake(ann, 1 ether);
        _request(ann, 1 ether);
        hostile.setRefuses(true);
        skip(UNBONDING);
        vm.expectRevert(abi.encodeWithSelector(IValidatorStake.PaymentRefused.selector, address(hostile), 10 ether));
        stake.unstake(address(hostile), 0);
        stake.unstake(ann, 0);
        hostile.setRefuses(false);
        stake.unstake(address(hostile), 0);
        assertEq(address(hostile).balance, 10 ether);
    }

    function test_UnstakeOfAReentererPaysOnce() external {
        HostileStaker hostile = new HostileStaker(stake);
        vm.deal(address(hostile), 10 ether);
        hostile.act(abi.encodeCall(stake.stake, ()), 10 ether);
        for (uint256 i; i < 3; ++i) {
            hostile.act(abi.encodeCall(stake.requestUnstake, (2 ether)), 0);
        }
        _stake(ann, 10 ether);
        skip(UNBONDING);
        stake.unstake(address(hostile), 0);
        // It took the others inside, each once.
        assertEq(hostile.again(), 2);
        assertEq(address(hostile).balance, 6 ether);
        assertEq(address(stake).balance, 14 ether);
    }

    // ---- attest

    function test_Attest() external {
        _stake(ann, 10 ether);
        bytes32 lockId = stake.attestationIdOf(ann, versionKey);
        assertEq(
            lockId,
            keccak256(abi.encode(keccak256("dgov.attestation.v1"), block.chainid, address(stake), ann, versionKey))
        );
        uint40 until = uint40(block.timestamp + CHALLENGE);
        vm.expectEmit(address(stake));
        emit IValidatorStake.Attested(lockId, ann, versionKey, SCORE, EVIDENCE, LOCK, until);
        assertEq(_attest(ann), lockId);
        _assertAccount(ann, 10 ether, 0, 10 ether);
        assertEq(
            abi.encode(stake.lockOf(lockId)),
            abi.encode(Lock(ann, LOCK, until, SCORE, LockKind.Attestation, LockState.Live, versionKey))
        );
        _assertQuality(SCORE, 1);
        // Others' scores: the mean.
        _stake(ben, 10 ether);
        vm.prank(ben);
        stake.attest(versionKey, 5_001, EVIDENCE);
        _assertQuality(7_000, 2);
    }

    function test_AttestReverts() external {
        _stake(ann, 100 ether);
        vm.startPrank(ann);
        vm.expectRevert(abi.encodeWithSelector(IValidatorStake.ScoreInvalid.selector, 10_001));
        stake.attest(versionKey, 10_001, EVIDENCE);
        vm.expectRevert(IValidatorStake.EvidenceMissing.selector);
        stake.attest(versionKey, SCORE, 0);
        vm.expectRevert(abi.encodeWithSelector(IValidatorStake.VersionUnknown.selector, keccak256("none")));
        stake.attest(keccak256("none"), SCORE, EVIDENCE);
        stake.attest(versionKey, 10_000, EVIDENCE);
        stake.attest(otherKey, 0, EVIDENCE);
        vm.stopPrank();
    }

    function test_AttestAgainReverts() external {
        _stake(ann, 100 ether);
        bytes32 lockId = _attest(ann);
        bytes memory expected = abi.encodeWithSelector(IValidatorStake.AlreadyAttested.selector, lockId);
        vm.startPrank(ann);
        vm.expectRevert(expected);
        stake.attest(versionKey, SCORE, EVIDENCE);
        skip(CHALLENGE);
        stake.release(lockId);
        vm.expectRevert(expected);
        stake.attest(versionKey, SCORE, EVIDENCE);
        bytes32 other = stake.attest(otherKey, SCORE, EVIDENCE);
        vm.stopPrank();
        court.hold(other);
        court.forfeit(other);
        vm.prank(ann);
        vm.expectRevert(abi.encodeWithSelector(IValidatorStake.AlreadyAttested.selector, other));
        stake.attest(otherKey, SCORE, EVIDENCE);
    }

    function test_AttestWithoutFreeActiveStakeReverts() external {
        _stake(ann, 19 ether);
        _attest(ann);
        _expectInsufficient(ann, 9 ether);
        vm.prank(ann);
        stake.attest(otherKey, SCORE, EVIDENCE);
        // Unbonding stake covers the first lock, and counts for no new one.
        _request(ann, 19 ether);
        _expectInsufficient(ann, 0);
        vm.prank(ann);
        stake.attest(otherKey, SCORE, EVIDENCE);
        _stake(ann, 20 ether - 1);
        _expectInsufficient(ann, 10 ether - 1);
        vm.prank(ann);
        stake.attest(otherKey, SCORE, EVIDENCE);
        _stake(ann, 1);
        vm.prank(ann);
        stake.attest(otherKey, SCORE, EVIDENCE);
    }

    function test_AttestOfThePublisherAndOfAnyStatus() external {
        _stake(PUBLISHER, 10 ether);
        vm.startPrank(PUBLISHER);
        registry.setStatus(datasetId, 1, Status.Recalled, 0, 0);
        bytes32 lockId = stake.attest(versionKey, SCORE, EVIDENCE);
        vm.stopPrank();
        assertEq(stake.lockOf(lockId).owner, PUBLISHER);
    }

    // ---- attestBySig

    function test_AttestBySig() external {
        _stake(ann, 100 ether);
        vm.prank(stranger);
        bytes32 lockId = stake.attestBySig(_attestation(0), _sign(_attestation(0), annKey));
        assertEq(lockId, stake.attestationIdOf(ann, versionKey));
        _assertAccount(ann, 100 ether, 0, 10 ether);
        // Another key's nonce, and an account that has code as well as a key.
        vm.etch(ann, hex"00");
        Attestation memory attestation = _attestation(uint256(77) << 64);
        attestation.versionKey = otherKey;
        stake.attestBySig(attestation, _sign(attestation, annKey));
        assertEq(stake.nonces(ann, 77), (uint256(77) << 64) + 1);
    }

    function test_AttestBySigOfAWallet() external {
        Attestation memory attestation = _attestation(0);
        address place = makeAddr("wallet");
        attestation.validator = place;
        bytes32 digest = _digest(attestation);
        vm.etch(place, address(new WalletSigner(digest)).code);
        vm.deal(place, 100 ether);
        _stake(place, 10 ether);
        vm.expectRevert(abi.encodeWithSelector(IValidatorStake.SignatureInvalid.selector, place));
        attestation.score = 1;
        stake.attestBySig(attestation, "yes");
        attestation.score = SCORE;
        stake.attestBySig(attestation, "yes");
        _assertAccount(place, 10 ether, 0, 10 ether);
    }

    function test_AttestBySigReverts() external {
        _stake(ann, 100 ether);
        Attestation memory attestation = _attestation(0);
        bytes memory signature = _sign(attestation, annKey);

        vm.warp(attestation.deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(IValidatorStake.RequestExpired.selector, attestation.deadline));
        stake.attestBySig(attestation, signature);
        vm.warp(attestation.deadline);

        Attestation memory next = _attestation(1);
        bytes memory nextSignature = _sign(next, annKey);
        vm.expectRevert(abi.encodeWithSelector(Nonces.InvalidAccountNonce.selector, ann, 0));
        stake.attestBySig(next, nextSignature);

        bytes memory invalid = abi.encodeWithSelector(IValidatorStake.SignatureInvalid.selector, ann);
        (, uint256 otherSigner) = makeAddrAndKey("other");
        bytes memory foreign = _sign(attestation, otherSigner);
        vm.expectRevert(invalid);
        stake.attestBySig(attestation, foreign);
        vm.expectRevert(invalid);
        stake.attestBySig(attestation, "");
        for (uint256 field; field < 4; ++field) {
            Attestation memory changed = _attestation(0);
            if (field == 0) changed.versionKey = otherKey;
            if (field == 1) changed.score += 1;
            if (field == 2) changed.evidence = keccak256("other");
            if (field == 3) changed.deadline += 1;
            vm.expectRevert(invalid);
            stake.attestBySig(changed, signature);
        }
        vm.chainId(5);
        vm.expectRevert(invalid);
        stake.attestBySig(attestation, signature);
        vm.chainId(31337);

        // Once, then never.
        stake.attestBySig(attestation, signature);
        vm.expectRevert(abi.encodeWithSelector(Nonces.InvalidAccountNonce.selector, ann, 1));
        stake.attestBySig(attestation, signature);
        vm.expectEmit(address(stake));
        emit IValidatorStake.NonceCancelled(ann, 1);
        vm.prank(ann);
        assertEq(stake.cancelNonce(0), 1);
        vm.expectRevert(abi.encodeWithSelector(Nonces.InvalidAccountNonce.selector, ann, 2));
        stake.attestBySig(next, nextSignature);
    }

    // ---- back, endBacking

    function test_Back() external {
        _stake(PUBLISHER, 20 ether);
        bytes32 lockId = stake.backingIdOf(datasetId);
        assertEq(lockId, keccak256(abi.encode(keccak256("dgov.backing.v1"), block.chainid, address(stake), datasetId)));
        vm.expectEmit(address(stake));
        emit IValidatorStake.Backed(lockId, PUBLISHER, datasetId, 15 ether);
        assertEq(_back(15 ether), lockId);
        _assertAccount(PUBLISHER, 20 ether, 0, 15 ether);
        assertEq(
            abi.encode(stake.lockOf(lockId)),
            abi.encode(Lock(PUBLISHER, 15 ether, type(uint40).max, 0, LockKind.Backing, LockState.Live, datasetId))
        );
    }

    function test_BackReverts() external {
        _stake(PUBLISHER, 20 ether);
        _stake(ann, 20 ether);
        vm.prank(ann);
        vm.expectRevert(abi.encodeWithSelector(IValidatorStake.NotDatasetOwner.selector, datasetId, ann, PUBLISHER));
        stake.back(datasetId, 1);
        vm.startPrank(PUBLISHER);
        vm.expectRevert(IValidatorStake.AmountZero.selector);
        stake.back(datasetId, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IValidatorStake.StakeInsufficient.selector, PUBLISHER, 20 ether, 20 ether + 1)
        );
        stake.back(datasetId, 20 ether + 1);
        bytes32 lockId = stake.back(datasetId, 1);
        vm.expectRevert(abi.encodeWithSelector(IValidatorStake.AlreadyBacked.selector, lockId));
        stake.back(datasetId, 1);
        vm.stopPrank();
        bytes memory backed = abi.encodeWithSelector(IValidatorStake.AlreadyBacked.selector, lockId);
        court.hold(lockId);
        vm.prank(PUBLISHER);
        vm.expectRevert(backed);
        stake.back(datasetId, 1);
        court.take(lockId);
        vm.prank(PUBLISHER);
        vm.expectRevert(backed);
        stake.back(datasetId, 1);
    }

    function test_BackAgain() external {
        _stake(PUBLISHER, 20 ether);
        bytes32 lockId = _back(20 ether);
        vm.prank(PUBLISHER);
        stake.endBacking(lockId);
        skip(UNBONDING);
        stake.release(lockId);
        _back(12 ether);
        court.hold(lockId);
        court.forfeit(lockId);
        _back(8 ether);
        assertEq(uint8(stake.lockOf(lockId).state), uint8(LockState.Live));
        assertEq(stake.lockOf(lockId).amount, 8 ether);
        _assertAccount(PUBLISHER, 8 ether, 0, 8 ether);
    }

    function test_EndBacking() external {
        _stake(PUBLISHER, 20 ether);
        bytes32 lockId = _back(20 ether);
        vm.expectRevert(abi.encodeWithSelector(IValidatorStake.ChallengeOpen.selector, lockId, type(uint40).max));
        stake.release(lockId);
        court.hold(lockId);
        uint40 until = uint40(block.timestamp + UNBONDING);
        vm.expectEmit(address(stake));
        emit IValidatorStake.BackingEnding(lockId, until);
        vm.prank(PUBLISHER);
        stake.endBacking(lockId);
        court.giveBack(lockId, 1 days);
        assertEq(stake.lockOf(lockId).until, until);
        skip(UNBONDING - 1);
        vm.expectRevert(abi.encodeWithSelector(IValidatorStake.ChallengeOpen.selector, lockId, until));
        stake.release(lockId);
        skip(1);
        stake.release(lockId);
        _assertAccount(PUBLISHER, 20 ether, 0, 0);
        assertEq(stake.accountOf(PUBLISHER).upheld, 0);
    }

    function test_EndBackingByTheDatasetsNewOwner() external {
        _stake(PUBLISHER, 20 ether);
        bytes32 lockId = _back(20 ether);
        vm.prank(PUBLISHER);
        registry.transferFrom(PUBLISHER, ann, uint256(datasetId));
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IValidatorStake.NotLockOwner.selector, lockId, stranger, PUBLISHER));
        stake.endBacking(lockId);
        vm.prank(ann);
        stake.endBacking(lockId);
        // Neither of them can move the end.
        bytes memory ending =
            abi.encodeWithSelector(IValidatorStake.AlreadyEnding.selector, lockId, uint40(block.timestamp + UNBONDING));
        skip(1);
        vm.prank(ann);
        vm.expectRevert(ending);
        stake.endBacking(lockId);
        vm.prank(PUBLISHER);
        vm.expectRevert(ending);
        stake.endBacking(lockId);
        skip(UNBONDING);
        stake.release(lockId);
        _assertAccount(PUBLISHER, 20 ether, 0, 0);
        _stake(ann, 1 ether);
        vm.prank(ann);
        stake.back(datasetId, 1 ether);
    }

    function test_EndBackingReverts() external {
        _stake(ann, 20 ether);
        bytes32 lockId = _attest(ann);
        vm.prank(ann);
        _expectState(lockId, LockState.Live);
        stake.endBacking(lockId);
        _expectState(keccak256("none"), LockState.None);
        stake.endBacking(keccak256("none"));
        _stake(PUBLISHER, 20 ether);
        bytes32 backing = _back(20 ether);
        court.hold(backing);
        court.forfeit(backing);
        vm.prank(PUBLISHER);
        _expectState(backing, LockState.Lost);
        stake.endBacking(backing);
    }

    // ---- release

    function test_Release() external {
        _stake(ann, 20 ether);
        bytes32 lockId = _attest(ann);
        uint40 until = stake.lockOf(lockId).until;
        skip(CHALLENGE - 1);
        vm.expectRevert(abi.encodeWithSelector(IValidatorStake.ChallengeOpen.selector, lockId, until));
        stake.release(lockId);
        assertEq(stake.reputationOf(ann), 5_000);
        skip(1);
        vm.expectEmit(address(stake));
        emit IValidatorStake.LockReleased(lockId, ann, LOCK);
        vm.prank(stranger);
        stake.release(lockId);
        _assertAccount(ann, 20 ether, 0, 0);
        assertEq(stake.accountOf(ann).upheld, 1);
        assertEq(stake.reputationOf(ann), 6_666);
        _assertQuality(SCORE, 1);
        _expectState(lockId, LockState.Released);
        stake.release(lockId);
    }

    function test_ReleaseInOtherStatesReverts() external {
        _stake(ann, 20 ether);
        bytes32 lockId = _attest(ann);
        _expectState(keccak256("none"), LockState.None);
        stake.release(keccak256("none"));
        court.hold(lockId);
        skip(10 * uint256(UNBONDING));
        _expectState(lockId, LockState.Held);
        stake.release(lockId);
        court.take(lockId);
        _expectState(lockId, LockState.Escrowed);
        stake.release(lockId);
        court.forfeit(lockId);
        _expectState(lockId, LockState.Lost);
        stake.release(lockId);
    }

    // ---- the court

    function test_Hold() external {
        _stake(ann, 20 ether);
        bytes32 lockId = _attest(ann);
        skip(CHALLENGE - 1);
        vm.expectEmit(address(stake));
        emit IValidatorStake.LockHeld(lockId);
        (address owner, uint96 amount) = court.hold(lockId);
        assertEq(owner, ann);
        assertEq(amount, LOCK);
        _assertAccount(ann, 20 ether, 0, 10 ether);
        _expectState(lockId, LockState.Held);
        court.hold(lockId);
    }

    function test_HoldOfABackingUntilReleased() external {
        _stake(PUBLISHER, 20 ether);
        bytes32 lockId = _back(20 ether);
        vm.prank(PUBLISHER);
        stake.endBacking(lockId);
        skip(2 * uint256(UNBONDING));
        court.hold(lockId);
        court.giveBack(lockId, 3 days);
        assertEq(stake.lockOf(lockId).until, block.timestamp + 3 days);
        skip(3 days);
        stake.release(lockId);
        _expectState(lockId, LockState.Released);
        court.hold(lockId);
    }

    function test_HoldReverts() external {
        _stake(ann, 20 ether);
        bytes32 lockId = _attest(ann);
        _expectState(keccak256("none"), LockState.None);
        court.hold(keccak256("none"));
        skip(CHALLENGE);
        vm.expectRevert(abi.encodeWithSelector(IValidatorStake.ChallengeOver.selector, lockId, uint40(block.timestamp)));
        court.hold(lockId);
    }

    function test_TakeAndGiveBack() external {
        _stake(ann, 20 ether);
        bytes32 lockId = _attest(ann);
        _request(ann, 16 ether);
        _expectState(lockId, LockState.Live);
        court.take(lockId);
        court.hold(lockId);
        vm.expectEmit(address(stake));
        emit IValidatorStake.LockTaken(lockId, ann, LOCK);
        court.take(lockId);
        _assertAccount(ann, 0, 10 ether, 0);
        _assertRequest(ann, 0, 10 ether);
        assertEq(address(stake).balance, 20 ether);
        _expectState(lockId, LockState.Escrowed);
        court.take(lockId);
        uint40 until = uint40(block.timestamp + 9 days);
        vm.expectEmit(address(stake));
        emit IValidatorStake.LockReturned(lockId, until);
        court.giveBack(lockId, 9 days);
        _assertAccount(ann, 10 ether, 10 ether, 10 ether);
        _assertQuality(SCORE, 1);
        _expectState(lockId, LockState.Live);
        court.giveBack(lockId, 0);
        skip(9 days - 1);
        court.hold(lockId);
        court.giveBack(lockId, 0);
        // Never shorter than it was.
        assertEq(stake.lockOf(lockId).until, until);
    }

    function test_Forfeit() external {
        _stake(ann, 30 ether);
        bytes32 lockId = _attest(ann);
        vm.prank(ann);
        bytes32 other = stake.attest(otherKey, 100, EVIDENCE);
        _stake(ben, 10 ether);
        vm.prank(ben);
        stake.attest(versionKey, 4_000, EVIDENCE);
        _expectState(lockId, LockState.Live);
        court.forfeit(lockId);
        court.hold(lockId);
        court.hold(other);
        court.take(other);
        vm.expectEmit(address(stake));
        emit IValidatorStake.LockTaken(lockId, ann, LOCK);
        vm.expectEmit(address(stake));
        emit IValidatorStake.LockForfeited(lockId, ann, LOCK);
        assertEq(court.forfeit(lockId), LOCK);
        assertEq(address(court).balance, LOCK);
        _assertAccount(ann, 10 ether, 0, 0);
        _assertQuality(4_000, 1);
        court.forfeit(other);
        assertEq(address(court).balance, 2 * LOCK);
        assertEq(stake.accountOf(ann).lost, 2);
        assertEq(stake.reputationOf(ann), 2_500);
        (uint256 mean, uint256 count) = stake.qualityOf(otherKey);
        assertEq(mean, 0);
        assertEq(count, 0);
        _expectState(lockId, LockState.Lost);
        court.forfeit(lockId);
        _expectState(lockId, LockState.Lost);
        court.giveBack(lockId, 0);
        assertEq(address(stake).balance, 20 ether);
    }

    function test_ForfeitOfABackingIsNoLostAttestation() external {
        _stake(PUBLISHER, 20 ether);
        bytes32 lockId = _back(20 ether);
        court.hold(lockId);
        court.forfeit(lockId);
        assertEq(stake.accountOf(PUBLISHER).lost, 0);
        _assertAccount(PUBLISHER, 0, 0, 0);
    }

    function test_ForfeitToARefuserReverts() external {
        _stake(ann, 20 ether);
        bytes32 lockId = _attest(ann);
        court.hold(lockId);
        // A contract without a way to take coin.
        address deaf = address(token);
        vm.prank(DAO);
        manager.grantRole(COURT, deaf, 0);
        vm.prank(deaf);
        vm.expectRevert(abi.encodeWithSelector(IValidatorStake.PaymentRefused.selector, deaf, LOCK));
        stake.forfeit(lockId);
        assertEq(uint8(stake.lockOf(lockId).state), uint8(LockState.Held));
    }

    function test_CourtFunctionsAreTheCourts() external {
        _stake(ann, 20 ether);
        bytes32 lockId = _attest(ann);
        address[3] memory callers = [ann, stranger, DAO];
        for (uint256 i; i < 3; ++i) {
            vm.startPrank(callers[i]);
            bytes memory unauthorized = abi.encodeWithSelector(Access.Unauthorized.selector, callers[i]);
            vm.expectRevert(unauthorized);
            stake.hold(lockId);
            vm.expectRevert(unauthorized);
            stake.take(lockId);
            vm.expectRevert(unauthorized);
            stake.giveBack(lockId, 0);
            vm.expectRevert(unauthorized);
            stake.forfeit(lockId);
            vm.stopPrank();
        }
    }

    // ---- fuzz

    /// @notice Whatever was asked for and taken, requests pay exactly what is left, in order.
    function testFuzz_RequestsPayWhatIsLeft(uint96[5] memory amounts, uint96 taken, uint256 order) external {
        uint256 total;
        for (uint256 i; i < 5; ++i) {
            amounts[i] = uint96(bound(amounts[i], 1, 1e24));
            total += amounts[i];
        }
        taken = uint96(bound(taken, 1, total));
        vm.deal(PUBLISHER, total);
        _stake(PUBLISHER, total);
        bytes32 lockId = _back(taken);
        for (uint256 i; i < 5; ++i) {
            _request(PUBLISHER, amounts[i]);
        }
        court.hold(lockId);
        court.take(lockId);
        uint256 gone = taken;
        for (uint256 i; i < 5; ++i) {
            uint256 less = gone < amounts[i] ? gone : amounts[i];
            gone -= less;
            _assertRequest(PUBLISHER, i, amounts[i] - less);
        }
        skip(UNBONDING);
        uint256 first = order % 5;
        if (stake.unbondingOf(PUBLISHER, first).amount != 0) stake.unstake(PUBLISHER, first);
        if (stake.unbondingOf(PUBLISHER, 4).amount != 0) stake.unstake(PUBLISHER, 4);
        assertEq(PUBLISHER.balance, total - taken);
        assertEq(address(stake).balance, taken);
        assertEq(stake.accountOf(PUBLISHER).unbonding, 0);
    }

    function testFuzz_Reputation(uint8 upheld, uint8 lost) external {
        upheld %= 8;
        lost %= 8;
        vm.deal(ann, 1_000 ether);
        _stake(ann, 1_000 ether);
        for (uint256 i; i < uint256(upheld) + lost; ++i) {
            bytes32 key = keccak256(abi.encode(i));
            vm.mockCall(address(registry), abi.encodeCall(registry.recordRootOf, (key)), abi.encode(1));
            vm.prank(ann);
            bytes32 lockId = stake.attest(key, SCORE, EVIDENCE);
            if (i < lost) {
                court.hold(lockId);
                court.forfeit(lockId);
            } else {
                skip(CHALLENGE);
                stake.release(lockId);
            }
        }
        assertEq(stake.reputationOf(ann), 10_000 * (uint256(upheld) + 1) / (uint256(upheld) + lost + 2));
    }

    // ---- helpers

    function _stake(address account, uint256 amount) private {
        vm.prank(account);
        stake.stake{value: amount}();
    }

    function _request(address account, uint256 amount) private returns (uint256) {
        vm.prank(account);
        return stake.requestUnstake(amount);
    }

    function _attest(address account) private returns (bytes32) {
        vm.prank(account);
        return stake.attest(versionKey, SCORE, EVIDENCE);
    }

    function _back(uint96 amount) private returns (bytes32) {
        vm.prank(PUBLISHER);
        return stake.back(datasetId, amount);
    }

    function _attestation(uint256 nonce) private view returns (Attestation memory) {
        return Attestation(ann, versionKey, SCORE, EVIDENCE, nonce, 1_800_000_000 + 1 days);
    }

    function hashAttestation(Attestation calldata attestation) external pure returns (bytes32) {
        return Eip712.hashAttestation(attestation);
    }

    function _digest(Attestation memory attestation) private view returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", stake.domainSeparator(), this.hashAttestation(attestation)));
    }

    function _sign(Attestation memory attestation, uint256 key) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, _digest(attestation));
        return abi.encodePacked(r, s, v);
    }

    function _assertAccount(address account, uint96 active, uint96 unbonding, uint96 locked) private view {
        StakeAccount memory actual = stake.accountOf(account);
        assertEq(actual.active, active, "active");
        assertEq(actual.unbonding, unbonding, "unbonding");
        assertEq(actual.locked, locked, "locked");
    }

    function _assertRequest(address account, uint256 index, uint256 amount) private view {
        assertEq(stake.unbondingOf(account, index).amount, amount);
    }

    function _assertQuality(uint256 mean, uint256 count) private view {
        (uint256 actualMean, uint256 actualCount) = stake.qualityOf(versionKey);
        assertEq(actualMean, mean);
        assertEq(actualCount, count);
    }

    function _expectUnbondingUnknown(address account, uint256 index) private {
        vm.expectRevert(abi.encodeWithSelector(IValidatorStake.UnbondingUnknown.selector, account, index));
    }

    function _expectInsufficient(address account, uint256 free) private {
        vm.expectRevert(abi.encodeWithSelector(IValidatorStake.StakeInsufficient.selector, account, free, LOCK));
    }

    function _expectState(bytes32 lockId, LockState state) private {
        vm.expectRevert(abi.encodeWithSelector(IValidatorStake.LockStateInvalid.selector, lockId, uint8(state)));
    }
}
