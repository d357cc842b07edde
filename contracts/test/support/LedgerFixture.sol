// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {UsageLedger} from "../../src/UsageLedger.sol";
import {Job, JobPayee, JobRequest, JobState, ModuleConfig, UsageLine, UsageReport} from "../../src/types/Modules.sol";
import {Version} from "../../src/types/Types.sol";
import {MoneyFixture} from "./MoneyFixture.sol";
import {ReportSigners} from "./ReportSigners.sol";

/// @notice The ledger as a clone beside the real registry and vault, five versions in the order of their keys, five signers in
/// the order of their addresses, and an account that has the court's role.
abstract contract LedgerFixture is MoneyFixture {
    uint32 internal constant WINDOW = 3 days;
    uint40 internal constant TERM = 7 days;
    uint64 internal constant COURT_ROLE = 1;
    address internal constant NATIVE = address(0);
    bytes32 internal constant RECEIPT = keccak256("receipts");

    address internal immutable COURT = makeAddr("court");
    address internal immutable PAYER = makeAddr("payer");

    UsageLedger internal ledger;
    uint256[] internal keys;
    address[] internal signers;
    Version[] internal versions;
    bytes32[] internal versionKeys;

    function setUp() public virtual override {
        super.setUp();
        ledger = _newLedger(address(new UsageLedger()), WINDOW);
        (keys, signers) = ReportSigners.sorted(5);
        _makeVersions(5, "set-");
        vm.deal(PAYER, 1e30);
        token.mint(PAYER, 1e30);
        vm.prank(PAYER);
        token.approve(address(ledger), type(uint256).max);
    }

    function _newLedger(address implementation, uint32 window) internal returns (UsageLedger made) {
        bytes memory wiring = abi.encodePacked(address(manager), address(registry), address(vault));
        made = UsageLedger(Clones.cloneWithImmutableArgs(implementation, wiring));
        made.initialize(_config(window));
        bytes4[] memory selectors = new bytes4[](3);
        selectors[0] = made.holdReport.selector;
        selectors[1] = made.upholdReport.selector;
        selectors[2] = made.strikeReport.selector;
        vm.startPrank(DAO);
        manager.setTargetFunctionRole(address(made), selectors, COURT_ROLE);
        manager.grantRole(COURT_ROLE, COURT, 0);
        vm.stopPrank();
    }

    function _config(uint32 window) internal pure returns (ModuleConfig memory config) {
        config.challengeWindow = window;
    }

    // ---- jobs

    /// @dev 3 of 5 signers, 100 coins, all versions but the last as payees, without caps that bind.
    function _request(uint256 nonce) internal view returns (JobRequest memory request) {
        request.nonce = nonce;
        request.amount = 100;
        request.deadline = uint40(block.timestamp) + TERM;
        request.signerSetId = ReportSigners.setId(3, signers);
        request.payees = _payees(4);
    }

    function _payees(uint256 count) internal view returns (JobPayee[] memory payees) {
        payees = new JobPayee[](count);
        for (uint256 i; i < count; ++i) {
            payees[i] = JobPayee(versionKeys[i], type(uint128).max);
        }
    }

    function _open(JobRequest memory request) internal returns (bytes32 jobId) {
        uint256 value = request.currency == NATIVE ? request.amount : 0;
        vm.prank(PAYER);
        return ledger.openJob{value: value}(request);
    }

    function _openFirst() internal returns (bytes32 jobId) {
        return _open(_request(1));
    }

    // ---- reports

    /// @dev Weights of the first versions; zero leaves one out.
    function _lines(uint64 a, uint64 b, uint64 c, uint64 d, uint64 e) internal view returns (UsageLine[] memory lines) {
        uint64[5] memory weights = [a, b, c, d, e];
        uint256 count;
        lines = new UsageLine[](5);
        for (uint256 i; i < 5; ++i) {
            if (weights[i] != 0) lines[count++] = UsageLine(versionKeys[i], weights[i]);
        }
        assembly ("memory-safe") {
            mstore(lines, count)
        }
    }

    function _report(bytes32 jobId, UsageLine[] memory lines) internal view returns (UsageReport memory) {
        Job memory job = ledger.jobOf(jobId);
        return UsageReport({
            jobId: jobId,
            signerSetId: job.commitment,
            lines: lines,
            receiptDigest: RECEIPT,
            nonce: job.round,
            deadline: block.timestamp + 1 days
        });
    }

    /// @dev Signed by signers 0, 2 and 4.
    function _signed(UsageReport memory report) internal view returns (ReportSigners.Signed memory) {
        return ReportSigners.sign(report, block.chainid, address(ledger), 3, signers, keys, hex"000204");
    }

    function _send(ReportSigners.Signed memory s) internal {
        ledger.report(s.report, s.threshold, s.signers, s.positions, s.signatures);
    }

    function _reported(bytes32 jobId, UsageLine[] memory lines) internal {
        _send(_signed(_report(jobId, lines)));
    }

    /// @dev The court holds the report and strikes it.
    function _strike(bytes32 jobId) internal {
        vm.startPrank(COURT);
        ledger.holdReport(jobId);
        ledger.strikeReport(jobId);
        vm.stopPrank();
    }

    function _linesHash(UsageLine[] memory lines) internal pure returns (bytes32) {
        return keccak256(abi.encode(lines));
    }

    function _setId() internal view returns (bytes32) {
        return ReportSigners.setId(3, signers);
    }

    // ---- settlement

    function _settle(bytes32 jobId, UsageLine[] memory lines, JobPayee[] memory payees) internal {
        ledger.settle(jobId, _setId(), lines, payees, _versionsOf(lines, payees));
    }

    /// @dev The versions of payees with a line.
    function _versionsOf(UsageLine[] memory lines, JobPayee[] memory payees)
        internal
        view
        returns (Version[] memory found)
    {
        uint256 count;
        found = new Version[](payees.length);
        for (uint256 i; i < payees.length; ++i) {
            for (uint256 j; j < lines.length; ++j) {
                if (lines[j].versionKey == payees[i].versionKey) found[count++] = _versionOf(payees[i].versionKey);
            }
        }
        assembly ("memory-safe") {
            mstore(found, count)
        }
    }

    function _versionOf(bytes32 versionKey) internal view returns (Version memory) {
        for (uint256 i; i < versionKeys.length; ++i) {
            if (versionKeys[i] == versionKey) return versions[i];
        }
        revert("no such version");
    }

    function _poolOf(uint256 index) internal view returns (bytes32) {
        Version memory version = versions[index];
        return _poolId(version.datasetId, version.contributorRoot, version.splitsDigest);
    }

    function _income(uint256 index, address currency) internal view returns (uint256) {
        return vault.income(_poolOf(index), currency);
    }

    function _assertState(bytes32 jobId, JobState state) internal view {
        assertEq(uint8(ledger.jobOf(jobId).state), uint8(state), "state");
    }

    /// @dev Registers versions of as many datasets, and keeps them in the order of their keys.
    function _makeVersions(uint256 count, string memory prefix) internal {
        for (uint256 i; i < count; ++i) {
            string memory slug = string.concat(prefix, vm.toString(i));
            Version memory version =
                _register(slug, keccak256(abi.encode("root", slug)), keccak256(abi.encode("splits", slug)));
            bytes32 versionKey = this._hashOf(version);
            versions.push();
            versionKeys.push();
            uint256 place = i;
            for (; place > 0 && versionKeys[place - 1] > versionKey; --place) {
                versionKeys[place] = versionKeys[place - 1];
                versions[place] = versions[place - 1];
            }
            versionKeys[place] = versionKey;
            versions[place] = version;
        }
    }
}
