// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {ValidatorStake} from "../../src/ValidatorStake.sol";
import {ModuleConfig} from "../../src/types/Modules.sol";
import {MoneyFixture} from "./MoneyFixture.sol";

/// @notice A stand-in for the court: takes what is forfeited and passes calls on.
contract CourtAccount {
    ValidatorStake private immutable STAKE;

    constructor(ValidatorStake stake) {
        STAKE = stake;
    }

    function hold(bytes32 lockId) external returns (address owner, uint96 amount) {
        return STAKE.hold(lockId);
    }

    function take(bytes32 lockId) external {
        STAKE.take(lockId);
    }

    function giveBack(bytes32 lockId, uint32 extension) external {
        STAKE.giveBack(lockId, extension);
    }

    function forfeit(bytes32 lockId) external returns (uint96 amount) {
        return STAKE.forfeit(lockId);
    }

    receive() external payable {}
}

/// @notice A stake module as the factory makes it, with the real AccessManager and a court that has the role.
abstract contract StakeFixture is MoneyFixture {
    uint64 internal constant COURT = 1;
    uint96 internal constant LOCK = 10 ether;
    uint32 internal constant CHALLENGE = 7 days;
    uint32 internal constant UNBONDING = 28 days;

    address internal immutable TREASURY = makeAddr("treasury");

    ValidatorStake internal stake;
    CourtAccount internal court;

    function setUp() public virtual override {
        super.setUp();
        stake = _newStake();
        stake.initialize(_config());
        court = new CourtAccount(stake);
        bytes4[] memory selectors = new bytes4[](4);
        (selectors[0], selectors[1]) = (stake.hold.selector, stake.take.selector);
        (selectors[2], selectors[3]) = (stake.giveBack.selector, stake.forfeit.selector);
        vm.startPrank(DAO);
        manager.setTargetFunctionRole(address(stake), selectors, COURT);
        manager.grantRole(COURT, address(court), 0);
        vm.stopPrank();
    }

    /// @dev A clone with its wiring, not set up.
    function _newStake() internal returns (ValidatorStake) {
        return ValidatorStake(
            Clones.cloneWithImmutableArgs(
                address(new ValidatorStake()), abi.encodePacked(address(manager), address(registry), TREASURY)
            )
        );
    }

    /// @dev 7 + 3 + 2 * 5 + 2 days: 22 are the least time of unbonding.
    function _config() internal pure returns (ModuleConfig memory config) {
        config.attestationLock = LOCK;
        config.challengeWindow = CHALLENGE;
        config.answerWindow = 3 days;
        config.rulingWindow = 5 days;
        config.appealWindow = 2 days;
        config.unbonding = UNBONDING;
        config.cancelWindow = 5 days;
        config.roundBond = 1 ether;
    }
}
