//! Proposals as the chain holds them.

use alloy::primitives::{Address, B256, Bytes, U256, keccak256};
use alloy::sol_types::SolEvent;
use dgov_contracts::governance::{IDataGovernor, ProposalState};
use serde::Serialize;

use crate::chain::reverts::contract_error;
use crate::error::{Error, ErrorKind, Result};
use crate::governance::calls::{DecodedCall, ProposalCall, checksummed, decode};
use crate::governance::text::title_of;
use crate::manifest::values::{Duration, GOVERNANCE_DECIMALS, format_units};
use crate::ops::apply::decimal;
use crate::ops::times::rfc3339;
use crate::ops::view;
use crate::session::Session;

/// A proposal as it was made.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// Its id.
    pub id: U256,
    /// Who made it.
    pub proposer: Address,
    /// What the timelock would do.
    pub calls: Vec<ProposalCall>,
    /// Markdown.
    pub description: String,
    /// Transaction that made it.
    pub transaction: B256,
}

/// Votes cast so far.
#[derive(Clone, Debug, Serialize)]
pub struct Ballots {
    /// For.
    #[serde(serialize_with = "decimal")]
    pub yes: U256,
    /// Against.
    #[serde(serialize_with = "decimal")]
    pub no: U256,
    /// Abstained; they count for the quorum.
    #[serde(serialize_with = "decimal")]
    pub abstain: U256,
}

/// Where a proposal stands.
#[derive(Clone, Debug, Serialize)]
pub struct ProposalStatus {
    /// Its id.
    #[serde(serialize_with = "decimal")]
    pub proposal_id: U256,
    /// First line of its description.
    pub title: String,
    /// `pending`, `active`, `canceled`, `defeated`, `succeeded`, `queued`, `expired`, `executed`.
    pub state: &'static str,
    /// Who made it.
    #[serde(serialize_with = "checksummed")]
    pub proposer: Address,
    /// Votes so far, smallest unit.
    pub votes: Ballots,
    /// Votes for or abstaining that make it valid, smallest unit.
    #[serde(serialize_with = "decimal")]
    pub quorum: U256,
    /// When voting weights are taken and the vote starts.
    pub vote_start: String,
    /// When the vote ends.
    pub vote_end: String,
    /// When it can be executed; null until it is queued.
    pub eta: Option<String>,
    #[serde(skip)]
    state_on_chain: ProposalState,
    #[serde(skip)]
    times: Times,
}

/// Times of a proposal, unix seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    pub now: u64,
    pub start: u64,
    pub end: u64,
    pub eta: u64,
}

impl Proposal {
    /// keccak256 of the description, as the governor's functions want it.
    pub fn description_hash(&self) -> B256 {
        keccak256(self.description.as_bytes())
    }

    /// Targets, values and calldatas, as the governor's functions want them.
    pub fn arrays(&self) -> (Vec<Address>, Vec<U256>, Vec<Bytes>) {
        arrays(&self.calls)
    }

    /// The calls with names.
    pub fn decoded(&self, session: &Session<'_>) -> Result<Vec<DecodedCall>> {
        let roles = session.network_lock()?.contracts;
        Ok(self.calls.iter().map(|call| decode(call, &roles)).collect())
    }

    /// Where it stands.
    pub async fn status(&self, session: &Session<'_>) -> Result<ProposalStatus> {
        let governor = IDataGovernor::new(session.suite()?.governor, &session.connection.provider);
        let failed = |error| contract_error(&session.connection, "reading the proposal", error);
        let state = governor.state(self.id).call().await.map_err(failed)?;
        let votes = governor.proposalVotes(self.id).call().await.map_err(failed)?;
        let times = Times {
            now: governor.clock().call().await.map_err(failed)?.to(),
            start: governor.proposalSnapshot(self.id).call().await.map_err(failed)?.saturating_to(),
            end: governor.proposalDeadline(self.id).call().await.map_err(failed)?.saturating_to(),
            eta: governor.proposalEta(self.id).call().await.map_err(failed)?.saturating_to(),
        };
        // The quorum of a time to come does not exist yet; that of the last second is the best guess.
        let known = times.start.min(times.now.saturating_sub(1));
        let quorum = governor.quorum(U256::from(known)).call().await.map_err(failed)?;
        Ok(ProposalStatus {
            proposal_id: self.id,
            title: title_of(&self.description),
            state: state_name(state),
            proposer: self.proposer,
            votes: Ballots { yes: votes.forVotes, no: votes.againstVotes, abstain: votes.abstainVotes },
            quorum,
            vote_start: rfc3339(times.start),
            vote_end: rfc3339(times.end),
            eta: (times.eta > 0).then(|| rfc3339(times.eta)),
            state_on_chain: state,
            times,
        })
    }
}

impl ProposalStatus {
    pub(super) fn is(&self, state: ProposalState) -> bool {
        self.state_on_chain == state
    }

    /// Whether it may still come into force.
    pub(super) fn is_live(&self) -> bool {
        use ProposalState::{Active, Pending, Queued, Succeeded};
        [Pending, Active, Succeeded, Queued].iter().any(|state| self.is(*state))
    }

    pub(super) fn times(&self) -> Times {
        self.times
    }
}

/// The state as a word.
pub(super) fn state_name(state: ProposalState) -> &'static str {
    match state {
        ProposalState::Pending => "pending",
        ProposalState::Active => "active",
        ProposalState::Canceled => "canceled",
        ProposalState::Defeated => "defeated",
        ProposalState::Succeeded => "succeeded",
        ProposalState::Queued => "queued",
        ProposalState::Expired => "expired",
        ProposalState::Executed => "executed",
        // The generated enumeration has a member for values that the contract can't return.
        ProposalState::__Invalid => "unknown",
    }
}

/// Targets, values and calldatas of calls.
pub(super) fn arrays(calls: &[ProposalCall]) -> (Vec<Address>, Vec<U256>, Vec<Bytes>) {
    (
        calls.iter().map(|call| call.target).collect(),
        calls.iter().map(|call| call.value).collect(),
        calls.iter().map(|call| call.data.clone()).collect(),
    )
}

/// All proposals, in the order in which they were made.
pub async fn all(session: &Session<'_>) -> Result<Vec<Proposal>> {
    let governor = session.suite()?.governor;
    let logs = view::logs(&session.connection.provider, vec![governor], session.network_lock()?.block).await?;
    let mut proposals = Vec::new();
    for log in logs.iter().filter(|log| log.topic0() == Some(&IDataGovernor::ProposalCreated::SIGNATURE_HASH)) {
        let event = view::decode::<IDataGovernor::ProposalCreated>(log)?;
        let calls = event.targets.iter().zip(&event.values).zip(&event.calldatas);
        proposals.push(Proposal {
            id: event.proposalId,
            proposer: event.proposer,
            calls: calls
                .map(|((target, value), data)| ProposalCall { target: *target, value: *value, data: data.clone() })
                .collect(),
            description: event.description.clone(),
            transaction: log.transaction_hash.unwrap_or_default(),
        });
    }
    Ok(proposals)
}

/// The proposal that a user means: `latest`, an id, or the beginning of one.
///
/// # Errors
/// Input: `gov.no_proposals`, `gov.unknown_proposal`, `gov.ambiguous_proposal`.
pub async fn resolve(session: &Session<'_>, text: &str) -> Result<Proposal> {
    let mut proposals = all(session).await?;
    if proposals.is_empty() {
        return Err(
            Error::input("gov.no_proposals", "nothing was proposed yet").hint("make one with `dgov gov propose`")
        );
    }
    let found: Vec<usize> = match text {
        "latest" => vec![proposals.len() - 1],
        _ => {
            let named = |proposal: &Proposal| proposal.id.to_string().starts_with(text) && !text.is_empty();
            (0..proposals.len()).filter(|index| proposals.get(*index).is_some_and(named)).collect()
        }
    };
    match found.as_slice() {
        [index] => Ok(proposals.swap_remove(*index)),
        [] => Err(Error::input("gov.unknown_proposal", format!("there is no proposal `{text}`"))
            .hint("`dgov gov list` names them; `latest` is the last one")),
        several => Err(Error::input(
            "gov.ambiguous_proposal",
            format!("`{text}` is the beginning of {} proposals", several.len()),
        )
        .hint("write more digits; `dgov gov list --json` has them all")),
    }
}

/// Votes for people.
pub(super) fn votes(units: U256) -> String {
    format_units(units, GOVERNANCE_DECIMALS)
}

/// The beginning of an id, for tables.
pub(super) fn short(id: U256) -> String {
    let text = id.to_string();
    text.get(..12).map_or_else(|| text.clone(), |start| format!("{start}…"))
}

/// What becomes possible in the chain's next second is waited for, so that the simulation before sending sees it, too.
pub(super) async fn wait_for_next_second(session: &Session<'_>) {
    if session.embedded.is_none() {
        tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    }
}

/// The proposal can be voted on, queued or executed only from a later time on: exit 5, with that time.
pub(super) fn too_early(session: &Session<'_>, status: &ProposalStatus, what: &str, at: u64) -> Error {
    let now = status.times.now;
    let message = format!("proposal {} can be {what} from {} on", short(status.proposal_id), rfc3339(at));
    let error = Error::new(ErrorKind::Reverted, "gov.too_early", message);
    // The chain's next block is a second later at least; one more makes sure.
    let wait = Duration::from_secs(at.saturating_sub(now) + 1);
    if session.embedded.is_some() {
        error.hint(format!("move the embedded chain's clock: `dgov chain advance {wait}`"))
    } else {
        error.hint(format!("it is {} on the chain now; try again in {wait}", rfc3339(now)))
    }
}

/// The proposal can't get there from its state: exit 5.
pub(super) fn wrong_state(status: &ProposalStatus, what: &str) -> Error {
    let message = format!("proposal {} is {} and can't be {what}", short(status.proposal_id), status.state);
    let error = Error::new(ErrorKind::Reverted, "gov.wrong_state", message);
    let votes_cast = &status.votes;
    error.hint(match status.state_on_chain {
        ProposalState::Defeated if votes_cast.yes < votes_cast.no => {
            format!("{} votes for, {} against; propose something else", votes(votes_cast.yes), votes(votes_cast.no))
        }
        ProposalState::Defeated => format!(
            "it needs more votes for than against, and {} for or abstaining ({} for, {} against, {} abstaining)",
            votes(status.quorum),
            votes(votes_cast.yes),
            votes(votes_cast.no),
            votes(votes_cast.abstain)
        ),
        ProposalState::Canceled | ProposalState::Expired => "propose it again with `dgov gov propose`".to_owned(),
        _ => "`dgov gov show` says where it stands".to_owned(),
    })
}
