//! `dgov royalties show`: the pools of the project, what came in, what went out, what an account can claim.

use std::collections::BTreeMap;

use alloy::primitives::{Address, B256, U256};
use alloy::rpc::types::Filter;
use alloy::sol_types::SolEvent;
use dgov_contracts::suite::IRoyaltyVault;
use serde::Serialize;

use super::pools::{self, Pool};
use super::shares;
use crate::error::{ErrorKind, Result};
use crate::ops::view::{decode, matching_logs};
use crate::ops::{apply, lookup, money};
use crate::session::Session;
use crate::ui::{Report, table};

/// The pools.
#[derive(Debug, Serialize)]
pub struct ShowReport {
    /// Whose claims are computed; null when no account was chosen.
    pub account: Option<String>,
    /// One row for each pool and currency with income; a pool without income has one row in the chain's own coin.
    pub pools: Vec<PoolRow>,
}

/// A pool in one currency. Amounts are in the smallest unit of the currency.
#[derive(Debug, Serialize)]
pub struct PoolRow {
    /// The dataset.
    pub dataset: String,
    /// Its id.
    pub dataset_id: B256,
    /// The versions that share the pool.
    pub versions: Vec<u32>,
    /// The pool.
    pub pool_id: B256,
    /// Symbol of the currency, or the token's address.
    pub currency: String,
    /// Gross income.
    #[serde(serialize_with = "apply::decimal")]
    pub income: U256,
    /// Paid to contributors.
    #[serde(serialize_with = "apply::decimal")]
    pub paid_contributors: U256,
    /// Paid to fixed splits.
    #[serde(serialize_with = "apply::decimal")]
    pub paid_splits: U256,
    /// What the account can claim; null without an account, or when the documents that tell can't be read.
    pub claimable: Option<String>,
    /// Income, paid and claimable for people.
    #[serde(skip)]
    texts: [String; 3],
}

impl Report for ShowReport {
    fn human(&self) -> String {
        if self.pools.is_empty() {
            return "no dataset is registered, so there is no pool\n".into();
        }
        let rows: Vec<_> = self
            .pools
            .iter()
            .map(|pool| {
                let numbers: Vec<_> = pool.versions.iter().map(u32::to_string).collect();
                let mut row = vec![pool.dataset.clone(), numbers.join(", ")];
                row.extend(pool.texts.iter().cloned());
                row
            })
            .collect();
        let text = table::render(&["dataset", "versions", "income", "paid", "claimable"], &rows);
        match &self.account {
            Some(account) => format!("{text}claimable by {account}\n"),
            None => text,
        }
    }
}

/// Shows the pools of all datasets, or of one.
///
/// # Errors
/// `dataset.unknown`, `royalties.documents_differ`, and those of reading the chain.
pub async fn show(session: &Session<'_>, dataset: Option<&str>, account: Option<&str>) -> Result<ShowReport> {
    let view = session.view().await?;
    let only = dataset.map(|text| lookup::target(session, &view, text)).transpose()?.map(|target| target.id);
    let account = match account {
        Some(text) => Some(session.resolve_text(text)?),
        // Pools can be shown without an account.
        None => session.account().ok(),
    };
    let currencies = pools::currencies(session).await?;
    let paid = paid(session).await?;
    let mut rows = Vec::new();
    for pool in pools::pools(session, &view, only)? {
        let mut incomes = Vec::new();
        for currency in &currencies {
            let income = pools::income(session, pool.id, *currency).await?;
            if !income.is_zero() {
                incomes.push((*currency, income));
            }
        }
        let claimable = match account {
            Some(account) => {
                // A stranger's documents that are not what the chain says must not hide the other pools.
                let strict = only.is_some() || pools::is_ours(session, &view, pool.dataset_id)?;
                claimable(session, &pool, account, &incomes, strict).await?
            }
            None => None,
        };
        if incomes.is_empty() {
            incomes.push((Address::ZERO, U256::ZERO));
        }
        for (index, (currency, income)) in incomes.into_iter().enumerate() {
            let [contributors, splits] = paid.get(&(pool.id, currency)).copied().unwrap_or_default();
            let claimable = claimable.as_ref().map(|amounts| amounts.get(index).copied().unwrap_or_default());
            let show = |amount| session.show_amount(amount, currency);
            rows.push(PoolRow {
                dataset: pool.dataset.clone(),
                dataset_id: pool.dataset_id,
                versions: pool.versions.clone(),
                pool_id: pool.id,
                currency: money::symbol(session, currency),
                income,
                paid_contributors: contributors,
                paid_splits: splits,
                claimable: claimable.map(|amount| amount.to_string()),
                texts: [show(income), show(contributors + splits), claimable.map_or_else(|| "unknown".into(), show)],
            });
        }
    }
    Ok(ShowReport { account: account.map(|account| account.to_checksum(None)), pools: rows })
}

/// What an account can claim of each income, in both roles; `None` with a warning when no source has the documents, and,
/// unless `strict`, when they are not what the chain committed to.
async fn claimable(
    session: &Session<'_>,
    pool: &Pool,
    account: Address,
    incomes: &[(Address, U256)],
    strict: bool,
) -> Result<Option<Vec<U256>>> {
    if incomes.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let shares = match shares::read(session, pool).await {
        Ok(shares) => shares,
        Err(error) if error.kind() == ErrorKind::Storage || (!strict && shares::is_of_the_documents(&error)) => {
            shares::warn_unreadable(session, pool, &error);
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let mut amounts = Vec::new();
    for (currency, income) in incomes {
        let mut sum = U256::ZERO;
        for role in shares.roles(account) {
            let paid = shares::paid(session, pool.id, *currency, account, role).await?;
            sum += shares.earned(account, role, *income).saturating_sub(paid);
        }
        amounts.push(sum);
    }
    Ok(Some(amounts))
}

/// Sums of all payments by pool and currency: to contributors, to splits.
async fn paid(session: &Session<'_>) -> Result<BTreeMap<(B256, Address), [U256; 2]>> {
    let topics = vec![IRoyaltyVault::Claimed::SIGNATURE_HASH, IRoyaltyVault::SplitClaimed::SIGNATURE_HASH];
    let filter = Filter::new().address(session.suite()?.vault).event_signature(topics);
    let mut sums: BTreeMap<(B256, Address), [U256; 2]> = BTreeMap::new();
    for log in matching_logs(&session.connection.provider, filter, session.network_lock()?.block).await? {
        if log.topic0() == Some(&IRoyaltyVault::Claimed::SIGNATURE_HASH) {
            let event = decode::<IRoyaltyVault::Claimed>(&log)?;
            sums.entry((event.poolId, event.currency)).or_default()[0] += event.amount;
        } else {
            let event = decode::<IRoyaltyVault::SplitClaimed>(&log)?;
            sums.entry((event.poolId, event.currency)).or_default()[1] += event.amount;
        }
    }
    Ok(sums)
}
