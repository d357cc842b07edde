// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessPass} from "../../src/AccessPass.sol";
import {DatasetRegistry} from "../../src/DatasetRegistry.sol";
import {DisputeCourt} from "../../src/DisputeCourt.sol";
import {LicenseRegistry} from "../../src/LicenseRegistry.sol";
import {RecordToken} from "../../src/RecordToken.sol";
import {RewardRounds} from "../../src/RewardRounds.sol";
import {RoyaltyVault} from "../../src/RoyaltyVault.sol";
import {SuiteFactory} from "../../src/SuiteFactory.sol";
import {UsageLedger} from "../../src/UsageLedger.sol";
import {ValidatorStake} from "../../src/ValidatorStake.sol";
import {IDatasetRegistry} from "../../src/interfaces/IDatasetRegistry.sol";
import {ProjectConfig, Suite, Version} from "../../src/types/Types.sol";
import {SuiteBase} from "../SuiteBase.sol";
import {Holders} from "./Holders.sol";

/// @dev A factory over the real code of all contracts.
abstract contract SuiteWithoutMocks is SuiteBase {
    bytes32 internal constant SALT = keccak256("raccoon");

    address internal publisher = makeAddr("publisher");
    address internal buyer = makeAddr("buyer");
    address internal currency;

    function setUp() public override {
        super.setUp();
        // Any ERC-20 will do as a currency; this one exists already.
        currency = factory.deployDao(soleConfig(), false).token;
        parts.registry = Holders.hold(type(DatasetRegistry).creationCode);
        parts.licenses = Holders.hold(type(LicenseRegistry).creationCode);
        parts.vault = Holders.hold(type(RoyaltyVault).creationCode);
        parts.pass = Holders.hold(type(AccessPass).creationCode);
        parts.stake = address(new ValidatorStake());
        parts.court = address(new DisputeCourt());
        parts.ledger = address(new UsageLedger());
        parts.rounds = address(new RewardRounds());
        parts.records = address(new RecordToken());
        factory = new SuiteFactory(parts);
    }

    function realProject() internal returns (ProjectConfig memory project) {
        project = projectConfig();
        project.terms[0].licenseDigest = keccak256("license");
        project.terms[0].price = 1 ether;
        project.terms[0].duration = 365 days;
        project.terms[1].currency = currency;
        project.currencies[0] = currency;
    }

    function deployReal() internal returns (Suite memory) {
        return factory.deploy(daoConfig(), realProject());
    }

    function versionOf(Suite memory s) internal view returns (Version memory) {
        return Version({
            datasetId: IDatasetRegistry(s.registry).datasetIdOf(publisher, SALT),
            number: 1,
            packageDigest: keccak256("package"),
            recordRoot: keccak256("records"),
            records: 213,
            contributorRoot: keccak256("contributors"),
            splitsDigest: keccak256("splits"),
            cardDigest: keccak256("card"),
            licenseDigest: keccak256("license"),
            parentsHash: 0
        });
    }
}
