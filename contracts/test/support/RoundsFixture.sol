// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {Test} from "forge-std/Test.sol";
import {RewardRounds} from "../../src/RewardRounds.sol";
import {ModuleConfig, RoundClaim} from "../../src/types/Modules.sol";
import {TreeBuilder} from "../helpers/TreeBuilder.sol";
import {TreeProof} from "../helpers/TreeProof.sol";
import {PlainToken} from "./Tokens.sol";

/// @notice What rewards ask a governor for.
contract GuardianStub {
    address public proposalGuardian;

    function set(address guardian) external {
        proposalGuardian = guardian;
    }
}

/// @notice A rewards module as the factory makes it, and short ways to make trees and claims.
abstract contract RoundsFixture is Test {
    uint8 internal constant REWARDS = 3;
    uint96 internal constant BOND = 1 ether;
    uint32 internal constant WINDOW = 5 days;
    bytes32 internal constant LIST = keccak256("list");

    address internal immutable MANAGER = makeAddr("manager");
    address internal immutable TREASURY = makeAddr("treasury");
    address internal immutable GUARDIAN = makeAddr("guardian");
    address internal immutable PUBLISHER = makeAddr("publisher");

    GuardianStub internal governor;
    RewardRounds internal rounds;
    PlainToken internal token;
    TreeBuilder internal trees;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        governor = new GuardianStub();
        governor.set(GUARDIAN);
        token = new PlainToken();
        trees = new TreeBuilder();
        rounds = _newRounds();
        rounds.initialize(_config());
    }

    function _newRounds() internal returns (RewardRounds) {
        return RewardRounds(
            Clones.cloneWithImmutableArgs(
                address(new RewardRounds()), abi.encodePacked(MANAGER, address(governor), TREASURY)
            )
        );
    }

    function _config() internal pure returns (ModuleConfig memory config) {
        config.cancelWindow = WINDOW;
        config.roundBond = BOND;
    }

    function _leaf(address account, uint64 units) internal pure returns (TreeBuilder.Leaf memory) {
        return TreeBuilder.Leaf(keccak256(abi.encodePacked(account)), units, 0);
    }

    function _claimOf(uint256 roundId, TreeBuilder.Leaf[] memory leaves, address account)
        internal
        view
        returns (RoundClaim memory item)
    {
        TreeProof memory proof = trees.prove(leaves, REWARDS, keccak256(abi.encodePacked(account)));
        item.roundId = roundId;
        item.units = proof.terminalWeight;
        item.bitmap = proof.bitmap;
        item.siblings = proof.siblings;
    }
}
