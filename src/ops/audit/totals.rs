//! Sums over the lines of an audit.

use std::collections::BTreeMap;

use alloy::primitives::{Address, U256};
use serde::Serialize;

use super::line::Line;
use crate::ops::money;
use crate::session::Session;

/// Income and payments in one currency; smallest unit, decimal.
#[derive(Debug, Serialize)]
pub struct Total {
    /// Address of the token, checksummed; zero for the chain's own coin.
    pub currency: String,
    /// Its symbol.
    pub currency_symbol: String,
    /// What came into the pools.
    pub income: String,
    /// Paid to contributors.
    pub paid_contributors: String,
    /// Paid to fixed payees.
    pub paid_splits: String,
    #[serde(skip)]
    texts: [String; 3],
}

impl Total {
    pub(super) fn text(&self) -> String {
        let [income, contributors, splits] = &self.texts;
        format!("income {income}, of which paid to contributors {contributors}, to fixed payees {splits}")
    }
}

/// What an account was paid as contributor.
#[derive(Debug, Serialize)]
pub struct Payment {
    /// Who, checksummed.
    pub account: String,
    /// Smallest unit, decimal.
    pub amount: String,
    /// For people.
    pub amount_text: String,
    /// Address of the token, checksummed; zero for the chain's own coin.
    pub currency: String,
}

/// Income and payments of the lines, ascending by currency.
pub(super) fn of(session: &Session<'_>, lines: &[Line]) -> Vec<Total> {
    let mut sums: BTreeMap<Address, [U256; 3]> = BTreeMap::new();
    for line in lines {
        let slot = match line.event {
            "income" => 0,
            "royalty.claimed" => 1,
            "split.claimed" => 2,
            _ => continue,
        };
        let Some((amount, currency)) = line.money else { continue };
        if let Some(sum) = sums.entry(currency).or_default().get_mut(slot) {
            *sum += amount;
        }
    }
    let total = |(currency, sums): (Address, [U256; 3])| Total {
        currency: currency.to_checksum(None),
        currency_symbol: money::symbol(session, currency),
        income: sums[0].to_string(),
        paid_contributors: sums[1].to_string(),
        paid_splits: sums[2].to_string(),
        texts: sums.map(|sum| session.show_amount(sum, currency)),
    };
    sums.into_iter().map(total).collect()
}

/// What each contributor was paid by these lines, ascending by account and currency.
pub(super) fn payments(session: &Session<'_>, lines: &[Line]) -> Vec<Payment> {
    let mut sums: BTreeMap<(String, Address), U256> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.event == "royalty.claimed") {
        if let (Some(account), Some((amount, currency))) = (&line.who, line.money) {
            *sums.entry((account.clone(), currency)).or_default() += amount;
        }
    }
    let payment = |((account, currency), amount): ((String, Address), U256)| Payment {
        account,
        amount: amount.to_string(),
        amount_text: session.show_amount(amount, currency),
        currency: currency.to_checksum(None),
    };
    sums.into_iter().map(payment).collect()
}
