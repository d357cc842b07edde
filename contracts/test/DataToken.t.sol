// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {Test} from "forge-std/Test.sol";

import {DataToken} from "../src/DataToken.sol";
import {IDataToken} from "../src/interfaces/IDataToken.sol";
import {Allocation} from "../src/types/Types.sol";

contract DataTokenTest is Test {
    DataToken internal implementation;
    DataToken internal token;
    address internal treasury = makeAddr("treasury");
    address internal alice;
    uint256 internal aliceKey;
    address internal bob = makeAddr("bob");
    address internal carol = makeAddr("carol");

    bytes32 internal constant PERMIT =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");

    function setUp() public {
        vm.warp(1_760_000_000);
        (alice, aliceKey) = makeAddrAndKey("alice");
        implementation = new DataToken();
        Allocation[] memory allocations = new Allocation[](3);
        allocations[0] = Allocation(alice, 70);
        allocations[1] = Allocation(address(0), 20);
        allocations[2] = Allocation(alice, 10);
        token = clone(allocations);
    }

    function clone(Allocation[] memory allocations) internal returns (DataToken made) {
        made = DataToken(Clones.clone(address(implementation)));
        made.initialize("Raccoon Data", "RAC", allocations, treasury);
    }

    function send(address from, address to, uint256 amount) internal {
        vm.prank(from);
        assertTrue(token.transfer(to, amount));
    }

    function test_initialize_implementationIsLocked() public {
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        implementation.initialize("n", "s", new Allocation[](0), treasury);
    }

    function test_initialize_once() public {
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        token.initialize("n", "s", new Allocation[](0), treasury);
    }

    function test_initialize_withoutSupply() public {
        DataToken made = DataToken(Clones.clone(address(implementation)));
        Allocation[] memory allocations = new Allocation[](1);
        allocations[0] = Allocation(alice, 0);
        vm.expectRevert(IDataToken.SupplyMissing.selector);
        made.initialize("n", "s", allocations, treasury);
    }

    function test_initialize_allocates() public view {
        assertEq(token.name(), "Raccoon Data");
        assertEq(token.symbol(), "RAC");
        assertEq(token.decimals(), 18);
        assertEq(token.totalSupply(), 100);
        assertEq(token.balanceOf(alice), 80);
        assertEq(token.balanceOf(treasury), 20);
        assertEq(token.getVotes(alice), 80);
        assertEq(token.delegates(alice), alice);
    }

    /// @dev The selectors by which tokens are commonly minted and burned.
    function test_initialize_nothingMintsOrBurns() public {
        bytes[4] memory calls = [
            abi.encodeWithSignature("mint(address,uint256)", alice, 1),
            abi.encodeWithSignature("mint(uint256)", 1),
            abi.encodeWithSignature("burn(uint256)", 1),
            abi.encodeWithSignature("burnFrom(address,uint256)", alice, 1)
        ];
        for (uint256 i; i < calls.length; ++i) {
            vm.prank(alice);
            (bool done,) = address(token).call(calls[i]);
            assertFalse(done);
        }
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(0)));
        token.transfer(address(0), 1);
    }

    function test_receipt_firstDelegates() public {
        send(alice, bob, 30);
        assertEq(token.delegates(bob), bob);
        assertEq(token.getVotes(bob), 30);
        assertEq(token.getVotes(alice), 50);
    }

    function test_receipt_keepsAnotherDelegate() public {
        vm.prank(bob);
        token.delegate(carol);
        send(alice, bob, 30);
        assertEq(token.delegates(bob), carol);
        assertEq(token.getVotes(carol), 30);
        assertEq(token.getVotes(bob), 0);
    }

    function test_receipt_declinedStaysDeclined() public {
        send(alice, bob, 30);
        assertFalse(token.declinedVotes(bob));
        vm.prank(bob);
        token.delegate(address(0));
        assertTrue(token.declinedVotes(bob));
        send(alice, bob, 5);
        assertEq(token.delegates(bob), address(0));
        assertEq(token.getVotes(bob), 0);

        vm.prank(bob);
        token.delegate(bob);
        assertEq(token.getVotes(bob), 35);

        // Also before there was anything to receive.
        vm.prank(carol);
        token.delegate(address(0));
        send(alice, carol, 1);
        assertEq(token.getVotes(carol), 0);
    }

    function test_receipt_ofNothing() public {
        send(alice, bob, 0);
        assertEq(token.delegates(bob), address(0));
        assertFalse(token.declinedVotes(bob));
    }

    function test_past_countsTheEndOfTheSecond() public {
        uint256 start = block.timestamp;
        skip(10);
        send(alice, bob, 30);
        skip(10);
        send(bob, carol, 30);
        skip(1);
        assertEq(token.getPastVotes(bob, start + 9), 0);
        assertEq(token.getPastVotes(bob, start + 10), 30);
        assertEq(token.getPastVotes(bob, start + 20), 0);
        assertEq(token.getPastVotes(carol, start + 20), 30);
        assertEq(token.getPastTotalSupply(start), 100);
    }

    function test_past_borrowedAndReturnedIsNothing() public {
        skip(10);
        uint256 now_ = block.timestamp;
        send(alice, bob, 80);
        assertEq(token.getVotes(bob), 80);
        send(bob, alice, 80);
        skip(1);
        assertEq(token.getPastVotes(bob, now_), 0);
        assertEq(token.getPastVotes(alice, now_), 80);
    }

    function test_clock() public view {
        assertEq(token.clock(), 1_760_000_000);
        assertEq(token.CLOCK_MODE(), "mode=timestamp");
    }

    function domainOf(address verifying) internal view returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("dgov"),
                keccak256("1"),
                block.chainid,
                verifying
            )
        );
    }

    function signPermit(uint256 key, address verifying, uint256 value)
        internal
        view
        returns (uint8 v, bytes32 r, bytes32 s)
    {
        bytes32 data = keccak256(abi.encode(PERMIT, alice, bob, value, token.nonces(alice), block.timestamp));
        return vm.sign(key, keccak256(abi.encodePacked("\x19\x01", domainOf(verifying), data)));
    }

    function test_permit() public {
        assertEq(token.DOMAIN_SEPARATOR(), domainOf(address(token)));
        (uint8 v, bytes32 r, bytes32 s) = signPermit(aliceKey, address(token), 40);
        token.permit(alice, bob, 40, block.timestamp, v, r, s);
        assertEq(token.allowance(alice, bob), 40);
        assertEq(token.nonces(alice), 1);
        vm.expectPartialRevert(bytes4(keccak256("ERC2612InvalidSigner(address,address)")));
        token.permit(alice, bob, 40, block.timestamp, v, r, s);
    }

    function test_permit_foreignSignatures() public {
        (, uint256 otherKey) = makeAddrAndKey("other");
        (uint8 v, bytes32 r, bytes32 s) = signPermit(otherKey, address(token), 40);
        vm.expectPartialRevert(bytes4(keccak256("ERC2612InvalidSigner(address,address)")));
        token.permit(alice, bob, 40, block.timestamp, v, r, s);

        (v, r, s) = signPermit(aliceKey, address(implementation), 40);
        vm.expectPartialRevert(bytes4(keccak256("ERC2612InvalidSigner(address,address)")));
        token.permit(alice, bob, 40, block.timestamp, v, r, s);
        assertEq(token.allowance(alice, bob), 0);
    }

    function testFuzz_receipt_delegatesOnce(address to, uint256 amount) public {
        vm.assume(to != address(0) && to != alice && to != treasury);
        amount = bound(amount, 1, 80);
        send(alice, to, amount);
        assertEq(token.delegates(to), to);
        assertEq(token.getVotes(to), amount);
        assertEq(token.getVotes(alice), 80 - amount);
    }
}
