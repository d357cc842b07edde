//! `dgov reward claim`: all that rounds owe an account, one transaction for each currency.

use std::collections::BTreeMap;

use alloy::primitives::{Address, U256, keccak256};
use alloy::providers::Provider;
use alloy::rpc::types::TransactionRequest;
use alloy::sol_types::SolCall;
use dgov_contracts::rounds::{IRewardRounds, RoundClaim};
use serde::Serialize;

use super::payees;
use super::rounds::{self, Record, Stage};
use crate::chain::reverts::call_error;
use crate::commands::TxArgs;
use crate::error::{Error, ErrorKind, Result};
use crate::ops::apply::{self, Call, Operation, TxReport};
use crate::ops::money;
use crate::session::Session;
use crate::ui::{Report, Warning, table};

/// Claims of one transaction: a million payees a round and it still fits.
const AT_ONCE: usize = 100;

/// What was claimed. Amounts are in the smallest unit of their currency.
#[derive(Debug, Serialize)]
pub struct ClaimReport {
    /// Who is paid.
    pub account: String,
    /// Sums by currency; what is zero is left out.
    pub claimed: BTreeMap<String, String>,
    /// One row for each round and reason.
    pub rounds: Vec<ClaimRow>,
    /// What was sent.
    #[serde(flatten)]
    pub sent: TxReport,
    /// Sums for people.
    #[serde(skip)]
    sums: Vec<String>,
}

/// A part of it.
#[derive(Clone, Debug, Serialize)]
pub struct ClaimRow {
    /// Number of the round.
    pub round: String,
    /// `reward`, or what a publisher gets back: `bond`, `rest`.
    #[serde(rename = "as")]
    pub reason: &'static str,
    /// What is paid.
    #[serde(serialize_with = "apply::decimal")]
    pub amount: U256,
    /// Symbol of the currency, or the token's address.
    pub currency: String,
    /// The amount for people.
    #[serde(skip)]
    text: String,
}

impl Report for ClaimReport {
    fn human(&self) -> String {
        if self.rounds.is_empty() {
            return format!("nothing to claim for {}\n", self.account);
        }
        let verb = if self.sent.is_plan() { "would claim" } else { "claimed" };
        let rows: Vec<_> =
            self.rounds.iter().map(|row| vec![row.round.clone(), row.reason.to_owned(), row.text.clone()]).collect();
        let table = table::render(&["round", "as", "amount"], &rows);
        format!("{verb} {} for {}\n{table}{}", self.sums.join(" and "), self.account, self.sent.human())
    }
}

/// A payment that is due, before it is a call.
struct Due {
    record: Record,
    currency: Address,
    amount: U256,
    kind: Kind,
}

enum Kind {
    Reward(RoundClaim),
    Bond,
    Rest,
}

impl Kind {
    fn name(&self) -> &'static str {
        match self {
            Self::Reward(_) => "reward",
            Self::Bond => "bond",
            Self::Rest => "rest",
        }
    }
}

/// Claims all that an account is owed: rewards, and for a publisher bonds and what is left of rounds that ran out or
/// were cancelled. What was paid is asked of the chain, so that nothing is claimed twice.
///
/// Anyone may publish rounds: a list that can't be read, and a currency that reverts, are left out with a warning.
///
/// # Errors
/// Where nothing is left to claim, the revert of what is refused (exit 5). Always those of sending.
pub async fn claim(session: &Session<'_>, account: Option<&str>, tx: &TxArgs) -> Result<ClaimReport> {
    let account = match account {
        Some(text) => session.resolve_text(text)?,
        None => session.account()?,
    };
    let due = due(session, account).await?;
    let (due, calls) = payable(session, account, due).await?;
    let key = format!("{account}:{}", keccak256(calls.iter().flat_map(|call| call.key.bytes()).collect::<Vec<_>>()));
    let applied = apply::apply(session, Operation { verb: "reward claim", key, calls }, tx).await?;
    let mut sums: BTreeMap<Address, U256> = BTreeMap::new();
    for part in &due {
        *sums.entry(part.currency).or_default() += part.amount;
    }
    let rows = due.iter().map(|part| ClaimRow {
        round: part.record.id.to_string(),
        reason: part.kind.name(),
        amount: part.amount,
        currency: money::symbol(session, part.currency),
        text: session.show_amount(part.amount, part.currency),
    });
    Ok(ClaimReport {
        account: account.to_checksum(None),
        claimed: sums.iter().map(|(currency, sum)| (money::symbol(session, *currency), sum.to_string())).collect(),
        rounds: rows.collect(),
        sums: sums.iter().map(|(currency, sum)| session.show_amount(*sum, *currency)).collect(),
        sent: applied.report(),
    })
}

/// All that is due now, by currency and round.
async fn due(session: &Session<'_>, account: Address) -> Result<Vec<Due>> {
    let now = session.next_time().await?;
    let mut due = Vec::new();
    for record in rounds::all(session).await? {
        let stage = record.stage(now);
        let currency = record.round.currency;
        let mut add = |currency, amount: U256, kind| {
            if !amount.is_zero() {
                due.push(Due { record: record.clone(), currency, amount, kind });
            }
        };
        let mine = record.round.publisher == account;
        // The bond of a cancelled round is the treasury's.
        if mine && matches!(stage, Stage::Claimable | Stage::Expired) {
            add(Address::ZERO, U256::from(record.round.bond), Kind::Bond);
        }
        let mut left = record.worth(record.round.units.saturating_sub(record.round.claimed));
        if matches!(stage, Stage::Claimable | Stage::Expired) && !rounds::is_claimed(session, &record, account).await? {
            match payees::read(session, &record).await {
                Ok(list) => {
                    if let Some(claim) = list.claim(&record, account) {
                        let amount = record.worth(claim.units);
                        left = left.saturating_sub(amount);
                        add(currency, amount, Kind::Reward(claim));
                    }
                }
                Err(error) if payees::is_of_the_list(&error) => warn_unreadable(session, &error),
                Err(error) => return Err(error),
            }
        }
        if mine && matches!(stage, Stage::Cancelled | Stage::Expired) {
            add(currency, left, Kind::Rest);
        }
    }
    Ok(due)
}

/// Tells the user which round is left out.
pub(super) fn warn_unreadable(session: &Session<'_>, error: &Error) {
    let mut warning = Warning::new(error.code(), error.to_string());
    warning.hint = error.hints().first().cloned();
    session.context.ui.warn(warning);
}

/// What the contract would pay now, with the calls: a token that reverts holds up no other currency.
async fn payable(session: &Session<'_>, account: Address, due: Vec<Due>) -> Result<(Vec<Due>, Vec<Call>)> {
    let mut by_currency: BTreeMap<Address, Vec<Due>> = BTreeMap::new();
    for part in due {
        by_currency.entry(part.currency).or_default().push(part);
    }
    let (mut left, mut calls, mut first) = (Vec::new(), Vec::new(), None);
    for (currency, parts) in by_currency {
        let made = calls_of(session, account, currency, &parts)?;
        match refused(session, &made).await? {
            None => {
                calls.extend(made);
                left.extend(parts);
            }
            Some(error) => {
                let sum = parts.iter().fold(U256::ZERO, |sum, part| sum + part.amount);
                session.context.ui.warn(Warning {
                    code: "reward.currency_reverts".into(),
                    message: format!("{} can't be claimed now: {error}", session.show_amount(sum, currency)),
                    hint: Some("it stays in the rounds; claim again later".into()),
                });
                first.get_or_insert(error);
            }
        }
    }
    match first {
        Some(error) if left.is_empty() => Err(error),
        _ => Ok((left, calls)),
    }
}

fn calls_of(session: &Session<'_>, account: Address, currency: Address, parts: &[Due]) -> Result<Vec<Call>> {
    let contract = session.suite()?.rounds;
    let mut calls = Vec::new();
    let rewards: Vec<_> = parts
        .iter()
        .filter_map(|part| match &part.kind {
            Kind::Reward(claim) => Some(claim.clone()),
            Kind::Bond | Kind::Rest => None,
        })
        .collect();
    for items in rewards.chunks(AT_ONCE) {
        let ids: Vec<_> = items.iter().map(|item| item.roundId.to_string()).collect();
        let description = format!("claim rewards of round {} for {account}", ids.join(", "));
        let data = IRewardRounds::claimCall { account, items: items.to_vec() }.abi_encode();
        calls.push(Call::new(format!("claim:{currency}:{}", ids.join(",")), description, contract, data));
    }
    for part in parts {
        let id = part.record.id;
        let (data, what) = match part.kind {
            Kind::Reward(_) => continue,
            Kind::Bond => (IRewardRounds::returnBondCall { roundId: id }.abi_encode(), "the bond"),
            Kind::Rest => (IRewardRounds::sweepCall { roundId: id }.abi_encode(), "the rest"),
        };
        calls.push(Call::new(
            format!("{}:{id}", part.kind.name()),
            format!("return {what} of round {id}"),
            contract,
            data,
        ));
    }
    Ok(calls)
}

/// Why the chain would refuse one of the calls, each asked on its own.
async fn refused(session: &Session<'_>, calls: &[Call]) -> Result<Option<Error>> {
    let from = session.account()?;
    for call in calls {
        let request = TransactionRequest::default().from(from).to(call.to).input(call.data.clone().into());
        if let Err(error) = session.connection.provider.estimate_gas(request).await {
            let error = call_error(&session.connection, &call.description, error);
            return if error.kind() == ErrorKind::Reverted { Ok(Some(error)) } else { Err(error) };
        }
    }
    Ok(None)
}
