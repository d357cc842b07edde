// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessPass} from "../src/interfaces/IAccessPass.sol";
import {IDatasetRegistry} from "../src/interfaces/IDatasetRegistry.sol";
import {ILicenseRegistry} from "../src/interfaces/ILicenseRegistry.sol";
import {IDisputeCourt} from "../src/interfaces/IDisputeCourt.sol";
import {IRecordToken} from "../src/interfaces/IRecordToken.sol";
import {IRewardRounds} from "../src/interfaces/IRewardRounds.sol";
import {IRoyaltyVault} from "../src/interfaces/IRoyaltyVault.sol";
import {IUsageLedger} from "../src/interfaces/IUsageLedger.sol";
import {IValidatorStake} from "../src/interfaces/IValidatorStake.sol";
import {ISuiteFactory} from "../src/interfaces/ISuiteFactory.sol";
import {Access, Managed} from "../src/lib/Managed.sol";
import {Module} from "../src/lib/Module.sol";
import {ModuleConfig, Side} from "../src/types/Modules.sol";
import {ProjectConfig, RoyaltyPolicy, Suite, Terms, Version} from "../src/types/Types.sol";
import {SuiteWithoutMocks} from "./support/SuiteWithoutMocks.sol";

/// @dev The whole suite as the factory makes it, with nothing mocked.
contract SuiteIntegrationTest is SuiteWithoutMocks {
    function test_deploy_addressesAndConfiguration() public {
        ProjectConfig memory project = realProject();
        bytes32 salt = factory.saltOf(address(this), daoConfig(), project);
        Suite memory predicted = factory.suiteOf(salt);
        Suite memory s = deployReal();
        assertEq(abi.encode(s), abi.encode(predicted));
        (address origin, bytes32 originSalt) = IDatasetRegistry(s.registry).origin();
        assertEq(origin, address(factory));
        assertEq(originSalt, salt);
        assertTrue(IDatasetRegistry(s.registry).daoApprovesCards());

        ILicenseRegistry licenses = ILicenseRegistry(s.licenses);
        assertEq(abi.encode(licenses.policy()), abi.encode(project.policy));
        for (uint24 i; i < 2; ++i) {
            (Terms memory terms, uint24 number, bool active) = licenses.termsOf(licenses.termsAt(i + 1));
            assertEq(abi.encode(terms), abi.encode(project.terms[i]));
            assertEq(number, i + 1);
            assertTrue(active);
        }
        assertEq(licenses.termsAt(3), 0);
        assertTrue(IRoyaltyVault(s.vault).isAllowed(currency));
    }

    function test_deploy_refusedByADataContract() public {
        ProjectConfig memory project = realProject();
        project.policy.treasury += 1;
        vm.expectRevert(abi.encodeWithSelector(ILicenseRegistry.PolicySum.selector, 10_001));
        factory.deploy(daoConfig(), project);

        project = realProject();
        project.terms[1] = project.terms[0];
        vm.expectPartialRevert(ILicenseRegistry.TermsExist.selector);
        factory.deploy(daoConfig(), project);

        project = realProject();
        project.currencies[0] = mallory;
        vm.expectRevert(abi.encodeWithSelector(IRoyaltyVault.CurrencyInvalid.selector, mallory));
        factory.deploy(daoConfig(), project);
    }

    /// @dev Called by a proxy, a holder's STOP would look like success.
    function test_dataContractsAreFullContracts() public {
        Suite memory s = deployReal();
        address[4] memory made = [s.registry, s.licenses, s.vault, s.pass];
        address[4] memory holders = [parts.registry, parts.licenses, parts.vault, parts.pass];
        for (uint256 i; i < 4; ++i) {
            // A clone of EIP-1167 has 45 bytes of code.
            assertGt(made[i].code.length, 5_000, vm.toString(i));
            assertNotEq(made[i].codehash, holders[i].codehash, vm.toString(i));
        }
        // Modules are clones of 45 bytes and their wiring, see SuiteModules.t.sol.
        address[4] memory clones = [s.token, s.timelock, s.governor, s.manager];
        for (uint256 i; i < 4; ++i) {
            assertEq(clones[i].code.length, 45, vm.toString(i));
        }
    }

    function test_dataContractsAreWired() public {
        Suite memory s = deployReal();
        address[4] memory managed = [s.registry, s.licenses, s.vault, s.pass];
        for (uint256 i; i < 4; ++i) {
            assertEq(Managed(managed[i]).authority(), s.manager, vm.toString(i));
        }
        assertEq(IAccessPass(s.pass).registry(), s.registry);
        assertEq(IAccessPass(s.pass).licenses(), s.licenses);
        assertEq(IAccessPass(s.pass).vault(), s.vault);
    }

    /// @dev What the real modules keep of the configuration.
    function test_modulesAreSetUp() public {
        Suite memory s = deployReal();
        ModuleConfig memory modules = moduleConfig();
        (uint96 lock, uint32 challenge, uint32 unbonding) = IValidatorStake(s.stake).settings();
        assertEq(lock, modules.attestationLock);
        assertEq(challenge, modules.challengeWindow);
        assertEq(unbonding, modules.unbonding);
        (uint96 minBond, uint16 bondBps, uint32 answer, uint32 ruling, uint32 appeal) =
            IDisputeCourt(s.court).settings();
        assertEq(minBond, modules.minBond);
        assertEq(bondBps, modules.bondBps);
        assertEq(answer, modules.answerWindow);
        assertEq(ruling, modules.rulingWindow);
        assertEq(appeal, modules.appealWindow);
        (address arbitrator, bytes memory data) = IDisputeCourt(s.court).arbitrator();
        assertEq(arbitrator, modules.arbitrator);
        assertEq(data, modules.arbitratorExtraData);
        (uint32 cancelWindow, uint96 bond) = IRewardRounds(s.rounds).settings();
        assertEq(cancelWindow, modules.cancelWindow);
        assertEq(bond, modules.roundBond);
    }

    /// @dev With a usual `initialize`: the real ones refuse a second one, and implementations any.
    function test_modulesAreInitializedOnce() public {
        Suite memory s = deployReal();
        address[4] memory clones = [s.stake, s.court, s.ledger, s.rounds];
        address[4] memory implementations = [parts.stake, parts.court, parts.ledger, parts.rounds];
        address[3] memory callers = [mallory, address(factory), s.timelock];
        bytes memory call = abi.encodeCall(IValidatorStake.initialize, (moduleConfig()));
        for (uint256 i; i < 4; ++i) {
            for (uint256 j; j < 3; ++j) {
                vm.startPrank(callers[j]);
                (bool done, bytes memory reason) = clones[i].call(call);
                assertFalse(done);
                assertEq(bytes4(reason), Module.AlreadyInitialized.selector, vm.toString(i));
                (done, reason) = implementations[i].call(call);
                assertFalse(done);
                assertEq(bytes4(reason), Module.NotAClone.selector, vm.toString(i));
                vm.stopPrank();
            }
        }
    }

    /// @dev Implementations hold no money of anybody and act for nobody.
    function test_moduleImplementationsAreUnusable() public {
        Suite memory s = deployReal();
        vm.deal(mallory, 10 ether);
        bytes[7] memory calls = [
            abi.encodeCall(IValidatorStake.stake, ()),
            abi.encodeCall(IValidatorStake.hold, ("lock")),
            abi.encodeCall(IDisputeCourt.openVersion, ("dataset", 1, "evidence", "")),
            abi.encodeCall(IDisputeCourt.decide, (1, Side.Challenger)),
            abi.encodeCall(IUsageLedger.strikeReport, ("job")),
            abi.encodeCall(IRewardRounds.publish, ("top", 1, 1, address(0), 0, "list")),
            abi.encodeCall(IRecordToken.mint, (mallory, "dataset", 1, "record", 1, 0, ""))
        ];
        address[7] memory targets =
            [parts.stake, parts.stake, parts.court, parts.court, parts.ledger, parts.rounds, parts.records];
        address[3] memory callers = [mallory, s.court, s.timelock];
        for (uint256 i; i < 3; ++i) {
            for (uint256 j; j < 7; ++j) {
                bool pays = j == 0 || j == 2 || j == 5;
                vm.deal(callers[i], 10 ether);
                vm.prank(callers[i]);
                (bool done,) = targets[j].call{value: pays ? 1 ether : 0}(calls[j]);
                assertFalse(done, vm.toString(j));
            }
        }
    }

    function test_holdersDoNothing() public {
        address[4] memory holders = [parts.registry, parts.licenses, parts.vault, parts.pass];
        for (uint256 i; i < 4; ++i) {
            bytes32 before = holders[i].codehash;
            (bool done, bytes memory result) = holders[i].call(abi.encodeCall(Access.authority, ()));
            assertTrue(done);
            assertEq(result.length, 0);
            assertEq(holders[i].codehash, before);
        }
    }

    function test_deploy_twice() public {
        Suite memory s = deployReal();
        ProjectConfig memory project = realProject();
        bytes32 taken = factory.saltOf(address(this), daoConfig(), project);
        vm.expectRevert(abi.encodeWithSelector(ISuiteFactory.AlreadyDeployed.selector, taken, s.token));
        factory.deploy(daoConfig(), project);
    }

    function test_outsiders() public {
        Suite memory s = deployReal();
        Terms memory terms = realProject().terms[0];
        address[4] memory outsiders = [address(this), address(factory), alice, s.governor];
        for (uint256 i; i < 4; ++i) {
            bytes memory refusal = abi.encodeWithSelector(Access.Unauthorized.selector, outsiders[i]);
            vm.startPrank(outsiders[i]);
            vm.expectRevert(refusal);
            IDatasetRegistry(s.registry).approveCard("key", true);
            vm.expectRevert(refusal);
            ILicenseRegistry(s.licenses).addTerms(terms);
            vm.expectRevert(refusal);
            ILicenseRegistry(s.licenses).retireTerms("id");
            vm.expectRevert(refusal);
            ILicenseRegistry(s.licenses).reinstateTerms("id");
            vm.expectRevert(refusal);
            ILicenseRegistry(s.licenses).setPolicy(RoyaltyPolicy(10_000, 0, 0, 0));
            vm.expectRevert(refusal);
            ILicenseRegistry(s.licenses).setOffer("dataset", "id", true);
            vm.expectRevert(refusal);
            IRoyaltyVault(s.vault).allowCurrency(outsiders[i], true);
            vm.stopPrank();
        }
    }

    function test_life() public {
        Suite memory s = deployReal();
        ILicenseRegistry licenses = ILicenseRegistry(s.licenses);
        bytes32 termsId = licenses.termsAt(1);
        Version memory version = versionOf(s);
        vm.startPrank(publisher);
        bytes32 key = IDatasetRegistry(s.registry).register(SALT, version, keccak256("meta"));
        licenses.offer(version.datasetId, termsId);
        vm.stopPrank();

        vm.deal(buyer, 1 ether);
        vm.prank(buyer);
        vm.expectRevert();
        IAccessPass(s.pass).purchase{value: 1 ether}(version, termsId, 1 ether);

        skip(1);
        enact(s, proposalOf(s.registry, abi.encodeCall(IDatasetRegistry.approveCard, (key, true)), "# Approve"));
        vm.prank(buyer);
        IAccessPass(s.pass).purchase{value: 1 ether}(version, termsId, 1 ether);
        assertTrue(IAccessPass(s.pass).isValid(buyer, version.datasetId, 0));
        assertFalse(IAccessPass(s.pass).isValid(mallory, version.datasetId, 0));
        bytes32 pool = keccak256(
            abi.encode(
                keccak256("dgov.pool.v1"),
                block.chainid,
                s.vault,
                version.datasetId,
                version.contributorRoot,
                version.splitsDigest
            )
        );
        assertEq(IRoyaltyVault(s.vault).income(pool, address(0)), 1 ether);
        assertEq(s.vault.balance, 1 ether);
    }

    function test_life_daoChangesTermsAndPolicy() public {
        Suite memory s = deployReal();
        ILicenseRegistry licenses = ILicenseRegistry(s.licenses);
        bytes32 first = licenses.termsAt(1);
        Terms memory terms = realProject().terms[0];
        terms.price = 2 ether;
        RoyaltyPolicy memory policy = RoyaltyPolicy(8_000, 1_000, 500, 500);
        Proposal memory p;
        p.targets = new address[](3);
        p.values = new uint256[](3);
        p.calldatas = new bytes[](3);
        for (uint256 i; i < 3; ++i) {
            p.targets[i] = s.licenses;
        }
        p.calldatas[0] = abi.encodeCall(ILicenseRegistry.addTerms, (terms));
        p.calldatas[1] = abi.encodeCall(ILicenseRegistry.retireTerms, (first));
        p.calldatas[2] = abi.encodeCall(ILicenseRegistry.setPolicy, (policy));
        p.description = "# New terms";
        skip(1);
        enact(s, p);
        (, uint24 number, bool active) = licenses.termsOf(licenses.termsIdOf(terms));
        assertEq(number, 3);
        assertTrue(active);
        (,, active) = licenses.termsOf(first);
        assertFalse(active);
        assertEq(abi.encode(licenses.policy()), abi.encode(policy));
    }
}
