// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IDatasetRegistry} from "../../src/interfaces/IDatasetRegistry.sol";
import {IUsageLedger} from "../../src/interfaces/IUsageLedger.sol";
import {IValidatorStake} from "../../src/interfaces/IValidatorStake.sol";
import {Module} from "../../src/lib/Module.sol";
import {ModuleConfig} from "../../src/types/Modules.sol";
import {Status} from "../../src/types/Types.sol";

/// @dev What the factory and governance need of the modules, on the same base and with the same `restricted`, so that
/// wiring and rights are the real ones.
abstract contract MockModule is Module {
    ModuleConfig private _config;
    bool private _initialized;

    function initialize(ModuleConfig calldata config) external onlyClone {
        if (_initialized) revert AlreadyInitialized();
        _initialized = true;
        _config = config;
    }

    function config() external view returns (ModuleConfig memory) {
        return _config;
    }
}

contract MockStake is MockModule {
    uint256 public calls;

    function hold(bytes32) external restricted returns (address, uint96) {
        ++calls;
        return (address(0), 0);
    }

    function take(bytes32) external restricted {
        ++calls;
    }

    function giveBack(bytes32, uint32) external restricted {
        ++calls;
    }

    function forfeit(bytes32) external restricted returns (uint96) {
        ++calls;
        return 0;
    }
}

contract MockLedger is MockModule {
    uint256 public calls;

    function holdReport(bytes32) external restricted returns (uint128) {
        ++calls;
        return 0;
    }

    function upholdReport(bytes32, uint32) external restricted {
        ++calls;
    }

    function strikeReport(bytes32) external restricted {
        ++calls;
    }
}

/// @dev Uses every right of a court, at the DAO's word.
contract MockCourt is MockModule {
    function useRights() external restricted {
        IDatasetRegistry(_wired(1)).ruleStatus("dataset", 1, Status.Recalled, "evidence");
        IValidatorStake stake = IValidatorStake(_wired(2));
        stake.hold("lock");
        stake.take("lock");
        stake.giveBack("lock", 1);
        stake.forfeit("lock");
        IUsageLedger ledger = IUsageLedger(_wired(3));
        ledger.holdReport("job");
        ledger.upholdReport("job", 1);
        ledger.strikeReport("job");
    }
}

contract MockRounds is MockModule {}

/// @dev Record tokens have no settings.
contract MockRecords is Module {
    function mint() external view onlyClone {}
}
