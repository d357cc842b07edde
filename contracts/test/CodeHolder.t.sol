// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";
import {CodeHolder} from "../src/lib/CodeHolder.sol";
import {Holders} from "./support/Holders.sol";

/// @dev Keeps all it was made with in its code.
contract Kept {
    uint256 public immutable number;
    bytes32 public immutable digest;

    constructor(uint256 number_, bytes memory data) {
        number = number_;
        digest = keccak256(data);
    }
}

/// @dev Fails as its argument says: 1 with a reason, 2 without, 3 by invalid code; otherwise it is made without code.
contract Failing {
    error Refused(uint256 way);

    constructor(uint256 way) {
        if (way == 1) revert Refused(way);
        assembly ("memory-safe") {
            if eq(way, 2) { revert(0, 0) }
            if eq(way, 3) { invalid() }
            return(0, 0)
        }
    }
}

/// @dev The library as a contract, so that reverts can be seen.
contract Creator {
    function check(address holder) external view {
        CodeHolder.check(holder);
    }

    /// @dev Also fails if what is allocated next would not begin at a whole word.
    function create(address holder, bytes memory args, bytes32 salt) external returns (address created) {
        created = CodeHolder.create(holder, args, salt);
        uint256 free;
        assembly ("memory-safe") {
            free := mload(0x40)
        }
        require(free % 32 == 0, "memory");
    }

    /// @dev Also fails if memory that was allocated before or after is touched.
    function predict(address holder, bytes memory args, bytes32 salt) external view returns (address predicted) {
        bytes32 before = keccak256(args);
        predicted = CodeHolder.predict(holder, args, salt);
        bytes memory later = new bytes(64);
        require(keccak256(args) == before && keccak256(later) == keccak256(new bytes(64)), "memory");
        require(CodeHolder.predict(holder, args, salt) == predicted, "not the same twice");
    }
}

contract CodeHolderTest is Test {
    Creator private creator;
    address private holder;

    function setUp() external {
        creator = new Creator();
        holder = Holders.hold(type(Kept).creationCode);
    }

    // -------------------------------------------------------------------------------------------------------- check

    function test_check_accepts() external {
        creator.check(holder);
        creator.check(Holders.withCode(hex"0001"));
        creator.check(Holders.withCode(hex"0000"));
    }

    function test_check_tooShort() external {
        _refuses(makeAddr("nobody"));
        _refuses(Holders.withCode(hex"00"));
    }

    function testFuzz_check_firstByte(bytes1 first) external {
        address other = makeAddr("other");
        // By etching: no code that starts with 0xef can be created.
        vm.etch(other, bytes.concat(first, type(Kept).creationCode));
        if (first == 0) creator.check(other);
        else _refuses(other);
    }

    function test_check_delegatedAccount() external {
        address delegated = makeAddr("delegated");
        vm.etch(delegated, abi.encodePacked(hex"ef0100", holder));
        _refuses(delegated);
    }

    function _refuses(address account) private {
        vm.expectRevert(abi.encodeWithSelector(CodeHolder.CodeHolderInvalid.selector, account));
        creator.check(account);
    }

    // ------------------------------------------------------------------------------------------------------- create

    /// @dev Arguments of every length, so that they end at any place in a word.
    function testFuzz_create(uint256 number, bytes memory data, bytes32 salt) external {
        bytes memory args = abi.encode(number, data);
        address predicted = creator.predict(holder, args, salt);
        assertEq(predicted.code.length, 0);
        assertEq(creator.create(holder, args, salt), predicted);
        assertEq(Kept(predicted).number(), number);
        assertEq(Kept(predicted).digest(), keccak256(data));
        // The code is what the compiler makes of the same arguments.
        assertEq(predicted.codehash, address(new Kept(number, data)).codehash);
    }

    function test_create_elsewhere() external {
        bytes memory args = abi.encode(uint256(1), "data");
        address made = creator.create(holder, args, "salt");
        assertNotEq(creator.create(holder, args, "other"), made);
        assertNotEq(creator.create(holder, abi.encode(uint256(2), "data"), "salt"), made);
        assertNotEq(new Creator().create(holder, args, "salt"), made);
    }

    function test_create_bubblesTheReason() external {
        address failing = Holders.hold(type(Failing).creationCode);
        vm.expectRevert(abi.encodeWithSelector(Failing.Refused.selector, 1));
        creator.create(failing, abi.encode(1), "salt");
    }

    function test_create_withoutReasonOrCode() external {
        address failing = Holders.hold(type(Failing).creationCode);
        for (uint256 way = 2; way < 5; ++way) {
            bytes memory args = abi.encode(way);
            _fails(failing, args, creator.predict(failing, args, "salt"));
        }
    }

    function test_create_taken() external {
        bytes memory args = abi.encode(uint256(1), "data");
        address made = creator.create(holder, args, "salt");
        _fails(holder, args, made);
    }

    /// @dev Holds STOP: creating from it succeeds for the EVM, and makes nothing.
    function test_create_fromNothing() external {
        address empty = Holders.withCode(hex"0000");
        _fails(empty, "", creator.predict(empty, "", "salt"));
    }

    function _fails(address from, bytes memory args, address expected) private {
        vm.expectRevert(abi.encodeWithSelector(CodeHolder.CreationFailed.selector, from, expected));
        creator.create(from, args, "salt");
    }

    // ------------------------------------------------------------------------------------------------------ predict

    function testFuzz_predict(bytes memory args, bytes32 salt) external view {
        bytes32 codeHash = keccak256(bytes.concat(type(Kept).creationCode, args));
        assertEq(creator.predict(holder, args, salt), vm.computeCreate2Address(salt, codeHash, address(creator)));
    }
}
