//! `dgov dispute open`: a case on a version, an attestation or a usage report.

use alloy::primitives::{Address, B256, U256};
use alloy::rpc::types::Filter;
use alloy::sol_types::{SolCall, SolEvent};
use camino::Utf8Path;
use dgov_contracts::court::IDisputeCourt;
use dgov_contracts::stake::{IValidatorStake, LockKind, LockState};
use dgov_contracts::suite::Status;
use dgov_contracts::usage::{IUsageLedger, JobState};
use serde::Serialize;

use super::cases::{self, CaseStatus};
use super::document::Document;
use super::{bond_of, too_late};
use crate::chain::reverts::contract_error;
use crate::commands::TxArgs;
use crate::error::{Error, ErrorKind, Result};
use crate::ops::apply::{self, Applied, Call, Operation, TxReport, decimal};
use crate::ops::view::{View, decode, matching_logs};
use crate::ops::{lookup, names};
use crate::session::Session;
use crate::ui::Report;

/// What is challenged.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// Slug or id, with `@number` for another version than the latest.
    Version(&'a str),
    /// Id of an attestation.
    Attestation(&'a str),
    /// Id of a usage job.
    Report(&'a str),
}

/// A case, opened now or before.
#[derive(Debug, Serialize)]
pub struct OpenReport {
    /// Number of the case; null while it is not on chain.
    pub case_id: Option<u64>,
    /// What it is about, for people.
    pub about: String,
    /// Version key, or id of the attestation or the usage job.
    pub subject: B256,
    /// sha256 of the evidence.
    pub evidence: B256,
    /// Where the evidence is stored.
    pub uri: String,
    /// What was brought.
    #[serde(serialize_with = "decimal")]
    pub bond_wei: U256,
    /// Whether this account had opened it before with the same evidence.
    pub already: bool,
    /// The case; null while it is not on chain.
    pub case: Option<CaseStatus>,
    /// What was sent.
    #[serde(flatten)]
    pub sent: TxReport,
    #[serde(skip)]
    bond_text: String,
}

impl Report for OpenReport {
    fn human(&self) -> String {
        let head = match (self.already, self.case_id) {
            (true, Some(id)) => format!("case {id} on {} was opened with this evidence already\n", self.about),
            (_, Some(id)) => format!("opened case {id} on {} with a bond of {}\n", self.about, self.bond_text),
            (_, None) => format!("would open a case on {} with a bond of {}\n", self.about, self.bond_text),
        };
        let mut text = format!("{head}  evidence {} at {}\n{}", self.evidence, self.uri, self.sent.human());
        if let Some(line) = self.case.as_ref().and_then(|case| super::next::sentence(&case.standing)) {
            text.push_str(&format!("it waits for an answer {line}\n"));
        }
        text
    }
}

/// What the chain says of a subject.
struct Found {
    about: String,
    key: B256,
    at_stake: U256,
    data: Vec<u8>,
}

/// Opens a case unless this account has opened one on the subject with this evidence.
///
/// # Errors
/// `dispute.case_open`, `dispute.evidence_used`, `dispute.not_challengeable`, `dispute.too_late`,
/// `dispute.unknown_attestation`, `dispute.no_report`, `dispute.bond_too_small`, `evidence.*`, and those of sending.
pub async fn open(
    session: &Session<'_>,
    subject: Subject<'_>,
    evidence: &Utf8Path,
    bond: Option<&str>,
    tx: &TxArgs,
) -> Result<OpenReport> {
    let document = Document::read(session, evidence)?;
    let view = session.view().await?;
    let account = session.account()?;
    let found = find(session, &view, subject, &document).await?;
    let before = opened_with(session, found.key, document.digest).await?;
    let mut report = OpenReport {
        case_id: None,
        about: found.about.clone(),
        subject: found.key,
        evidence: document.digest,
        uri: document.uri.clone(),
        bond_wei: U256::ZERO,
        already: false,
        case: None,
        sent: TxReport { dry_run: tx.dry_run, ..TxReport::default() },
        bond_text: String::new(),
    };
    let key = format!("{}:{}", found.key, document.digest);
    if let Some((id, challenger)) = before {
        if challenger != account {
            let message = format!("case {id} on {} was opened with this evidence, by {challenger}", found.about);
            return Err(Error::new(ErrorKind::Reverted, "dispute.evidence_used", message).hint(format!(
                "join it while it is open (`dgov dispute join {id} --side challenger`), or bring evidence that is new"
            )));
        }
        let done = Operation { verb: VERB, key, calls: Vec::new() };
        report.sent = apply::apply(session, done, tx).await?.report();
        report.bond_wei =
            cases::bond_on(session, U256::from(id), dgov_contracts::court::Side::Challenger, account).await?;
        (report.already, report.case_id) = (true, Some(id));
        report.case = Some(cases::load(session, &view, id).await?);
        return Ok(report);
    }
    require_free(session, &found).await?;
    require_challengeable(session, &view, subject, &found).await?;

    let court = IDisputeCourt::new(session.suite()?.court, &session.connection.provider);
    let least = court.bondFor(found.key, found.at_stake).call().await;
    let least = least.map_err(|error| contract_error(&session.connection, "asking for the bond", error))?;
    report.bond_wei = bond_of(session, bond, least)?;
    report.bond_text = session.show_amount(report.bond_wei, Address::ZERO);
    if !tx.dry_run {
        document.store(session).await?;
    }
    let description = format!("open a case on {} for {}", found.about, report.bond_text);
    let call = Call::new("open", description, session.suite()?.court, found.data.clone()).with_value(report.bond_wei);
    let applied = apply::apply(session, Operation { verb: VERB, key, calls: vec![call] }, tx).await?;
    if matches!(applied, Applied::Done(_))
        && let Some((id, _)) = opened_with(session, found.key, document.digest).await?
    {
        report.case_id = Some(id);
        report.case = Some(cases::load(session, &view, id).await?);
    }
    report.sent = applied.report();
    Ok(report)
}

const VERB: &str = "dispute open";

/// Key, stake and call of a subject.
async fn find(session: &Session<'_>, view: &View, subject: Subject<'_>, document: &Document) -> Result<Found> {
    let suite = session.suite()?;
    let provider = &session.connection.provider;
    let failed = |error| contract_error(&session.connection, "reading what is challenged", error);
    let (evidence, uri) = (document.digest, document.uri.clone());
    match subject {
        Subject::Version(text) => {
            let target = lookup::target(session, view, text)?;
            let (dataset, number) = (target.id, target.number());
            let locks = IValidatorStake::new(suite.stake, provider);
            let lock = locks.lockOf(locks.backingIdOf(dataset).call().await.map_err(failed)?).call().await;
            let lock = lock.map_err(failed)?;
            // Cases on versions of one dataset hold its backing together.
            let counts = matches!(lock.state, LockState::Live | LockState::Held | LockState::Escrowed);
            let data = IDisputeCourt::openVersionCall { datasetId: dataset, number, evidence, uri }.abi_encode();
            let at_stake = if counts { U256::from(lock.amount) } else { U256::ZERO };
            let about = format!("version {number} of {}", target.name);
            Ok(Found { about, key: target.version.key, at_stake, data })
        }
        Subject::Attestation(text) => {
            let id = id_of("an attestation", text)?;
            let lock = IValidatorStake::new(suite.stake, provider).lockOf(id).call().await.map_err(failed)?;
            if lock.kind != LockKind::Attestation {
                return Err(Error::input("dispute.unknown_attestation", format!("there is no attestation {id}"))
                    .hint("a dataset's backing is challenged by a case on one of its versions"));
            }
            let data = IDisputeCourt::openAttestationCall { lockId: id, evidence, uri }.abi_encode();
            let about = format!("attestation {}", names::short(id));
            Ok(Found { about, key: id, at_stake: U256::from(lock.amount), data })
        }
        Subject::Report(text) => {
            let id = id_of("a usage job", text)?;
            let job = IUsageLedger::new(suite.ledger, provider).jobOf(id).call().await.map_err(failed)?;
            if job.state == JobState::None {
                return Err(Error::input("dispute.no_report", format!("there is no usage job {id}"))
                    .hint("give the id of the job whose report is challenged"));
            }
            let data = IDisputeCourt::openReportCall { jobId: id, evidence, uri }.abi_encode();
            // Amounts of tokens do not count for bonds.
            let at_stake = if job.currency.is_zero() { U256::from(job.amount) } else { U256::ZERO };
            Ok(Found { about: format!("the report of job {}", names::short(id)), key: id, at_stake, data })
        }
    }
}

fn id_of(what: &str, text: &str) -> Result<B256> {
    names::word(text).ok_or_else(|| {
        Error::usage("usage.id", format!("`{text}` is not the id of {what}")).hint("write 0x and 64 hexadecimal digits")
    })
}

/// The case that was opened on a subject with this evidence, and by whom.
async fn opened_with(session: &Session<'_>, subject: B256, evidence: B256) -> Result<Option<(u64, Address)>> {
    let filter = Filter::new()
        .address(session.suite()?.court)
        .event_signature(IDisputeCourt::CaseOpened::SIGNATURE_HASH)
        .topic2(subject);
    for log in matching_logs(&session.connection.provider, filter, session.network_lock()?.block).await? {
        let event = decode::<IDisputeCourt::CaseOpened>(&log)?;
        if event.evidence == evidence {
            return Ok(Some((event.caseId.saturating_to(), event.challenger)));
        }
    }
    Ok(None)
}

async fn require_free(session: &Session<'_>, found: &Found) -> Result<()> {
    let court = IDisputeCourt::new(session.suite()?.court, &session.connection.provider);
    let open = court.openCaseOf(found.key).call().await;
    let open = open.map_err(|error| contract_error(&session.connection, "asking for open cases", error))?;
    if open.is_zero() {
        return Ok(());
    }
    let message = format!("{} has an open case already, {open}", found.about);
    Err(Error::new(ErrorKind::Reverted, "dispute.case_open", message).hint(format!(
        "bring your evidence there (`dgov dispute evidence {open} FILE`) and join it (`dgov dispute join {open} --side \
         challenger`); when it is over without a loss, a new case with new evidence can be opened"
    )))
}

/// What the modules would refuse, with what to do instead.
async fn require_challengeable(session: &Session<'_>, view: &View, subject: Subject<'_>, found: &Found) -> Result<()> {
    let suite = session.suite()?;
    let provider = &session.connection.provider;
    let failed = |error| contract_error(&session.connection, "reading what is challenged", error);
    let refused = |message: String| {
        Error::new(ErrorKind::Reverted, "dispute.not_challengeable", message)
            .hint("`dgov dispute show` lists the cases that were opened")
    };
    let now = session.next_time().await?;
    let window = |until: u64| {
        let hint = "what was not challenged in its time stands";
        if now < until { Ok(()) } else { Err(too_late(&format!("{} could be challenged", found.about), until, hint)) }
    };
    match subject {
        Subject::Version(_) => {
            let disputed = view.versions.iter().any(|known| known.key == found.key && known.status == Status::Disputed);
            if disputed { Err(refused(format!("{} is disputed already", found.about))) } else { Ok(()) }
        }
        Subject::Attestation(_) => {
            let lock = IValidatorStake::new(suite.stake, provider).lockOf(found.key).call().await.map_err(failed)?;
            if lock.state != LockState::Live {
                return Err(refused(format!("{} is over: its stake is free or lost", found.about)));
            }
            window(lock.until.to())
        }
        Subject::Report(_) => {
            let job = IUsageLedger::new(suite.ledger, provider).jobOf(found.key).call().await.map_err(failed)?;
            if job.state != JobState::Reported {
                return Err(refused(format!("{} is not there to be challenged", found.about)));
            }
            window(job.settleAt.to())
        }
    }
}
