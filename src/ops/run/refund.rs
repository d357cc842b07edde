//! `dgov run refund`: an escrow that nobody earned goes back to its payer, who is paid all that is credited.

use alloy::primitives::{B256, U256};
use alloy::sol_types::SolCall;
use dgov_contracts::usage::{IUsageLedger, Job, JobState};
use serde::Serialize;

use super::jobs::{self, JobRecord, SETTLE_TERM};
use crate::commands::TxArgs;
use crate::error::{Error, ErrorKind, Result};
use crate::ops::apply::{self, Applied, Call, Operation, TxReport};
use crate::ops::{money, times};
use crate::session::Session;
use crate::ui::Report;

const VERB: &str = "run refund";

/// What went back.
#[derive(Debug, Serialize)]
pub struct RefundReport {
    /// The job.
    pub job_id: B256,
    /// Who gets it.
    pub payer: String,
    /// Symbol of the currency, or the token's address.
    pub currency: String,
    /// The escrow that goes back, in the smallest unit; zero if the job was over before.
    #[serde(serialize_with = "apply::decimal")]
    pub refunded: U256,
    /// What is paid to the payer, credits of other jobs in this currency included.
    #[serde(serialize_with = "apply::decimal")]
    pub withdrawn: U256,
    /// The same for people.
    pub withdrawn_text: String,
    /// What was sent.
    #[serde(flatten)]
    pub sent: TxReport,
}

impl Report for RefundReport {
    fn human(&self) -> String {
        let head = if self.withdrawn.is_zero() {
            format!("job {} owes its payer nothing; nothing to do\n", self.job_id)
        } else if self.sent.is_plan() {
            format!("would pay {} to {}\n", self.withdrawn_text, self.payer)
        } else {
            format!("paid {} to {}\n", self.withdrawn_text, self.payer)
        };
        head + &self.sent.human()
    }
}

/// Refunds a job where that is due, and pays the payer's credit; anybody may.
///
/// # Errors
/// `run.refund_early`, `run.held`, and those of sending.
pub async fn refund(session: &Session<'_>, text: &str, tx: &TxArgs) -> Result<RefundReport> {
    let record = jobs::resolve(session, text).await?;
    let job = jobs::state(session, record.id).await?;
    let ledger = session.suite()?.ledger;
    let mut calls = Vec::new();
    let mut refunded = U256::ZERO;
    if !matches!(job.state, JobState::Settled | JobState::Refunded) {
        require_due(session, &record, &job).await?;
        refunded = record.amount;
        let description = format!("refund a job of {}", session.show_amount(refunded, record.currency));
        let data = IUsageLedger::refundCall { jobId: record.id }.abi_encode();
        calls.push(Call::new("refund", description, ledger, data));
    }
    let credit = jobs::credit(session, record.payer, record.currency).await?;
    let withdrawn = refunded + credit;
    if !withdrawn.is_zero() {
        let amount = session.show_amount(withdrawn, record.currency);
        let data = IUsageLedger::withdrawCreditCall { account: record.payer, currency: record.currency };
        let call = Call::new("withdraw", format!("pay {amount} to the payer"), ledger, data.abi_encode());
        calls.push(if calls.is_empty() { call } else { call.after_others() });
    }
    let operation = Operation { verb: VERB, key: record.id.to_string(), calls };
    let sent = match apply::apply(session, operation, tx).await? {
        Applied::Planned(sent) | Applied::Done(sent) => sent,
    };
    Ok(RefundReport {
        job_id: record.id,
        payer: record.payer.to_checksum(None),
        currency: money::symbol(session, record.currency),
        refunded,
        withdrawn,
        withdrawn_text: session.show_amount(withdrawn, record.currency),
        sent,
    })
}

async fn require_due(session: &Session<'_>, record: &JobRecord, job: &Job) -> Result<()> {
    let id = record.id;
    let from = match job.state {
        JobState::Open | JobState::Struck => job.deadline.to::<u64>() + 1,
        JobState::Reported => job.settleAt.to::<u64>() + SETTLE_TERM,
        _ => {
            let message = format!("a case on the report of job {id} is open");
            return Err(
                Error::new(ErrorKind::Reverted, "run.held", message).hint("`dgov dispute show` tells how far it is")
            );
        }
    };
    if session.next_time().await? >= from {
        return Ok(());
    }
    let hint = match job.state {
        JobState::Reported => "the job is reported: `dgov run settle` pays the payees and credits the rest",
        _ => "until then its oracles may report what was used",
    };
    let message = format!("the escrow of job {id} can be taken back from {}", times::rfc3339(from));
    Err(Error::new(ErrorKind::Reverted, "run.refund_early", message).hint(hint))
}
