//! `dgov data recall`, `deprecate` and `reinstate`: the status of a version, with the reason as a stored document.

use alloy::primitives::B256;
use alloy::sol_types::SolCall;
use dgov_contracts::suite::{IDatasetRegistry, Status};
use serde::Serialize;

use super::list::status_name;
use super::standing::Standing;
use crate::commands::TxArgs;
use crate::error::{Error, Result};
use crate::ops::apply::{self, Applied, Call, Operation, TxReport};
use crate::ops::lookup::{self, Target};
use crate::ops::notes::Note;
use crate::session::Session;
use crate::ui::{Report, Warning};

/// What is asked of a version.
pub struct Options<'a> {
    /// Dataset, with `@number` for another version than the latest.
    pub dataset: &'a str,
    /// The status it is to have.
    pub status: Status,
    /// File or words that say why.
    pub reason: Option<&'a str>,
    /// Version that replaces it.
    pub successor: Option<&'a str>,
}

/// A version and its status.
#[derive(Debug, Serialize)]
pub struct StatusReport {
    /// The dataset.
    pub dataset: String,
    /// Its id.
    pub dataset_id: B256,
    /// The version.
    pub version: u32,
    /// Its key.
    pub version_key: B256,
    /// What the chain has now; what it would have, in a plan.
    #[serde(flatten)]
    pub standing: Standing,
    /// The status that it had.
    pub previous: &'static str,
    /// Whether anything was changed.
    pub changed: bool,
    /// What was sent.
    #[serde(flatten)]
    pub sent: TxReport,
}

impl Report for StatusReport {
    fn human(&self) -> String {
        let what = format!("{} version {}", self.dataset, self.version);
        let phrase = self.standing.phrase();
        let mut text = match (self.changed, self.sent.is_plan()) {
            (true, _) => format!("{what} is now {phrase}\n"),
            (false, true) if !self.sent.transactions.is_empty() => format!("{what} would be {phrase}\n"),
            (false, _) => format!("{what} is {phrase} already; nothing to do\n"),
        };
        if let Some(cid) = &self.standing.evidence_cid {
            text.push_str(&format!("reason: {cid}\n"));
        }
        text + &self.sent.human()
    }
}

/// Sets the status unless the version has it. A successor that was not named before is added to it.
///
/// # Errors
/// Unauthorized: `dataset.not_owner`, `dataset.disputed`; input: those of [`Note::read`] and of finding the versions,
/// `dataset.successor_is_self`; those of sending.
pub async fn set(session: &Session<'_>, options: &Options<'_>, tx: &TxArgs) -> Result<StatusReport> {
    let verb = verb(options.status);
    let view = session.view().await?;
    let target = lookup::target(session, &view, options.dataset)?;
    let record = target.version;
    let reason = options.reason.map(Note::read).transpose()?;
    let successor = match options.successor {
        Some(name) => lookup::target(session, &view, name)?.version.key,
        None => B256::ZERO,
    };
    if successor == record.key {
        let message = format!("version {} of {} can't replace itself", target.number(), target.name);
        return Err(Error::input("dataset.successor_is_self", message).hint(format!(
            "name the newer version, e.g. --successor {}@{}",
            target.name,
            target.number() + 1
        )));
    }
    let evidence = reason.as_ref().map_or(B256::ZERO, |note| note.digest);
    let mut report = StatusReport {
        dataset: target.name.clone(),
        dataset_id: target.id,
        version: target.number(),
        version_key: record.key,
        standing: Standing::of(session, &view, record)?,
        previous: status_name(record.status),
        changed: false,
        sent: TxReport { dry_run: tx.dry_run, ..TxReport::default() },
    };
    // What was signed for this version and is not wanted any more must not be sent later.
    let prefix = format!("{}:", record.key);
    let is_there = record.status == options.status && (successor.is_zero() || successor == record.successor);
    if is_there {
        warn_of_other_reason(session, &target, evidence);
        if !tx.dry_run && tx.unsigned.is_none() {
            apply::close_where(session, verb, |key| key.starts_with(&prefix), None).await?;
        }
        return Ok(report);
    }
    require_right(session, &view, &target, options.status)?;
    if let Some(note) = reason.as_ref().filter(|_| !tx.dry_run) {
        note.store(session)?;
    }
    let (number, status) = (target.number(), status_name(options.status));
    let call =
        IDatasetRegistry::setStatusCall { datasetId: target.id, number, status: options.status, successor, evidence };
    let description = format!("set version {number} of {} to {status}", target.name);
    let call = Call::new("status", description, session.suite()?.registry, call.abi_encode());
    // A status can be set again after another one: how often it was changed is part of the work's name.
    let key = format!("{prefix}{status}:{successor}:{evidence}:{}", record.status_changes);
    let applied = apply::apply(session, Operation { verb, key, calls: vec![call] }, tx).await?;
    report.changed = matches!(applied, Applied::Done(_));
    report.sent = applied.report();
    let mut wanted = record.clone();
    (wanted.status, wanted.successor, wanted.evidence) = (options.status, successor, evidence);
    report.standing = Standing::of(session, &view, &wanted)?;
    Ok(report)
}

/// The verb in the ledger.
fn verb(status: Status) -> &'static str {
    match status {
        Status::Recalled => "data recall",
        Status::Deprecated => "data deprecate",
        _ => "data reinstate",
    }
}

/// The owner moves a version between active, deprecated and recalled; out of a dispute only the DAO does.
fn require_right(
    session: &Session<'_>,
    view: &crate::ops::view::View,
    target: &Target<'_>,
    status: Status,
) -> Result<()> {
    if target.version.status == Status::Disputed {
        let message = format!("version {} of {} is disputed: its status is the DAO's", target.number(), target.name);
        return Err(Error::unauthorized("dataset.disputed", message).hint(format!(
            "propose it: dgov gov propose --call registry:\"setStatus(bytes32,uint32,uint8,bytes32,bytes32)\":{},{},{},{},{}",
            target.id,
            target.number(),
            status as u8,
            B256::ZERO,
            B256::ZERO
        )));
    }
    let (owner, account) = (lookup::owner(view, target)?, session.account()?);
    if owner == account {
        return Ok(());
    }
    let message = format!("the status of dataset {} is for its owner, {owner}, to set, not for {account}", target.name);
    Err(Error::unauthorized("dataset.not_owner", message)
        .hint("choose the owner's account with --from; the DAO can have a version disputed by proposal"))
}

fn warn_of_other_reason(session: &Session<'_>, target: &Target<'_>, evidence: B256) {
    if evidence.is_zero() || evidence == target.version.evidence {
        return;
    }
    let status = status_name(target.version.status);
    let message = format!("version {} of {} is {status} for another reason already", target.number(), target.name);
    let hint = "the first reason stands; reinstate the version first to give another".to_owned();
    session.context.ui.warn(Warning { hint: Some(hint), ..Warning::new("dataset.reason_stands", message) });
}
