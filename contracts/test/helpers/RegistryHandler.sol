// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";
import {Vm} from "forge-std/Vm.sol";
import {DatasetRegistry} from "../../src/DatasetRegistry.sol";
import {LicenseRegistry} from "../../src/LicenseRegistry.sol";
import {Status, Terms, Version} from "../../src/types/Types.sol";

/// @notice Publishers, buyers of tokens, strangers and the DAO, who all call everything with values that are sometimes right.
/// Keeps a history of its own, from the outcome of calls only, to hold the registries' state against.
contract RegistryHandler is Test {
    DatasetRegistry internal immutable REGISTRY;
    LicenseRegistry private immutable LICENSES;
    address internal immutable DAO;

    /// @dev Their keys sign; the DAO's is never used.
    Vm.Wallet[4] internal actors;
    bytes32[] public datasets;
    bytes32[] public termsIds;
    mapping(bytes32 datasetId => Version[]) internal _versions;
    /// @notice Keys of all versions, and what each was made of.
    bytes32[] public keys;
    mapping(bytes32 versionKey => bytes32[]) internal _parents;
    mapping(bytes32 parentsHash => bytes32[]) private _parentsByHash;
    mapping(bytes32 datasetId => address) public ownerOf;
    mapping(bytes32 versionKey => Status) public statusOf;
    mapping(bytes32 versionKey => Status) public beforeOf;
    mapping(bytes32 versionKey => bool) public ruledOf;
    mapping(bytes32 versionKey => bool) public approvalOf;
    mapping(bytes32 datasetId => mapping(bytes32 termsId => bool)) public offered;
    mapping(bytes32 datasetId => bool) public decided;
    mapping(bytes32 termsId => bool) public retired;
    /// @notice What succeeded against the rules; stays empty.
    string public breach;
    /// @notice How many calls of each kind went through, so that a campaign that did nothing is noticed.
    mapping(string call => uint256) public successes;

    constructor(DatasetRegistry registry_, LicenseRegistry licenses_, address dao_) {
        (REGISTRY, LICENSES, DAO) = (registry_, licenses_, dao_);
        string[3] memory names = ["p1", "p2", "p3"];
        for (uint256 i; i < 3; ++i) {
            actors[i] = vm.createWallet(names[i]);
        }
        actors[3].addr = dao_;
    }

    function datasetCount() external view returns (uint256) {
        return datasets.length;
    }

    function termsCount() external view returns (uint256) {
        return termsIds.length;
    }

    function keyCount() external view returns (uint256) {
        return keys.length;
    }

    function parentsOf(bytes32 versionKey) external view returns (bytes32[] memory) {
        return _parents[versionKey];
    }

    function actorAt(uint256 i) external view returns (address) {
        return actors[i].addr;
    }

    function versionsOf(bytes32 datasetId) external view returns (Version[] memory) {
        return _versions[datasetId];
    }

    /// @param slip Which of the values are wrong, one bit each; most calls have none.
    function register(uint256 who, uint256 other, uint256 salt, uint256 content, uint8 slip) external {
        address sender = _actor(who);
        address publisher = _slips(slip, 0) ? _actor(other) : sender;
        bytes32 name = bytes32(_slips(slip, 1) ? 0 : 1 + salt % 4);
        bytes32 id = REGISTRY.datasetIdOf(publisher, name);
        Version memory version = _version(id, _slips(slip, 2) ? uint32(content % 3) : 1, content);
        vm.prank(sender);
        try REGISTRY.register(name, version, "meta") returns (bytes32 key) {
            if (publisher != sender) breach = "registered another's id";
            if (name == 0) breach = "registered without a salt";
            _registered(sender, version, key);
            ++successes["register"];
        } catch {}
    }

    /// @param slip As above: another sender than the owner, another number, another previous version.
    function addVersion(uint256 who, uint256 which, uint256 content, uint8 slip) external {
        bytes32 id = _dataset(which);
        address sender = _slips(slip, 0) ? _actor(who) : ownerOf[id];
        uint256 count = _versions[id].length;
        uint32 number = uint32(_slips(slip, 1) ? content % (count + 3) : count + 1);
        bytes32 key = REGISTRY.keyAt(id, uint32(_slips(slip, 2) ? content % (count + 2) : number == 0 ? 0 : number - 1));
        Version memory version = _version(id, number, content);
        vm.prank(sender);
        try REGISTRY.addVersion(key, version, "meta") returns (bytes32 newKey) {
            if (ownerOf[id] != sender) breach = "appended by another than the owner";
            _appended(key, version, newKey);
            ++successes["addVersion"];
        } catch {}
    }

    /// @param slip As above: another sender than the party whose right it is, another number.
    function setStatus(uint256 who, uint256 which, uint32 number, uint8 status, uint8 slip) external {
        bytes32 id = _dataset(which);
        Status next = Status(status % 4);
        number = uint32(_slips(slip, 1) ? number % (_versions[id].length + 2) : 1);
        bytes32 key = REGISTRY.keyAt(id, number);
        bool disputed = statusOf[key] == Status.Disputed || next == Status.Disputed;
        address holder = disputed || ruledOf[key] ? DAO : ownerOf[id];
        address sender = _slips(slip, 0) ? (who % 2 == 0 ? ownerOf[id] : _actor(who)) : holder;
        vm.prank(sender);
        try REGISTRY.setStatus(id, number, next, 0, 0) {
            if (sender != holder) breach = "status set by the wrong party";
            if (key == 0) breach = "status of an unknown version";
            if (next == Status.Recalled && statusOf[key] == Status.Disputed) ruledOf[key] = true;
            if (next == Status.Active || next == Status.Deprecated) ruledOf[key] = false;
            if (next != Status.Disputed) beforeOf[key] = Status.Active;
            else if (statusOf[key] != Status.Disputed) beforeOf[key] = statusOf[key];
            statusOf[key] = next;
            ++successes["setStatus"];
        } catch {}
    }

    function approveCard(uint256 who, uint256 which, uint32 number, bool approved) external {
        bytes32 id = _dataset(which);
        bytes32 key = REGISTRY.keyAt(id, uint32(number % (_versions[id].length + 2)));
        address sender = _actor(who);
        vm.prank(sender);
        try REGISTRY.approveCard(key, approved) {
            if (sender != DAO || key == 0) breach = "card approved by another, or of nothing";
            approvalOf[key] = approved;
            ++successes["approveCard"];
        } catch {}
    }

    function transfer(uint256 who, uint256 which, uint256 to) external {
        bytes32 id = _dataset(which);
        address sender = _actor(who);
        vm.prank(sender);
        try REGISTRY.transferFrom(sender, _actor(to), uint256(id)) {
            if (ownerOf[id] != sender) breach = "transferred by another";
            ownerOf[id] = _actor(to);
            ++successes["transfer"];
        } catch {}
    }

    function addTerms(uint256 who, uint8 n) external {
        address sender = _actor(who);
        Terms memory terms;
        (terms.licenseDigest, terms.allow, terms.price) = ("license", 1, n);
        vm.prank(sender);
        try LICENSES.addTerms(terms) returns (bytes32 id) {
            if (sender != DAO) breach = "terms added by another";
            for (uint256 i; i < termsIds.length; ++i) {
                if (termsIds[i] == id) breach = "terms added twice";
            }
            termsIds.push(id);
            ++successes["addTerms"];
        } catch {}
    }

    function retireTerms(uint256 who, uint256 which) external {
        bytes32 id = _terms(which);
        address sender = _actor(who);
        vm.prank(sender);
        try LICENSES.retireTerms(id) {
            if (sender != DAO) breach = "terms retired by another";
            retired[id] = true;
            ++successes["retireTerms"];
        } catch {}
    }

    function reinstateTerms(uint256 who, uint256 which) external {
        bytes32 id = _terms(which);
        address sender = _actor(who);
        vm.prank(sender);
        try LICENSES.reinstateTerms(id) {
            if (sender != DAO) breach = "terms reinstated by another";
            if (!retired[id]) breach = "reinstated what was not retired";
            retired[id] = false;
            ++successes["reinstateTerms"];
        } catch {}
    }

    function offer(uint256 who, uint256 which, uint256 terms) external {
        (bytes32 id, bytes32 termsId) = (_dataset(which), _terms(terms));
        address sender = _actor(who);
        vm.prank(sender);
        try LICENSES.offer(id, termsId) {
            if (sender != ownerOf[id] || decided[id] || retired[termsId]) breach = "offered against the rules";
            (offered[id][termsId], decided[id]) = (true, true);
            ++successes["offer"];
        } catch {}
    }

    function setOffer(uint256 who, uint256 which, uint256 terms, bool on) external {
        (bytes32 id, bytes32 termsId) = (_dataset(which), _terms(terms));
        address sender = _actor(who);
        vm.prank(sender);
        try LICENSES.setOffer(id, termsId, on) {
            if (sender != DAO || (on && retired[termsId])) breach = "offer set against the rules";
            if (ownerOf[id] == address(0)) breach = "offer of nothing";
            (offered[id][termsId], decided[id]) = (on, true);
            ++successes["setOffer"];
        } catch {}
    }

    /// @dev Books a registration that went through.
    function _registered(address publisher, Version memory version, bytes32 key) internal {
        bytes32 id = version.datasetId;
        if (ownerOf[id] != address(0)) breach = "registered twice";
        if (version.number != 1) breach = "registered with another number";
        datasets.push(id);
        ownerOf[id] = publisher;
        _keep(version, key);
    }

    /// @dev Books an appended version that went through.
    function _appended(bytes32 previous, Version memory version, bytes32 key) internal {
        bytes32 id = version.datasetId;
        uint256 count = _versions[id].length;
        if (version.number != count + 1) breach = "appended with a gap or over another";
        if (previous != REGISTRY.keyAt(id, uint32(count))) breach = "appended to an older version";
        _keep(version, key);
    }

    function _keep(Version memory version, bytes32 key) private {
        _versions[version.datasetId].push(version);
        keys.push(key);
        _parents[key] = _parentsByHash[version.parentsHash];
    }

    /// @dev One time in four, separately for each position.
    function _slips(uint8 slip, uint256 position) internal pure returns (bool) {
        return (slip >> (2 * position)) & 3 == 0;
    }

    function _actor(uint256 seed) internal view returns (address) {
        return actors[seed % actors.length].addr;
    }

    /// @dev Mostly a dataset that exists.
    function _dataset(uint256 seed) internal view returns (bytes32) {
        if (datasets.length == 0 || seed % 16 == 0) return keccak256(abi.encode(seed));
        return datasets[seed % datasets.length];
    }

    function _terms(uint256 seed) private view returns (bytes32) {
        if (termsIds.length == 0 || seed % 16 == 0) return keccak256(abi.encode(seed));
        return termsIds[seed % termsIds.length];
    }

    /// @dev A version that is made of up to two of those that are there.
    function _version(bytes32 id, uint32 number, uint256 content) internal returns (Version memory version) {
        bytes32 digest = keccak256(abi.encode(content));
        version = Version(id, number, digest, digest, 1, digest, digest, digest, digest, 0);
        uint256 count = keys.length;
        if (count == 0 || content % 8 == 0) return version;
        bytes32 one = keys[uint256(digest) % count];
        bytes32 two = keys[uint256(digest >> 128) % count];
        bytes32[] memory parents = new bytes32[](one == two ? 1 : 2);
        parents[0] = one < two ? one : two;
        if (one != two) parents[1] = one < two ? two : one;
        version.parentsHash = keccak256(abi.encodePacked(parents));
        _parentsByHash[version.parentsHash] = parents;
    }
}
