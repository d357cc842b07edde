// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Allocation, DaoConfig, ProjectConfig} from "../../src/types/Types.sol";
import {SuiteBase} from "../SuiteBase.sol";

/// @dev Whole transactions; run with `--isolate`. Data contracts are mocks here: `deploy` shows the factory's own part.
contract SuiteFactoryGasTest is SuiteBase {
    /// @dev Fails where a figure would leave out what a transaction costs by itself: 21,000, and 40 a byte that is not
    /// zero (the floor of EIP-7623).
    function test_gas_countsWholeTransactions() public {
        bytes memory data = new bytes(100);
        for (uint256 i; i < data.length; ++i) {
            data[i] = 0xff;
        }
        (bool done,) = makeAddr("no code").call(data);
        assertTrue(done);
        assertEq(vm.snapshotGasLastCall("SuiteFactory", "a call without code, 100 bytes"), 21_000 + 40 * data.length);
    }

    function test_gas_deployDao() public {
        DaoConfig memory dao = soleConfig();
        factory.deployDao(dao, false);
        assertLe(vm.snapshotGasLastCall("SuiteFactory", "deployDao, one holder"), 980_000);
    }

    function test_gas_deployDao_managerAndGuardian() public {
        DaoConfig memory dao = soleConfig();
        dao.guardian = guardian;
        dao.guardianSunset = sunset;
        factory.deployDao(dao, true);
        assertLe(vm.snapshotGasLastCall("SuiteFactory", "deployDao, one holder, AccessManager and guardian"), 1_200_000);
    }

    function test_gas_deployDao_perHolder() public {
        DaoConfig memory dao = soleConfig();
        dao.allocations = new Allocation[](101);
        for (uint256 i; i < 101; ++i) {
            dao.allocations[i] = Allocation(address(uint160(uint256(keccak256(abi.encode(i))))), 1e18);
        }
        dao.proposalThreshold = 1e18;
        factory.deployDao(dao, false);
        vm.snapshotGasLastCall("SuiteFactory", "deployDao, 101 holders");
    }

    function test_gas_deploy() public {
        DaoConfig memory dao = daoConfig();
        ProjectConfig memory project = projectConfig();
        factory.deploy(dao, project);
        vm.snapshotGasLastCall("SuiteFactory", "deploy, four holders, guardian, two terms, data contracts mocked");
    }
}
