//! `dgov gov vote`.

use alloy::primitives::{Address, U256};
use alloy::sol_types::{SolCall, SolEvent};
use clap::ValueEnum;
use dgov_contracts::governance::{IDataGovernor, ProposalState};
use serde::Serialize;

use super::proposals::{ProposalStatus, resolve, short, too_early, votes, wait_for_next_second, wrong_state};
use crate::chain::reverts::contract_error;
use crate::commands::TxArgs;
use crate::error::{Error, ErrorKind, Result};
use crate::governance::calls::checksummed;
use crate::ops::apply::{self, Call, Operation, TxReport, decimal};
use crate::ops::view;
use crate::session::Session;
use crate::ui::Report;

const VERB: &str = "gov vote";

/// A vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// For.
    Yes,
    /// Against.
    No,
    /// Neither; counts for the quorum.
    Abstain,
}

impl Choice {
    /// The governor's number for it.
    const fn support(self) -> u8 {
        match self {
            Self::No => 0,
            Self::Yes => 1,
            Self::Abstain => 2,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Abstain => "abstain",
        }
    }

    fn of(support: u8) -> Option<Self> {
        [Self::No, Self::Yes, Self::Abstain].into_iter().find(|choice| choice.support() == support)
    }
}

/// A vote and where it leaves the proposal.
#[derive(Debug, Serialize)]
pub struct VoteReport {
    /// Who voted.
    #[serde(serialize_with = "checksummed")]
    pub voter: Address,
    /// How.
    pub vote: Choice,
    /// Votes that it counts for, smallest unit.
    #[serde(serialize_with = "decimal")]
    pub weight: U256,
    /// Whether it was cast before.
    pub already: bool,
    /// The proposal after it.
    pub proposal: ProposalStatus,
    /// What was sent.
    #[serde(flatten)]
    pub sent: TxReport,
}

impl Report for VoteReport {
    fn human(&self) -> String {
        let verb = match (self.already, self.sent.dry_run || self.sent.unsigned.is_some()) {
            (true, _) => "already voted",
            (false, true) => "would vote",
            (false, false) => "voted",
        };
        let cast = &self.proposal.votes;
        format!(
            "{verb} {} with {} votes on {}\n{}now {} yes, {} no, {} abstain; quorum {}; the vote ends {}\n",
            self.vote.word(),
            votes(self.weight),
            self.proposal.title,
            self.sent.human(),
            votes(cast.yes),
            votes(cast.no),
            votes(cast.abstain),
            votes(self.proposal.quorum),
            self.proposal.vote_end,
        )
    }
}

/// Votes on a proposal; the same vote twice is done once.
///
/// # Errors
/// Reverted: `gov.too_early`, `gov.wrong_state`, `gov.voted_otherwise`; unauthorized: `gov.no_votes`.
pub async fn vote(
    session: &Session<'_>,
    proposal: &str,
    choice: Choice,
    reason: Option<&str>,
    tx: &TxArgs,
) -> Result<VoteReport> {
    let proposal = resolve(session, proposal).await?;
    let status = proposal.status(session).await?;
    let voter = session.account()?;
    let key = format!("{voter}:{}", proposal.id);
    if let Some((cast, weight)) = cast_before(session, proposal.id, voter).await? {
        if cast != choice {
            let message = format!("{voter} voted {} on this proposal, and a vote is final", cast.word());
            return Err(Error::new(ErrorKind::Reverted, "gov.voted_otherwise", message)
                .hint("other accounts can still vote; `dgov gov show` has the count"));
        }
        let done = Operation { verb: VERB, key, calls: Vec::new() };
        let sent = apply::apply(session, done, tx).await?.report();
        return Ok(VoteReport { voter, vote: choice, weight, already: true, proposal: status, sent });
    }
    let times = status.times();
    // The vote starts after the second of the snapshot; our transaction is in a later block than the state was read from.
    if status.is(ProposalState::Pending) && times.now < times.start {
        return Err(too_early(session, &status, "voted on", times.start + 1));
    }
    if status.is(ProposalState::Pending) {
        wait_for_next_second(session).await;
    } else if !status.is(ProposalState::Active) {
        return Err(wrong_state(&status, "voted on"));
    }
    let governor = session.suite()?.governor;
    let contract = IDataGovernor::new(governor, &session.connection.provider);
    let failed = |error| contract_error(&session.connection, "reading the account's votes", error);
    let counted = times.start.min(times.now.saturating_sub(1));
    let weight = contract.getVotes(voter, U256::from(counted)).call().await.map_err(failed)?;
    if weight.is_zero() {
        let message = format!("{voter} had no votes when the vote on this proposal started, {}", status.vote_start);
        return Err(Error::unauthorized("gov.no_votes", message).hint(
            "votes count at the start: hold tokens, delegated to yourself with `dgov gov delegate`, before that",
        ));
    }
    let data = match reason {
        Some(reason) => {
            let reason = reason.to_owned();
            IDataGovernor::castVoteWithReasonCall { proposalId: proposal.id, support: choice.support(), reason }
                .abi_encode()
        }
        None => IDataGovernor::castVoteCall { proposalId: proposal.id, support: choice.support() }.abi_encode(),
    };
    let description = format!("vote {} on proposal {}", choice.word(), short(proposal.id));
    let call = Call::new(format!("vote:{}:{}", proposal.id, choice.word()), description, governor, data);
    let operation = Operation { verb: VERB, key, calls: vec![call] };
    let sent = apply::apply(session, operation, tx).await?.report();
    let proposal = proposal.status(session).await?;
    Ok(VoteReport { voter, vote: choice, weight, already: false, proposal, sent })
}

/// What an account has voted, with its weight.
async fn cast_before(session: &Session<'_>, proposal: U256, voter: Address) -> Result<Option<(Choice, U256)>> {
    let governor = session.suite()?.governor;
    let contract = IDataGovernor::new(governor, &session.connection.provider);
    let failed = |error| contract_error(&session.connection, "reading the vote", error);
    if !contract.hasVoted(proposal, voter).call().await.map_err(failed)? {
        return Ok(None);
    }
    let from = session.network_lock()?.block;
    for log in view::logs(&session.connection.provider, vec![governor], from).await? {
        if log.topic0() != Some(&IDataGovernor::VoteCast::SIGNATURE_HASH) {
            continue;
        }
        let event = view::decode::<IDataGovernor::VoteCast>(&log)?;
        if event.voter == voter
            && event.proposalId == proposal
            && let Some(choice) = Choice::of(event.support)
        {
            return Ok(Some((choice, event.weight)));
        }
    }
    Err(Error::chain("chain.event_missing", format!("{voter} has voted, but its vote can't be found"))
        .hint("the node may lag behind or lack old logs; try again or use another rpc-url"))
}
