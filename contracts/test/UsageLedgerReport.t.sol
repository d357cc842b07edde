// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IUsageLedger} from "../src/interfaces/IUsageLedger.sol";
import {IProofVerifier} from "../src/interfaces/IProofVerifier.sol";
import {UsageLedger} from "../src/UsageLedger.sol";
import {Eip712} from "../src/lib/Eip712.sol";
import {Job, JobRequest, JobState, UsageLine, UsageReport} from "../src/types/Modules.sol";
import {LedgerFixture} from "./support/LedgerFixture.sol";
import {ReportSigners} from "./support/ReportSigners.sol";
import {
    BurningVerifier,
    CannedVerifier,
    HashVerifier,
    SilentVerifier,
    Wallet,
    WritingVerifier
} from "./support/Verifiers.sol";

contract UsageLedgerReportTest is LedgerFixture {
    bytes32 internal jobId;

    function setUp() public override {
        super.setUp();
        jobId = _openFirst();
    }

    // ---- report: what is taken

    function test_Report() external {
        UsageLine[] memory lines = _lines(400, 0, 600, 0, 1);
        ReportSigners.Signed memory s = _signed(_report(jobId, lines));
        uint40 settleAt = uint40(block.timestamp) + WINDOW;
        vm.expectEmit(address(ledger));
        emit IUsageLedger.Reported(jobId, RECEIPT, 0, settleAt, lines);
        _send(s);
        Job memory job = ledger.jobOf(jobId);
        assertEq(job.settleAt, settleAt);
        assertEq(job.round, 1);
        assertEq(uint8(job.state), uint8(JobState.Reported));
        assertEq(job.commitment, keccak256(abi.encode(_setId(), _linesHash(lines))));
        assertEq(job.payer, PAYER);
        assertEq(job.deadline, block.timestamp + TERM);
        assertEq(job.amount, 100);
    }

    function test_ReportWithMoreSignatures() external {
        ReportSigners.Signed memory s = _signedBy(hex"0001020304");
        _send(s);
        _assertState(jobId, JobState.Reported);
    }

    function testFuzz_ReportByAnyThree(uint8 a, uint8 b, uint8 c) external {
        (a, b, c) = (a % 5, b % 5, c % 5);
        bytes memory positions = abi.encodePacked(a, b, c);
        ReportSigners.Signed memory s = _signedBy(positions);
        if (a >= b || b >= c) vm.expectPartialRevert(IUsageLedger.SignerPositionInvalid.selector);
        _send(s);
    }

    function test_EmptyReport() external {
        _reported(jobId, new UsageLine[](0));
        _assertState(jobId, JobState.Reported);
    }

    function test_ReportBySignerWithCode() external {
        Wallet wallet = new Wallet(vm.addr(7));
        (bytes32 id, ReportSigners.Signed memory s) = _walletJob(address(wallet));
        _send(s);
        _assertState(id, JobState.Reported);
    }

    /// @notice An account that points to code (EIP-7702) still signs with its key.
    function test_ReportByKeyOfAccountWithCode() external {
        vm.etch(signers[2], address(new SilentVerifier()).code);
        _send(_signed(_report(jobId, _lines(1, 0, 0, 0, 0))));
        _assertState(jobId, JobState.Reported);
    }

    function test_ReportAtTheDeadline() external {
        skip(TERM);
        UsageReport memory report = _report(jobId, _lines(1, 0, 0, 0, 0));
        report.deadline = block.timestamp;
        _send(_signed(report));
        _assertState(jobId, JobState.Reported);
    }

    // ---- report: states and times

    function test_ReportInAnotherStateReverts() external {
        UsageReport memory report = _report(jobId, _lines(1, 0, 0, 0, 0));
        report.jobId = keccak256("none");
        _refused(_signed(report), abi.encodeWithSelector(_stateInvalid(), report.jobId, JobState.None));
        ReportSigners.Signed memory s = _signed(_report(jobId, _lines(1, 0, 0, 0, 0)));
        _send(s);
        _refused(s, abi.encodeWithSelector(_stateInvalid(), jobId, JobState.Reported));
        vm.prank(COURT);
        ledger.holdReport(jobId);
        _refused(s, abi.encodeWithSelector(_stateInvalid(), jobId, JobState.Held));
        vm.prank(COURT);
        ledger.strikeReport(jobId);
        _refused(s, abi.encodeWithSelector(_stateInvalid(), jobId, JobState.Struck));
        skip(TERM + 1);
        ledger.refund(jobId);
        _refused(s, abi.encodeWithSelector(_stateInvalid(), jobId, JobState.Refunded));
    }

    function test_LateReportReverts() external {
        skip(TERM + 1);
        ReportSigners.Signed memory s = _signed(_report(jobId, _lines(1, 0, 0, 0, 0)));
        _refused(s, abi.encodeWithSelector(IUsageLedger.ReportLate.selector, jobId, block.timestamp - 1));
    }

    function test_ExpiredReportReverts() external {
        ReportSigners.Signed memory s = _signed(_report(jobId, _lines(1, 0, 0, 0, 0)));
        skip(1 days + 1);
        _refused(s, abi.encodeWithSelector(IUsageLedger.RequestExpired.selector, s.report.deadline));
    }

    // ---- report: what it is bound to

    function test_ReportOfAnotherChainReverts() external {
        UsageReport memory report = _report(jobId, _lines(1, 0, 0, 0, 0));
        _refusedSignature(
            ReportSigners.sign(report, block.chainid + 1, address(ledger), 3, signers, keys, hex"000204"), signers[0]
        );
    }

    /// @notice On a chain that split off, ids and signatures of this one are worth nothing.
    function test_ReportOnForkReverts() external {
        ReportSigners.Signed memory s = _signed(_report(jobId, _lines(1, 0, 0, 0, 0)));
        vm.chainId(block.chainid + 1);
        _refusedSignature(s, signers[0]);
    }

    function test_ReportOfAnotherLedgerReverts() external {
        UsageReport memory report = _report(jobId, _lines(1, 0, 0, 0, 0));
        UsageLedger other = _newLedger(address(new UsageLedger()), WINDOW);
        _refusedSignature(
            ReportSigners.sign(report, block.chainid, address(other), 3, signers, keys, hex"000204"), signers[0]
        );
    }

    function test_ReportOfAnotherJobReverts() external {
        ReportSigners.Signed memory s = _signed(_report(jobId, _lines(1, 0, 0, 0, 0)));
        s.report.jobId = _open(_request(2));
        _refusedSignature(s, signers[0]);
    }

    function test_ReportOfAnotherNonceReverts() external {
        UsageReport memory report = _report(jobId, _lines(1, 0, 0, 0, 0));
        report.nonce = 1;
        _refused(_signed(report), abi.encodeWithSelector(IUsageLedger.NonceMismatch.selector, 0, 1));
        // The number is no byte: 256 is not 0.
        report.nonce = 256;
        _refused(_signed(report), abi.encodeWithSelector(IUsageLedger.NonceMismatch.selector, 0, 256));
    }

    function test_ReplayAfterStrikeReverts() external {
        UsageLine[] memory lines = _lines(1, 0, 0, 0, 0);
        ReportSigners.Signed memory first = _signed(_report(jobId, lines));
        first.report.deadline = type(uint256).max;
        first = _signed(first.report);
        _send(first);
        _strike(jobId);
        ledger.reopen(jobId, _setId(), _linesHash(lines));
        _refused(first, abi.encodeWithSelector(IUsageLedger.NonceMismatch.selector, 1, 0));
        first.report.nonce = 1;
        _refusedSignature(first, signers[0]);
        _reported(jobId, lines);
        assertEq(ledger.jobOf(jobId).round, 2);
    }

    // ---- report: the set

    function test_ReportWithAnotherSetReverts() external {
        // The report names another set than the job.
        ReportSigners.Signed memory s = _signed(_report(jobId, _lines(1, 0, 0, 0, 0)));
        bytes32 other = ReportSigners.setId(1, signers);
        s.report.signerSetId = other;
        _refused(s, abi.encodeWithSelector(IUsageLedger.SignerSetMismatch.selector, _setId(), other));

        // It names the job's, but shows another.
        s = _signed(_report(jobId, _lines(1, 0, 0, 0, 0)));
        s.threshold = 1;
        _refused(s, abi.encodeWithSelector(IUsageLedger.SignerSetMismatch.selector, _setId(), other));
        s.threshold = 3;
        s.signers = new address[](4);
        for (uint256 i; i < 4; ++i) {
            s.signers[i] = signers[i];
        }
        bytes32 given = ReportSigners.setId(3, s.signers);
        _refused(s, abi.encodeWithSelector(IUsageLedger.SignerSetMismatch.selector, _setId(), given));
        s.signers = signers;
        (s.signers[0], s.signers[1]) = (signers[1], signers[0]);
        given = ReportSigners.setId(3, s.signers);
        _refused(s, abi.encodeWithSelector(IUsageLedger.SignerSetMismatch.selector, _setId(), given));
    }

    function test_ReportOfSetWithSameSignerTwiceReverts() external {
        address[] memory twice = new address[](2);
        twice[0] = twice[1] = signers[0];
        _refusedSet(2, twice, hex"0001", abi.encodeWithSelector(IUsageLedger.SignerPositionInvalid.selector, 1));
    }

    function test_ReportOfSetInAnotherOrderReverts() external {
        address[] memory order = new address[](2);
        (order[0], order[1]) = (signers[1], signers[0]);
        _refusedSet(2, order, hex"0001", abi.encodeWithSelector(IUsageLedger.SignerPositionInvalid.selector, 1));
    }

    /// @notice A signature that recovers to nobody is not the zero address's.
    function test_ReportOfSetWithZeroAddressReverts() external {
        _refusedSet(
            1, new address[](1), hex"00", abi.encodeWithSelector(IUsageLedger.SignerPositionInvalid.selector, 0)
        );
    }

    function test_ReportOfSetThatAsksForNobodyReverts() external {
        _refusedSet(0, signers, "", abi.encodeWithSelector(IUsageLedger.SignersInsufficient.selector, 1, 0));
    }

    // ---- report: signatures

    function test_ReportWithTooFewSignaturesReverts() external {
        _refused(_signedBy(hex"0002"), abi.encodeWithSelector(IUsageLedger.SignersInsufficient.selector, 3, 2));
        _refused(_signedBy(""), abi.encodeWithSelector(IUsageLedger.SignersInsufficient.selector, 3, 0));
        ReportSigners.Signed memory s = _signedBy(hex"0002");
        s.positions = hex"000204";
        _refused(s, abi.encodeWithSelector(IUsageLedger.SignersInsufficient.selector, 3, 2));
        s = _signedBy(hex"00020304");
        s.positions = hex"000204";
        _refused(s, abi.encodeWithSelector(IUsageLedger.SignersInsufficient.selector, 3, 4));
    }

    function test_ReportWithPositionsTwiceReverts() external {
        _refused(_signedBy(hex"000000"), abi.encodeWithSelector(IUsageLedger.SignerPositionInvalid.selector, 0));
        _refused(_signedBy(hex"000202"), abi.encodeWithSelector(IUsageLedger.SignerPositionInvalid.selector, 2));
    }

    function test_ReportWithPositionsInAnotherOrderReverts() external {
        _refused(_signedBy(hex"000402"), abi.encodeWithSelector(IUsageLedger.SignerPositionInvalid.selector, 2));
    }

    function test_ReportWithPositionBeyondTheSetReverts() external {
        ReportSigners.Signed memory s = _signedBy(hex"000204");
        s.positions = hex"000205";
        _refused(s, abi.encodeWithSelector(IUsageLedger.SignerPositionInvalid.selector, 5));
        s.positions = hex"0002ff";
        _refused(s, abi.encodeWithSelector(IUsageLedger.SignerPositionInvalid.selector, 255));
    }

    function test_ReportWithSignaturesInAnotherOrderReverts() external {
        ReportSigners.Signed memory s = _signedBy(hex"000204");
        (s.signatures[0], s.signatures[1]) = (s.signatures[1], s.signatures[0]);
        _refusedSignature(s, signers[0]);
    }

    function test_ReportWithHighSReverts() external {
        ReportSigners.Signed memory s = _signedBy(hex"000204");
        bytes memory good = s.signatures[2];
        bytes32 r;
        uint256 low;
        uint8 v;
        assembly ("memory-safe") {
            r := mload(add(good, 32))
            low := mload(add(good, 64))
            v := byte(0, mload(add(good, 96)))
        }
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        bytes memory high = abi.encodePacked(r, order - low, v == 27 ? uint8(28) : uint8(27));
        // The chain itself takes it.
        bytes32 digest = ReportSigners.digest(s.report, block.chainid, address(ledger));
        assertEq(ecrecover(digest, v == 27 ? 28 : 27, r, bytes32(order - low)), signers[4]);
        s.signatures[2] = high;
        _refusedSignature(s, signers[4]);
    }

    function test_ReportWithMalformedSignatureReverts() external {
        ReportSigners.Signed memory s = _signedBy(hex"000204");
        bytes memory good = s.signatures[1];
        s.signatures[1] = "";
        _refusedSignature(s, signers[2]);
        s.signatures[1] = bytes.concat(good, hex"00");
        _refusedSignature(s, signers[2]);
        s.signatures[1] = new bytes(65);
        _refusedSignature(s, signers[2]);
        // v 0 and 1 instead of 27 and 28.
        s.signatures[1] = bytes.concat(good);
        s.signatures[1][64] = bytes1(uint8(good[64]) - 27);
        _refusedSignature(s, signers[2]);
        // The compact form of ERC-2098.
        bytes memory compact = bytes.concat(good);
        assembly ("memory-safe") {
            mstore(compact, 64)
        }
        if (good[64] == 0x1c) compact[32] |= 0x80;
        s.signatures[1] = compact;
        _refusedSignature(s, signers[2]);
    }

    function testFuzz_ReportBySomebodyElseReverts(uint256 key, uint8 which) external {
        key = bound(key, 1, 2 ** 250);
        which %= 3;
        ReportSigners.Signed memory s = _signedBy(hex"000204");
        s.signatures[which] =
            ReportSigners.signature(key, ReportSigners.digest(s.report, block.chainid, address(ledger)));
        _refusedSignature(s, signers[2 * which]);
    }

    function test_ReportThatTheWalletRefusesReverts() external {
        Wallet wallet = new Wallet(vm.addr(7));
        (, ReportSigners.Signed memory s) = _walletJob(address(wallet));
        wallet.setLocked(true);
        _refusedSignature(s, address(wallet));
        wallet.setLocked(false);
        s.signatures[0] = ReportSigners.signature(8, ReportSigners.digest(s.report, block.chainid, address(ledger)));
        _refusedSignature(s, address(wallet));
    }

    /// @notice Nobody, a contract that answers with something else, and one that hands back what it was asked.
    function test_ReportByWhatIsNoWalletReverts() external {
        (, ReportSigners.Signed memory s) = _walletJob(makeAddr("nobody"));
        _refusedSignature(s, makeAddr("nobody"));
        address canned = address(new CannedVerifier(abi.encode(true)));
        (, s) = _walletJob(canned);
        _refusedSignature(s, canned);
        (, s) = _walletJob(address(4));
        _refusedSignature(s, address(4));
    }

    // ---- report: lines

    function test_ReportWithLinesNotAscendingReverts() external {
        UsageLine[] memory lines = _lines(1, 2, 3, 0, 0);
        (lines[1], lines[2]) = (lines[2], lines[1]);
        _refusedLines(lines, 2);
        lines = _lines(1, 2, 3, 0, 0);
        lines[1].versionKey = lines[0].versionKey;
        _refusedLines(lines, 1);
    }

    function test_ReportWithoutWeightReverts() external {
        UsageLine[] memory lines = _lines(1, 2, 3, 0, 0);
        lines[0].weight = 0;
        _refusedLines(lines, 0);
        lines[0].weight = 1;
        lines[2].weight = 0;
        _refusedLines(lines, 2);
    }

    function test_ReportWithTooManyLinesReverts() external {
        _reported(jobId, _many(64));
        jobId = _open(_request(2));
        _refusedLines(_many(65), 64);
    }

    // ---- report: every bit

    /// @notice All of the call but the padding of positions and signatures.
    function test_ReportWithOneBitChangedReverts() external {
        ReportSigners.Signed memory s = _signed(_report(jobId, _lines(400, 600, 1_000, 0, 0)));
        bytes memory data = abi.encodeCall(ledger.report, (s.report, s.threshold, s.signers, s.positions, s.signatures));
        // From the end: three signatures of 65 bytes in 96, each after its length; before them three offsets and their number;
        // before these the positions, 3 bytes in 32.
        uint256 end = data.length;
        uint256 positions = end - 3 * 128 - 4 * 32 - 32;
        for (uint256 i; i < end; ++i) {
            if (i >= positions + 3 && i < positions + 32) continue;
            if (i >= end - 3 * 128 && (i - (end - 3 * 128)) % 128 >= 32 + 65) continue;
            for (uint256 bit; bit < 8; ++bit) {
                data[i] ^= bytes1(uint8(1 << bit));
                (bool success,) = address(ledger).call{gas: 400_000}(data);
                assertFalse(success, vm.toString(8 * i + bit));
                data[i] ^= bytes1(uint8(1 << bit));
            }
        }
        (bool whole,) = address(ledger).call(data);
        assertTrue(whole);
    }

    // ---- reportByProof

    function test_ReportByProof() external {
        bytes32 id = _proofJob(address(new HashVerifier()), bytes32(0));
        UsageLine[] memory lines = _lines(1, 2, 3, 0, 0);
        bytes32 expected = keccak256(abi.encode(id, 0, _linesHash(lines), RECEIPT));
        bytes memory refusal = abi.encodeWithSelector(HashVerifier.ProofWrong.selector, expected);
        vm.expectRevert(refusal);
        ledger.reportByProof(id, lines, RECEIPT, "");
        // Proofs of another job, round, lines and receipts.
        bytes[4] memory wrong = [
            abi.encode(keccak256(abi.encode(jobId, 0, _linesHash(lines), RECEIPT))),
            abi.encode(keccak256(abi.encode(id, 1, _linesHash(lines), RECEIPT))),
            abi.encode(keccak256(abi.encode(id, 0, _linesHash(_lines(1, 2, 4, 0, 0)), RECEIPT))),
            abi.encode(keccak256(abi.encode(id, 0, _linesHash(lines), bytes32(0))))
        ];
        for (uint256 i; i < 4; ++i) {
            vm.expectRevert(refusal);
            ledger.reportByProof(id, lines, RECEIPT, wrong[i]);
        }
        vm.expectEmit(address(ledger));
        emit IUsageLedger.Reported(id, RECEIPT, 0, uint40(block.timestamp) + WINDOW, lines);
        ledger.reportByProof(id, lines, RECEIPT, abi.encode(expected));
        assertEq(ledger.jobOf(id).commitment, keccak256(abi.encode(bytes32(0), _linesHash(lines))));

        // The same proof again, after a strike.
        _strike(id);
        ledger.reopen(id, 0, _linesHash(lines));
        expected = keccak256(abi.encode(id, 1, _linesHash(lines), RECEIPT));
        vm.expectRevert(abi.encodeWithSelector(HashVerifier.ProofWrong.selector, expected));
        ledger.reportByProof(id, lines, RECEIPT, abi.encode(keccak256(abi.encode(id, 0, _linesHash(lines), RECEIPT))));
    }

    function test_ReportByProofBesideSigners() external {
        bytes32 id = _proofJob(address(new HashVerifier()), _setId());
        UsageLine[] memory lines = _lines(1, 2, 3, 0, 0);
        bytes memory proof = abi.encode(keccak256(abi.encode(id, 0, _linesHash(lines), RECEIPT)));
        ReportSigners.Signed memory s = _signed(_report(id, lines));
        ledger.reportByProof(id, lines, RECEIPT, proof);
        assertEq(ledger.jobOf(id).commitment, keccak256(abi.encode(_setId(), _linesHash(lines))));
        _refused(s, abi.encodeWithSelector(_stateInvalid(), id, JobState.Reported));
        vm.expectRevert(abi.encodeWithSelector(_stateInvalid(), id, JobState.Reported));
        ledger.reportByProof(id, lines, RECEIPT, proof);
    }

    /// @notice A job without signers can't be reported by any.
    function test_ReportOfJobWithoutSignersReverts() external {
        bytes32 id = _proofJob(address(new HashVerifier()), bytes32(0));
        ReportSigners.Signed memory s = _signed(_report(id, _lines(1, 0, 0, 0, 0)));
        _refused(s, abi.encodeWithSelector(IUsageLedger.SignerSetMismatch.selector, 0, _setId()));
    }

    function test_ReportByProofWithoutVerifierReverts() external {
        _refusedProof(jobId, address(0));
        address nobody = makeAddr("nobody");
        _refusedProof(_proofJob(nobody, 0), nobody);
    }

    function test_ReportByProofWithGarbageReverts() external {
        bytes4 magic = IProofVerifier.verifyUsage.selector;
        bytes[5] memory answers =
            [bytes(""), abi.encodePacked(magic), abi.encode(true), abi.encode(~magic), abi.encode(uint32(magic))];
        for (uint256 i; i < answers.length; ++i) {
            address verifier = address(new CannedVerifier(answers[i]));
            _refusedProof(_proofJob(verifier, 0), verifier);
        }
        // The right bytes, and something after them in the same word.
        address dirty = address(new CannedVerifier(abi.encode(bytes32(magic) | bytes32(uint256(1)))));
        _refusedProof(_proofJob(dirty, 0), dirty);
        // Identity hands back the question, which begins with the same four bytes.
        _refusedProof(_proofJob(address(4), 0), address(4));
        // And what is right is taken.
        bytes32 id = _proofJob(address(new CannedVerifier(abi.encode(magic))), 0);
        ledger.reportByProof(id, _lines(1, 0, 0, 0, 0), RECEIPT, "");
        _assertState(id, JobState.Reported);
    }

    /// @notice An answer one byte too short, to a job whose id leaves the missing zero where the answer is read.
    function test_ReportByProofWithShortAnswerReverts() external {
        bytes memory answer = abi.encode(IProofVerifier.verifyUsage.selector);
        assembly ("memory-safe") {
            mstore(answer, 31)
        }
        address verifier = address(new CannedVerifier(answer));
        JobRequest memory request = _request(1_000);
        while (uint8(uint256(ledger.jobIdOf(PAYER, request.nonce))) != 0) ++request.nonce;
        request.verifier = verifier;
        _refusedProof(_open(request), verifier);
    }

    function test_ReportByProofThatFailsSilentlyReverts() external {
        address verifier = address(new SilentVerifier());
        _refusedProof(_proofJob(verifier, 0), verifier);
        verifier = address(new WritingVerifier());
        _refusedProof(_proofJob(verifier, 0), verifier);
        assertEq(WritingVerifier(verifier).asked(), 0);
    }

    function test_ReportByProofThatBurnsGasReverts() external {
        address verifier = address(new BurningVerifier());
        bytes32 id = _proofJob(verifier, 0);
        UsageLine[] memory lines = _lines(1, 0, 0, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IUsageLedger.ProofRefused.selector, verifier));
        ledger.reportByProof{gas: 10_000_000}(id, lines, RECEIPT, "");
        // With next to no gas left it reverts all the same.
        (bool success,) =
            address(ledger).call{gas: 60_000}(abi.encodeCall(ledger.reportByProof, (id, lines, RECEIPT, "")));
        assertFalse(success);
        _assertState(id, JobState.Open);
        skip(TERM + 1);
        ledger.refund(id);
        assertEq(ledger.creditOf(PAYER, NATIVE), 100);
    }

    function test_ReportByProofWithInvalidLinesReverts() external {
        bytes32 id = _proofJob(address(new CannedVerifier(abi.encode(IProofVerifier.verifyUsage.selector))), 0);
        UsageLine[] memory lines = _lines(1, 2, 0, 0, 0);
        lines[1].versionKey = lines[0].versionKey;
        vm.expectRevert(abi.encodeWithSelector(IUsageLedger.LinesInvalid.selector, 1));
        ledger.reportByProof(id, lines, RECEIPT, "");
    }

    function test_LateReportByProofReverts() external {
        bytes32 id = _proofJob(address(new CannedVerifier(abi.encode(IProofVerifier.verifyUsage.selector))), 0);
        skip(TERM + 1);
        vm.expectRevert(abi.encodeWithSelector(IUsageLedger.ReportLate.selector, id, block.timestamp - 1));
        ledger.reportByProof(id, _lines(1, 0, 0, 0, 0), RECEIPT, "");
    }

    // ---- hashes

    function test_HashesOfVectors() external view {
        string memory json = vm.readFile("test/vectors/eip712.json");
        UsageReport memory report;
        string memory path = ".structs[8].message";
        assertEq(vm.parseJsonString(json, ".structs[8].name"), "UsageReport");
        report.jobId = vm.parseJsonBytes32(json, string.concat(path, ".jobId"));
        report.signerSetId = vm.parseJsonBytes32(json, string.concat(path, ".signerSetId"));
        report.receiptDigest = vm.parseJsonBytes32(json, string.concat(path, ".receiptDigest"));
        report.nonce = vm.parseJsonUint(json, string.concat(path, ".nonce"));
        report.deadline = vm.parseJsonUint(json, string.concat(path, ".deadline"));
        report.lines = new UsageLine[](2);
        for (uint256 i; i < 2; ++i) {
            string memory line = string.concat(path, ".lines[", vm.toString(i), "]");
            report.lines[i].versionKey = vm.parseJsonBytes32(json, string.concat(line, ".versionKey"));
            report.lines[i].weight = uint64(vm.parseJsonUint(json, string.concat(line, ".weight")));
        }
        assertEq(this.hashReport(report), vm.parseJsonBytes32(json, ".structs[8].structHash"));
        assertEq(Eip712.USAGE_REPORT_TYPEHASH, vm.parseJsonBytes32(json, ".structs[8].typehash"));
        assertEq(vm.parseJsonString(json, ".structs[7].name"), "UsageLine");
        assertEq(this.hashLine(report.lines[0]), vm.parseJsonBytes32(json, ".structs[7].structHash"));
        assertEq(Eip712.USAGE_LINE_TYPEHASH, vm.parseJsonBytes32(json, ".structs[7].typehash"));
        bytes32 digest = ReportSigners.digest(
            report, vm.parseJsonUint(json, ".domain.chainId"), vm.parseJsonAddress(json, ".domain.verifyingContract")
        );
        assertEq(digest, vm.parseJsonBytes32(json, ".structs[8].digest"));
    }

    function testFuzz_Hashes(UsageReport calldata report) external view {
        assertEq(this.hashReport(report), ReportSigners.hashReport(report));
    }

    function hashReport(UsageReport calldata report) external pure returns (bytes32) {
        return Eip712.hashUsageReport(report);
    }

    function hashLine(UsageLine calldata line) external pure returns (bytes32) {
        return Eip712.hashUsageLine(line);
    }

    // ---- helpers

    function _signedBy(bytes memory positions) private view returns (ReportSigners.Signed memory) {
        UsageReport memory report = _report(jobId, _lines(1, 0, 0, 0, 0));
        return ReportSigners.sign(report, block.chainid, address(ledger), 3, signers, keys, positions);
    }

    function _refused(ReportSigners.Signed memory s, bytes memory reason) private {
        vm.expectRevert(reason);
        _send(s);
    }

    function _refusedSignature(ReportSigners.Signed memory s, address signer) private {
        _refused(s, abi.encodeWithSelector(IUsageLedger.SignatureInvalid.selector, signer));
    }

    function _refusedLines(UsageLine[] memory lines, uint256 index) private {
        _refused(_signed(_report(jobId, lines)), abi.encodeWithSelector(IUsageLedger.LinesInvalid.selector, index));
    }

    /// @dev A job of another set, reported with signatures of key 0 in every position.
    function _refusedSet(uint256 threshold, address[] memory set, bytes memory positions, bytes memory reason) private {
        JobRequest memory request = _request(2);
        request.signerSetId = ReportSigners.setId(threshold, set);
        bytes32 id = _open(request);
        uint256[] memory only = new uint256[](set.length);
        for (uint256 i; i < set.length; ++i) {
            only[i] = keys[0];
        }
        UsageReport memory report = _report(id, _lines(1, 0, 0, 0, 0));
        ReportSigners.Signed memory s =
            ReportSigners.sign(report, block.chainid, address(ledger), threshold, set, only, positions);
        if (set.length == 1) s.signatures[0] = new bytes(65);
        _refused(s, reason);
        // The way out.
        skip(TERM + 1);
        ledger.refund(id);
    }

    /// @dev A job with one signer, whose owner has key 7, and a report of it.
    function _walletJob(address wallet) private returns (bytes32 id, ReportSigners.Signed memory s) {
        address[] memory set = new address[](1);
        set[0] = wallet;
        uint256[] memory only = new uint256[](1);
        only[0] = 7;
        JobRequest memory request = _request(uint256(uint160(wallet)) + 1_000);
        request.signerSetId = ReportSigners.setId(1, set);
        id = _open(request);
        s = ReportSigners.sign(
            _report(id, _lines(1, 0, 0, 0, 0)), block.chainid, address(ledger), 1, set, only, hex"00"
        );
    }

    function _proofJob(address verifier, bytes32 setId) private returns (bytes32) {
        JobRequest memory request = _request(uint256(keccak256(abi.encode(verifier, setId))));
        request.signerSetId = setId;
        request.verifier = verifier;
        return _open(request);
    }

    function _refusedProof(bytes32 id, address verifier) private {
        UsageLine[] memory lines = _lines(1, 0, 0, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IUsageLedger.ProofRefused.selector, verifier));
        // A limit, because writing in a static call burns all there is.
        ledger.reportByProof{gas: 10_000_000}(id, lines, RECEIPT, "proof");
        _assertState(id, JobState.Open);
    }

    function _many(uint256 count) private pure returns (UsageLine[] memory lines) {
        lines = new UsageLine[](count);
        for (uint256 i; i < count; ++i) {
            lines[i] = UsageLine(bytes32(i), 1);
        }
    }

    function _stateInvalid() private pure returns (bytes4) {
        return IUsageLedger.JobStateInvalid.selector;
    }
}
