// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Eip712} from "../src/lib/Eip712.sol";
import {Status, Version} from "../src/types/Types.sol";
import {RegistryFixture} from "./helpers/RegistryFixture.sol";
import {SignedRegistryHandler} from "./helpers/SignedRegistryHandler.sol";

/// @notice Whatever anybody does in whatever order: history stays, numbers have no gaps, and each right is its holder's.
/// forge-config: default.invariant.runs = 32
contract RegistriesInvariantTest is RegistryFixture {
    uint8 private constant NO_SLIP = type(uint8).max;

    SignedRegistryHandler private handler;

    function setUp() public override {
        super.setUp();
        handler = new SignedRegistryHandler(registry, licenses, dao, court);
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

    /// @notice Nor does a nonce or a revocation change but by its signer.
    function invariant_NobodyBreaksARule() external view {
        assertEq(handler.breach(), "");
        for (uint256 i; i < 4; ++i) {
            address actor = handler.actorAt(i);
            for (uint192 key; key < 2; ++key) {
                assertEq(registry.nonces(actor, key), (uint256(key) << 64) + handler.nextNonce(actor, key));
            }
            for (uint256 digest = 1; digest < 5; ++digest) {
                assertEq(registry.consentRevokedAt(actor, bytes32(digest)), handler.revokedAt(actor, bytes32(digest)));
            }
        }
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
                (bool ruled, Status before) = registry.rulingOf(key);
                assertEq(ruled, handler.ruledOf(key));
                assertEq(uint8(before), uint8(handler.beforeOf(key)));
                // A ruling is only ever on a recall, or on one that the DAO disputes.
                if (ruled) assertTrue(status == Status.Recalled || before == Status.Recalled);
                assertEq(registry.taintOf(key), handler.causeOf(key));
                bool good = status == Status.Active && handler.causeOf(key) == 0;
                try registry.requireSaleable(id, n) returns (bytes32 saleable) {
                    assertEq(saleable, key);
                    assertTrue(good);
                } catch {
                    assertFalse(good);
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
        handler.signRegister(2, 2, 9, 0, 1);
        handler.relayRegister(0, 0, 0, NO_SLIP);
        handler.signAdd(2, 2, 10, 0, 1);
        handler.relayAdd(0, 0, 0, NO_SLIP);
        handler.signRevoke(1, 1, 0, 1);
        handler.relayRevoke(0, 0, 0, NO_SLIP);
        handler.revokeConsent(1, 2);
        handler.cancelNonce(1, 0);
        // What is made of a version that a court recalls.
        (uint256 child, uint256 dataset) = _childOf();
        handler.ruleStatus(0, dataset, 1, uint8(Status.Disputed), NO_SLIP);
        handler.ruleStatus(0, dataset, 1, uint8(Status.Recalled), NO_SLIP);
        handler.markTainted(0, child, 0, NO_SLIP);
        handler.setStatus(3, dataset, 1, uint8(Status.Active), NO_SLIP);
        handler.clearTaint(0, child);
        assertEq(handler.breach(), "");
        string[18] memory calls = [
            "register",
            "addVersion",
            "setStatus",
            "approveCard",
            "addTerms",
            "offer",
            "setOffer",
            "retireTerms",
            "reinstateTerms",
            "transfer",
            "registerBySig",
            "addVersionBySig",
            "revokeConsentBySig",
            "revokeConsent",
            "cancelNonce",
            "ruleStatus",
            "markTainted",
            "clearTaint"
        ];
        for (uint256 i; i < calls.length; ++i) {
            assertGt(handler.successes(calls[i]), 0, calls[i]);
        }
    }

    /// @dev A version with one parent that is the first of its dataset, and that dataset, as the handler counts.
    function _childOf() private view returns (uint256 child, uint256 dataset) {
        for (child = 0; child < handler.keyCount(); ++child) {
            bytes32[] memory parents = handler.parentsOf(handler.keys(child));
            if (parents.length == 0) continue;
            for (dataset = 0; dataset < handler.datasetCount(); ++dataset) {
                if (registry.keyAt(handler.datasets(dataset), 1) != parents[0]) continue;
                // Not a multiple of 16: that is an unknown dataset to the handler.
                return (child, dataset == 0 ? handler.datasetCount() : dataset);
            }
        }
        revert();
    }
}
