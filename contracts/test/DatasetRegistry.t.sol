// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IERC721Metadata} from "@openzeppelin/contracts/token/ERC721/extensions/IERC721Metadata.sol";
import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {DatasetRegistry} from "../src/DatasetRegistry.sol";
import {IDatasetRegistry} from "../src/interfaces/IDatasetRegistry.sol";
import {Eip712} from "../src/lib/Eip712.sol";
import {Access} from "../src/lib/Managed.sol";
import {SumTree} from "../src/lib/SumTree.sol";
import {Status, Version} from "../src/types/Types.sol";
import {RegistryFixture} from "./helpers/RegistryFixture.sol";
import {TreeBuilder} from "./helpers/TreeBuilder.sol";
import {TreeProof} from "./helpers/TreeProof.sol";

contract DatasetRegistryTest is RegistryFixture {
    bytes32 private id;
    bytes32 private key1;

    function setUp() public override {
        super.setUp();
        (id, key1) = _register(registry, alice, SALT);
    }

    function hashVersion(Version calldata version) external pure returns (bytes32) {
        return Eip712.hashVersion(version);
    }

    // ------------------------------------------------------------------------------------------------ constructor

    function testFuzz_Constructor_KeepsEachArgument(address manager_, address factory_, bytes32 salt, bool approves)
        external
    {
        DatasetRegistry made = new DatasetRegistry(manager_, factory_, salt, approves);
        assertEq(made.authority(), manager_);
        (address origin, bytes32 originSalt) = made.origin();
        assertEq(origin, factory_);
        assertEq(originSalt, salt);
        assertEq(made.daoApprovesCards(), approves);
    }

    // ------------------------------------------------------------------------------------------------ register

    function test_Register_GivenTheSenderHasRegisteredTheSaltBefore() external {
        Version memory other = _version(id, 1);
        other.recordRoot = keccak256("other");
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.DatasetExists.selector, id));
        registry.register(SALT, other, META);
        registry.transferFrom(alice, bob, uint256(id));
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.DatasetExists.selector, id));
        registry.register(SALT, other, META);
    }

    function test_Register_WhenTheVersionNamesAnotherDatasetThanSenderAndSaltGive() external {
        bytes32 bobs = registry.datasetIdOf(bob, SALT);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.DatasetIdMismatch.selector, bobs, id));
        registry.register(SALT, _version(id, 1), META);
        bytes32 other = registry.datasetIdOf(bob, "other");
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.DatasetIdMismatch.selector, other, bobs));
        registry.register("other", _version(bobs, 1), META);
    }

    function testFuzz_Register_WhenTheNumberIsNot1(uint32 number) external {
        vm.assume(number != 1);
        bytes32 bobs = registry.datasetIdOf(bob, SALT);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.NumberInvalid.selector, number));
        registry.register(SALT, _version(bobs, number), META);
    }

    function test_Register_WhenACommitmentTheNumberOfRecordsOrTheSaltIsZero() external {
        bytes32 bobs = registry.datasetIdOf(bob, SALT);
        for (uint256 field; field < 8; ++field) {
            (Version memory version, bytes32 metaDigest, string memory name) = _without(bobs, 1, field);
            vm.prank(bob);
            vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.FieldEmpty.selector, name));
            registry.register(SALT, version, metaDigest);
        }
        Version memory unsalted = _version(registry.datasetIdOf(bob, 0), 1);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.FieldEmpty.selector, "salt"));
        registry.register(0, unsalted, META);
        // Parents are the one thing that a version may do without.
        Version memory root = _version(bobs, 1);
        root.parentsHash = 0;
        vm.prank(bob);
        registry.register(SALT, root, META);
    }

    function test_Register_WhenAWordOfTheVersionHasSurplusBits() external {
        Version memory version = _version(registry.datasetIdOf(bob, SALT), 1);
        bytes memory call = abi.encodeCall(registry.register, (SALT, version, META));
        // Words of the call: selector, salt, then the version's ten. Number is the second, records the fifth.
        for (uint256 i; i < 2; ++i) {
            bytes memory bad = bytes.concat(call);
            bad[4 + 32 + 32 * (i == 0 ? 1 : 4)] = 0x01;
            vm.prank(bob);
            (bool success,) = address(registry).call(bad);
            assertFalse(success);
        }
        vm.prank(bob);
        (bool good,) = address(registry).call(call);
        assertTrue(good);
    }

    function testFuzz_Register_WhenEverythingIsInOrder(address publisher, bytes32 salt, Version memory version)
        external
    {
        vm.assume(publisher != address(0) && salt != 0 && !(publisher == alice && salt == SALT));
        bytes32 datasetId = registry.datasetIdOf(publisher, salt);
        version = _completed(version, datasetId, 1);
        bytes32 expected = this.hashVersion(version);

        vm.expectEmit(address(registry));
        emit IERC721.Transfer(address(0), publisher, uint256(datasetId));
        vm.expectEmit(address(registry));
        emit IDatasetRegistry.VersionAdded(datasetId, expected, version.packageDigest, publisher, salt, META, version);
        vm.prank(publisher);
        assertEq(registry.register(salt, version, META), expected);

        assertEq(registry.keyAt(datasetId, 1), expected);
        assertEq(registry.keyAt(datasetId, 2), 0);
        assertEq(registry.recordRootOf(expected), version.recordRoot);
        assertEq(registry.ownerOf(uint256(datasetId)), publisher);
        (Status status, bool approved) = registry.statusOf(expected);
        assertEq(uint8(status), uint8(Status.Active));
        assertFalse(approved);
    }

    function test_Register_ShouldNotBeInTheWayOfAnotherPublisherWithTheSameSaltAndContent() external {
        // Bob copies all that Alice published, under her slug; then Alice's other registration still works.
        (bytes32 bobs, bytes32 bobsKey) = _register(registry, bob, keccak256("mine"));
        (bytes32 alices, bytes32 alicesKey) = _register(registry, alice, keccak256("mine"));
        assertNotEq(bobs, alices);
        assertNotEq(bobsKey, alicesKey);
        assertEq(registry.balanceOf(alice), 2);
        assertEq(registry.balanceOf(bob), 1);
    }

    // ------------------------------------------------------------------------------------------------ addVersion

    function test_AddVersion_WhenTheSenderDoesNotOwnTheToken() external {
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.NotOwner.selector, id, bob, alice));
        registry.addVersion(key1, _version(id, 2), META);

        vm.startPrank(alice);
        registry.setApprovalForAll(bob, true);
        vm.stopPrank();
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.NotOwner.selector, id, bob, alice));
        registry.addVersion(key1, _version(id, 2), META);

        vm.startPrank(alice);
        registry.transferFrom(alice, bob, uint256(id));
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.NotOwner.selector, id, alice, bob));
        registry.addVersion(key1, _version(id, 2), META);
        vm.stopPrank();
        // The id stays, and the new owner carries on.
        assertEq(_append(registry, bob, id, 2), registry.keyAt(id, 2));

        bytes32 nobodys = keccak256("nobody's");
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.NotOwner.selector, nobodys, bob, address(0)));
        registry.addVersion(key1, _version(nobodys, 2), META);
    }

    function test_AddVersion_WhenTheNumberIsBelow2() external {
        for (uint32 number; number < 2; ++number) {
            vm.prank(alice);
            vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.NumberInvalid.selector, number));
            registry.addVersion(key1, _version(id, number), META);
        }
    }

    function testFuzz_AddVersion_WhenThePreviousKeyIsNotThatOfTheVersionBefore(bytes32 previous, uint32 number)
        external
    {
        vm.assume(previous != key1);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.PreviousMismatch.selector, previous, key1));
        registry.addVersion(previous, _version(id, 2), META);

        // A gap: there is no version before, also if the sender says so.
        number = uint32(bound(number, 3, type(uint32).max));
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.PreviousMismatch.selector, key1, bytes32(0)));
        registry.addVersion(key1, _version(id, number), META);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.PreviousMismatch.selector, 0, bytes32(0)));
        registry.addVersion(0, _version(id, number), META);
    }

    function test_AddVersion_GivenTheNumberIsInUse() external {
        bytes32 key2 = _append(registry, alice, id, 2);
        Version memory other = _version(id, 2);
        other.packageDigest = keccak256("other");
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.NumberTaken.selector, id, uint32(2), key2));
        registry.addVersion(key1, other, META);
        assertEq(registry.keyAt(id, 2), key2);
    }

    function test_AddVersion_WhenACommitmentIsZero() external {
        for (uint256 field; field < 8; ++field) {
            (Version memory version, bytes32 metaDigest, string memory name) = _without(id, 2, field);
            vm.prank(alice);
            vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.FieldEmpty.selector, name));
            registry.addVersion(key1, version, metaDigest);
        }
    }

    function testFuzz_AddVersion_WhenEverythingIsInOrder(Version memory version) external {
        version = _completed(version, id, 2);
        bytes32 expected = this.hashVersion(version);
        vm.expectEmit(address(registry));
        emit IDatasetRegistry.VersionAdded(id, expected, version.packageDigest, alice, 0, META, version);
        vm.prank(alice);
        assertEq(registry.addVersion(key1, version, META), expected);
        assertEq(registry.keyAt(id, 1), key1);
        assertEq(registry.keyAt(id, 2), expected);
        assertEq(registry.recordRootOf(expected), version.recordRoot);
        assertEq(registry.recordRootOf(key1), _digest("records", 1));
        assertEq(registry.balanceOf(alice), 1);
    }

    // ------------------------------------------------------------------------------------------------ setStatus

    function test_SetStatus_WhenTheVersionIsUnknown() external {
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.NumberUnknown.selector, id, uint32(2)));
        registry.setStatus(id, 2, Status.Recalled, 0, 0);
    }

    function testFuzz_SetStatus_WhenNeitherTheOldNorTheNewStatusIsDisputed(uint8 from, uint8 to, bytes32 evidence)
        external
    {
        Status first = Status(bound(from, 0, uint8(Status.Recalled)));
        Status second = Status(bound(to, 0, uint8(Status.Recalled)));
        bytes32 key2 = _append(registry, alice, id, 2);
        vm.prank(alice);
        registry.setStatus(id, 1, first, 0, 0);

        address[2] memory others = [bob, dao];
        for (uint256 i; i < 2; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.NotOwner.selector, id, others[i], alice));
            registry.setStatus(id, 1, second, key2, evidence);
        }
        vm.expectEmit(address(registry));
        emit IDatasetRegistry.StatusChanged(id, key1, second, key2, evidence);
        vm.prank(alice);
        registry.setStatus(id, 1, second, key2, evidence);
        _assertStatus(key1, second, false);
        _assertStatus(key2, Status.Active, false);
    }

    function testFuzz_SetStatus_WhenTheOldOrTheNewStatusIsDisputed(uint8 to) external {
        Status second = Status(bound(to, 0, uint8(Status.Disputed)));
        address[2] memory others = [bob, alice];
        for (uint256 i; i < 2; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(Access.Unauthorized.selector, others[i]));
            registry.setStatus(id, 1, Status.Disputed, 0, 0);
        }
        vm.prank(dao);
        registry.setStatus(id, 1, Status.Disputed, 0, 0);
        _assertStatus(key1, Status.Disputed, false);
        for (uint256 i; i < 2; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(Access.Unauthorized.selector, others[i]));
            registry.setStatus(id, 1, second, 0, 0);
        }
        vm.prank(dao);
        registry.setStatus(id, 1, second, 0, 0);
        _assertStatus(key1, second, false);
    }

    function test_SetStatus_WhenTheSuccessorIsTheVersionItselfOrUnknown() external {
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.SuccessorIsSelf.selector, key1));
        registry.setStatus(id, 1, Status.Deprecated, key1, 0);
        bytes32 unknown = keccak256("unknown");
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.VersionUnknown.selector, unknown));
        registry.setStatus(id, 1, Status.Deprecated, unknown, 0);
    }

    function test_SetStatus_GivenTheCardIsApproved() external {
        vm.prank(dao);
        registry.approveCard(key1, true);
        vm.prank(alice);
        registry.setStatus(id, 1, Status.Recalled, 0, 0);
        _assertStatus(key1, Status.Recalled, true);
    }

    // ------------------------------------------------------------------------------------------------ approveCard

    function test_ApproveCard_WhenTheSenderIsNotTheDao() external {
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(Access.Unauthorized.selector, alice));
        registry.approveCard(key1, true);
    }

    function test_ApproveCard_WhenTheVersionIsUnknown() external {
        bytes32 unknown = keccak256("unknown");
        vm.prank(dao);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.VersionUnknown.selector, unknown));
        registry.approveCard(unknown, true);
    }

    function test_ApproveCard_WhenEverythingIsInOrder() external {
        bytes32 key2 = _append(registry, alice, id, 2);
        vm.prank(alice);
        registry.setStatus(id, 1, Status.Deprecated, 0, 0);
        vm.expectEmit(address(registry));
        emit IDatasetRegistry.CardApproval(key1, true);
        vm.prank(dao);
        registry.approveCard(key1, true);
        _assertStatus(key1, Status.Deprecated, true);
        _assertStatus(key2, Status.Active, false);
        vm.expectEmit(address(registry));
        emit IDatasetRegistry.CardApproval(key1, false);
        vm.prank(dao);
        registry.approveCard(key1, false);
        _assertStatus(key1, Status.Deprecated, false);
    }

    // ------------------------------------------------------------------------------------------------ proofs

    function test_Proofs_WhenTheVersionIsUnknown() external {
        bytes32 unknown = keccak256("unknown");
        bytes memory reason = abi.encodeWithSelector(IDatasetRegistry.VersionUnknown.selector, unknown);
        vm.expectRevert(reason);
        registry.contains(unknown, 0, 1, 0, "");
        vm.expectRevert(reason);
        registry.excludes(unknown, 0, 0, 0, 0, "");
        vm.expectRevert(reason);
        registry.statusOf(unknown);
    }

    function testFuzz_Proofs_WhenTheProofIsGoodAndWhenItIsNot(bytes32 seed, bytes32 other) external {
        TreeBuilder builder = new TreeBuilder();
        TreeBuilder.Leaf[] memory leaves = new TreeBuilder.Leaf[](6);
        for (uint256 i; i < 6; ++i) {
            leaves[i] = TreeBuilder.Leaf(keccak256(abi.encode(seed, i)), uint64(i + 1), 0);
            vm.assume(leaves[i].key != other);
        }
        TreeProof memory proof = builder.prove(leaves, SumTree.RECORDS, leaves[3].key);
        Version memory version = _version(id, 2);
        (version.recordRoot, version.records) = (proof.root, 21);
        vm.prank(alice);
        bytes32 key2 = registry.addVersion(key1, version, META);

        assertEq(registry.contains(key2, proof.key, 4, proof.bitmap, proof.siblings), 21);
        vm.expectPartialRevert(SumTree.RootMismatch.selector);
        registry.contains(key2, proof.key, 5, proof.bitmap, proof.siblings);
        vm.expectPartialRevert(SumTree.RootMismatch.selector);
        registry.contains(key1, proof.key, 4, proof.bitmap, proof.siblings);
        vm.expectRevert(abi.encodeWithSelector(SumTree.KeyPresent.selector, proof.key));
        registry.excludes(key2, proof.key, proof.key, 4, proof.bitmap, proof.siblings);

        proof = builder.prove(leaves, SumTree.RECORDS, other);
        assertEq(
            registry.excludes(key2, other, proof.terminalKey, proof.terminalWeight, proof.bitmap, proof.siblings), 21
        );
        vm.expectPartialRevert(SumTree.RootMismatch.selector);
        registry.contains(key2, other, 1, proof.bitmap, proof.siblings);
        vm.expectPartialRevert(SumTree.RootMismatch.selector);
        registry.excludes(key1, other, proof.terminalKey, proof.terminalWeight, proof.bitmap, proof.siblings);

        // A tree of contributors is no tree of records.
        (version.recordRoot, version.number) = (builder.rootOf(leaves, SumTree.CONTRIBUTORS), 3);
        vm.prank(alice);
        bytes32 key3 = registry.addVersion(key2, version, META);
        proof = builder.prove(leaves, SumTree.RECORDS, leaves[3].key);
        vm.expectPartialRevert(SumTree.RootMismatch.selector);
        registry.contains(key3, proof.key, 4, proof.bitmap, proof.siblings);
    }

    // ------------------------------------------------------------------------------------------------ requireSaleable

    function test_RequireSaleable_WhenTheVersionIsUnknown() external {
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.NumberUnknown.selector, id, uint32(2)));
        registry.requireSaleable(id, 2);
    }

    function test_RequireSaleable_GivenTheVersionIsNotActive() external {
        for (uint8 s = 1; s < 4; ++s) {
            Status status = Status(s);
            vm.prank(status == Status.Disputed ? dao : alice);
            registry.setStatus(id, 1, status, 0, 0);
            vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.NotActive.selector, key1, status));
            registry.requireSaleable(id, 1);
        }
        // Approval of the card does not help.
        vm.prank(dao);
        registry.approveCard(key1, true);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.NotActive.selector, key1, Status.Disputed));
        registry.requireSaleable(id, 1);
    }

    function test_RequireSaleable_GivenTheDaoApprovesCardsAndHasNotApprovedThisOne() external {
        DatasetRegistry strict = _newRegistry(true);
        assertTrue(strict.daoApprovesCards());
        (bytes32 strictId, bytes32 strictKey) = _register(strict, alice, SALT);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.CardNotApproved.selector, strictKey));
        strict.requireSaleable(strictId, 1);
        vm.prank(dao);
        strict.approveCard(strictKey, true);
        assertEq(strict.requireSaleable(strictId, 1), strictKey);
        // A new version needs its own approval.
        bytes32 strictKey2 = _append(strict, alice, strictId, 2);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.CardNotApproved.selector, strictKey2));
        strict.requireSaleable(strictId, 2);
    }

    function test_RequireSaleable_GivenItMayBeSold() external {
        assertFalse(registry.daoApprovesCards());
        assertEq(registry.requireSaleable(id, 1), key1);
        bytes32 key2 = _append(registry, alice, id, 2);
        assertEq(registry.requireSaleable(id, 2), key2);
        // Back for sale once the DAO has ended the dispute.
        vm.startPrank(dao);
        registry.setStatus(id, 2, Status.Disputed, 0, 0);
        registry.setStatus(id, 2, Status.Active, 0, 0);
        assertEq(registry.requireSaleable(id, 2), key2);
    }

    // ------------------------------------------------------------------------------------------------ views

    function test_Views_ShouldNameTheCollectionTheFactoryAndTheSalt() external view {
        assertEq(registry.name(), "dgov datasets");
        assertEq(registry.symbol(), "DGD");
        (address maker, bytes32 salt) = registry.origin();
        assertEq(maker, factory);
        assertEq(salt, PROJECT_SALT);
        assertEq(registry.authority(), address(manager));
    }

    function test_Views_ShouldSupportErc165Erc721AndItsMetadata() external view {
        assertTrue(registry.supportsInterface(type(IERC165).interfaceId));
        assertTrue(registry.supportsInterface(type(IERC721).interfaceId));
        assertTrue(registry.supportsInterface(type(IERC721Metadata).interfaceId));
        assertFalse(registry.supportsInterface(0xffffffff));
    }

    function test_TokenUri_WhenTheTokenDoesNotExist() external {
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, 1));
        registry.tokenURI(1);
    }

    function test_TokenUri_ShouldDescribeTheLatestVersionHoweverManyThereAre() external {
        string memory prefix = "data:application/json;utf8,";
        for (uint32 number = 1; number <= 20; ++number) {
            if (number > 1) _append(registry, alice, id, number);
            bytes memory uri = bytes(registry.tokenURI(uint256(id)));
            bytes memory json = new bytes(uri.length - bytes(prefix).length);
            for (uint256 i; i < uri.length; ++i) {
                if (i < bytes(prefix).length) assertEq(uri[i], bytes(prefix)[i]);
                else json[i - bytes(prefix).length] = uri[i];
            }
            string memory text = string(json);
            assertEq(vm.parseJsonBytes32(text, ".dataset_id"), id);
            assertEq(vm.parseJsonUint(text, ".latest_version"), number);
            assertEq(vm.parseJsonBytes32(text, ".version_key"), registry.keyAt(id, number));
            assertEq(vm.parseJsonString(text, ".status"), "active");
        }
        string[4] memory names = ["active", "deprecated", "recalled", "disputed"];
        for (uint8 s = 1; s < 4; ++s) {
            vm.prank(s == 3 ? dao : alice);
            registry.setStatus(id, 20, Status(s), 0, 0);
            assertTrue(vm.contains(registry.tokenURI(uint256(id)), string.concat('"status":"', names[s], '"')));
        }
    }

    // ------------------------------------------------------------------------------------------------ helpers

    function _assertStatus(bytes32 versionKey, Status expected, bool expectedApproval) private view {
        (Status status, bool approved) = registry.statusOf(versionKey);
        assertEq(uint8(status), uint8(expected));
        assertEq(approved, expectedApproval);
    }

    /// @dev Any version with what must be there filled in.
    function _completed(Version memory version, bytes32 datasetId, uint32 number)
        private
        pure
        returns (Version memory)
    {
        version.datasetId = datasetId;
        version.number = number;
        if (version.packageDigest == 0) version.packageDigest = "package";
        if (version.recordRoot == 0) version.recordRoot = "root";
        if (version.records == 0) version.records = 1;
        if (version.contributorRoot == 0) version.contributorRoot = "contributors";
        if (version.splitsDigest == 0) version.splitsDigest = "splits";
        if (version.cardDigest == 0) version.cardDigest = "card";
        if (version.licenseDigest == 0) version.licenseDigest = "license";
        return version;
    }

    /// @dev A good version with one of the eight mandatory values zero.
    function _without(bytes32 datasetId, uint32 number, uint256 field)
        private
        pure
        returns (Version memory version, bytes32 metaDigest, string memory name)
    {
        version = _version(datasetId, number);
        metaDigest = META;
        if (field == 0) (version.packageDigest, name) = (0, "packageDigest");
        if (field == 1) (version.recordRoot, name) = (0, "recordRoot");
        if (field == 2) (version.records, name) = (0, "records");
        if (field == 3) (version.contributorRoot, name) = (0, "contributorRoot");
        if (field == 4) (version.splitsDigest, name) = (0, "splitsDigest");
        if (field == 5) (version.cardDigest, name) = (0, "cardDigest");
        if (field == 6) (version.licenseDigest, name) = (0, "licenseDigest");
        if (field == 7) (metaDigest, name) = (0, "metaDigest");
    }
}
