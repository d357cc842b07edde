// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {Vm} from "forge-std/Vm.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";

import {DataAccessManager} from "../src/DataAccessManager.sol";
import {DataTimelock} from "../src/DataTimelock.sol";
import {DataToken} from "../src/DataToken.sol";
import {SuiteFactory} from "../src/SuiteFactory.sol";
import {IDataGovernor} from "../src/interfaces/IDataGovernor.sol";
import {ISuiteFactory} from "../src/interfaces/ISuiteFactory.sol";
import {CodeHolder} from "../src/lib/CodeHolder.sol";
import {Access, Managed} from "../src/lib/Managed.sol";
import {ModuleConfig} from "../src/types/Modules.sol";
import {Allocation, DaoConfig, ProjectConfig, RoyaltyPolicy, Suite, Terms} from "../src/types/Types.sol";
import {MockLicenses, MockPass, MockRegistry, MockVault} from "./mocks/DataMocks.sol";
import {
    ClingingManager,
    DeafManager,
    LackingTimelock,
    LeakyManager,
    LeakyTimelock,
    SlowManager
} from "./mocks/HostileGovernance.sol";
import {IGovernorExtensions, SuiteBase} from "./SuiteBase.sol";
import {Holders} from "./support/Holders.sol";

contract SuiteFactoryTest is SuiteBase {
    bytes32 internal constant ADMIN = 0;
    bytes32 internal constant PROPOSER = keccak256("PROPOSER_ROLE");
    bytes32 internal constant CANCELLER = keccak256("CANCELLER_ROLE");
    bytes32 internal constant EXECUTOR = keccak256("EXECUTOR_ROLE");
    uint64 internal constant COURT = 1;

    function salt() internal returns (bytes32) {
        return factory.saltOf(address(this), daoConfig(), projectConfig());
    }

    // ------------------------------------------------------------------------------------------------ constructor

    function test_constructor_implementationMissing() public {
        Suite memory broken = parts;
        broken.vault = mallory;
        vm.expectRevert(abi.encodeWithSelector(ISuiteFactory.ImplementationMissing.selector, mallory));
        new SuiteFactory(broken);
    }

    /// @dev Each of the four places for code holders, with nothing there and with a contract that holds no code: it would
    /// be run as creation code without its first byte.
    function test_constructor_holderMissingOrNone() public {
        address whole = address(new DataToken());
        for (uint256 i; i < 4; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ISuiteFactory.ImplementationMissing.selector, mallory));
            new SuiteFactory(_withHolder(i, mallory));
            vm.expectRevert(abi.encodeWithSelector(CodeHolder.CodeHolderInvalid.selector, whole));
            new SuiteFactory(_withHolder(i, whole));
        }
    }

    /// @dev The parts with another holder for one data contract.
    function _withHolder(uint256 place, address holder) private view returns (Suite memory changed) {
        changed = parts;
        if (place == 0) changed.registry = holder;
        else if (place == 1) changed.licenses = holder;
        else if (place == 2) changed.vault = holder;
        else changed.pass = holder;
    }

    function test_constructor_keepsEach() public view {
        assertEq(abi.encode(factory.implementations()), abi.encode(parts));
    }

    // ---------------------------------------------------------------------------------------------------- deploy

    function test_deploy_addressesFollowFromTheSalt() public {
        Suite memory predicted = factory.suiteOf(salt());
        Suite memory s = deploySuite();
        assertEq(abi.encode(s), abi.encode(predicted));
        assertEq(abi.encode(factory.suiteOf(salt())), abi.encode(predicted));
        assertTrue(MockRegistry(s.registry).daoApprovesCards());
    }

    function test_deploy_addressesFollowFromTheSalt_publisherApproves() public {
        DaoConfig memory dao = daoConfig();
        ProjectConfig memory project = projectConfig();
        project.daoApprovesCards = false;
        Suite memory predicted = factory.suiteOf(factory.saltOf(address(this), dao, project));
        Suite memory s = factory.deploy(dao, project);
        assertEq(abi.encode(s), abi.encode(predicted));
        assertFalse(MockRegistry(s.registry).daoApprovesCards());
    }

    function test_deploy_announces() public {
        DaoConfig memory dao = daoConfig();
        ProjectConfig memory project = projectConfig();
        bytes32 expected = salt();
        Suite memory predicted = factory.suiteOf(expected);
        vm.expectEmit(address(factory));
        emit ISuiteFactory.SuiteDeployed(address(this), predicted.registry, expected, predicted);
        factory.deploy(dao, project);
    }

    function test_deploy_wires() public {
        Suite memory s = deploySuite();
        address[4] memory managed = [s.registry, s.licenses, s.vault, s.pass];
        for (uint256 i; i < 4; ++i) {
            assertEq(Managed(managed[i]).authority(), s.manager);
        }
        (address origin, bytes32 originSalt) = MockRegistry(s.registry).origin();
        assertEq(origin, address(factory));
        assertEq(originSalt, salt());
        assertEq(MockLicenses(s.licenses).registry(), s.registry);
        (address registry, address licenses, address vault) = MockPass(s.pass).wiring();
        assertEq(registry, s.registry);
        assertEq(licenses, s.licenses);
        assertEq(vault, s.vault);
    }

    function test_deploy_setsGovernanceUp() public {
        Suite memory s = deploySuite();
        DataToken token = DataToken(s.token);
        assertEq(token.name(), "Raccoon Data");
        assertEq(token.symbol(), "RAC");
        assertEq(token.totalSupply(), SUPPLY);
        assertEq(token.balanceOf(bob), 250_000e18);
        assertEq(token.balanceOf(s.timelock), 100_000e18);
        assertEq(token.balanceOf(address(factory)), 0);
        assertEq(DataTimelock(payable(s.timelock)).getMinDelay(), TIMELOCK_DELAY);

        IGovernor governor = IGovernor(s.governor);
        IGovernorExtensions more = IGovernorExtensions(s.governor);
        assertEq(governor.name(), "Raccoon Data Governor");
        assertEq(more.token(), s.token);
        assertEq(more.timelock(), s.timelock);
        assertEq(governor.votingDelay(), VOTING_DELAY);
        assertEq(governor.votingPeriod(), VOTING_PERIOD);
        assertEq(governor.proposalThreshold(), THRESHOLD);
        assertEq(more.lateQuorumVoteExtension(), EXTENSION);
        assertEq(more.quorumDenominator(), 10_000);
        assertEq(more.quorumNumerator(), QUORUM_BPS);
        assertEq(more.proposalGuardian(), guardian);
        assertEq(IDataGovernor(s.governor).guardianSunset(), sunset);
        assertEq(governor.clock(), block.timestamp);
        assertEq(governor.CLOCK_MODE(), "mode=timestamp");
        skip(1);
        assertEq(governor.quorum(block.timestamp - 1), SUPPLY * QUORUM_BPS / 10_000);
    }

    function test_deploy_configures() public {
        ProjectConfig memory project = projectConfig();
        Suite memory s = deploySuite();
        MockLicenses licenses = MockLicenses(s.licenses);
        assertEq(abi.encode(licenses.policy()), abi.encode(project.policy));
        assertEq(licenses.termsCount(), 2);
        assertEq(abi.encode(licenses.termsNumbered(1)), abi.encode(project.terms[0]));
        assertEq(abi.encode(licenses.termsNumbered(2)), abi.encode(project.terms[1]));
        assertTrue(MockVault(s.vault).isAllowed(project.currencies[0]));
        assertFalse(MockVault(s.vault).isAllowed(mallory));
    }

    /// @dev From the events of the whole transaction: every right ever given, and what is left of it.
    function test_deploy_rightsAreTheTimelocksOnly() public {
        DaoConfig memory dao = daoConfig();
        ProjectConfig memory project = projectConfig();
        vm.recordLogs();
        Suite memory s = factory.deploy(dao, project);
        (uint256 managerGrants, uint256 timelockGrants) = (0, 0);
        bytes32 granted = keccak256("RoleGranted(uint64,address,uint32,uint48,bool)");
        bytes32 grantedByTimelock = keccak256("RoleGranted(bytes32,address,address)");
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            address holder = logs[i].topics.length > 2 ? address(uint160(uint256(logs[i].topics[2]))) : address(0);
            if (logs[i].topics[0] == granted) {
                assertEq(logs[i].emitter, s.manager);
                ++managerGrants;
                uint64 role = uint64(uint256(logs[i].topics[1]));
                (bool member, uint32 delay) = IAccessManager(s.manager).hasRole(role, holder);
                if (role == COURT) assertEq(holder, s.court);
                assertEq(member, holder == s.timelock || role == COURT);
                assertEq(delay, 0);
            } else if (logs[i].topics[0] == grantedByTimelock) {
                assertEq(logs[i].emitter, s.timelock);
                ++timelockGrants;
                bytes32 role = logs[i].topics[1];
                if (role == ADMIN) assertEq(holder, s.timelock);
                else if (role == EXECUTOR) assertEq(holder, address(0));
                else assertEq(holder, s.governor);
            }
        }
        assertEq(managerGrants, 3);
        assertEq(timelockGrants, 4);
    }

    function test_deploy_outsidersCanDoNothing() public {
        Suite memory s = deploySuite();
        address[5] memory outsiders = [address(this), address(factory), alice, guardian, s.governor];
        for (uint256 i; i < outsiders.length; ++i) {
            address outsider = outsiders[i];
            vm.startPrank(outsider);
            vm.expectRevert(abi.encodeWithSelector(Access.Unauthorized.selector, outsider));
            MockRegistry(s.registry).approveCard("key", true);
            vm.expectRevert(abi.encodeWithSelector(Access.Unauthorized.selector, outsider));
            MockLicenses(s.licenses).setPolicy(RoyaltyPolicy(10_000, 0, 0, 0));
            vm.expectRevert(abi.encodeWithSelector(Access.Unauthorized.selector, outsider));
            MockVault(s.vault).allowCurrency(outsider, true);
            vm.expectPartialRevert(IAccessManager.AccessManagerUnauthorizedAccount.selector);
            IAccessManager(s.manager).grantRole(0, outsider, 0);
            vm.expectPartialRevert(IAccessControl.AccessControlUnauthorizedAccount.selector);
            IAccessControl(s.timelock).grantRole(PROPOSER, outsider);
            if (outsider != s.governor) {
                vm.expectPartialRevert(IAccessControl.AccessControlUnauthorizedAccount.selector);
                DataTimelock(payable(s.timelock)).schedule(outsider, 0, "", 0, 0, TIMELOCK_DELAY);
            }
            vm.stopPrank();
        }
    }

    function test_deploy_initializedForGood() public {
        _refusesInitialize(deploySuite());
    }

    function test_implementationsAreLocked() public {
        _refusesInitialize(parts);
    }

    function _refusesInitialize(Suite memory s) private {
        DaoConfig memory dao = daoConfig();
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        DataToken(s.token).initialize("n", "s", dao.allocations, mallory);
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        DataTimelock(payable(s.timelock)).initialize(0, new address[](0), new address[](0), mallory);
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        IDataGovernor(s.governor).initialize(s.token, payable(s.timelock), dao);
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        DataAccessManager(s.manager).initialize(mallory);
    }

    function test_deploy_twice() public {
        Suite memory s = deploySuite();
        bytes32 taken = salt();
        vm.expectRevert(abi.encodeWithSelector(ISuiteFactory.AlreadyDeployed.selector, taken, s.token));
        this.deployAgain();
    }

    function deployAgain() external {
        deploySuite();
    }

    function test_deploy_byAnotherIsElsewhere() public {
        DaoConfig memory dao = daoConfig();
        ProjectConfig memory project = projectConfig();
        vm.prank(mallory);
        Suite memory other = factory.deploy(dao, project);
        Suite memory s = factory.deploy(dao, project);
        assertEq(abi.encode(s), abi.encode(factory.suiteOf(salt())));
        assertTrue(other.token != s.token && other.timelock != s.timelock && other.governor != s.governor);
        assertTrue(other.manager != s.manager && other.registry != s.registry && other.licenses != s.licenses);
        assertTrue(other.vault != s.vault && other.pass != s.pass);
        assertTrue(other.stake != s.stake && other.court != s.court && other.ledger != s.ledger);
        assertTrue(other.rounds != s.rounds && other.records != s.records);
    }

    /// @dev One change in each field of the configuration; no two salts agree.
    function test_saltOf_bindsEveryField() public {
        bytes32[] memory salts = new bytes32[](36);
        uint256 n;
        DaoConfig memory dao = daoConfig();
        ProjectConfig memory project = projectConfig();
        salts[n++] = salt();
        salts[n++] = factory.saltOf(mallory, dao, project);
        for (uint256 i; i < 15; ++i) {
            salts[n++] = factory.saltOf(address(this), _changedDao(i), project);
        }
        for (uint256 i; i < 19; ++i) {
            salts[n++] = factory.saltOf(address(this), dao, _changedProject(i));
        }
        assertEq(n, salts.length);
        _assertDistinct(salts);
    }

    function test_daoSaltOf_bindsEveryField() public {
        bytes32[] memory salts = new bytes32[](19);
        uint256 n;
        DaoConfig memory dao = daoConfig();
        salts[n++] = factory.daoSaltOf(address(this), dao, true);
        salts[n++] = factory.daoSaltOf(address(this), dao, false);
        salts[n++] = factory.daoSaltOf(mallory, dao, true);
        salts[n++] = salt();
        for (uint256 i; i < 15; ++i) {
            salts[n++] = factory.daoSaltOf(address(this), _changedDao(i), true);
        }
        assertEq(n, salts.length);
        _assertDistinct(salts);
    }

    function _assertDistinct(bytes32[] memory salts) private pure {
        for (uint256 i; i < salts.length; ++i) {
            for (uint256 j; j < i; ++j) {
                assertTrue(salts[i] != salts[j], string.concat(vm.toString(i), " = ", vm.toString(j)));
            }
        }
    }

    function _changedDao(uint256 field) private view returns (DaoConfig memory dao) {
        dao = daoConfig();
        if (field == 0) dao.name = "Raccoon Data!";
        else if (field == 1) dao.symbol = "RACC";
        else if (field == 2) dao.allocations[0].to = mallory;
        else if (field == 3) dao.allocations[0].amount += 1;
        else if (field == 4) dao.allocations = new Allocation[](5);
        else if (field == 5) dao.votingDelay += 1;
        else if (field == 6) dao.votingPeriod += 1;
        else if (field == 7) dao.lateQuorumExtension += 1;
        else if (field == 8) dao.timelockDelay += 1;
        else if (field == 9) dao.proposalThreshold += 1;
        else if (field == 10) dao.quorumBps += 1;
        else if (field == 11) dao.guardian = mallory;
        else if (field == 12) dao.guardianSunset += 1;
        // Bytes moved between neighbors.
        else if (field == 13) (dao.name, dao.symbol) = ("Raccoon Dat", "aRAC");
        else (dao.name, dao.symbol) = (dao.symbol, dao.name);
    }

    function _changedProject(uint256 field) private returns (ProjectConfig memory project) {
        project = projectConfig();
        if (field == 0) project.daoApprovesCards = false;
        else if (field == 1) project.policy.contributors -= 1;
        else if (field == 2) project.terms[1].price += 1;
        else if (field == 3) project.terms = new Terms[](0);
        else if (field == 4) project.currencies[0] = mallory;
        else if (field == 5) project.currencies = new address[](0);
        else if (field == 6) project.policy.treasury += 1;
        else _changeSetting(project.modules, field - 7);
    }

    function _changeSetting(ModuleConfig memory modules, uint256 field) private view {
        if (field == 0) modules.attestationLock += 1;
        else if (field == 1) modules.minBond += 1;
        else if (field == 2) modules.bondBps += 1;
        else if (field == 3) modules.challengeWindow += 1;
        else if (field == 4) modules.answerWindow += 1;
        else if (field == 5) modules.rulingWindow += 1;
        else if (field == 6) modules.appealWindow += 1;
        else if (field == 7) modules.unbonding += 1;
        else if (field == 8) modules.cancelWindow += 1;
        else if (field == 9) modules.roundBond += 1;
        else if (field == 10) modules.arbitrator = mallory;
        else modules.arbitratorExtraData = "court";
    }

    // --------------------------------------------------------------------------------- what the factory refuses

    function _deployWith(Suite memory changed) private returns (Suite memory predicted) {
        factory = new SuiteFactory(changed);
        predicted = factory.suiteOf(salt());
    }

    function _expectRefused(bytes4 kind, address target, bytes32 role, address holder) private {
        vm.expectRevert(abi.encodeWithSelector(kind, target, role, holder));
        this.deployAgain();
    }

    function test_deploy_refusesRightsLeftOnTheTimelock() public {
        bytes32[3] memory roles = [ADMIN, PROPOSER, CANCELLER];
        for (uint256 i; i < 3; ++i) {
            parts.timelock = address(new LeakyTimelock(roles[i], address(1)));
            Suite memory s = _deployWith(parts);
            _expectRefused(ISuiteFactory.RightLeft.selector, s.timelock, roles[i], address(factory));

            parts.timelock = address(new LeakyTimelock(roles[i], address(this)));
            s = _deployWith(parts);
            _expectRefused(ISuiteFactory.RightLeft.selector, s.timelock, roles[i], address(this));
        }
    }

    function test_deploy_refusesRightsMissingOnTheTimelock() public {
        bytes32[4] memory roles = [ADMIN, PROPOSER, CANCELLER, EXECUTOR];
        for (uint256 i; i < 4; ++i) {
            parts.timelock = address(new LackingTimelock(roles[i]));
            Suite memory s = _deployWith(parts);
            address holder = i == 0 ? s.timelock : i == 3 ? address(0) : s.governor;
            _expectRefused(ISuiteFactory.RightMissing.selector, s.timelock, roles[i], holder);
        }
    }

    function test_deploy_refusesRightsLeftOnTheManager() public {
        parts.manager = address(new ClingingManager());
        Suite memory s = _deployWith(parts);
        _expectRefused(ISuiteFactory.RightLeft.selector, s.manager, ADMIN, address(factory));

        parts.manager = address(new LeakyManager(address(this)));
        s = _deployWith(parts);
        _expectRefused(ISuiteFactory.RightLeft.selector, s.manager, ADMIN, address(this));
    }

    function test_deploy_refusesATimelockThatCannotAdminister() public {
        parts.manager = address(new DeafManager());
        Suite memory s = _deployWith(parts);
        _expectRefused(ISuiteFactory.RightMissing.selector, s.manager, ADMIN, s.timelock);

        parts.manager = address(new SlowManager());
        s = _deployWith(parts);
        _expectRefused(ISuiteFactory.RightMissing.selector, s.manager, ADMIN, s.timelock);
    }

    /// @dev Creation code that refuses, and creation code that makes nothing: no suite without its contract.
    function test_deploy_refusesHoldersThatMakeNothing() public {
        bytes memory refusing = abi.encodeWithSignature("Refused(uint256)", 7);
        // Returns its data as a reason: PUSH1 36, PUSH1 10, PUSH0, CODECOPY, PUSH1 36, PUSH0, REVERT.
        address hostile = Holders.hold(bytes.concat(hex"6024600a5f3960245ffd", refusing));
        address empty = Holders.withCode(hex"0000");
        for (uint256 i; i < 4; ++i) {
            _deployWith(_withHolder(i, hostile));
            vm.expectRevert(refusing);
            this.deployAgain();

            Suite memory s = _deployWith(_withHolder(i, empty));
            address[4] memory places = [s.registry, s.licenses, s.vault, s.pass];
            vm.expectRevert(abi.encodeWithSelector(CodeHolder.CreationFailed.selector, empty, places[i]));
            this.deployAgain();
        }
    }

    /// @dev Another code, other addresses: of that contract and of all that are wired to it.
    function test_suiteOf_bindsTheCode() public {
        Suite memory s = factory.suiteOf(salt());
        Suite memory changed = parts;
        changed.licenses = Holders.hold(bytes.concat(type(MockLicenses).creationCode, hex"00"));
        vm.etch(address(factory), address(new SuiteFactory(changed)).code);
        Suite memory other = factory.suiteOf(salt());
        assertEq(other.registry, s.registry);
        assertNotEq(other.licenses, s.licenses);
        assertEq(other.vault, s.vault);
        assertNotEq(other.pass, s.pass);
    }

    // ------------------------------------------------------------------------------------------------- deployDao

    function test_deployDao_withManager() public {
        bytes32 daoSalt = factory.daoSaltOf(address(this), daoConfig(), true);
        Suite memory s = factory.deployDao(daoConfig(), true);
        Suite memory predicted = factory.suiteOf(daoSalt);
        assertEq(s.token, predicted.token);
        assertEq(s.timelock, predicted.timelock);
        assertEq(s.governor, predicted.governor);
        assertEq(s.manager, predicted.manager);
        assertEq(s.registry, address(0));
        assertEq(predicted.registry.code.length, 0);
        (bool member,) = IAccessManager(s.manager).hasRole(0, s.timelock);
        assertTrue(member);
        (member,) = IAccessManager(s.manager).hasRole(0, address(factory));
        assertFalse(member);
    }

    function test_deployDao_withoutManager() public {
        DaoConfig memory dao = soleConfig();
        bytes32 daoSalt = factory.daoSaltOf(address(this), dao, false);
        Suite memory predicted = factory.suiteOf(daoSalt);
        Suite memory expected;
        (expected.token, expected.timelock, expected.governor) =
        (predicted.token, predicted.timelock, predicted.governor);
        vm.expectEmit(address(factory));
        emit ISuiteFactory.SuiteDeployed(address(this), address(0), daoSalt, expected);
        Suite memory s = factory.deployDao(dao, false);
        assertEq(abi.encode(s), abi.encode(expected));
        assertEq(predicted.manager.code.length, 0);
        assertEq(IGovernorExtensions(s.governor).proposalGuardian(), address(0));
        assertTrue(IAccessControl(s.timelock).hasRole(PROPOSER, s.governor));
        _refusesOutsiders(s);
    }

    function _refusesOutsiders(Suite memory s) private view {
        address[3] memory outsiders = [address(this), address(factory), alice];
        bytes32[3] memory roles = [ADMIN, PROPOSER, CANCELLER];
        for (uint256 i; i < 3; ++i) {
            for (uint256 j; j < 3; ++j) {
                assertFalse(IAccessControl(s.timelock).hasRole(roles[i], outsiders[j]));
            }
        }
    }

    function test_deployDao_refusesLeaks() public {
        parts.timelock = address(new LeakyTimelock(PROPOSER, address(this)));
        factory = new SuiteFactory(parts);
        DaoConfig memory dao = daoConfig();
        address timelock = factory.suiteOf(factory.daoSaltOf(address(this), dao, false)).timelock;
        vm.expectRevert(abi.encodeWithSelector(ISuiteFactory.RightLeft.selector, timelock, PROPOSER, address(this)));
        factory.deployDao(dao, false);
    }

    function test_deployDao_refusesALeakyManager() public {
        parts.manager = address(new LeakyManager(address(this)));
        factory = new SuiteFactory(parts);
        DaoConfig memory dao = daoConfig();
        address manager = factory.suiteOf(factory.daoSaltOf(address(this), dao, true)).manager;
        vm.expectRevert(abi.encodeWithSelector(ISuiteFactory.RightLeft.selector, manager, ADMIN, address(this)));
        factory.deployDao(dao, true);
    }

    function test_deployDao_twice() public {
        DaoConfig memory dao = daoConfig();
        Suite memory s = factory.deployDao(dao, false);
        Suite memory other = factory.deployDao(dao, true);
        assertTrue(other.token != s.token);
        bytes32 taken = factory.daoSaltOf(address(this), dao, false);
        vm.expectRevert(abi.encodeWithSelector(ISuiteFactory.AlreadyDeployed.selector, taken, s.token));
        factory.deployDao(dao, false);
    }

    function testFuzz_saltOf_carriesTheFlag(address deployer, bool approves, string calldata name) public {
        DaoConfig memory dao = daoConfig();
        ProjectConfig memory project = projectConfig();
        dao.name = name;
        project.daoApprovesCards = approves;
        assertEq(uint256(factory.saltOf(deployer, dao, project)) & 1 == 1, approves);
    }
}
