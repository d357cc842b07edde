//! `dgov royalties claim`: everything an account is owed, over all datasets, versions and currencies, in one transaction.

use std::collections::BTreeMap;

use alloy::primitives::{Address, B256, U256, keccak256};
use dgov_contracts::suite::{ContributorClaim, SplitClaim};
use serde::Serialize;

use super::payable::payable;
use super::pools::{self, Pool};
use super::shares::{self, Role};
use crate::commands::TxArgs;
use crate::error::{Error, Result};
use crate::ops::apply::{self, Applied, Operation, TxReport};
use crate::ops::{lookup, money};
use crate::session::Session;
use crate::ui::{Report, table};

/// What is to be claimed.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// For whom; the sender when left out.
    pub account: Option<&'a str>,
    /// Only from this dataset.
    pub dataset: Option<&'a str>,
    /// Where the money goes instead, for the sender's own royalties.
    pub to: Option<&'a str>,
}

/// Whose money is claimed, and where it goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Payout {
    pub(super) account: Address,
    /// Another address that the account, who sends the transaction, has it paid to.
    pub(super) to: Option<Address>,
}

impl Payout {
    /// Who receives the money.
    pub(super) fn receiver(&self) -> Address {
        self.to.unwrap_or(self.account)
    }
}

/// What was claimed. Amounts are in the smallest unit of their currency.
#[derive(Debug, Serialize)]
pub struct ClaimReport {
    /// Who is paid.
    pub account: String,
    /// Another address that the money goes to; null for the account itself.
    pub to: Option<String>,
    /// Sum in the chain's own coin.
    #[serde(serialize_with = "apply::decimal")]
    pub claimed_wei: U256,
    /// Sums by currency, the chain's own coin included; what is zero is left out.
    pub claimed: BTreeMap<String, String>,
    /// One row for each pool, role and currency.
    pub datasets: Vec<ClaimRow>,
    /// What was sent.
    #[serde(flatten)]
    pub sent: TxReport,
    /// Sums for people.
    #[serde(skip)]
    sums: Vec<String>,
}

/// A part of the claim.
#[derive(Debug, Serialize)]
pub struct ClaimRow {
    /// The dataset.
    pub dataset: String,
    /// Its id.
    pub dataset_id: B256,
    /// The versions that share the pool.
    pub versions: Vec<u32>,
    /// The pool.
    pub pool_id: B256,
    /// In the smallest unit of the currency.
    #[serde(serialize_with = "apply::decimal")]
    pub amount_wei: U256,
    /// Symbol of the currency, or the token's address.
    pub currency: String,
    /// In which role.
    #[serde(rename = "as")]
    pub role: Role,
    /// The amount for people.
    #[serde(skip)]
    text: String,
}

impl Report for ClaimReport {
    fn human(&self) -> String {
        if self.datasets.is_empty() {
            return format!("nothing to claim for {}\n", self.account);
        }
        let verb = if self.sent.dry_run || self.sent.unsigned.is_some() { "would claim" } else { "claimed" };
        let rows: Vec<_> = self
            .datasets
            .iter()
            .map(|row| {
                let numbers: Vec<_> = row.versions.iter().map(u32::to_string).collect();
                let role = match row.role {
                    Role::Contributor => "contributor",
                    Role::Split => "split",
                };
                vec![row.dataset.clone(), numbers.join(", "), role.to_owned(), row.text.clone()]
            })
            .collect();
        let table = table::render(&["dataset", "versions", "as", "amount"], &rows);
        let to = self.to.as_ref().map(|to| format!(", paid to {to}")).unwrap_or_default();
        format!("{verb} {} for {}{to}\n{table}{}", self.sums.join(" and "), self.account, self.sent.human())
    }
}

/// One claim that is owed something.
#[derive(Clone)]
pub(super) struct Item {
    pub(super) pool: Pool,
    pub(super) currency: Address,
    pub(super) role: Role,
    pub(super) paid: U256,
    pub(super) amount: U256,
    pub(super) proof: Proof,
}

#[derive(Clone)]
pub(super) enum Proof {
    Contributor(ContributorClaim),
    Split(SplitClaim),
}

/// Claims everything. What is owed is what the vault has not paid yet, so that nothing can be claimed twice.
///
/// Anyone may register datasets, and a token may stop moving: a pool that can't be read and a claim that would revert are
/// left out with a warning, and the rest is claimed.
///
/// # Errors
/// Where nothing is left to claim: `royalties.documents_missing` (exit 6) and `royalties.documents_differ` (exit 7) for
/// the project's own datasets and for the one asked for, `royalties.payee_refuses` and reverts (exit 5). Always those of
/// sending.
pub async fn claim(session: &Session<'_>, options: &Options<'_>, tx: &TxArgs) -> Result<ClaimReport> {
    let view = session.view().await?;
    let account = match options.account {
        Some(text) => session.resolve_text(text)?,
        None => session.account()?,
    };
    let to = options.to.map(|text| receiver(session, text, account)).transpose()?;
    let payout = Payout { account, to };
    let only = options.dataset.map(|text| lookup::target(session, &view, text)).transpose()?.map(|target| target.id);
    let Owed { items, unreadable } = owed(session, &pools::pools(session, &view, only)?, account).await?;
    let mut failure = None;
    for (pool, error) in unreadable {
        // What strangers did not publish must not fail a claim, unless it was asked for by name.
        let counts = only.is_some() || pools::is_ours(session, &view, pool.dataset_id)?;
        if counts && items.is_empty() && failure.is_none() {
            failure = Some(error);
        } else {
            shares::warn_unreadable(session, &pool, &error);
        }
    }
    if let Some(error) = failure {
        return Err(error);
    }
    if items.is_empty() {
        return Ok(report(session, payout, &items, TxReport { dry_run: tx.dry_run, ..TxReport::default() }));
    }
    let (mut items, calls) = payable(session, payout, items).await?;
    // What was paid so far tells this claim from every other one of the account.
    let state: Vec<u8> = items.iter().flat_map(Item::state).collect();
    let whose = to.map_or_else(|| account.to_string(), |to| format!("{account}:{to}"));
    let operation = Operation { verb: "royalties claim", key: format!("{whose}:{}", keccak256(state)), calls };
    let applied = apply::apply(session, operation, tx).await?;
    if let Applied::Done(_) = applied {
        // Income may have come in meanwhile: the books know what was really paid.
        for item in &mut items {
            let now = shares::paid(session, item.pool.id, item.currency, account, item.role).await?;
            item.amount = now.saturating_sub(item.paid);
        }
    }
    Ok(report(session, payout, &items, applied.report()))
}

/// Where the money goes instead. The vault takes the account's word for it, as the sender of the transaction.
fn receiver(session: &Session<'_>, text: &str, account: Address) -> Result<Address> {
    let to = session.resolve_text(text)?;
    if account != session.account()? {
        return Err(Error::unauthorized(
            "royalties.not_the_account",
            format!("only {account} can have its royalties paid to another address"),
        )
        .hint(format!("send it from that account: --from {account}")));
    }
    if to == session.suite()?.vault {
        return Err(Error::usage("royalties.receiver", format!("what is paid to {to} is lost"))
            .hint("name an address that somebody can pay from"));
    }
    Ok(to)
}

/// What an account is owed, as far as it can be read.
struct Owed {
    /// Ascending by currency and pool, as the vault wants it.
    items: Vec<Item>,
    /// Pools with income whose shares can't be read, and why.
    unreadable: Vec<(Pool, Error)>,
}

/// All that the account is owed.
async fn owed(session: &Session<'_>, pools: &[Pool], account: Address) -> Result<Owed> {
    let currencies = pools::currencies(session).await?;
    let mut items = Vec::new();
    let mut unreadable = Vec::new();
    for pool in pools {
        let mut incomes = Vec::new();
        for currency in &currencies {
            let income = pools::income(session, pool.id, *currency).await?;
            if !income.is_zero() {
                incomes.push((*currency, income));
            }
        }
        // Documents of a pool without income are not needed, so they need not be within reach.
        if incomes.is_empty() {
            continue;
        }
        let shares = match shares::read(session, pool).await {
            Ok(shares) => shares,
            Err(error) if shares::is_of_the_documents(&error) => {
                unreadable.push((pool.clone(), error));
                continue;
            }
            Err(error) => return Err(error),
        };
        for (currency, income) in incomes {
            for role in shares.roles(account) {
                let paid = shares::paid(session, pool.id, currency, account, role).await?;
                let amount = shares.earned(account, role, income).saturating_sub(paid);
                if amount.is_zero() {
                    continue;
                }
                let proof = match role {
                    Role::Contributor => shares.contributor_claim(pool, account, currency).map(Proof::Contributor),
                    Role::Split => Some(Proof::Split(shares.split_claim(pool, currency))),
                };
                let proof = proof.ok_or_else(|| Error::bug("a contributor without a share"))?;
                items.push(Item { pool: pool.clone(), currency, role, paid, amount, proof });
            }
        }
    }
    items.sort_by_key(|item| (item.currency, item.pool.id));
    Ok(Owed { items, unreadable })
}

impl Item {
    /// What changes once it is claimed.
    pub(super) fn state(&self) -> Vec<u8> {
        let role = [self.role as u8];
        [self.pool.id.as_slice(), self.currency.as_slice(), &role, &self.paid.to_be_bytes::<32>()].concat()
    }
}

fn report(session: &Session<'_>, payout: Payout, items: &[Item], sent: TxReport) -> ClaimReport {
    let mut sums: BTreeMap<Address, U256> = BTreeMap::new();
    let mut datasets = Vec::new();
    for item in items {
        *sums.entry(item.currency).or_default() += item.amount;
        datasets.push(ClaimRow {
            dataset: item.pool.dataset.clone(),
            dataset_id: item.pool.dataset_id,
            versions: item.pool.versions.clone(),
            pool_id: item.pool.id,
            amount_wei: item.amount,
            currency: money::symbol(session, item.currency),
            role: item.role,
            text: session.show_amount(item.amount, item.currency),
        });
    }
    ClaimReport {
        account: payout.account.to_checksum(None),
        to: payout.to.map(|to| to.to_checksum(None)),
        claimed_wei: sums.get(&Address::ZERO).copied().unwrap_or_default(),
        claimed: sums.iter().map(|(currency, sum)| (money::symbol(session, *currency), sum.to_string())).collect(),
        datasets,
        sums: sums.iter().map(|(currency, sum)| session.show_amount(*sum, *currency)).collect(),
        sent,
    }
}
