// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {RecordToken} from "../../src/RecordToken.sol";
import {RegistryFixture} from "./RegistryFixture.sol";

/// @notice Record tokens as the factory makes them: a clone with the registry in its code.
abstract contract RecordFixture is RegistryFixture {
    RecordToken internal implementation;
    RecordToken internal records;

    function setUp() public virtual override {
        super.setUp();
        implementation = new RecordToken();
        records = _cloneOf(address(registry), "records");
    }

    function _cloneOf(address wiredTo, bytes32 salt) internal returns (RecordToken) {
        return RecordToken(
            Clones.cloneDeterministicWithImmutableArgs(address(implementation), abi.encodePacked(wiredTo), salt)
        );
    }
}
