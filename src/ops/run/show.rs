//! `dgov run show`: all jobs, or one with its reports.

use alloy::primitives::{B256, U256};
use dgov_contracts::usage::{Job, JobState};
use serde::Serialize;

use super::jobs::{self, JobRecord, SETTLE_TERM};
use super::signers::SignerSet;
use crate::error::Result;
use crate::ops::view::View;
use crate::ops::{apply, money, times};
use crate::session::Session;
use crate::ui::{Report, table};

/// All jobs.
#[derive(Debug, Serialize)]
pub struct ListReport {
    /// In the order in which they were opened.
    pub jobs: Vec<JobRow>,
}

/// A job and where it stands.
#[derive(Debug, Serialize)]
pub struct JobRow {
    /// Its id.
    pub job_id: B256,
    /// `open`, `reported`, `held`, `struck`, `settled` or `refunded`.
    pub state: &'static str,
    /// Who pays.
    pub payer: String,
    /// Escrowed, in the smallest unit of the currency.
    #[serde(serialize_with = "apply::decimal")]
    pub amount: U256,
    /// The same for people.
    pub amount_text: String,
    /// Symbol of the currency, or the token's address.
    pub currency: String,
    /// Until when a report is accepted.
    pub deadline: String,
    /// From when the report can be settled; null without one.
    pub settle_at: Option<String>,
    /// From when the escrow can be taken back if nothing happens; null where it can't.
    pub refund_from: Option<String>,
    /// Reports so far.
    pub round: u8,
    /// Transaction that opened it.
    pub tx_hash: B256,
}

/// One job.
#[derive(Debug, Serialize)]
pub struct ShowReport {
    /// Where it stands.
    #[serde(flatten)]
    pub job: JobRow,
    /// Who may be paid.
    pub payees: Vec<PayeeRow>,
    /// What the chain knows of the oracles.
    pub signer_set_id: B256,
    /// How many of them must sign; null where this project does not know them.
    pub threshold: Option<u64>,
    /// Who they are; empty where this project does not know them.
    pub oracles: Vec<String>,
    /// sha256 of the last report's receipts; null without a report.
    pub receipt_digest: Option<B256>,
    /// What the last report says was used.
    pub lines: Vec<LineRow>,
    /// What the payer can pull in this currency, from all jobs, in the smallest unit.
    #[serde(serialize_with = "apply::decimal")]
    pub payer_credit: U256,
    /// The same for people.
    pub payer_credit_text: String,
}

/// A version that may be paid.
#[derive(Debug, Serialize)]
pub struct PayeeRow {
    /// The dataset with its version's number.
    pub dataset: String,
    /// The version.
    pub version_key: B256,
    /// The most that it gets, in the smallest unit; null for no limit but the escrow.
    pub cap: Option<String>,
    /// What the last report gives it; null without a report.
    pub part: Option<String>,
    /// The same for people.
    #[serde(skip)]
    part_text: String,
}

/// A line of a report.
#[derive(Debug, Serialize)]
pub struct LineRow {
    /// The dataset with its version's number.
    pub dataset: String,
    /// The version.
    pub version_key: B256,
    /// Records used.
    pub records: u64,
}

impl Report for ListReport {
    fn human(&self) -> String {
        if self.jobs.is_empty() {
            return "no job was opened yet\n".to_owned();
        }
        let row = |job: &JobRow| {
            vec![job.job_id.to_string(), job.state.to_owned(), job.amount_text.clone(), job.deadline.clone()]
        };
        let rows: Vec<_> = self.jobs.iter().map(row).collect();
        table::render(&["job", "state", "escrow", "deadline"], &rows)
    }
}

impl Report for ShowReport {
    fn human(&self) -> String {
        let job = &self.job;
        let mut rows = vec![
            ("job", job.job_id.to_string()),
            ("state", job.state.to_owned()),
            ("payer", job.payer.clone()),
            ("escrow", job.amount_text.clone()),
            ("deadline", job.deadline.clone()),
        ];
        match self.threshold {
            Some(threshold) => rows.push(("oracles", format!("{threshold} of {}", self.oracles.join(", ")))),
            None => rows.push(("oracles", format!("set {}", self.signer_set_id))),
        }
        if let Some(time) = &job.settle_at {
            rows.push(("settled", format!("from {time}")));
        }
        if let Some(time) = &job.refund_from {
            rows.push(("refunded", format!("from {time}, if nothing happens")));
        }
        if !self.payer_credit.is_zero() {
            rows.push(("payer's credit", self.payer_credit_text.clone()));
        }
        let mut text = table::pairs(&rows);
        text.push_str("may be paid:\n");
        for payee in &self.payees {
            text.push_str(&format!("  {}{}\n", payee.dataset, payee.part_text));
        }
        if !self.lines.is_empty() {
            text.push_str("reported:\n");
            for line in &self.lines {
                text.push_str(&format!("  {}: {} records\n", line.dataset, line.records));
            }
        }
        text
    }
}

/// Lists all jobs.
pub async fn list(session: &Session<'_>) -> Result<ListReport> {
    let mut rows = Vec::new();
    for record in jobs::all(session).await? {
        let job = jobs::state(session, record.id).await?;
        rows.push(row(session, &record, &job));
    }
    Ok(ListReport { jobs: rows })
}

/// Shows one job.
///
/// # Errors
/// Those of [`jobs::resolve`].
pub async fn show(session: &Session<'_>, text: &str) -> Result<ShowReport> {
    let record = jobs::resolve(session, text).await?;
    let job = jobs::state(session, record.id).await?;
    let view = session.view().await?;
    let last = jobs::last_report(session, record.id).await?;
    let parts = last.as_ref().map(|last| jobs::parts(&record, &last.lines));
    let set = SignerSet::kept(session, record.id, record.signer_set);
    let credit = jobs::credit(session, record.payer, record.currency).await?;
    let lines = last.iter().flat_map(|last| &last.lines).map(|line| LineRow {
        dataset: jobs::version_name(session, &view, line.versionKey),
        version_key: line.versionKey,
        records: line.weight,
    });
    Ok(ShowReport {
        job: row(session, &record, &job),
        payees: payees(session, &view, &record, parts.as_deref()),
        signer_set_id: record.signer_set,
        threshold: set.as_ref().map(|set| set.threshold),
        oracles: set.iter().flat_map(|set| &set.signers).map(|signer| signer.to_checksum(None)).collect(),
        receipt_digest: last.as_ref().map(|last| last.receipt),
        lines: lines.collect(),
        payer_credit: credit,
        payer_credit_text: session.show_amount(credit, record.currency),
    })
}

fn payees(session: &Session<'_>, view: &View, record: &JobRecord, parts: Option<&[(B256, U256)]>) -> Vec<PayeeRow> {
    let row = |payee: &dgov_contracts::usage::JobPayee| {
        let part = parts.map(|parts| {
            let part = parts.iter().find(|(key, _)| *key == payee.versionKey);
            part.map_or(U256::ZERO, |(_, amount)| *amount)
        });
        PayeeRow {
            dataset: jobs::version_name(session, view, payee.versionKey),
            version_key: payee.versionKey,
            cap: (payee.cap != u128::MAX).then(|| payee.cap.to_string()),
            part: part.map(|part| part.to_string()),
            part_text: part.map_or_else(String::new, |part| {
                format!(": {} by the last report", session.show_amount(part, record.currency))
            }),
        }
    };
    record.payees.iter().map(row).collect()
}

fn row(session: &Session<'_>, record: &JobRecord, job: &Job) -> JobRow {
    let deadline = job.deadline.to::<u64>();
    let settle_at = job.settleAt.to::<u64>();
    let refund_from = match job.state {
        JobState::Open | JobState::Struck => Some(deadline + 1),
        JobState::Reported => Some(settle_at + SETTLE_TERM),
        _ => None,
    };
    JobRow {
        job_id: record.id,
        state: jobs::state_name(job.state),
        payer: record.payer.to_checksum(None),
        amount: record.amount,
        amount_text: session.show_amount(record.amount, record.currency),
        currency: money::symbol(session, record.currency),
        deadline: times::rfc3339(deadline),
        settle_at: (settle_at != 0).then(|| times::rfc3339(settle_at)),
        refund_from: refund_from.map(times::rfc3339),
        round: job.round,
        tx_hash: record.transaction,
    }
}
