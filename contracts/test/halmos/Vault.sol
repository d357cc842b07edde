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
    uint256 internal constant OTHER = 1e30;
    uint16 internal constant BPS = 7_300;

    RoyaltyVault internal vault;

    function setUp() external {
        vault = new RoyaltyVault(address(0xdead));
        vm.deal(address(this), 1e31);
        // Another pool's money, within reach of a formula that is wrong.
        vault.deposit{value: OTHER}(keccak256("other"), address(0), OTHER, 0);
    }

    /// @dev For all incomes, and shares of two and three: two contributors of 73 % and a fixed payee, one of whom claims again
    /// after more income, get what their shares are, and never more than came in. A solver can divide by numbers that it knows.
    function check_APoolPaysItsOwnIncome(uint96 income, uint96 later) external {
        Split[] memory splits = new Split[](1);
        splits[0] = Split(CAROL, 10_000 - BPS);
        ContributorTree.Row[] memory rows = new ContributorTree.Row[](2);
        rows[0] = ContributorTree.Row(ALICE, 2, 0);
        rows[1] = ContributorTree.Row(BOB, 3, 0);
        PoolKey memory pool = PoolKey(DATASET, rows.root(), BPS, keccak256(abi.encode(splits)));
        bytes32 splitsDigest = keccak256(abi.encode(BPS, pool.splitsHash));
        bytes32 poolId = keccak256(
            abi.encode(keccak256("dgov.pool.v1"), block.chainid, address(vault), DATASET, rows.root(), splitsDigest)
        );
        vault.deposit{value: income}(poolId, address(0), income, 0);
        _claim(pool, rows, 0);
        vault.deposit{value: later}(poolId, address(0), later, 0);
        _claim(pool, rows, 0);
        _claim(pool, rows, 1);
        SplitClaim[] memory items = new SplitClaim[](1);
        items[0] = SplitClaim(DATASET, rows.root(), BPS, splits, address(0));
        vault.claimMany(CAROL, new ContributorClaim[](0), items);

        uint256 both = uint256(income) + later;
        assert(address(vault).balance >= OTHER);
        assert(ALICE.balance == both * BPS / 10_000 * 2 / 5);
        assert(BOB.balance == both * BPS / 10_000 * 3 / 5);
    }

    function _claim(PoolKey memory pool, ContributorTree.Row[] memory rows, uint256 i) internal {
        ContributorClaim memory item;
        item.pool = pool;
        item.shares = rows[i].shares;
        (item.bitmap, item.siblings) = rows.prove(rows[i].account);
        vault.claim(rows[i].account, item);
    }
}
