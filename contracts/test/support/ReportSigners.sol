// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Vm} from "forge-std/Vm.sol";
import {UsageLine, UsageReport} from "../../src/types/Modules.sol";

/// @notice Signed usage reports, hashed here from `spec.md` alone.
library ReportSigners {
    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    /// @notice A report and what is sent along with it.
    struct Signed {
        UsageReport report;
        uint256 threshold;
        address[] signers;
        bytes positions;
        bytes[] signatures;
    }

    /// @notice Keys in the order of their addresses.
    function sorted(uint256 count) internal pure returns (uint256[] memory keys, address[] memory signers) {
        keys = new uint256[](count);
        signers = new address[](count);
        for (uint256 i; i < count; ++i) {
            uint256 key = uint256(keccak256(abi.encode("signer", i)));
            address signer = VM.addr(key);
            uint256 place = i;
            for (; place > 0 && signers[place - 1] > signer; --place) {
                (keys[place], signers[place]) = (keys[place - 1], signers[place - 1]);
            }
            (keys[place], signers[place]) = (key, signer);
        }
    }

    function setId(uint256 threshold, address[] memory signers) internal pure returns (bytes32) {
        return keccak256(abi.encode(threshold, signers));
    }

    /// @notice Signed by those in these positions.
    function sign(
        UsageReport memory report,
        uint256 chainId,
        address ledger,
        uint256 threshold,
        address[] memory signers,
        uint256[] memory keys,
        bytes memory positions
    ) internal pure returns (Signed memory s) {
        s = Signed(report, threshold, signers, positions, new bytes[](positions.length));
        bytes32 hash = digest(report, chainId, ledger);
        for (uint256 i; i < positions.length; ++i) {
            s.signatures[i] = signature(keys[uint8(positions[i])], hash);
        }
    }

    function signature(uint256 key, bytes32 hash) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = VM.sign(key, hash);
        return abi.encodePacked(r, s, v);
    }

    function digest(UsageReport memory report, uint256 chainId, address ledger) internal pure returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("dgov"),
                keccak256("1"),
                chainId,
                ledger
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, hashReport(report)));
    }

    function hashReport(UsageReport memory report) internal pure returns (bytes32) {
        bytes memory hashes;
        for (uint256 i; i < report.lines.length; ++i) {
            hashes = bytes.concat(hashes, hashLine(report.lines[i]));
        }
        return keccak256(
            abi.encode(
                keccak256(
                    "UsageReport(bytes32 jobId,bytes32 signerSetId,UsageLine[] lines,bytes32 receiptDigest,uint256 nonce,uint256 deadline)UsageLine(bytes32 versionKey,uint64 weight)"
                ),
                report.jobId,
                report.signerSetId,
                keccak256(hashes),
                report.receiptDigest,
                report.nonce,
                report.deadline
            )
        );
    }

    function hashLine(UsageLine memory line) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(keccak256("UsageLine(bytes32 versionKey,uint64 weight)"), line.versionKey, line.weight)
            );
    }
}
