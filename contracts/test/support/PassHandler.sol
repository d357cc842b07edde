// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CommonBase} from "forge-std/Base.sol";
import {StdCheats} from "forge-std/StdCheats.sol";
import {StdUtils} from "forge-std/StdUtils.sol";
import {AccessPass} from "../../src/AccessPass.sol";
import {Pass, Terms, Version} from "../../src/types/Types.sol";
import {IPriceModule} from "../../src/interfaces/IPriceModule.sol";
import {CreditReenterer, CuriousBuyer, HostileModule} from "./Hostile.sol";
import {PlainToken} from "./Tokens.sol";

/// @notice Buyers of two datasets under five terms each: native coin, token, free, on a curve, and priced by a hostile
/// module; honest, careless and hostile ones, and one that acts from inside its own purchase.
/// Remembers what each buyer was sold, so that a pass which later gives less shows.
contract PassHandler is CommonBase, StdCheats, StdUtils {
    uint256 public constant BUYERS = 5;
    uint256 public constant TERMS = 5;
    uint256 internal constant CURVE = 3;
    uint256 internal constant HOSTILE = 4;
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
    /// @notice Sales on the curve, and what they must have cost.
    mapping(bytes32 datasetId => uint256) public soldOnCurve;
    mapping(bytes32 datasetId => uint256) public spentOnCurve;
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
        buyers.push(address(new CuriousBuyer(pass)));
    }

    function datasetAt(uint256 index) external view returns (Version memory) {
        return _versions[index];
    }

    function purchase(uint256 who, uint256 dataset, uint256 terms, uint256 more) external {
        address buyer = buyers[who % BUYERS];
        Version memory version = _versions[dataset % DATASETS];
        Terms memory chosen = _terms[terms % TERMS];
        uint256 price = _priceOf(version.datasetId, terms % TERMS);
        // Every fourth sends nothing at all, which pays only for what is free or in the token.
        uint256 value = more % 4 == 0 ? 0 : bound(more, 0, 1e18);
        if (chosen.currency == address(0)) {
            if (more % 4 != 0) value += price;
        } else {
            TOKEN.mint(buyer, price);
            vm.prank(buyer);
            TOKEN.approve(address(PASS), price);
            if (more % 5 != 0) value = 0;
        }
        vm.deal(buyer, buyer.balance + value);
        vm.prank(buyer);
        PASS.purchase{value: value}(version, termsIds[terms % TERMS], price);

        _record(buyer, version.datasetId, terms % TERMS, price, value);
    }

    /// @notice What the hostile module will ask for, and whether it will sell at all.
    function setModule(uint256 price, uint256 refuses) external {
        _module().set(bound(price, 0, 1e18), refuses % 4 == 0, CuriousBuyer(payable(0)));
    }

    /// @notice A purchase whose buyer buys again, ends its pass or withdraws while the hostile module has the word.
    function purchaseInside(uint256 dataset, uint256 way, uint256 price, uint256 more) external {
        CuriousBuyer buyer = CuriousBuyer(payable(buyers[4]));
        Version memory version = _versions[dataset % DATASETS];
        price = bound(price, 0, 1e18);
        more = bound(more, 0, 1e18);
        way = bound(way, 1, 3);
        uint256 credit = PASS.creditOf(address(buyer));
        vm.deal(address(buyer), address(buyer).balance + 2 * (price + more));
        _module().set(price, false, buyer);
        buyer.arm(version, termsIds[HOSTILE], CuriousBuyer.Way(way), price + more);
        buyer.buy(price + more, price);
        if (way == 1) _record(address(buyer), version.datasetId, HOSTILE, price, price + more);
        // The pass ended after it was made and before it was paid: only its price is left of it.
        if (way == 2) delete promised[address(buyer)][version.datasetId];
        if (way == 3) pulled[address(buyer)] += credit;
        if (way != 2) return _record(address(buyer), version.datasetId, HOSTILE, price, price + more);
        spent[version.datasetId][address(0)] += price;
        excess[address(buyer)] += more;
    }

    function _module() private view returns (HostileModule) {
        return HostileModule(_terms[HOSTILE].priceModule);
    }

    function _priceOf(bytes32 datasetId, uint256 terms) private view returns (uint256) {
        Terms memory chosen = _terms[terms];
        if (chosen.priceModule == address(0)) return chosen.price;
        return IPriceModule(chosen.priceModule)
            .priceOf(address(PASS), datasetId, termsIds[terms], chosen.price, chosen.priceStep);
    }

    function _record(address buyer, bytes32 datasetId, uint256 terms, uint256 price, uint256 value) private {
        Terms memory chosen = _terms[terms];
        Pass memory before = promised[buyer][datasetId];
        Pass memory sold = PASS.passOf(buyer, datasetId);
        if (before.expiry > block.timestamp) {
            if (sold.expiry < before.expiry || before.purposes & ~sold.purposes != 0) ++shrunk;
        }
        promised[buyer][datasetId] = sold;
        spent[datasetId][chosen.currency] += price;
        if (chosen.currency == address(0) && value > price) excess[buyer] += value - price;
        if (terms != CURVE) return;
        // By the formula, not by what the curve said.
        spentOnCurve[datasetId] += chosen.price + chosen.priceStep * soldOnCurve[datasetId]++;
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
