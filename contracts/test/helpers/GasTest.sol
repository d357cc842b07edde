// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";

/// @notice Measures whole transactions. Needs `forge test --isolate`, which gives every call from a test a transaction of its
/// own; the figures of an ordinary run would be others, so such a run skips these tests and writes nothing.
abstract contract GasTest is Test {
    uint256 private constant BASE = 21_000;

    /// @dev Costs of a transaction's start and calldata that the measurement must contain.
    error NotAWholeTransaction(uint256 gasUsed, uint256 floor);
    error TransactionReverted(bytes reason);

    modifier isolated() {
        (bool success,) = address(0xdead).call("");
        assertTrue(success);
        if (vm.lastCallGas().gasTotalUsed < BASE) {
            vm.skip(true, "whole transactions need --isolate");
        }
        _;
    }

    /// @dev Sends a transaction, files its gas and holds it against the budget. A plain call, not a static one: only plain
    /// calls are transactions.
    function _measure(
        string memory group,
        string memory name,
        uint256 budget,
        address sender,
        address target,
        bytes memory data
    ) internal returns (uint256 gasUsed) {
        return _measurePaid(group, name, budget, sender, target, 0, data);
    }

    /// @dev The same with native coin, which is given to the sender.
    function _measurePaid(
        string memory group,
        string memory name,
        uint256 budget,
        address sender,
        address target,
        uint256 value,
        bytes memory data
    ) internal returns (uint256 gasUsed) {
        vm.deal(sender, sender.balance + value);
        vm.prank(sender);
        (bool success, bytes memory reason) = target.call{value: value}(data);
        if (!success) revert TransactionReverted(reason);
        gasUsed = vm.snapshotGasLastCall(group, name);
        uint256 floor = BASE + _floor(data);
        if (gasUsed < floor) revert NotAWholeTransaction(gasUsed, floor);
        assertLe(gasUsed, budget, name);
    }

    /// @dev EIP-7623: 10 gas for a zero byte of calldata, 40 for any other, whatever the execution costs.
    function _floor(bytes memory data) private pure returns (uint256 gas_) {
        for (uint256 i; i < data.length; ++i) {
            gas_ += data[i] == 0 ? 10 : 40;
        }
    }
}
