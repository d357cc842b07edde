//! `dgov oracle attest`: an oracle signs what a job used; with enough signatures the report is sent.

use alloy::primitives::{Address, B256, Bytes, U256};
use alloy::providers::Provider;
use alloy::signers::SignerSync;
use alloy::sol_types::SolCall;
use camino::Utf8Path;
use cid::Cid;
use cid::multihash::Multihash;
use dgov_contracts::eip712;
use dgov_contracts::usage::{IUsageLedger, Job, JobState, UsageLine, UsageReport};
use serde::Serialize;

use super::report_file::{self, ReportFile};
use super::usage;
use crate::chain::signers::Account;
use crate::commands::TxArgs;
use crate::error::{Error, ErrorKind, Result};
use crate::ops::apply::{self, Applied, Call, Operation, TxReport};
use crate::ops::run::jobs::{self, JobRecord, ReportRecord};
use crate::ops::run::signers::SignerSet;
use crate::ops::view::unreachable;
use crate::ops::{documents, times};
use crate::session::Session;
use crate::ui::Report;

const VERB: &str = "oracle attest";
/// Codec of a block of bytes, and the code of sha2-256.
const RAW: u64 = 0x55;
const SHA2_256: u64 = 0x12;
/// What every gateway gives as one block.
const MOST_BYTES: usize = 1 << 20;

/// What is to be reported.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// Job id, a unique beginning of it, or `latest`.
    pub job: &'a str,
    /// What was used.
    pub usage: &'a Utf8Path,
    /// The document that shows it; made from the usage unless given.
    pub receipts: Option<&'a Utf8Path>,
    /// Where signatures are collected.
    pub signatures: Option<&'a Utf8Path>,
    /// The job's oracles, where neither the file nor this project knows them.
    pub oracles: &'a [String],
    /// How many of them must sign.
    pub threshold: Option<u64>,
}

/// The report, signed and perhaps sent.
#[derive(Debug, Serialize)]
pub struct AttestReport {
    /// The job.
    pub job_id: B256,
    /// What was used.
    pub lines: Vec<LineRow>,
    /// sha256 of the receipts.
    pub receipt_digest: B256,
    /// CID of the receipts in the content store.
    pub receipt_cid: String,
    /// The report's number, from 0.
    pub round: u8,
    /// Who signed so far, ascending.
    pub signed_by: Vec<String>,
    /// How many must.
    pub threshold: u64,
    /// File with the signatures.
    pub file: Option<String>,
    /// Whether the chain has the report.
    pub reported: bool,
    /// The transaction that had reported it before; null unless there was one.
    pub reported_before: Option<B256>,
    /// From when it can be settled; null while it is not reported.
    pub settle_at: Option<String>,
    /// What was sent.
    #[serde(flatten)]
    pub sent: TxReport,
}

/// A line of the report.
#[derive(Debug, Serialize)]
pub struct LineRow {
    /// The dataset with its version's number.
    pub dataset: String,
    /// The version.
    pub version_key: B256,
    /// Records used.
    pub records: u64,
}

impl Report for AttestReport {
    fn human(&self) -> String {
        let signed = format!("{} of {} signatures", self.signed_by.len(), self.threshold);
        let mut text = match (self.reported_before, self.reported, self.sent.is_plan()) {
            (Some(hash), ..) => format!("job {} was reported so already in {hash}; nothing to do\n", self.job_id),
            (None, true, _) => format!("reported job {}\n", self.job_id),
            (None, false, true) => format!("would report job {} with {signed}\n", self.job_id),
            (None, false, false) => format!("signed the report of job {}: {signed}\n", self.job_id),
        };
        for line in &self.lines {
            text.push_str(&format!("  {}: {} records\n", line.dataset, line.records));
        }
        text.push_str(&format!("  receipts {}\n", self.receipt_cid));
        if let Some(time) = &self.settle_at {
            text.push_str(&format!("  can be challenged until {time}, and settled then\n"));
        } else if let (Some(file), false) = (&self.file, self.reported) {
            text.push_str(&format!("hand {file} to the next oracle: dgov oracle attest … --signatures {file}\n"));
        }
        text + &self.sent.human()
    }
}

/// Signs the report of a job, collects signatures, and sends it once there are enough.
///
/// # Errors
/// Those of the usage file and of the signature file; `oracle.over`, `oracle.late`, `oracle.reported_otherwise`,
/// `oracle.set_unknown`, `oracle.set_differs`, `oracle.not_in_set`, `oracle.signature_invalid`,
/// `oracle.file_required`, and those of sending.
pub async fn attest(session: &Session<'_>, options: &Options<'_>, tx: &TxArgs) -> Result<AttestReport> {
    let record = jobs::resolve(session, options.job).await?;
    let view = session.view().await?;
    let lines = usage::read(session, &view, &record, options.usage)?;
    let document = match options.receipts {
        Some(path) => fs_err::read(path)?,
        None => usage::document(session, &view, record.id, &lines)?,
    };
    let receipt = documents::digest(&document);
    let receipt_cid = receipt_cid(receipt)?;
    let job = jobs::state(session, record.id).await?;
    let last = jobs::last_report(session, record.id).await?;
    let mut report = AttestReport {
        job_id: record.id,
        lines: lines
            .iter()
            .map(|line| LineRow {
                dataset: jobs::version_name(session, &view, line.versionKey),
                version_key: line.versionKey,
                records: line.weight,
            })
            .collect(),
        receipt_digest: receipt,
        receipt_cid: receipt_cid.to_string(),
        round: job.round,
        signed_by: Vec::new(),
        threshold: 0,
        file: None,
        reported: false,
        reported_before: None,
        settle_at: None,
        sent: TxReport { dry_run: tx.dry_run, ..TxReport::default() },
    };

    if job.state != JobState::Open && job.state != JobState::Struck {
        let before = require_same(&record, &job, last, &lines, receipt)?;
        report.round = before.round;
        report.reported = true;
        report.reported_before = Some(before.transaction);
        report.settle_at = settle_at(&job);
        let operation = Operation { verb: VERB, key: key(&record, before.round, &lines, receipt), calls: Vec::new() };
        report.sent = apply::apply(session, operation, tx).await?.report();
        return Ok(report);
    }
    require_time(session, &record, &job).await?;
    let file = options.signatures.map(report_file::read).transpose()?.flatten();
    let set = signer_set(session, options, &record, file.as_ref())?;
    let usage_report = UsageReport {
        jobId: record.id,
        signerSetId: record.signer_set,
        lines: lines.clone(),
        receiptDigest: receipt,
        nonce: U256::from(job.round),
        // The same for all oracles, whenever they sign.
        deadline: U256::from(job.deadline),
    };
    let mut collected = ReportFile::new(session, &usage_report, set.clone())?;
    if let (Some(other), Some(path)) = (file, options.signatures) {
        collected.merge(other, path)?;
    }
    sign(session, &usage_report, &mut collected, tx)?;
    check(session, &usage_report, &collected).await?;
    report.threshold = set.threshold;
    report.signed_by = collected.signatures.keys().map(|signer| signer.to_checksum(None)).collect();
    let complete = collected.signatures.len() as u64 >= set.threshold;
    if !complete && options.signatures.is_none() {
        let message = format!("{} oracles must sign, and the others need what this one signed", set.threshold);
        return Err(Error::usage("oracle.file_required", message)
            .hint("add --signatures FILE, and hand the file to the next oracle"));
    }
    if !tx.dry_run {
        store(session, &receipt_cid, &document)?;
        if let Some(path) = options.signatures {
            report_file::write(path, &collected)?;
        }
    }
    report.file = options.signatures.map(ToString::to_string);
    if !complete {
        return Ok(report);
    }

    let calls = calls(session, &record, &job, last.as_ref(), &set, usage_report, &collected)?;
    let operation = Operation { verb: VERB, key: key(&record, job.round, &lines, receipt), calls };
    match apply::apply(session, operation, tx).await? {
        Applied::Done(sent) => {
            report.reported = true;
            report.settle_at = settle_at(&jobs::state(session, record.id).await?);
            report.sent = sent;
        }
        Applied::Planned(sent) => report.sent = sent,
    }
    Ok(report)
}

/// What sends the report; a job whose last report was struck is opened again before.
fn calls(
    session: &Session<'_>,
    record: &JobRecord,
    job: &Job,
    last: Option<&ReportRecord>,
    set: &SignerSet,
    report: UsageReport,
    collected: &ReportFile,
) -> Result<Vec<Call>> {
    let ledger = session.suite()?.ledger;
    let mut calls = Vec::new();
    if let (JobState::Struck, Some(last)) = (job.state, last) {
        let data = IUsageLedger::reopenCall {
            jobId: record.id,
            signerSetId: record.signer_set,
            linesHash: jobs::lines_hash(&last.lines),
        };
        calls.push(Call::new("reopen", "open a job again whose report was struck", ledger, data.abi_encode()));
    }
    // No more than are needed: each costs.
    let needed = usize::try_from(set.threshold).unwrap_or(usize::MAX);
    let mut positions = Vec::new();
    let mut signatures = Vec::new();
    for (signer, signature) in collected.signatures.iter().take(needed) {
        let position = set.signers.binary_search(signer).ok().and_then(|position| u8::try_from(position).ok());
        positions.push(position.ok_or_else(|| Error::bug("a signature of an account that is not in the set"))?);
        signatures.push(signature.clone());
    }
    let data = IUsageLedger::reportCall {
        report_: report,
        threshold: U256::from(set.threshold),
        signers: set.signers.clone(),
        positions: positions.into(),
        signatures,
    };
    let description = format!("report what job {} used", crate::ops::names::short(record.id));
    let call = Call::new("report", description, ledger, data.abi_encode());
    calls.push(if calls.is_empty() { call } else { call.after_others() });
    Ok(calls)
}

/// A job that is not open has this very report, or none that can be made now.
fn require_same(
    record: &JobRecord,
    job: &Job,
    last: Option<ReportRecord>,
    lines: &[UsageLine],
    receipt: B256,
) -> Result<ReportRecord> {
    let id = record.id;
    let last = last.filter(|_| job.state != JobState::Refunded).ok_or_else(|| {
        Error::new(ErrorKind::Reverted, "oracle.over", format!("job {id} was refunded"))
            .hint("there is nothing left to report")
    })?;
    if last.lines == lines && last.receipt == receipt {
        return Ok(last);
    }
    let message = format!("job {id} was reported otherwise in {}", last.transaction);
    Err(Error::new(ErrorKind::Reverted, "oracle.reported_otherwise", message)
        .hint("compare with `dgov run show`; a wrong report can be challenged with `dgov dispute open`"))
}

async fn require_time(session: &Session<'_>, record: &JobRecord, job: &Job) -> Result<()> {
    let deadline = job.deadline.to::<u64>();
    if session.next_time().await? <= deadline {
        return Ok(());
    }
    let message = format!("job {} could be reported until {}", record.id, times::rfc3339(deadline));
    Err(Error::new(ErrorKind::Reverted, "oracle.late", message).hint("its payer takes the escrow back now"))
}

/// The set: of the file, of the flags, or what this project kept; what it is the hash of is on chain.
fn signer_set(
    session: &Session<'_>,
    options: &Options<'_>,
    record: &JobRecord,
    file: Option<&ReportFile>,
) -> Result<SignerSet> {
    let given = match file {
        Some(file) => Some(file.set.clone()),
        None if options.oracles.is_empty() => None,
        None => Some(SignerSet::of(session, options.oracles, options.threshold)?),
    };
    let Some(set) = given else {
        return SignerSet::kept(session, record.id, record.signer_set).ok_or_else(|| {
            let message = format!("this project does not know the oracles of job {}", record.id);
            Error::input("oracle.set_unknown", message)
                .hint("name them as the payer did: --oracle … --threshold …; `dgov run open --json` told them")
        });
    };
    if set.id()? == record.signer_set {
        return Ok(set);
    }
    let message = format!("these are not the oracles with which job {} was opened", record.id);
    Err(Error::input("oracle.set_differs", message).hint("ask the payer which accounts and which --threshold it named"))
}

/// Adds the account's signature where it is an oracle of the job and has not signed; others may send what is complete.
fn sign(session: &Session<'_>, report: &UsageReport, collected: &mut ReportFile, tx: &TxArgs) -> Result<()> {
    let account = session.account()?;
    if collected.signatures.contains_key(&account) {
        return Ok(());
    }
    let complete = collected.signatures.len() as u64 >= collected.set.threshold;
    if collected.set.signers.binary_search(&account).is_err() {
        if complete {
            return Ok(());
        }
        let message = format!("{account} is none of the oracles of job {}", report.jobId);
        return Err(Error::unauthorized("oracle.not_in_set", message).hint("choose an oracle's account with --from"));
    }
    if complete && tx.unsigned.is_some() {
        return Ok(());
    }
    let signature = signature(session, report, &session.signing_account()?)?;
    collected.signatures.insert(account, signature);
    Ok(())
}

fn signature(session: &Session<'_>, report: &UsageReport, account: &Account) -> Result<Bytes> {
    let digest = eip712::digest(report, &eip712::domain(session.connection.chain_id, session.suite()?.ledger));
    let signature = account.signer()?.sign_hash_sync(&digest).map_err(|error| {
        Error::unauthorized("signer.failed", format!("{} did not sign", account.address))
            .caused_by(&error)
            .hint("check the key of this account")
    })?;
    Ok(signature.as_bytes().to_vec().into())
}

/// Every signature is by an oracle of the set, and holds. Those of contract accounts are for the chain to judge.
async fn check(session: &Session<'_>, report: &UsageReport, collected: &ReportFile) -> Result<()> {
    let domain = eip712::domain(session.connection.chain_id, session.suite()?.ledger);
    for (signer, signature) in &collected.signatures {
        let invalid = |signer: &Address| {
            let message = format!("the signature of {signer} is not one of this report by an oracle of the job");
            Error::integrity("oracle.signature_invalid", message).hint("remove it from the file, or begin a new file")
        };
        if collected.set.signers.binary_search(signer).is_err() {
            return Err(invalid(signer));
        }
        if let Err(error) = eip712::verify(report, &domain, *signer, signature) {
            let code = session.connection.provider.get_code_at(*signer).await.map_err(unreachable)?;
            if code.is_empty() {
                return Err(invalid(signer).caused_by(&error));
            }
        }
    }
    Ok(())
}

/// The receipts as one block: the digest inside its CID is the digest on chain.
fn receipt_cid(digest: B256) -> Result<Cid> {
    let hash = Multihash::wrap(SHA2_256, digest.as_slice())
        .map_err(|error| Error::bug("a 32-byte digest is no multihash").caused_by(&error))?;
    Ok(Cid::new_v1(RAW, hash))
}

fn store(session: &Session<'_>, cid: &Cid, bytes: &[u8]) -> Result<()> {
    if bytes.len() > MOST_BYTES {
        let message = format!("the receipts have {} bytes, a document has {MOST_BYTES} at most", bytes.len());
        return Err(Error::input("oracle.receipts_too_large", message)
            .hint("give a list of the receipts with their digests instead"));
    }
    session.local_store().put_block(cid, bytes)
}

fn key(record: &JobRecord, round: u8, lines: &[UsageLine], receipt: B256) -> String {
    format!("{}:{round}:{}", record.id, usage::fingerprint(lines, receipt))
}

fn settle_at(job: &Job) -> Option<String> {
    let time = job.settleAt.to::<u64>();
    (time != 0).then(|| times::rfc3339(time))
}
