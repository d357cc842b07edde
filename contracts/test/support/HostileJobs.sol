// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IUsageLedger} from "../../src/interfaces/IUsageLedger.sol";
import {JobRequest} from "../../src/types/Modules.sol";
import {PlainToken} from "./Tokens.sol";

/// @notice Keeps ten percent of what the first of its nested transfers moves, and lets the sender act in the middle: a token
/// made to be counted twice.
contract NestingToken is PlainToken {
    bool private _inside;

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        if (_inside || from.code.length == 0) return super.transferFrom(from, to, amount);
        _inside = true;
        NestingPayer(payable(from)).inside();
        _inside = false;
        super.transferFrom(from, to, amount - amount / 10);
        return true;
    }
}

/// @notice Opens a job of a tenth of the amount from inside the transfer of another, so that the balance grows by just what
/// the outer one expects.
contract NestingPayer {
    IUsageLedger private immutable LEDGER;
    JobRequest private _inner;
    bytes public refusal;

    constructor(IUsageLedger ledger, PlainToken token) {
        LEDGER = ledger;
        token.approve(address(ledger), type(uint256).max);
    }

    function open(JobRequest calldata outer, JobRequest calldata inner) external {
        _inner = inner;
        LEDGER.openJob(outer);
    }

    function inside() external {
        try LEDGER.openJob(_inner) {}
        catch (bytes memory reason) {
            refusal = reason;
        }
    }
}

/// @notice A payer that takes its credit again, and asks for its escrow again, while it is being paid.
contract ReenteringPayer {
    IUsageLedger private immutable LEDGER;
    bytes32 public jobId;
    uint256 public refused;

    constructor(IUsageLedger ledger) {
        LEDGER = ledger;
    }

    function open(JobRequest calldata request) external payable {
        jobId = LEDGER.openJob{value: msg.value}(request);
    }

    function arm(bytes32 job) external {
        jobId = job;
    }

    receive() external payable {
        try LEDGER.withdrawCredit(address(this), address(0)) {}
        catch {
            ++refused;
        }
        try LEDGER.refund(jobId) {}
        catch {
            ++refused;
        }
    }
}
