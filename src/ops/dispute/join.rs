//! `dgov dispute join`: a bond on a side. The amount is what the account shall have there: a rerun adds nothing.

use alloy::primitives::{Address, U256};
use alloy::sol_types::SolCall;
use clap::ValueEnum;
use dgov_contracts::court::{CaseState, IDisputeCourt, Side};
use serde::Serialize;

use super::cases::{self, CaseStatus};
use super::{bond_of, next, too_late};
use crate::commands::TxArgs;
use crate::error::{Error, Result};
use crate::ops::apply::{self, Call, Operation, TxReport, decimal};
use crate::session::Session;
use crate::ui::Report;

const VERB: &str = "dispute join";

/// The side to join.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Joined {
    /// What is challenged is wrong.
    Challenger,
    /// What is challenged is right.
    Respondent,
}

impl Joined {
    fn side(self) -> Side {
        match self {
            Self::Challenger => Side::Challenger,
            Self::Respondent => Side::Respondent,
        }
    }
}

/// What an account has on a side now.
#[derive(Debug, Serialize)]
pub struct JoinReport {
    /// The side.
    pub side: &'static str,
    /// The account.
    pub account: String,
    /// What it had there before.
    #[serde(serialize_with = "decimal")]
    pub before_wei: U256,
    /// What it has there, or would have.
    #[serde(serialize_with = "decimal")]
    pub bond_wei: U256,
    /// Whether it had that much before.
    pub already: bool,
    /// The case.
    pub case: CaseStatus,
    /// What was sent.
    #[serde(flatten)]
    pub sent: TxReport,
    #[serde(skip)]
    bond_text: String,
}

impl Report for JoinReport {
    fn human(&self) -> String {
        let verb = match (self.already, self.sent.is_plan()) {
            (true, _) => "has",
            (false, true) => "would have",
            (false, false) => "has now",
        };
        let id = self.case.case_id;
        let head =
            format!("{} {verb} {} on the side of the {} in case {id}\n", self.account, self.bond_text, self.side);
        let wait = next::sentence(&self.case.standing).map(|line| format!("it waits {line}\n")).unwrap_or_default();
        format!("{head}{}{wait}", self.sent.human())
    }
}

/// Brings the account's bond on a side to an amount.
///
/// # Errors
/// `dispute.wrong_state`, `dispute.too_late`, `dispute.bond_too_small`, `dispute.bond_missing`, and those of sending.
pub async fn join(
    session: &Session<'_>,
    case: &str,
    side: Joined,
    bond: Option<&str>,
    tx: &TxArgs,
) -> Result<JoinReport> {
    let view = session.view().await?;
    let status = cases::resolve(session, &view, case).await?;
    let account = session.account()?;
    let before = cases::bond_on(session, status.number(), side.side(), account).await?;
    let first = side == Joined::Respondent && !next::is_answered(&status.case);
    if bond.is_none() && !first && before.is_zero() {
        return Err(Error::usage("dispute.bond_missing", format!("case {} is answered: say how much", status.case_id))
            .hint("give what the account shall have on this side, e.g. --bond \"0.05 ETH\""));
    }
    // The least is asked of the first respondent only; others may bring as little as they like.
    let least = if first { status.bond_wei } else { before.max(U256::from(1)) };
    let wanted = bond_of(session, bond, least)?;
    let key = format!("{}:{}:{account}:{wanted}", status.case_id, next::side_name(side.side()));
    let mut report = JoinReport {
        side: next::side_name(side.side()),
        account: account.to_checksum(None),
        before_wei: before,
        bond_wei: wanted,
        already: before >= wanted,
        bond_text: session.show_amount(wanted, Address::ZERO),
        case: status,
        sent: TxReport { dry_run: tx.dry_run, ..TxReport::default() },
    };
    if report.already {
        let done = Operation { verb: VERB, key, calls: Vec::new() };
        report.sent = apply::apply(session, done, tx).await?.report();
        return Ok(report);
    }
    let status = &report.case;
    if !status.is(CaseState::Open) {
        return Err(status.wrong_state("joined"));
    }
    let deadline = status.case.deadline.to::<u64>();
    if status.now >= deadline {
        let hint = status.next.clone().unwrap_or_default();
        return Err(too_late(&format!("case {} could be joined", status.case_id), deadline, hint));
    }
    let data = IDisputeCourt::joinCall { caseId: status.number(), side: side.side() }.abi_encode();
    let more = session.show_amount(wanted - before, Address::ZERO);
    let description = format!("put {more} on the side of the {} in case {}", report.side, status.case_id);
    let call = Call::new("join", description, session.suite()?.court, data).with_value(wanted - before);
    report.sent = apply::apply(session, Operation { verb: VERB, key, calls: vec![call] }, tx).await?.report();
    report.case = cases::load(session, &view, report.case.case_id).await?;
    Ok(report)
}
