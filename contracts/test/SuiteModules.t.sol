// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {SuiteFactory} from "../src/SuiteFactory.sol";
import {IDatasetRegistry} from "../src/interfaces/IDatasetRegistry.sol";
import {ISuiteFactory} from "../src/interfaces/ISuiteFactory.sol";
import {IUsageLedger} from "../src/interfaces/IUsageLedger.sol";
import {IValidatorStake} from "../src/interfaces/IValidatorStake.sol";
import {Access, Managed} from "../src/lib/Managed.sol";
import {Module} from "../src/lib/Module.sol";
import {ModuleConfig} from "../src/types/Modules.sol";
import {DaoConfig, ProjectConfig, Status, Suite} from "../src/types/Types.sol";
import {MockRegistry} from "./mocks/DataMocks.sol";
import {CourtlessManager, ExposedManager, LeakyCourtManager} from "./mocks/HostileGovernance.sol";
import {MockCourt, MockLedger, MockModule, MockRecords, MockStake} from "./mocks/ModuleMocks.sol";
import {SuiteBase} from "./SuiteBase.sol";
import {Holders} from "./support/Holders.sol";

/// @dev Called in the middle of a deployment: tries to set up every clone for itself.
contract Usurper {
    address[4] private _targets;
    ModuleConfig private _config;
    uint256 public attempts;
    uint256 public successes;

    function aim(address[4] memory targets, ModuleConfig memory config) external {
        _targets = targets;
        _config = config;
    }

    function seize() external {
        for (uint256 i; i < 4; ++i) {
            if (_targets[i].code.length == 0) continue;
            ++attempts;
            try MockModule(_targets[i]).initialize(_config) {
                ++successes;
            } catch {}
        }
    }
}

/// @dev Calls the currency that it is told to allow.
contract CallingVault is Managed {
    constructor(address manager) Managed(manager) {}

    function allowCurrency(address currency, bool) external restricted {
        Usurper(currency).seize();
    }
}

contract SuiteModulesTest is SuiteBase {
    uint64 private constant COURT = 1;
    bytes32 private constant COURT_WORD = bytes32(uint256(COURT));

    function salt() internal returns (bytes32) {
        return factory.saltOf(address(this), daoConfig(), projectConfig());
    }

    // ------------------------------------------------------------------------------------------------ constructor

    function test_constructor_moduleMissing() public {
        for (uint256 i; i < 5; ++i) {
            Suite memory broken = _with(i, mallory);
            vm.expectRevert(abi.encodeWithSelector(ISuiteFactory.ImplementationMissing.selector, mallory));
            new SuiteFactory(broken);
        }
    }

    /// @dev The parts with another implementation of one module.
    function _with(uint256 place, address implementation) private view returns (Suite memory changed) {
        changed = parts;
        if (place == 0) changed.stake = implementation;
        else if (place == 1) changed.court = implementation;
        else if (place == 2) changed.ledger = implementation;
        else if (place == 3) changed.rounds = implementation;
        else changed.records = implementation;
    }

    // ----------------------------------------------------------------------------------------------------- wiring

    function test_wiring() public {
        Suite memory s = deploySuite();
        _assertWired(s.stake, abi.encode(s.manager, s.registry, s.timelock));
        _assertWired(s.ledger, abi.encode(s.manager, s.registry, s.vault));
        _assertWired(s.court, abi.encode(s.manager, s.registry, s.stake, s.ledger, s.timelock));
        _assertWired(s.rounds, abi.encode(s.manager, s.governor, s.timelock));
        _assertWired(s.records, abi.encode(s.registry));
    }

    function _assertWired(address module, bytes memory expected) private view {
        uint256 count = expected.length / 32;
        address[] memory wired = new address[](count);
        for (uint256 i; i < count; ++i) {
            wired[i] = Module(module).wiring(i);
        }
        assertEq(abi.encodePacked(wired), expected);
        assertEq(Module(module).wiring(count), address(0));
        assertEq(Access(module).authority(), wired[0]);
        // A clone of EIP-1167 has 45 bytes.
        assertEq(module.code.length, 45 + 20 * count);
    }

    /// @dev Another implementation, other addresses: of that module and of all that are wired to it.
    function test_suiteOf_bindsTheImplementation() public {
        Suite memory s = factory.suiteOf(salt());
        vm.etch(address(factory), address(new SuiteFactory(_with(0, address(new MockStake())))).code);
        Suite memory other = factory.suiteOf(salt());
        assertNotEq(other.stake, s.stake);
        assertNotEq(other.court, s.court);
        assertEq(other.ledger, s.ledger);
        assertEq(other.rounds, s.rounds);
        assertEq(other.records, s.records);

        Suite memory changed = parts;
        changed.vault = Holders.hold(bytes.concat(type(CallingVault).creationCode, hex"00"));
        vm.etch(address(factory), address(new SuiteFactory(changed)).code);
        other = factory.suiteOf(salt());
        assertEq(other.stake, s.stake);
        assertNotEq(other.ledger, s.ledger);
        assertNotEq(other.court, s.court);
        assertEq(other.records, s.records);
    }

    // --------------------------------------------------------------------------------------------------- settings

    function test_settings_areWritten() public {
        Suite memory s = deploySuite();
        bytes memory expected = abi.encode(moduleConfig());
        address[4] memory modules = [s.stake, s.court, s.ledger, s.rounds];
        for (uint256 i; i < 4; ++i) {
            assertEq(abi.encode(MockModule(modules[i]).config()), expected);
        }
    }

    function test_settings_onceAndOnClonesOnly() public {
        Suite memory s = deploySuite();
        address[4] memory clones = [s.stake, s.court, s.ledger, s.rounds];
        address[4] memory implementations = [parts.stake, parts.court, parts.ledger, parts.rounds];
        address[3] memory callers = [address(this), address(factory), s.timelock];
        for (uint256 i; i < 4; ++i) {
            for (uint256 j; j < 3; ++j) {
                vm.startPrank(callers[j]);
                vm.expectRevert(Module.AlreadyInitialized.selector);
                MockModule(clones[i]).initialize(moduleConfig());
                vm.expectRevert(Module.NotAClone.selector);
                MockModule(implementations[i]).initialize(moduleConfig());
                vm.stopPrank();
            }
        }
        vm.expectRevert(Module.NotAClone.selector);
        MockRecords(parts.records).mint();
        MockRecords(s.records).mint();
    }

    /// @dev An implementation's manager is read past its code or from the middle of it: nobody has rights there.
    function test_implementations_obeyNobody() public {
        Suite memory s = deploySuite();
        address[3] memory callers = [address(this), s.court, s.timelock];
        for (uint256 i; i < 3; ++i) {
            vm.startPrank(callers[i]);
            vm.expectRevert();
            MockStake(parts.stake).take("lock");
            vm.expectRevert();
            MockLedger(parts.ledger).strikeReport("job");
            vm.expectRevert();
            MockCourt(parts.court).useRights();
            vm.stopPrank();
        }
    }

    function test_settings_nobodyInBetween() public {
        Usurper usurper = new Usurper();
        parts.vault = Holders.hold(type(CallingVault).creationCode);
        factory = new SuiteFactory(parts);
        DaoConfig memory dao = daoConfig();
        ProjectConfig memory project = projectConfig();
        project.currencies[0] = address(usurper);
        Suite memory s = factory.suiteOf(factory.saltOf(address(this), dao, project));
        ModuleConfig memory own = moduleConfig();
        own.minBond = 1;
        usurper.aim([s.stake, s.court, s.ledger, s.rounds], own);
        usurper.seize();
        assertEq(usurper.attempts(), 0);
        factory.deploy(dao, project);
        assertEq(usurper.attempts(), 4);
        assertEq(usurper.successes(), 0);
        assertEq(MockModule(s.court).config().minBond, 0.05 ether);
    }

    function test_settings_zero() public {
        string[7] memory names = [
            "attestationLock",
            "minBond",
            "challengeWindow",
            "answerWindow",
            "rulingWindow",
            "appealWindow",
            "cancelWindow"
        ];
        for (uint256 i; i < 7; ++i) {
            ModuleConfig memory modules = moduleConfig();
            if (i == 0) modules.attestationLock = 0;
            else if (i == 1) modules.minBond = 0;
            else if (i == 2) modules.challengeWindow = 0;
            else if (i == 3) modules.answerWindow = 0;
            else if (i == 4) modules.rulingWindow = 0;
            else if (i == 5) modules.appealWindow = 0;
            else modules.cancelWindow = 0;
            _refuses(modules, abi.encodeWithSelector(ISuiteFactory.SettingZero.selector, names[i]));
        }
    }

    function test_settings_bondShare() public {
        uint16[3] memory wrong = [uint16(0), 10_001, type(uint16).max];
        for (uint256 i; i < 3; ++i) {
            ModuleConfig memory modules = moduleConfig();
            modules.bondBps = wrong[i];
            _refuses(modules, abi.encodeWithSelector(ISuiteFactory.BondShareInvalid.selector, wrong[i]));
        }
        ModuleConfig memory most = moduleConfig();
        most.bondBps = 10_000;
        _takes(most);
    }

    function test_settings_unbonding() public {
        ModuleConfig memory modules = moduleConfig();
        modules.unbonding = 41 days - 1;
        _refuses(modules, abi.encodeWithSelector(ISuiteFactory.UnbondingTooShort.selector, 41 days - 1, 41 days));
        modules.unbonding = 41 days;
        _takes(modules);
    }

    /// @dev No sum of windows wraps around.
    function testFuzz_settings_unbonding(
        uint32 challenge,
        uint32 answer,
        uint32 ruling,
        uint32 appeal,
        uint32 unbonding
    ) public {
        ModuleConfig memory modules = moduleConfig();
        modules.challengeWindow = uint32(bound(challenge, 1, type(uint32).max));
        modules.answerWindow = uint32(bound(answer, 1, type(uint32).max));
        modules.rulingWindow = uint32(bound(ruling, 1, type(uint32).max));
        modules.appealWindow = uint32(bound(appeal, 1, type(uint32).max));
        modules.unbonding = unbonding;
        uint256 least = uint256(modules.challengeWindow) + modules.answerWindow + modules.rulingWindow
            + modules.rulingWindow + modules.appealWindow;
        if (unbonding < least) {
            _refuses(modules, abi.encodeWithSelector(ISuiteFactory.UnbondingTooShort.selector, unbonding, least));
        } else {
            _takes(modules);
        }
    }

    function test_settings_arbitrator() public {
        ModuleConfig memory modules = moduleConfig();
        modules.arbitrator = mallory;
        _refuses(modules, abi.encodeWithSelector(ISuiteFactory.ArbitratorMissing.selector, mallory));
        modules.arbitrator = address(this);
        modules.arbitratorExtraData = hex"0001";
        _takes(modules);
    }

    function _refuses(ModuleConfig memory modules, bytes memory reason) private {
        ProjectConfig memory project = projectConfig();
        project.modules = modules;
        vm.expectRevert(reason);
        factory.deploy(daoConfig(), project);
    }

    function _takes(ModuleConfig memory modules) private {
        ProjectConfig memory project = projectConfig();
        project.modules = modules;
        Suite memory s = factory.deploy(daoConfig(), project);
        assertEq(abi.encode(MockModule(s.rounds).config()), abi.encode(modules));
    }

    // ------------------------------------------------------------------------------------------- the court's role

    /// @dev Each function that is the court's alone.
    function _courtCalls(Suite memory s) private pure returns (address[8] memory targets, bytes[8] memory calls) {
        targets = [s.registry, s.stake, s.stake, s.stake, s.stake, s.ledger, s.ledger, s.ledger];
        calls[0] = abi.encodeCall(IDatasetRegistry.ruleStatus, ("dataset", 1, Status.Recalled, "evidence"));
        calls[1] = abi.encodeCall(IValidatorStake.hold, ("lock"));
        calls[2] = abi.encodeCall(IValidatorStake.take, ("lock"));
        calls[3] = abi.encodeCall(IValidatorStake.giveBack, ("lock", 1));
        calls[4] = abi.encodeCall(IValidatorStake.forfeit, ("lock"));
        calls[5] = abi.encodeCall(IUsageLedger.holdReport, ("job"));
        calls[6] = abi.encodeCall(IUsageLedger.upholdReport, ("job", 1));
        calls[7] = abi.encodeCall(IUsageLedger.strikeReport, ("job"));
    }

    function test_court_hasItsFunctions() public {
        Suite memory s = deploySuite();
        (address[8] memory targets, bytes[8] memory calls) = _courtCalls(s);
        for (uint256 i; i < 8; ++i) {
            assertEq(IAccessManager(s.manager).getTargetFunctionRole(targets[i], bytes4(calls[i])), COURT);
            vm.prank(s.court);
            (bool done,) = targets[i].call(calls[i]);
            assertTrue(done, vm.toString(i));
        }
        assertEq(uint8(MockRegistry(s.registry).ruled("dataset", 1)), uint8(Status.Recalled));
    }

    function test_court_nobodyElse() public {
        Suite memory s = deploySuite();
        (address[8] memory targets, bytes[8] memory calls) = _courtCalls(s);
        address[9] memory others =
            [address(this), address(factory), alice, guardian, s.governor, s.timelock, s.stake, s.ledger, s.rounds];
        for (uint256 i; i < 9; ++i) {
            (bool member,) = IAccessManager(s.manager).hasRole(COURT, others[i]);
            assertFalse(member);
            for (uint256 j; j < 8; ++j) {
                vm.prank(others[i]);
                (bool done, bytes memory reason) = targets[j].call(calls[j]);
                assertFalse(done);
                assertEq(reason, abi.encodeWithSelector(Access.Unauthorized.selector, others[i]));
            }
        }
    }

    function test_court_theRoleIsTheTimelocksToGive() public {
        Suite memory s = deploySuite();
        IAccessManager manager = IAccessManager(s.manager);
        assertEq(manager.getRoleAdmin(COURT), 0);
        assertEq(manager.getRoleGuardian(COURT), 0);
        // The court itself can't hand it on, nor use the DAO's other rights.
        vm.startPrank(s.court);
        vm.expectRevert();
        manager.grantRole(COURT, mallory, 0);
        vm.expectRevert(abi.encodeWithSelector(Access.Unauthorized.selector, s.court));
        MockRegistry(s.registry).approveCard("key", true);
        vm.stopPrank();
    }

    function test_court_gainedByAProposal() public {
        Suite memory s = deploySuite();
        skip(1);
        Proposal memory ruling = proposalOf(s.court, abi.encodeCall(MockCourt.useRights, ()), "# Rule");
        enact(s, ruling);
        assertEq(MockStake(s.stake).calls(), 4);
        assertEq(MockLedger(s.ledger).calls(), 3);

        enact(s, proposalOf(s.manager, abi.encodeCall(IAccessManager.grantRole, (COURT, bob, 0)), "# A second court"));
        vm.prank(bob);
        MockStake(s.stake).take("lock");
        vm.prank(s.court);
        MockStake(s.stake).take("lock");
        enact(s, proposalOf(s.manager, abi.encodeCall(IAccessManager.revokeRole, (COURT, s.court)), "# The first ends"));
        vm.expectRevert(abi.encodeWithSelector(Access.Unauthorized.selector, s.court));
        vm.prank(s.court);
        MockStake(s.stake).take("lock");
    }

    function _expectRefused(address manager, bytes4 kind, address holder) private {
        Suite memory changed = parts;
        changed.manager = manager;
        factory = new SuiteFactory(changed);
        holder = holder == address(1) ? address(factory) : holder;
        Suite memory s = factory.suiteOf(salt());
        holder = holder == address(2) ? s.court : holder;
        vm.expectRevert(abi.encodeWithSelector(kind, s.manager, COURT_WORD, holder));
        this.deployAgain();
    }

    function deployAgain() external {
        deploySuite();
    }

    function test_court_refusesTheRoleLeftToOthers() public {
        _expectRefused(address(new LeakyCourtManager(address(1))), ISuiteFactory.RightLeft.selector, address(1));
        _expectRefused(address(new LeakyCourtManager(address(this))), ISuiteFactory.RightLeft.selector, address(this));
    }

    function test_court_refusesACourtThatCannotAct() public {
        _expectRefused(address(new CourtlessManager(false)), ISuiteFactory.RightMissing.selector, address(2));
        _expectRefused(address(new CourtlessManager(true)), ISuiteFactory.RightMissing.selector, address(2));
    }

    function test_court_refusesARoleThatOthersRule() public {
        for (uint256 i; i < 2; ++i) {
            Suite memory changed = parts;
            changed.manager = address(new ExposedManager(i == 0));
            factory = new SuiteFactory(changed);
            address manager = factory.suiteOf(salt()).manager;
            (uint64 admin, uint64 keeper) = i == 0 ? (7, 0) : (0, 7);
            vm.expectRevert(abi.encodeWithSelector(ISuiteFactory.CourtRoleExposed.selector, manager, admin, keeper));
            this.deployAgain();
        }
    }

    // ------------------------------------------------------------------------------------------------- deployDao

    function test_deployDao_hasNoModules() public {
        Suite memory s = factory.deployDao(daoConfig(), true);
        Suite memory predicted = factory.suiteOf(factory.daoSaltOf(address(this), daoConfig(), true));
        address[5] memory made = [s.stake, s.court, s.ledger, s.rounds, s.records];
        address[5] memory places =
            [predicted.stake, predicted.court, predicted.ledger, predicted.rounds, predicted.records];
        for (uint256 i; i < 5; ++i) {
            assertEq(made[i], address(0));
            assertEq(places[i].code.length, 0);
        }
        (bool member,) = IAccessManager(s.manager).hasRole(COURT, address(this));
        assertFalse(member);
        assertEq(IERC20(s.token).totalSupply(), SUPPLY);
    }
}
