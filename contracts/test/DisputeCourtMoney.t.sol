// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IArbitrable, IEvidence} from "../src/interfaces/IArbitration.sol";
import {IDisputeCourt} from "../src/interfaces/IDisputeCourt.sol";
import {DisputeCourt} from "../src/DisputeCourt.sol";
import {Access} from "../src/lib/Managed.sol";
import {Case, CaseState, LockState, ModuleConfig, Side} from "../src/types/Modules.sol";
import {CourtFixture} from "./support/CourtFixture.sol";
import {Refuser} from "./support/Hostile.sol";

/// @dev Withdraws again while it is paid, and does everything else that it can.
contract CourtReenterer {
    DisputeCourt private immutable COURT;
    uint256 public refused;
    uint256 public calls;

    constructor(DisputeCourt court) payable {
        COURT = court;
    }

    function join(uint256 id, Side side, uint256 value) external {
        COURT.join{value: value}(id, side);
    }

    receive() external payable {
        ++calls;
        try COURT.withdraw(1, address(this)) {}
        catch {
            ++refused;
        }
        try COURT.close(1) {}
        catch {
            ++refused;
        }
    }
}

contract DisputeCourtMoneyTest is CourtFixture {
    // ---- money

    function test_WinnersByTheirBonds() external {
        uint256 id = _openVersion(court, alice, 10 ether);
        _join(court, id, Side.Challenger, carol, 30 ether);
        _join(court, id, Side.Respondent, bob, 20 ether);
        _submit(court, id);
        _decide(id, Side.Challenger);
        _closeAtDeadline(court, id);
        // 20 + 100, half of it to 10 and 30.
        assertEq(court.owedBy(id, alice), 10 ether + 15 ether);
        assertEq(court.owedBy(id, carol), 30 ether + 45 ether);
        assertEq(court.owedBy(id, bob), 0);
        vm.expectEmit(address(court));
        emit IDisputeCourt.Withdrawn(id, alice, 25 ether);
        assertEq(_withdraw(court, id, alice), 25 ether);
        _withdraw(court, id, carol);
        vm.expectEmit(address(court));
        emit IDisputeCourt.Withdrawn(0, DAO, 60 ether);
        assertEq(court.withdrawTreasury(), 60 ether);
        assertEq(alice.balance, 25 ether);
        assertEq(carol.balance, 75 ether);
        assertEq(DAO.balance, 60 ether);
        assertEq(address(court).balance, 0);
    }

    function test_PaysOnce() external {
        uint256 id = _openVersion(court, alice, 10 ether);
        _join(court, id, Side.Respondent, alice, 10 ether);
        _join(court, id, Side.Respondent, bob, 10 ether);
        _submit(court, id);
        _closeAtDeadline(court, id);
        // Nobody's: both of alice's bonds at once.
        assertEq(_withdraw(court, id, alice), 20 ether);
        assertEq(court.bondOf(id, Side.Challenger, alice), 0);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.NothingOwed.selector, id, alice));
        court.withdraw(id, alice);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.NothingOwed.selector, id, carol));
        court.withdraw(id, carol);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.NothingOwed.selector, 0, DAO));
        court.withdrawTreasury();
        assertEq(_withdraw(court, id, bob), 10 ether);
    }

    function test_LoserWhoWonOnTheOtherSideIsPaidOnce() external {
        uint256 id = _openVersion(court, alice, 10 ether);
        _join(court, id, Side.Respondent, alice, 10 ether);
        _submit(court, id);
        _decide(id, Side.Respondent);
        _closeAtDeadline(court, id);
        assertEq(_withdraw(court, id, alice), 15 ether);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.NothingOwed.selector, id, alice));
        court.withdraw(id, alice);
    }

    /// @dev What a fee did not need is had at once; the bond of the same account stays.
    function test_CreditBeforeTheEndLeavesTheBond() external {
        uint256 id = _openVersion(court, alice, 10 ether);
        _join(court, id, Side.Respondent, bob, 10 ether);
        _pass(court, id);
        vm.deal(alice, 3);
        vm.prank(alice);
        court.submit{value: 3}(id);
        assertEq(_withdraw(court, id, alice), 3);
        assertEq(court.bondOf(id, Side.Challenger, alice), 10 ether);
        _closeAtDeadline(court, id);
        assertEq(_withdraw(court, id, alice), 10 ether);
    }

    function test_RefuserBlocksNobody() external {
        Refuser refuser = new Refuser();
        uint256 id = _openVersion(court, address(refuser), 10 ether);
        _join(court, id, Side.Challenger, alice, 10 ether);
        _closeAtDeadline(court, id);
        vm.expectRevert(
            abi.encodeWithSelector(IDisputeCourt.PaymentRefused.selector, address(refuser), 10 ether + 25 ether)
        );
        court.withdraw(id, address(refuser));
        assertEq(_withdraw(court, id, alice), 35 ether);
        refuser.setAccepts(true);
        assertEq(_withdraw(court, id, address(refuser)), 35 ether);
    }

    function test_ReentererIsPaidOnce() external {
        CourtReenterer reenterer = new CourtReenterer{value: 0}(court);
        vm.deal(address(reenterer), 10 ether);
        uint256 id = _openVersion(court, alice, 10 ether);
        reenterer.join(id, Side.Challenger, 10 ether);
        _closeAtDeadline(court, id);
        assertEq(_withdraw(court, id, address(reenterer)), 35 ether);
        assertEq(address(reenterer).balance, 35 ether);
        assertEq(reenterer.calls(), 1);
        assertEq(reenterer.refused(), 2);
        assertEq(_withdraw(court, id, alice), 35 ether);
    }

    function test_TreasuryOfSeveralCases() external {
        uint256 one = _openVersion(court, alice, 10 ether);
        uint256 two = _openAttestation(court, alice, 10 ether);
        _closeAtDeadline(court, one);
        court.close(two);
        assertEq(court.withdrawTreasury(), 100 ether);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.NothingOwed.selector, 0, DAO));
        court.withdrawTreasury();
    }

    function test_AppealBondOfNobodysCaseIsTheTreasurys() external {
        uint256 id = _contested(court);
        _decide(id, Side.Nobody);
        _appeal(id, carol, 40 ether);
        _closeAtDeadline(court, id);
        assertEq(court.owedBy(id, alice), 20 ether);
        assertEq(court.owedBy(id, bob), 20 ether);
        assertEq(court.owedBy(id, carol), 0);
        assertEq(court.withdrawTreasury(), 40 ether);
    }

    function test_CoinOfStrangersIsRefused() external {
        vm.deal(address(this), 1);
        (bool success, bytes memory reason) = address(court).call{value: 1}("");
        assertFalse(success);
        assertEq(reason, abi.encodeWithSelector(Access.Unauthorized.selector, address(this)));
    }

    /// @dev All that comes in goes out, but for less than one wei for each payee, whatever the amounts and the ruling.
    function testFuzz_NothingIsLostOrMade(uint96[4] memory bonds, uint8 ruling, uint8 second, uint96 appealBond)
        external
    {
        uint256 total;
        for (uint256 i; i < 4; ++i) {
            bonds[i] = uint96(bound(bonds[i], i < 2 ? 10 ether : 1, 1e27));
            total += bonds[i];
        }
        uint256 id = _openVersion(court, alice, bonds[0]);
        _join(court, id, Side.Respondent, bob, bonds[1]);
        _join(court, id, Side.Challenger, carol, bonds[2]);
        _join(court, id, Side.Respondent, ally, bonds[3]);
        _submit(court, id);
        ruling %= 4;
        if (ruling < 3) _decide(id, Side(ruling));
        second %= 5;
        if (ruling < 3 && second < 4) {
            appealBond = uint96(bound(appealBond, 20 ether, 1e27));
            total += appealBond;
            _appeal(id, keeper, appealBond);
            if (second < 3) _decide(id, Side(second));
        }
        _closeAtDeadline(court, id);
        total += court.caseOf(id).slashed;

        address[5] memory accounts = [alice, bob, carol, ally, keeper];
        uint256 out;
        for (uint256 i; i < 5; ++i) {
            if (court.owedBy(id, accounts[i]) != 0) out += _withdraw(court, id, accounts[i]);
        }
        try court.withdrawTreasury() returns (uint256 amount) {
            out += amount;
        } catch {}
        assertEq(address(court).balance, total - out);
        assertLt(total - out, 4);
        // The winner never gets less than it brought.
        Side side = court.caseOf(id).ruling;
        if (side != Side.Respondent) assertGe(alice.balance, bonds[0]);
        if (side != Side.Challenger) assertGe(bob.balance, bonds[1]);
    }

    // ---- fee

    function test_FeeIsTheLosers() external {
        uint256 id = _outsideCase(20 ether, 30 ether);
        _rule(id, Side.Challenger);
        outside.close(id);
        // 30 - 0.2 and 100: half.
        assertEq(outside.owedBy(id, alice), 20 ether + 64.9 ether);
        assertEq(outside.withdrawTreasury(), 64.9 ether);
        _withdraw(outside, id, alice);
        assertEq(address(outside).balance, 0);
    }

    function test_FeeBeyondTheLosersPot() external {
        kleros.set(0.2 ether, 0);
        uint256 id = _openVersion(outside, alice, 20 ether);
        _join(outside, id, Side.Respondent, bob, 30 ether);
        kleros.set(35 ether, 0);
        _submit(outside, id);
        _rule(id, Side.Challenger);
        outside.close(id);
        assertEq(outside.owedBy(id, bob), 0);
        // 5 of alice's 20 went into the fee.
        assertEq(outside.owedBy(id, alice), 15 ether + 50 ether);
        assertEq(outside.withdrawTreasury(), 50 ether);
        _withdraw(outside, id, alice);
        assertEq(address(outside).balance, 0);
    }

    function test_FeeOfNobodysCaseIsShared() external {
        uint256 id = _outsideCase(20 ether, 60 ether);
        _rule(id, Side.Nobody);
        outside.close(id);
        assertEq(outside.owedBy(id, alice), 20 ether - 0.05 ether);
        assertEq(outside.owedBy(id, bob), 60 ether - 0.15 ether);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.NothingOwed.selector, 0, DAO));
        outside.withdrawTreasury();
    }

    /// @dev Over fees up to more than both pots have.
    function testFuzz_FeeNeverComesOutOfOthers(uint96 bondA, uint96 bondB, uint96 cost, uint8 ruling) external {
        // Somebody else's case in the same balance.
        _openAttestation(outside, keeper, 50 ether);
        bondA = uint96(bound(bondA, 10.2 ether, 1e24));
        bondB = uint96(bound(bondB, 10.2 ether, 1e24));
        cost = uint96(bound(cost, 0, 3e24));
        uint256 id = _openVersion(outside, alice, bondA);
        _join(outside, id, Side.Respondent, bob, bondB);
        kleros.set(cost, 0);
        uint256 missing = cost > uint256(bondA) + bondB ? cost - bondA - bondB : 0;
        _pass(outside, id);
        vm.deal(address(this), missing);
        outside.submit{value: missing}(id);
        ruling %= 4;
        if (ruling < 3) _rule(id, Side(ruling));
        else _pass(outside, id);
        outside.close(id);
        uint256 total = uint256(bondA) + bondB + missing - cost + outside.caseOf(id).slashed;
        uint256 out;
        if (outside.owedBy(id, alice) != 0) out += _withdraw(outside, id, alice);
        if (outside.owedBy(id, bob) != 0) out += _withdraw(outside, id, bob);
        try outside.withdrawTreasury() returns (uint256 amount) {
            out += amount;
        } catch {}
        assertLe(out, total);
        assertLt(total - out, 2);
        assertEq(address(outside).balance, 50 ether + total - out);
    }

    // ---- an outside arbitrator

    function test_OutsideBondHasTheFee() external {
        assertEq(outside.bondFor(keccak256("any"), STAKE), 10.2 ether);
        uint256 id = _openVersion(outside, alice, 10.2 ether);
        vm.deal(bob, 100 ether);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.BondInsufficient.selector, 10.2 ether, 10.1 ether));
        outside.join{value: 10.1 ether}(id, Side.Respondent);
        kleros.setRefuses(true);
        vm.expectRevert("refused");
        outside.bondFor(LOCK, STAKE);
    }

    function test_OutsideSubmit() external {
        // A dispute before, so that ids of cases and disputes differ.
        _submitAnother();
        uint256 id = _openVersion(outside, alice, 20 ether);
        _join(outside, id, Side.Respondent, bob, 20 ether);
        _pass(outside, id);
        vm.deal(carol, 1 ether);
        uint40 deadline = uint40(block.timestamp) + RULING;
        vm.expectEmit(address(outside));
        emit IEvidence.Dispute(address(kleros), 1, 0, id);
        vm.expectEmit(address(outside));
        emit IDisputeCourt.Submitted(id, 1, 0.2 ether, deadline);
        vm.prank(carol);
        outside.submit{value: 1 ether}(id);
        assertEq(kleros.lastChoices(), 2);
        assertEq(kleros.lastExtraData(), abi.encode(uint256(4), uint256(3)));
        assertEq(address(kleros).balance, 0.4 ether);
        Case memory c = outside.caseOf(id);
        assertEq(c.fee, 0.2 ether);
        assertEq(c.disputeId, 1);
        assertEq(outside.owedBy(id, carol), 1 ether);
        assertEq(_withdraw(outside, id, carol), 1 ether);
    }

    function test_OutsideSubmitAsksWhatIsMissing() external {
        uint256 id = _openVersion(outside, alice, 20 ether);
        _join(outside, id, Side.Respondent, bob, 20 ether);
        kleros.set(41 ether, 0);
        _pass(outside, id);
        vm.deal(carol, 3 ether);
        vm.startPrank(carol);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.BondInsufficient.selector, 1 ether, 1 ether - 1));
        outside.submit{value: 1 ether - 1}(id);
        outside.submit{value: 3 ether}(id);
        vm.stopPrank();
        assertEq(outside.owedBy(id, carol), 2 ether);
        assertEq(address(kleros).balance, 41 ether);
        _rule(id, Side.Respondent);
        outside.close(id);
        // The pots are gone.
        assertEq(outside.owedBy(id, bob), 0);
        assertEq(outside.owedBy(id, alice), 0);
        _withdraw(outside, id, carol);
        assertEq(address(outside).balance, 0);
    }

    function test_OutsideRefusesOrAsksTooMuch() external {
        uint256 id = _openVersion(outside, alice, 20 ether);
        _join(outside, id, Side.Respondent, bob, 20 ether);
        _pass(outside, id);
        kleros.setRefuses(true);
        vm.expectRevert("refused");
        outside.submit(id);
        kleros.setRefuses(false);
        kleros.set(type(uint256).max, 0);
        vm.expectPartialRevert(IDisputeCourt.BondInsufficient.selector);
        outside.submit(id);
        kleros.setRefuses(true);
        vm.warp(outside.caseOf(id).deadline + RULING);
        outside.close(id);
        assertEq(_withdraw(outside, id, alice), 20 ether);
        assertEq(_withdraw(outside, id, bob), 20 ether);
    }

    function test_OutsideUnansweredNeedsNoArbitrator() external {
        uint256 id = _openVersion(outside, alice, 20 ether);
        kleros.setRefuses(true);
        _closeAtDeadline(outside, id);
        assertEq(_withdraw(outside, id, alice), 70 ether);
    }

    function test_OutsideNamesTheDisputeOfAnotherCase() external {
        kleros.setRepeats(true);
        _submitAnother();
        uint256 id = _openVersion(outside, alice, 20 ether);
        _join(outside, id, Side.Respondent, bob, 20 ether);
        _pass(outside, id);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.DisputeTaken.selector, 0, 1));
        outside.submit(id);
    }

    function test_OutsideDecideReverts() external {
        uint256 id = _outsideCase(20 ether, 20 ether);
        vm.prank(DAO);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.ArbitratorRules.selector, address(kleros)));
        outside.decide(id, Side.Challenger);
    }

    function test_Rule() external {
        uint256 id = _outsideCase(20 ether, 20 ether);
        vm.expectEmit(address(outside));
        emit IArbitrable.Ruling(address(kleros), 0, 2);
        vm.expectEmit(address(outside));
        emit IDisputeCourt.Ruled(id, Side.Respondent, uint40(block.timestamp));
        _rule(id, Side.Respondent);
        _assertState(outside, id, CaseState.Ruled);
        // Once.
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.CaseStateInvalid.selector, id, 3));
        kleros.rule(outside, 0, 1);
        vm.deal(bob, 100 ether);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.CaseStateInvalid.selector, id, 3));
        outside.appeal{value: 100 ether}(id);
        outside.close(id);
        _assertRuling(outside, id, Side.Respondent);
        assertEq(uint8(stake.lockOf(backing).state), uint8(LockState.Live));
    }

    function test_RuleForTheChallenger() external {
        uint256 id = _outsideCase(20 ether, 20 ether);
        _rule(id, Side.Challenger);
        // It calls nobody; closing does it all.
        assertEq(uint8(stake.lockOf(backing).state), uint8(LockState.Held));
        outside.close(id);
        assertEq(uint8(stake.lockOf(backing).state), uint8(LockState.Lost));
        (bool ruled,) = statuses.rulingOf(versionKey);
        assertTrue(ruled);
    }

    function test_RuleReverts() external {
        _outsideCase(20 ether, 20 ether);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.NotArbitrator.selector, address(this), address(kleros)));
        outside.rule(0, 1);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.RulingInvalid.selector, 3));
        kleros.rule(outside, 0, 3);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.DisputeUnknown.selector, 1));
        kleros.rule(outside, 1, 1);
        // The DAO's court has no arbitrator.
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.NotArbitrator.selector, address(kleros), address(0)));
        kleros.rule(court, 0, 1);
    }

    function test_RuleLate() external {
        uint256 id = _outsideCase(20 ether, 20 ether);
        vm.warp(block.timestamp + 365 days);
        _rule(id, Side.Challenger);
        outside.close(id);
        _assertRuling(outside, id, Side.Challenger);
    }

    function test_RuleAfterTheDefault() external {
        uint256 id = _outsideCase(20 ether, 20 ether);
        _closeAtDeadline(outside, id);
        uint256 owed = outside.owedBy(id, alice);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.CaseStateInvalid.selector, id, 5));
        kleros.rule(outside, 0, 1);
        assertEq(outside.owedBy(id, alice), owed);
        _assertRuling(outside, id, Side.Nobody);
        _withdraw(outside, id, alice);
        _withdraw(outside, id, bob);
    }

    function test_RuleWhileTheDisputeIsCreated() external {
        uint256 id = _openVersion(outside, alice, 20 ether);
        _join(outside, id, Side.Respondent, bob, 20 ether);
        kleros.setCall(abi.encodeCall(IArbitrable.rule, (0, 1)));
        _submit(outside, id);
        assertFalse(kleros.called());
        assertEq(kleros.answer(), abi.encodeWithSelector(IDisputeCourt.DisputeUnknown.selector, 0));
        _assertState(outside, id, CaseState.Contested);
        // Nor can the case be submitted twice, closed or paid from there.
        uint256 other = _openAttestation(outside, alice, 20 ether);
        _join(outside, other, Side.Respondent, bob, 20 ether);
        kleros.setCall(abi.encodeCall(IDisputeCourt.submit, (other)));
        _submit(outside, other);
        assertFalse(kleros.called());
        assertEq(kleros.answer(), abi.encodeWithSelector(IDisputeCourt.CaseStateInvalid.selector, other, 2));
    }

    function test_OutsideAppeal() external {
        uint256 id = _outsideCase(20 ether, 20 ether);
        uint40 deadline = outside.caseOf(id).deadline;
        vm.deal(carol, 5 ether);
        vm.startPrank(carol);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.BondInsufficient.selector, 0.5 ether, 0.5 ether - 1));
        outside.appeal{value: 0.5 ether - 1}(id);
        vm.expectEmit(address(outside));
        emit IDisputeCourt.Appealed(id, carol, 0.5 ether, deadline + APPEAL + RULING);
        outside.appeal{value: 1 ether}(id);
        assertEq(outside.caseOf(id).deadline, deadline + APPEAL + RULING);
        assertEq(outside.owedBy(id, carol), 0.5 ether);
        assertEq(address(kleros).balance, 0.7 ether);
        // Again, for whoever pays; the deadline stays.
        outside.appeal{value: 0.5 ether}(id);
        vm.stopPrank();
        assertEq(outside.caseOf(id).deadline, deadline + APPEAL + RULING);
        _rule(id, Side.Respondent);
        outside.close(id);
        // Appeals are the arbitrator's own: no bond is in it.
        assertEq(outside.owedBy(id, bob), 20 ether + 9.9 ether);
        assertEq(_withdraw(outside, id, carol), 0.5 ether);
    }

    function test_OutsideAppealReverts() external {
        uint256 id = _openVersion(outside, alice, 20 ether);
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.CaseStateInvalid.selector, id, 1));
        outside.appeal(id);
        _join(outside, id, Side.Respondent, bob, 20 ether);
        _submit(outside, id);
        vm.deal(address(this), 1 ether);
        kleros.setRefuses(true);
        vm.expectRevert("refused");
        outside.appeal{value: 1 ether}(id);
        kleros.setRefuses(false);
        _pass(outside, id);
        uint40 deadline = outside.caseOf(id).deadline;
        vm.expectRevert(abi.encodeWithSelector(IDisputeCourt.DeadlinePassed.selector, id, deadline));
        outside.appeal{value: 1 ether}(id);
    }

    function test_RuleWhileAnAppealIsMade() external {
        uint256 id = _outsideCase(20 ether, 20 ether);
        kleros.setCall(abi.encodeCall(IArbitrable.rule, (0, 1)));
        vm.deal(carol, 1 ether);
        vm.prank(carol);
        outside.appeal{value: 1 ether}(id);
        assertTrue(kleros.called());
        _assertState(outside, id, CaseState.Ruled);
        assertEq(outside.caseOf(id).deadline, block.timestamp);
        outside.close(id);
        _assertRuling(outside, id, Side.Challenger);
    }

    /// @dev A case on the attestation goes to the arbitrator first.
    function _submitAnother() private {
        uint256 id = _openAttestation(outside, keeper, 20 ether);
        _join(outside, id, Side.Respondent, keeper, 20 ether);
        _submit(outside, id);
    }

    function _outsideCase(uint256 challenger, uint256 respondent) private returns (uint256 id) {
        id = _openVersion(outside, alice, challenger);
        _join(outside, id, Side.Respondent, bob, respondent);
        _submit(outside, id);
    }

    function _rule(uint256 id, Side ruling) private {
        kleros.rule(outside, outside.caseOf(id).disputeId, uint256(ruling));
    }
}
