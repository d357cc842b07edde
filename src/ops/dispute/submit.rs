//! `dgov dispute submit`: an answered case goes to who rules.

use alloy::primitives::{Address, U256};
use alloy::sol_types::SolCall;
use dgov_contracts::court::{CaseState, IArbitrator, IDisputeCourt};
use serde::Serialize;

use super::cases::{self, CaseStatus};
use super::{next, too_early};
use crate::chain::reverts::contract_error;
use crate::commands::TxArgs;
use crate::error::{Error, ErrorKind, Result};
use crate::ops::apply::{self, Call, Operation, TxReport};
use crate::session::Session;
use crate::ui::Report;

const VERB: &str = "dispute submit";

/// A case on its way to who rules.
#[derive(Debug, Serialize)]
pub struct SubmitReport {
    /// Whether it had been taken there before.
    pub already: bool,
    /// The case.
    #[serde(flatten)]
    pub case: CaseStatus,
    /// What was sent.
    #[serde(flatten)]
    pub sent: TxReport,
}

impl Report for SubmitReport {
    fn human(&self) -> String {
        let verb = match (self.already, self.sent.is_plan()) {
            (true, _) => "is before",
            (false, true) => "would go to",
            (false, false) => "went to",
        };
        let who = if self.case.arbitrator == "dao" { "the DAO" } else { &self.case.arbitrator };
        let wait = next::sentence(&self.case.standing).map(|line| format!("a ruling can come {line}\n"));
        let wait = wait.filter(|_| self.case.is(CaseState::Contested)).unwrap_or_default();
        format!("case {} {verb} {who}\n{}{wait}", self.case.case_id, self.sent.human())
    }
}

/// Submits an answered case after its answer window.
///
/// # Errors
/// `dispute.too_early`, `dispute.unanswered`, `dispute.wrong_state`, and those of sending.
pub async fn submit(session: &Session<'_>, case: &str, tx: &TxArgs) -> Result<SubmitReport> {
    let view = session.view().await?;
    let status = cases::resolve(session, &view, case).await?;
    let (id, key) = (status.case_id, status.case_id.to_string());
    if !status.is(CaseState::Open) {
        if status.is(CaseState::Closed) && status.case.fee.is_zero() && !next::is_answered(&status.case) {
            return Err(status.wrong_state("submitted"));
        }
        let done = Operation { verb: VERB, key, calls: Vec::new() };
        let sent = apply::apply(session, done, tx).await?.report();
        return Ok(SubmitReport { already: true, case: status, sent });
    }
    let deadline = status.case.deadline.to::<u64>();
    if status.now < deadline {
        return Err(too_early(session, &format!("case {id} can be submitted"), status.now, deadline));
    }
    if !next::is_answered(&status.case) {
        return Err(Error::new(ErrorKind::Reverted, "dispute.unanswered", format!("nobody answered case {id}"))
            .hint(format!("it is the challenger's: `dgov dispute close {id}`")));
    }
    let missing = missing_fee(session, &status).await?;
    let data = IDisputeCourt::submitCall { caseId: status.number() }.abi_encode();
    let mut description = format!("submit case {id}");
    if !missing.is_zero() {
        description.push_str(&format!(
            " with {} that the bonds lack for the fee",
            session.show_amount(missing, Address::ZERO)
        ));
    }
    let call = Call::new("submit", description, session.suite()?.court, data).with_value(missing);
    let sent = apply::apply(session, Operation { verb: VERB, key, calls: vec![call] }, tx).await?.report();
    Ok(SubmitReport { already: false, case: cases::load(session, &view, id).await?, sent })
}

/// What the arbitrator asks beyond both pots.
async fn missing_fee(session: &Session<'_>, status: &CaseStatus) -> Result<U256> {
    let Some(arbitrator) = status.rules.arbitrator else { return Ok(U256::ZERO) };
    let contract = IArbitrator::new(arbitrator, &session.connection.provider);
    let cost = contract.arbitrationCost(status.rules.extra_data.clone()).call().await;
    let cost = cost.map_err(|error| contract_error(&session.connection, "asking for the arbitrator's fee", error))?;
    Ok(cost.saturating_sub(status.challenger_pot_wei + status.respondent_pot_wei))
}
