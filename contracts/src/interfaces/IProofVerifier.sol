// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Checks a usage report by a proof instead of signatures. Chosen by the payer of the job.
interface IProofVerifier {
    /// @notice Reverts unless the proof shows this report. A verifier never returns to say no: an inner call that ran out of
    /// gas would look the same.
    /// @param jobId Binds chain, ledger and payer.
    /// @param round The job's number of reports so far.
    /// @param linesHash keccak256(abi.encode(UsageLine[])).
    /// @return magic `IProofVerifier.verifyUsage.selector`.
    function verifyUsage(bytes32 jobId, uint256 round, bytes32 linesHash, bytes32 receiptDigest, bytes calldata proof)
        external
        view
        returns (bytes4 magic);
}
