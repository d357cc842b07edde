//! `dgov gov cancel`.

use alloy::sol_types::SolCall;
use dgov_contracts::governance::{IDataGovernor, ProposalState};
use serde::Serialize;

use super::proposals::{ProposalStatus, resolve, short, wrong_state};
use crate::chain::reverts::contract_error;
use crate::commands::TxArgs;
use crate::error::{Error, Result};
use crate::ops::apply::{self, Call, Operation, TxReport};
use crate::session::Session;
use crate::ui::Report;

const VERB: &str = "gov cancel";

/// A canceled proposal.
#[derive(Debug, Serialize)]
pub struct CancelReport {
    /// Whether it was canceled before.
    pub already: bool,
    /// Where it stands.
    #[serde(flatten)]
    pub proposal: ProposalStatus,
    /// What was sent.
    #[serde(flatten)]
    pub sent: TxReport,
}

impl Report for CancelReport {
    fn human(&self) -> String {
        let verb = match (self.already, self.sent.dry_run || self.sent.unsigned.is_some()) {
            (true, _) => "already canceled",
            (false, true) => "would cancel",
            (false, false) => "canceled",
        };
        format!("{verb}: {}\n{}", self.proposal.title, self.sent.human())
    }
}

/// Cancels a proposal: its proposer before the vote starts, the guardian at any time until its sunset.
///
/// # Errors
/// Reverted: `gov.wrong_state`; unauthorized: `gov.may_not_cancel`.
pub async fn cancel(session: &Session<'_>, proposal: &str, tx: &TxArgs) -> Result<CancelReport> {
    let proposal = resolve(session, proposal).await?;
    let status = proposal.status(session).await?;
    if status.is(ProposalState::Canceled) {
        let done = Operation { verb: VERB, key: proposal.id.to_string(), calls: Vec::new() };
        let sent = apply::apply(session, done, tx).await?.report();
        return Ok(CancelReport { already: true, proposal: status, sent });
    }
    if status.is(ProposalState::Executed) || status.is(ProposalState::Expired) {
        return Err(wrong_state(&status, "canceled"));
    }
    let governor = session.suite()?.governor;
    let account = session.account()?;
    let contract = IDataGovernor::new(governor, &session.connection.provider);
    let failed = |error| contract_error(&session.connection, "reading the guardian", error);
    let guardian = contract.proposalGuardian().call().await.map_err(failed)?;
    let own = account == proposal.proposer;
    // Without a guardian the contract lets a proposer take the proposal back at any time.
    let allowed = account == guardian || (own && (status.is(ProposalState::Pending) || guardian.is_zero()));
    if !allowed {
        return Err(refused(&status, guardian, own));
    }
    let (targets, values, calldatas) = proposal.arrays();
    let data = IDataGovernor::cancelCall { targets, values, calldatas, descriptionHash: proposal.description_hash() };
    let description = format!("cancel proposal {}", short(proposal.id));
    let call = Call::new(format!("cancel:{}", proposal.id), description, governor, data.abi_encode());
    let operation = Operation { verb: VERB, key: proposal.id.to_string(), calls: vec![call] };
    let sent = apply::apply(session, operation, tx).await?.report();
    Ok(CancelReport { already: false, proposal: proposal.status(session).await?, sent })
}

fn refused(status: &ProposalStatus, guardian: alloy::primitives::Address, own: bool) -> Error {
    let message = if own {
        format!("the vote on proposal {} has started; its proposer can't take it back", short(status.proposal_id))
    } else {
        format!("proposal {} is of {}, who alone may take it back", short(status.proposal_id), status.proposer)
    };
    let error = Error::unauthorized("gov.may_not_cancel", message);
    if guardian.is_zero() {
        error.hint("vote against it: `dgov gov vote … no`")
    } else {
        error.hint(format!("the guardian {guardian} may cancel it; or vote against it"))
    }
}
