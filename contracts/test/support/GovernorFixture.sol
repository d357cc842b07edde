// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";

import {Suite} from "../../src/types/Types.sol";
import {MockRegistry} from "../mocks/DataMocks.sol";
import {IGovernorExtensions, SuiteBase} from "../SuiteBase.sol";

/// @dev One suite, and a proposal that uses a right of its DAO.
abstract contract GovernorFixture is SuiteBase {
    Suite internal s;
    IGovernor internal governor;
    IGovernorExtensions internal more;

    function setUp() public virtual override {
        super.setUp();
        s = deploySuite();
        governor = IGovernor(s.governor);
        more = IGovernorExtensions(s.governor);
        skip(1);
    }

    function approval() internal view returns (Proposal memory) {
        return proposalOf(s.registry, abi.encodeCall(MockRegistry.approveCard, ("key", true)), "# Approve a card");
    }

    function assertState(uint256 id, IGovernor.ProposalState expected) internal view {
        assertEq(uint8(governor.state(id)), uint8(expected));
    }

    /// @dev One call, so that `expectRevert` sees it.
    function cancelAs(address sender, Proposal memory p) external {
        cancel(s, sender, p);
    }
}
