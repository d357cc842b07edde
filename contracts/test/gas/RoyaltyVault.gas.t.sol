// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Eip712} from "../../src/lib/Eip712.sol";
import {ClaimTo, ContributorClaim, PoolKey, Split, SplitClaim} from "../../src/types/Types.sol";
import {GasTest} from "../helpers/GasTest.sol";
import {ContributorTree} from "../support/ContributorTree.sol";
import {MoneyFixture} from "../support/MoneyFixture.sol";

/// @notice What revenue and claims cost as whole transactions; run with `--isolate`. Paths are those of pools of 1,000 and a
/// million contributors: 10 and 20 siblings, as the mean of random keys is.
contract RoyaltyVaultGasTest is MoneyFixture, GasTest {
    string private constant GROUP = "RoyaltyVault";
    uint256 private constant OF_1_000 = 10;
    uint256 private constant OF_A_MILLION = 20;
    uint256 private constant TEN = 10;
    bytes32 private constant SPLITS = keccak256("splits");

    address private payer = makeAddr("payer");
    address private account;
    uint256 private accountKey;
    address private caller = makeAddr("caller");

    function setUp() public override {
        super.setUp();
        (account, accountKey) = makeAddrAndKey("account");
        token.mint(payer, 1e30);
        // Payees have had coin and token before.
        vm.deal(account, 1);
        vm.deal(caller, 1);
        token.mint(account, 1);
    }

    function test_Deposit() external isolated {
        bytes32 id = _poolId(keccak256("dataset"), keccak256("root"), keccak256("splits"));
        bytes memory native = abi.encodeCall(vault.deposit, (id, address(0), 1 ether, keccak256("ref")));
        _measurePaid(GROUP, "deposit, native coin, first", 52_100, payer, address(vault), 1 ether, native);
        _measurePaid(GROUP, "deposit, native coin, again", 35_000, payer, address(vault), 1 ether, native);
        // An allowance for each payment, as our own contracts and commands give it.
        bytes memory inToken = abi.encodeCall(vault.deposit, (id, address(token), 1 ether, keccak256("ref")));
        _approve(1 ether);
        _measure(GROUP, "deposit, token, first", 92_200, payer, address(vault), inToken);
        _approve(1 ether);
        _measure(GROUP, "deposit, token, again", 58_000, payer, address(vault), inToken);
        _approve(type(uint256).max);
        _measure(GROUP, "deposit, token, again, unlimited allowance", 58_000, payer, address(vault), inToken);
    }

    function test_ClaimOf1000() external isolated {
        _claims("1,000", OF_1_000, 60_000);
    }

    function test_ClaimOfAMillion() external isolated {
        _claims("a million", OF_A_MILLION, 70_000);
    }

    function test_TenOf1000() external isolated {
        _ten("1,000", OF_1_000, 29_000);
    }

    function test_TenOfAMillion() external isolated {
        _ten("a million", OF_A_MILLION, 40_000);
    }

    function test_SplitClaim() external isolated {
        SplitClaim[] memory items = new SplitClaim[](1);
        items[0] = SplitClaim(keccak256("dataset"), keccak256("root"), 7_500, new Split[](3), address(0));
        for (uint160 i; i < 3; ++i) {
            items[0].splits[i] = Split(address(uint160(account) - 2 + i), i == 2 ? 2_000 : 250);
        }
        bytes32 digest = keccak256(abi.encode(uint16(7_500), keccak256(abi.encode(items[0].splits))));
        bytes32 id = _poolId(keccak256("dataset"), keccak256("root"), digest);
        _deposit(id, address(0));
        bytes memory data = abi.encodeCall(vault.claimMany, (account, new ContributorClaim[](0), items));
        _measure(GROUP, "claimMany, one of three fixed payees, first", 75_000, caller, address(vault), data);
        _deposit(id, address(0));
        _measure(GROUP, "claimMany, one of three fixed payees, again", 58_000, caller, address(vault), data);
    }

    /// @dev The same ten pools as `claimMany` has; a signature, its nonce and the check of the pools come on top.
    function test_TenElsewhere() external isolated {
        (ContributorClaim[] memory items, bytes32[] memory ids) = _tenItems(OF_1_000);
        for (uint256 i; i < TEN; ++i) {
            for (uint256 j = i + 1; j < TEN; ++j) {
                if (ids[i] <= ids[j]) continue;
                (ids[i], ids[j]) = (ids[j], ids[i]);
                (items[i], items[j]) = (items[j], items[i]);
            }
        }
        ClaimTo memory order =
            ClaimTo(account, caller, address(0), keccak256(abi.encodePacked(ids)), 0, block.timestamp);
        bytes memory data = abi.encodeCall(vault.claimManyTo, (order, items, new SplitClaim[](0), ""));
        string memory name = "claimManyTo, ten pools of 1,000, ";
        _measure(GROUP, string.concat(name, "sent, first"), 480_000, account, address(vault), data);
        for (uint256 signed; signed < 2; ++signed) {
            for (uint256 i; i < TEN; ++i) {
                _deposit(ids[i], address(0));
            }
            order.nonce = signed;
            bytes memory signature = _sign(order);
            data = abi.encodeCall(vault.claimManyTo, (order, items, new SplitClaim[](0), signature));
            string memory which = signed == 0 ? "signed, first nonce" : "signed, again";
            _measure(GROUP, string.concat(name, which), 350_000, caller, address(vault), data);
        }
    }

    function hashClaimTo(ClaimTo calldata order) external pure returns (bytes32) {
        return Eip712.hashClaimTo(order);
    }

    function _sign(ClaimTo memory order) private returns (bytes memory) {
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", vault.domainSeparator(), this.hashClaimTo(order)));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(accountKey, digest);
        return abi.encodePacked(r, s, v);
    }

    function _claims(string memory size, uint256 siblings, uint256 budget) private {
        for (uint256 i; i < 2; ++i) {
            address currency = i == 0 ? address(0) : address(token);
            string memory name = string.concat("claim, ", i == 0 ? "native coin, " : "token, ", size);
            // Tokens: 9,000 more.
            uint256 again = budget + 9_000 * i;
            (ContributorClaim memory item, bytes32 id) = _item(keccak256("dataset"), siblings, currency);
            bytes memory data = abi.encodeCall(vault.claim, (account, item));
            _deposit(id, currency);
            _measure(GROUP, string.concat(name, ", first"), again + 17_000, caller, address(vault), data);
            _deposit(id, currency);
            _measure(GROUP, string.concat(name, ", again"), again, caller, address(vault), data);
        }
    }

    function _ten(string memory size, uint256 siblings, uint256 each) private {
        (ContributorClaim[] memory items, bytes32[] memory ids) = _tenItems(siblings);
        bytes memory data = abi.encodeCall(vault.claimMany, (account, items, new SplitClaim[](0)));
        string memory name = string.concat("claimMany, ten pools of ", size);
        _measure(GROUP, string.concat(name, ", first"), TEN * (each + 17_100), caller, address(vault), data);
        for (uint256 i; i < TEN; ++i) {
            _deposit(ids[i], address(0));
        }
        _measure(GROUP, string.concat(name, ", again"), TEN * each, caller, address(vault), data);
    }

    /// @dev Claims on ten pools that each had a payment.
    function _tenItems(uint256 siblings) private returns (ContributorClaim[] memory items, bytes32[] memory ids) {
        (items, ids) = (new ContributorClaim[](TEN), new bytes32[](TEN));
        for (uint256 i; i < TEN; ++i) {
            (items[i], ids[i]) = _item(keccak256(abi.encode("dataset", i)), siblings, address(0));
            _deposit(ids[i], address(0));
        }
    }

    function _item(bytes32 datasetId, uint256 siblings, address currency)
        private
        view
        returns (ContributorClaim memory item, bytes32 id)
    {
        bytes32 root;
        (root, item.bitmap, item.siblings) =
            ContributorTree.deepPath(ContributorTree.Row(account, 777, keccak256("consent")), siblings);
        item.pool = PoolKey(datasetId, root, 7_500, SPLITS);
        item.currency = currency;
        item.shares = 777;
        item.consent = keccak256("consent");
        id = _poolId(datasetId, root, keccak256(abi.encode(uint16(7_500), SPLITS)));
    }

    function _approve(uint256 amount) private {
        vm.prank(payer);
        token.approve(address(vault), amount);
    }

    function _deposit(bytes32 id, address currency) private {
        uint256 value = currency == address(0) ? 100 ether : 0;
        vm.deal(payer, value);
        _approve(100 ether);
        vm.prank(payer);
        vault.deposit{value: value}(id, currency, 100 ether, 0);
    }
}
