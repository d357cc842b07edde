// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {Vm} from "forge-std/Vm.sol";
import {IRoyaltyVault} from "../src/interfaces/IRoyaltyVault.sol";
import {Eip712} from "../src/lib/Eip712.sol";
import {RoyaltyVault} from "../src/RoyaltyVault.sol";
import {ClaimTo, ContributorClaim, Split, SplitClaim} from "../src/types/Types.sol";
import {ContributorTree} from "./support/ContributorTree.sol";
import {Refuser} from "./support/Hostile.sol";
import {MoneyFixture} from "./support/MoneyFixture.sol";
import {BlockingToken} from "./support/Tokens.sol";
import {Wallet} from "./support/Wallet.sol";

/// @notice Hands the order in again while it is being paid, as sender and by signature.
contract OrderReenterer {
    RoyaltyVault private immutable VAULT;
    bytes private _call;
    uint256 public refused;

    constructor(RoyaltyVault vault) {
        VAULT = vault;
    }

    function arm(bytes calldata call_) external {
        _call = call_;
    }

    receive() external payable {
        (bool done,) = address(VAULT).call(_call);
        if (!done) ++refused;
    }
}

contract RoyaltyVaultClaimToTest is MoneyFixture {
    using ContributorTree for ContributorTree.Row[];

    uint16 internal constant BPS = 7_500;
    uint192 internal constant KEY = 7;
    address internal constant NATIVE = address(0);

    Vm.Wallet internal alice;
    Vm.Wallet internal bob;
    address internal receiver = makeAddr("receiver");
    address internal stranger = makeAddr("stranger");
    ContributorTree.Row[] internal rows;
    Split[] internal splits;
    /// @dev Ascending by the ids of their pools.
    bytes32[3] internal datasets;

    function setUp() public override {
        super.setUp();
        alice = vm.createWallet("alice");
        bob = vm.createWallet("bob");
        _setPayee(alice.addr);
        vm.deal(address(this), 1e30);
        token.mint(address(this), 1e30);
        token.approve(address(vault), type(uint256).max);
    }

    // ---- claimManyTo

    function test_PaysBothBooksOfSeveralPoolsToTheReceiver() external {
        _depositAll(NATIVE, 1_000);
        (ClaimTo memory request, ContributorClaim[] memory items, SplitClaim[] memory splitItems) = _all(NATIVE);
        bytes memory signature = _sign(alice, request);
        // floor(750 * 3 / 4) = 562 as contributor, 2,000 bps = 200 as fixed payee, three pools.
        vm.expectEmit(address(vault));
        emit IRoyaltyVault.Claimed(_pool(0), alice.addr, NATIVE, 562);
        vm.expectEmit(address(vault));
        emit IRoyaltyVault.SplitClaimed(_pool(0), alice.addr, NATIVE, 200);
        vm.expectEmit(address(vault));
        emit IRoyaltyVault.ClaimedTo(alice.addr, receiver, NATIVE, 3 * 762, request.poolsHash);
        vm.expectCall(receiver, 3 * 762, "");
        vm.prank(stranger);
        assertEq(vault.claimManyTo(request, items, splitItems, signature), 3 * 762);
        assertEq(receiver.balance, 3 * 762);
        assertEq(alice.addr.balance, 0);
        for (uint256 i; i < 3; ++i) {
            assertEq(vault.paid(_pool(i), NATIVE, alice.addr), 562);
            assertEq(vault.paidSplit(_pool(i), NATIVE, alice.addr), 200);
        }
        assertEq(vault.nonces(alice.addr, KEY), (uint256(KEY) << 64) + 1);
    }

    function test_CountsAPoolInBothListsOnceInTheHash() external {
        _depositAll(NATIVE, 1_000);
        // Contributor in pools 0 and 2, fixed payee in 1 and 2: three pools.
        ContributorClaim[] memory items = new ContributorClaim[](2);
        (items[0], items[1]) = (_item(0, NATIVE), _item(2, NATIVE));
        SplitClaim[] memory splitItems = new SplitClaim[](2);
        (splitItems[0], splitItems[1]) = (_splitItem(1, NATIVE), _splitItem(2, NATIVE));
        ClaimTo memory request = _order(NATIVE, abi.encodePacked(_pool(0), _pool(1), _pool(2)));
        vault.claimManyTo(request, items, splitItems, _sign(alice, request));
        assertEq(receiver.balance, 2 * 562 + 2 * 200);
        // Counted for each list, it is another order.
        request = _order(NATIVE, abi.encodePacked(_pool(0), _pool(1), _pool(2), _pool(2)));
        request.nonce += 1;
        bytes memory signature = _sign(alice, request);
        vm.expectPartialRevert(IRoyaltyVault.PoolsMismatch.selector);
        vault.claimManyTo(request, items, splitItems, signature);
    }

    function test_TheAccountNeedsNoSignature() external {
        _depositAll(address(token), 1_000);
        (ClaimTo memory request, ContributorClaim[] memory items, SplitClaim[] memory splitItems) = _all(address(token));
        vm.prank(alice.addr);
        vault.claimManyTo(request, items, splitItems, "");
        assertEq(token.balanceOf(receiver), 3 * 762);
        assertEq(vault.nonces(alice.addr, KEY), uint256(KEY) << 64, "no nonce of the sender");
    }

    function test_TakesContractSignatures() external {
        Wallet wallet = new Wallet(bob.addr);
        _setPayee(address(wallet));
        _depositAll(NATIVE, 1_000);
        (ClaimTo memory request, ContributorClaim[] memory items, SplitClaim[] memory splitItems) = _all(NATIVE);
        request.account = address(wallet);
        bytes memory wrong = _sign(alice, request);
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.SignatureInvalid.selector, address(wallet)));
        vault.claimManyTo(request, items, splitItems, wrong);
        // The wallet itself can't be paid coin; this is its way to its money.
        vm.expectPartialRevert(IRoyaltyVault.PaymentRefused.selector);
        vault.claim(address(wallet), items[0]);
        vault.claimManyTo(request, items, splitItems, _sign(bob, request));
        assertEq(receiver.balance, 3 * 762);
        assertEq(vault.nonces(address(wallet), KEY), (uint256(KEY) << 64) + 1);
    }

    function test_FreesWhatABlockedAccountIsOwed() external {
        BlockingToken blocking = new BlockingToken();
        vm.prank(DAO);
        vault.allowCurrency(address(blocking), true);
        blocking.mint(address(this), 3_000);
        blocking.approve(address(vault), 3_000);
        _depositAll(address(blocking), 1_000);
        blocking.setBlocked(alice.addr);
        (ClaimTo memory request, ContributorClaim[] memory items, SplitClaim[] memory splitItems) =
            _all(address(blocking));
        vm.expectRevert(abi.encodeWithSelector(BlockingToken.Blocked.selector, alice.addr));
        vault.claimMany(alice.addr, items, splitItems);
        vault.claimManyTo(request, items, splitItems, _sign(alice, request));
        assertEq(blocking.balanceOf(receiver), 3 * 762);
        assertEq(blocking.balanceOf(address(vault)), 3 * 238);
    }

    function test_SkipsWhatOwesNothingAndRevertsIfNothingIsOwed() external {
        vault.deposit{value: 1_000}(_pool(1), NATIVE, 1_000, 0);
        (ClaimTo memory request, ContributorClaim[] memory items, SplitClaim[] memory splitItems) = _all(NATIVE);
        bytes memory signature = _sign(alice, request);
        uint256 state = vm.snapshotState();
        assertEq(vault.claimManyTo(request, items, splitItems, signature), 762);
        vm.revertToState(state);
        // Somebody has everything paid to the account itself first: the order pays nothing and stays good.
        vault.claimMany(alice.addr, items, splitItems);
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.NothingOwed.selector, alice.addr));
        vault.claimManyTo(request, items, splitItems, signature);
        assertEq(vault.nonces(alice.addr, KEY), uint256(KEY) << 64);
        vault.deposit{value: 1_000}(_pool(2), NATIVE, 1_000, 0);
        assertEq(vault.claimManyTo(request, items, splitItems, signature), 762);
        assertEq(alice.addr.balance, 762);
        assertEq(receiver.balance, 762);
    }

    function test_PaysOnceWhenTheReceiverCallsBack() external {
        OrderReenterer reenterer = new OrderReenterer(vault);
        receiver = address(reenterer);
        _setPayee(address(reenterer));
        _depositAll(NATIVE, 1_000);
        // The account is the receiver, so that from inside it is the sender and needs no nonce.
        (ClaimTo memory request, ContributorClaim[] memory items, SplitClaim[] memory splitItems) = _all(NATIVE);
        request.account = address(reenterer);
        reenterer.arm(abi.encodeCall(vault.claimManyTo, (request, items, splitItems, "")));
        vm.prank(address(reenterer));
        vault.claimManyTo(request, items, splitItems, "");
        assertEq(address(reenterer).balance, 3 * 762);
        assertEq(reenterer.refused(), 1);
        assertEq(address(vault).balance, 3 * 238);
    }

    function test_WithoutTheAccountsConsentReverts() external {
        _depositAll(NATIVE, 1_000);
        _depositAll(address(token), 1_000);
        (ClaimTo memory signed, ContributorClaim[] memory items, SplitClaim[] memory splitItems) = _all(NATIVE);
        bytes memory signature = _sign(alice, signed);
        bytes memory byBob = _sign(bob, signed);
        bytes memory refusal = abi.encodeWithSelector(IRoyaltyVault.SignatureInvalid.selector, alice.addr);
        vm.expectRevert(refusal);
        vault.claimManyTo(signed, items, splitItems, "");
        vm.expectRevert(refusal);
        vault.claimManyTo(signed, items, splitItems, byBob);
        vm.expectRevert(refusal);
        vm.prank(receiver);
        vault.claimManyTo(signed, items, splitItems, "");
        for (uint256 i; i < 6; ++i) {
            (ClaimTo memory request,,) = _all(NATIVE);
            address account = alice.addr;
            if (i == 0) account = request.account = bob.addr;
            if (i == 1) request.to = stranger;
            if (i == 2) request.currency = address(token);
            if (i == 3) request.poolsHash = keccak256("other");
            if (i == 4) request.nonce = 8 << 64;
            if (i == 5) request.deadline += 1;
            vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.SignatureInvalid.selector, account));
            vm.prank(stranger);
            vault.claimManyTo(request, items, splitItems, signature);
        }
    }

    function test_ElsewhereReverts() external {
        (ClaimTo memory request, ContributorClaim[] memory items, SplitClaim[] memory splitItems) = _all(NATIVE);
        bytes memory signature = _sign(alice, request);
        RoyaltyVault twin = new RoyaltyVault(address(manager));
        bytes memory refusal = abi.encodeWithSelector(IRoyaltyVault.SignatureInvalid.selector, alice.addr);
        vm.expectRevert(refusal);
        twin.claimManyTo(request, items, splitItems, signature);
        vm.chainId(block.chainid + 1);
        vm.expectRevert(refusal);
        vault.claimManyTo(request, items, splitItems, signature);
    }

    function test_ReplayedOutOfOrderCancelledOrLateReverts() external {
        _depositAll(NATIVE, 1_000);
        (ClaimTo memory request, ContributorClaim[] memory items, SplitClaim[] memory splitItems) = _all(NATIVE);
        bytes memory signature = _sign(alice, request);
        vault.claimManyTo(request, items, splitItems, signature);
        _depositAll(NATIVE, 1_000);
        uint256 base = uint256(KEY) << 64;
        vm.expectRevert(abi.encodeWithSelector(Nonces.InvalidAccountNonce.selector, alice.addr, base + 1));
        vault.claimManyTo(request, items, splitItems, signature);

        request.nonce = base + 2;
        signature = _sign(alice, request);
        vm.expectRevert(abi.encodeWithSelector(Nonces.InvalidAccountNonce.selector, alice.addr, base + 1));
        vault.claimManyTo(request, items, splitItems, signature);

        request.nonce = base + 1;
        signature = _sign(alice, request);
        vm.expectEmit(address(vault));
        emit IRoyaltyVault.NonceCancelled(alice.addr, base + 1);
        vm.prank(alice.addr);
        assertEq(vault.cancelNonce(KEY), base + 1);
        vm.expectRevert(abi.encodeWithSelector(Nonces.InvalidAccountNonce.selector, alice.addr, base + 2));
        vault.claimManyTo(request, items, splitItems, signature);
        assertEq(vault.nonces(bob.addr, KEY), base, "of the caller only");
        assertEq(vault.nonces(alice.addr, 8), 8 << 64, "of this key only");

        request.nonce = base + 2;
        signature = _sign(alice, request);
        vm.warp(request.deadline + 1);
        bytes memory late = abi.encodeWithSelector(IRoyaltyVault.RequestExpired.selector, request.deadline);
        vm.expectRevert(late);
        vault.claimManyTo(request, items, splitItems, signature);
        vm.expectRevert(late);
        vm.prank(alice.addr);
        vault.claimManyTo(request, items, splitItems, "");
        vm.warp(request.deadline);
        vault.claimManyTo(request, items, splitItems, signature);
    }

    function test_ToNobodyOrTheVaultOrARefuserReverts() external {
        _depositAll(address(token), 1_000);
        _depositAll(NATIVE, 1_000);
        for (uint256 i; i < 2; ++i) {
            receiver = i == 0 ? address(0) : address(vault);
            (ClaimTo memory request, ContributorClaim[] memory items, SplitClaim[] memory splitItems) =
                _all(address(token));
            vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.ReceiverInvalid.selector, receiver));
            vm.prank(alice.addr);
            vault.claimManyTo(request, items, splitItems, "");
        }
        receiver = address(new Refuser());
        (ClaimTo memory order, ContributorClaim[] memory own, SplitClaim[] memory ownSplits) = _all(NATIVE);
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.PaymentRefused.selector, receiver, 3 * 762));
        vm.prank(alice.addr);
        vault.claimManyTo(order, own, ownSplits, "");
        assertEq(vault.paid(_pool(0), NATIVE, alice.addr), 0);
    }

    function test_InAnotherCurrencyReverts() external {
        _depositAll(NATIVE, 1_000);
        _depositAll(address(token), 1_000);
        (ClaimTo memory request, ContributorClaim[] memory items, SplitClaim[] memory splitItems) = _all(NATIVE);
        bytes memory refusal = abi.encodeWithSelector(IRoyaltyVault.CurrencyMismatch.selector, NATIVE, address(token));
        items[1].currency = address(token);
        vm.startPrank(alice.addr);
        vm.expectRevert(refusal);
        vault.claimManyTo(request, items, splitItems, "");
        items[1].currency = NATIVE;
        splitItems[2].currency = address(token);
        vm.expectRevert(refusal);
        vault.claimManyTo(request, items, splitItems, "");
    }

    /// @dev Whatever hash such a list would have, and in either list.
    function test_NotAscendingReverts() external {
        _depositAll(NATIVE, 1_000);
        uint256[3][4] memory orders = [[uint256(1), 0, 2], [uint256(0), 0, 1], [uint256(0), 2, 1], [uint256(2), 1, 0]];
        for (uint256 n; n < 8; ++n) {
            (ClaimTo memory request, ContributorClaim[] memory items, SplitClaim[] memory splitItems) = _all(NATIVE);
            for (uint256 i; i < 3; ++i) {
                if (n < 4) items[i] = _item(orders[n][i], NATIVE);
                else splitItems[i] = _splitItem(orders[n - 4][i], NATIVE);
            }
            vm.expectPartialRevert(IRoyaltyVault.PoolsNotAscending.selector);
            vm.prank(alice.addr);
            vault.claimManyTo(request, items, splitItems, "");
            // The same with nothing in the other list.
            vm.expectPartialRevert(IRoyaltyVault.PoolsNotAscending.selector);
            vm.prank(alice.addr);
            if (n < 4) vault.claimManyTo(request, items, new SplitClaim[](0), "");
            else vault.claimManyTo(request, new ContributorClaim[](0), splitItems, "");
        }
    }

    function test_OtherPoolsThanOrderedRevert() external {
        _depositAll(NATIVE, 1_000);
        ContributorClaim[] memory items = new ContributorClaim[](2);
        (items[0], items[1]) = (_item(0, NATIVE), _item(2, NATIVE));
        bytes[4] memory ordered = [
            abi.encodePacked(_pool(0)),
            abi.encodePacked(_pool(0), _pool(1), _pool(2)),
            abi.encodePacked(_pool(0), _pool(1)),
            bytes("")
        ];
        for (uint256 i; i < 4; ++i) {
            ClaimTo memory request = _order(NATIVE, ordered[i]);
            bytes memory signature = _sign(alice, request);
            vm.expectRevert(
                abi.encodeWithSelector(
                    IRoyaltyVault.PoolsMismatch.selector,
                    keccak256(ordered[i]),
                    keccak256(abi.encodePacked(_pool(0), _pool(2)))
                )
            );
            vault.claimManyTo(request, items, new SplitClaim[](0), signature);
        }
        ClaimTo memory none = _order(NATIVE, "");
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.NothingOwed.selector, alice.addr));
        vm.prank(alice.addr);
        vault.claimManyTo(none, new ContributorClaim[](0), new SplitClaim[](0), "");
    }

    // ---- helpers

    /// @dev The payee has 3 of 4 shares and 2,000 basis points.
    function _setPayee(address payee) private {
        delete rows;
        delete splits;
        rows.push(ContributorTree.Row(payee, 3, 0));
        rows.push(ContributorTree.Row(bob.addr, 1, keccak256("consent")));
        (address low, address high) = payee < stranger ? (payee, stranger) : (stranger, payee);
        splits.push(Split(low, low == payee ? 2_000 : 500));
        splits.push(Split(high, high == payee ? 2_000 : 500));
        datasets = [keccak256("a"), keccak256("b"), keccak256("c")];
        for (uint256 n; n < 3; ++n) {
            if (_pool(0) > _pool(1)) (datasets[0], datasets[1]) = (datasets[1], datasets[0]);
            if (_pool(1) > _pool(2)) (datasets[1], datasets[2]) = (datasets[2], datasets[1]);
        }
    }

    function _pool(uint256 index) private view returns (bytes32) {
        return _poolId(datasets[index], rows.root(), _splitsDigest(BPS, splits));
    }

    function _item(uint256 index, address currency) private view returns (ContributorClaim memory) {
        return _claimOf(rows, 0, datasets[index], BPS, splits, currency);
    }

    function _splitItem(uint256 index, address currency) private view returns (SplitClaim memory) {
        return SplitClaim(datasets[index], rows.root(), BPS, splits, currency);
    }

    function _order(address currency, bytes memory pools) private view returns (ClaimTo memory) {
        uint256 nonce = uint256(KEY) << 64;
        return ClaimTo(alice.addr, receiver, currency, keccak256(pools), nonce, block.timestamp + 1 days);
    }

    /// @dev An order for all pools, and the items for both books of each.
    function _all(address currency)
        private
        view
        returns (ClaimTo memory request, ContributorClaim[] memory items, SplitClaim[] memory splitItems)
    {
        items = new ContributorClaim[](3);
        splitItems = new SplitClaim[](3);
        for (uint256 i; i < 3; ++i) {
            items[i] = _item(i, currency);
            splitItems[i] = _splitItem(i, currency);
        }
        request = _order(currency, abi.encodePacked(_pool(0), _pool(1), _pool(2)));
    }

    function _depositAll(address currency, uint256 amount) private {
        for (uint256 i; i < 3; ++i) {
            vault.deposit{value: currency == NATIVE ? amount : 0}(_pool(i), currency, amount, 0);
        }
    }

    function hashClaimTo(ClaimTo calldata request) external pure returns (bytes32) {
        return Eip712.hashClaimTo(request);
    }

    function _sign(Vm.Wallet memory signer, ClaimTo memory request) private returns (bytes memory) {
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", vault.domainSeparator(), this.hashClaimTo(request)));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(signer, digest);
        return abi.encodePacked(r, s, v);
    }
}
