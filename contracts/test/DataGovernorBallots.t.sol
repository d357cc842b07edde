// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Vm} from "forge-std/Vm.sol";

import {DaoConfig, Suite} from "../src/types/Types.sol";
import {GovernorFixture} from "./support/GovernorFixture.sol";
import {Wallet} from "./support/Wallet.sol";

/// @dev The governor's nonces, which are not keyed.
interface INonces {
    function nonces(address owner) external view returns (uint256);
}

contract DataGovernorBallotsTest is GovernorFixture {
    bytes32 private constant BALLOT = keccak256("Ballot(uint256 proposalId,uint8 support,address voter,uint256 nonce)");
    bytes32 private constant EXTENDED = keccak256(
        "ExtendedBallot(uint256 proposalId,uint8 support,address voter,uint256 nonce,string reason,bytes params)"
    );

    Vm.Wallet private dan;
    Wallet private wallet;
    uint256 private id;

    function setUp() public override {
        super.setUp();
        dan = vm.createWallet("dan");
        wallet = new Wallet(dan.addr);
        vm.startPrank(bob);
        IERC20(s.token).transfer(dan.addr, 1_000e18);
        IERC20(s.token).transfer(address(wallet), 2_000e18);
        vm.stopPrank();
        skip(1);
        id = propose(s, alice, approval());
        skip(VOTING_DELAY + 1);
    }

    // -------------------------------------------------------------------------------------------------- castVoteBySig

    function test_castVoteBySig_ofAnAccountAndOfAWallet() public {
        bytes memory signature = sign(s.governor, ballot(id, 1, dan.addr, 0));
        vm.expectEmit(s.governor);
        emit IGovernor.VoteCast(dan.addr, id, 1, 1_000e18, "");
        vm.prank(mallory);
        assertEq(governor.castVoteBySig(id, 1, dan.addr, signature), 1_000e18);
        signature = sign(s.governor, ballot(id, 2, address(wallet), 0));
        vm.expectEmit(s.governor);
        emit IGovernor.VoteCast(address(wallet), id, 2, 2_000e18, "");
        vm.prank(mallory);
        assertEq(governor.castVoteBySig(id, 2, address(wallet), signature), 2_000e18);
        (uint256 against, uint256 inFavor, uint256 abstained) = more.proposalVotes(id);
        assertEq(against, 0);
        assertEq(inFavor, 1_000e18);
        assertEq(abstained, 2_000e18);
        assertTrue(governor.hasVoted(id, address(wallet)));
        assertFalse(governor.hasVoted(id, mallory));
    }

    function test_castVoteBySig_again() public {
        for (uint256 i; i < 2; ++i) {
            address voter = i == 0 ? dan.addr : address(wallet);
            bytes memory signature = sign(s.governor, ballot(id, 1, voter, 0));
            governor.castVoteBySig(id, 1, voter, signature);
            // The nonce is used up.
            expectInvalid(voter);
            governor.castVoteBySig(id, 1, voter, signature);
            // Another ballot of the same voter is valid and comes too late.
            signature = sign(s.governor, ballot(id, 0, voter, 1));
            vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorAlreadyCastVote.selector, voter));
            governor.castVoteBySig(id, 0, voter, signature);
        }
        (uint256 against, uint256 inFavor,) = more.proposalVotes(id);
        assertEq(against, 0);
        assertEq(inFavor, 3_000e18);
    }

    function test_castVoteBySig_afterVotingByItself() public {
        bytes memory signature = sign(s.governor, ballot(id, 0, dan.addr, 0));
        vote(s, dan.addr, id, 1);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorAlreadyCastVote.selector, dan.addr));
        governor.castVoteBySig(id, 0, dan.addr, signature);
    }

    function test_castVoteBySig_changedOrOfAnother() public {
        bytes memory signature = sign(s.governor, ballot(id, 1, dan.addr, 0));
        uint256 other = propose(s, bob, proposalOf(s.registry, "", "# Another"));
        skip(VOTING_DELAY + 1);
        expectInvalid(dan.addr);
        governor.castVoteBySig(other, 1, dan.addr, signature);
        expectInvalid(dan.addr);
        governor.castVoteBySig(id, 0, dan.addr, signature);
        // The ballot names its voter: a key that signs for two accounts votes once for each, never for both at once.
        expectInvalid(address(wallet));
        governor.castVoteBySig(id, 1, address(wallet), signature);
        expectInvalid(alice);
        governor.castVoteBySig(id, 1, alice, signature);
        expectInvalid(dan.addr);
        governor.castVoteBySig(id, 1, dan.addr, "");
        governor.castVoteBySig(id, 1, dan.addr, signature);
    }

    function test_castVoteBySig_elsewhere() public {
        DaoConfig memory dao = daoConfig();
        dao.symbol = "TWIN";
        Suite memory twin = factory.deployDao(dao, false);
        bytes memory signature = sign(twin.governor, ballot(id, 1, dan.addr, 0));
        expectInvalid(dan.addr);
        governor.castVoteBySig(id, 1, dan.addr, signature);
        signature = sign(s.governor, ballot(id, 1, dan.addr, 0));
        uint256 chain = block.chainid;
        vm.chainId(chain + 1);
        expectInvalid(dan.addr);
        governor.castVoteBySig(id, 1, dan.addr, signature);
        vm.chainId(chain);
        governor.castVoteBySig(id, 1, dan.addr, signature);
    }

    function test_castVoteBySig_usedUpNonce() public {
        bytes memory signature = sign(s.governor, ballot(id, 1, dan.addr, 0));
        uint256 other = propose(s, bob, proposalOf(s.registry, "", "# Another"));
        skip(VOTING_DELAY + 1);
        bytes memory first = sign(s.governor, ballot(other, 1, dan.addr, 0));
        governor.castVoteBySig(other, 1, dan.addr, first);
        assertEq(INonces(s.governor).nonces(dan.addr), 1);
        expectInvalid(dan.addr);
        governor.castVoteBySig(id, 1, dan.addr, signature);
    }

    // ------------------------------------------------------------------------------- castVoteWithReasonAndParamsBySig

    function test_castVoteWithReasonAndParamsBySig() public {
        bytes memory signature = sign(s.governor, extended(id, 1, address(wallet), 0, "because"));
        bytes memory call_ = abi.encodeCall(
            governor.castVoteWithReasonAndParamsBySig, (id, 1, address(wallet), "because", "", signature)
        );
        expectInvalid(address(wallet));
        governor.castVoteWithReasonAndParamsBySig(id, 1, address(wallet), "for another reason", "", signature);
        expectInvalid(address(wallet));
        governor.castVoteWithReasonAndParamsBySig(id, 1, address(wallet), "because", hex"01", signature);
        // Nor is it an ordinary ballot.
        expectInvalid(address(wallet));
        governor.castVoteBySig(id, 1, address(wallet), signature);
        vm.expectEmit(s.governor);
        emit IGovernor.VoteCast(address(wallet), id, 1, 2_000e18, "because");
        (bool done,) = s.governor.call(call_);
        assertTrue(done);
        (done,) = s.governor.call(call_);
        assertFalse(done);
    }

    // -------------------------------------------------------------------------------------------------------- helpers

    function expectInvalid(address voter) private {
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorInvalidSignature.selector, voter));
    }

    function ballot(uint256 proposal, uint8 support, address voter, uint256 nonce) private pure returns (bytes32) {
        return keccak256(abi.encode(BALLOT, proposal, support, voter, nonce));
    }

    function extended(uint256 proposal, uint8 support, address voter, uint256 nonce, string memory reason)
        private
        pure
        returns (bytes32)
    {
        return keccak256(
            abi.encode(EXTENDED, proposal, support, voter, nonce, keccak256(bytes(reason)), keccak256(bytes("")))
        );
    }

    /// @dev By dan, who also signs for the wallet.
    function sign(address verifier, bytes32 structHash) private returns (bytes memory) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("dgov"),
                keccak256("1"),
                block.chainid,
                verifier
            )
        );
        (uint8 v, bytes32 r, bytes32 sv) = vm.sign(dan, keccak256(abi.encodePacked(hex"1901", domain, structHash)));
        return abi.encodePacked(r, sv, v);
    }
}
