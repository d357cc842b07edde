// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CommonBase} from "forge-std/Base.sol";
import {StdCheats} from "forge-std/StdCheats.sol";
import {StdUtils} from "forge-std/StdUtils.sol";
import {Eip712} from "../../src/lib/Eip712.sol";
import {RoyaltyVault} from "../../src/RoyaltyVault.sol";
import {ClaimTo, ContributorClaim, PoolKey, Split, SplitClaim} from "../../src/types/Types.sol";
import {ContributorTree} from "./ContributorTree.sol";
import {Reenterer, Refuser} from "./Hostile.sol";
import {BlockingToken, FeeToken, PlainToken} from "./Tokens.sol";

/// @notice Payers, payees and thieves on five pools and three currencies: two honest pools that share tree and splits, one
/// whose root understates a sum, one whose contributors and fixed payees are promised the whole income each, one whose
/// contributors are promised twice the income.
contract VaultHandler is CommonBase, StdCheats, StdUtils {
    using ContributorTree for ContributorTree.Row[];

    uint256 public constant POOLS = 5;
    uint256 public constant ACTORS = 5;
    uint256 internal constant LYING = 2;
    uint256 internal constant GREEDY = 3;
    uint256 internal constant OVERFULL = 4;

    struct Pool {
        bytes32 id;
        PoolKey key;
        Split[] splits;
    }

    RoyaltyVault public immutable VAULT;
    address[] public currencies;
    address[] public actors;
    mapping(address currency => uint256) public donated;
    mapping(bytes32 poolId => mapping(address currency => uint256)) public deposited;

    /// @notice Where actors have their money sent instead, and what of each actor's went there.
    address public constant SINK = address(0x51);
    mapping(address actor => mapping(address currency => uint256)) public redirected;
    /// @notice A payment that the account did not order.
    string public breach;

    FeeToken private immutable FEE;
    BlockingToken private immutable BLOCKING;
    Refuser private immutable REFUSER;
    Reenterer private immutable REENTERER;
    Pool[] private _pools;
    mapping(address actor => uint256) private _keys;
    ContributorTree.Row[] private _rows;

    constructor(RoyaltyVault vault, PlainToken plain, BlockingToken blocking, FeeToken fee) {
        VAULT = vault;
        BLOCKING = blocking;
        FEE = fee;
        REFUSER = new Refuser();
        REENTERER = new Reenterer(vault);
        currencies = [address(0), address(plain), address(blocking)];
        actors = [_person("ann"), _person("ben"), address(REFUSER), address(REENTERER), _person("thief")];
        // All but the thief have shares.
        for (uint256 i; i < 4; ++i) {
            _rows.push(ContributorTree.Row(actors[i], uint64(5 + 3 * i), keccak256(abi.encode(i))));
        }
        _addPool("first", _rows.root(), 7_500, 2_500);
        _addPool("second", _rows.root(), 7_500, 2_500);
        (bytes32 lie,,,) = ContributorTree.lyingPair(_rows[0], _rows[1], 1);
        _addPool("lying", lie, 7_500, 2_500);
        _addPool("greedy", _rows.root(), 10_000, 10_000);
        _addPool("overfull", _rows.root(), 20_000, 2_500);
        vm.deal(address(this), type(uint128).max);
    }

    function poolAt(uint256 index) external view returns (Pool memory) {
        return _pools[index];
    }

    // ---- actions

    function deposit(uint256 pool, uint256 currency, uint256 amount) external {
        bytes32 id = _pools[pool % POOLS].id;
        address token = currencies[currency % 3];
        amount = bound(amount, 1, 1e24);
        _pay(id, token, amount);
        deposited[id][token] += amount;
    }

    function depositWithFee(uint256 pool, uint256 amount) external {
        amount = bound(amount, 100, 1e24);
        FEE.mint(address(this), amount);
        FEE.approve(address(VAULT), amount);
        VAULT.deposit(_pools[pool % POOLS].id, address(FEE), amount, 0);
    }

    function claim(uint256 actor, uint256 pool, uint256 currency) external {
        ContributorClaim memory item = contributorClaim(actor % 4, pool % POOLS, currency % 3);
        REENTERER.arm(item);
        VAULT.claim(actors[actor % 4], item);
    }

    function claimMany(uint256 actor, uint256 first, uint256 second, bool again) external {
        claimAll(actor % 4, first % POOLS, second % POOLS, again);
    }

    /// @notice Both books of two pools, paid to the sink: sent by the account, by others with its signature, or forged.
    function claimTo(uint256 actor, uint256 first, uint256 second, uint256 currency, uint256 way) external {
        actor %= 4;
        way %= 8;
        (ClaimTo memory request, ContributorClaim[] memory items, SplitClaim[] memory splitItems) =
            claimToOf(actor, first % POOLS, second % POOLS, currency % 3);
        // Contracts here don't sign.
        if (way == 0 || (way == 1 && actor > 1)) {
            vm.prank(actors[actor]);
            redirected[actors[actor]][request.currency] += VAULT.claimManyTo(request, items, splitItems, "");
            return;
        }
        bytes memory signature = _sign(actors[way == 2 || actor > 1 ? 4 : actor], request);
        if (way == 3) request.to = actors[4];
        if (way == 4) request.account = actors[(actor + 1) % 4];
        if (way == 5) items[items.length - 1] = items[0];
        if (way == 6) request.poolsHash = keccak256(abi.encode(request.poolsHash));
        vm.prank(actors[4]);
        uint256 amount = VAULT.claimManyTo(request, items, splitItems, signature);
        // Way 5 changes nothing if there is one pool only.
        if (way == 1 || way == 7 || (way == 5 && items.length == 1)) {
            redirected[actors[actor]][request.currency] += amount;
        } else {
            breach = "paid without an order";
        }
        if (way != 7) return;
        try VAULT.claimManyTo(request, items, splitItems, signature) {
            breach = "an order was used twice";
        } catch {}
    }

    /// @notice A claim that is not the actor's: shares, bps, splits, root, proof or account of something else.
    function forgeClaim(uint256 actor, uint256 pool, uint256 other, uint256 currency, uint256 way) external {
        ContributorClaim memory item = contributorClaim(actor % 4, pool % POOLS, currency % 3);
        PoolKey memory foreign = _pools[other % POOLS].key;
        address account = actors[actor % 4];
        way %= 8;
        if (way == 0) item.shares *= 2;
        if (way == 1) item.pool.contributorsBps = 10_000;
        if (way == 2) item.pool.splitsHash = foreign.splitsHash;
        if (way == 3) item.pool.contributorRoot = foreign.contributorRoot;
        if (way == 4) item.pool.datasetId = foreign.datasetId;
        if (way == 5) account = actors[4];
        if (way == 6) item.bitmap ^= 1 << (other % 256);
        if (way == 7 && item.siblings.length != 0) item.siblings[other % item.siblings.length] ^= 0x01;
        // Ways 2 to 4 can name another pool that exists; what it pays is in that pool's own books.
        VAULT.claim(account, item);
    }

    /// @notice A fixed payee's claim with more basis points than the pool has, or on rows that it wrote itself.
    function forgeSplit(uint256 actor, uint256 pool, uint256 currency, uint16 bps) external {
        SplitClaim memory item = splitClaim(pool % POOLS, currency % 3);
        address account = actors[actor % ACTORS];
        if (bps % 2 == 0) {
            item.splits = new Split[](1);
            item.splits[0] = Split(account, uint16(10_000 - item.contributorsBps % 10_001));
        } else {
            item.splits[0].bps = bps;
        }
        SplitClaim[] memory items = new SplitClaim[](1);
        items[0] = item;
        VAULT.claimMany(account, new ContributorClaim[](0), items);
    }

    function donate(uint256 currency, uint256 amount) external {
        address token = currencies[currency % 3];
        amount = bound(amount, 1, 1e18);
        if (token == address(0)) vm.deal(address(VAULT), address(VAULT).balance + amount);
        else PlainToken(token).mint(address(VAULT), amount);
        donated[token] += amount;
    }

    function setRefused(bool accepts, uint256 blocked) external {
        REFUSER.setAccepts(accepts);
        BLOCKING.setBlocked(actors[blocked % ACTORS]);
    }

    // ---- for the end of a run: nobody refuses any more and everybody claims

    function claimEverything() external {
        REFUSER.setAccepts(true);
        BLOCKING.setBlocked(address(1));
        for (uint256 actor; actor < 4; ++actor) {
            for (uint256 pool; pool < POOLS; ++pool) {
                for (uint256 currency; currency < 3; ++currency) {
                    ContributorClaim memory item = contributorClaim(actor, pool, currency);
                    if (provable(actor, pool) && owed(actor, pool, currency) != 0) VAULT.claim(actors[actor], item);
                    if (pool >= GREEDY || actor > 1 || owedSplit(actor, pool, currency) == 0) continue;
                    SplitClaim[] memory items = new SplitClaim[](1);
                    items[0] = splitClaim(pool, currency);
                    VAULT.claimMany(actors[actor], new ContributorClaim[](0), items);
                }
            }
        }
    }

    // ---- what is due

    /// @notice Whether the actor can prove a claim on the pool.
    function provable(uint256 actor, uint256 pool) public pure returns (bool) {
        if (pool == OVERFULL) return false;
        return pool == LYING ? actor == 0 : actor < 4;
    }

    /// @notice All that a contributor may ever have got, by the formula.
    function entitled(uint256 actor, uint256 pool, uint256 currency) public view returns (uint256) {
        if (!provable(actor, pool)) return 0;
        uint256 total;
        for (uint256 i; i < 4; ++i) {
            total += _rows[i].shares;
        }
        if (pool == LYING) total = _rows[0].shares + 1;
        uint256 income = deposited[_pools[pool].id][currencies[currency]];
        return income * _pools[pool].key.contributorsBps / 10_000 * _rows[actor].shares / total;
    }

    /// @notice All that a fixed payee may ever have got: ann and ben, 1,500 and 1,000; nobody in the last two pools.
    function entitledSplit(uint256 actor, uint256 pool, uint256 currency) public view returns (uint256) {
        if (actor > 1 || pool >= GREEDY) return 0;
        uint256 income = deposited[_pools[pool].id][currencies[currency]];
        Split[] storage splits = _pools[pool].splits;
        return income * (splits[0].to == actors[actor] ? splits[0].bps : splits[1].bps) / 10_000;
    }

    function owed(uint256 actor, uint256 pool, uint256 currency) public view returns (uint256) {
        return entitled(actor, pool, currency) - VAULT.paid(_pools[pool].id, currencies[currency], actors[actor]);
    }

    function owedSplit(uint256 actor, uint256 pool, uint256 currency) public view returns (uint256) {
        return
            entitledSplit(actor, pool, currency) - VAULT.paidSplit(_pools[pool].id, currencies[currency], actors[actor]);
    }

    // ---- building claims

    function contributorClaim(uint256 actor, uint256 pool, uint256 currency)
        public
        view
        returns (ContributorClaim memory item)
    {
        item.pool = _pools[pool].key;
        item.currency = currencies[currency];
        item.shares = _rows[actor].shares;
        item.consent = _rows[actor].consent;
        if (pool == LYING && actor < 2) {
            bytes memory first;
            bytes memory second;
            (, item.bitmap, first, second) = ContributorTree.lyingPair(_rows[0], _rows[1], 1);
            item.siblings = actor == 0 ? first : second;
        } else {
            (item.bitmap, item.siblings) = _rows.prove(_rows[actor].account);
        }
    }

    function splitClaim(uint256 pool, uint256 currency) public view returns (SplitClaim memory) {
        PoolKey memory key = _pools[pool].key;
        return
            SplitClaim(
                key.datasetId, key.contributorRoot, key.contributorsBps, _pools[pool].splits, currencies[currency]
            );
    }

    /// @notice Both books of two pools in all currencies, each pool named twice if `again`.
    function claimAll(uint256 actor, uint256 first, uint256 second, bool again) public {
        uint256 times = again ? 4 : 2;
        ContributorClaim[] memory items = new ContributorClaim[](3 * times);
        SplitClaim[] memory splitItems = new SplitClaim[](actor < 2 ? 3 * times : 0);
        // Native coin is the lowest address; the tokens come in either order.
        uint256 low = currencies[1] < currencies[2] ? 1 : 2;
        uint256 at;
        for (uint256 c; c < 3; ++c) {
            uint256 currency = c == 0 ? 0 : c == 1 ? low : 3 - low;
            for (uint256 i; i < times; ++i) {
                uint256 pool = i % 2 == 0 ? first : second;
                if (!provable(actor, pool)) pool = 0;
                items[at] = contributorClaim(actor, pool, currency);
                if (actor < 2) splitItems[at] = splitClaim(pool >= GREEDY ? 0 : pool, currency);
                ++at;
            }
        }
        VAULT.claimMany(actors[actor], items, splitItems);
    }

    /// @notice An order of the actor for what both books of one or two pools owe it.
    function claimToOf(uint256 actor, uint256 first, uint256 second, uint256 currency)
        public
        view
        returns (ClaimTo memory request, ContributorClaim[] memory items, SplitClaim[] memory splitItems)
    {
        if (!provable(actor, first)) first = 0;
        if (!provable(actor, second)) second = 0;
        if (_pools[first].id > _pools[second].id) (first, second) = (second, first);
        uint256 count = first == second ? 1 : 2;
        items = new ContributorClaim[](count);
        bytes memory ids = abi.encodePacked(_pools[first].id);
        items[0] = contributorClaim(actor, first, currency);
        if (count == 2) {
            ids = bytes.concat(ids, _pools[second].id);
            items[1] = contributorClaim(actor, second, currency);
        }
        // The fixed payees' books of the honest ones among them.
        bool low = actor < 2 && first < GREEDY;
        bool high = actor < 2 && count == 2 && second < GREEDY;
        splitItems = new SplitClaim[]((low ? 1 : 0) + (high ? 1 : 0));
        if (low) splitItems[0] = splitClaim(first, currency);
        if (high) splitItems[splitItems.length - 1] = splitClaim(second, currency);
        request.account = actors[actor];
        request.to = SINK;
        request.currency = currencies[currency];
        request.poolsHash = keccak256(ids);
        request.nonce = VAULT.nonces(actors[actor], 0);
        request.deadline = block.timestamp;
    }

    function hashClaimTo(ClaimTo calldata request) external pure returns (bytes32) {
        return Eip712.hashClaimTo(request);
    }

    function _sign(address signer, ClaimTo memory request) private returns (bytes memory) {
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", VAULT.domainSeparator(), this.hashClaimTo(request)));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_keys[signer], digest);
        return abi.encodePacked(r, s, v);
    }

    function _person(string memory name) private returns (address person) {
        uint256 key;
        (person, key) = makeAddrAndKey(name);
        _keys[person] = key;
    }

    function _pay(bytes32 id, address token, uint256 amount) private {
        if (token == address(0)) {
            VAULT.deposit{value: amount}(id, token, amount, 0);
        } else {
            PlainToken(token).mint(address(this), amount);
            PlainToken(token).approve(address(VAULT), amount);
            VAULT.deposit(id, token, amount, 0);
        }
    }

    function _addPool(string memory name, bytes32 root, uint16 bps, uint16 fixedBps) private {
        Pool storage pool = _pools.push();
        (uint256 low, uint256 high) = actors[0] < actors[1] ? (0, 1) : (1, 0);
        uint16 ben = fixedBps * 2 / 5;
        pool.splits.push(Split(actors[low], low == 0 ? fixedBps - ben : ben));
        pool.splits.push(Split(actors[high], high == 0 ? fixedBps - ben : ben));
        pool.key = PoolKey(keccak256(bytes(name)), root, bps, keccak256(abi.encode(pool.splits)));
        bytes32 digest = keccak256(abi.encode(bps, pool.key.splitsHash));
        pool.id = keccak256(
            abi.encode(keccak256("dgov.pool.v1"), block.chainid, address(VAULT), pool.key.datasetId, root, digest)
        );
    }
}
