// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IDataGovernor} from "../src/interfaces/IDataGovernor.sol";
import {IVoteEscrow} from "../src/interfaces/IVoteEscrow.sol";
import {VoteEscrow} from "../src/templates/VoteEscrow.sol";
import {DaoConfig} from "../src/types/Types.sol";
import {IGovernorExtensions} from "./SuiteBase.sol";
import {GovernorFixture} from "./support/GovernorFixture.sol";

/// @notice Over a real DataToken: alice has 600,000, bob 250,000, carol 50,000.
contract VoteEscrowTest is GovernorFixture {
    uint48 private constant MAX_TIME = 208 weeks;

    VoteEscrow private escrow;
    IERC20 private token;
    uint48 private week;

    function setUp() public override {
        super.setUp();
        token = IERC20(s.token);
        escrow = new VoteEscrow(token);
        // The end of the present week.
        week = uint48(block.timestamp / 1 weeks + 1) * 1 weeks;
        address[3] memory holders = [alice, bob, carol];
        for (uint256 i; i < holders.length; ++i) {
            vm.prank(holders[i]);
            token.approve(address(escrow), type(uint256).max);
        }
    }

    // ------------------------------------------------------------------------------------------------ lock

    function test_Lock_WhenTheAmountIsZero() external {
        vm.prank(alice);
        vm.expectRevert(IVoteEscrow.AmountZero.selector);
        escrow.lock(0, week);
    }

    function testFuzz_Lock_WhenTheEndIsInvalid(uint48 end) external {
        vm.assume(end % 1 weeks != 0 || end <= block.timestamp || end > block.timestamp + MAX_TIME);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IVoteEscrow.EndInvalid.selector, end));
        escrow.lock(1 ether, end);
    }

    function test_Lock_WhenTheEndIsOneWeekTooFar() external {
        uint48 last = uint48((block.timestamp + MAX_TIME) / 1 weeks * 1 weeks);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IVoteEscrow.EndInvalid.selector, last + 1 weeks));
        escrow.lock(1 ether, last + 1 weeks);
        escrow.lock(1 ether, last);
        // At the end of a week that very second is not ahead.
        vm.warp(week);
        vm.startPrank(bob);
        vm.expectRevert(abi.encodeWithSelector(IVoteEscrow.EndInvalid.selector, week));
        escrow.lock(1 ether, week);
    }

    function test_Lock_GivenTheAccountHasALock() external {
        _lock(alice, 1 ether, week);
        for (uint256 i; i < 2; ++i) {
            vm.prank(alice);
            vm.expectRevert(abi.encodeWithSelector(IVoteEscrow.LockExists.selector, alice));
            escrow.lock(1 ether, week + 4 weeks);
            vm.warp(week);
        }
    }

    function testFuzz_Lock_WhenEverythingIsInOrder(uint256 amount, uint256 weeks_, uint256 later) external {
        amount = bound(amount, 1, token.balanceOf(alice));
        uint48 end = week + uint48(bound(weeks_, 0, 206)) * 1 weeks;
        vm.expectEmit(address(escrow));
        emit IVoteEscrow.Locked(alice, amount, end);
        _lock(alice, amount, end);
        (uint256 locked, uint48 until) = escrow.lockOf(alice);
        assertEq(locked, amount);
        assertEq(until, end);
        assertEq(token.balanceOf(address(escrow)), amount);
        later = bound(later, block.timestamp, end + 1 weeks);
        vm.warp(later);
        uint256 expected = later < end ? amount / MAX_TIME * (end - later) : 0;
        assertEq(escrow.getVotes(alice), expected);
        assertEq(escrow.totalSupply(), expected);
        assertLe(expected, amount);
    }

    // ------------------------------------------------------------------------------------------------ increase, extend

    function test_IncreaseAndExtend_GivenNoLockOrOneThatHasEnded() external {
        bytes memory missing = abi.encodeWithSelector(IVoteEscrow.LockMissing.selector, alice);
        vm.startPrank(alice);
        vm.expectRevert(missing);
        escrow.increase(1);
        vm.expectRevert(missing);
        escrow.extend(week);
        escrow.lock(1 ether, week);
        vm.expectRevert(IVoteEscrow.AmountZero.selector);
        escrow.increase(0);
        vm.warp(week);
        bytes memory ended = abi.encodeWithSelector(IVoteEscrow.LockEnded.selector, alice, week);
        vm.expectRevert(ended);
        escrow.increase(1);
        vm.expectRevert(ended);
        escrow.extend(week + 1 weeks);
    }

    function test_Extend_WhenTheEndIsInvalid() external {
        _lock(alice, 1 ether, week + 4 weeks);
        uint48 far = uint48((block.timestamp + MAX_TIME) / 1 weeks * 1 weeks) + 1 weeks;
        uint48[4] memory ends = [week + 4 weeks, week + 3 weeks, week + 5 weeks + 1, far];
        for (uint256 i; i < ends.length; ++i) {
            vm.prank(alice);
            vm.expectRevert(abi.encodeWithSelector(IVoteEscrow.EndInvalid.selector, ends[i]));
            escrow.extend(ends[i]);
        }
    }

    function test_IncreaseAndExtend_WhenEverythingIsInOrder() external {
        _lock(alice, 100 ether, week);
        _lock(bob, 10 ether, week);
        uint256 bobs = escrow.getVotes(bob);
        skip(1 hours);
        vm.startPrank(alice);
        vm.expectEmit(address(escrow));
        emit IVoteEscrow.Locked(alice, 150 ether, week);
        escrow.increase(50 ether);
        assertEq(escrow.getVotes(alice), uint256(150 ether) / MAX_TIME * (week - block.timestamp));
        vm.expectEmit(address(escrow));
        emit IVoteEscrow.Locked(alice, 150 ether, week + 10 weeks);
        escrow.extend(week + 10 weeks);
        vm.stopPrank();
        assertEq(escrow.getVotes(alice), uint256(150 ether) / MAX_TIME * (week + 10 weeks - block.timestamp));
        assertEq(token.balanceOf(address(escrow)), 160 ether);
        assertLt(escrow.getVotes(bob), bobs);
        assertEq(escrow.totalSupply(), escrow.getVotes(alice) + escrow.getVotes(bob));
        // Past bob's end, and what was alice's.
        vm.warp(week + 1);
        assertEq(escrow.getVotes(bob), 0);
        assertEq(escrow.totalSupply(), escrow.getVotes(alice));
        vm.warp(week + 10 weeks);
        assertEq(escrow.totalSupply(), 0);
    }

    // ------------------------------------------------------------------------------------------------ withdraw

    function test_Withdraw() external {
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IVoteEscrow.LockMissing.selector, alice));
        escrow.withdraw();
        _lock(alice, 100 ether, week);
        _lock(bob, 100 ether, week + 1 weeks);
        vm.warp(week - 1);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IVoteEscrow.LockRuns.selector, alice, week));
        escrow.withdraw();
        vm.warp(week);
        uint256 before = token.balanceOf(alice);
        vm.expectEmit(address(escrow));
        emit IVoteEscrow.Withdrawn(alice, 100 ether);
        vm.prank(alice);
        assertEq(escrow.withdraw(), 100 ether);
        assertEq(token.balanceOf(alice), before + 100 ether);
        assertEq(token.balanceOf(address(escrow)), 100 ether);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IVoteEscrow.LockMissing.selector, alice));
        escrow.withdraw();
        // And locks anew.
        _lock(alice, 50 ether, week + 2 weeks);
        assertEq(escrow.totalSupply(), escrow.getVotes(alice) + escrow.getVotes(bob));
    }

    // ------------------------------------------------------------------------------------------------ votes

    function testFuzz_Votes_WhenTheTimeIsNotOver(uint256 time) external {
        time = bound(time, block.timestamp, type(uint256).max);
        bytes memory reason =
            abi.encodeWithSelector(IVoteEscrow.ERC5805FutureLookup.selector, time, uint48(block.timestamp));
        vm.expectRevert(reason);
        escrow.getPastVotes(alice, time);
        vm.expectRevert(reason);
        escrow.getPastTotalSupply(time);
    }

    function test_Votes_WhenLocksAreMadeAndChangedAfterwards() external {
        uint256 time = block.timestamp;
        _lock(alice, 100 ether, week + 20 weeks);
        uint256 votes = escrow.getVotes(alice);
        skip(10 weeks);
        vm.prank(alice);
        escrow.increase(100 ether);
        vm.prank(alice);
        escrow.extend(week + 100 weeks);
        _lock(bob, 10 ether, week + 20 weeks);
        skip(1);
        assertEq(escrow.getPastVotes(alice, time), votes);
        assertEq(escrow.getPastTotalSupply(time), votes);
        assertEq(escrow.getPastVotes(alice, time - 1), 0);
        assertEq(escrow.getPastVotes(bob, time), 0);
        assertEq(
            escrow.getPastVotes(alice, time + 5 weeks),
            uint256(100 ether) / MAX_TIME * (week + 20 weeks - time - 5 weeks)
        );
    }

    function test_Votes_WhenSeveralChangesFallIntoOneSecond() external {
        uint256 time = block.timestamp;
        _lock(alice, 100 ether, week);
        vm.startPrank(alice);
        escrow.increase(1 ether);
        escrow.extend(week + 5 weeks);
        vm.stopPrank();
        _lock(bob, 1 ether, week + 5 weeks);
        uint256 votes = escrow.getVotes(alice);
        uint256 supply = escrow.totalSupply();
        skip(1);
        assertEq(escrow.getPastVotes(alice, time), votes);
        assertEq(escrow.getPastTotalSupply(time), supply);
    }

    function test_Votes_GivenLocksEndInEachOf208WeeksAndNobodyTouchedThem() external {
        vm.warp(week);
        for (uint48 i = 1; i <= 208; ++i) {
            address holder = makeAddr(vm.toString(i));
            vm.prank(alice);
            assertTrue(token.transfer(holder, 1 ether));
            vm.prank(holder);
            token.approve(address(escrow), 1 ether);
            _lock(holder, 1 ether, week + i * 1 weeks);
        }
        uint256[3] memory times = [uint256(week) + 100 weeks + 5, week + 207 weeks + 5, week + 300 weeks];
        for (uint256 k; k < times.length; ++k) {
            vm.warp(times[k]);
            uint256 sum;
            for (uint48 i = 1; i <= 208; ++i) {
                sum += escrow.getVotes(makeAddr(vm.toString(i)));
            }
            uint256 gas = gasleft();
            assertEq(escrow.totalSupply(), sum);
            assertLt(gas - gasleft(), 700_000);
        }
        // The next change costs a transaction that fits, too.
        uint256 spent = gasleft();
        _lock(bob, 1 ether, week + 301 weeks);
        assertLt(spent - gasleft(), 1_000_000);
    }

    function test_Votes_WhenSomebodyDelegates() external {
        _lock(alice, 1 ether, week);
        vm.startPrank(alice);
        vm.expectRevert(IVoteEscrow.DelegationUnsupported.selector);
        escrow.delegate(bob);
        vm.expectRevert(IVoteEscrow.DelegationUnsupported.selector);
        escrow.delegateBySig(bob, 0, block.timestamp, 27, 0, 0);
        assertEq(escrow.delegates(alice), alice);
        assertEq(escrow.CLOCK_MODE(), "mode=timestamp");
        assertEq(escrow.clock(), block.timestamp);
        assertEq(escrow.asset(), address(token));
        assertEq(escrow.name(), "Vote-escrowed Raccoon Data");
    }

    // ------------------------------------------------------------------------------------------------ governor

    function test_Governor_ShouldCountVotesAndQuorumFromIt() external {
        // Alice's much for a short time, Bob's less for long: Bob has more votes.
        _lock(alice, 100_000 ether, week + 4 weeks);
        _lock(bob, 20_000 ether, week + 150 weeks);
        DaoConfig memory dao = daoConfig();
        (dao.proposalThreshold, dao.guardian) = (1, address(0));
        s.governor = Clones.clone(parts.governor);
        IDataGovernor(s.governor).initialize(address(escrow), payable(s.timelock), dao);
        governor = IGovernor(s.governor);
        assertEq(governor.name(), "Vote-escrowed Raccoon Data Governor");
        // A proposer's votes are those of the second before.
        skip(1);

        Proposal memory p = approval();
        vm.prank(carol);
        vm.expectPartialRevert(IGovernor.GovernorInsufficientProposerVotes.selector);
        governor.propose(p.targets, p.values, p.calldatas, p.description);
        uint256 id = propose(s, bob, p);
        uint256 snapshot = governor.proposalSnapshot(id);
        vm.warp(snapshot + 1);
        // Locked after the snapshot: weighs nothing.
        _lock(carol, 50_000 ether, week + 200 weeks);
        vm.prank(alice);
        escrow.increase(100_000 ether);

        uint256 alices = uint256(100_000 ether) / MAX_TIME * (week + 4 weeks - snapshot);
        uint256 bobs = uint256(20_000 ether) / MAX_TIME * (week + 150 weeks - snapshot);
        assertGt(bobs, alices);
        assertEq(vote(s, alice, id, 0), alices);
        assertEq(vote(s, bob, id, 1), bobs);
        assertEq(vote(s, carol, id, 0), 0);
        (uint256 against, uint256 pro,) = IGovernorExtensions(s.governor).proposalVotes(id);
        assertEq(against, alices);
        assertEq(pro, bobs);
        assertEq(governor.quorum(snapshot), (alices + bobs) * QUORUM_BPS / 10_000);
        vm.warp(governor.proposalDeadline(id) + 1);
        assertState(id, IGovernor.ProposalState.Succeeded);
    }

    function test_Governor_ShouldTakeTheQuorumFromTheDecayedSupply() external {
        // Bob has 3 % of the votes now, and all of them when alice's lock has ended.
        _lock(alice, 97_000 ether, week + 20 weeks);
        _lock(bob, 3_000 ether, week + 20 weeks);
        vm.prank(bob);
        escrow.extend(week + 40 weeks);
        DaoConfig memory dao = daoConfig();
        (dao.proposalThreshold, dao.guardian, dao.quorumBps) = (0, address(0), 1_000);
        s.governor = Clones.clone(parts.governor);
        IDataGovernor(s.governor).initialize(address(escrow), payable(s.timelock), dao);
        governor = IGovernor(s.governor);
        for (uint256 i; i < 2; ++i) {
            Proposal memory p = proposalOf(s.registry, "", i == 0 ? "early" : "late");
            uint256 id = propose(s, bob, p);
            skip(VOTING_DELAY + 1);
            vote(s, bob, id, 1);
            vm.warp(governor.proposalDeadline(id) + 1);
            assertState(id, i == 0 ? IGovernor.ProposalState.Defeated : IGovernor.ProposalState.Succeeded);
            vm.warp(week + 20 weeks);
        }
    }

    function _lock(address account, uint256 amount, uint48 end) private {
        vm.prank(account);
        escrow.lock(amount, end);
    }
}
