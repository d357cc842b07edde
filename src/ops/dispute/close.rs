//! `dgov dispute close`: ends a case whose time is over, and pays what it owes.

use alloy::primitives::{Address, U256};
use alloy::providers::Provider;
use alloy::rpc::types::TransactionRequest;
use alloy::sol_types::SolCall;
use dgov_contracts::court::{CaseState, IDisputeCourt};
use serde::Serialize;

use super::cases::{self, CaseStatus};
use super::{next, too_early};
use crate::commands::TxArgs;
use crate::error::Result;
use crate::ops::apply::{self, Call, Operation, TxReport, decimal};
use crate::session::Session;
use crate::ui::{Report, Warning};

const VERB: &str = "dispute close";

/// Who is paid.
#[derive(Clone, Copy, Debug)]
pub enum Payees<'a> {
    /// The account that acts.
    Sender,
    /// Another account.
    Account(&'a str),
    /// Everybody with a bond, and the treasury.
    All,
}

/// What an account was paid.
#[derive(Debug, Serialize)]
pub struct Payment {
    /// The account; `treasury` for the DAO's.
    pub account: String,
    /// What it got, or would get.
    #[serde(serialize_with = "decimal")]
    pub amount_wei: U256,
    #[serde(skip)]
    text: String,
}

/// A case that is over.
#[derive(Debug, Serialize)]
pub struct CloseReport {
    /// Whether it had been closed before.
    pub already: bool,
    /// What was paid now; empty for a plan of a case that is still to be closed.
    pub payments: Vec<Payment>,
    /// The case.
    pub case: CaseStatus,
    /// What was sent.
    #[serde(flatten)]
    pub sent: TxReport,
}

impl Report for CloseReport {
    fn human(&self) -> String {
        let plan = self.sent.is_plan();
        let id = self.case.case_id;
        let head = match (self.already, plan, self.case.ruling) {
            (true, _, Some(ruling)) => format!("case {id} is closed, for {ruling}\n"),
            (false, false, Some(ruling)) => format!("closed case {id}, for {ruling}\n"),
            _ => format!("would close case {id}: {}\n", self.case.default_outcome.as_deref().unwrap_or_default()),
        };
        let verb = if plan { "would pay" } else { "paid" };
        let mut text = head;
        for payment in &self.payments {
            text.push_str(&format!("{verb} {} to {}\n", payment.text, payment.account));
        }
        if self.already && self.payments.is_empty() {
            text.push_str("nothing is owed\n");
        }
        text + &self.sent.human()
    }
}

/// Closes a case unless it is closed, and pays.
///
/// # Errors
/// `dispute.too_early`, and those of sending.
pub async fn close(session: &Session<'_>, case: &str, payees: Payees<'_>, tx: &TxArgs) -> Result<CloseReport> {
    let view = session.view().await?;
    let status = cases::resolve(session, &view, case).await?;
    let id = status.case_id;
    let already = status.is(CaseState::Closed);
    let mut report = CloseReport {
        already,
        payments: Vec::new(),
        case: status,
        sent: TxReport { dry_run: tx.dry_run, ..TxReport::default() },
    };
    let closing = format!("{id}:close");
    if already {
        apply::close(session, VERB, &closing).await?;
    } else {
        require_over(session, &report.case)?;
        let data = IDisputeCourt::closeCall { caseId: report.case.number() }.abi_encode();
        let call = Call::new("close", format!("close case {id}"), session.suite()?.court, data);
        let operation = Operation { verb: VERB, key: closing, calls: vec![call] };
        report.sent = apply::apply(session, operation, tx).await?.report();
        if report.sent.is_plan() {
            return Ok(report);
        }
        report.case = cases::load(session, &view, id).await?;
    }
    pay(session, &mut report, payees, tx).await?;
    Ok(report)
}

/// An error while the case still waits for somebody.
fn require_over(session: &Session<'_>, status: &CaseStatus) -> Result<()> {
    let answered = status.is(CaseState::Open) && next::is_answered(&status.case);
    let end = if answered { next::submit_until(&status.case, &status.rules) } else { status.case.deadline.to() };
    if status.now >= end {
        return Ok(());
    }
    let error = too_early(session, &format!("case {} can be closed", status.case_id), status.now, end);
    // An answered case should be ruled on, not waited for.
    Err(match (&status.next, answered && status.now >= status.case.deadline.to::<u64>()) {
        (Some(next), true) => error.hint(next.clone()),
        _ => error,
    })
}

async fn pay(session: &Session<'_>, report: &mut CloseReport, payees: Payees<'_>, tx: &TxArgs) -> Result<()> {
    let accounts = match payees {
        Payees::Sender => vec![session.account()?],
        Payees::Account(text) => vec![session.resolve_text(text)?],
        Payees::All => {
            let mut all = cases::parties(session, report.case.number()).await?;
            all.extend(Some(report.case.case.appellant).filter(|account| !account.is_zero() && !all.contains(account)));
            all
        }
    };
    let (id, number, court) = (report.case.case_id, report.case.number(), session.suite()?.court);
    let mut calls = Vec::new();
    for account in accounts {
        let amount = cases::owed(session, number, account).await?;
        if amount.is_zero() {
            continue;
        }
        let text = session.show_amount(amount, Address::ZERO);
        let data = IDisputeCourt::withdrawCall { caseId: number, account }.abi_encode();
        let call = Call::new(format!("pay:{account}"), format!("pay {text} of case {id} to {account}"), court, data);
        if payable(session, &call, &format!("{account}"), matches!(payees, Payees::All)).await? {
            calls.push(call);
            report.payments.push(Payment { account: account.to_checksum(None), amount_wei: amount, text });
        }
    }
    if matches!(payees, Payees::All)
        && let Some((call, amount)) = treasury(session).await?
    {
        calls.push(call);
        let text = session.show_amount(amount, Address::ZERO);
        report.payments.push(Payment { account: "treasury".to_owned(), amount_wei: amount, text });
    }
    let operation = Operation { verb: VERB, key: format!("{id}:pay"), calls };
    let paid = apply::apply(session, operation, tx).await?.report();
    report.sent = joined(std::mem::take(&mut report.sent), paid);
    Ok(())
}

/// Whether the account takes the coin. Where all are paid, one that refuses is left out.
async fn payable(session: &Session<'_>, call: &Call, who: &str, skip: bool) -> Result<bool> {
    if !skip {
        return Ok(true);
    }
    let request = TransactionRequest::default().to(call.to).input(call.data.clone().into());
    if session.connection.provider.call(request).await.is_ok() {
        return Ok(true);
    }
    let warning = Warning::new("dispute.payment_refused", format!("{who} is a contract that takes no coin now"));
    session.context.ui.warn(warning.hint("what it is owed stays there for it"));
    Ok(false)
}

/// The treasury's part of all closed cases, if there is one.
async fn treasury(session: &Session<'_>) -> Result<Option<(Call, U256)>> {
    let court = session.suite()?.court;
    let contract = IDisputeCourt::new(court, &session.connection.provider);
    // Without anything owed the call reverts; there is no other way to ask.
    let Ok(amount) = contract.withdrawTreasury().call().await else { return Ok(None) };
    let text = session.show_amount(amount, Address::ZERO);
    let data = IDisputeCourt::withdrawTreasuryCall {}.abi_encode();
    Ok(Some((Call::new("pay:treasury", format!("pay {text} of closed cases to the treasury"), court, data), amount)))
}

/// Two reports in a row.
fn joined(mut first: TxReport, second: TxReport) -> TxReport {
    first.transactions.extend(second.transactions);
    first.gas_used += second.gas_used;
    first.fee_wei += second.fee_wei;
    first.tx_hash = second.tx_hash.or(first.tx_hash);
    first.dry_run |= second.dry_run;
    first.unsigned = second.unsigned.or(first.unsigned);
    first
}
