//! `dgov gov propose`: from differences or given calls to a proposal, simulated first.

use std::time::{Duration, Instant};

use alloy::eips::BlockId;
use alloy::primitives::{Address, U256, keccak256};
use alloy::sol_types::{SolCall, SolValue};
use camino::Utf8Path;
use dgov_contracts::governance::{IDataGovernor, IDataToken};
use serde::Serialize;

use super::proposals::{self, Proposal, ProposalStatus, arrays, short, votes};
use super::simulate::{Tried, simulate};
use crate::chain::reverts::contract_error;
use crate::commands::TxArgs;
use crate::error::{Error, ErrorKind, Result};
use crate::governance::calls::{DecodedCall, ProposalCall, decode};
use crate::governance::diff::{self, Change, Difference, Remedy};
use crate::governance::parse;
use crate::governance::text::{self, Draft};
use crate::ops::apply::{self, Call, Operation, TxReport, decimal};
use crate::ops::license::requests;
use crate::ops::plan::compare;
use crate::session::Session;
use crate::ui::{Report, Warning};

/// How long votes that are too new are waited for: two blocks of the slowest chain with a preset, and some.
const FRESH_VOTES_PATIENCE: Duration = Duration::from_secs(40);
/// Local networks poll more often than their clocks move.
const SHORTEST_POLL: Duration = Duration::from_millis(200);

/// What the command line says about the proposal.
pub struct Options<'a> {
    /// Title instead of the generated one.
    pub title: Option<&'a str>,
    /// Markdown file with the proposer's own words.
    pub body_file: Option<&'a Utf8Path>,
    /// Calls instead of those of the differences.
    pub calls: &'a [String],
    /// A buyer's request instead of the differences.
    pub request: Option<&'a str>,
}

/// A call of the proposal and how it was tried.
#[derive(Debug, Serialize)]
pub struct ProposedCall {
    /// The call with names.
    #[serde(flatten)]
    pub call: DecodedCall,
    /// How it was tried; null for a proposal that was there before.
    pub simulation: Option<Tried>,
}

/// A proposal, made or found.
#[derive(Debug, Serialize)]
pub struct ProposeReport {
    /// Its id.
    #[serde(serialize_with = "decimal")]
    pub proposal_id: U256,
    /// First line of the description.
    pub title: String,
    /// Markdown, with the proposer at the end.
    pub description: String,
    /// What the timelock would do.
    pub calls: Vec<ProposedCall>,
    /// Differences that the calls settle; empty for given calls.
    pub differences: Vec<Difference>,
    /// Whether it had been proposed before.
    pub already: bool,
    /// Where it stands; null while it is not on chain.
    pub state: Option<&'static str>,
    /// When the vote starts; null while it is not on chain.
    pub vote_start: Option<String>,
    /// When the vote ends; null while it is not on chain.
    pub vote_end: Option<String>,
    /// Votes that make it valid, smallest unit.
    #[serde(serialize_with = "decimal")]
    pub votes_needed: U256,
    /// What was sent.
    #[serde(flatten)]
    pub sent: TxReport,
}

impl Report for ProposeReport {
    fn human(&self) -> String {
        let verb = match (self.already, self.state) {
            (true, _) => "already proposed",
            (false, Some(_)) => "proposed",
            (false, None) => "would propose",
        };
        let mut text = format!("{verb}: {}\nproposal {}\n", self.title, self.proposal_id);
        for (index, call) in self.calls.iter().enumerate() {
            text.push_str(&format!("  {}. {}\n", index + 1, call.call.text));
        }
        text.push_str(&self.sent.human());
        if let (Some(start), Some(end), Some(state)) = (&self.vote_start, &self.vote_end, self.state) {
            text.push_str(&format!("{state}; vote from {start} to {end}, quorum {} votes\n", votes(self.votes_needed)));
        }
        if self.state.is_none() {
            text.push_str(&format!("description:\n{}\n", self.description));
        }
        text
    }
}

/// A proposal before it is sent.
struct Prepared {
    title: String,
    body: Option<String>,
    changes: Vec<Change>,
    calls: Vec<ProposalCall>,
    decoded: Vec<DecodedCall>,
}

/// Drafts, simulates and sends a proposal; one that is on its way already is only reported.
///
/// # Errors
/// Input: `gov.nothing_to_propose`; usage: `gov.call`, `gov.title`; reverted: `contract.would_revert`,
/// `gov.treasury_short`, `gov.bad_setting`, `gov.no_contract`, `gov.fresh_votes`; unauthorized: `gov.not_enough_votes`.
pub async fn propose(session: &Session<'_>, options: &Options<'_>, tx: &TxArgs) -> Result<ProposeReport> {
    let prepared = prepare(session, options).await?;
    let known = proposals::all(session).await?;
    let proposer = session.account()?;
    if let Some((proposal, status)) = running(session, &known, &prepared, options).await? {
        return found(prepared, &proposal, &status, tx);
    }
    let (id, description, live) = unused(session, &known, &prepared, proposer).await?;
    if let Some((proposal, status)) = live {
        return found(prepared, &proposal, &status, tx);
    }
    let simulated = simulate(session, &prepared.calls, &prepared.decoded).await?;
    require_votes(session, proposer).await?;
    warn_of_overlap(session, &known, &prepared).await?;

    let governor = session.suite()?.governor;
    let (targets, values, calldatas) = arrays(&prepared.calls);
    let data = IDataGovernor::proposeCall { targets, values, calldatas, description: description.clone() };
    let what = format!("propose {}", prepared.title);
    let call = Call::new(format!("propose:{id}"), what, governor, data.abi_encode());
    let operation = Operation { verb: "gov propose", key: id.to_string(), calls: vec![call] };
    let applied = apply::apply(session, operation, tx).await?;
    let status = match &applied {
        apply::Applied::Done(_) => Some(proposals::resolve(session, &id.to_string()).await?.status(session).await?),
        apply::Applied::Planned(_) => None,
    };
    let needed = match &status {
        Some(status) => status.quorum,
        None => quorum_now(session).await?,
    };
    Ok(ProposeReport {
        proposal_id: id,
        title: prepared.title,
        description,
        calls: pair(prepared.decoded, simulated),
        differences: prepared.changes.into_iter().map(|change| change.difference).collect(),
        already: false,
        state: status.as_ref().map(|status| status.state),
        vote_start: status.as_ref().map(|status| status.vote_start.clone()),
        vote_end: status.as_ref().map(|status| status.vote_end.clone()),
        votes_needed: needed,
        sent: applied.report(),
    })
}

async fn prepare(session: &Session<'_>, options: &Options<'_>) -> Result<Prepared> {
    let roles = session.network_lock()?.contracts;
    let mut body = options.body_file.map(fs_err::read_to_string).transpose()?;
    if options.title.is_some_and(|title| title.trim().is_empty() || title.contains('\n')) {
        return Err(Error::usage("gov.title", "a title is one line of text").hint("give one with --title \"…\""));
    }
    let mut wanted = None;
    let (changes, calls) = if let Some(id) = options.request {
        let drafted = requests::draft(session, id).await?;
        body = Some(body.map_or_else(|| drafted.text.clone(), |own| format!("{}\n\n{}", own.trim(), drafted.text)));
        wanted = Some(drafted.title);
        (Vec::new(), drafted.calls)
    } else if options.calls.is_empty() {
        let changes = proposable(session).await?;
        let calls = diff::calls(&changes);
        (changes, calls)
    } else {
        let calls = options.calls.iter().map(|text| parse::call(text, &roles)).collect::<Result<Vec<_>>>()?;
        (Vec::new(), calls)
    };
    let decoded: Vec<_> = calls.iter().map(|call| decode(call, &roles)).collect();
    let title = match (options.title.map(str::to_owned).or(wanted), decoded.as_slice()) {
        (Some(title), _) => title.trim().to_owned(),
        (None, [only]) if changes.is_empty() => only.text.clone(),
        (None, several) if changes.is_empty() => format!("{} calls", several.len()),
        (None, _) => text::title(session.loaded.manifest.project.name.as_str(), &changes.iter().collect::<Vec<_>>()),
    };
    Ok(Prepared { title, body, changes, calls, decoded })
}

/// The differences that a vote can settle.
async fn proposable(session: &Session<'_>) -> Result<Vec<Change>> {
    let (changes, others): (Vec<_>, Vec<_>) =
        compare(session).await?.changes.into_iter().partition(|change| change.difference.remedy == Remedy::Propose);
    if !changes.is_empty() {
        return Ok(changes);
    }
    let error = |message: &str| Error::input("gov.nothing_to_propose", message);
    let mut verbs: Vec<&str> = others.iter().map(|change| change.difference.remedy.verb()).collect();
    verbs.dedup();
    Err(if verbs.is_empty() {
        error("the chain is as the manifest says: there is nothing to propose")
            .hint("change dgov.toml first, or propose calls with --call")
    } else {
        error("no difference needs a vote").hint(format!("`dgov plan` shows what else differs ({})", verbs.join(", ")))
    })
}

/// A proposal with exactly these calls that may still come into force. Given calls may be meant twice (a payment), so
/// that only the differences of the manifest, which are settled once, are looked for without regard to the text.
async fn running(
    session: &Session<'_>,
    known: &[Proposal],
    prepared: &Prepared,
    options: &Options<'_>,
) -> Result<Option<(Proposal, ProposalStatus)>> {
    if !options.calls.is_empty() {
        return Ok(None);
    }
    for proposal in known.iter().filter(|proposal| proposal.calls == prepared.calls) {
        let status = proposal.status(session).await?;
        if status.is_live() {
            return Ok(Some((proposal.clone(), status)));
        }
    }
    Ok(None)
}

/// Id and description. The id comes from calls and text, and is used up by a proposal that failed or was executed: the
/// text then says how often it was proposed before.
async fn unused(
    session: &Session<'_>,
    known: &[Proposal],
    prepared: &Prepared,
    proposer: Address,
) -> Result<(U256, String, Option<(Proposal, ProposalStatus)>)> {
    let changes: Vec<&Change> = prepared.changes.iter().collect();
    let mut repetition = 0;
    loop {
        let description = text::description(&Draft {
            title: &prepared.title,
            body: prepared.body.as_deref(),
            changes: &changes,
            calls: &prepared.decoded,
            repetition,
            proposer,
        });
        let id = id_of(&prepared.calls, &description);
        let Some(proposal) = known.iter().find(|proposal| proposal.id == id) else {
            return Ok((id, description, None));
        };
        let status = proposal.status(session).await?;
        if status.is_live() {
            return Ok((id, description, Some((proposal.clone(), status))));
        }
        repetition += 1;
    }
}

/// `Governor.hashProposal`.
fn id_of(calls: &[ProposalCall], description: &str) -> U256 {
    let (targets, values, calldatas) = arrays(calls);
    keccak256((targets, values, calldatas, keccak256(description.as_bytes())).abi_encode_params()).into()
}

fn found(prepared: Prepared, proposal: &Proposal, status: &ProposalStatus, tx: &TxArgs) -> Result<ProposeReport> {
    Ok(ProposeReport {
        proposal_id: proposal.id,
        title: status.title.clone(),
        description: proposal.description.clone(),
        calls: prepared.decoded.into_iter().map(|call| ProposedCall { call, simulation: None }).collect(),
        differences: prepared.changes.into_iter().map(|change| change.difference).collect(),
        already: true,
        state: Some(status.state),
        vote_start: Some(status.vote_start.clone()),
        vote_end: Some(status.vote_end.clone()),
        votes_needed: status.quorum,
        sent: TxReport { dry_run: tx.dry_run, ..TxReport::default() },
    })
}

fn pair(calls: Vec<DecodedCall>, tried: Vec<Tried>) -> Vec<ProposedCall> {
    calls.into_iter().zip(tried).map(|(call, simulation)| ProposedCall { call, simulation: Some(simulation) }).collect()
}

/// The account needs enough votes, and must have had them a second before the block of the proposal.
async fn require_votes(session: &Session<'_>, proposer: Address) -> Result<()> {
    let suite = session.suite()?;
    let provider = &session.connection.provider;
    let governor = IDataGovernor::new(suite.governor, provider);
    let failed = |error| contract_error(&session.connection, "reading the account's votes", error);
    let threshold = governor.proposalThreshold().call().await.map_err(failed)?;
    let has = IDataToken::new(suite.token, provider).getVotes(proposer).call().await.map_err(failed)?;
    if has < threshold {
        let message = format!("{proposer} has {} votes; proposing takes {}", votes(has), votes(threshold));
        return Err(Error::unauthorized("gov.not_enough_votes", message).hint(
            "let a larger holder propose (--from), or have votes delegated to the account (`dgov gov delegate`)",
        ));
    }
    // Votes that came with the latest block count from the next second on: a deployment and a proposal of one script.
    // A development node has no new block until something is sent, but its pending one has the time of now.
    let block = if session.connection.network.is_local() { BlockId::pending() } else { BlockId::latest() };
    let start = Instant::now();
    loop {
        let clock = governor.clock().block(block).call().await.map_err(failed)?.to::<u64>();
        let before = U256::from(clock.saturating_sub(1));
        if governor.getVotes(proposer, before).block(block).call().await.map_err(failed)? >= threshold {
            return Ok(());
        }
        if start.elapsed() > FRESH_VOTES_PATIENCE {
            let message = format!("the votes of {proposer} are too new to propose with");
            return Err(Error::new(ErrorKind::Reverted, "gov.fresh_votes", message)
                .hint("they count from the block after the one that brought them: try again in a minute"));
        }
        tokio::time::sleep(session.connection.network.poll.max(SHORTEST_POLL)).await;
    }
}

/// Two proposals that make the same call can't both be executed as a rule.
async fn warn_of_overlap(session: &Session<'_>, known: &[Proposal], prepared: &Prepared) -> Result<()> {
    for proposal in known {
        let shared = prepared.calls.iter().filter(|call| proposal.calls.contains(call)).count();
        if shared > 0 && proposal.status(session).await?.is_live() {
            let message = format!("proposal {} makes {shared} of these calls too", short(proposal.id));
            let mut warning = Warning::new("gov.overlap", message);
            warning.hint = Some("the second one to be executed may fail; see `dgov gov list`".to_owned());
            session.context.ui.warn(warning);
        }
    }
    Ok(())
}

async fn quorum_now(session: &Session<'_>) -> Result<U256> {
    let governor = IDataGovernor::new(session.suite()?.governor, &session.connection.provider);
    let failed = |error| contract_error(&session.connection, "reading the quorum", error);
    let now = governor.clock().call().await.map_err(failed)?.to::<u64>();
    governor.quorum(U256::from(now.saturating_sub(1))).call().await.map_err(failed)
}
