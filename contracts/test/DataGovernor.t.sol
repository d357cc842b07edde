// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    TimelockControllerUpgradeable
} from "@openzeppelin/contracts-upgradeable/governance/TimelockControllerUpgradeable.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {DataTimelock} from "../src/DataTimelock.sol";
import {IDataGovernor} from "../src/interfaces/IDataGovernor.sol";
import {DaoConfig, Suite} from "../src/types/Types.sol";
import {MockRegistry} from "./mocks/DataMocks.sol";
import {IGovernorExtensions} from "./SuiteBase.sol";
import {GovernorFixture} from "./support/GovernorFixture.sol";

contract DataGovernorTest is GovernorFixture {
    function deployWith(DaoConfig memory dao) internal returns (Suite memory) {
        return factory.deployDao(dao, false);
    }

    // ------------------------------------------------------------------------------------------------ initialize

    function test_initialize_thresholdAboveSupply() public {
        DaoConfig memory dao = daoConfig();
        dao.proposalThreshold = SUPPLY + 1;
        vm.expectRevert(abi.encodeWithSelector(IDataGovernor.ThresholdAboveSupply.selector, SUPPLY + 1, SUPPLY));
        factory.deployDao(dao, false);

        dao.proposalThreshold = SUPPLY;
        assertEq(IGovernor(deployWith(dao).governor).proposalThreshold(), SUPPLY);
    }

    function test_initialize_impossibleVoting() public {
        DaoConfig memory dao = daoConfig();
        dao.quorumBps = 10_001;
        vm.expectRevert(abi.encodeWithSignature("GovernorInvalidQuorumFraction(uint256,uint256)", 10_001, 10_000));
        factory.deployDao(dao, false);

        dao = daoConfig();
        dao.votingPeriod = 0;
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorInvalidVotingPeriod.selector, 0));
        factory.deployDao(dao, false);

        dao = daoConfig();
        dao.lateQuorumExtension = VOTING_PERIOD + 1;
        vm.expectRevert(
            abi.encodeWithSignature(
                "GovernorPreventLateQuorumVoteExtensionTooLarge(uint256,uint256)", VOTING_PERIOD + 1, VOTING_PERIOD
            )
        );
        factory.deployDao(dao, false);
    }

    function test_initialize_sunsetPassed() public {
        DaoConfig memory dao = daoConfig();
        dao.guardianSunset = uint48(block.timestamp);
        vm.expectRevert(
            abi.encodeWithSelector(
                IDataGovernor.GuardianSunsetPassed.selector, guardian, block.timestamp, block.timestamp
            )
        );
        factory.deployDao(dao, false);
    }

    function test_initialize_noGuardian() public {
        DaoConfig memory dao = daoConfig();
        dao.guardian = address(0);
        Suite memory other = deployWith(dao);
        assertEq(IGovernorExtensions(other.governor).proposalGuardian(), address(0));
        assertEq(IDataGovernor(other.governor).guardianSunset(), 0);
    }

    // -------------------------------------------------------------------------------------------- life of a proposal

    function test_life() public {
        Proposal memory p = approval();
        uint256 id = propose(s, alice, p);
        assertState(id, IGovernor.ProposalState.Pending);
        skip(VOTING_DELAY + 1);
        assertState(id, IGovernor.ProposalState.Active);
        assertEq(vote(s, alice, id, 1), 600_000e18);
        assertEq(vote(s, bob, id, 0), 250_000e18);
        skip(VOTING_PERIOD);
        assertState(id, IGovernor.ProposalState.Succeeded);

        vm.prank(mallory);
        queue(s, p);
        assertState(id, IGovernor.ProposalState.Queued);
        assertEq(governor.proposalEta(id), block.timestamp + TIMELOCK_DELAY);
        skip(TIMELOCK_DELAY);
        assertFalse(MockRegistry(s.registry).approved("key"));
        vm.prank(mallory);
        execute(s, p);
        assertTrue(MockRegistry(s.registry).approved("key"));
        assertState(id, IGovernor.ProposalState.Executed);

        vm.expectPartialRevert(IGovernor.GovernorUnexpectedProposalState.selector);
        execute(s, p);
    }

    function test_life_tooEarly() public {
        Proposal memory p = approval();
        uint256 id = propose(s, alice, p);
        vm.expectPartialRevert(IGovernor.GovernorUnexpectedProposalState.selector);
        vote(s, alice, id, 1);
        skip(VOTING_DELAY + 1);
        vote(s, alice, id, 1);
        vm.expectPartialRevert(IGovernor.GovernorUnexpectedProposalState.selector);
        queue(s, p);
        skip(VOTING_PERIOD);
        vm.expectPartialRevert(IGovernor.GovernorUnexpectedProposalState.selector);
        execute(s, p);
        queue(s, p);
        skip(TIMELOCK_DELAY - 1);
        vm.expectPartialRevert(TimelockControllerUpgradeable.TimelockUnexpectedOperationState.selector);
        execute(s, p);
        assertFalse(MockRegistry(s.registry).approved("key"));
    }

    function test_life_executableOnTheTimelockByAnyone() public {
        Proposal memory p = approval();
        uint256 id = pass(s, p);
        skip(TIMELOCK_DELAY);
        bytes32 salt = bytes20(s.governor) ^ keccak256(bytes(p.description));
        vm.prank(mallory);
        DataTimelock(payable(s.timelock)).executeBatch(p.targets, p.values, p.calldatas, 0, salt);
        assertTrue(MockRegistry(s.registry).approved("key"));
        assertState(id, IGovernor.ProposalState.Executed);
    }

    function test_life_defeated() public {
        uint256 id = propose(s, alice, approval());
        skip(VOTING_DELAY + 1);
        vote(s, alice, id, 0);
        vote(s, bob, id, 1);
        skip(VOTING_PERIOD);
        assertState(id, IGovernor.ProposalState.Defeated);
    }

    function test_life_belowTheThreshold() public {
        Proposal memory p = approval();
        vm.expectRevert(
            abi.encodeWithSelector(IGovernor.GovernorInsufficientProposerVotes.selector, mallory, 0, THRESHOLD)
        );
        propose(s, mallory, p);
    }

    function test_life_treasury() public {
        vm.deal(s.timelock, 3 ether);
        Proposal memory p;
        p.targets = new address[](2);
        p.values = new uint256[](2);
        p.calldatas = new bytes[](2);
        p.targets[0] = carol;
        p.values[0] = 2 ether;
        p.targets[1] = s.token;
        p.calldatas[1] = abi.encodeCall(IERC20.transfer, (carol, 100e18));
        p.description = "# Pay carol";
        enact(s, p);
        assertEq(carol.balance, 2 ether);
        assertEq(s.timelock.balance, 1 ether);
        assertEq(IERC20(s.token).balanceOf(carol), 50_100e18);
    }

    /// @dev The governor refuses coin, so that none is stranded beside the treasury.
    function test_life_governorTakesNoCoin() public {
        vm.deal(address(this), 1 ether);
        (bool done, bytes memory reason) = s.governor.call{value: 1 ether}("");
        assertFalse(done);
        assertEq(bytes4(reason), IGovernor.GovernorDisabledDeposit.selector);
    }

    // ------------------------------------------------------------------------------------------------------- votes

    function test_votes_borrowedAfterTheSnapshot() public {
        uint256 id = propose(s, bob, approval());
        skip(VOTING_DELAY + 1);
        vm.prank(alice);
        IERC20(s.token).transfer(mallory, 600_000e18);
        assertEq(vote(s, mallory, id, 1), 0);
        (, uint256 forVotes,) = more.proposalVotes(id);
        assertEq(forVotes, 0);
        assertEq(vote(s, alice, id, 0), 600_000e18);
    }

    /// @dev Nor do votes taken and given back in the very second of the snapshot.
    function test_votes_borrowedInTheSnapshotsSecond() public {
        uint256 id = propose(s, bob, approval());
        vm.warp(governor.proposalSnapshot(id));
        vm.prank(alice);
        IERC20(s.token).transfer(mallory, 600_000e18);
        vm.prank(mallory);
        IERC20(s.token).transfer(alice, 600_000e18);
        skip(1);
        assertEq(vote(s, mallory, id, 1), 0);
        assertEq(vote(s, alice, id, 0), 600_000e18);
    }

    function testFuzz_votes_countOnlyTheSnapshot(uint256 before, uint256 later) public {
        before = bound(before, 0, 600_000e18);
        later = bound(later, 0, 600_000e18 - before);
        uint256 id = propose(s, bob, approval());
        vm.prank(alice);
        IERC20(s.token).transfer(mallory, before);
        skip(VOTING_DELAY + 1);
        vm.prank(alice);
        IERC20(s.token).transfer(mallory, later);
        assertEq(vote(s, mallory, id, 1), before);
        assertEq(vote(s, alice, id, 1), 600_000e18 - before);
    }

    function test_votes_twice() public {
        uint256 id = propose(s, alice, approval());
        skip(VOTING_DELAY + 1);
        vote(s, bob, id, 1);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorAlreadyCastVote.selector, bob));
        vote(s, bob, id, 0);
    }

    function test_votes_bySignature() public {
        (address signer, uint256 key) = makeAddrAndKey("signer");
        vm.prank(bob);
        IERC20(s.token).transfer(signer, 1_000e18);
        uint256 id = propose(s, alice, approval());
        skip(VOTING_DELAY + 1);
        bytes memory signature = signBallot(signer, key, id, 1);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorInvalidSignature.selector, signer));
        governor.castVoteBySig(id, 0, signer, signature);
        assertEq(governor.castVoteBySig(id, 1, signer, signature), 1_000e18);
    }

    function signBallot(address signer, uint256 key, uint256 id, uint8 support) internal view returns (bytes memory) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("dgov"),
                keccak256("1"),
                block.chainid,
                s.governor
            )
        );
        bytes32 ballot = keccak256(
            abi.encode(
                keccak256("Ballot(uint256 proposalId,uint8 support,address voter,uint256 nonce)"),
                id,
                support,
                signer,
                uint256(0)
            )
        );
        (uint8 v, bytes32 r, bytes32 t) = vm.sign(key, keccak256(abi.encodePacked("\x19\x01", domain, ballot)));
        return abi.encodePacked(r, t, v);
    }

    /// @dev What wallets are told (ERC-5267) is what is signed.
    function test_votes_domainIsPublished() public view {
        (bytes1 fields, string memory name, string memory version,, address verifying,,) = more.eip712Domain();
        assertEq(fields, hex"0f");
        assertEq(name, "dgov");
        assertEq(version, "1");
        assertEq(verifying, s.governor);
    }

    // ------------------------------------------------------------------------------------------------------ quorum

    /// @dev 4 % of the supply, exactly: dave brings one unit less or just enough.
    function test_quorum_toTheUnit() public {
        address dave = makeAddr("dave");
        address erin = makeAddr("erin");
        vm.startPrank(bob);
        IERC20(s.token).transfer(dave, 40_000e18 - 1);
        IERC20(s.token).transfer(erin, 1);
        vm.stopPrank();
        uint256 id = propose(s, alice, approval());
        skip(VOTING_DELAY + 1);
        vote(s, dave, id, 1);
        uint256 without = vm.snapshotState();
        skip(VOTING_PERIOD);
        assertState(id, IGovernor.ProposalState.Defeated);

        vm.revertToState(without);
        vote(s, erin, id, 2);
        skip(VOTING_PERIOD);
        assertState(id, IGovernor.ProposalState.Succeeded);
    }

    function test_quorum_reachedLate() public {
        uint256 id = propose(s, alice, approval());
        uint256 deadline = governor.proposalDeadline(id);
        vm.warp(deadline);
        vote(s, alice, id, 1);
        assertEq(governor.proposalDeadline(id), deadline + EXTENSION);
        vm.warp(deadline + EXTENSION);
        // Who was surprised can still answer, and no vote extends a second time.
        vote(s, bob, id, 0);
        assertEq(governor.proposalDeadline(id), deadline + EXTENSION);
        skip(1);
        assertState(id, IGovernor.ProposalState.Succeeded);
    }

    function test_quorum_reachedEarly() public {
        uint256 id = propose(s, alice, approval());
        uint256 deadline = governor.proposalDeadline(id);
        vm.warp(deadline - EXTENSION);
        vote(s, alice, id, 1);
        assertEq(governor.proposalDeadline(id), deadline);
    }

    // ----------------------------------------------------------------------------------------------- front-running

    function test_frontRunning_suffixProtects() public {
        vm.prank(bob);
        IERC20(s.token).transfer(mallory, THRESHOLD);
        skip(1);
        Proposal memory p = approval();
        p.description = string.concat("# Approve a card\n\n#proposer=", vm.toString(alice));
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorRestrictedProposer.selector, mallory));
        propose(s, mallory, p);
        uint256 id = propose(s, alice, p);
        assertEq(governor.proposalProposer(id), alice);

        // A copy for mallory is another proposal.
        p.description = string.concat("# Approve a card\n\n#proposer=", vm.toString(mallory));
        uint256 copy = propose(s, mallory, p);
        cancel(s, mallory, p);
        assertState(copy, IGovernor.ProposalState.Canceled);
        assertState(id, IGovernor.ProposalState.Pending);
    }

    function test_frontRunning_withoutSuffix() public {
        vm.prank(bob);
        IERC20(s.token).transfer(mallory, THRESHOLD);
        skip(1);
        Proposal memory p = approval();
        propose(s, mallory, p);
        cancel(s, mallory, p);
        vm.expectPartialRevert(IGovernor.GovernorUnexpectedProposalState.selector);
        propose(s, alice, p);
    }

    // ---------------------------------------------------------------------------------------------------- spam

    /// @dev Hundreds of proposals, copies among them, and everything that others may do to the real one.
    function test_spam_blocksNothing() public {
        vm.prank(bob);
        IERC20(s.token).transfer(mallory, THRESHOLD);
        skip(1);
        Proposal memory p = approval();
        p.description = string.concat("# Approve a card\n\n#proposer=", vm.toString(alice));
        uint256 first;
        Proposal memory spam = approval();
        for (uint256 i; i < 300; ++i) {
            // The very calls, their text but for a number, and texts that claim nobody.
            spam.description = i % 2 == 0
                ? string.concat(p.description, " ", vm.toString(i))
                : string.concat("# Approve a card ", vm.toString(i));
            vm.prank(mallory);
            (bool done,) = s.governor
                .call(abi.encodeCall(IGovernor.propose, (spam.targets, spam.values, spam.calldatas, spam.description)));
            assertTrue(done);
            if (i == 1) first = _gasToPropose(p, vm.snapshotState());
        }
        // What it costs does not depend on how many there are.
        assertEq(_gasToPropose(p, vm.snapshotState()), first);

        uint256 id = propose(s, alice, p);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorUnableToCancel.selector, id, mallory));
        this.cancelAs(mallory, p);
        skip(VOTING_DELAY + 1);
        vote(s, mallory, id, 0);
        vote(s, alice, id, 1);
        skip(VOTING_PERIOD + 1);
        vm.prank(mallory);
        queue(s, p);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorUnableToCancel.selector, id, mallory));
        this.cancelAs(mallory, p);
        skip(TIMELOCK_DELAY);
        execute(s, p);
        assertTrue(MockRegistry(s.registry).approved("key"));
    }

    function _gasToPropose(Proposal memory p, uint256 state) private returns (uint256 used) {
        propose(s, alice, p);
        used = vm.lastCallGas().gasTotalUsed;
        vm.revertToState(state);
    }

    // ---------------------------------------------------------------------------------------------------- settings

    function test_settings_byProposalOnly() public {
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorOnlyExecutor.selector, alice));
        vm.prank(alice);
        more.setVotingDelay(1);
        enact(s, proposalOf(s.governor, abi.encodeCall(more.setVotingDelay, (1)), "# Faster"));
        assertEq(governor.votingDelay(), 1);
    }
}
