//! `dgov royalties deposit`: income paid into the pool of a version, once for each reference.

use alloy::primitives::{Address, B256, TxHash, U256, keccak256};
use alloy::rpc::types::Filter;
use alloy::signers::k256::elliptic_curve::rand_core::{OsRng, RngCore};
use alloy::sol_types::{SolCall, SolEvent};
use dgov_contracts::suite::IRoyaltyVault;
use serde::Serialize;

use super::pools;
use crate::chain::reverts::contract_error;
use crate::commands::TxArgs;
use crate::error::{Error, ErrorKind, Result};
use crate::ops::apply::{self, Applied, Call, Operation, TxReport};
use crate::ops::data::verify;
use crate::ops::lookup::{self, Target};
use crate::ops::view::{View, decode, matching_logs};
use crate::ops::{money, names};
use crate::session::Session;
use crate::ui::Report;

const VERB: &str = "royalties deposit";

/// What is to be paid.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// Slug or id, with `@number` for another version than the latest.
    pub dataset: &'a str,
    /// E.g. `0.5 ETH`.
    pub amount: &'a str,
    /// A text, or 32 bytes in 0x-hex.
    pub reference: Option<&'a str>,
}

/// The payment, made now or before.
#[derive(Debug, Serialize)]
pub struct DepositReport {
    /// The dataset.
    pub dataset: String,
    /// Its id.
    pub dataset_id: B256,
    /// Number of the version whose pool is paid.
    pub version: u32,
    /// The pool.
    pub pool_id: B256,
    /// In the smallest unit of the currency.
    #[serde(serialize_with = "apply::decimal")]
    pub amount: U256,
    /// The same for people.
    pub amount_text: String,
    /// Symbol of the currency, or the token's address.
    pub currency: String,
    /// What marks this payment on chain.
    pub reference: B256,
    /// Whether it was paid now.
    pub deposited: bool,
    /// The transaction that had paid it before; null unless there was one.
    pub paid_before: Option<TxHash>,
    /// What was sent.
    #[serde(flatten)]
    pub sent: TxReport,
}

impl Report for DepositReport {
    fn human(&self) -> String {
        let what = format!("{} into the pool of {} version {}", self.amount_text, self.dataset, self.version);
        let head = match (self.paid_before, self.deposited) {
            (Some(hash), _) => format!("{} for {} was paid already in {hash}\n", self.amount_text, self.dataset),
            (None, true) => format!("paid {what}\n"),
            (None, false) => format!("would pay {what}\n"),
        };
        format!("{head}  pool {}\n  reference {}\n{}", self.pool_id, self.reference, self.sent.human())
    }
}

/// Pays, unless the payment with this reference is on chain.
///
/// # Errors
/// `usage.amount`, `royalties.reference_required`, `royalties.currency_not_allowed`, `royalties.reference_used`, `token.insufficient`, and those of
/// sending.
pub async fn deposit(session: &Session<'_>, options: &Options<'_>, tx: &TxArgs) -> Result<DepositReport> {
    let amount = money::parse(session, options.amount)?;
    if amount.is_zero() {
        return Err(Error::usage("usage.amount", "there is nothing to pay").hint("give an amount above zero"));
    }
    require_reference(session, options, tx)?;
    let currency = session.currency_address(&amount.currency)?;
    let view = session.view().await?;
    let target = lookup::target(session, &view, options.dataset)?;
    // The vault takes any pool: that this one belongs to the dataset is for us to make sure.
    verify::require_lock(session, &target.name, target.version)?;
    verify::require_chain(session, target.version).await?;
    let payer = session.account()?;
    require_allowed(session, currency).await?;

    let suite = session.suite()?;
    let pool_id = pools::pool_id(session, suite.vault, target.version);
    let work = format!("{pool_id}:{payer}:{currency}:{}", amount.value);
    let (reference, begun) = match options.reference {
        Some(text) => (reference_of(text), None),
        None => unnamed_reference(session, &work)?,
    };
    let mut report = DepositReport {
        dataset: target.name.clone(),
        dataset_id: target.id,
        version: target.number(),
        pool_id,
        amount: amount.value,
        amount_text: session.show_amount(amount.value, currency),
        currency: money::symbol(session, currency),
        reference,
        deposited: false,
        paid_before: None,
        sent: TxReport { dry_run: tx.dry_run, ..TxReport::default() },
    };
    if let Some(before) = paid_before(session, &view, &target, payer, reference).await? {
        if (before.currency, before.amount) != (currency, amount.value) {
            let paid = session.show_amount(before.amount, before.currency);
            return Err(Error::input(
                "royalties.reference_used",
                format!("this reference paid {paid} in {}", before.hash),
            )
            .hint("use another --reference for another payment"));
        }
        // The command that paid was killed before it could say so.
        if let Some(operation) = begun {
            session.ledger()?.finish(operation, "{}")?;
        }
        report.pool_id = before.pool;
        report.paid_before = Some(before.hash);
        return Ok(report);
    }

    let approval = if currency.is_zero() {
        None
    } else {
        let purpose = format!("deposit for {}", target.name);
        money::approval(session, currency, payer, suite.vault, amount.value, &purpose).await?
    };
    let data = IRoyaltyVault::depositCall { poolId: report.pool_id, currency, amount: amount.value, r#ref: reference };
    let description =
        format!("pay {} into the pool of {} version {}", report.amount_text, target.name, target.number());
    let call = Call::new("deposit", description, suite.vault, data.abi_encode());
    let call = if currency.is_zero() { call.with_value(amount.value) } else { call };
    let call = if approval.is_some() { call.after_others() } else { call };
    let calls = approval.into_iter().chain([call]).collect();
    let operation = Operation { verb: VERB, key: format!("{work}:{reference}"), calls };
    let applied = apply::apply(session, operation, tx).await?;
    report.deposited = matches!(applied, Applied::Done(_));
    report.sent = applied.report();
    Ok(report)
}

/// A payment without a name is known by the ledger alone: a retry on a machine without it would pay again. Where money
/// is at stake and nobody is asked, the payment needs a name.
fn require_reference(session: &Session<'_>, options: &Options<'_>, tx: &TxArgs) -> Result<()> {
    let sends = !tx.dry_run && tx.unsigned.is_none();
    if options.reference.is_some() || !sends || !session.context.global.yes || session.connection.network.is_local() {
        return Ok(());
    }
    let message = format!("--yes on network `{}` needs a name for the payment", session.name());
    Err(Error::usage("royalties.reference_required", message)
        .hint("add `--reference`, such as the number of the invoice: it makes the command safe to run again anywhere"))
}

/// A word of 32 bytes stands for itself, any other text for its keccak256.
fn reference_of(text: &str) -> B256 {
    names::word(text).unwrap_or_else(|| keccak256(text.as_bytes()))
}

/// The reference of a payment that the user gave no name: the one of the same payment that was begun and not finished, so
/// that a killed command goes on with it, else a new random one. Also gives the ledger's number of what was begun.
fn unnamed_reference(session: &Session<'_>, work: &str) -> Result<(B256, Option<i64>)> {
    let prefix = format!("{work}:");
    let operations = session.ledger()?.operations(&session.connection.chain_key())?;
    let begun =
        operations.into_iter().filter(|known| known.kind == VERB && known.finished.is_none()).find_map(|known| {
            let reference = known.key.strip_prefix(&prefix)?.split('#').next()?;
            Some((names::word(reference)?, Some(known.id)))
        });
    Ok(begun.unwrap_or_else(|| {
        let mut random = B256::ZERO;
        OsRng.fill_bytes(random.as_mut_slice());
        (random, None)
    }))
}

async fn require_allowed(session: &Session<'_>, currency: Address) -> Result<()> {
    if currency.is_zero() {
        return Ok(());
    }
    let vault = IRoyaltyVault::new(session.suite()?.vault, &session.connection.provider);
    let allowed = vault.isAllowed(currency).call().await;
    if allowed.map_err(|error| contract_error(&session.connection, "asking for the vault's currencies", error))? {
        return Ok(());
    }
    let symbol = money::symbol(session, currency);
    let message = format!("the royalty vault does not take {symbol}");
    Err(Error::new(ErrorKind::Reverted, "royalties.currency_not_allowed", message)
        .hint(format!("pay in the chain's own coin, or let the DAO allow {symbol}: `dgov gov propose`")))
}

/// A payment that is on chain.
struct Before {
    pool: B256,
    currency: Address,
    amount: U256,
    hash: TxHash,
}

/// The payment of this payer with this reference into any pool of the dataset: a new version in between must not make
/// the same bill be paid again.
async fn paid_before(
    session: &Session<'_>,
    view: &View,
    target: &Target<'_>,
    payer: Address,
    reference: B256,
) -> Result<Option<Before>> {
    let pools: Vec<_> = pools::pools(session, view, Some(target.id))?.into_iter().map(|pool| pool.id).collect();
    let filter = Filter::new()
        .address(session.suite()?.vault)
        .event_signature(IRoyaltyVault::Deposited::SIGNATURE_HASH)
        .topic1(pools)
        .topic2(payer.into_word())
        .topic3(reference);
    let logs = matching_logs(&session.connection.provider, filter, session.network_lock()?.block).await?;
    let Some(log) = logs.first() else { return Ok(None) };
    let event = decode::<IRoyaltyVault::Deposited>(log)?;
    Ok(Some(Before {
        pool: event.poolId,
        currency: event.currency,
        amount: event.amount,
        hash: log.transaction_hash.unwrap_or_default(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_a_reference_and_so_is_any_text() {
        let word = B256::repeat_byte(3);
        assert_eq!(reference_of(&word.to_string()), word);
        assert_eq!(reference_of("invoice-1"), keccak256("invoice-1"));
        assert_eq!(reference_of("0x03"), keccak256("0x03"));
    }
}
