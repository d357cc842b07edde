//! `dgov gov execute`.

use alloy::sol_types::SolCall;
use dgov_contracts::governance::{IDataGovernor, ProposalState};
use serde::Serialize;

use super::proposals::{ProposalStatus, resolve, short, too_early, wait_for_next_second, wrong_state};
use super::queue::require_won;
use crate::commands::TxArgs;
use crate::error::{Error, ErrorKind, Result};
use crate::governance::calls::DecodedCall;
use crate::ops::apply::{self, Call, Operation, TxReport};
use crate::session::Session;
use crate::ui::Report;

const VERB: &str = "gov execute";

/// An executed proposal.
#[derive(Debug, Serialize)]
pub struct ExecuteReport {
    /// Whether it was executed before.
    pub already: bool,
    /// Where it stands.
    #[serde(flatten)]
    pub proposal: ProposalStatus,
    /// What the timelock did.
    pub calls: Vec<DecodedCall>,
    /// What was sent.
    #[serde(flatten)]
    pub sent: TxReport,
}

impl Report for ExecuteReport {
    fn human(&self) -> String {
        let planned = self.sent.dry_run || self.sent.unsigned.is_some();
        let verb = match (self.already, planned) {
            (true, _) => "already executed",
            (false, true) => "would execute",
            (false, false) => "executed",
        };
        let mut text = format!("{verb}: {}\n", self.proposal.title);
        for (index, call) in self.calls.iter().enumerate() {
            text.push_str(&format!("  {}. {}\n", index + 1, call.text));
        }
        text.push_str(&self.sent.human());
        if !self.already && !planned {
            text.push_str("`dgov plan` shows what is left\n");
        }
        text
    }
}

/// Executes a queued proposal whose delay has passed.
///
/// # Errors
/// Reverted: `gov.too_early`, `gov.not_queued`, `gov.wrong_state`.
pub async fn execute(session: &Session<'_>, proposal: &str, tx: &TxArgs) -> Result<ExecuteReport> {
    let proposal = resolve(session, proposal).await?;
    let status = proposal.status(session).await?;
    let calls = proposal.decoded(session)?;
    if status.is(ProposalState::Executed) {
        let done = Operation { verb: VERB, key: proposal.id.to_string(), calls: Vec::new() };
        let sent = apply::apply(session, done, tx).await?.report();
        return Ok(ExecuteReport { already: true, proposal: status, calls, sent });
    }
    if !status.is(ProposalState::Queued) {
        require_won(session, &status, "executed").await?;
        let message = format!("proposal {} won its vote, but is not queued", short(proposal.id));
        return Err(Error::new(ErrorKind::Reverted, "gov.not_queued", message)
            .hint("run `dgov gov queue` first; the timelock's delay starts with it"));
    }
    let times = status.times();
    if times.eta == 0 {
        return Err(wrong_state(&status, "executed"));
    }
    if times.now + 1 < times.eta {
        return Err(too_early(session, &status, "executed", times.eta));
    }
    if times.now < times.eta {
        wait_for_next_second(session).await;
    }
    let (targets, values, calldatas) = proposal.arrays();
    let data = IDataGovernor::executeCall { targets, values, calldatas, descriptionHash: proposal.description_hash() };
    let description = format!("execute proposal {}", short(proposal.id));
    let call = Call::new(format!("execute:{}", proposal.id), description, session.suite()?.governor, data.abi_encode());
    let operation = Operation { verb: VERB, key: proposal.id.to_string(), calls: vec![call] };
    let sent = apply::apply(session, operation, tx).await?.report();
    Ok(ExecuteReport { already: false, proposal: proposal.status(session).await?, calls, sent })
}
