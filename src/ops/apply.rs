//! From calls that are still to be made to confirmed transactions: plan, confirm, apply, record.
//!
//! A verb looks at the chain first and hands over only what is missing there. The ledger then sees to it that a command
//! which was killed goes on with the transactions that it had signed.

use std::sync::Arc;

use alloy::primitives::{Address, B256, Bytes, TxHash, U256};
use alloy::providers::Provider;
use alloy::rpc::types::{TransactionReceipt, TransactionRequest};
use serde::Serialize;

use crate::chain::ledger::{Ledger, StepState};
use crate::chain::reverts::call_error;
use crate::chain::transactions::{Engine, Observer, Options, Quote, Step};
use crate::commands::TxArgs;
use crate::error::{Error, Result};
use crate::manifest::values::{Amount, format_units};
use crate::ops::{ledger_sync, suites};
use crate::session::Session;
use crate::ui::Ui;

/// One transaction to be made.
#[derive(Clone, Debug)]
pub struct Call {
    /// Unique within the operation, the same on every run.
    pub key: String,
    /// A verb phrase: "register dataset raccoon".
    pub description: String,
    /// The contract.
    pub to: Address,
    /// Calldata.
    pub data: Bytes,
    /// Wei sent along.
    pub value: U256,
    /// Works only once the calls before it are mined.
    pub after_others: bool,
}

impl Call {
    /// A call without value that works on its own.
    pub fn new(key: impl Into<String>, description: impl Into<String>, to: Address, data: Vec<u8>) -> Self {
        Self {
            key: key.into(),
            description: description.into(),
            to,
            data: data.into(),
            value: U256::ZERO,
            after_others: false,
        }
    }

    /// Sends wei along.
    #[must_use]
    pub fn with_value(mut self, wei: U256) -> Self {
        self.value = wei;
        self
    }

    /// Works only once the calls before it are mined.
    #[must_use]
    pub fn after_others(mut self) -> Self {
        self.after_others = true;
        self
    }
}

/// The work of one command.
pub struct Operation {
    /// The verb, e.g. `data push`.
    pub verb: &'static str,
    /// What makes this work different from other work of the verb.
    pub key: String,
    /// What is not on chain yet.
    pub calls: Vec<Call>,
}

/// How far the work got.
pub enum Applied {
    /// Nothing was sent, because that was asked for (`--dry-run`, `--unsigned`).
    Planned(TxReport),
    /// Everything is confirmed.
    Done(TxReport),
}

impl Applied {
    /// The transactions, sent or planned.
    pub fn report(self) -> TxReport {
        match self {
            Self::Planned(report) | Self::Done(report) => report,
        }
    }
}

/// The transactions of a command, for its report.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TxReport {
    /// Hash of the main transaction, the last one; null when none was needed.
    pub tx_hash: Option<TxHash>,
    /// All of them, in order.
    pub transactions: Vec<TxRecord>,
    /// Gas of all of them; an estimate with `--dry-run`.
    pub gas_used: u64,
    /// Fees of all of them, wei, without the value sent along.
    #[serde(serialize_with = "decimal")]
    pub fee_wei: U256,
    /// Whether this is only a plan.
    pub dry_run: bool,
    /// File with the unsigned transactions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsigned: Option<String>,
}

/// One transaction.
#[derive(Clone, Debug, Serialize)]
pub struct TxRecord {
    /// What it did.
    pub description: String,
    /// Its hash; null in a plan.
    pub tx_hash: Option<TxHash>,
    /// Block that holds it.
    pub block: Option<u64>,
    /// Gas used; null when it can't be estimated before the ones ahead of it are mined.
    pub gas_used: Option<u64>,
    /// Wei sent along.
    #[serde(serialize_with = "decimal")]
    pub value_wei: U256,
}

/// An amount as a decimal string.
pub fn decimal<S: serde::Serializer>(value: &U256, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

impl TxReport {
    /// Lines for people.
    pub fn human(&self) -> String {
        let mut text = String::new();
        for tx in &self.transactions {
            let gas = tx
                .gas_used
                .map_or_else(|| "gas unknown until the ones before are mined".to_owned(), |gas| format!("gas {gas}"));
            let value = if tx.value_wei.is_zero() {
                String::new()
            } else {
                format!(", {} ETH", format_units(tx.value_wei, 18))
            };
            match tx.tx_hash {
                Some(hash) => text.push_str(&format!("  {} {hash} ({gas}{value})\n", tx.description)),
                None => text.push_str(&format!("  {} ({gas}{value})\n", tx.description)),
            }
        }
        match &self.unsigned {
            Some(file) => text.push_str(&format!("nothing was sent; unsigned transactions are in {file}\n")),
            None if self.dry_run => text.push_str("nothing was sent (--dry-run)\n"),
            None => {}
        }
        text
    }
}

/// Makes the calls, or shows what they would be.
pub async fn apply(session: &Session<'_>, operation: Operation, tx: &TxArgs) -> Result<Applied> {
    if operation.calls.is_empty() {
        if !tx.dry_run {
            close(session, operation.verb, &operation.key).await?;
        }
        return Ok(Applied::Done(TxReport { dry_run: tx.dry_run, ..TxReport::default() }));
    }
    // Once before anything is priced or signed; what a deployment calls is not in the lock.
    if let Ok(lock) = session.network_lock()
        && operation.calls.iter().any(|call| lock.contracts.values().any(|address| *address == call.to))
    {
        suites::require_made(session, &lock, &session.suite()?).await?;
    }
    if tx.dry_run {
        return plan(session, &operation.calls).await.map(Applied::Planned);
    }
    let account = if tx.unsigned.is_some() { session.watched_account()? } else { session.signing_account()? };
    let ledger = session.ledger()?;
    let key = operation_key(&ledger, &session.connection.chain_key(), operation.verb, &operation.key)?;
    let ui = session.context.ui.clone();
    let engine = Engine {
        connection: session.connection.clone(),
        account,
        ledger,
        options: Options {
            yes: session.context.global.yes,
            max_spend: tx.max_spend.as_deref().map(|text| native(session, text)).transpose()?,
            unsigned: tx.unsigned.clone(),
        },
        observer: Arc::new(Teller {
            ui,
            yes: session.context.global.yes || session.connection.network.is_local(),
            explorer: session.connection.network.clone(),
        }),
    };
    let steps = operation
        .calls
        .iter()
        .map(|call| {
            let step = Step::call(&call.key, &call.description, call.to, call.data.clone()).value(call.value);
            if call.after_others { step } else { step.independent() }
        })
        .collect();
    let outcomes = engine.run(operation.verb, &key, steps).await?;
    let mut report = TxReport::default();
    for (call, outcome) in operation.calls.iter().zip(&outcomes) {
        let receipt = outcome.receipt();
        report.transactions.push(TxRecord {
            description: call.description.clone(),
            tx_hash: outcome.hash(),
            block: receipt.and_then(|receipt| receipt.block_number),
            gas_used: receipt.map(|receipt| receipt.gas_used),
            value_wei: call.value,
        });
        if let Some(receipt) = receipt {
            report.gas_used += receipt.gas_used;
            report.fee_wei += U256::from(receipt.gas_used) * U256::from(receipt.effective_gas_price);
            report.tx_hash = Some(receipt.transaction_hash);
        }
    }
    if let Some(file) = &tx.unsigned {
        report.unsigned = Some(file.to_string());
        return Ok(Applied::Planned(report));
    }
    Ok(Applied::Done(report))
}

/// Marks work as done that was killed after its last transaction: the chain has all of it, so no rerun will. Work with a
/// transaction that may still be mined stays open.
pub async fn close(session: &Session<'_>, verb: &str, key: &str) -> Result<()> {
    let ledger = session.ledger()?;
    let prefix = format!("{key}#");
    let mut open = ledger.operations(&session.connection.chain_key())?;
    open.retain(|known| !known.done && known.kind == verb && known.key.starts_with(&prefix));
    if !open.is_empty() {
        ledger_sync::settle(session).await?;
    }
    for known in open {
        let steps = ledger.steps(known.id)?;
        if steps.iter().all(|step| !matches!(step.state, StepState::Signed | StepState::Sent)) {
            let hashes: Vec<_> = steps.iter().filter_map(|step| step.hash).collect();
            ledger.finish(known.id, &serde_json::json!({ "transactions": hashes }).to_string())?;
        }
    }
    Ok(())
}

/// The same work may be wanted again once it is done (a second deposit): its key carries a counter. Work that was begun
/// and not finished keeps its number, which is what makes a rerun go on instead of paying twice.
fn operation_key(ledger: &Ledger, chain: &str, verb: &str, base: &str) -> Result<String> {
    let prefix = format!("{base}#");
    let last = ledger
        .operations(chain)?
        .into_iter()
        .filter(|known| known.kind == verb)
        .filter_map(|known| {
            let number = known.key.strip_prefix(&prefix)?.parse::<u64>().ok()?;
            Some((number, known.finished.is_some()))
        })
        .max();
    Ok(match last {
        Some((number, false)) => format!("{prefix}{number}"),
        Some((number, true)) => format!("{prefix}{}", number + 1),
        None => format!("{prefix}1"),
    })
}

async fn plan(session: &Session<'_>, calls: &[Call]) -> Result<TxReport> {
    let from = session.account()?;
    let mut report = TxReport { dry_run: true, ..TxReport::default() };
    for (index, call) in calls.iter().enumerate() {
        let request =
            TransactionRequest::default().from(from).to(call.to).input(call.data.clone().into()).value(call.value);
        let gas = match session.connection.provider.estimate_gas(request).await {
            Ok(gas) => Some(gas),
            Err(_) if call.after_others && index > 0 => None,
            Err(error) => return Err(call_error(&session.connection, &call.description, error)),
        };
        report.gas_used += gas.unwrap_or_default();
        report.transactions.push(TxRecord {
            description: call.description.clone(),
            tx_hash: None,
            block: None,
            gas_used: gas,
            value_wei: call.value,
        });
    }
    Ok(report)
}

fn native(session: &Session<'_>, text: &str) -> Result<U256> {
    let amount = Amount::parse(text, &|_| None).map_err(|error| {
        Error::usage("usage.amount", error.message).hint(error.hint.unwrap_or_else(|| "write e.g. \"0.05 ETH\"".into()))
    })?;
    let _ = session;
    Ok(amount.value)
}

/// Tells the user what happens, and asks before the first signature on a public network.
struct Teller {
    ui: Arc<Ui>,
    yes: bool,
    explorer: crate::chain::networks::Network,
}

impl Observer for Teller {
    fn authorize(&self, quote: &Quote) -> Result<()> {
        if self.yes {
            return Ok(());
        }
        let symbol = &self.explorer.symbol;
        let question = format!(
            "{} on {}: at most {} {symbol}, of a balance of {} {symbol}",
            quote.description,
            self.explorer.name,
            format_units(quote.total(), 18),
            format_units(quote.balance, 18),
        );
        crate::ui::prompt::confirm(&self.ui, false, &question)
    }

    fn skipped(&self, description: &str) {
        self.ui.notice(format!("{description}: done already"));
    }

    fn sent(&self, description: &str, hash: TxHash) {
        let place = self.explorer.transaction_url(hash).unwrap_or_else(|| B256::from(hash).to_string());
        self.ui.notice(format!("{description}: sent {place}"));
    }

    fn replaced(&self, description: &str, old: TxHash, new: TxHash) {
        self.ui.notice(format!("{description}: {old} was stuck; replaced by {new}"));
    }

    fn reorganized(&self, description: &str, hash: TxHash) {
        self.ui.notice(format!("{description}: the chain dropped the block of {hash}; sending it again"));
    }

    fn confirmed(&self, description: &str, receipt: &TransactionReceipt) {
        if !self.explorer.is_local() {
            self.ui.notice(format!("{description}: confirmed, gas {}", receipt.gas_used));
        }
    }
}
