// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IERC721Metadata} from "@openzeppelin/contracts/token/ERC721/extensions/IERC721Metadata.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {DatasetRegistry} from "../src/DatasetRegistry.sol";
import {RecordToken} from "../src/RecordToken.sol";
import {IRecordToken} from "../src/interfaces/IRecordToken.sol";
import {Module} from "../src/lib/Module.sol";
import {SumTree} from "../src/lib/SumTree.sol";
import {Status, Version} from "../src/types/Types.sol";
import {RecordFixture} from "./helpers/RecordFixture.sol";
import {TreeBuilder} from "./helpers/TreeBuilder.sol";
import {TreeProof} from "./helpers/TreeProof.sol";

/// @notice Reverts when it is asked anything: a receiver that must not be asked.
contract Untouchable {
    fallback() external {
        revert();
    }
}

contract RecordTokenTest is RecordFixture {
    TreeBuilder private builder;
    TreeBuilder.Leaf[] private leaves;
    bytes32 private id;
    bytes32 private key;
    TreeProof private proof;
    uint256 private tokenId;

    function setUp() public override {
        super.setUp();
        builder = new TreeBuilder();
        for (uint256 i; i < 7; ++i) {
            leaves.push(TreeBuilder.Leaf(keccak256(abi.encode("record", i)), uint64(i + 1), 0));
        }
        (id, key) = _publish(registry, alice, "records");
        proof = builder.prove(leaves, SumTree.RECORDS, leaves[3].key);
        tokenId = records.tokenIdOf(key, proof.key);
    }

    // ------------------------------------------------------------------------------------------------ mint

    function test_Mint_WhenTheContractIsNotAClone() external {
        vm.prank(alice);
        vm.expectRevert(Module.NotAClone.selector);
        implementation.mint(bob, id, 1, proof.key, 4, proof.bitmap, proof.siblings);
    }

    function test_Mint_WhenTheDatasetHasNoSuchVersion() external {
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IRecordToken.NumberUnknown.selector, id, uint32(2)));
        records.mint(bob, id, 2, proof.key, 4, proof.bitmap, proof.siblings);
        vm.expectRevert(abi.encodeWithSelector(IRecordToken.NumberUnknown.selector, bytes32("other"), uint32(1)));
        records.mint(bob, "other", 1, proof.key, 4, proof.bitmap, proof.siblings);
    }

    function test_Mint_WhenTheSenderDoesNotOwnTheDataset() external {
        vm.prank(alice);
        registry.setApprovalForAll(bob, true);
        address[3] memory others = [bob, dao, court];
        for (uint256 i; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IRecordToken.NotDatasetOwner.selector, id, others[i], alice));
            records.mint(others[i], id, 1, proof.key, 4, proof.bitmap, proof.siblings);
        }
        vm.startPrank(alice);
        registry.transferFrom(alice, bob, uint256(id));
        vm.expectRevert(abi.encodeWithSelector(IRecordToken.NotDatasetOwner.selector, id, alice, bob));
        records.mint(alice, id, 1, proof.key, 4, proof.bitmap, proof.siblings);
        vm.stopPrank();
        vm.prank(bob);
        records.mint(bob, id, 1, proof.key, 4, proof.bitmap, proof.siblings);
    }

    function test_Mint_WhenTheProofDoesNotHold() external {
        vm.startPrank(alice);
        vm.expectPartialRevert(SumTree.RootMismatch.selector);
        records.mint(bob, id, 1, leaves[2].key, 4, proof.bitmap, proof.siblings);
        vm.expectPartialRevert(SumTree.RootMismatch.selector);
        records.mint(bob, id, 1, proof.key, 5, proof.bitmap, proof.siblings);
        bytes memory bad = proof.siblings;
        for (uint256 i; i < bad.length; ++i) {
            bad[i] ^= 0x01;
            vm.expectRevert();
            records.mint(bob, id, 1, proof.key, 4, proof.bitmap, bad);
            bad[i] ^= 0x01;
        }
        for (uint256 bit; bit < 256; ++bit) {
            vm.expectRevert();
            records.mint(bob, id, 1, proof.key, 4, proof.bitmap ^ (1 << bit), bad);
        }
        // Of another dataset of the same owner.
        (bytes32 otherId,) = _registerBare();
        vm.startPrank(alice);
        vm.expectPartialRevert(SumTree.RootMismatch.selector);
        records.mint(bob, otherId, 1, proof.key, 4, proof.bitmap, proof.siblings);
        assertEq(records.balanceOf(bob), 0);
    }

    function test_Mint_GivenTheRecordOfThisVersionIsAToken() external {
        _mint(bob, 1);
        bytes memory reason = abi.encodeWithSelector(IRecordToken.RecordExists.selector, tokenId);
        vm.prank(alice);
        vm.expectRevert(reason);
        records.mint(alice, id, 1, proof.key, 4, proof.bitmap, proof.siblings);
        vm.prank(bob);
        records.transferFrom(bob, dao, tokenId);
        vm.prank(alice);
        vm.expectRevert(reason);
        records.mint(bob, id, 1, proof.key, 4, proof.bitmap, proof.siblings);
        assertEq(records.ownerOf(tokenId), dao);
    }

    function test_Mint_WhenTheReceiverIsTheZeroAddress() external {
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721InvalidReceiver.selector, address(0)));
        records.mint(address(0), id, 1, proof.key, 4, proof.bitmap, proof.siblings);
    }

    function testFuzz_Mint_WhenEverythingIsInOrder(address to, uint256 which) external {
        vm.assume(to != address(0));
        which = bound(which, 0, leaves.length - 1);
        TreeProof memory p = builder.prove(leaves, SumTree.RECORDS, leaves[which].key);
        uint256 expected = uint256(keccak256(abi.encode(keccak256("dgov.record.v1"), key, p.key)));
        vm.expectEmit(address(records));
        emit IERC721.Transfer(address(0), to, expected);
        vm.expectEmit(address(records));
        emit IRecordToken.RecordMinted(expected, key, p.key, id, uint64(which + 1));
        vm.prank(alice);
        assertEq(records.mint(to, id, 1, p.key, uint64(which + 1), p.bitmap, p.siblings), expected);
        assertEq(records.ownerOf(expected), to);
        (bytes32 versionKey, bytes32 recordKey) = records.recordOf(expected);
        assertEq(versionKey, key);
        assertEq(recordKey, p.key);
    }

    function test_Mint_ShouldNotCallTheReceiver() external {
        address receiver = address(new Untouchable());
        _mint(receiver, 1);
        assertEq(records.balanceOf(receiver), 1);
    }

    function test_Mint_ShouldMintTheSameRecordOfAnotherVersionAsAnotherToken() external {
        Version memory version = _version(id, 2);
        version.recordRoot = builder.rootOf(leaves, SumTree.RECORDS);
        vm.prank(alice);
        bytes32 key2 = registry.addVersion(key, version, META);
        _mint(bob, 1);
        _mint(bob, 2);
        assertEq(records.balanceOf(bob), 2);
        assertEq(records.ownerOf(records.tokenIdOf(key2, proof.key)), bob);
        // A recall takes nothing away.
        vm.prank(alice);
        registry.setStatus(id, 1, Status.Recalled, 0, 0);
        assertEq(records.ownerOf(tokenId), bob);
    }

    function test_Mint_ShouldBeInNobodysWay() external {
        DatasetRegistry other = _newRegistry(false);
        RecordToken others = _cloneOf(address(other), "others");
        _mint(bob, 1);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IRecordToken.NumberUnknown.selector, id, uint32(1)));
        others.mint(bob, id, 1, proof.key, 4, proof.bitmap, proof.siblings);
        (bytes32 otherId,) = _publish(other, alice, "records");
        vm.prank(alice);
        others.mint(bob, otherId, 1, proof.key, 4, proof.bitmap, proof.siblings);
        assertEq(others.balanceOf(bob), 1);
        assertEq(records.balanceOf(bob), 1);
    }

    // ------------------------------------------------------------------------------------------------ views

    function test_RecordOf_WhenTheTokenWasNeverMinted() external {
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, tokenId));
        records.recordOf(tokenId);
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, tokenId));
        records.tokenURI(tokenId);
    }

    function test_Views_ShouldNameTheCollectionAndWhatItIsWiredTo() external view {
        assertEq(records.name(), "dgov records");
        assertEq(records.symbol(), "DGR");
        assertEq(records.wiring(0), address(registry));
        assertEq(records.wiring(1), address(0));
        assertEq(records.authority(), address(manager));
        assertTrue(records.supportsInterface(type(IERC165).interfaceId));
        assertTrue(records.supportsInterface(type(IERC721).interfaceId));
        assertTrue(records.supportsInterface(type(IERC721Metadata).interfaceId));
        assertFalse(records.supportsInterface(0xffffffff));
    }

    function test_TokenUri_ShouldDescribeTheRecord() external {
        _mint(bob, 1);
        string memory prefix = "data:application/json;utf8,";
        bytes memory uri = bytes(records.tokenURI(tokenId));
        bytes memory json = new bytes(uri.length - bytes(prefix).length);
        for (uint256 i; i < uri.length; ++i) {
            if (i < bytes(prefix).length) assertEq(uri[i], bytes(prefix)[i]);
            else json[i - bytes(prefix).length] = uri[i];
        }
        assertEq(vm.parseJsonBytes32(string(json), ".version_key"), key);
        assertEq(vm.parseJsonBytes32(string(json), ".record_key"), proof.key);
        assertEq(vm.parseJsonUint(string(json), ".weight"), 4);
        assertEq(vm.parseJsonString(string(json), ".name"), string.concat("dgov record ", vm.toString(proof.key)));
    }

    // ------------------------------------------------------------------------------------------------ helpers

    function _mint(address to, uint32 number) private {
        vm.prank(alice);
        records.mint(to, id, number, proof.key, 4, proof.bitmap, proof.siblings);
    }

    /// @dev Registers the seven records as a dataset of the publisher.
    function _publish(DatasetRegistry target, address publisher, bytes32 salt)
        private
        returns (bytes32 datasetId, bytes32 versionKey)
    {
        datasetId = target.datasetIdOf(publisher, salt);
        Version memory version = _version(datasetId, 1);
        (version.recordRoot, version.records) = (builder.rootOf(leaves, SumTree.RECORDS), 28);
        vm.prank(publisher);
        versionKey = target.register(salt, version, META);
    }

    function _registerBare() private returns (bytes32 datasetId, bytes32 versionKey) {
        vm.stopPrank();
        return _register(registry, alice, "bare");
    }
}
