//! Bindings of the OpenZeppelin contracts below a project: governor, timelock, access manager, voting token, ERC-20.

// Members are documented by OpenZeppelin, which also chose how many arguments an event has; only what the command line
// calls is bound here.
#![allow(missing_docs, clippy::too_many_arguments)]

use alloy::sol;

sol! {
    /// States of a proposal, in the order of OpenZeppelin's `IGovernor.ProposalState`.
    #[derive(Debug, PartialEq, Eq)]
    enum ProposalState {
        Pending,
        Active,
        Canceled,
        Defeated,
        Succeeded,
        Queued,
        Expired,
        Executed
    }

    /// Governor with settings, simple counting, votes, quorum fraction, timelock, late-quorum protection and guardian.
    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    interface IDataGovernor {
        event ProposalCreated(
            uint256 proposalId,
            address proposer,
            address[] targets,
            uint256[] values,
            string[] signatures,
            bytes[] calldatas,
            uint256 voteStart,
            uint256 voteEnd,
            string description
        );
        event ProposalQueued(uint256 proposalId, uint256 etaSeconds);
        event ProposalExecuted(uint256 proposalId);
        event ProposalCanceled(uint256 proposalId);
        event ProposalExtended(uint256 indexed proposalId, uint64 extendedDeadline);
        event VoteCast(address indexed voter, uint256 proposalId, uint8 support, uint256 weight, string reason);
        event VoteCastWithParams(
            address indexed voter, uint256 proposalId, uint8 support, uint256 weight, string reason, bytes params
        );

        function name() external view returns (string memory);
        function clock() external view returns (uint48);
        function CLOCK_MODE() external view returns (string memory);
        function hashProposal(
            address[] memory targets,
            uint256[] memory values,
            bytes[] memory calldatas,
            bytes32 descriptionHash
        ) external view returns (uint256);
        function state(uint256 proposalId) external view returns (ProposalState);
        function proposalThreshold() external view returns (uint256);
        function proposalSnapshot(uint256 proposalId) external view returns (uint256);
        function proposalDeadline(uint256 proposalId) external view returns (uint256);
        function proposalProposer(uint256 proposalId) external view returns (address);
        function proposalEta(uint256 proposalId) external view returns (uint256);
        function proposalNeedsQueuing(uint256 proposalId) external view returns (bool);
        function proposalVotes(uint256 proposalId)
            external
            view
            returns (uint256 againstVotes, uint256 forVotes, uint256 abstainVotes);
        function proposalGuardian() external view returns (address);
        function guardianSunset() external view returns (uint48);
        function votingDelay() external view returns (uint256);
        function votingPeriod() external view returns (uint256);
        function lateQuorumVoteExtension() external view returns (uint48);
        function quorum(uint256 timepoint) external view returns (uint256);
        function quorumNumerator() external view returns (uint256);
        function quorumDenominator() external view returns (uint256);
        function getVotes(address account, uint256 timepoint) external view returns (uint256);
        function hasVoted(uint256 proposalId, address account) external view returns (bool);
        function timelock() external view returns (address);
        function token() external view returns (address);
        function propose(
            address[] memory targets,
            uint256[] memory values,
            bytes[] memory calldatas,
            string memory description
        ) external returns (uint256 proposalId);
        function queue(
            address[] memory targets,
            uint256[] memory values,
            bytes[] memory calldatas,
            bytes32 descriptionHash
        ) external returns (uint256 proposalId);
        function execute(
            address[] memory targets,
            uint256[] memory values,
            bytes[] memory calldatas,
            bytes32 descriptionHash
        ) external payable returns (uint256 proposalId);
        function cancel(
            address[] memory targets,
            uint256[] memory values,
            bytes[] memory calldatas,
            bytes32 descriptionHash
        ) external returns (uint256 proposalId);
        function castVote(uint256 proposalId, uint8 support) external returns (uint256 balance);
        function castVoteWithReason(uint256 proposalId, uint8 support, string calldata reason)
            external
            returns (uint256 balance);
        function setVotingDelay(uint48 newVotingDelay) external;
        function setVotingPeriod(uint32 newVotingPeriod) external;
        function setProposalThreshold(uint256 newProposalThreshold) external;
        function updateQuorumNumerator(uint256 newQuorumNumerator) external;
        function setLateQuorumVoteExtension(uint48 newVoteExtension) external;
        function setProposalGuardian(address newProposalGuardian) external;
        function relay(address target, uint256 value, bytes calldata data) external payable;
    }

    /// Timelock controller, the owner of everything that the token holders decide.
    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    interface IDataTimelock {
        event CallScheduled(
            bytes32 indexed id,
            uint256 indexed index,
            address target,
            uint256 value,
            bytes data,
            bytes32 predecessor,
            uint256 delay
        );
        event CallExecuted(bytes32 indexed id, uint256 indexed index, address target, uint256 value, bytes data);
        event Cancelled(bytes32 indexed id);
        event MinDelayChange(uint256 oldDuration, uint256 newDuration);

        function getMinDelay() external view returns (uint256);
        function getTimestamp(bytes32 id) external view returns (uint256);
        function hasRole(bytes32 role, address account) external view returns (bool);
        function PROPOSER_ROLE() external view returns (bytes32);
        function EXECUTOR_ROLE() external view returns (bytes32);
        function CANCELLER_ROLE() external view returns (bytes32);
        function DEFAULT_ADMIN_ROLE() external view returns (bytes32);
        function hashOperationBatch(
            address[] calldata targets,
            uint256[] calldata values,
            bytes[] calldata payloads,
            bytes32 predecessor,
            bytes32 salt
        ) external pure returns (bytes32);
        function updateDelay(uint256 newDelay) external;
    }

    /// Access manager whose only administrator is the timelock.
    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    interface IDataAccessManager {
        event RoleGranted(uint64 indexed roleId, address indexed account, uint32 delay, uint48 since, bool newMember);
        event RoleRevoked(uint64 indexed roleId, address indexed account);

        function ADMIN_ROLE() external view returns (uint64);
        function canCall(address caller, address target, bytes4 selector)
            external
            view
            returns (bool allowed, uint32 delay);
        function hasRole(uint64 roleId, address account) external view returns (bool isMember, uint32 executionDelay);
        function getTargetFunctionRole(address target, bytes4 selector) external view returns (uint64);
        function grantRole(uint64 roleId, address account, uint32 executionDelay) external;
        function revokeRole(uint64 roleId, address account) external;
        function setTargetFunctionRole(address target, bytes4[] calldata selectors, uint64 roleId) external;
    }

    /// The governance token: ERC-20 with votes (timestamp clock).
    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    interface IDataToken {
        event DelegateChanged(address indexed delegator, address indexed fromDelegate, address indexed toDelegate);
        event DelegateVotesChanged(address indexed delegate, uint256 previousVotes, uint256 newVotes);

        function clock() external view returns (uint48);
        function getVotes(address account) external view returns (uint256);
        function getPastVotes(address account, uint256 timepoint) external view returns (uint256);
        function getPastTotalSupply(uint256 timepoint) external view returns (uint256);
        function delegates(address account) external view returns (address);
        function delegate(address delegatee) external;
        function declinedVotes(address account) external view returns (bool);
        function numCheckpoints(address account) external view returns (uint32);
    }

    /// Any ERC-20 with metadata: the governance token and the currencies of licenses.
    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    interface IErc20 {
        event Transfer(address indexed from, address indexed to, uint256 value);
        event Approval(address indexed owner, address indexed spender, uint256 value);

        function name() external view returns (string memory);
        function symbol() external view returns (string memory);
        function decimals() external view returns (uint8);
        function totalSupply() external view returns (uint256);
        function balanceOf(address account) external view returns (uint256);
        function allowance(address owner, address spender) external view returns (uint256);
        function transfer(address to, uint256 value) external returns (bool);
        function approve(address spender, uint256 value) external returns (bool);
    }
}
