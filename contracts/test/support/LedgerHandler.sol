// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CommonBase} from "forge-std/Base.sol";
import {StdCheats} from "forge-std/StdCheats.sol";
import {StdUtils} from "forge-std/StdUtils.sol";
import {RoyaltyVault} from "../../src/RoyaltyVault.sol";
import {UsageLedger} from "../../src/UsageLedger.sol";
import {Job, JobPayee, JobRequest, JobState, UsageLine, UsageReport} from "../../src/types/Modules.sol";
import {Version} from "../../src/types/Types.sol";
import {Refuser} from "./Hostile.sol";
import {NestingPayer, NestingToken, ReenteringPayer} from "./HostileJobs.sol";
import {ReportSigners} from "./ReportSigners.sol";
import {BlockingToken, FeeToken, PlainToken} from "./Tokens.sol";

/// @notice Payers, oracles, a court and forgers on jobs in three currencies. Keeps books of its own, by the formula of the
/// interface.
contract LedgerHandler is CommonBase, StdCheats, StdUtils {
    uint256 public constant PAYERS = 4;
    uint256 public constant CURRENCIES = 3;
    uint256 public constant POOLS = 4;

    struct Known {
        bytes32 id;
        address payer;
        address currency;
        uint256 amount;
        JobPayee[] payees;
        UsageLine[] lines;
        /// How often money left for good.
        uint256 ended;
    }

    UsageLedger public immutable LEDGER;
    RoyaltyVault public immutable VAULT;
    address private immutable COURT;
    address private immutable DAO;
    BlockingToken private immutable BLOCKING;
    FeeToken private immutable FEE;
    NestingToken private immutable NESTING;
    NestingPayer private immutable NESTER;
    address[] public payers;
    address[] public currencies;
    mapping(address currency => uint256) public donated;
    mapping(uint256 pool => mapping(address currency => uint256)) public due;
    mapping(address payer => mapping(address currency => uint256)) public credit;
    mapping(address payer => mapping(address currency => uint256)) public withdrawn;
    mapping(address payer => mapping(address currency => uint256)) public escrowed;
    /// @notice What was accepted that never may be.
    uint256 public forged;
    /// @notice How often each thing was done, so that a walk can show that all are reached.
    mapping(bytes32 action => uint256) public done;

    Known[] private _jobs;
    uint256[] private _keys;
    address[] private _signers;
    Version[] private _versions;
    bytes32[] private _versionKeys;
    uint256 private _nonce;

    constructor(UsageLedger ledger, RoyaltyVault vault, address court_, address dao, address[3] memory tokens) {
        (LEDGER, VAULT, COURT, DAO) = (ledger, vault, court_, dao);
        (BLOCKING, FEE) = (BlockingToken(tokens[1]), FeeToken(tokens[2]));
        NESTING = new NestingToken();
        NESTER = new NestingPayer(ledger, NESTING);
        currencies = [address(0), tokens[0], tokens[1]];
        payers = [makeAddr("ann"), makeAddr("ben"), address(new Refuser()), address(new ReenteringPayer(ledger))];
        (_keys, _signers) = ReportSigners.sorted(5);
    }

    function setVersions(Version[] calldata versions, bytes32[] calldata versionKeys) external {
        for (uint256 i; i < versions.length; ++i) {
            _versions.push(versions[i]);
            _versionKeys.push(versionKeys[i]);
        }
    }

    function nesting() external view returns (address) {
        return address(NESTING);
    }

    function jobCount() external view returns (uint256) {
        return _jobs.length;
    }

    function jobAt(uint256 index) external view returns (bytes32 id, address currency, uint256 amount, uint256 ended) {
        Known storage job = _jobs[index];
        return (job.id, job.currency, job.amount, job.ended);
    }

    // ---- actions

    function open(uint256 who, uint256 currency, uint256 amount, uint256 payees, uint256 term) external {
        address payer = payers[who % PAYERS];
        address coin = currencies[currency % CURRENCIES];
        amount = bound(amount, 1, 1e24);
        JobRequest memory request = _request(coin, amount, payees, bound(term, 1, 10 days));
        _fund(payer, coin, amount);
        vm.prank(payer);
        bytes32 id = LEDGER.openJob{value: coin == address(0) ? amount : 0}(request);
        _jobs.push();
        Known storage job = _jobs[_jobs.length - 1];
        (job.id, job.payer, job.currency, job.amount) = (id, payer, coin, amount);
        for (uint256 i; i < request.payees.length; ++i) {
            job.payees.push(request.payees[i]);
        }
        escrowed[payer][coin] += amount;
        ++done["open"];
    }

    function openWithFee(uint256 amount) external {
        amount = bound(amount, 100, 1e24);
        _fund(payers[0], address(FEE), amount);
        JobRequest memory request = _request(address(FEE), amount, 1, 1 days);
        vm.prank(payers[0]);
        LEDGER.openJob(request);
        ++forged;
    }

    /// @notice Two jobs for the coin of one.
    function openNested(uint256 amount) external {
        amount = bound(amount, 1, 1e24) * 10;
        NESTING.mint(address(NESTER), 2 * amount);
        NESTER.open(_request(address(NESTING), amount, 1, 1 days), _request(address(NESTING), amount / 10, 1, 1 days));
        ++forged;
    }

    function report(uint256 index, uint64[5] calldata weights) external {
        Known storage job = _jobs[_pick(index, JobState.Open)];
        UsageLine[] memory lines = _linesOf(weights);
        ReportSigners.Signed memory s = _sign(job.id, lines, hex"000204");
        _send(s);
        delete job.lines;
        for (uint256 i; i < lines.length; ++i) {
            job.lines.push(lines[i]);
        }
        ++done["report"];
    }

    /// @notice A report that two signers stand for, or one that somebody changed.
    function forgeReport(uint256 index, uint64[5] calldata weights, uint256 way) external {
        Known storage job = _jobs[_pick(index, JobState.Open)];
        way %= 6;
        ReportSigners.Signed memory s =
            _sign(job.id, _linesOf(weights), way == 0 ? bytes(hex"0204") : bytes(hex"000204"));
        if (way == 1) s.signatures[2] = s.signatures[1];
        if (way == 2) s.positions = hex"000202";
        if (way == 3) s.report.receiptDigest = keccak256("other");
        if (way == 4) s.report.jobId = _jobs[(index + 1) % _jobs.length].id;
        if (way == 4 && s.report.jobId == job.id) return;
        if (way == 5) s.threshold = 1;
        _send(s);
        ++forged;
    }

    function court(uint256 index, uint256 action, uint32 extension) external {
        action %= 4;
        bytes32 id = _jobs[_pick(index, action <= 1 ? JobState.Reported : JobState.Held)].id;
        vm.prank(COURT);
        if (action <= 1) LEDGER.holdReport(id);
        else if (action == 2) LEDGER.upholdReport(id, extension % 10 days);
        else LEDGER.strikeReport(id);
        ++done[action <= 1 ? bytes32("hold") : action == 2 ? bytes32("uphold") : bytes32("strike")];
    }

    function courtByStranger(uint256 index, uint256 who, uint256 action) external {
        bytes32 id = _jobs[index % _jobs.length].id;
        vm.prank(payers[who % PAYERS]);
        if (action % 3 == 0) LEDGER.holdReport(id);
        else if (action % 3 == 1) LEDGER.upholdReport(id, 0);
        else LEDGER.strikeReport(id);
        ++forged;
    }

    function reopen(uint256 index, bool honest) external {
        Known storage job = _jobs[_pick(index, JobState.Struck)];
        bytes32 setId = honest ? _setId() : ReportSigners.setId(1, _signers);
        LEDGER.reopen(job.id, setId, keccak256(abi.encode(job.lines)));
        if (honest) ++done["reopen"];
        else ++forged;
    }

    function settle(uint256 index) external {
        _settle(_jobs[_pick(index, JobState.Reported)]);
    }

    /// @notice Lines, payees or versions that are not the job's.
    function forgeSettle(uint256 index, uint256 way, uint256 value) external {
        Known storage job = _jobs[_pick(index, JobState.Reported)];
        UsageLine[] memory lines = job.lines;
        JobPayee[] memory payees = job.payees;
        Version[] memory versions = _matching(job);
        way %= 4;
        if (way == 0) payees[value % payees.length].cap ^= uint128(1 << (value % 128));
        if (way == 1) lines = _linesOf([uint64(value), 0, 0, 0, 1]);
        if (way == 1 && keccak256(abi.encode(lines)) == keccak256(abi.encode(job.lines))) return;
        if (way >= 2) {
            if (versions.length == 0) return;
            if (way == 2) versions[value % versions.length].contributorRoot = keccak256(abi.encode("mine", value));
            else versions = new Version[](0);
        }
        LEDGER.settle(job.id, _setId(), lines, payees, versions);
        ++forged;
    }

    function refund(uint256 index) external {
        _refund(_jobs[index % _jobs.length]);
    }

    function withdraw(uint256 who, uint256 currency) external {
        _withdraw(payers[who % PAYERS], currencies[currency % CURRENCIES]);
    }

    function donate(uint256 currency, uint256 amount) external {
        address coin = currencies[currency % CURRENCIES];
        amount = bound(amount, 1, 1e18);
        if (coin == address(0)) vm.deal(address(LEDGER), address(LEDGER).balance + amount);
        else PlainToken(coin).mint(address(LEDGER), amount);
        donated[coin] += amount;
    }

    /// @notice Payers that refuse, and a token that refuses a payer, the vault or the ledger.
    function setRefused(bool accepts, uint256 blocked) external {
        Refuser(payable(payers[2])).setAccepts(accepts);
        blocked %= PAYERS + 3;
        BLOCKING.setBlocked(
            blocked < PAYERS
                ? payers[blocked]
                : blocked == PAYERS ? address(VAULT) : blocked == PAYERS + 1 ? address(LEDGER) : address(1)
        );
    }

    function allow(uint256 currency, bool allowed) external {
        vm.prank(DAO);
        VAULT.allowCurrency(currencies[1 + currency % (CURRENCIES - 1)], allowed);
    }

    function pass(uint256 time) external {
        skip(bound(time, 1 hours, 4 days));
    }

    // ---- for the end of a run: nobody refuses any more, and every job ends

    function endEverything() external {
        BLOCKING.setBlocked(address(1));
        Refuser(payable(payers[2])).setAccepts(true);
        for (uint256 i; i < _jobs.length; ++i) {
            if (LEDGER.jobOf(_jobs[i].id).state != JobState.Held) continue;
            vm.prank(COURT);
            if (i % 2 == 0) LEDGER.upholdReport(_jobs[i].id, 0);
            else LEDGER.strikeReport(_jobs[i].id);
        }
        skip(1_000 days);
        for (uint256 i; i < _jobs.length; ++i) {
            JobState state = LEDGER.jobOf(_jobs[i].id).state;
            if (state != JobState.Settled && state != JobState.Refunded) _refund(_jobs[i]);
        }
        for (uint256 i; i < PAYERS; ++i) {
            for (uint256 c; c < CURRENCIES; ++c) {
                if (credit[payers[i]][currencies[c]] != 0) _withdraw(payers[i], currencies[c]);
            }
        }
    }

    // ---- helpers

    /// @dev The next job in this state, or any: most actions are to be about something.
    function _pick(uint256 index, JobState state) private view returns (uint256) {
        for (uint256 i; i < _jobs.length; ++i) {
            uint256 at = (index % _jobs.length + i) % _jobs.length;
            if (LEDGER.jobOf(_jobs[at].id).state == state) return at;
        }
        return index % _jobs.length;
    }

    function _settle(Known storage job) private {
        UsageLine[] memory lines = job.lines;
        LEDGER.settle(job.id, _setId(), lines, job.payees, _matching(job));
        uint256 sum;
        for (uint256 i; i < lines.length; ++i) {
            sum += lines[i].weight;
        }
        uint256 rest = job.amount;
        for (uint256 i; i < job.payees.length; ++i) {
            uint256 pool = _indexOf(job.payees[i].versionKey);
            for (uint256 j; j < lines.length; ++j) {
                if (lines[j].versionKey != job.payees[i].versionKey) continue;
                uint256 part = job.amount * lines[j].weight / sum;
                if (part > job.payees[i].cap) part = job.payees[i].cap;
                due[pool][job.currency] += part;
                rest -= part;
            }
        }
        credit[job.payer][job.currency] += rest;
        ++job.ended;
        ++done["settle"];
    }

    function _refund(Known storage job) private {
        LEDGER.refund(job.id);
        credit[job.payer][job.currency] += job.amount;
        ++job.ended;
        ++done["refund"];
    }

    function _withdraw(address payer, address currency) private {
        if (payer == payers[3] && _jobs.length != 0) ReenteringPayer(payable(payer)).arm(_jobs[0].id);
        uint256 amount = LEDGER.withdrawCredit(payer, currency);
        credit[payer][currency] -= amount;
        withdrawn[payer][currency] += amount;
        ++done["withdraw"];
    }

    function _request(address currency, uint256 amount, uint256 payees, uint256 term)
        private
        returns (JobRequest memory request)
    {
        request.nonce = ++_nonce;
        request.currency = currency;
        request.amount = uint128(amount);
        request.deadline = uint40(block.timestamp + term);
        request.signerSetId = _setId();
        // The first one to four versions; every third has a cap that binds.
        request.payees = new JobPayee[](1 + payees % POOLS);
        for (uint256 i; i < request.payees.length; ++i) {
            uint256 cap = (payees >> i) % 3 == 0 ? amount / 10 : type(uint128).max;
            request.payees[i] = JobPayee(_versionKeys[i], uint128(cap));
        }
    }

    function _fund(address payer, address currency, uint256 amount) private {
        if (currency == address(0)) {
            vm.deal(payer, payer.balance + amount);
            return;
        }
        // A blocked payer can't be given any, and the action fails.
        PlainToken(currency).mint(payer, amount);
        vm.prank(payer);
        PlainToken(currency).approve(address(LEDGER), amount);
    }

    function _sign(bytes32 id, UsageLine[] memory lines, bytes memory positions)
        private
        view
        returns (ReportSigners.Signed memory)
    {
        Job memory job = LEDGER.jobOf(id);
        UsageReport memory made =
            UsageReport(id, _setId(), lines, keccak256("receipts"), job.round, block.timestamp + 1 hours);
        return ReportSigners.sign(made, block.chainid, address(LEDGER), 3, _signers, _keys, positions);
    }

    function _send(ReportSigners.Signed memory s) private {
        LEDGER.report(s.report, s.threshold, s.signers, s.positions, s.signatures);
    }

    function _linesOf(uint64[5] memory weights) private view returns (UsageLine[] memory lines) {
        uint256 count;
        lines = new UsageLine[](5);
        for (uint256 i; i < 5; ++i) {
            // A third of the lines is left out.
            if (weights[i] % 3 != 0) lines[count++] = UsageLine(_versionKeys[i], weights[i]);
        }
        assembly ("memory-safe") {
            mstore(lines, count)
        }
    }

    function _matching(Known storage job) private view returns (Version[] memory found) {
        uint256 count;
        found = new Version[](job.payees.length);
        for (uint256 i; i < job.payees.length; ++i) {
            for (uint256 j; j < job.lines.length; ++j) {
                if (job.lines[j].versionKey != job.payees[i].versionKey) continue;
                found[count++] = _versions[_indexOf(job.payees[i].versionKey)];
            }
        }
        assembly ("memory-safe") {
            mstore(found, count)
        }
    }

    function _indexOf(bytes32 versionKey) private view returns (uint256 index) {
        while (_versionKeys[index] != versionKey) ++index;
    }

    function _setId() private view returns (bytes32) {
        return ReportSigners.setId(3, _signers);
    }
}
