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
        _order(0, 1);
        _order(1, 2);
        _order(0, 1);
        vm.deal(PAYER, 1e30);
        verifier = new YesVerifier();
        // Another job's escrow, within reach of a formula that is wrong.
        JobRequest memory request = _requestOf(1, 1e20, 0, 0);
        vm.prank(PAYER);
        ledger.openJob{value: 1e20}(request);
    }

    /// @dev For amounts and caps below 2^10 and weights below 2^5, two payees and a line of another: payments and the payer's
    /// credit are exactly the escrow, and no payee gets more than the cap.
    function check_AJobPaysItsEscrow(uint16 amount, uint16 capA, uint16 capB, uint8 a, uint8 b, uint8 c) external {
        vm.assume(amount != 0 && (amount | capA | capB) < 1024);
        vm.assume(a != 0 && b != 0 && c != 0 && (a | b | c) < 32);
        JobRequest memory request = _requestOf(2, amount, capA, capB);
        vm.prank(PAYER);
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
        assert(toA + toB + ledger.creditOf(PAYER, NATIVE) == amount);
        assert(address(ledger).balance == 1e20 + ledger.creditOf(PAYER, NATIVE));
    }

    function _order(uint256 low, uint256 high) internal {
        if (versionKeys[low] < versionKeys[high]) return;
        (versionKeys[low], versionKeys[high]) = (versionKeys[high], versionKeys[low]);
        Version memory version = versions[low];
        versions[low] = versions[high];
        versions[high] = version;
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
