// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IDatasetRegistry} from "../src/interfaces/IDatasetRegistry.sol";
import {Access} from "../src/lib/Managed.sol";
import {Status, Version} from "../src/types/Types.sol";
import {RegistryFixture} from "./helpers/RegistryFixture.sol";

contract DatasetRegistryTaintTest is RegistryFixture {
    address private stranger = makeAddr("stranger");
    bytes32 private id;
    bytes32 private key;

    function setUp() public override {
        super.setUp();
        (id, key) = _register(registry, alice, SALT);
    }

    // ------------------------------------------------------------------------------------------------ ruleStatus

    function testFuzz_RuleStatus_WhenTheSenderIsNotTheCourt(uint8 to) external {
        Status status = Status(bound(to, 0, 3));
        address[3] memory others = [alice, dao, stranger];
        for (uint256 i; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(Access.Unauthorized.selector, others[i]));
            registry.ruleStatus(id, 1, status, 0);
        }
    }

    function test_RuleStatus_WhenTheVersionIsUnknown() external {
        vm.prank(court);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.NumberUnknown.selector, id, uint32(2)));
        registry.ruleStatus(id, 2, Status.Disputed, 0);
    }

    function test_RuleStatus_GivenTheVersionIsNotDisputed() external {
        for (uint8 from; from < 3; ++from) {
            _set(alice, Status(from));
            for (uint8 to; to < 3; ++to) {
                vm.prank(court);
                vm.expectRevert(
                    abi.encodeWithSelector(IDatasetRegistry.StatusChangeInvalid.selector, key, Status(from), Status(to))
                );
                registry.ruleStatus(id, 1, Status(to), 0);
            }
            vm.expectEmit(address(registry));
            emit IDatasetRegistry.StatusChanged(id, key, Status.Disputed, 0, "evidence");
            vm.prank(court);
            registry.ruleStatus(id, 1, Status.Disputed, "evidence");
            _assert(Status.Disputed, false, Status(from));
            vm.prank(court);
            vm.expectRevert(
                abi.encodeWithSelector(
                    IDatasetRegistry.StatusChangeInvalid.selector, key, Status.Disputed, Status.Disputed
                )
            );
            registry.ruleStatus(id, 1, Status.Disputed, 0);
            _rule(Status.Active);
        }
    }

    function test_RuleStatus_GivenDisputed_WhenTheStatusIsRecalled() external {
        vm.prank(dao);
        registry.approveCard(key, true);
        for (uint8 from; from < 3; ++from) {
            _set(alice, Status(from));
            _rule(Status.Disputed);
            vm.expectEmit(address(registry));
            emit IDatasetRegistry.StatusChanged(id, key, Status.Recalled, 0, "evidence");
            vm.prank(court);
            registry.ruleStatus(id, 1, Status.Recalled, "evidence");
            _assert(Status.Recalled, true, Status.Active);
            for (uint8 to; to < 3; ++to) {
                vm.prank(alice);
                vm.expectRevert(abi.encodeWithSelector(Access.Unauthorized.selector, alice));
                registry.setStatus(id, 1, Status(to), 0, 0);
            }
            _set(dao, Status.Active);
        }
        (, bool approved) = registry.statusOf(key);
        assertTrue(approved);

        // A sale of the token does not wash the ruling off, and later versions are the owner's.
        _rule(Status.Disputed);
        _rule(Status.Recalled);
        vm.prank(alice);
        registry.transferFrom(alice, bob, uint256(id));
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(Access.Unauthorized.selector, bob));
        registry.setStatus(id, 1, Status.Active, 0, 0);
        _append(registry, bob, id, 2);
        vm.prank(bob);
        registry.setStatus(id, 2, Status.Deprecated, 0, 0);
    }

    function test_RuleStatus_GivenDisputed_WhenTheStatusIsActiveOrTheOneBefore() external {
        for (uint8 from; from < 3; ++from) {
            _set(alice, Status(from));
            _rule(Status.Disputed);
            vm.expectEmit(address(registry));
            emit IDatasetRegistry.StatusChanged(id, key, Status(from), 0, 0);
            _rule(Status.Active);
            _assert(Status(from), false, Status.Active);
            if (Status(from) == Status.Deprecated) {
                _rule(Status.Disputed);
                _rule(Status.Deprecated);
                _assert(Status.Deprecated, false, Status.Active);
            }
            _set(alice, Status.Active);
            assertEq(registry.requireSaleable(id, 1), key);
        }
    }

    function test_RuleStatus_GivenDisputed_WhenTheStatusIsAnotherOne() external {
        _rule(Status.Disputed);
        vm.prank(court);
        vm.expectRevert(
            abi.encodeWithSelector(
                IDatasetRegistry.StatusChangeInvalid.selector, key, Status.Disputed, Status.Deprecated
            )
        );
        registry.ruleStatus(id, 1, Status.Deprecated, 0);
    }

    function test_RuleStatus_GivenTheVersionWasRecalledByARuling() external {
        _rule(Status.Disputed);
        _rule(Status.Recalled);
        vm.prank(court);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.RulingStands.selector, key));
        registry.ruleStatus(id, 1, Status.Disputed, 0);
    }

    function test_RuleStatus_GivenTheDaoEndedTheDisputeItself() external {
        _rule(Status.Disputed);
        _set(dao, Status.Active);
        _assert(Status.Active, false, Status.Active);
        for (uint8 to; to < 3; ++to) {
            vm.prank(court);
            vm.expectRevert(
                abi.encodeWithSelector(IDatasetRegistry.StatusChangeInvalid.selector, key, Status.Active, Status(to))
            );
            registry.ruleStatus(id, 1, Status(to), 0);
        }
    }

    // ------------------------------------------------------------------------------------------------ setStatus

    function test_SetStatus_GivenTheVersionWasRecalledByARuling() external {
        for (uint8 to; to < 2; ++to) {
            _rule(Status.Disputed);
            _rule(Status.Recalled);
            // Recalled once more, with a successor, or disputed and recalled: still a ruling.
            _set(dao, Status.Recalled);
            _assert(Status.Recalled, true, Status.Active);
            _set(dao, Status.Disputed);
            _assert(Status.Disputed, true, Status.Recalled);
            _set(dao, Status.Disputed);
            _assert(Status.Disputed, true, Status.Recalled);
            vm.prank(alice);
            vm.expectRevert(abi.encodeWithSelector(Access.Unauthorized.selector, alice));
            registry.setStatus(id, 1, Status.Active, 0, 0);
            _rule(Status.Active);
            _assert(Status.Recalled, true, Status.Active);
            // Overturned: the owner's again.
            _set(dao, Status(to));
            _assert(Status(to), false, Status.Active);
            _set(alice, Status.Recalled);
            _set(alice, Status.Active);
        }
    }

    function test_SetStatus_WhenTheDaoRecallsADisputedVersion() external {
        _set(dao, Status.Disputed);
        _assert(Status.Disputed, false, Status.Active);
        _set(dao, Status.Recalled);
        _assert(Status.Recalled, true, Status.Active);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(Access.Unauthorized.selector, alice));
        registry.setStatus(id, 1, Status.Active, 0, 0);
    }

    // ------------------------------------------------------------------------------------------------ markTainted

    function test_MarkTainted_WhenTheChildIsUnknownOrIsNotWhatWasRegistered() external {
        (Version memory child, bytes32[] memory parents) = _child(1, 3);
        _set(alice, Status.Recalled);
        for (uint256 field; field < 10; ++field) {
            bytes memory words = abi.encode(child);
            words[32 * field + 31] ^= 0x01;
            Version memory bad = abi.decode(words, (Version));
            vm.expectPartialRevert(IDatasetRegistry.VersionUnknown.selector);
            registry.markTainted(bad, parents, key);
        }
        registry.markTainted(child, parents, key);
    }

    function testFuzz_MarkTainted_WhenTheParentsAreNotThoseOfTheChild(uint8 count, uint256 place, bytes32 other)
        external
    {
        count = uint8(bound(count, 2, 16));
        place = bound(place, 0, count - 1);
        (Version memory child, bytes32[] memory parents) = _child(1, count);
        _set(alice, Status.Recalled);
        bytes32 good = parents[place];
        vm.assume(good != other);
        parents[place] = other;
        (bool success, bytes memory reason) =
            address(registry).call(abi.encodeCall(registry.markTainted, (child, parents, key)));
        assertFalse(success);
        assertTrue(
            bytes4(reason) == IDatasetRegistry.ParentsMismatch.selector
                || bytes4(reason) == IDatasetRegistry.ParentsInvalid.selector
        );
        parents[place] = good;
        bytes32[] memory cut = new bytes32[](count - 1);
        for (uint256 i; i < cut.length; ++i) {
            cut[i] = parents[i];
        }
        vm.expectRevert(
            abi.encodeWithSelector(
                IDatasetRegistry.ParentsMismatch.selector, child.parentsHash, keccak256(abi.encodePacked(cut))
            )
        );
        registry.markTainted(child, cut, key);
        registry.markTainted(child, parents, key);
    }

    /// @notice Lists that a version may commit to, but that are none of parents.
    function test_MarkTainted_WhenTheParentsAreNotStrictlyAscendingOrMoreThan16() external {
        _set(alice, Status.Recalled);
        bytes32[] memory parents = new bytes32[](2);
        (parents[0], parents[1]) = (key, key);
        _refused(parents, abi.encodeWithSelector(IDatasetRegistry.ParentsInvalid.selector, 1));
        (parents[0], parents[1]) = (bytes32(uint256(key) + 1), key);
        _refused(parents, abi.encodeWithSelector(IDatasetRegistry.ParentsInvalid.selector, 1));
        parents = new bytes32[](17);
        for (uint256 i; i < 17; ++i) {
            parents[i] = bytes32(uint256(key) + i);
        }
        _refused(parents, abi.encodeWithSelector(IDatasetRegistry.ParentsInvalid.selector, 16));
        _refused(new bytes32[](0), abi.encodeWithSelector(IDatasetRegistry.ParentMissing.selector, key));
    }

    function test_MarkTainted_WhenTheKeyIsNotAmongTheParents() external {
        (Version memory child, bytes32[] memory parents) = _child(1, 3);
        (bytes32 otherId, bytes32 otherKey) = _register(registry, alice, "recalled");
        vm.prank(alice);
        registry.setStatus(otherId, 1, Status.Recalled, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.ParentMissing.selector, otherKey));
        registry.markTainted(child, parents, otherKey);
    }

    function test_MarkTainted_WhenTheParentIsNeitherRecalledNorTainted() external {
        (Version memory child, bytes32[] memory parents) = _child(1, 3);
        for (uint256 i; i < 3; ++i) {
            // Two of them are not even registered here.
            vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.ParentClean.selector, parents[i]));
            registry.markTainted(child, parents, parents[i]);
        }
        _set(alice, Status.Deprecated);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.ParentClean.selector, key));
        registry.markTainted(child, parents, key);
        _rule(Status.Disputed);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.ParentClean.selector, key));
        registry.markTainted(child, parents, key);
        _rule(Status.Recalled);
        registry.markTainted(child, parents, key);
    }

    function test_MarkTainted_GivenTheChildIsTaintedAlready() external {
        (bytes32 id2, bytes32 key2) = _register(registry, bob, SALT);
        bytes32[] memory parents = new bytes32[](2);
        (parents[0], parents[1]) = key < key2 ? (key, key2) : (key2, key);
        Version memory child = _publish(1, keccak256(abi.encodePacked(parents)));
        bytes32 childKey = registry.keyAt(child.datasetId, 1);
        _set(alice, Status.Recalled);
        vm.prank(bob);
        registry.setStatus(id2, 1, Status.Recalled, 0, 0);

        registry.markTainted(child, parents, key);
        for (uint256 i; i < 2; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.Tainted.selector, childKey, key));
            registry.markTainted(child, parents, parents[i]);
        }
        // The cause is gone, and the other one takes its place without a gap.
        _set(alice, Status.Active);
        registry.markTainted(child, parents, key2);
        assertEq(registry.taintOf(childKey), key2);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.Tainted.selector, childKey, key2));
        registry.clearTaint(childKey);
    }

    function testFuzz_MarkTainted_WhenEverythingIsInOrder(address sender, uint8 count) external {
        (Version memory child, bytes32[] memory parents) = _child(1, bound(count, 1, 16));
        bytes32 childKey = registry.keyAt(child.datasetId, 1);
        vm.prank(dao);
        registry.approveCard(childKey, true);
        assertEq(registry.requireSaleable(child.datasetId, 1), childKey);
        _set(alice, Status.Recalled);
        // A recall alone does not reach it: nobody has shown that it is a child.
        assertEq(registry.requireSaleable(child.datasetId, 1), childKey);

        vm.expectEmit(address(registry));
        emit IDatasetRegistry.TaintChanged(childKey, key);
        vm.prank(sender);
        registry.markTainted(child, parents, key);
        assertEq(registry.taintOf(childKey), key);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.Tainted.selector, childKey, key));
        registry.requireSaleable(child.datasetId, 1);
        (Status status, bool approved) = registry.statusOf(childKey);
        assertEq(uint8(status), uint8(Status.Active));
        assertTrue(approved);

        // Nor do a change of status or a new approval free it.
        vm.startPrank(bob);
        registry.setStatus(child.datasetId, 1, Status.Deprecated, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.NotActive.selector, childKey, Status.Deprecated));
        registry.requireSaleable(child.datasetId, 1);
        registry.setStatus(child.datasetId, 1, Status.Active, 0, 0);
        vm.stopPrank();
        vm.prank(dao);
        registry.approveCard(childKey, true);
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.Tainted.selector, childKey, key));
        registry.requireSaleable(child.datasetId, 1);
    }

    function test_MarkTainted_ShouldReachChildrensChildren() external {
        bytes32[] memory parents = new bytes32[](1);
        Version[3] memory line;
        bytes32[4] memory keys;
        keys[0] = key;
        for (uint256 i; i < 3; ++i) {
            line[i] = _publish(i, keccak256(abi.encodePacked(keys[i])));
            keys[i + 1] = registry.keyAt(line[i].datasetId, 1);
        }
        _set(alice, Status.Recalled);
        for (uint256 i; i < 3; ++i) {
            parents[0] = keys[i];
            registry.markTainted(line[i], parents, keys[i]);
        }
        // Back to front nothing clears; front to back all does.
        _set(alice, Status.Active);
        for (uint256 i = 3; i > 1; --i) {
            vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.Tainted.selector, keys[i], keys[i - 1]));
            registry.clearTaint(keys[i]);
        }
        for (uint256 i = 1; i < 4; ++i) {
            registry.clearTaint(keys[i]);
            assertEq(registry.requireSaleable(line[i - 1].datasetId, 1), keys[i]);
        }
    }

    // ------------------------------------------------------------------------------------------------ clearTaint

    function test_ClearTaint_WhenTheVersionIsNotTainted() external {
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.NotTainted.selector, key));
        registry.clearTaint(key);
    }

    function test_ClearTaint_WhenTheCauseIsRecalledAlsoWhileItIsDisputed() external {
        (Version memory child, bytes32[] memory parents) = _child(1, 1);
        bytes32 childKey = registry.keyAt(child.datasetId, 1);
        bytes memory stands = abi.encodeWithSelector(IDatasetRegistry.Tainted.selector, childKey, key);
        _set(alice, Status.Recalled);
        registry.markTainted(child, parents, key);
        vm.expectRevert(stands);
        registry.clearTaint(childKey);
        // A friend's case on the recalled parent.
        _rule(Status.Disputed);
        vm.expectRevert(stands);
        registry.clearTaint(childKey);
        _rule(Status.Recalled);
        vm.expectRevert(stands);
        registry.clearTaint(childKey);
        // The DAO disputes its own ruling.
        _set(dao, Status.Disputed);
        vm.expectRevert(stands);
        registry.clearTaint(childKey);
    }

    function testFuzz_ClearTaint_WhenTheCauseIsGone(address sender, uint8 to) external {
        (Version memory child, bytes32[] memory parents) = _child(1, 5);
        bytes32 childKey = registry.keyAt(child.datasetId, 1);
        _set(alice, Status.Recalled);
        registry.markTainted(child, parents, key);
        _set(alice, Status(bound(to, 0, 1)));
        // Until somebody clears it, it stays.
        vm.expectRevert(abi.encodeWithSelector(IDatasetRegistry.Tainted.selector, childKey, key));
        registry.requireSaleable(child.datasetId, 1);
        vm.expectEmit(address(registry));
        emit IDatasetRegistry.TaintChanged(childKey, 0);
        vm.prank(sender);
        registry.clearTaint(childKey);
        assertEq(registry.taintOf(childKey), 0);
        assertEq(registry.requireSaleable(child.datasetId, 1), childKey);
        _set(alice, Status.Recalled);
        registry.markTainted(child, parents, key);
    }

    // ------------------------------------------------------------------------------------------------ helpers

    function _set(address sender, Status status) private {
        vm.prank(sender);
        registry.setStatus(id, 1, status, 0, 0);
    }

    function _rule(Status status) private {
        vm.prank(court);
        registry.ruleStatus(id, 1, status, 0);
    }

    function _assert(Status expected, bool expectedRuled, Status expectedBefore) private view {
        (Status status,) = registry.statusOf(key);
        (bool ruled, Status before) = registry.rulingOf(key);
        assertEq(uint8(status), uint8(expected), "status");
        assertEq(ruled, expectedRuled, "ruled");
        assertEq(uint8(before), uint8(expectedBefore), "before");
    }

    /// @dev A version of Bob's with this hash of its parents.
    function _publish(uint256 n, bytes32 parentsHash) private returns (Version memory version) {
        bytes32 salt = keccak256(abi.encode("child", n));
        version = _version(registry.datasetIdOf(bob, salt), 1);
        version.parentsHash = parentsHash;
        vm.prank(bob);
        registry.register(salt, version, META);
    }

    /// @dev A version of Bob's with `count` parents, one of which is Alice's.
    function _child(uint256 n, uint256 count) private returns (Version memory child, bytes32[] memory parents) {
        parents = new bytes32[](count);
        uint256 place = uint256(keccak256(abi.encode(n, count))) % count;
        for (uint256 i; i < count; ++i) {
            parents[i] = bytes32(uint256(key) - place + i);
        }
        child = _publish(n, keccak256(abi.encodePacked(parents)));
    }

    function _refused(bytes32[] memory parents, bytes memory reason) private {
        Version memory child = _publish(
            parents.length + uint256(parents.length == 2 ? parents[0] : bytes32(0)) % 1e9,
            keccak256(abi.encodePacked(parents))
        );
        vm.expectRevert(reason);
        registry.markTainted(child, parents, key);
    }
}
