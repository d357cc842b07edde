// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IRoyaltyVault} from "../src/interfaces/IRoyaltyVault.sol";
import {Access} from "../src/lib/Managed.sol";
import {SumTree} from "../src/lib/SumTree.sol";
import {RoyaltyVault} from "../src/RoyaltyVault.sol";
import {ContributorClaim, Split, SplitClaim} from "../src/types/Types.sol";
import {ContributorTree} from "./support/ContributorTree.sol";
import {MoneyFixture} from "./support/MoneyFixture.sol";
import {Reenterer, Refuser, TokenReenterer} from "./support/Hostile.sol";
import {BlockingToken, CallbackToken, FeeToken} from "./support/Tokens.sol";

contract RoyaltyVaultTest is MoneyFixture {
    using ContributorTree for ContributorTree.Row[];

    bytes32 internal constant DATASET = keccak256("dataset");
    bytes32 internal constant REF = keccak256("ref");
    uint16 internal constant BPS = 7_500;
    address internal constant NATIVE = address(0);

    ContributorTree.Row[] internal rows;
    Split[] internal splits;
    bytes32 internal poolId;
    address internal alice = makeAddr("alice");
    address internal bob = makeAddr("bob");
    address internal carol = makeAddr("carol");
    address internal stranger = makeAddr("stranger");

    function setUp() public override {
        super.setUp();
        rows.push(ContributorTree.Row(alice, 3, 0));
        rows.push(ContributorTree.Row(bob, 1, keccak256("consent")));
        rows.push(ContributorTree.Row(carol, 3, 0));
        // Alice is a contributor and a fixed payee.
        (address low, address high) = alice < stranger ? (alice, stranger) : (stranger, alice);
        splits.push(Split(low, low == alice ? 2_000 : 500));
        splits.push(Split(high, high == alice ? 2_000 : 500));
        poolId = _pool(DATASET);
        vm.deal(address(this), 1e30);
        token.mint(address(this), 1e30);
        token.approve(address(vault), type(uint256).max);
    }

    // ---- constructor

    function testFuzz_Constructor(address manager_) external {
        assertEq(new RoyaltyVault(manager_).authority(), manager_);
    }

    // ---- deposit

    function test_DepositOfNothingReverts() external {
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.NothingDeposited.selector, poolId, NATIVE));
        vault.deposit(poolId, NATIVE, 0, REF);
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.NothingDeposited.selector, poolId, address(token)));
        vault.deposit(poolId, address(token), 0, REF);
    }

    function test_DepositNative() external {
        vm.expectEmit(address(vault));
        emit IRoyaltyVault.Deposited(poolId, address(this), REF, NATIVE, 5);
        vault.deposit{value: 5}(poolId, NATIVE, 5, REF);
        vault.deposit{value: 7}(poolId, NATIVE, 7, REF);
        assertEq(vault.income(poolId, NATIVE), 12);
        assertEq(address(vault).balance, 12);
        assertEq(vault.income(poolId, address(token)), 0);
        assertEq(vault.income(_pool(keccak256("other")), NATIVE), 0);
    }

    function test_DepositNativeOfAnotherValueReverts() external {
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.ValueMismatch.selector, 5, 4));
        vault.deposit{value: 4}(poolId, NATIVE, 5, REF);
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.ValueMismatch.selector, 5, 6));
        vault.deposit{value: 6}(poolId, NATIVE, 5, REF);
    }

    function test_DepositToken() external {
        vm.expectEmit(address(vault));
        emit IRoyaltyVault.Deposited(poolId, address(this), REF, address(token), 5);
        vault.deposit(poolId, address(token), 5, REF);
        vault.deposit(poolId, address(token), 7, REF);
        assertEq(vault.income(poolId, address(token)), 12);
        assertEq(token.balanceOf(address(vault)), 12);
        assertEq(vault.income(poolId, NATIVE), 0);
    }

    function test_DepositTokenNotAllowedReverts() external {
        BlockingToken other = new BlockingToken();
        other.mint(address(this), 5);
        other.approve(address(vault), 5);
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.CurrencyNotAllowed.selector, address(other)));
        vault.deposit(poolId, address(other), 5, REF);
        vm.prank(DAO);
        vault.allowCurrency(address(token), false);
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.CurrencyNotAllowed.selector, address(token)));
        vault.deposit(poolId, address(token), 5, REF);
    }

    function test_DepositTokenWithValueReverts() external {
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.ValueMismatch.selector, 0, 5));
        vault.deposit{value: 5}(poolId, address(token), 5, REF);
    }

    function test_DepositTokenWithFeeReverts() external {
        FeeToken fee = new FeeToken();
        _allow(address(fee));
        fee.mint(address(this), 1_000);
        fee.approve(address(vault), 1_000);
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.BalanceMismatch.selector, address(fee), 1_000, 990));
        vault.deposit(poolId, address(fee), 1_000, REF);
    }

    function test_DepositInsideDepositReverts() external {
        CallbackToken hooked = new CallbackToken();
        _allow(address(hooked));
        TokenReenterer reenterer = new TokenReenterer(vault, hooked, poolId);
        hooked.mint(address(reenterer), 100);
        // Outer 10 counts from the balance before, and sees the inner 10 arrive too.
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.BalanceMismatch.selector, address(hooked), 10, 20));
        reenterer.depositTwice(10);
    }

    function test_DepositBeyondLimitReverts() external {
        uint256 limit = type(uint128).max;
        vm.deal(address(this), limit + 1);
        vault.deposit{value: limit}(poolId, NATIVE, limit, REF);
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.IncomeOverflow.selector, poolId, NATIVE, limit, 1));
        vault.deposit{value: 1}(poolId, NATIVE, 1, REF);
        // At the limit the formula still holds.
        assertEq(vault.claim(alice, _claimAt(0, DATASET, NATIVE)), limit * BPS / 10_000 * 3 / 7);
    }

    // ---- claim

    function test_ClaimPaysTheAccountWhoeverCalls() external {
        _deposit(101);
        // floor(101 * 7500 / 10000) = 75; floor(75 * 3 / 7) = 32; floor(75 * 1 / 7) = 10.
        vm.expectEmit(address(vault));
        emit IRoyaltyVault.Claimed(poolId, alice, NATIVE, 32);
        vm.prank(stranger);
        assertEq(vault.claim(alice, _claimAt(0, DATASET, NATIVE)), 32);
        assertEq(vault.claim(bob, _claimAt(1, DATASET, NATIVE)), 10);
        assertEq(alice.balance, 32);
        assertEq(bob.balance, 10);
        assertEq(stranger.balance, 0);
        assertEq(vault.paid(poolId, NATIVE, alice), 32);
        assertEq(vault.paidSplit(poolId, NATIVE, alice), 0);
        assertEq(vault.paid(poolId, address(token), alice), 0);
    }

    function test_ClaimOfOneUnitIsTold() external {
        _deposit(10);
        vm.expectEmit(address(vault));
        emit IRoyaltyVault.Claimed(poolId, bob, NATIVE, 1);
        assertEq(vault.claim(bob, _claimAt(1, DATASET, NATIVE)), 1);
    }

    function test_ClaimAgainPaysOnlyWhatIsNew() external {
        _deposit(101);
        ContributorClaim memory item = _claimAt(0, DATASET, NATIVE);
        vault.claim(alice, item);
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.NothingOwed.selector, alice));
        vault.claim(alice, item);
        _deposit(100);
        // floor(floor(201 * 0.75) * 3 / 7) = floor(150 * 3 / 7) = 64, of which 32 are paid.
        assertEq(vault.claim(alice, item), 32);
        assertEq(vault.paid(poolId, NATIVE, alice), 64);
    }

    function test_ClaimWithAnotherLeafReverts() external {
        _deposit(1_000);
        ContributorClaim memory item = _claimAt(0, DATASET, NATIVE);
        item.shares = 4;
        vm.expectPartialRevert(SumTree.RootMismatch.selector);
        vault.claim(alice, item);
        item.shares = 0;
        vm.expectPartialRevert(SumTree.TerminalInvalid.selector);
        vault.claim(alice, item);
        item = _claimAt(0, DATASET, NATIVE);
        item.consent = keccak256("consent");
        vm.expectPartialRevert(SumTree.RootMismatch.selector);
        vault.claim(alice, item);
        item = _claimAt(0, DATASET, NATIVE);
        vm.expectPartialRevert(SumTree.RootMismatch.selector);
        vault.claim(stranger, item);
        item.siblings = bytes.concat(item.siblings, new bytes(40));
        vm.expectPartialRevert(SumTree.SiblingsLength.selector);
        vault.claim(alice, item);
    }

    function test_ClaimFromAnotherPoolPaysNothing() external {
        _deposit(1_000);
        for (uint256 i; i < 3; ++i) {
            ContributorClaim memory item = _claimAt(0, DATASET, NATIVE);
            if (i == 0) item.pool.datasetId = keccak256("other");
            if (i == 1) item.pool.contributorsBps = 10_000;
            if (i == 2) item.pool.splitsHash = keccak256("other");
            vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.NothingOwed.selector, alice));
            vault.claim(alice, item);
        }
        // A root of the claimer's own making: a tree of one, all shares.
        ContributorTree.Row[] memory own = new ContributorTree.Row[](1);
        own[0] = ContributorTree.Row(stranger, 7, 0);
        ContributorClaim memory forged = _claimOf(own, 0, DATASET, BPS, splits, NATIVE);
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.NothingOwed.selector, stranger));
        vault.claim(stranger, forged);
    }

    function test_ClaimKeepsCurrenciesApart() external {
        _deposit(1_000);
        vault.deposit(poolId, address(token), 200, REF);
        assertEq(vault.claim(alice, _claimAt(0, DATASET, address(token))), 64);
        assertEq(token.balanceOf(alice), 64);
        assertEq(alice.balance, 0);
        assertEq(vault.claim(alice, _claimAt(0, DATASET, NATIVE)), 321);
        assertEq(alice.balance, 321);
    }

    function test_ClaimInTokenNoLongerAllowed() external {
        vault.deposit(poolId, address(token), 200, REF);
        vm.prank(DAO);
        vault.allowCurrency(address(token), false);
        assertEq(vault.claim(alice, _claimAt(0, DATASET, address(token))), 64);
    }

    function test_ClaimOfOverTenThousandReverts() external {
        ContributorClaim memory item = _claimOf(rows, 0, DATASET, 10_001, splits, NATIVE);
        bytes32 greedy = _poolId(DATASET, item.pool.contributorRoot, _splitsDigest(10_001, splits));
        vault.deposit{value: 1_000}(greedy, NATIVE, 1_000, REF);
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.SplitsSum.selector, 10_001));
        vault.claim(alice, item);
    }

    function test_ClaimOfRefusingAccountBlocksNobody() external {
        Refuser refuser = new Refuser();
        rows[2].account = address(refuser);
        poolId = _pool(DATASET);
        _deposit(1_000);
        ContributorClaim memory item = _claimAt(2, DATASET, NATIVE);
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.PaymentRefused.selector, address(refuser), 321));
        vault.claim(address(refuser), item);
        assertEq(vault.paid(poolId, NATIVE, address(refuser)), 0);
        assertEq(vault.claim(alice, _claimAt(0, DATASET, NATIVE)), 321);
        // What it is owed waits for it.
        refuser.setAccepts(true);
        assertEq(vault.claim(address(refuser), item), 321);
    }

    function test_ClaimOfBlockedAccountBlocksNobody() external {
        BlockingToken blocking = new BlockingToken();
        _allow(address(blocking));
        blocking.mint(address(this), 1_000);
        blocking.approve(address(vault), 1_000);
        vault.deposit(poolId, address(blocking), 1_000, REF);
        blocking.setBlocked(alice);
        ContributorClaim memory item = _claimAt(0, DATASET, address(blocking));
        vm.expectRevert(abi.encodeWithSelector(BlockingToken.Blocked.selector, alice));
        vault.claim(alice, item);
        assertEq(vault.claim(bob, _claimAt(1, DATASET, address(blocking))), 107);
        blocking.setBlocked(address(1));
        assertEq(vault.claim(alice, item), 321);
    }

    function test_ClaimPaysOnceWhenTheReceiverCallsBack() external {
        Reenterer reenterer = new Reenterer(vault);
        rows[2].account = address(reenterer);
        poolId = _pool(DATASET);
        _deposit(1_000);
        ContributorClaim memory item = _claimAt(2, DATASET, NATIVE);
        reenterer.arm(item);
        vault.claim(address(reenterer), item);
        assertEq(address(reenterer).balance, 321);
        assertEq(reenterer.calls(), 1);
        assertEq(reenterer.refused(), 2, "claim and claimMany from inside");
        assertEq(vault.paid(poolId, NATIVE, address(reenterer)), 321);
    }

    /// @dev The root's author puts a smaller sum over its leaves than they have; whichever leaf is proven, the total is
    /// the one in the root, and the leaves proven under it can't exceed it.
    function testFuzz_LyingSumsCantOverpay(uint64 a, uint64 b, uint64 claimed, uint96 income) external {
        a = uint64(bound(a, 1, type(uint32).max));
        b = uint64(bound(b, 1, type(uint32).max));
        uint256 amount = bound(income, 10_000, type(uint96).max);
        ContributorTree.Node memory left = ContributorTree.leaf(ContributorTree.Row(alice, a, 0));
        ContributorTree.Node memory right = ContributorTree.leaf(ContributorTree.Row(bob, b, 0));
        bool aliceRight = uint256(ContributorTree.keyOf(alice)) >> 255 != 0;
        bool bobRight = uint256(ContributorTree.keyOf(bob)) >> 255 != 0;
        vm.assume(aliceRight != bobRight);
        if (aliceRight) (left, right) = (right, left);
        ContributorTree.Node memory top = ContributorTree.inner(left, right);
        // The lie is in the top's sum only; the verifier recomputes sums from the leaf up.
        top.sum = claimed;
        vm.assume(claimed < uint256(a) + b);
        bytes32 root = ContributorTree.rootOf(top);
        bytes32 id = _poolId(DATASET, root, _splitsDigest(BPS, splits));
        vm.deal(address(this), amount);
        vault.deposit{value: amount}(id, NATIVE, amount, REF);
        ContributorClaim memory item = _claimOf(rows, 0, DATASET, BPS, splits, NATIVE);
        item.pool.contributorRoot = root;
        item.shares = a;
        item.bitmap = 1;
        ContributorTree.Node memory beside = aliceRight ? left : right;
        item.siblings = abi.encodePacked(beside.hash, uint64(beside.sum));
        vm.expectPartialRevert(SumTree.RootMismatch.selector);
        vault.claim(alice, item);
    }

    function testFuzz_EveryoneTogetherGetsAtMostTheirShare(uint64[5] memory shares, uint128 income, uint16 bps)
        external
    {
        bps = uint16(bound(bps, 0, 10_000));
        uint256 amount = bound(income, 1, type(uint128).max);
        uint256 total;
        ContributorTree.Row[] memory all = new ContributorTree.Row[](5);
        for (uint256 i; i < 5; ++i) {
            shares[i] = uint64(bound(shares[i], 1, type(uint64).max / 5));
            all[i] = ContributorTree.Row(address(uint160(uint256(keccak256(abi.encode(i))))), shares[i], 0);
            total += shares[i];
        }
        bytes32 id = _poolId(DATASET, all.root(), _splitsDigest(bps, splits));
        vm.deal(address(this), amount);
        vault.deposit{value: amount}(id, NATIVE, amount, REF);
        uint256 part = amount * bps / 10_000;
        uint256 sum;
        for (uint256 i; i < 5; ++i) {
            uint256 owed = part * shares[i] / total;
            ContributorClaim memory item = _claimOf(all, i, DATASET, bps, splits, NATIVE);
            if (owed == 0) {
                vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.NothingOwed.selector, all[i].account));
                vault.claim(all[i].account, item);
            } else {
                assertEq(vault.claim(all[i].account, item), owed);
                assertEq(all[i].account.balance, owed);
            }
            sum += owed;
        }
        assertLe(sum, part);
        // At most one unit is lost for each contributor.
        assertGe(sum + 5, part);
    }

    // ---- claimMany

    function test_ClaimManyPaysOnceForEachCurrency() external {
        ContributorClaim[] memory items = new ContributorClaim[](4);
        for (uint256 i; i < 4; ++i) {
            bytes32 dataset = keccak256(abi.encode(i % 2));
            address currency = i < 2 ? NATIVE : address(token);
            _depositTo(_pool(dataset), currency, 1_000 * (i + 1));
            items[i] = _claimAt(0, dataset, currency);
        }
        vm.expectCall(alice, 321 + 642, "");
        vm.expectCall(address(token), abi.encodeCall(token.transfer, (alice, 964 + 1_285)), 1);
        vm.prank(stranger);
        vault.claimMany(alice, items, new SplitClaim[](0));
        assertEq(alice.balance, 963);
        assertEq(token.balanceOf(alice), 2_249);
        assertEq(vault.paid(_pool(keccak256(abi.encode(1))), address(token), alice), 1_285);
    }

    function test_ClaimManyMergesBothBooks() external {
        _deposit(1_000);
        _depositTo(poolId, address(token), 500);
        ContributorClaim[] memory items = new ContributorClaim[](2);
        SplitClaim[] memory splitItems = new SplitClaim[](2);
        for (uint256 i; i < 2; ++i) {
            items[i] = _claimAt(0, DATASET, i == 0 ? NATIVE : address(token));
            splitItems[i] = _splitClaim(DATASET, i == 0 ? NATIVE : address(token));
        }
        vm.expectEmit(address(vault));
        emit IRoyaltyVault.Claimed(poolId, alice, NATIVE, 321);
        vm.expectEmit(address(vault));
        emit IRoyaltyVault.SplitClaimed(poolId, alice, NATIVE, 200);
        vm.expectCall(alice, 521, "");
        vault.claimMany(alice, items, splitItems);
        assertEq(alice.balance, 521);
        assertEq(token.balanceOf(alice), 160 + 100);
        assertEq(vault.paid(poolId, NATIVE, alice), 321);
        assertEq(vault.paidSplit(poolId, NATIVE, alice), 200);
    }

    function test_ClaimManyCountsAPoolOnce() external {
        _deposit(1_000);
        ContributorClaim[] memory items = new ContributorClaim[](2);
        items[0] = items[1] = _claimAt(0, DATASET, NATIVE);
        SplitClaim[] memory splitItems = new SplitClaim[](2);
        splitItems[0] = splitItems[1] = _splitClaim(DATASET, NATIVE);
        vault.claimMany(alice, items, splitItems);
        assertEq(alice.balance, 521);
    }

    function test_ClaimManySkipsWhatOwesNothing() external {
        _deposit(1_000);
        ContributorClaim[] memory items = new ContributorClaim[](3);
        items[0] = _claimAt(0, keccak256("empty"), NATIVE);
        items[1] = _claimAt(0, DATASET, NATIVE);
        items[2] = _claimAt(0, keccak256("empty"), address(token));
        vault.claimMany(alice, items, new SplitClaim[](0));
        assertEq(alice.balance, 321);
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.NothingOwed.selector, alice));
        vault.claimMany(alice, items, new SplitClaim[](0));
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.NothingOwed.selector, alice));
        vault.claimMany(alice, new ContributorClaim[](0), new SplitClaim[](0));
    }

    function test_ClaimManyOutOfOrderReverts() external {
        _deposit(1_000);
        _depositTo(poolId, address(token), 500);
        ContributorClaim[] memory items = new ContributorClaim[](3);
        items[0] = _claimAt(0, DATASET, address(token));
        items[1] = _claimAt(0, DATASET, NATIVE);
        items[2] = _claimAt(0, DATASET, address(token));
        bytes memory refusal =
            abi.encodeWithSelector(IRoyaltyVault.CurrenciesNotAscending.selector, address(token), NATIVE);
        vm.expectRevert(refusal);
        vault.claimMany(alice, items, new SplitClaim[](0));
        SplitClaim[] memory splitItems = new SplitClaim[](2);
        splitItems[0] = _splitClaim(DATASET, address(token));
        splitItems[1] = _splitClaim(DATASET, NATIVE);
        vm.expectRevert(refusal);
        vault.claimMany(alice, new ContributorClaim[](0), splitItems);
    }

    function test_SplitsNotAscendingRevert() external {
        SplitClaim[] memory splitItems = new SplitClaim[](1);
        splitItems[0] = _splitClaim(DATASET, NATIVE);
        Split[] memory wrong = splitItems[0].splits;
        (wrong[0], wrong[1]) = (wrong[1], wrong[0]);
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.SplitsNotAscending.selector, wrong[0].to, wrong[1].to));
        vault.claimMany(alice, new ContributorClaim[](0), splitItems);
        // The same payee twice would be paid by either row.
        wrong[0] = Split(alice, 1_250);
        wrong[1] = Split(alice, 1_250);
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.SplitsNotAscending.selector, alice, alice));
        vault.claimMany(alice, new ContributorClaim[](0), splitItems);
    }

    function test_SplitsOfAnotherSumRevert() external {
        SplitClaim[] memory splitItems = new SplitClaim[](1);
        splitItems[0] = _splitClaim(DATASET, NATIVE);
        splitItems[0].contributorsBps = 7_501;
        bytes32 greedy = _poolId(DATASET, rows.root(), _splitsDigest(7_501, splits));
        vault.deposit{value: 1_000}(greedy, NATIVE, 1_000, REF);
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.SplitsSum.selector, 10_001));
        vault.claimMany(alice, new ContributorClaim[](0), splitItems);
        splitItems[0].contributorsBps = 7_499;
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.SplitsSum.selector, 9_999));
        vault.claimMany(alice, new ContributorClaim[](0), splitItems);
        // A sum that is right only modulo 2^16.
        splitItems[0].contributorsBps = 65_535;
        splitItems[0].splits[0].bps = 10_001 - splitItems[0].splits[1].bps;
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.SplitsSum.selector, 75_536));
        vault.claimMany(alice, new ContributorClaim[](0), splitItems);
    }

    function test_SplitClaimOfAStrangerReverts() external {
        _deposit(1_000);
        SplitClaim[] memory splitItems = new SplitClaim[](1);
        splitItems[0] = _splitClaim(DATASET, NATIVE);
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.NotInSplits.selector, bob));
        vault.claimMany(bob, new ContributorClaim[](0), splitItems);
    }

    // ---- allowCurrency

    function test_AllowCurrencyIsForTheDao() external {
        vm.expectRevert(abi.encodeWithSelector(Access.Unauthorized.selector, address(this)));
        vault.allowCurrency(address(token), false);
        assertTrue(vault.isAllowed(address(token)));
        vm.expectEmit(address(vault));
        emit IRoyaltyVault.CurrencyAllowed(address(token), false);
        vm.prank(DAO);
        vault.allowCurrency(address(token), false);
        assertFalse(vault.isAllowed(address(token)));
    }

    function test_AllowCurrencyWithoutCodeReverts() external {
        vm.startPrank(DAO);
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.CurrencyInvalid.selector, NATIVE));
        vault.allowCurrency(NATIVE, true);
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.CurrencyInvalid.selector, alice));
        vault.allowCurrency(alice, true);
    }

    // ---- helpers

    function _allow(address currency) private {
        vm.prank(DAO);
        vault.allowCurrency(currency, true);
    }

    function _pool(bytes32 dataset) private view returns (bytes32) {
        return _poolId(dataset, rows.root(), _splitsDigest(BPS, splits));
    }

    function _deposit(uint256 amount) private {
        _depositTo(poolId, NATIVE, amount);
    }

    function _depositTo(bytes32 id, address currency, uint256 amount) private {
        vault.deposit{value: currency == NATIVE ? amount : 0}(id, currency, amount, REF);
    }

    function _claimAt(uint256 index, bytes32 dataset, address currency) private view returns (ContributorClaim memory) {
        return _claimOf(rows, index, dataset, BPS, splits, currency);
    }

    function _splitClaim(bytes32 dataset, address currency) private view returns (SplitClaim memory) {
        return SplitClaim(dataset, rows.root(), BPS, splits, currency);
    }
}
