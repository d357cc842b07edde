//! `dgov run settle`: a report that nobody challenged, or that stood, is paid out.

use alloy::primitives::{B256, U256};
use alloy::sol_types::SolCall;
use dgov_contracts::usage::{IUsageLedger, Job, JobState, PayeeVersion};
use serde::Serialize;

use super::jobs::{self, JobRecord, ReportRecord};
use crate::commands::TxArgs;
use crate::error::{Error, ErrorKind, Result};
use crate::ops::apply::{self, Applied, Call, Operation, TxReport};
use crate::ops::view::View;
use crate::ops::{money, times};
use crate::session::Session;
use crate::ui::Report;

const VERB: &str = "run settle";

/// The settlement, made now or before.
#[derive(Debug, Serialize)]
pub struct SettleReport {
    /// The job.
    pub job_id: B256,
    /// Symbol of the currency, or the token's address.
    pub currency: String,
    /// What each payee's pool gets.
    pub payments: Vec<PaymentRow>,
    /// All of it, in the smallest unit of the currency.
    #[serde(serialize_with = "apply::decimal")]
    pub paid: U256,
    /// What is credited to the payer.
    #[serde(serialize_with = "apply::decimal")]
    pub returned: U256,
    /// Both for people.
    #[serde(skip)]
    texts: [String; 2],
    /// Whether it is settled now.
    pub settled: bool,
    /// Whether it was settled before.
    pub settled_before: bool,
    /// What was sent.
    #[serde(flatten)]
    pub sent: TxReport,
}

/// A payment into the pool of a version.
#[derive(Debug, Serialize)]
pub struct PaymentRow {
    /// The dataset with its version's number.
    pub dataset: String,
    /// The version.
    pub version_key: B256,
    /// In the smallest unit of the currency.
    #[serde(serialize_with = "apply::decimal")]
    pub amount: U256,
    /// The same for people.
    pub amount_text: String,
}

impl Report for SettleReport {
    fn human(&self) -> String {
        let [paid, returned] = &self.texts;
        let mut text = match (self.settled_before, self.settled) {
            (true, _) => format!("job {} was settled already; nothing to do\n", self.job_id),
            (false, true) => format!("settled job {}: {paid} paid, {returned} credited to the payer\n", self.job_id),
            (false, false) => format!("would settle job {}: {paid} paid, {returned} to the payer\n", self.job_id),
        };
        for payment in &self.payments {
            text.push_str(&format!("  {} into the pool of {}\n", payment.amount_text, payment.dataset));
        }
        text + &self.sent.human()
    }
}

/// Settles a job; anybody may.
///
/// # Errors
/// `run.not_reported`, `run.challenge_open`, `run.held`, `run.refunded`, `run.version_missing`, and those of sending.
pub async fn settle(session: &Session<'_>, text: &str, tx: &TxArgs) -> Result<SettleReport> {
    let record = jobs::resolve(session, text).await?;
    let job = jobs::state(session, record.id).await?;
    if job.state != JobState::Settled {
        require_due(session, &record, &job).await?;
    }
    let view = session.view().await?;
    let last = jobs::require_report(session, record.id).await?;
    let mut report = report(session, &view, &record, &last);
    report.sent.dry_run = tx.dry_run;
    let mut calls = Vec::new();
    if job.state == JobState::Settled {
        report.settled_before = true;
    } else {
        let versions =
            report.payments.iter().map(|row| payee_version(&view, row.version_key)).collect::<Result<_>>()?;
        let data = IUsageLedger::settleCall {
            jobId: record.id,
            signerSetId: record.signer_set,
            lines: last.lines,
            payees: record.payees,
            versions,
        };
        let description = format!("settle a job of {}", session.show_amount(record.amount, record.currency));
        calls.push(Call::new("settle", description, session.suite()?.ledger, data.abi_encode()));
    }
    let operation = Operation { verb: VERB, key: format!("{}:{}", record.id, job.round), calls };
    let applied = apply::apply(session, operation, tx).await?;
    report.settled = matches!(applied, Applied::Done(_));
    report.sent = applied.report();
    Ok(report)
}

/// A job whose report can be settled now.
async fn require_due(session: &Session<'_>, record: &JobRecord, job: &Job) -> Result<()> {
    let refuse = |code, message: String| Err(Error::new(ErrorKind::Reverted, code, message));
    let id = record.id;
    match job.state {
        JobState::Reported => {}
        JobState::Held => {
            return refuse("run.held", format!("a case on the report of job {id} is open"))
                .map_err(|error: Error| error.hint("`dgov dispute show` tells how far it is"));
        }
        JobState::Refunded => {
            return refuse("run.refunded", format!("the escrow of job {id} went back to its payer"))
                .map_err(|error: Error| error.hint("there is nothing left to pay"));
        }
        _ => {
            return refuse("run.not_reported", format!("job {id} has no report that stands"))
                .map_err(|error: Error| error.hint("its oracles report it with `dgov oracle attest`"));
        }
    }
    let settle_at = job.settleAt.to::<u64>();
    if session.next_time().await? >= settle_at {
        return Ok(());
    }
    let time = times::rfc3339(settle_at);
    refuse("run.challenge_open", format!("the report of job {id} can be challenged until {time}"))
        .map_err(|error: Error| error.hint("settle it then"))
}

/// The version of a payee as the contract wants it.
fn payee_version(view: &View, key: B256) -> Result<PayeeVersion> {
    let record = jobs::version(view, key).ok_or_else(|| {
        Error::integrity("run.version_missing", format!("the node shows no event of version {key}"))
            .hint("the node does not have all events; use another rpc-url")
    })?;
    Ok((&record.version).into())
}

fn report(session: &Session<'_>, view: &View, record: &JobRecord, last: &ReportRecord) -> SettleReport {
    let show = |amount| session.show_amount(amount, record.currency);
    let parts = jobs::parts(record, &last.lines);
    let paid: U256 = parts.iter().map(|(_, amount)| *amount).sum();
    let returned = record.amount - paid;
    let row = |(key, amount): &(B256, U256)| PaymentRow {
        dataset: jobs::version_name(session, view, *key),
        version_key: *key,
        amount: *amount,
        amount_text: show(*amount),
    };
    SettleReport {
        job_id: record.id,
        currency: money::symbol(session, record.currency),
        payments: parts.iter().map(row).collect(),
        paid,
        returned,
        texts: [show(paid), show(returned)],
        settled: false,
        settled_before: false,
        sent: TxReport::default(),
    }
}
