//! `dgov validator unstake`: stake on its way out, and what has arrived there.

use alloy::primitives::{Address, B256, U256};
use alloy::sol_types::SolCall;
use dgov_contracts::stake::IValidatorStake;
use serde::Serialize;

use super::position::{self, Request};
use crate::commands::TxArgs;
use crate::error::{Error, ErrorKind, Result};
use crate::ops::apply::{self, Applied, Call, Operation, TxReport};
use crate::session::Session;
use crate::ui::{Report, prompt, table};

const VERB: &str = "validator unstake";

/// What was asked for, freed and paid.
#[derive(Debug, Serialize)]
pub struct UnstakeReport {
    /// Whose stake it is.
    pub account: String,
    /// What was, or would be, asked for now, wei.
    #[serde(serialize_with = "apply::decimal")]
    pub requested_wei: U256,
    /// What was, or would be, paid now, wei.
    #[serde(serialize_with = "apply::decimal")]
    pub paid_wei: U256,
    /// Locks that were, or would be, freed now because their time is over.
    pub released: Vec<B256>,
    /// What is on its way out after that.
    pub requests: Vec<Request>,
    /// Whether anything of this was done now.
    pub changed: bool,
    /// What was sent.
    #[serde(flatten)]
    pub sent: TxReport,
    /// Requested and paid for people, and each request.
    #[serde(skip)]
    texts: (String, String, Vec<Vec<String>>),
}

impl Report for UnstakeReport {
    fn human(&self) -> String {
        let (requested, paid, rows) = &self.texts;
        let would = if self.sent.is_plan() { "would have " } else { "" };
        let mut text = String::new();
        if !self.released.is_empty() {
            text.push_str(&format!("{would}freed {} locks whose time is over\n", self.released.len()));
        }
        if !self.paid_wei.is_zero() {
            text.push_str(&format!("{would}paid {paid} to {}\n", self.account));
        }
        if !self.requested_wei.is_zero() {
            text.push_str(&format!("{would}asked for {requested}\n"));
        }
        if text.is_empty() {
            text.push_str("nothing to do now\n");
        }
        if !rows.is_empty() {
            text.push_str(&table::render(&["request", "amount", "ready at"], rows));
        }
        text + &self.sent.human()
    }
}

/// Frees the account's locks that are over, pays what is ready, and asks for as much as the amount is above what is on its
/// way already: the same command again asks for nothing twice.
///
/// # Errors
/// `usage.amount`, `validator.stake_insufficient`, `confirm.not_asked`, `confirm.declined`, and those of sending.
pub async fn unstake(session: &Session<'_>, amount: Option<&str>, tx: &TxArgs) -> Result<UnstakeReport> {
    let wanted = amount.map(position::coin).transpose()?.unwrap_or_default();
    let account = session.account()?;
    let view = session.view().await?;
    let stake = position::of(session, account).await?;
    let show = |amount| session.show_amount(amount, Address::ZERO);
    let contract = session.suite()?.stake;
    let mut calls = Vec::new();

    let over: Vec<_> = position::locks(session, &view, account).await?.into_iter().filter(|lock| lock.over).collect();
    let freed = over.iter().fold(U256::ZERO, |sum, lock| sum + lock.amount_wei);
    for lock in &over {
        let data = IValidatorStake::releaseCall { lockId: lock.lock_id }.abi_encode();
        let description = format!("free the {} of {}", lock.kind, lock.dataset);
        calls.push(Call::new(format!("release:{}", lock.lock_id), description, contract, data));
    }

    let requests = position::requests(session, account).await?;
    let ready = requests.iter().filter(|request| request.ready);
    let due = ready.fold(U256::ZERO, |sum, request| sum + request.amount_wei);
    let locked = U256::from(stake.locked).saturating_sub(freed);
    let uncovered = (U256::from(stake.active) + U256::from(stake.unbonding)).saturating_sub(locked);
    let paid = due.min(uncovered);
    if let Some(last) = requests.iter().rfind(|request| request.ready).filter(|_| !paid.is_zero()) {
        // Paying a request pays all before it too.
        let data = IValidatorStake::unstakeCall { account, index: last.index }.abi_encode();
        let key = format!("unstake:{}:{}", last.index, stake.unbonding);
        let call = Call::new(key, format!("pay {} of stake to {account}", show(paid)), contract, data);
        calls.push(if over.is_empty() { call } else { call.after_others() });
    }

    let requested = wanted.saturating_sub(U256::from(stake.unbonding));
    if requested > U256::from(stake.active) {
        let message =
            format!("{account} has {} of active stake, not {}", show(U256::from(stake.active)), show(requested));
        return Err(Error::new(ErrorKind::Reverted, "validator.stake_insufficient", message)
            .hint("see what is active, locked and on its way with `dgov validator show`"));
    }
    if !requested.is_zero() {
        let data = IValidatorStake::requestUnstakeCall { amount: requested }.abi_encode();
        let key = format!("request:{}:{}", stake.active, stake.unbonding);
        calls.push(Call::new(key, format!("ask for {} of stake", show(requested)), contract, data));
        if !tx.dry_run && tx.unsigned.is_none() {
            let days =
                position::contract(session)?.settings().call().await.map_err(position::failed(session))?.unbonding;
            let question = format!(
                "{} leave the active stake of {account}; they are paid {} days later and secure nothing new meanwhile",
                show(requested),
                days / 86_400
            );
            prompt::confirm(&session.context.ui, session.context.global.yes, &question)?;
        }
    }

    let operation =
        Operation { verb: VERB, key: format!("{account}:{}:{}:{wanted}", stake.active, stake.unbonding), calls };
    let changes = !operation.calls.is_empty();
    let applied = apply::apply(session, operation, tx).await?;
    let changed = changes && matches!(applied, Applied::Done(_));
    let requests = if changed { position::requests(session, account).await? } else { requests };
    let rows = requests.iter().map(|request| {
        let time = if request.ready { "now".to_owned() } else { request.ready_at.clone() };
        vec![request.index.to_string(), show(request.amount_wei), time]
    });
    let rows = rows.collect();
    Ok(UnstakeReport {
        account: account.to_checksum(None),
        requested_wei: requested,
        paid_wei: paid,
        released: over.into_iter().map(|lock| lock.lock_id).collect(),
        requests,
        changed,
        sent: applied.report(),
        texts: (show(requested), show(paid), rows),
    })
}
