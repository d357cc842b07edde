// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Allocation, DaoConfig, ProjectConfig, Terms} from "../../src/types/Types.sol";
import {SuiteWithoutMocks} from "../support/SuiteWithoutMocks.sol";

/// @dev The figure a steward pays for a whole project; run with `--isolate`.
contract SuiteIntegrationGasTest is SuiteWithoutMocks {
    /// @dev EIP-7825 caps a transaction at 2^24 gas; what is left is for more terms, currencies and holders.
    uint256 private constant BUDGET = 2 ** 24 - 1_500_000;
    uint256 private constant HOLDERS = 15;

    function test_gas_deploy() public {
        DaoConfig memory dao = soleConfig();
        ProjectConfig memory project = realProject();
        factory.deploy(dao, project);
        assertLe(vm.snapshotGasLastCall("Suite", "deploy, one holder, two terms, one currency"), BUDGET);
    }

    /// @dev How many initial holders still fit into a transaction; `contracts/README.md` says it.
    function test_gas_deploy_mostHolders() public {
        DaoConfig memory dao = soleConfig();
        dao.allocations = new Allocation[](HOLDERS);
        for (uint256 i; i < HOLDERS; ++i) {
            dao.allocations[i] = Allocation(address(uint160(uint256(keccak256(abi.encode(i))))), 1e18);
        }
        dao.proposalThreshold = 1e18;
        ProjectConfig memory project = realProject();
        factory.deploy(dao, project);
        assertLe(vm.snapshotGasLastCall("Suite", "deploy, the most holders, two terms, one currency"), 2 ** 24);
    }

    function test_gas_deploy_noTerms() public {
        DaoConfig memory dao = soleConfig();
        ProjectConfig memory project = realProject();
        project.terms = new Terms[](0);
        project.currencies = new address[](0);
        factory.deploy(dao, project);
        vm.snapshotGasLastCall("Suite", "deploy, one holder, no terms");
    }
}
