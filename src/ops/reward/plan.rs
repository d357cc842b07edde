//! `dgov reward plan`: who would get which part of a budget, from what came in during a period.

use std::collections::BTreeMap;

use alloy::primitives::{Address, B256, U256};
use alloy::providers::Provider;
use alloy::rpc::types::{Filter, Log};
use alloy::sol_types::SolEvent;
use camino::Utf8Path;
use dgov_contracts::suite::IRoyaltyVault;
use serde::Serialize;

use super::payees::Payees;
use super::plan_file::{FORMAT, IncomeRow, PayeeRow, PlanFile};
use crate::error::{Error, Result};
use crate::lockfile::write_atomically;
use crate::manifest::values::Currency;
use crate::ops::royalties::pools::{self, Pool};
use crate::ops::royalties::shares::{self, Role};
use crate::ops::view::{View, decode, matching_logs, unreachable};
use crate::ops::{money, times};
use crate::session::Session;
use crate::ui::{Report, Warning, table};

/// Most units of a round: what is left of 64 bits is no finer than anybody needs.
const UNITS: u64 = 1_000_000_000_000_000_000;

/// What is planned.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// Begin of the period.
    pub since: &'a str,
    /// End of the period, which does not belong to it.
    pub until: &'a str,
    /// E.g. `2 ETH`.
    pub budget: &'a str,
    /// Symbol of what the income is counted in; the budget's currency when left out.
    pub income_in: Option<&'a str>,
    /// Count what was paid in by hand, too.
    pub deposits: bool,
    /// Count the datasets of others, too.
    pub all: bool,
    /// The file to write.
    pub out: &'a Utf8Path,
}

/// The plan.
#[derive(Debug, Serialize)]
pub struct PlanReport {
    /// The file that was written.
    pub file: String,
    /// The plan, as in the file.
    #[serde(flatten)]
    pub plan: PlanFile,
    /// Rows and sums for people.
    #[serde(skip)]
    texts: (String, Vec<Vec<String>>, Vec<Vec<String>>),
}

impl Report for PlanReport {
    fn human(&self) -> String {
        let (total, income, payees) = &self.texts;
        format!(
            "{total} for {} payees by the income from {} to {}\n{}{}  root {}\nplan written to {}; publish it with `dgov reward publish {}`\n",
            self.plan.payees.len(),
            self.plan.from,
            self.plan.to,
            table::render(&["dataset", "versions", "income"], income),
            table::render(&["payee", "reward"], payees),
            self.plan.root,
            self.file,
            self.file,
        )
    }
}

/// Plans a round: each contributor's part of the budget is their part of what contributors earned by the income of the
/// period. The same chain gives the same plan.
///
/// # Errors
/// `usage.time`, `usage.amount`, `reward.period_open`, `reward.no_income`, `reward.budget_too_small`, and those of reading
/// the datasets' documents.
pub async fn plan(session: &Session<'_>, options: &Options<'_>) -> Result<PlanReport> {
    let (from, to) = period(session, options).await?;
    let budget = money::parse(session, options.budget)?;
    if budget.is_zero() || budget.value > U256::from(u128::MAX) {
        return Err(Error::usage("usage.amount", "the budget is zero, or more than a round can hold")
            .hint("give an amount above zero"));
    }
    let currency = session.currency_address(&budget.currency)?;
    let income_currency = match options.income_in {
        Some(symbol) if symbol == session.connection.network.symbol => Address::ZERO,
        Some(symbol) => session.currency_address(&Currency::Token(symbol.to_owned()))?,
        None => currency,
    };
    let view = session.view().await?;
    let incomes = incomes(session, (from, to), income_currency, options.deposits).await?;
    let (rows, weights) = weights(session, &view, &incomes, options.all).await?;
    let (unit, payees) = divide(budget.value, &weights)?;
    let units = U256::from(payees.total());
    let plan = PlanFile {
        format: FORMAT.to_owned(),
        chain_id: session.connection.chain_id,
        rounds: session.suite()?.rounds,
        from: times::rfc3339(from),
        to: times::rfc3339(to),
        income_currency,
        income: rows,
        currency,
        budget: budget.value,
        unit,
        units,
        total: units * unit,
        top_hash: payees.top_hash(),
        root: payees.root(),
        payees: payees.rows().map(|(account, units)| PayeeRow { account, units: U256::from(units) }).collect(),
    };
    write_atomically(options.out, &plan.to_bytes()?)?;
    let texts = texts(session, &plan);
    Ok(PlanReport { file: options.out.to_string(), plan, texts })
}

async fn period(session: &Session<'_>, options: &Options<'_>) -> Result<(u64, u64)> {
    let (from, to) = (times::parse(options.since)?, times::parse(options.until)?);
    if from >= to {
        return Err(Error::usage("usage.time", "the period ends before it begins").hint("give --since before --until"));
    }
    let now = session.now().await?;
    if to > now {
        let message = format!("the period is not over: it is {} on chain", times::rfc3339(now));
        return Err(Error::input("reward.period_open", message).hint("what still comes in would change the plan"));
    }
    Ok((from, to))
}

/// What came into each pool in the period: sales of passes and settled usage, and with `deposits` all else.
async fn incomes(
    session: &Session<'_>,
    (from, to): (u64, u64),
    currency: Address,
    deposits: bool,
) -> Result<BTreeMap<B256, U256>> {
    let suite = session.suite()?;
    let filter = Filter::new().address(suite.vault).event_signature(IRoyaltyVault::Deposited::SIGNATURE_HASH);
    let mut clock = BTreeMap::new();
    let mut incomes: BTreeMap<B256, U256> = BTreeMap::new();
    let mut others = false;
    for log in matching_logs(&session.connection.provider, filter, session.network_lock()?.block).await? {
        let event = decode::<IRoyaltyVault::Deposited>(&log)?;
        if !deposits && event.payer != suite.pass && event.payer != suite.ledger {
            continue;
        }
        let time = time_of(session, &log, &mut clock).await?;
        if time < from || time >= to {
            continue;
        }
        if event.currency == currency {
            *incomes.entry(event.poolId).or_default() += event.amount;
        } else {
            others = true;
        }
    }
    if others {
        let counted = money::symbol(session, currency);
        session.context.ui.warn(Warning {
            code: "reward.other_currencies".into(),
            message: format!("income in other currencies than {counted} is not counted"),
            hint: Some("choose what is counted with --income-in".into()),
        });
    }
    Ok(incomes)
}

/// Time of a log's block; many nodes give it with the log.
async fn time_of(session: &Session<'_>, log: &Log, clock: &mut BTreeMap<u64, u64>) -> Result<u64> {
    if let Some(time) = log.block_timestamp {
        return Ok(time);
    }
    let number = log.block_number.unwrap_or_default();
    if let Some(time) = clock.get(&number) {
        return Ok(*time);
    }
    let block = session.connection.provider.get_block_by_number(number.into()).await.map_err(unreachable)?;
    let block = block.ok_or_else(|| Error::chain("chain.no_block", format!("the chain has no block {number}")))?;
    clock.insert(number, block.header.timestamp);
    Ok(block.header.timestamp)
}

/// What each contributor earned by the incomes, and the pools that they come from.
async fn weights(
    session: &Session<'_>,
    view: &View,
    incomes: &BTreeMap<B256, U256>,
    all: bool,
) -> Result<(Vec<IncomeRow>, BTreeMap<Address, U256>)> {
    let mut rows = Vec::new();
    let mut weights: BTreeMap<Address, U256> = BTreeMap::new();
    for pool in pools::pools(session, view, None)? {
        let Some(income) = incomes.get(&pool.id).copied() else { continue };
        // Anybody may register datasets and buy their own passes.
        let ours = pools::is_ours(session, view, pool.dataset_id)?;
        if !ours && !all {
            continue;
        }
        match shares::read(session, &pool).await {
            Ok(shares) => {
                for account in shares.contributors() {
                    *weights.entry(account).or_default() += shares.earned(account, Role::Contributor, income);
                }
                rows.push(row(&pool, income));
            }
            Err(error) if !ours && shares::is_of_the_documents(&error) => {
                shares::warn_unreadable(session, &pool, &error);
            }
            // Without one of its own datasets the plan would wrong its contributors.
            Err(error) => return Err(error),
        }
    }
    Ok((rows, weights))
}

fn row(pool: &Pool, income: U256) -> IncomeRow {
    IncomeRow {
        dataset: pool.dataset.clone(),
        dataset_id: pool.dataset_id,
        pool_id: pool.id,
        versions: pool.versions.clone(),
        income,
    }
}

/// Divides the budget by the weights, rounded down: the worth of a unit, and the units of each payee. A unit is the
/// smallest power of ten in which the budget has at most [`UNITS`].
fn divide(budget: U256, weights: &BTreeMap<Address, U256>) -> Result<(U256, Payees)> {
    let sum = weights.values().fold(U256::ZERO, |sum, weight| sum + *weight);
    if sum.is_zero() {
        return Err(Error::input("reward.no_income", "no contributor earned anything in that period")
            .hint("sales and settled usage count; with --deposits what was paid in by hand, too"));
    }
    let mut unit = U256::from(1);
    while budget / unit > U256::from(UNITS) {
        unit *= U256::from(10);
    }
    let units = budget / unit;
    // Units are below 2^60, weights below 2^128 each.
    let rows = weights
        .iter()
        .map(|(account, weight)| (*account, (units * *weight / sum).saturating_to::<u64>()))
        .filter(|(_, units)| *units > 0);
    let payees = Payees::of(rows).map_err(|_| {
        Error::input("reward.budget_too_small", "the budget is too small to give anybody anything").hint("give more")
    })?;
    Ok((unit, payees))
}

fn texts(session: &Session<'_>, plan: &PlanFile) -> (String, Vec<Vec<String>>, Vec<Vec<String>>) {
    let income = plan.income.iter().map(|row| {
        let numbers: Vec<_> = row.versions.iter().map(u32::to_string).collect();
        vec![row.dataset.clone(), numbers.join(", "), session.show_amount(row.income, plan.income_currency)]
    });
    let payees = plan
        .payees
        .iter()
        .map(|row| vec![row.account.to_checksum(None), session.show_amount(row.units * plan.unit, plan.currency)]);
    (session.show_amount(plan.total, plan.currency), income.collect(), payees.collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn divided(budget: u128, weights: &[u128]) -> Option<(u128, Vec<u64>)> {
        let weights = weights
            .iter()
            .enumerate()
            .map(|(index, weight)| (Address::with_last_byte(u8::try_from(index).unwrap() + 1), U256::from(*weight)));
        let (unit, payees) = divide(U256::from(budget), &weights.collect()).ok()?;
        Some((unit.to(), payees.rows().map(|(_, units)| units).collect()))
    }

    #[test]
    fn parts_are_rounded_down_and_never_more_than_the_budget() {
        assert_eq!(divided(100, &[1, 2]), Some((1, vec![33, 66])));
        assert_eq!(divided(100, &[0, 2]), Some((1, vec![100])));
        assert_eq!(divided(1, &[1, 1]), None, "nobody gets anything");
        assert_eq!(divided(100, &[0, 0]), None);
        assert_eq!(divided(u128::from(UNITS), &[1]), Some((1, vec![UNITS])));
        assert_eq!(divided(u128::from(UNITS) + 1, &[1]), Some((10, vec![UNITS / 10])));
        let (unit, units) = divided(u128::MAX, &[u128::MAX, u128::MAX, 1]).unwrap();
        let sum: u128 = units.iter().map(|units| u128::from(*units)).sum();
        assert!(sum.checked_mul(unit).is_some());
        assert_eq!(units.len(), 2);
    }
}
