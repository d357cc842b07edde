//! `dgov validator attest`: a validator's word on the quality of a version, with stake behind it.

use alloy::primitives::{Address, B256, U256};
use alloy::rpc::types::Filter;
use alloy::sol_types::{SolCall, SolEvent};
use camino::Utf8Path;
use dgov_contracts::stake::{IValidatorStake, LockState};
use serde::Serialize;

use super::position;
use crate::commands::TxArgs;
use crate::error::{Error, ErrorKind, Result};
use crate::manifest::values::Share;
use crate::ops::apply::{self, Applied, Call, Operation, TxReport};
use crate::ops::view::{decode, matching_logs};
use crate::ops::{documents, lookup, names, times};
use crate::session::Session;
use crate::ui::Report;

/// Largest evidence document: one block, so that its digest on chain is also where it is found.
const EVIDENCE_LIMIT: usize = 1 << 20;

/// What is attested.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// Slug or id, with `@number` for another version than the latest.
    pub dataset: &'a str,
    /// E.g. `92.5%`.
    pub score: &'a str,
    /// The document that says why.
    pub evidence: &'a Utf8Path,
}

/// The attestation, made now or before.
#[derive(Debug, Serialize)]
pub struct AttestReport {
    /// Who attests.
    pub validator: String,
    /// The dataset.
    pub dataset: String,
    /// Its id.
    pub dataset_id: B256,
    /// Number of the version.
    pub version: u32,
    /// Key of the version.
    pub version_key: B256,
    /// Basis points.
    pub score_bps: u16,
    /// sha256 of the evidence.
    pub evidence: B256,
    /// CID of the evidence in the content store.
    pub evidence_cid: String,
    /// What a case against the attestation is opened on.
    pub lock_id: B256,
    /// Stake that is locked, wei.
    #[serde(serialize_with = "apply::decimal")]
    pub locked_wei: U256,
    /// Until when it can be challenged, RFC 3339; null while it is not on chain.
    pub challenge_until: Option<String>,
    /// Whether it was attested now.
    pub attested: bool,
    /// What was sent.
    #[serde(flatten)]
    pub sent: TxReport,
    /// The score and the locked stake for people.
    #[serde(skip)]
    texts: [String; 2],
}

impl Report for AttestReport {
    fn human(&self) -> String {
        let [score, locked] = &self.texts;
        let what = format!("{} version {} at {score}", self.dataset, self.version);
        let head = match (self.attested, self.challenge_until.is_some()) {
            (true, _) => format!("attested {what}, with {locked} locked\n"),
            (false, true) => format!("{} has attested {what} before; nothing to do\n", self.validator),
            (false, false) => format!("would attest {what}, with {locked} locked\n"),
        };
        let until = self
            .challenge_until
            .as_ref()
            .map_or_else(String::new, |time| format!("  can be challenged until {time}\n"));
        format!(
            "{head}  lock {}\n  evidence {} ({})\n{until}{}",
            self.lock_id,
            self.evidence,
            self.evidence_cid,
            self.sent.human()
        )
    }
}

/// Stores the evidence and attests, unless the same attestation is on chain.
///
/// # Errors
/// `usage.score`, `dataset.unknown`, `validator.evidence_invalid`, `validator.attested_before`,
/// `validator.stake_insufficient`, and those of sending.
pub async fn attest(session: &Session<'_>, options: &Options<'_>, tx: &TxArgs) -> Result<AttestReport> {
    let score: Share = options.score.parse().map_err(|error: crate::manifest::values::ValueError| {
        Error::usage("usage.score", error.message).hint("write a percentage from 0% to 100%")
    })?;
    let bytes = evidence(options.evidence)?;
    let digest = documents::digest(&bytes);
    let cid = names::raw_cid(digest)?;
    let view = session.view().await?;
    let target = lookup::target(session, &view, options.dataset)?;
    let account = session.account()?;
    let contract = position::contract(session)?;
    let failed = position::failed(session);
    let key = target.version.key;
    let lock_id = contract.attestationIdOf(account, key).call().await.map_err(&failed)?;
    let settings = contract.settings().call().await.map_err(&failed)?;
    let lock = contract.lockOf(lock_id).call().await.map_err(&failed)?;
    let mut report = AttestReport {
        validator: account.to_checksum(None),
        dataset: target.name.clone(),
        dataset_id: target.id,
        version: target.number(),
        version_key: key,
        score_bps: score.bps(),
        evidence: digest,
        evidence_cid: cid.to_string(),
        lock_id,
        locked_wei: U256::from(settings.attestationLock),
        challenge_until: None,
        attested: false,
        sent: TxReport { dry_run: tx.dry_run, ..TxReport::default() },
        texts: [score.to_string(), session.show_amount(U256::from(settings.attestationLock), Address::ZERO)],
    };
    let work = format!("{account}:{key}:{}:{digest}", score.bps());
    if lock.state != LockState::None {
        require_same(session, lock_id, &report).await?;
        report.challenge_until = Some(times::rfc3339(lock.until.to()));
        // A command that was killed before it could say so is done.
        apply::close(session, VERB, &work).await?;
        return Ok(report);
    }
    let free = position::free(&position::of(session, account).await?);
    if free < report.locked_wei {
        let show = |amount| session.show_amount(amount, Address::ZERO);
        let message = format!(
            "an attestation locks {}, and {account} has {} of free active stake",
            show(report.locked_wei),
            show(free)
        );
        return Err(Error::new(ErrorKind::Reverted, "validator.stake_insufficient", message)
            .hint("add stake with `dgov validator stake`; what is over is freed by `dgov validator unstake`"));
    }
    if !tx.dry_run {
        session.local_store().put_block(&cid, &bytes)?;
    }
    let data = IValidatorStake::attestCall { versionKey: key, score: score.bps(), evidence: digest }.abi_encode();
    let description = format!("attest {} version {} at {score}", target.name, target.number());
    let call = Call::new("attest", description, *contract.address(), data);
    let applied = apply::apply(session, Operation { verb: VERB, key: work, calls: vec![call] }, tx).await?;
    report.attested = matches!(applied, Applied::Done(_));
    report.sent = applied.report();
    if report.attested {
        let lock = contract.lockOf(lock_id).call().await.map_err(&failed)?;
        report.challenge_until = Some(times::rfc3339(lock.until.to()));
    }
    Ok(report)
}

const VERB: &str = "validator attest";

fn evidence(path: &Utf8Path) -> Result<Vec<u8>> {
    let bytes = fs_err::read(path)?;
    let invalid = |what: &str| Error::input("validator.evidence_invalid", format!("{path} {what}"));
    if bytes.is_empty() {
        return Err(invalid("is empty").hint("the evidence says what was checked and what came of it"));
    }
    if bytes.len() > EVIDENCE_LIMIT {
        return Err(invalid("is larger than 1 MiB").hint("write a report that names what is large by its digest"));
    }
    Ok(bytes)
}

/// What is on chain must be what is attested now: a validator has one word on a version.
async fn require_same(session: &Session<'_>, lock_id: B256, report: &AttestReport) -> Result<()> {
    let filter = Filter::new()
        .address(session.suite()?.stake)
        .event_signature(IValidatorStake::Attested::SIGNATURE_HASH)
        .topic1(lock_id);
    let logs = matching_logs(&session.connection.provider, filter, session.network_lock()?.block).await?;
    let before = logs.first().map(decode::<IValidatorStake::Attested>).transpose()?;
    match before {
        Some(event) if (event.score, event.evidence) != (report.score_bps, report.evidence) => {
            let score = Share::from_bps(event.score).unwrap_or_default();
            let message = format!(
                "{} attested {} version {} before, at {score} with evidence {}",
                report.validator, report.dataset, report.version, event.evidence
            );
            Err(Error::input("validator.attested_before", message)
                .hint("an attestation can't be changed; a new version of the dataset can be attested anew"))
        }
        _ => Ok(()),
    }
}
