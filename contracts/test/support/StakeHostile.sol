// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ValidatorStake} from "../../src/ValidatorStake.sol";

/// @notice A staker that asks for more while it is paid, or refuses to be paid.
contract HostileStaker {
    ValidatorStake private immutable STAKE;
    uint256 public again;
    uint256 public refusedAgain;
    bool public refuses;

    constructor(ValidatorStake stake) {
        STAKE = stake;
    }

    function setRefuses(bool value) external {
        refuses = value;
    }

    /// @dev Calls the stake module with what it is given, as its owner tells it.
    function act(bytes calldata data, uint256 value) external payable returns (bytes memory) {
        (bool success, bytes memory result) = address(STAKE).call{value: value}(data);
        if (!success) {
            assembly ("memory-safe") {
                revert(add(result, 32), mload(result))
            }
        }
        return result;
    }

    receive() external payable {
        require(!refuses);
        // The first requests, again; none may pay twice.
        for (uint256 i; i < 3; ++i) {
            try STAKE.unstake(address(this), i) {
                ++again;
            } catch {
                ++refusedAgain;
            }
        }
    }
}

/// @notice A wallet that says yes to one digest.
contract WalletSigner is IERC1271 {
    bytes32 private immutable DIGEST;

    constructor(bytes32 digest) {
        DIGEST = digest;
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        return digest == DIGEST ? IERC1271.isValidSignature.selector : bytes4(0);
    }
}
