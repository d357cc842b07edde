//! `dgov run open`: an escrow for a training run, opened once for each content or reference.

use std::collections::BTreeMap;

use alloy::primitives::aliases::U40;
use alloy::primitives::{Address, B256, TxHash, U256, keccak256};
use alloy::sol_types::{SolCall, SolValue};
use dgov_contracts::ids;
use dgov_contracts::usage::{IUsageLedger, JobPayee, JobRequest, JobState};
use serde::Serialize;

use super::jobs::{self, JobRecord};
use super::signers::SignerSet;
use crate::commands::TxArgs;
use crate::error::{Error, ErrorKind, Result};
use crate::manifest::values::Duration;
use crate::ops::apply::{self, Applied, Call, Operation, TxReport};
use crate::ops::data::verify;
use crate::ops::lookup::{self, Target};
use crate::ops::view::View;
use crate::ops::{money, names, times};
use crate::session::Session;
use crate::ui::Report;

const VERB: &str = "run open";
/// The contract's limits.
const MOST_PAYEES: usize = 64;
const LONGEST: u64 = 3 * 365 * 86_400;

/// What is to be opened.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// Slugs or ids, with `@number` for another version than the latest.
    pub datasets: &'a [String],
    /// E.g. `0.5 ETH`.
    pub pay: &'a str,
    /// `NAME=AMOUNT`, NAME as among the datasets.
    pub caps: &'a [String],
    /// Accounts.
    pub oracles: &'a [String],
    /// How many of them must sign; all unless given.
    pub threshold: Option<u64>,
    /// How long they have, e.g. `30d`.
    pub deadline: &'a str,
    /// A text, or 32 bytes in 0x-hex.
    pub reference: Option<&'a str>,
}

/// The job, opened now or before.
#[derive(Debug, Serialize)]
pub struct OpenReport {
    /// Its id.
    pub job_id: B256,
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
    /// Who may be paid, and how much at most.
    pub payees: Vec<PayeeRow>,
    /// How many oracles must sign.
    pub threshold: u64,
    /// Who they are, ascending.
    pub oracles: Vec<String>,
    /// What the chain knows of them.
    pub signer_set_id: B256,
    /// Whether it was opened now.
    pub opened: bool,
    /// The transaction that had opened it before; null unless there was one.
    pub opened_before: Option<TxHash>,
    /// What was sent.
    #[serde(flatten)]
    pub sent: TxReport,
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
}

impl Report for OpenReport {
    fn human(&self) -> String {
        let what = format!("job {}: {} for a training run", self.job_id, self.amount_text);
        let head = match (self.opened_before, self.opened) {
            (Some(hash), _) => format!("opened already in {hash}\n{what}\n"),
            (None, true) => format!("opened {what}\n"),
            (None, false) => format!("would open {what}\n"),
        };
        let payees: Vec<_> = self.payees.iter().map(|payee| payee.dataset.as_str()).collect();
        format!(
            "{head}  may be paid: {}\n  reported until {} by {} of {}\n{}",
            payees.join(", "),
            self.deadline,
            self.threshold,
            self.oracles.join(", "),
            self.sent.human()
        )
    }
}

/// A payee as the user named it.
struct Payee<'v> {
    target: Target<'v>,
    /// Whether the version was named, too.
    pinned: bool,
    cap: Option<U256>,
}

/// Opens a job, unless it is on chain. Its nonce comes from what was asked for, or from the reference: the same command
/// opens one job, on any machine, also when it was killed or a new version came in between.
///
/// # Errors
/// `usage.amount`, `usage.cap`, `usage.duration`, `usage.oracle`, `usage.threshold`, `run.payees`, `run.reference_used`,
/// `royalties.currency_not_allowed`, `token.insufficient`, and those of sending.
pub async fn open(session: &Session<'_>, options: &Options<'_>, tx: &TxArgs) -> Result<OpenReport> {
    let amount = money::parse(session, options.pay)?;
    if amount.is_zero() || amount.value > U256::from(u128::MAX) {
        return Err(Error::usage("usage.amount", "a job needs an amount above zero and below 2^128")
            .hint("write e.g. --pay \"0.5 ETH\""));
    }
    let currency = session.currency_address(&amount.currency)?;
    let term = duration(options.deadline)?;
    let set = SignerSet::of(session, options.oracles, options.threshold)?;
    let view = session.view().await?;
    let payees = payees(session, &view, options, currency)?;
    let payer = session.account()?;

    let nonce = nonce(options.reference, currency, amount.value, &payees, set.id()?, term);
    let ledger = session.suite()?.ledger;
    let job_id = ids::job_id(session.connection.chain_id, ledger, payer, nonce);
    if jobs::state(session, job_id).await?.state != JobState::None {
        let before = jobs::find(session, job_id).await?.ok_or_else(|| {
            Error::integrity("run.job_missing", format!("job {job_id} exists, but the node shows no event of it"))
                .hint("the node does not have all events; use another rpc-url")
        })?;
        require_same(session, &view, &before, currency, amount.value, &payees, &set)?;
        if !tx.dry_run && tx.unsigned.is_none() {
            set.keep(session, job_id)?;
        }
        // The command that opened it may have been killed before it could say so.
        let operation = Operation { verb: VERB, key: job_id.to_string(), calls: Vec::new() };
        let sent = apply::apply(session, operation, tx).await?.report();
        let deadline = jobs::state(session, job_id).await?.deadline.to::<u64>();
        let mut report = report(session, &view, &before, &set, deadline)?;
        report.opened_before = Some(before.transaction);
        report.sent = sent;
        return Ok(report);
    }

    // The vault takes any pool: that these belong to their datasets is for us to make sure.
    for payee in &payees {
        verify::require_lock(session, &payee.target.name, payee.target.version)?;
        verify::require_chain(session, payee.target.version).await?;
    }
    require_allowed(session, currency).await?;
    let deadline = session.next_time().await? + term;
    let job = JobRecord {
        id: job_id,
        payer,
        signer_set: set.id()?,
        currency,
        amount: amount.value,
        payees: chain_payees(&payees),
        transaction: B256::ZERO,
    };
    let mut report = report(session, &view, &job, &set, deadline)?;
    let mut calls = Vec::new();
    if !currency.is_zero() {
        calls.extend(money::approval(session, currency, payer, ledger, amount.value, "training run").await?);
    }
    let request = JobRequest {
        nonce,
        currency,
        amount: amount.value.to(),
        deadline: U40::from(deadline),
        signerSetId: job.signer_set,
        verifier: Address::ZERO,
        payees: job.payees,
    };
    let description = format!("open a job of {} for a training run", report.amount_text);
    let mut call = Call::new("open", description, ledger, IUsageLedger::openJobCall { request }.abi_encode());
    if currency.is_zero() {
        call = call.with_value(amount.value);
    }
    calls.push(if calls.is_empty() { call } else { call.after_others() });
    if !tx.dry_run {
        // Before it is on chain: what only the payer knows must not be lost with the command.
        set.keep(session, job_id)?;
    }
    let applied = apply::apply(session, Operation { verb: VERB, key: job_id.to_string(), calls }, tx).await?;
    report.opened = matches!(applied, Applied::Done(_));
    report.sent = applied.report();
    if report.opened {
        report.deadline = times::rfc3339(jobs::state(session, job_id).await?.deadline.to::<u64>());
    }
    Ok(report)
}

/// The datasets with their caps, ascending by version key.
fn payees<'v>(
    session: &Session<'_>,
    view: &'v View,
    options: &Options<'_>,
    currency: Address,
) -> Result<Vec<Payee<'v>>> {
    let mut caps = BTreeMap::new();
    for cap in options.caps {
        let (name, amount) = cap.split_once('=').ok_or_else(|| {
            Error::usage("usage.cap", format!("`{cap}` is no cap")).hint("write e.g. --cap \"raccoon=0.1 ETH\"")
        })?;
        let amount = money::parse(session, amount)?;
        if session.currency_address(&amount.currency)? != currency {
            return Err(Error::usage("usage.cap", format!("the cap of {name} is in another currency than --pay"))
                .hint("give all amounts of a job in one currency"));
        }
        if !options.datasets.iter().any(|dataset| dataset == name) || caps.insert(name, amount.value).is_some() {
            return Err(Error::usage("usage.cap", format!("the cap of {name} is there twice, or of no --dataset"))
                .hint("write the name as it is after --dataset"));
        }
    }
    let mut payees = Vec::new();
    for dataset in options.datasets {
        let target = lookup::target(session, view, dataset)?;
        payees.push(Payee { target, pinned: dataset.contains('@'), cap: caps.get(dataset.as_str()).copied() });
    }
    payees.sort_by_key(|payee| payee.target.version.key);
    let twice = payees.windows(2).any(|pair| pair[0].target.version.key == pair[1].target.version.key);
    if payees.is_empty() || payees.len() > MOST_PAYEES || twice {
        return Err(Error::input("run.payees", format!("a job pays 1 to {MOST_PAYEES} versions, each named once"))
            .hint("name them with --dataset, e.g. --dataset raccoon --dataset notes@2"));
    }
    Ok(payees)
}

fn chain_payees(payees: &[Payee<'_>]) -> Vec<JobPayee> {
    let cap = |payee: &Payee<'_>| payee.cap.map_or(u128::MAX, |cap| cap.saturating_to());
    payees.iter().map(|payee| JobPayee { versionKey: payee.target.version.key, cap: cap(payee) }).collect()
}

/// The number that makes the job's id. A dataset without a version counts as that, whatever its latest version is when
/// the command is run again.
fn nonce(reference: Option<&str>, currency: Address, amount: U256, payees: &[Payee<'_>], set: B256, term: u64) -> U256 {
    if let Some(text) = reference {
        let reference = names::word(text).unwrap_or_else(|| keccak256(text.as_bytes()));
        return keccak256((keccak256("dgov.run.reference.v1"), reference).abi_encode()).into();
    }
    let mut rows: Vec<_> = payees
        .iter()
        .map(|payee| {
            let number = if payee.pinned { payee.target.number() } else { 0 };
            (payee.target.id, U256::from(number), payee.cap.unwrap_or(U256::MAX))
        })
        .collect();
    rows.sort_unstable();
    keccak256((keccak256("dgov.run.content.v1"), currency, amount, set, U256::from(term), rows).abi_encode()).into()
}

/// A reference that was used stands for the job that it opened, and for no other.
fn require_same(
    session: &Session<'_>,
    view: &View,
    before: &JobRecord,
    currency: Address,
    amount: U256,
    payees: &[Payee<'_>],
    set: &SignerSet,
) -> Result<()> {
    let asked = chain_payees(payees).into_iter().zip(payees);
    let same_payees = before.payees.len() == payees.len()
        && asked.into_iter().all(|(row, payee)| {
            before.payees.iter().any(|known| {
                let dataset = jobs::version(view, known.versionKey).map(|record| record.version.datasetId);
                let version = if payee.pinned { known.versionKey == row.versionKey } else { true };
                known.cap == row.cap && version && dataset == Some(payee.target.id)
            })
        });
    if (before.currency, before.amount, before.signer_set) == (currency, amount, set.id()?) && same_payees {
        return Ok(());
    }
    let paid = session.show_amount(before.amount, before.currency);
    Err(Error::input("run.reference_used", format!("this reference opened job {} of {paid}", before.id))
        .hint("use another --reference for another run; `dgov run show` tells what the job is"))
}

async fn require_allowed(session: &Session<'_>, currency: Address) -> Result<()> {
    if jobs::is_allowed(session, currency).await? {
        return Ok(());
    }
    let symbol = money::symbol(session, currency);
    let message = format!("the royalty vault does not take {symbol}");
    Err(Error::new(ErrorKind::Reverted, "royalties.currency_not_allowed", message)
        .hint(format!("pay in the chain's own coin, or let the DAO allow {symbol}: `dgov gov propose`")))
}

fn duration(text: &str) -> Result<u64> {
    let term: Duration = text.parse().map_err(|error: crate::manifest::values::ValueError| {
        Error::usage("usage.duration", error.message).hint(error.hint.unwrap_or_else(|| "write e.g. 30d".into()))
    })?;
    if (1..=LONGEST).contains(&term.as_secs()) {
        return Ok(term.as_secs());
    }
    Err(Error::usage("usage.duration", format!("a job can't wait {text} for a report"))
        .hint("give up to three years, e.g. 30d"))
}

fn report(session: &Session<'_>, view: &View, job: &JobRecord, set: &SignerSet, deadline: u64) -> Result<OpenReport> {
    let row = |payee: &JobPayee| PayeeRow {
        dataset: jobs::version_name(session, view, payee.versionKey),
        version_key: payee.versionKey,
        cap: (payee.cap != u128::MAX).then(|| payee.cap.to_string()),
    };
    Ok(OpenReport {
        job_id: job.id,
        payer: job.payer.to_checksum(None),
        amount: job.amount,
        amount_text: session.show_amount(job.amount, job.currency),
        currency: money::symbol(session, job.currency),
        deadline: times::rfc3339(deadline),
        payees: job.payees.iter().map(row).collect(),
        threshold: set.threshold,
        oracles: set.signers.iter().map(|signer| signer.to_checksum(None)).collect(),
        signer_set_id: set.id()?,
        opened: false,
        opened_before: None,
        sent: TxReport::default(),
    })
}
