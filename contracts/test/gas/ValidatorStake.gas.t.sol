// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Version} from "../../src/types/Types.sol";
import {GasTest} from "../helpers/GasTest.sol";
import {StakeFixture} from "../support/StakeFixture.sol";

/// @notice What stake costs as whole transactions; run with `--isolate`.
contract ValidatorStakeGasTest is StakeFixture, GasTest {
    string private constant GROUP = "ValidatorStake";

    function test_Stake() external isolated {
        Version memory first = _register("first", keccak256("contributors"), keccak256("splits"));
        bytes32 one = this._hashOf(first);
        bytes32 two = this._hashOf(_register("second", keccak256("contributors"), keccak256("splits")));
        address validator = makeAddr("validator");
        bytes memory data = abi.encodeCall(stake.stake, ());
        _measurePaid(GROUP, "stake, first", 50_000, validator, address(stake), 50 ether, data);
        _measurePaid(GROUP, "stake, again", 33_000, validator, address(stake), 50 ether, data);

        data = abi.encodeCall(stake.attest, (one, 9_000, keccak256("evidence")));
        _measure(GROUP, "attest, first of the validator and of the version", 155_000, validator, address(stake), data);
        data = abi.encodeCall(stake.attest, (two, 9_000, keccak256("evidence")));
        _measure(GROUP, "attest, first of the version", 138_000, validator, address(stake), data);

        skip(CHALLENGE);
        data = abi.encodeCall(stake.release, (stake.attestationIdOf(validator, one)));
        _measure(GROUP, "release", 45_000, makeAddr("anyone"), address(stake), data);

        data = abi.encodeCall(stake.requestUnstake, (20 ether));
        _measure(GROUP, "requestUnstake", 66_000, validator, address(stake), data);
        skip(UNBONDING);
        data = abi.encodeCall(stake.unstake, (validator, 0));
        _measure(GROUP, "unstake", 50_000, validator, address(stake), data);

        vm.deal(PUBLISHER, 20 ether);
        vm.prank(PUBLISHER);
        stake.stake{value: 20 ether}();
        data = abi.encodeCall(stake.back, (first.datasetId, 20 ether));
        _measure(GROUP, "back", 127_000, PUBLISHER, address(stake), data);
    }
}
