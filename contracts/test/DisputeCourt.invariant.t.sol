// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DisputeCourt} from "../src/DisputeCourt.sol";
import {CaseState, LockState} from "../src/types/Modules.sol";
import {CourtFixture} from "./support/CourtFixture.sol";
import {CourtHandler} from "./support/CourtHandler.sol";

/// @notice A court's books among hostile parties.
abstract contract CourtInvariants is CourtFixture {
    CourtHandler internal handler;
    DisputeCourt internal subject;

    function _target(DisputeCourt target, bool isOutside) internal {
        subject = target;
        handler = new CourtHandler(target, statuses, stake, reports, kleros, DAO, isOutside);
        bytes4[] memory selectors = new bytes4[](26);
        // Openings, answers and time more often than the rest.
        selectors[0] = selectors[1] = handler.openVersion.selector;
        selectors[2] = handler.openAttestation.selector;
        selectors[3] = handler.openReport.selector;
        selectors[4] = selectors[5] = selectors[6] = handler.join.selector;
        selectors[7] = selectors[8] = handler.submit.selector;
        selectors[9] = isOutside ? handler.rule.selector : handler.decide.selector;
        selectors[10] = selectors[9];
        selectors[11] = selectors[12] = handler.appeal.selector;
        selectors[13] = selectors[14] = handler.close.selector;
        selectors[15] = handler.withdraw.selector;
        selectors[16] = handler.withdrawTreasury.selector;
        selectors[17] = selectors[18] = handler.pass.selector;
        selectors[19] = isOutside ? handler.setArbitrator.selector : handler.pass.selector;
        selectors[20] = isOutside ? handler.setCall.selector : handler.release.selector;
        selectors[21] = handler.back.selector;
        selectors[22] = handler.setStatus.selector;
        selectors[23] = handler.setRefused.selector;
        selectors[24] = handler.attest.selector;
        selectors[25] = handler.report.selector;
        targetContract(address(handler));
        targetSelector(FuzzSelector(address(handler), selectors));
    }

    /// @dev What is owed is there, and nothing else is but what roundings left.
    function _solvent() internal view {
        uint256 balance = address(subject).balance;
        uint256 owed = handler.liabilities();
        assertGe(balance, owed, "owes more than it has");
        assertLe(balance - owed, handler.dust(), "keeps more than roundings");
    }

    /// @dev When all deadlines are over, everything can be closed and pulled, whatever anybody did or refuses to do.
    function afterInvariant() external {
        handler.finish();
        assertEq(handler.liabilities(), 0, "left behind");
        assertLe(address(subject).balance, handler.dust(), "dust");
        assertEq(handler.treasuryGot(), handler.treasuryDue(), "treasury");
        for (uint256 id = 1; id <= subject.caseCount(); ++id) {
            _assertState(subject, id, CaseState.Closed);
            assertEq(subject.openCaseOf(subject.caseOf(id).subject), 0);
        }
        for (uint256 d; d < 2; ++d) {
            _assertFree(stake.backingIdOf(keccak256(abi.encode("dataset", d))));
            _assertFree(keccak256(abi.encode("attestation", d)));
        }
    }

    function _assertFree(bytes32 lockId) private view {
        LockState state = stake.lockOf(lockId).state;
        assertTrue(state != LockState.Held && state != LockState.Escrowed, "a lock stayed behind");
    }
}

contract DisputeCourtDaoInvariantTest is CourtInvariants {
    function setUp() public override {
        super.setUp();
        _target(court, false);
    }

    /// forge-config: default.invariant.runs = 32
    /// forge-config: default.invariant.depth = 96
    function invariant_Solvent() external view {
        _solvent();
    }
}

contract DisputeCourtOutsideInvariantTest is CourtInvariants {
    function setUp() public override {
        super.setUp();
        _target(outside, true);
    }

    /// forge-config: default.invariant.runs = 32
    /// forge-config: default.invariant.depth = 96
    function invariant_Solvent() external view {
        _solvent();
    }
}
