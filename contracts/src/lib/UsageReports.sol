// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IProofVerifier} from "../interfaces/IProofVerifier.sol";
import {IUsageLedger} from "../interfaces/IUsageLedger.sol";
import {UsageLine, UsageReport} from "../types/Modules.sol";
import {Eip712} from "./Eip712.sol";

/// @title What makes a usage report one: its lines, and who stands for them. Reverts, or all is well.
library UsageReports {
    /// @dev Most lines of a report, and most payees of a job: settling all of them stays far below what a transaction holds.
    uint256 internal constant MAX_LINES = 64;

    /// @notice Lines are strictly ascending, of weights of at least 1: one list has one form, and no sum is zero.
    /// @return linesHash keccak256(abi.encode(lines)).
    function checkLines(UsageLine[] calldata lines) internal pure returns (bytes32 linesHash) {
        if (lines.length > MAX_LINES) revert IUsageLedger.LinesInvalid(MAX_LINES);
        bytes32 previous;
        for (uint256 i; i < lines.length; ++i) {
            bytes32 versionKey = lines[i].versionKey;
            if (lines[i].weight == 0 || (i != 0 && versionKey <= previous)) revert IUsageLedger.LinesInvalid(i);
            previous = versionKey;
        }
        return keccak256(abi.encode(lines));
    }

    /// @notice m of the signers whose set the report names signed it, each once.
    /// @dev The set is the payer's word and seen here for the first time: one that names an account twice, or asks for nobody,
    /// is none.
    function checkSignatures(
        UsageReport calldata report,
        uint256 threshold,
        address[] calldata signers,
        bytes calldata positions,
        bytes[] calldata signatures
    ) internal view {
        bytes32 signerSetId = keccak256(abi.encode(threshold, signers));
        if (signerSetId != report.signerSetId) revert IUsageLedger.SignerSetMismatch(report.signerSetId, signerSetId);
        if (threshold == 0) revert IUsageLedger.SignersInsufficient(1, 0);
        if (positions.length < threshold) revert IUsageLedger.SignersInsufficient(threshold, positions.length);
        if (signatures.length != positions.length) {
            revert IUsageLedger.SignersInsufficient(positions.length, signatures.length);
        }
        _checkSet(signers);
        bytes32 digest = Eip712.digest(Eip712.hashUsageReport(report));
        uint256 next;
        for (uint256 i; i < positions.length; ++i) {
            uint256 position = uint8(positions[i]);
            if (position < next || position >= signers.length) revert IUsageLedger.SignerPositionInvalid(position);
            next = position + 1;
            _checkSignature(signers[position], digest, signatures[i]);
        }
    }

    /// @notice The verifier confirms the proof. What it reverts with is handed on.
    /// @dev A static call by hand: an account without code, and one that hands back what it was asked, say nothing.
    function checkProof(
        address verifier,
        bytes32 jobId,
        uint256 round,
        bytes32 linesHash,
        bytes32 receiptDigest,
        bytes calldata proof
    ) internal view {
        (bool success, bytes32 magic,) = LowLevelCall.staticcallReturn64Bytes(
            verifier, abi.encodeCall(IProofVerifier.verifyUsage, (jobId, round, linesHash, receiptDigest, proof))
        );
        if (!success && LowLevelCall.returnDataSize() != 0) LowLevelCall.bubbleRevert();
        if (!success || LowLevelCall.returnDataSize() < 32 || magic != bytes32(IProofVerifier.verifyUsage.selector)) {
            revert IUsageLedger.ProofRefused(verifier);
        }
    }

    /// @dev Strictly ascending; so nobody is in it twice, and the zero address never.
    function _checkSet(address[] calldata signers) private pure {
        address previous;
        for (uint256 i; i < signers.length; ++i) {
            if (signers[i] <= previous) revert IUsageLedger.SignerPositionInvalid(i);
            previous = signers[i];
        }
    }

    /// @dev By key first: that costs least and holds for an account with code, too, whose key signs (EIP-7702). `signer` is
    /// never zero, which a failed recovery gives.
    function _checkSignature(address signer, bytes32 digest, bytes calldata signature) private view {
        (address recovered,,) = ECDSA.tryRecoverCalldata(digest, signature);
        if (recovered == signer) return;
        if (!SignatureChecker.isValidERC1271SignatureNowCalldata(signer, digest, signature)) {
            revert IUsageLedger.SignatureInvalid(signer);
        }
    }
}
