//! `dgov dispute appeal`: a second ruling of the DAO for twice the bond, or another round of an outside arbitrator.

use alloy::primitives::{Address, U256};
use alloy::sol_types::{SolCall, SolEvent};
use dgov_contracts::court::{CaseState, IArbitrator, IDisputeCourt};
use serde::Serialize;

use super::cases::{self, CaseStatus};
use super::{bond_of, next, too_late};
use crate::chain::reverts::contract_error;
use crate::commands::TxArgs;
use crate::error::Result;
use crate::ops::apply::{self, Call, Operation, TxReport, decimal};
use crate::session::Session;
use crate::ui::Report;

const VERB: &str = "dispute appeal";

/// An appeal, made now or before.
#[derive(Debug, Serialize)]
pub struct AppealReport {
    /// What it costs: a bond that returns if the second ruling differs, or the outside arbitrator's fee.
    #[serde(serialize_with = "decimal")]
    pub paid_wei: U256,
    /// Whether this account had appealed before.
    pub already: bool,
    /// The case.
    pub case: CaseStatus,
    /// What was sent.
    #[serde(flatten)]
    pub sent: TxReport,
    #[serde(skip)]
    paid_text: String,
}

impl Report for AppealReport {
    fn human(&self) -> String {
        let verb = match (self.already, self.sent.is_plan()) {
            (true, _) => "was appealed",
            (false, true) => "would be appealed",
            (false, false) => "is appealed",
        };
        let wait = next::sentence(&self.case.standing).map(|line| format!("a ruling can come {line}\n"));
        let id = self.case.case_id;
        format!("case {id} {verb} for {}\n{}{}", self.paid_text, self.sent.human(), wait.unwrap_or_default())
    }
}

/// Appeals, unless this account has.
///
/// # Errors
/// `dispute.wrong_state`, `dispute.too_late`, `dispute.bond_too_small`, and those of sending.
pub async fn appeal(session: &Session<'_>, case: &str, bond: Option<&str>, tx: &TxArgs) -> Result<AppealReport> {
    let view = session.view().await?;
    let status = cases::resolve(session, &view, case).await?;
    let account = session.account()?;
    let outside = status.rules.arbitrator;
    let show = |amount| session.show_amount(amount, Address::ZERO);
    // An outside arbitrator takes several: each is work of its own.
    let times = cases::events(session, IDisputeCourt::Appealed::SIGNATURE_HASH, Some(status.number())).await?.len();
    let key = format!("{}:{account}:{}", status.case_id, if outside.is_some() { times } else { 0 });
    if outside.is_none() && status.is(CaseState::Appealed) && status.case.appellant == account {
        let done = Operation { verb: VERB, key, calls: Vec::new() };
        let sent = apply::apply(session, done, tx).await?.report();
        let paid = status.appeal_bond_wei;
        return Ok(AppealReport { paid_wei: paid, already: true, paid_text: show(paid), case: status, sent });
    }
    let expected = if outside.is_some() { CaseState::Contested } else { CaseState::Ruled };
    if !status.is(expected) {
        return Err(status.wrong_state("appealed"));
    }
    let deadline = status.case.deadline.to::<u64>();
    if status.now >= deadline {
        let hint = status.next.clone().unwrap_or_default();
        return Err(too_late(&format!("case {} could be appealed", status.case_id), deadline, hint));
    }
    let least = match outside {
        None => status.bond_wei * U256::from(2),
        Some(arbitrator) => {
            let contract = IArbitrator::new(arbitrator, &session.connection.provider);
            let cost = contract.appealCost(status.case.disputeId, status.rules.extra_data.clone()).call().await;
            cost.map_err(|error| contract_error(&session.connection, "asking for the cost of an appeal", error))?
        }
    };
    let paid = bond_of(session, bond, least)?;
    let data = IDisputeCourt::appealCall { caseId: status.number() }.abi_encode();
    let description = format!("appeal case {} for {}", status.case_id, show(paid));
    let call = Call::new("appeal", description, session.suite()?.court, data).with_value(paid);
    let sent = apply::apply(session, Operation { verb: VERB, key, calls: vec![call] }, tx).await?.report();
    let case = cases::load(session, &view, status.case_id).await?;
    Ok(AppealReport { paid_wei: paid, already: false, paid_text: show(paid), case, sent })
}
