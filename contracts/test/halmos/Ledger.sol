// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {UsageLedger} from "../../src/UsageLedger.sol";
import {IProofVerifier} from "../../src/interfaces/IProofVerifier.sol";
import {JobPayee, JobRequest, UsageLine} from "../../src/types/Modules.sol";
import {Version} from "../../src/types/Types.sol";
import {LedgerFixture} from "../support/LedgerFixture.sol";
import {MoneyFixture} from "../support/MoneyFixture.sol";

contract YesVerifier is IProofVerifier {
    function verifyUsage(bytes32, uint256, bytes32, bytes32, bytes calldata) external pure returns (bytes4) {
        return IProofVerifier.verifyUsage.selector;
    }
}

/// @notice What a job pays. Run by scripts/test-deep; Foundry runs no `check_`.
contract LedgerProof is LedgerFixture {
    /// @dev To Halmos the fixture's payer could be anybody, the ledger too.
    address internal constant BUYER = address(0xb0b);

    YesVerifier internal verifier;

    function setUp() public override {
        // Without the signers of the fixture, whom Halmos can't make.
        MoneyFixture.setUp();
        ledger = _newLedger(address(new UsageLedger()), WINDOW);
        for (uint256 i; i < 3; ++i) {
            string memory slug = i == 0 ? "a" : i == 1 ? "b" : "c";
            versions.push(_register(slug, keccak256(abi.encode("root", i)), keccak256(abi.encode("splits", i))));
            versionKeys.push(this._hashOf(versions[i]));
        }
        vm.deal(BUYER, 1e30);
        verifier = new YesVerifier();
    }

    /// @dev For amounts and caps below 2^32 and weights of one to three, two payees and a line of another: payments and the
    /// payer's credit are exactly the escrow, and no payee gets more than the cap.
    function check_AJobPaysItsEscrow(uint8 chosen, uint32 amount, uint32 capA, uint32 capB) external {
        vm.assume(amount != 0);
        // A solver can divide by numbers that it knows.
        for (uint256 i; i < 9; ++i) {
            if (chosen == i) _prove(amount, capA, capB, uint64(1 + i % 3), uint64(1 + i / 3), 2);
        }
    }

    function _prove(uint128 amount, uint128 capA, uint128 capB, uint64 a, uint64 b, uint64 c) internal {
        // To Halmos addresses are unknown, and so is the order of keys: it takes the one in which they were made.
        vm.assume(versionKeys[0] < versionKeys[1] && versionKeys[1] < versionKeys[2]);
        _openAnother();
        JobRequest memory request = _requestOf(2, amount, capA, capB);
        vm.prank(BUYER);
        bytes32 jobId = ledger.openJob{value: amount}(request);
        UsageLine[] memory lines = new UsageLine[](3);
        (lines[0], lines[1], lines[2]) =
        (UsageLine(versionKeys[0], a), UsageLine(versionKeys[1], b), UsageLine(versionKeys[2], c));
        ledger.reportByProof(jobId, lines, RECEIPT, "");
        vm.warp(block.timestamp + WINDOW);
        Version[] memory used = new Version[](2);
        (used[0], used[1]) = (versions[0], versions[1]);
        ledger.settle(jobId, 0, lines, request.payees, used);

        uint256 toA = _income(0, NATIVE);
        uint256 toB = _income(1, NATIVE);
        assert(toA <= capA && toB <= capB);
        assert(toA + toB + ledger.creditOf(BUYER, NATIVE) == amount);
        assert(address(ledger).balance == 1e20 + ledger.creditOf(BUYER, NATIVE));
    }

    /// @dev Another job's escrow, within reach of a formula that is wrong.
    function _openAnother() internal {
        JobRequest memory request = _requestOf(1, 1e20, 0, 0);
        vm.prank(BUYER);
        ledger.openJob{value: 1e20}(request);
    }

    function _requestOf(uint256 nonce, uint128 amount, uint128 capA, uint128 capB)
        internal
        view
        returns (JobRequest memory request)
    {
        request.nonce = nonce;
        request.amount = amount;
        request.deadline = uint40(block.timestamp) + TERM;
        request.verifier = address(verifier);
        request.payees = new JobPayee[](2);
        (request.payees[0], request.payees[1]) = (JobPayee(versionKeys[0], capA), JobPayee(versionKeys[1], capB));
    }
}
