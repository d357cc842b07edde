// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title The ids of royalty pools, as `spec.md` ("Identifiers") defines them.
library PoolId {
    bytes32 private constant TAG = keccak256("dgov.pool.v1");

    /// @notice The id of a pool of a vault on this chain.
    /// @param splitsDigest See `splitsDigestOf`.
    function idOf(address vault, bytes32 datasetId, bytes32 contributorRoot, bytes32 splitsDigest)
        internal
        view
        returns (bytes32)
    {
        return keccak256(abi.encode(TAG, block.chainid, vault, datasetId, contributorRoot, splitsDigest));
    }

    /// @notice keccak256(abi.encode(contributorsBps, splitsHash)).
    /// @param splitsHash keccak256(abi.encode(Split[])).
    function splitsDigestOf(uint16 contributorsBps, bytes32 splitsHash) internal pure returns (bytes32) {
        return keccak256(abi.encode(contributorsBps, splitsHash));
    }
}
