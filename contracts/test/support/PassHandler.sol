// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CommonBase} from "forge-std/Base.sol";
import {StdCheats} from "forge-std/StdCheats.sol";
import {StdUtils} from "forge-std/StdUtils.sol";
import {AccessPass} from "../../src/AccessPass.sol";
import {Pass, Terms, Version} from "../../src/types/Types.sol";
import {CreditReenterer} from "./Hostile.sol";
import {PlainToken} from "./Tokens.sol";

/// @notice Buyers of two datasets under three terms each: native coin, token, and free; honest, careless and hostile ones.
/// Remembers what each buyer was sold, so that a pass which later gives less shows.
contract PassHandler is CommonBase, StdCheats, StdUtils {
    uint256 public constant BUYERS = 4;
    uint256 public constant DATASETS = 2;

    AccessPass public immutable PASS;
    PlainToken public immutable TOKEN;
    address public immutable DATASET_OWNER;
    address[] public buyers;
    bytes32[] public termsIds;
    Terms[] private _terms;
    Version[] private _versions;

    /// @notice Prices paid for a dataset in a currency, by the terms.
    mapping(bytes32 datasetId => mapping(address currency => uint256)) public spent;
    /// @notice Native coin sent beyond prices, and pulled again.
    mapping(address buyer => uint256) public excess;
    mapping(address buyer => uint256) public pulled;
    /// @notice What a buyer was last promised for a dataset.
    mapping(address buyer => mapping(bytes32 datasetId => Pass)) public promised;
    /// @notice Sales that took away something that still counted.
    uint256 public shrunk;

    constructor(
        AccessPass pass,
        PlainToken token,
        address owner,
        Version[] memory versions,
        bytes32[] memory ids,
        Terms[] memory terms
    ) {
        (PASS, TOKEN, DATASET_OWNER) = (pass, token, owner);
        for (uint256 i; i < versions.length; ++i) {
            _versions.push(versions[i]);
        }
        for (uint256 i; i < ids.length; ++i) {
            termsIds.push(ids[i]);
            _terms.push(terms[i]);
        }
        buyers = [makeAddr("ann"), makeAddr("ben"), address(new CreditReenterer(pass)), makeAddr("cid")];
    }

    function datasetAt(uint256 index) external view returns (Version memory) {
        return _versions[index];
    }

    function purchase(uint256 who, uint256 dataset, uint256 terms, uint256 more) external {
        address buyer = buyers[who % BUYERS];
        Version memory version = _versions[dataset % DATASETS];
        Terms memory chosen = _terms[terms % 3];
        // Every fourth sends nothing at all, which pays only for what is free or in the token.
        uint256 value = more % 4 == 0 ? 0 : bound(more, 0, 1e18);
        if (chosen.currency == address(0)) {
            if (more % 4 != 0) value += chosen.price;
        } else {
            TOKEN.mint(buyer, chosen.price);
            vm.prank(buyer);
            TOKEN.approve(address(PASS), chosen.price);
            if (more % 5 != 0) value = 0;
        }
        vm.deal(buyer, buyer.balance + value);
        vm.prank(buyer);
        PASS.purchase{value: value}(version, termsIds[terms % 3], chosen.price);

        Pass memory before = promised[buyer][version.datasetId];
        Pass memory sold = PASS.passOf(buyer, version.datasetId);
        if (before.expiry > block.timestamp) {
            if (sold.expiry < before.expiry || before.purposes & ~sold.purposes != 0) ++shrunk;
        }
        promised[buyer][version.datasetId] = sold;
        spent[version.datasetId][chosen.currency] += chosen.price;
        if (chosen.currency == address(0) && value > chosen.price) excess[buyer] += value - chosen.price;
    }

    /// @notice A version that sends the price to a pool of the buyer's own making.
    function purchaseForOwnPool(uint256 who, uint256 dataset, bytes32 root) external {
        Version memory version = _versions[dataset % DATASETS];
        // Hashed, because the fuzzer finds the real root.
        version.contributorRoot = keccak256(abi.encode(root));
        address buyer = buyers[who % BUYERS];
        vm.deal(buyer, buyer.balance + _terms[0].price);
        vm.prank(buyer);
        PASS.purchase{value: _terms[0].price}(version, termsIds[0], _terms[0].price);
    }

    function withdraw(uint256 who) external {
        address buyer = buyers[who % BUYERS];
        vm.prank(buyer);
        pulled[buyer] += PASS.withdrawCredit();
    }

    function revoke(uint256 who, uint256 dataset, uint256 by) external {
        bytes32 datasetId = _versions[dataset % DATASETS].datasetId;
        address buyer = buyers[who % BUYERS];
        // The owner, the holder, or another buyer.
        address caller = by % 3 == 0 ? DATASET_OWNER : by % 3 == 1 ? buyer : buyers[(who % BUYERS + 1) % BUYERS];
        vm.prank(caller);
        PASS.revoke(buyer, datasetId);
        // Whoever was not allowed to would have taken away what was promised.
        uint8 auth = promised[buyer][datasetId].burnAuth;
        if (by % 3 == 1 || (by % 3 == 0 && auth == 2)) delete promised[buyer][datasetId];
    }

    function pass(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, 200 days));
    }
}
