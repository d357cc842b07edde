// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CommonBase} from "forge-std/Base.sol";
import {StdCheats} from "forge-std/StdCheats.sol";
import {StdUtils} from "forge-std/StdUtils.sol";
import {RewardRounds} from "../../src/RewardRounds.sol";
import {Round, RoundClaim, RoundState} from "../../src/types/Modules.sol";
import {TreeBuilder} from "../helpers/TreeBuilder.sol";
import {TreeProof} from "../helpers/TreeProof.sol";
import {Refuser} from "./Hostile.sol";
import {NestedPublisher, RoundsReenterer, ShortToken} from "./RoundsHostile.sol";
import {BlockingToken, FeeToken, PlainToken} from "./Tokens.sol";

/// @notice Publishers, payees and thieves on many rounds in four currencies: the coin, a plain token, one that refuses
/// payees, and one that calls back and delivers short. One payee refuses the coin, one calls back; a round in four has a
/// root whose leaves are worth twice its total.
contract RoundsHandler is CommonBase, StdCheats, StdUtils {
    uint256 public constant ACTORS = 5;
    uint256 public constant CURRENCIES = 4;
    uint8 private constant REWARDS = 3;
    uint256 private constant MOST = 24;

    /// @dev A plain account of a round.
    struct Book {
        address currency;
        uint256 unit;
        uint256 total;
        uint256 paid;
        bool lying;
        bool bondOut;
        bool rest;
        uint64[4] weights;
    }

    RewardRounds public immutable ROUNDS;
    TreeBuilder private immutable TREES;
    address private immutable GUARDIAN;
    address private immutable TREASURY;
    address public immutable PUBLISHER;
    Refuser public immutable REFUSER;
    RoundsReenterer public immutable REENTERER;
    ShortToken private immutable SHORT;
    BlockingToken private immutable BLOCKING;
    FeeToken private immutable FEE;
    NestedPublisher private immutable NESTED;

    address[] public actors;
    address[] public currencies;
    Book[] private _books;
    uint256 public bonds;
    uint256 public broken;
    uint256 public claims;
    mapping(address currency => uint256) public donated;
    mapping(address currency => mapping(address account => uint256)) public earned;

    constructor(RewardRounds rounds, TreeBuilder trees, address guardian, address treasury, PlainToken plain) {
        (ROUNDS, TREES, GUARDIAN, TREASURY) = (rounds, trees, guardian, treasury);
        PUBLISHER = address(this);
        REFUSER = new Refuser();
        REENTERER = new RoundsReenterer(rounds);
        (SHORT, BLOCKING, FEE) = (new ShortToken(), new BlockingToken(), new FeeToken());
        NESTED = new NestedPublisher(rounds, SHORT, keccak256("top"));
        currencies = [address(0), address(plain), address(BLOCKING), address(SHORT)];
        actors = [makeAddr("ann"), makeAddr("ben"), address(REFUSER), address(REENTERER), makeAddr("thief")];
        for (uint256 c = 1; c < CURRENCIES; ++c) {
            PlainToken(currencies[c]).mint(address(this), 1e36);
            PlainToken(currencies[c]).approve(address(rounds), type(uint256).max);
        }
        FEE.mint(address(this), 1e36);
        FEE.approve(address(rounds), type(uint256).max);
        SHORT.mint(address(NESTED), 1e36);
        vm.deal(address(NESTED), 1e36);
        vm.deal(address(this), 1e36);
        _books.push();
    }

    receive() external payable {}

    function bookOf(uint256 roundId) external view returns (Book memory) {
        return _books[roundId];
    }

    function count() external view returns (uint256) {
        return _books.length - 1;
    }

    // ---- publishers

    function publish(uint256 currency, uint64[4] memory weights, uint256 unit, uint256 kind) external {
        if (_books.length > MOST) return;
        Book memory book;
        book.currency = currencies[currency % CURRENCIES];
        book.unit = bound(unit, 1, 1e6);
        book.lying = kind % 4 == 0;
        uint64 units;
        for (uint256 i; i < 4; ++i) {
            weights[i] = uint64(bound(weights[i], 1, 1e9));
            units += weights[i];
        }
        book.weights = weights;
        bytes32 top = TREES.build(_leaves(book), 0).hash;
        if (book.lying) units = units / 2 + 1;
        book.total = units * book.unit;
        (, uint96 bond) = ROUNDS.settings();
        uint256 value = book.currency == address(0) ? book.total + bond : bond;
        uint40 expires = kind % 3 == 0 ? 0 : uint40(block.timestamp + 5 days + 90 days + kind % 30 days);
        ROUNDS.publish{value: value}(top, units, uint128(book.unit), book.currency, expires, 0);
        _books.push(book);
        bonds += bond;
    }

    /// @notice Tokens that keep a part, or a publication inside a publication: must never become a round.
    function publishUncovered(uint64 units, uint64 inner, uint256 way) external {
        (, uint96 bond) = ROUNDS.settings();
        units = uint64(bound(units, 100, 1e9));
        if (way % 2 == 0) {
            try ROUNDS.publish{value: bond}(keccak256("top"), units, 1, address(FEE), 0, 0) {
                ++broken;
            } catch {}
            return;
        }
        inner = uint64(bound(inner, 1, units));
        SHORT.setShort(address(ROUNDS), inner);
        try NESTED.publish(units, inner, bond) {
            ++broken;
        } catch {}
        SHORT.setShort(address(0), 0);
    }

    function returnBond(uint256 roundId) external {
        roundId = _idAt(roundId);
        address to = ROUNDS.roundOf(roundId).state == RoundState.Cancelled ? TREASURY : address(this);
        uint256 before = to.balance;
        (, uint96 bond) = ROUNDS.settings();
        ROUNDS.returnBond(roundId);
        if (_books[roundId].bondOut) ++broken;
        _books[roundId].bondOut = true;
        bonds -= bond;
        // Swept after it was cancelled: either may have got it, never another.
        if (to.balance != before + bond && TREASURY.balance % bond != 0) ++broken;
    }

    function sweep(uint256 roundId) external {
        _sweep(_idAt(roundId));
    }

    // ---- guardian and DAO

    function cancel(uint256 roundId, uint256 by) external {
        roundId = _idAt(roundId);
        bool may = by % 3 != 2;
        vm.prank(by % 3 == 0 ? GUARDIAN : by % 3 == 1 ? TREASURY : actors[by % ACTORS]);
        ROUNDS.cancel(roundId);
        if (!may || _books[roundId].paid != 0) ++broken;
    }

    // ---- payees and thieves

    function claim(uint256 actor, uint256 first, uint256 second, bool two) external {
        actor %= 4;
        RoundClaim[] memory items = new RoundClaim[](two ? 2 : 1);
        items[0] = claimOf(actor, _idAt(first));
        if (two) items[1] = claimOf(actor, _idAt(second));
        if (actor == 3) REENTERER.arm(items[0]);
        _claim(actor, items);
    }

    /// @notice Claims of more, of another's leaf, of another round's tree.
    function forge(uint256 actor, uint256 roundId, uint256 other, uint256 way) external {
        roundId = _idAt(roundId);
        RoundClaim[] memory items = new RoundClaim[](1);
        items[0] = claimOf(actor % 4, roundId);
        address account = actors[actor % 4];
        way %= 5;
        if (way == 0) items[0].units *= 2;
        if (way == 1) account = actors[4];
        if (way == 2) items[0].bitmap ^= 1 << (other % 256);
        if (way == 3 && items[0].siblings.length != 0) items[0].siblings[other % items[0].siblings.length] ^= 0x01;
        if (way == 4) {
            items[0] = claimOf(actor % 4, _idAt(other));
            if (items[0].roundId == roundId) return;
            items[0].roundId = roundId;
        }
        if (way == 3 && items[0].siblings.length == 0) return;
        try ROUNDS.claim(account, items) {
            ++broken;
        } catch {}
    }

    function donate(uint256 currency, uint256 amount) external {
        address token = currencies[currency % CURRENCIES];
        amount = bound(amount, 1, 1e18);
        if (token == address(0)) vm.deal(address(ROUNDS), address(ROUNDS).balance + amount);
        else PlainToken(token).mint(address(ROUNDS), amount);
        donated[token] += amount;
    }

    function setRefused(bool accepts, uint256 blocked) external {
        REFUSER.setAccepts(accepts);
        BLOCKING.setBlocked(actors[blocked % ACTORS]);
    }

    function pass(uint256 time) external {
        skip(bound(time, 1 hours, 60 days));
    }

    // ---- for the end of a run: nobody refuses any more and all is claimed or swept

    function finish() external {
        REFUSER.setAccepts(true);
        BLOCKING.setBlocked(address(1));
        skip(5 days);
        RoundClaim[] memory items = new RoundClaim[](1);
        for (uint256 id = 1; id < _books.length; ++id) {
            Round memory round = ROUNDS.roundOf(id);
            for (uint256 a; a < 4 && round.state == RoundState.Published && !_books[id].lying; ++a) {
                if (ROUNDS.isClaimed(id, actors[a])) continue;
                items[0] = claimOf(a, id);
                _claim(a, items);
            }
        }
        skip(1_000 days);
        for (uint256 id = 1; id < _books.length; ++id) {
            Round memory round = ROUNDS.roundOf(id);
            if (round.state == RoundState.Cancelled || (round.state == RoundState.Published && round.expiresAt != 0)) {
                _sweep(id);
            }
            if (round.bond != 0) {
                ROUNDS.returnBond(id);
                bonds -= round.bond;
            }
        }
    }

    /// @notice The actor's claim on a round, as the tree has it. Of a lying round no leaf has a path to the root.
    function claimOf(uint256 actor, uint256 roundId) public view returns (RoundClaim memory item) {
        if (roundId == 0) return item;
        TreeProof memory proof =
            TREES.prove(_leaves(_books[roundId]), REWARDS, keccak256(abi.encodePacked(actors[actor])));
        return RoundClaim(roundId, proof.terminalWeight, proof.bitmap, proof.siblings);
    }

    // ---- helpers

    function _claim(uint256 actor, RoundClaim[] memory items) private {
        // What is claimed now, by the plain accounts; what the receiver does inside it can do for itself only.
        bool[] memory before = new bool[](_books.length);
        for (uint256 id = 1; id < _books.length; ++id) {
            before[id] = ROUNDS.isClaimed(id, actors[actor]);
        }
        ROUNDS.claim(actors[actor], items);
        ++claims;
        for (uint256 id = 1; id < _books.length; ++id) {
            if (before[id] || !ROUNDS.isClaimed(id, actors[actor])) continue;
            uint256 amount = _books[id].weights[actor] * _books[id].unit;
            if (_books[id].lying) ++broken;
            _books[id].paid += amount;
            earned[_books[id].currency][actors[actor]] += amount;
        }
        // The one that calls back may have returned bonds and swept rounds too.
        for (uint256 id = 1; actor == 3 && id < _books.length && id <= 4; ++id) {
            Round memory round = ROUNDS.roundOf(id);
            if (round.bond == 0 && !_books[id].bondOut) {
                _books[id].bondOut = true;
                (, uint96 bond) = ROUNDS.settings();
                bonds -= bond;
            }
            if (round.state == RoundState.Swept && !_books[id].rest) {
                _books[id].rest = true;
                _books[id].paid = _books[id].total;
            }
        }
    }

    function _sweep(uint256 roundId) private {
        Book storage book = _books[roundId];
        uint256 before = _balance(book.currency);
        ROUNDS.sweep(roundId);
        if (book.rest || _balance(book.currency) != before + book.total - book.paid) ++broken;
        book.rest = true;
        book.paid = book.total;
    }

    function _balance(address currency) private view returns (uint256) {
        return currency == address(0) ? address(this).balance : PlainToken(currency).balanceOf(address(this));
    }

    function _leaves(Book memory book) private view returns (TreeBuilder.Leaf[] memory leaves) {
        leaves = new TreeBuilder.Leaf[](4);
        for (uint256 i; i < 4; ++i) {
            leaves[i] = TreeBuilder.Leaf(keccak256(abi.encodePacked(actors[i])), book.weights[i], 0);
        }
    }

    function _idAt(uint256 index) private view returns (uint256) {
        return _books.length == 1 ? 0 : 1 + index % (_books.length - 1);
    }
}
