// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Eip712} from "../src/lib/Eip712.sol";
import {Status, Version} from "../src/types/Types.sol";
import {RegistryFixture} from "./helpers/RegistryFixture.sol";
import {RegistryHandler} from "./helpers/RegistryHandler.sol";

/// @notice Whatever anybody does in whatever order: history stays, numbers have no gaps, and each right is its holder's.
contract RegistriesInvariantTest is RegistryFixture {
    uint8 private constant NO_SLIP = type(uint8).max;

    RegistryHandler private handler;

    function setUp() public override {
        super.setUp();
        handler = new RegistryHandler(registry, licenses, dao);
        // Two datasets of different owners and two terms, so that short campaigns get far too.
        handler.register(0, 0, 1, 1, NO_SLIP);
        handler.register(1, 1, 2, 2, NO_SLIP);
        handler.addVersion(0, 2, 3, NO_SLIP);
        handler.addTerms(3, 1);
        handler.addTerms(3, 2);
        targetContract(address(handler));
    }

    function hashVersion(Version calldata version) external pure returns (bytes32) {
        return Eip712.hashVersion(version);
    }

    function invariant_NobodyBreaksARule() external view {
        assertEq(handler.breach(), "");
    }

    function invariant_HistoryStaysAndHasNoGaps() external view {
        for (uint256 i; i < handler.datasetCount(); ++i) {
            bytes32 id = handler.datasets(i);
            Version[] memory versions = handler.versionsOf(id);
            assertEq(registry.ownerOf(uint256(id)), handler.ownerOf(id));
            for (uint32 n; n < versions.length; ++n) {
                bytes32 key = this.hashVersion(versions[n]);
                assertEq(versions[n].number, n + 1);
                assertEq(registry.keyAt(id, n + 1), key);
                assertEq(registry.recordRootOf(key), versions[n].recordRoot);
            }
            assertEq(registry.keyAt(id, 0), 0);
            assertEq(registry.keyAt(id, uint32(versions.length) + 1), 0);
        }
    }

    function invariant_StatusAndSaleAreAsLastSet() external view {
        for (uint256 i; i < handler.datasetCount(); ++i) {
            bytes32 id = handler.datasets(i);
            for (uint32 n = 1; registry.keyAt(id, n) != 0; ++n) {
                bytes32 key = registry.keyAt(id, n);
                (Status status, bool approved) = registry.statusOf(key);
                assertEq(uint8(status), uint8(handler.statusOf(key)));
                assertEq(approved, handler.approvalOf(key));
                try registry.requireSaleable(id, n) returns (bytes32 saleable) {
                    assertEq(saleable, key);
                    assertEq(uint8(status), uint8(Status.Active));
                } catch {
                    assertNotEq(uint8(status), uint8(Status.Active));
                }
            }
        }
    }

    function invariant_OffersAndQuotesAreAsLastSet() external view {
        for (uint256 j; j < handler.termsCount(); ++j) {
            bytes32 termsId = handler.termsIds(j);
            assertEq(licenses.termsAt(uint24(j + 1)), termsId);
            for (uint256 i; i < handler.datasetCount(); ++i) {
                bytes32 id = handler.datasets(i);
                bool offered = handler.offered(id, termsId);
                assertEq(licenses.isOffered(id, termsId), offered);
                try licenses.quote(id, termsId) {
                    assertTrue(offered && !handler.retired(termsId));
                } catch {
                    assertFalse(offered && !handler.retired(termsId));
                }
            }
        }
    }

    /// @notice The campaign reaches every call: a handler that only fails would prove nothing.
    function test_TheHandlerReachesEveryCall() external {
        handler.setStatus(0, 2, 1, 1, NO_SLIP);
        handler.setStatus(3, 2, 2, 3, NO_SLIP);
        handler.approveCard(3, 2, 1, true);
        handler.offer(0, 2, 1);
        handler.setOffer(3, 1, 1, true);
        handler.retireTerms(3, 1);
        handler.reinstateTerms(3, 1);
        handler.transfer(0, 2, 1);
        assertEq(handler.breach(), "");
        string[10] memory calls = [
            "register",
            "addVersion",
            "setStatus",
            "approveCard",
            "addTerms",
            "offer",
            "setOffer",
            "retireTerms",
            "reinstateTerms",
            "transfer"
        ];
        for (uint256 i; i < calls.length; ++i) {
            assertGt(handler.successes(calls[i]), 0, calls[i]);
        }
    }
}
