// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";

import {DataAccessManager} from "../src/DataAccessManager.sol";
import {DataTimelock} from "../src/DataTimelock.sol";
import {DataToken} from "../src/DataToken.sol";
import {SuiteFactory} from "../src/SuiteFactory.sol";
import {IDataGovernor} from "../src/interfaces/IDataGovernor.sol";
import {ModuleConfig} from "../src/types/Modules.sol";
import {Allocation, DaoConfig, ProjectConfig, RoyaltyPolicy, Suite, Terms} from "../src/types/Types.sol";
import {MockLicenses, MockPass, MockRegistry, MockVault} from "./mocks/DataMocks.sol";
import {MockCourt, MockLedger, MockRecords, MockRounds, MockStake} from "./mocks/ModuleMocks.sol";
import {Holders} from "./support/Holders.sol";

/// @dev The governor's settings and guardian, beside IGovernor. Tests use it by interface: see `foundry.toml`.
interface IGovernorExtensions {
    function quorumDenominator() external view returns (uint256);
    function quorumNumerator() external view returns (uint256);
    function proposalGuardian() external view returns (address);
    function setProposalGuardian(address guardian) external;
    function setVotingDelay(uint48 delay) external;
    function lateQuorumVoteExtension() external view returns (uint48);
    function timelock() external view returns (address);
    function token() external view returns (address);
    function proposalVotes(uint256 proposalId) external view returns (uint256, uint256, uint256);
    function eip712Domain()
        external
        view
        returns (bytes1, string memory, string memory, uint256, address, bytes32, uint256[] memory);
}

/// @dev A factory over the real governance implementations, a project as people configure it, and the steps of a
/// proposal's life.
abstract contract SuiteBase is Test {
    struct Proposal {
        address[] targets;
        uint256[] values;
        bytes[] calldatas;
        string description;
    }

    uint48 internal constant VOTING_DELAY = 1 days;
    uint32 internal constant VOTING_PERIOD = 5 days;
    uint48 internal constant EXTENSION = 2 days;
    uint48 internal constant TIMELOCK_DELAY = 2 days;
    uint256 internal constant THRESHOLD = 1_000e18;
    uint16 internal constant QUORUM_BPS = 400;
    uint256 internal constant SUPPLY = 1_000_000e18;

    address internal alice = makeAddr("alice");
    address internal bob = makeAddr("bob");
    address internal carol = makeAddr("carol");
    address internal mallory = makeAddr("mallory");
    address internal guardian = makeAddr("guardian");
    uint48 internal sunset;

    SuiteFactory internal factory;
    Suite internal parts;

    function setUp() public virtual {
        vm.warp(1_760_000_000);
        sunset = uint48(block.timestamp + 365 days);
        parts = Suite({
            token: address(new DataToken()),
            timelock: address(new DataTimelock()),
            governor: deployCode("DataGovernor.sol:DataGovernor"),
            manager: address(new DataAccessManager()),
            registry: Holders.hold(type(MockRegistry).creationCode),
            licenses: Holders.hold(type(MockLicenses).creationCode),
            vault: Holders.hold(type(MockVault).creationCode),
            pass: Holders.hold(type(MockPass).creationCode),
            stake: address(new MockStake()),
            court: address(new MockCourt()),
            ledger: address(new MockLedger()),
            rounds: address(new MockRounds()),
            records: address(new MockRecords())
        });
        factory = new SuiteFactory(parts);
    }

    /// @dev alice 60 %, bob 25 %, carol 5 %, treasury 10 %.
    function daoConfig() internal view returns (DaoConfig memory dao) {
        dao.name = "Raccoon Data";
        dao.symbol = "RAC";
        dao.allocations = new Allocation[](4);
        dao.allocations[0] = Allocation(alice, SUPPLY * 60 / 100);
        dao.allocations[1] = Allocation(bob, SUPPLY * 25 / 100);
        dao.allocations[2] = Allocation(carol, SUPPLY * 5 / 100);
        dao.allocations[3] = Allocation(address(0), SUPPLY * 10 / 100);
        dao.votingDelay = VOTING_DELAY;
        dao.votingPeriod = VOTING_PERIOD;
        dao.lateQuorumExtension = EXTENSION;
        dao.timelockDelay = TIMELOCK_DELAY;
        dao.proposalThreshold = THRESHOLD;
        dao.quorumBps = QUORUM_BPS;
        dao.guardian = guardian;
        dao.guardianSunset = sunset;
    }

    /// @dev One account holds the whole supply, no guardian: the default of a manifest.
    function soleConfig() internal view returns (DaoConfig memory dao) {
        dao = daoConfig();
        dao.allocations = new Allocation[](1);
        dao.allocations[0] = Allocation(alice, SUPPLY);
        dao.guardian = address(0);
        dao.guardianSunset = 0;
    }

    function projectConfig() internal returns (ProjectConfig memory project) {
        project.daoApprovesCards = true;
        project.policy = RoyaltyPolicy({contributors: 7_000, curators: 1_500, validators: 500, treasury: 1_000});
        project.terms = new Terms[](2);
        project.terms[0] = Terms({
            licenseDigest: sha256("open"),
            allow: 0x7f,
            deny: 0x80,
            price: 0,
            currency: address(0),
            duration: 0,
            revocable: false,
            royaltyBps: 0,
            priceModule: address(0),
            priceStep: 0
        });
        project.terms[1] = Terms({
            licenseDigest: sha256("commercial"),
            allow: 0x03,
            deny: 0xc0,
            price: 1 ether,
            currency: makeAddr("stablecoin"),
            duration: 365 days,
            revocable: true,
            royaltyBps: 250,
            priceModule: address(0),
            priceStep: 0
        });
        project.currencies = new address[](1);
        project.currencies[0] = makeAddr("stablecoin");
        project.modules = moduleConfig();
    }

    /// @dev The defaults of a manifest.
    function moduleConfig() internal pure returns (ModuleConfig memory) {
        return ModuleConfig({
            attestationLock: 0.1 ether,
            minBond: 0.05 ether,
            bondBps: 1_000,
            challengeWindow: 7 days,
            answerWindow: 3 days,
            rulingWindow: 14 days,
            appealWindow: 3 days,
            unbonding: 42 days,
            cancelWindow: 3 days,
            roundBond: 0.01 ether,
            arbitrator: address(0),
            arbitratorExtraData: ""
        });
    }

    function deploySuite() internal returns (Suite memory) {
        return factory.deploy(daoConfig(), projectConfig());
    }

    /// @dev A proposal with one call.
    function proposalOf(address target, bytes memory data, string memory description)
        internal
        pure
        returns (Proposal memory p)
    {
        p.targets = new address[](1);
        p.values = new uint256[](1);
        p.calldatas = new bytes[](1);
        p.targets[0] = target;
        p.calldatas[0] = data;
        p.description = description;
    }

    function propose(Suite memory s, address proposer, Proposal memory p) internal returns (uint256) {
        vm.prank(proposer);
        return IGovernor(s.governor).propose(p.targets, p.values, p.calldatas, p.description);
    }

    function vote(Suite memory s, address voter, uint256 id, uint8 support) internal returns (uint256) {
        vm.prank(voter);
        return IGovernor(s.governor).castVote(id, support);
    }

    function queue(Suite memory s, Proposal memory p) internal {
        IGovernor(s.governor).queue(p.targets, p.values, p.calldatas, keccak256(bytes(p.description)));
    }

    function execute(Suite memory s, Proposal memory p) internal {
        IGovernor(s.governor).execute(p.targets, p.values, p.calldatas, keccak256(bytes(p.description)));
    }

    function cancel(Suite memory s, address sender, Proposal memory p) internal {
        vm.prank(sender);
        IGovernor(s.governor).cancel(p.targets, p.values, p.calldatas, keccak256(bytes(p.description)));
    }

    /// @dev alice proposes and carries the vote; the operation waits in the timelock.
    function pass(Suite memory s, Proposal memory p) internal returns (uint256 id) {
        id = propose(s, alice, p);
        skip(VOTING_DELAY + 1);
        vote(s, alice, id, 1);
        skip(VOTING_PERIOD + 1);
        queue(s, p);
    }

    /// @dev The whole life of a proposal.
    function enact(Suite memory s, Proposal memory p) internal returns (uint256 id) {
        id = pass(s, p);
        skip(TIMELOCK_DELAY);
        execute(s, p);
    }
}
