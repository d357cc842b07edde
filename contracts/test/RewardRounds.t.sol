// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IRewardRounds} from "../src/interfaces/IRewardRounds.sol";
import {Module} from "../src/lib/Module.sol";
import {SumTree} from "../src/lib/SumTree.sol";
import {ModuleConfig, Round, RoundClaim, RoundState} from "../src/types/Modules.sol";
import {RewardRounds} from "../src/RewardRounds.sol";
import {TreeBuilder} from "./helpers/TreeBuilder.sol";
import {Refuser} from "./support/Hostile.sol";
import {RoundsFixture} from "./support/RoundsFixture.sol";
import {NestedPublisher, RoundsReenterer, ShortToken, SilentToken} from "./support/RoundsHostile.sol";
import {BlockingToken, FeeToken} from "./support/Tokens.sol";

contract RewardRoundsTest is RoundsFixture {
    uint128 internal constant UNIT = 1e12;
    uint64 internal constant UNITS = 60;
    uint256 internal constant TOTAL = 60e12;
    address internal constant NATIVE = address(0);

    address internal ann = makeAddr("ann");
    address internal ben = makeAddr("ben");
    address internal stranger = makeAddr("stranger");
    address internal refuser;
    TreeBuilder.Leaf[] internal leaves;
    bytes32 internal top;

    function setUp() public override {
        super.setUp();
        refuser = address(new Refuser());
        leaves.push(_leaf(ann, 30));
        leaves.push(_leaf(ben, 20));
        leaves.push(_leaf(refuser, 10));
        top = trees.build(leaves, 0).hash;
        vm.deal(PUBLISHER, 1_000 ether);
        token.mint(PUBLISHER, 1_000 ether);
        vm.prank(PUBLISHER);
        token.approve(address(rounds), type(uint256).max);
    }

    // ---- initialize

    function test_InitializeKeepsSettingsAndWiring() external view {
        (uint32 window, uint96 bond) = rounds.settings();
        assertEq(window, WINDOW);
        assertEq(bond, BOND);
        assertEq(rounds.wiring(0), MANAGER);
        assertEq(rounds.wiring(1), address(governor));
        assertEq(rounds.wiring(2), TREASURY);
        assertEq(rounds.roundCount(), 0);
    }

    function test_InitializeAgainReverts() external {
        vm.expectRevert(Module.AlreadyInitialized.selector);
        rounds.initialize(_config());
    }

    function test_InitializeOfTheImplementationReverts() external {
        RewardRounds implementation = new RewardRounds();
        vm.expectRevert(Module.NotAClone.selector);
        implementation.initialize(_config());
    }

    // ---- publish

    function test_PublishNative() external {
        uint40 expires = uint40(block.timestamp + WINDOW + 90 days);
        bytes32 root = trees.rootOf(leaves, REWARDS);
        vm.expectEmit(address(rounds));
        emit IRewardRounds.RoundPublished(
            1, root, PUBLISHER, NATIVE, UNITS, UNIT, uint40(block.timestamp + WINDOW), expires, LIST
        );
        assertEq(_publish(NATIVE, expires), 1);
        assertEq(rounds.roundCount(), 1);
        assertEq(address(rounds).balance, TOTAL + BOND);
        Round memory expected = Round({
            root: root,
            publisher: PUBLISHER,
            claimableAt: uint40(block.timestamp + WINDOW),
            state: RoundState.Published,
            currency: NATIVE,
            units: UNITS,
            unit: UNIT,
            expiresAt: expires,
            bond: BOND,
            claimed: 0
        });
        assertEq(abi.encode(rounds.roundOf(1)), abi.encode(expected));
        assertEq(rounds.roundOf(2).publisher, address(0));
    }

    function test_PublishToken() external {
        assertEq(_publish(address(token), 0), 1);
        assertEq(token.balanceOf(address(rounds)), TOTAL);
        assertEq(address(rounds).balance, BOND);
        assertEq(rounds.roundOf(1).currency, address(token));
    }

    function test_PublishOfNothingReverts() external {
        vm.startPrank(PUBLISHER);
        vm.expectRevert(abi.encodeWithSelector(IRewardRounds.TotalInvalid.selector, UNITS, UNIT));
        rounds.publish{value: TOTAL + BOND}(0, UNITS, UNIT, NATIVE, 0, LIST);
        vm.expectRevert(abi.encodeWithSelector(IRewardRounds.TotalInvalid.selector, 0, UNIT));
        rounds.publish{value: BOND}(top, 0, UNIT, NATIVE, 0, LIST);
        vm.expectRevert(abi.encodeWithSelector(IRewardRounds.TotalInvalid.selector, UNITS, 0));
        rounds.publish{value: BOND}(top, UNITS, 0, NATIVE, 0, LIST);
        uint128 unit = type(uint128).max / 2 + 1;
        vm.expectRevert(abi.encodeWithSelector(IRewardRounds.TotalInvalid.selector, 2, unit));
        rounds.publish{value: BOND}(top, 2, unit, address(token), 0, LIST);
        vm.stopPrank();
    }

    function test_PublishOfAnotherValueReverts() external {
        vm.startPrank(PUBLISHER);
        vm.expectRevert(abi.encodeWithSelector(IRewardRounds.ValueMismatch.selector, TOTAL + BOND, TOTAL));
        rounds.publish{value: TOTAL}(top, UNITS, UNIT, NATIVE, 0, LIST);
        vm.expectRevert(abi.encodeWithSelector(IRewardRounds.ValueMismatch.selector, TOTAL + BOND, TOTAL + BOND + 1));
        rounds.publish{value: TOTAL + BOND + 1}(top, UNITS, UNIT, NATIVE, 0, LIST);
        vm.expectRevert(abi.encodeWithSelector(IRewardRounds.ValueMismatch.selector, BOND, TOTAL + BOND));
        rounds.publish{value: TOTAL + BOND}(top, UNITS, UNIT, address(token), 0, LIST);
        vm.expectRevert(abi.encodeWithSelector(IRewardRounds.ValueMismatch.selector, BOND, 0));
        rounds.publish(top, UNITS, UNIT, address(token), 0, LIST);
        vm.stopPrank();
    }

    function test_PublishWithEarlyExpiryReverts() external {
        uint40 earliest = uint40(block.timestamp + WINDOW + 90 days);
        vm.prank(PUBLISHER);
        vm.expectRevert(abi.encodeWithSelector(IRewardRounds.ExpiryInvalid.selector, earliest - 1, earliest));
        rounds.publish{value: TOTAL + BOND}(top, UNITS, UNIT, NATIVE, earliest - 1, LIST);
    }

    function test_PublishTokenWithFeeReverts() external {
        FeeToken fee = new FeeToken();
        fee.mint(PUBLISHER, 100e12);
        vm.startPrank(PUBLISHER);
        fee.approve(address(rounds), TOTAL);
        vm.expectRevert(
            abi.encodeWithSelector(IRewardRounds.BalanceMismatch.selector, address(fee), TOTAL, TOTAL * 99 / 100)
        );
        rounds.publish{value: BOND}(top, UNITS, UNIT, address(fee), 0, LIST);
        SilentToken silent = new SilentToken();
        vm.expectRevert(abi.encodeWithSelector(IRewardRounds.BalanceMismatch.selector, address(silent), TOTAL, 0));
        rounds.publish{value: BOND}(top, UNITS, UNIT, address(silent), 0, LIST);
        vm.stopPrank();
    }

    /// @dev 100 asked for, 90 arrive, and 10 of a round inside: the outer balance would be right and 10 be counted twice.
    function test_PublishInsidePublishReverts() external {
        ShortToken short = new ShortToken();
        NestedPublisher nested = new NestedPublisher(rounds, short, top);
        vm.deal(address(nested), 2 * uint256(BOND));
        short.mint(address(nested), 1_000);
        short.setShort(address(rounds), 10);
        vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        nested.publish(100, 10, BOND);
        short.setShort(address(0), 0);
        nested.publish(100, 0, BOND);
        assertEq(short.balanceOf(address(rounds)), 100);
    }

    function test_PublishWithoutABond() external {
        RewardRounds free = _newRounds();
        ModuleConfig memory config = _config();
        config.roundBond = 0;
        free.initialize(config);
        vm.prank(PUBLISHER);
        free.publish{value: TOTAL}(top, UNITS, UNIT, NATIVE, 0, LIST);
        skip(WINDOW);
        vm.expectRevert(abi.encodeWithSelector(IRewardRounds.BondGone.selector, 1));
        free.returnBond(1);
        free.claim(ann, _one(_claimOf(1, leaves, ann)));
        assertEq(ann.balance, 30e12);
    }

    function test_PublishTokenWithoutCodeReverts() external {
        vm.prank(PUBLISHER);
        vm.expectRevert();
        rounds.publish{value: BOND}(top, UNITS, UNIT, makeAddr("no token"), 0, LIST);
    }

    // ---- cancel

    function test_CancelMovesNoMoney() external {
        _publish(NATIVE, 0);
        _publish(address(token), 0);
        skip(WINDOW - 1);
        vm.expectEmit(address(rounds));
        emit IRewardRounds.RoundCancelled(1, GUARDIAN);
        vm.prank(GUARDIAN);
        rounds.cancel(1);
        vm.prank(TREASURY);
        rounds.cancel(2);
        assertEq(address(rounds).balance, TOTAL + 2 * uint256(BOND));
        assertEq(token.balanceOf(address(rounds)), TOTAL);
        assertEq(uint8(rounds.roundOf(1).state), uint8(RoundState.Cancelled));
    }

    function test_CancelByOthersReverts() external {
        _publish(NATIVE, 0);
        address[4] memory others = [stranger, PUBLISHER, MANAGER, address(governor)];
        for (uint256 i; i < 4; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IRewardRounds.CancelForbidden.selector, others[i]));
            rounds.cancel(1);
        }
        // The sunset: the guardian is nobody.
        governor.set(address(0));
        vm.prank(GUARDIAN);
        vm.expectRevert(abi.encodeWithSelector(IRewardRounds.CancelForbidden.selector, GUARDIAN));
        rounds.cancel(1);
    }

    function test_CancelAfterClaimsStartReverts() external {
        _publish(NATIVE, 0);
        skip(WINDOW);
        bytes memory over = abi.encodeWithSelector(IRewardRounds.CancelOver.selector, 1, uint40(block.timestamp));
        vm.prank(GUARDIAN);
        vm.expectRevert(over);
        rounds.cancel(1);
        vm.prank(TREASURY);
        vm.expectRevert(over);
        rounds.cancel(1);
    }

    function test_CancelInOtherStatesReverts() external {
        _publish(NATIVE, 0);
        vm.startPrank(GUARDIAN);
        vm.expectRevert(abi.encodeWithSelector(IRewardRounds.RoundUnknown.selector, 2));
        rounds.cancel(2);
        rounds.cancel(1);
        _expectState(1, RoundState.Cancelled);
        rounds.cancel(1);
        rounds.sweep(1);
        _expectState(1, RoundState.Swept);
        rounds.cancel(1);
        vm.stopPrank();
    }

    function test_CancelByTheDaoNeedsNoGovernor() external {
        _publish(NATIVE, 0);
        vm.etch(address(governor), "");
        vm.prank(TREASURY);
        rounds.cancel(1);
    }

    function test_CancelOfARefusingPublisher() external {
        vm.deal(refuser, TOTAL + BOND);
        vm.prank(refuser);
        rounds.publish{value: TOTAL + BOND}(top, UNITS, UNIT, NATIVE, 0, LIST);
        vm.prank(GUARDIAN);
        rounds.cancel(1);
        vm.expectRevert(abi.encodeWithSelector(IRewardRounds.PaymentRefused.selector, refuser, TOTAL));
        rounds.sweep(1);
        rounds.returnBond(1);
        assertEq(TREASURY.balance, BOND);
        Refuser(payable(refuser)).setAccepts(true);
        rounds.sweep(1);
        assertEq(refuser.balance, TOTAL);
        assertEq(address(rounds).balance, 0);
    }

    function test_CancelWithARefusingTreasury() external {
        _publish(NATIVE, 0);
        vm.etch(TREASURY, hex"5f5ffd");
        vm.prank(GUARDIAN);
        rounds.cancel(1);
        vm.expectRevert(abi.encodeWithSelector(IRewardRounds.PaymentRefused.selector, TREASURY, BOND));
        rounds.returnBond(1);
        rounds.sweep(1);
        assertEq(PUBLISHER.balance, 1_000 ether - BOND);
    }

    // ---- claim

    function test_ClaimPaysTheAccountOnce() external {
        _publish(NATIVE, 0);
        skip(WINDOW);
        RoundClaim[] memory items = _one(_claimOf(1, leaves, ann));
        vm.expectEmit(address(rounds));
        emit IRewardRounds.RewardClaimed(1, ann, ann, 30e12);
        vm.prank(stranger);
        assertEq(rounds.claim(ann, items), 30e12);
        assertEq(ann.balance, 30e12);
        assertEq(stranger.balance, 0);
        assertTrue(rounds.isClaimed(1, ann));
        assertFalse(rounds.isClaimed(1, ben));
        assertEq(rounds.roundOf(1).claimed, 30);
        vm.expectRevert(abi.encodeWithSelector(IRewardRounds.AlreadyClaimed.selector, 1, ann));
        rounds.claim(ann, items);
        assertEq(rounds.claim(ben, _one(_claimOf(1, leaves, ben))), 20e12);
        assertEq(rounds.roundOf(1).claimed, 50);
    }

    function test_ClaimToken() external {
        _publish(address(token), 0);
        skip(WINDOW);
        rounds.claim(ann, _one(_claimOf(1, leaves, ann)));
        assertEq(token.balanceOf(ann), 30e12);
        assertEq(ann.balance, 0);
        assertEq(address(rounds).balance, BOND);
    }

    function test_ClaimOfSeveralRoundsIsOneTransfer() external {
        _publish(address(token), 0);
        _publish(address(token), 0);
        _publish(address(token), 0);
        skip(WINDOW);
        RoundClaim[] memory items = new RoundClaim[](3);
        for (uint256 i; i < 3; ++i) {
            items[i] = _claimOf(i + 1, leaves, ann);
        }
        vm.expectCall(address(token), abi.encodeCall(token.transfer, (ann, 90e12)), 1);
        assertEq(rounds.claim(ann, items), 90e12);
        assertEq(token.balanceOf(ann), 90e12);
    }

    /// @dev Somebody claims one of the rounds first to make the whole claim fail.
    function test_ClaimPassesOverRoundsThatPaid() external {
        _publish(NATIVE, 0);
        _publish(NATIVE, 0);
        skip(WINDOW);
        RoundClaim[] memory items = new RoundClaim[](3);
        (items[0], items[1]) = (_claimOf(1, leaves, ann), _claimOf(2, leaves, ann));
        items[2] = items[1];
        vm.prank(stranger);
        rounds.claim(ann, _one(items[0]));
        assertEq(rounds.claim(ann, items), 30e12);
        assertEq(ann.balance, 60e12);
        vm.expectRevert(abi.encodeWithSelector(IRewardRounds.AlreadyClaimed.selector, 1, ann));
        rounds.claim(ann, items);
    }

    function test_ClaimOfNoneReverts() external {
        vm.expectRevert(IRewardRounds.NothingClaimed.selector);
        rounds.claim(ann, new RoundClaim[](0));
        RoundClaim[] memory items = _one(_claimOf(1, leaves, ann));
        vm.expectRevert(abi.encodeWithSelector(IRewardRounds.RoundUnknown.selector, 1));
        rounds.claim(ann, items);
    }

    function test_ClaimBeforeTheStartReverts() external {
        _publish(NATIVE, 0);
        RoundClaim[] memory items = _one(_claimOf(1, leaves, ann));
        skip(WINDOW - 1);
        vm.expectRevert(abi.encodeWithSelector(IRewardRounds.NotClaimable.selector, 1, uint40(block.timestamp + 1)));
        rounds.claim(ann, items);
        skip(1);
        rounds.claim(ann, items);
    }

    function test_ClaimOfCancelledAndSweptReverts() external {
        _publish(NATIVE, 0);
        _publish(NATIVE, uint40(block.timestamp + WINDOW + 90 days));
        vm.prank(GUARDIAN);
        rounds.cancel(1);
        skip(WINDOW + 90 days);
        RoundClaim[] memory items = _one(_claimOf(1, leaves, ann));
        _expectState(1, RoundState.Cancelled);
        rounds.claim(ann, items);
        rounds.sweep(1);
        _expectState(1, RoundState.Swept);
        rounds.claim(ann, items);
        rounds.sweep(2);
        items = _one(_claimOf(2, leaves, ann));
        _expectState(2, RoundState.Swept);
        rounds.claim(ann, items);
    }

    function test_ClaimOfAnotherLeafReverts() external {
        _publish(NATIVE, 0);
        skip(WINDOW);
        for (uint256 way; way < 5; ++way) {
            RoundClaim memory item = _claimOf(1, leaves, ann);
            address account = ann;
            if (way == 0) item.units = 31;
            if (way == 1) account = stranger;
            if (way == 2) item.siblings[3] ^= 0x01;
            if (way == 3) item.siblings = bytes.concat(item.siblings, new bytes(1));
            if (way == 4) item.units = 0;
            vm.expectPartialRevert(
                way == 3
                    ? SumTree.SiblingsLength.selector
                    : way == 4 ? SumTree.TerminalInvalid.selector : SumTree.RootMismatch.selector
            );
            rounds.claim(account, _one(item));
        }
        assertFalse(rounds.isClaimed(1, ann));
    }

    /// @dev The root is of kind 3: no proof of a contributor tree with the same leaves fits.
    function test_RootIsOfRewards() external {
        TreeBuilder.Node memory node = trees.build(leaves, 0);
        bytes32 contributors = keccak256(abi.encodePacked(uint8(2), uint8(2), node.hash, node.sum));
        _publish(NATIVE, 0);
        assertNotEq(rounds.roundOf(1).root, contributors);
        assertEq(rounds.roundOf(1).root, trees.rootOf(leaves, REWARDS));
    }

    function test_ClaimOfDifferentCurrenciesReverts() external {
        _publish(NATIVE, 0);
        _publish(address(token), 0);
        skip(WINDOW);
        RoundClaim[] memory items = new RoundClaim[](2);
        (items[0], items[1]) = (_claimOf(1, leaves, ann), _claimOf(2, leaves, ann));
        vm.expectRevert(abi.encodeWithSelector(IRewardRounds.CurrencyMismatch.selector, 2, NATIVE, address(token)));
        rounds.claim(ann, items);
        (items[0], items[1]) = (items[1], items[0]);
        vm.expectRevert(abi.encodeWithSelector(IRewardRounds.CurrencyMismatch.selector, 1, address(token), NATIVE));
        rounds.claim(ann, items);
        // One that has paid before has no say.
        rounds.claim(ann, _one(items[0]));
        assertEq(rounds.claim(ann, items), 30e12);
        assertEq(ann.balance, 30e12);
        assertEq(token.balanceOf(ann), 30e12);
    }

    function test_ClaimOfARefuserReverts() external {
        _publish(NATIVE, 0);
        skip(WINDOW);
        RoundClaim[] memory items = _one(_claimOf(1, leaves, refuser));
        vm.expectRevert(abi.encodeWithSelector(IRewardRounds.PaymentRefused.selector, refuser, 10e12));
        rounds.claim(refuser, items);
        rounds.claim(ann, _one(_claimOf(1, leaves, ann)));
        Refuser(payable(refuser)).setAccepts(true);
        rounds.claim(refuser, items);
        assertEq(refuser.balance, 10e12);
    }

    function test_ClaimOfABlockedAccountReverts() external {
        BlockingToken blocking = new BlockingToken();
        blocking.mint(PUBLISHER, TOTAL);
        vm.prank(PUBLISHER);
        blocking.approve(address(rounds), TOTAL);
        _publish(address(blocking), 0);
        skip(WINDOW);
        blocking.setBlocked(ann);
        RoundClaim[] memory items = _one(_claimOf(1, leaves, ann));
        vm.expectRevert(abi.encodeWithSelector(BlockingToken.Blocked.selector, ann));
        rounds.claim(ann, items);
        rounds.claim(ben, _one(_claimOf(1, leaves, ben)));
        assertEq(blocking.balanceOf(ben), 20e12);
    }

    function test_ClaimOfAReentererPaysOnce() external {
        RoundsReenterer hostile = new RoundsReenterer(rounds);
        TreeBuilder.Leaf[] memory own = new TreeBuilder.Leaf[](2);
        (own[0], own[1]) = (_leaf(address(hostile), 5), _leaf(ann, 1));
        bytes32 hash = trees.build(own, 0).hash;
        uint40 expires = uint40(block.timestamp + WINDOW + 90 days);
        vm.deal(address(this), 10 ether);
        hostile.publish{value: 6 ether + BOND}(hash, 6, 1 ether, expires);
        _publish(NATIVE, 0);
        hostile.arm(_claimOf(1, own, address(hostile)));
        skip(WINDOW);
        rounds.claim(address(hostile), _one(_claimOf(1, own, address(hostile))));
        // Inside it took its bond, once.
        assertEq(address(hostile).balance, 5 ether + BOND);
        skip(90 days);
        rounds.sweep(1);
        assertEq(address(hostile).balance, 6 ether + BOND);
        assertEq(address(rounds).balance, TOTAL);
        assertEq(rounds.roundOf(2).bond, 0);
        assertEq(PUBLISHER.balance, 1_000 ether - TOTAL);
    }

    function test_ClaimOfARoundThatHasRunOut() external {
        _publish(NATIVE, uint40(block.timestamp + WINDOW + 90 days));
        skip(WINDOW + 100 days);
        assertEq(rounds.claim(ann, _one(_claimOf(1, leaves, ann))), 30e12);
    }

    /// @dev Two leaves of 30 and 20 under a top that says 35: only the path on which all sums are true leads to the root.
    function test_ClaimOfALyingTreePaysNoMoreThanItsTotal() external {
        TreeBuilder.Leaf[] memory first = new TreeBuilder.Leaf[](1);
        TreeBuilder.Leaf[] memory second = new TreeBuilder.Leaf[](1);
        (first[0], second[0]) = (_leaf(ann, 30), _leaf(ben, 20));
        TreeBuilder.Leaf[] memory both = new TreeBuilder.Leaf[](2);
        (both[0], both[1]) = (first[0], second[0]);
        RoundClaim memory annClaim = _claimOf(1, both, ann);
        RoundClaim memory benClaim = _claimOf(1, both, ben);
        bytes32 annHash = trees.build(first, 0).hash;
        bytes32 benHash = trees.build(second, 0).hash;
        // What ann sees beside her: ben's leaf, counted as 5.
        annClaim.siblings = abi.encodePacked(benHash, uint64(5));
        uint256 depth;
        while (annClaim.bitmap >> (depth + 1) != 0) ++depth;
        bytes32 key = first[0].key;
        bytes32 node = uint256(key) >> (255 - depth) & 1 == 0
            ? keccak256(abi.encodePacked(uint8(1), annHash, uint64(30), benHash, uint64(5)))
            : keccak256(abi.encodePacked(uint8(1), benHash, uint64(5), annHash, uint64(30)));
        while (depth != 0) {
            --depth;
            node = uint256(key) >> (255 - depth) & 1 == 0
                ? keccak256(abi.encodePacked(uint8(1), node, uint64(35), bytes32(0), uint64(0)))
                : keccak256(abi.encodePacked(uint8(1), bytes32(0), uint64(0), node, uint64(35)));
        }
        vm.deal(address(this), 10 ether);
        rounds.publish{value: 35 + BOND}(node, 35, 1, NATIVE, 0, LIST);
        skip(WINDOW);
        assertEq(rounds.claim(ann, _one(annClaim)), 30);
        vm.expectPartialRevert(SumTree.RootMismatch.selector);
        rounds.claim(ben, _one(benClaim));
        benClaim.units = 5;
        vm.expectPartialRevert(SumTree.RootMismatch.selector);
        rounds.claim(ben, _one(benClaim));
    }

    function test_ClaimsOfRoundsBeyond256AreApart() external {
        for (uint256 i; i < 257; ++i) {
            _publish(NATIVE, 0);
        }
        skip(WINDOW);
        uint256[3] memory ids = [uint256(1), 256, 257];
        for (uint256 i; i < 3; ++i) {
            assertFalse(rounds.isClaimed(ids[i], ann));
            rounds.claim(ann, _one(_claimOf(ids[i], leaves, ann)));
            assertTrue(rounds.isClaimed(ids[i], ann));
        }
        assertFalse(rounds.isClaimed(255, ann));
        assertFalse(rounds.isClaimed(257, ben));
        assertEq(ann.balance, 90e12);
    }

    // ---- returnBond

    function test_ReturnBond() external {
        _publish(address(token), 0);
        vm.expectRevert(
            abi.encodeWithSelector(IRewardRounds.NotClaimable.selector, 1, uint40(block.timestamp + WINDOW))
        );
        rounds.returnBond(1);
        skip(WINDOW);
        vm.expectEmit(address(rounds));
        emit IRewardRounds.BondReturned(1, PUBLISHER, BOND);
        vm.prank(stranger);
        rounds.returnBond(1);
        assertEq(PUBLISHER.balance, 1_000 ether);
        assertEq(rounds.roundOf(1).bond, 0);
        vm.expectRevert(abi.encodeWithSelector(IRewardRounds.BondGone.selector, 1));
        rounds.returnBond(1);
        vm.expectRevert(abi.encodeWithSelector(IRewardRounds.RoundUnknown.selector, 2));
        rounds.returnBond(2);
        // Claims go on without it.
        rounds.claim(ann, _one(_claimOf(1, leaves, ann)));
    }

    function test_ReturnBondOfACancelledRound() external {
        _publish(NATIVE, 0);
        _publish(NATIVE, 0);
        vm.startPrank(GUARDIAN);
        rounds.cancel(1);
        rounds.cancel(2);
        vm.stopPrank();
        vm.expectEmit(address(rounds));
        emit IRewardRounds.BondReturned(1, TREASURY, BOND);
        rounds.returnBond(1);
        vm.expectRevert(abi.encodeWithSelector(IRewardRounds.BondGone.selector, 1));
        rounds.returnBond(1);
        // Sweeping first does not make it the publisher's.
        rounds.sweep(2);
        skip(WINDOW);
        rounds.returnBond(2);
        assertEq(TREASURY.balance, 2 * uint256(BOND));
        assertEq(PUBLISHER.balance, 1_000 ether - TOTAL - 2 * uint256(BOND));
    }

    // ---- sweep

    function test_Sweep() external {
        uint40 expires = uint40(block.timestamp + WINDOW + 90 days);
        _publish(NATIVE, expires);
        _publish(NATIVE, 0);
        skip(WINDOW);
        rounds.claim(ann, _one(_claimOf(1, leaves, ann)));
        skip(90 days - 1);
        vm.expectRevert(abi.encodeWithSelector(IRewardRounds.NotExpired.selector, 1, expires));
        rounds.sweep(1);
        skip(1);
        vm.expectEmit(address(rounds));
        emit IRewardRounds.RoundSwept(1, 30e12);
        vm.prank(stranger);
        rounds.sweep(1);
        assertEq(PUBLISHER.balance, 1_000 ether - 2 * uint256(BOND) - TOTAL - 30e12);
        _expectState(1, RoundState.Swept);
        rounds.sweep(1);
        vm.expectRevert(abi.encodeWithSelector(IRewardRounds.NotExpired.selector, 2, 0));
        rounds.sweep(2);
        vm.expectRevert(abi.encodeWithSelector(IRewardRounds.RoundUnknown.selector, 3));
        rounds.sweep(3);
        // The other round's money and both bonds are here.
        assertEq(address(rounds).balance, TOTAL + 2 * uint256(BOND));
        rounds.returnBond(1);
        rounds.claim(ann, _one(_claimOf(2, leaves, ann)));
    }

    function test_SweepOfACancelledRound() external {
        _publish(address(token), 0);
        _publish(address(token), 0);
        vm.prank(GUARDIAN);
        rounds.cancel(1);
        rounds.sweep(1);
        assertEq(token.balanceOf(PUBLISHER), 1_000 ether - TOTAL);
        _expectState(1, RoundState.Swept);
        rounds.sweep(1);
        assertEq(token.balanceOf(address(rounds)), TOTAL);
    }

    function test_SweepOfNothingLeft() external {
        Refuser(payable(refuser)).setAccepts(true);
        _publish(NATIVE, uint40(block.timestamp + WINDOW + 90 days));
        skip(WINDOW + 90 days);
        rounds.claim(ann, _one(_claimOf(1, leaves, ann)));
        rounds.claim(ben, _one(_claimOf(1, leaves, ben)));
        rounds.claim(refuser, _one(_claimOf(1, leaves, refuser)));
        vm.expectEmit(address(rounds));
        emit IRewardRounds.RoundSwept(1, 0);
        rounds.sweep(1);
        assertEq(address(rounds).balance, BOND);
    }

    // ---- fuzz

    /// @notice All leaves of a tree are paid their units, and together exactly the total.
    function testFuzz_EveryLeafIsPaid(uint64[6] memory weights, uint128 unit) external {
        TreeBuilder.Leaf[] memory rows = new TreeBuilder.Leaf[](6);
        uint64 units;
        for (uint160 i; i < 6; ++i) {
            weights[i] = uint64(bound(weights[i], 1, type(uint64).max / 6));
            rows[i] = _leaf(address(0x1000 + i), weights[i]);
            units += weights[i];
        }
        unit = uint128(bound(unit, 1, 1e18));
        uint256 total = uint256(units) * unit;
        vm.deal(address(this), total + BOND);
        rounds.publish{value: total + BOND}(trees.build(rows, 0).hash, units, unit, NATIVE, 0, LIST);
        skip(WINDOW);
        for (uint160 i; i < 6; ++i) {
            address account = address(0x1000 + i);
            assertEq(rounds.claim(account, _one(_claimOf(1, rows, account))), uint256(weights[i]) * unit);
        }
        assertEq(address(rounds).balance, BOND);
        assertEq(rounds.roundOf(1).claimed, units);
    }

    // ---- helpers

    function _publish(address currency, uint40 expiresAt) private returns (uint256) {
        vm.prank(PUBLISHER);
        return
            rounds.publish{value: currency == NATIVE ? TOTAL + BOND : BOND}(top, UNITS, UNIT, currency, expiresAt, LIST);
    }

    function _one(RoundClaim memory item) private pure returns (RoundClaim[] memory items) {
        items = new RoundClaim[](1);
        items[0] = item;
    }

    function _expectState(uint256 roundId, RoundState state) private {
        vm.expectRevert(abi.encodeWithSelector(IRewardRounds.RoundStateInvalid.selector, roundId, uint8(state)));
    }
}
