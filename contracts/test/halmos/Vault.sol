// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";
import {RoyaltyVault} from "../../src/RoyaltyVault.sol";
import {ContributorClaim, PoolKey, Split, SplitClaim} from "../../src/types/Types.sol";
import {ContributorTree} from "../support/ContributorTree.sol";

/// @notice What a pool pays. Run by scripts/test-deep; Foundry runs no `check_`.
contract VaultProof is Test {
    using ContributorTree for ContributorTree.Row[];

    bytes32 internal constant DATASET = keccak256("dataset");
    address internal constant ALICE = address(0xa11ce);
    address internal constant BOB = address(0xb0b);
    address internal constant CAROL = address(0xca401);
    uint256 internal constant OTHER = 1e24;

    RoyaltyVault internal vault;

    function setUp() external {
        vault = new RoyaltyVault(address(0xdead));
        vm.deal(address(this), 1e30);
        // Another pool's money, within reach of a formula that is wrong.
        vault.deposit{value: OTHER}(keccak256("other"), address(0), OTHER, 0);
    }

    /// @dev For incomes below 2^7 and shares below 2^3: two contributors of 73 % and a fixed payee who claim twice, with income
    /// between, never get more than came in.
    function check_APoolPaysItsOwnIncome(uint8 income, uint8 later, uint8 first, uint8 second) external {
        uint16 bps = 7_300;
        vm.assume(income != 0 && later != 0 && (income | later) < 128);
        vm.assume(first != 0 && second != 0 && (first | second) < 8);
        Split[] memory splits = new Split[](1);
        splits[0] = Split(CAROL, 10_000 - bps);
        ContributorTree.Row[] memory rows = new ContributorTree.Row[](2);
        rows[0] = ContributorTree.Row(ALICE, first, 0);
        rows[1] = ContributorTree.Row(BOB, second, 0);
        bytes32 splitsDigest = keccak256(abi.encode(bps, keccak256(abi.encode(splits))));
        bytes32 poolId = keccak256(
            abi.encode(keccak256("dgov.pool.v1"), block.chainid, address(vault), DATASET, rows.root(), splitsDigest)
        );
        vault.deposit{value: income}(poolId, address(0), income, 0);
        _claimAll(rows, bps, splits);
        uint256 before = ALICE.balance;
        vault.deposit{value: later}(poolId, address(0), later, 0);
        _claimAll(rows, bps, splits);
        assert(address(vault).balance >= OTHER);
        assert(ALICE.balance >= before);
        assert(ALICE.balance == (uint256(income) + later) * bps / 10_000 * first / (uint256(first) + second));
    }

    function _claimAll(ContributorTree.Row[] memory rows, uint16 bps, Split[] memory splits) internal {
        for (uint256 i; i < 2; ++i) {
            ContributorClaim memory item;
            item.pool = PoolKey(DATASET, rows.root(), bps, keccak256(abi.encode(splits)));
            item.shares = rows[i].shares;
            (item.bitmap, item.siblings) = rows.prove(rows[i].account);
            try vault.claim(rows[i].account, item) {} catch {}
        }
        SplitClaim[] memory items = new SplitClaim[](1);
        items[0] = SplitClaim(DATASET, rows.root(), bps, splits, address(0));
        try vault.claimMany(CAROL, new ContributorClaim[](0), items) {} catch {}
    }
}
