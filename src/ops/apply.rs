//! From calls that are still to be made to confirmed transactions: plan, confirm, apply, record.
//!
//! A verb looks at the chain first and hands over only what is missing there. The ledger then sees to it that a command
//! which was killed goes on with the transactions that it had signed.

use std::sync::Arc;

use alloy::primitives::{Address, Bytes, TxHash, U256};
use alloy::providers::Provider;
use alloy::rpc::types::TransactionRequest;
use serde::Serialize;

use crate::chain::ledger::{self, Ledger, StepState};
use crate::chain::reverts::call_error;
use crate::chain::signers::Account;
use crate::chain::transactions::{Engine, Options, Step};
use crate::commands::TxArgs;
use crate::error::{Error, Result};
use crate::manifest::values::{Amount, format_units};
use crate::ops::tell::Teller;
use crate::ops::{ledger_sync, suites};
use crate::session::Session;
use crate::ui::Warning;

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
    /// Fees of all of them, wei, without the value sent along; at the price of now with `--dry-run`.
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
    /// Whether nothing was sent because that was asked for.
    pub fn is_plan(&self) -> bool {
        self.dry_run || self.unsigned.is_some()
    }

    /// Lines for people.
    pub fn human(&self) -> String {
        let mut text = String::new();
        for tx in &self.transactions {
            let gas = match tx.gas_used {
                Some(gas) => format!("gas {gas}"),
                None if self.unsigned.is_some() => "not signed".to_owned(),
                None => "gas unknown until the ones before are mined".to_owned(),
            };
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
            None if self.dry_run && self.transactions.is_empty() => text.push_str("nothing would be sent\n"),
            None if self.dry_run => text.push_str(&format!(
                "nothing was sent (--dry-run); fees would be about {} of the chain's coin\n",
                format_units(self.fee_wei, 18)
            )),
            None => {}
        }
        text
    }
}

/// Makes the calls, or shows what they would be.
pub async fn apply(session: &Session<'_>, operation: Operation, tx: &TxArgs) -> Result<Applied> {
    if operation.calls.is_empty() {
        if !tx.dry_run && tx.unsigned.is_none() {
            let max_spend = max_spend(tx)?;
            close_where(session, operation.verb, |key| key == operation.key, max_spend).await?;
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
    let engine = Engine {
        options: Options { unsigned: tx.unsigned.clone(), ..options(session, max_spend(tx)?) },
        ..engine(session, account)?
    };
    let key = operation_key(&engine.ledger, &session.connection.chain_key(), operation.verb, &operation.key)?;
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

/// Ends work of this key that was killed: the chain has what it was to do, so no rerun will go on with it. See
/// [`close_where`].
pub async fn close(session: &Session<'_>, verb: &str, key: &str) -> Result<()> {
    close_where(session, verb, |known| known == key, None).await
}

/// Ends all unfinished work of a verb whose key, as given in [`Operation::key`], `unwanted` accepts: the verb found
/// nothing left to do. What is mined is confirmed. What was signed and is not mined is taken back, or the next command of
/// the account would send it. Where nobody is asked (`--yes`), that costs `max_spend` at most, or about what the
/// work itself was allowed to cost.
///
/// # Errors
/// Those of waiting for a transaction and of signing one.
pub async fn close_where(
    session: &Session<'_>,
    verb: &str,
    unwanted: impl Fn(&str) -> bool,
    max_spend: Option<U256>,
) -> Result<()> {
    let ledger = session.ledger()?;
    let mut open = ledger.operations(&session.connection.chain_key())?;
    let base = |key: &str| key.rsplit_once('#').is_some_and(|(base, _)| unwanted(base));
    open.retain(|known| !known.done && known.kind == verb && base(&known.key));
    if !open.is_empty() {
        ledger_sync::settle(session).await?;
    }
    // The oldest first: later nonces wait for it.
    for known in open.into_iter().rev() {
        if is_open(&ledger, &known)? {
            // Only now is a key needed.
            let engine = engine(session, session.signing_account()?)?;
            let engine = Engine { options: options(session, max_spend), ..engine };
            if !engine.abandon(&known).await? {
                let message = format!("an unfinished `dgov {verb}` of another account is still open");
                let hint =
                    format!("run `dgov {verb}` with --from that account: it goes on, or takes back what it signed");
                session.context.ui.warn(Warning { hint: Some(hint), ..Warning::new("tx.unfinished", message) });
                continue;
            }
        }
        let hashes: Vec<_> = ledger.steps(known.id)?.iter().filter_map(|step| step.hash).collect();
        ledger.finish(known.id, &serde_json::json!({ "transactions": hashes }).to_string())?;
    }
    Ok(())
}

fn is_open(ledger: &Ledger, operation: &ledger::Operation) -> Result<bool> {
    let steps = ledger.steps(operation.id)?;
    Ok(steps.iter().any(|step| matches!(step.state, StepState::Signed | StepState::Sent)))
}

/// An engine that tells and asks this session's user.
fn engine(session: &Session<'_>, account: Account) -> Result<Engine> {
    let network = session.connection.network.clone();
    Ok(Engine {
        connection: session.connection.clone(),
        account,
        ledger: session.ledger()?,
        options: Options::default(),
        observer: Arc::new(Teller { ui: session.context.ui.clone(), yes: session.context.global.yes, network }),
    })
}

fn options(session: &Session<'_>, max_spend: Option<U256>) -> Options {
    Options { yes: session.context.global.yes, max_spend, unsigned: None }
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
    let price = session.connection.provider.get_gas_price().await.map_err(|error| session.connection.error(error))?;
    report.fee_wei = U256::from(report.gas_used) * U256::from(price);
    Ok(report)
}

fn max_spend(tx: &TxArgs) -> Result<Option<U256>> {
    let Some(text) = tx.max_spend.as_deref() else { return Ok(None) };
    let amount = Amount::parse(text, &|_| None).map_err(|error| {
        Error::usage("usage.amount", error.message).hint(error.hint.unwrap_or_else(|| "write e.g. \"0.05 ETH\"".into()))
    })?;
    Ok(Some(amount.value))
}
