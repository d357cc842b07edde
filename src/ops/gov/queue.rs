//! `dgov gov queue`.

use alloy::sol_types::SolCall;
use dgov_contracts::governance::{IDataGovernor, ProposalState};
use serde::Serialize;

use super::proposals::{Proposal, ProposalStatus, resolve, short, too_early, wait_for_next_second, wrong_state};
use crate::commands::TxArgs;
use crate::error::Result;
use crate::ops::apply::{self, Call, Operation, TxReport};
use crate::session::Session;
use crate::ui::Report;

const VERB: &str = "gov queue";

/// A proposal on its way through the timelock.
#[derive(Debug, Serialize)]
pub struct QueueReport {
    /// Whether it was queued or executed before.
    pub already: bool,
    /// Where it stands.
    #[serde(flatten)]
    pub proposal: ProposalStatus,
    /// What was sent.
    #[serde(flatten)]
    pub sent: TxReport,
}

impl Report for QueueReport {
    fn human(&self) -> String {
        let verb = match (self.already, self.sent.dry_run || self.sent.unsigned.is_some()) {
            (true, _) => format!("already {}", self.proposal.state),
            (false, true) => "would queue".to_owned(),
            (false, false) => "queued".to_owned(),
        };
        let eta = self.proposal.eta.as_ref().map(|eta| format!("executable from {eta}\n")).unwrap_or_default();
        format!("{verb}: {}\n{}{eta}", self.proposal.title, self.sent.human())
    }
}

/// Queues a proposal that won its vote.
///
/// # Errors
/// Reverted: `gov.too_early`, `gov.wrong_state`.
pub async fn queue(session: &Session<'_>, proposal: &str, tx: &TxArgs) -> Result<QueueReport> {
    let proposal = resolve(session, proposal).await?;
    let status = proposal.status(session).await?;
    if status.is(ProposalState::Queued) || status.is(ProposalState::Executed) {
        let done = Operation { verb: VERB, key: proposal.id.to_string(), calls: Vec::new() };
        let sent = apply::apply(session, done, tx).await?.report();
        return Ok(QueueReport { already: true, proposal: status, sent });
    }
    require_won(session, &status, "queued").await?;
    let operation =
        Operation { verb: VERB, key: proposal.id.to_string(), calls: vec![queue_call(session, &proposal)?] };
    let sent = apply::apply(session, operation, tx).await?.report();
    Ok(QueueReport { already: false, proposal: proposal.status(session).await?, sent })
}

/// An error unless the vote is over and won.
pub(super) async fn require_won(session: &Session<'_>, status: &ProposalStatus, what: &str) -> Result<()> {
    let times = status.times();
    if status.is(ProposalState::Pending) || status.is(ProposalState::Active) {
        // Over when our transaction is mined, a second later at least: the simulation tells who won.
        if times.now >= times.end {
            wait_for_next_second(session).await;
            return Ok(());
        }
        return Err(too_early(session, status, &format!("{what}, if it wins,"), times.end + 1));
    }
    if status.is(ProposalState::Succeeded) { Ok(()) } else { Err(wrong_state(status, what)) }
}

fn queue_call(session: &Session<'_>, proposal: &Proposal) -> Result<Call> {
    let (targets, values, calldatas) = proposal.arrays();
    let data = IDataGovernor::queueCall { targets, values, calldatas, descriptionHash: proposal.description_hash() };
    let description = format!("queue proposal {}", short(proposal.id));
    Ok(Call::new(format!("queue:{}", proposal.id), description, session.suite()?.governor, data.abi_encode()))
}
