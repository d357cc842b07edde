// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RoyaltyPolicy, Terms} from "../../src/types/Types.sol";
import {GasTest} from "../helpers/GasTest.sol";
import {RegistryFixture} from "../helpers/RegistryFixture.sol";

/// @notice Rare calls of the DAO and of owners, kept from rising; run with `--isolate`.
contract LicenseRegistryGasTest is RegistryFixture, GasTest {
    string private constant GROUP = "LicenseRegistry";

    function test_TermsAndOffers() external isolated {
        (bytes32 id,) = _register(registry, alice, SALT);
        Terms memory token = _terms(2);
        token.currency = address(this);
        _send("addTerms, native coin, first", 150_000, dao, abi.encodeCall(licenses.addTerms, (_terms(1))));
        _send("addTerms, token", 155_000, dao, abi.encodeCall(licenses.addTerms, (token)));
        Terms memory curve = _terms(3);
        (curve.priceModule, curve.priceStep) = (address(this), 1);
        _send("addTerms, price module", 160_000, dao, abi.encodeCall(licenses.addTerms, (curve)));
        (curve.priceStep, curve.licenseDigest) = (2, keccak256("own"));
        bytes memory request = abi.encodeCall(licenses.requestTerms, (id, curve, keccak256("note")));
        _send("requestTerms", 45_000, bob, request);
        bytes32 native = licenses.termsAt(1);
        bytes32 other = licenses.termsAt(2);
        _send("setPolicy", 65_000, dao, abi.encodeCall(licenses.setPolicy, (RoyaltyPolicy(7000, 2000, 500, 500))));
        _send("offer", 62_000, alice, abi.encodeCall(licenses.offer, (id, native)));
        _send("setOffer, after the first", 60_000, dao, abi.encodeCall(licenses.setOffer, (id, other, true)));
        _send("quote, native coin", 33_000, bob, abi.encodeCall(licenses.quote, (id, native)));
        _send("quote, token", 36_000, bob, abi.encodeCall(licenses.quote, (id, other)));
        _send("retireTerms", 45_000, dao, abi.encodeCall(licenses.retireTerms, (native)));
        _send("reinstateTerms", 45_000, dao, abi.encodeCall(licenses.reinstateTerms, (native)));
    }

    function _send(string memory name, uint256 budget, address sender, bytes memory data) private {
        _measure(GROUP, name, budget, sender, address(licenses), data);
    }
}
