//! Jobs as the chain recorded them: opened, reported, and where they stand.

use alloy::primitives::{Address, B256, U256, keccak256};
use alloy::rpc::types::{Filter, Log};
use alloy::sol_types::{SolEvent, SolValue};
use dgov_contracts::suite::IRoyaltyVault;
use dgov_contracts::usage::{IUsageLedger, Job, JobPayee, JobState, UsageLine};

use crate::chain::reverts::contract_error;
use crate::error::{Error, Result};
use crate::ops::lookup;
use crate::ops::view::{VersionRecord, View, decode, matching_logs};
use crate::session::Session;

/// How long a report that can be settled waits before its escrow can be taken back, seconds (`UsageLedger.SETTLE_TERM`).
pub const SETTLE_TERM: u64 = 30 * 86_400;

/// A job as it was opened.
#[derive(Clone, Debug)]
pub struct JobRecord {
    /// Its id.
    pub id: B256,
    /// Who pays.
    pub payer: Address,
    /// Who may report.
    pub signer_set: B256,
    /// Token, or zero for the chain's own coin.
    pub currency: Address,
    /// What was escrowed.
    pub amount: U256,
    /// Who may be paid, ascending by version key.
    pub payees: Vec<JobPayee>,
    /// Transaction that opened it.
    pub transaction: B256,
}

/// A report of a job.
#[derive(Clone, Debug)]
pub struct ReportRecord {
    /// Its number, from 0.
    pub round: u8,
    /// sha256 of the receipts.
    pub receipt: B256,
    /// What was used, ascending by version key.
    pub lines: Vec<UsageLine>,
    /// Transaction that sent it.
    pub transaction: B256,
}

/// All jobs, in the order in which they were opened.
pub async fn all(session: &Session<'_>) -> Result<Vec<JobRecord>> {
    let logs = logs(session, IUsageLedger::JobOpened::SIGNATURE_HASH, None).await?;
    logs.iter().map(opened).collect()
}

/// The job with this id, if there is one.
pub async fn find(session: &Session<'_>, id: B256) -> Result<Option<JobRecord>> {
    let logs = logs(session, IUsageLedger::JobOpened::SIGNATURE_HASH, Some(id)).await?;
    logs.first().map(opened).transpose()
}

/// The job that a user means: `latest`, an id, or the beginning of one.
///
/// # Errors
/// Input: `run.no_jobs`, `run.unknown_job`, `run.ambiguous_job`.
pub async fn resolve(session: &Session<'_>, text: &str) -> Result<JobRecord> {
    let mut jobs = all(session).await?;
    if jobs.is_empty() {
        return Err(Error::input("run.no_jobs", "no job was opened yet").hint("open one with `dgov run open`"));
    }
    let named = |job: &JobRecord| text.starts_with("0x") && job.id.to_string().starts_with(&text.to_lowercase());
    let found: Vec<usize> = match text {
        "latest" => vec![jobs.len() - 1],
        _ => jobs.iter().enumerate().filter(|(_, job)| named(job)).map(|(index, _)| index).collect(),
    };
    match found.as_slice() {
        [index] => Ok(jobs.swap_remove(*index)),
        [] => Err(Error::input("run.unknown_job", format!("there is no job `{text}`"))
            .hint("`dgov run show` lists them; `latest` is the last one")),
        several => {
            let message = format!("`{text}` is the beginning of {} jobs", several.len());
            Err(Error::input("run.ambiguous_job", message)
                .hint("write more digits; `dgov run show --json` has them all"))
        }
    }
}

/// Where a job stands now.
pub async fn state(session: &Session<'_>, id: B256) -> Result<Job> {
    let ledger = IUsageLedger::new(session.suite()?.ledger, &session.connection.provider);
    ledger.jobOf(id).call().await.map_err(|error| contract_error(&session.connection, "reading a job", error))
}

/// The last report of a job; a struck one counts until another comes.
pub async fn last_report(session: &Session<'_>, id: B256) -> Result<Option<ReportRecord>> {
    let logs = logs(session, IUsageLedger::Reported::SIGNATURE_HASH, Some(id)).await?;
    let Some(log) = logs.last() else { return Ok(None) };
    let event = decode::<IUsageLedger::Reported>(log)?;
    Ok(Some(ReportRecord {
        round: event.round,
        receipt: event.receiptDigest,
        lines: event.lines,
        transaction: log.transaction_hash.unwrap_or_default(),
    }))
}

/// The last report of a job that must have one.
///
/// # Errors
/// Integrity: `run.report_missing`.
pub async fn require_report(session: &Session<'_>, id: B256) -> Result<ReportRecord> {
    last_report(session, id).await?.ok_or_else(|| {
        Error::integrity("run.report_missing", format!("job {id} has a report, but the node shows no event of it"))
            .hint("the node does not have all events; use another rpc-url")
    })
}

/// keccak256(abi.encode(lines)).
pub fn lines_hash(lines: &[UsageLine]) -> B256 {
    keccak256(lines.to_vec().abi_encode())
}

/// The version with this key, if it is of this project.
pub fn version(view: &View, key: B256) -> Option<&VersionRecord> {
    view.versions.iter().find(|record| record.key == key)
}

/// `raccoon@2`, or the key where nobody here knows the version.
pub fn version_name(session: &Session<'_>, view: &View, key: B256) -> String {
    version(view, key).map_or_else(
        || key.to_string(),
        |record| format!("{}@{}", lookup::name_of(session, view, record.version.datasetId), record.version.number),
    )
}

/// What each payee with a line gets, in the order of the payees: min(cap, floor(amount * weight / all weights)).
pub fn parts(job: &JobRecord, lines: &[UsageLine]) -> Vec<(B256, U256)> {
    let all: U256 = lines.iter().map(|line| U256::from(line.weight)).sum();
    let part = |payee: &JobPayee| {
        let line = lines.iter().find(|line| line.versionKey == payee.versionKey)?;
        let share = job.amount * U256::from(line.weight) / all;
        Some((payee.versionKey, share.min(U256::from(payee.cap))))
    };
    job.payees.iter().filter_map(part).collect()
}

/// What is credited to an account and not yet pulled.
pub async fn credit(session: &Session<'_>, account: Address, currency: Address) -> Result<U256> {
    let ledger = IUsageLedger::new(session.suite()?.ledger, &session.connection.provider);
    let credit = ledger.creditOf(account, currency).call().await;
    credit.map_err(|error| contract_error(&session.connection, "reading a credit", error))
}

/// Whether the vault takes a token.
pub async fn is_allowed(session: &Session<'_>, currency: Address) -> Result<bool> {
    if currency.is_zero() {
        return Ok(true);
    }
    let vault = IRoyaltyVault::new(session.suite()?.vault, &session.connection.provider);
    let allowed = vault.isAllowed(currency).call().await;
    allowed.map_err(|error| contract_error(&session.connection, "asking for the vault's currencies", error))
}

/// The state as a word.
pub fn state_name(state: JobState) -> &'static str {
    match state {
        JobState::None => "none",
        JobState::Open => "open",
        JobState::Reported => "reported",
        JobState::Held => "held",
        JobState::Struck => "struck",
        JobState::Settled => "settled",
        JobState::Refunded => "refunded",
        // The generated enumeration has a member for values that the contract can't return.
        JobState::__Invalid => "unknown",
    }
}

async fn logs(session: &Session<'_>, event: B256, job: Option<B256>) -> Result<Vec<Log>> {
    let mut filter = Filter::new().address(session.suite()?.ledger).event_signature(event);
    if let Some(id) = job {
        filter = filter.topic1(id);
    }
    matching_logs(&session.connection.provider, filter, session.network_lock()?.block).await
}

fn opened(log: &Log) -> Result<JobRecord> {
    let event = decode::<IUsageLedger::JobOpened>(log)?;
    Ok(JobRecord {
        id: event.jobId,
        payer: event.payer,
        signer_set: event.signerSetId,
        currency: event.currency,
        amount: U256::from(event.amount),
        payees: event.payees,
        transaction: log.transaction_hash.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_those_of_the_contract() {
        let key = B256::repeat_byte;
        let payee = |byte, cap| JobPayee { versionKey: key(byte), cap };
        let line = |byte, weight| UsageLine { versionKey: key(byte), weight };
        let job = JobRecord {
            id: B256::ZERO,
            payer: Address::ZERO,
            signer_set: B256::ZERO,
            currency: Address::ZERO,
            amount: U256::from(101),
            payees: vec![payee(1, u128::MAX), payee(2, u128::MAX), payee(3, 10), payee(4, 5)],
            transaction: B256::ZERO,
        };
        let lines = [line(1, 2), line(2, 1), line(3, 3), line(5, 1)];
        let expected = [(key(1), U256::from(28)), (key(2), U256::from(14)), (key(3), U256::from(10))];
        assert_eq!(parts(&job, &lines), expected);
        assert_eq!(parts(&job, &[]), []);
    }
}
