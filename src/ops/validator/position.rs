//! What an account has in the stake contract: amounts, requests on their way out, locks.

use std::collections::BTreeSet;

use alloy::primitives::{Address, B256, U256};
use alloy::providers::DynProvider;
use alloy::rpc::types::Filter;
use alloy::sol_types::SolEvent;
use dgov_contracts::stake::IValidatorStake::IValidatorStakeInstance;
use dgov_contracts::stake::{IValidatorStake, Lock, LockKind, LockState, StakeAccount};
use serde::Serialize;

use crate::chain::reverts::contract_error;
use crate::error::{Error, Result};
use crate::manifest::values::CoinAmount;
use crate::ops::view::{View, decode, matching_logs};
use crate::ops::{apply, lookup, times};
use crate::session::Session;

/// `until` of a backing whose end nobody asked for.
const ENDLESS: u64 = (1 << 40) - 1;

/// Stake on its way out.
#[derive(Clone, Debug, Serialize)]
pub struct Request {
    /// Its number in the account's line.
    #[serde(serialize_with = "apply::decimal")]
    pub index: U256,
    /// What it still pays, wei.
    #[serde(serialize_with = "apply::decimal")]
    pub amount_wei: U256,
    /// From when on, RFC 3339.
    pub ready_at: String,
    /// Whether that time has come.
    pub ready: bool,
}

/// A part of the stake that secures something.
#[derive(Clone, Debug, Serialize)]
pub struct LockRow {
    /// Its id: what a case is opened on.
    pub lock_id: B256,
    /// `attestation` or `backing`.
    pub kind: &'static str,
    /// The dataset.
    pub dataset: String,
    /// Number of the version; null for a backing.
    pub version: Option<u32>,
    /// Basis points; null for a backing.
    pub score_bps: Option<u16>,
    /// What is locked, wei.
    #[serde(serialize_with = "apply::decimal")]
    pub amount_wei: U256,
    /// `live`, `held`, `escrowed`, `released` or `lost`.
    pub state: &'static str,
    /// When it is free unless it is challenged, RFC 3339; null for a backing whose end nobody asked for.
    pub until: Option<String>,
    /// Whether anybody may free it now.
    pub over: bool,
}

/// The stake contract of the project.
pub fn contract(session: &Session<'_>) -> Result<IValidatorStakeInstance<DynProvider>> {
    Ok(IValidatorStake::new(session.suite()?.stake, session.connection.provider.clone()))
}

/// A failed read.
pub fn failed(session: &Session<'_>) -> impl Fn(alloy::contract::Error) -> Error {
    |error| contract_error(&session.connection, "reading the stake", error)
}

/// An amount of the chain's own coin above zero.
///
/// # Errors
/// `usage.amount`.
pub fn coin(text: &str) -> Result<U256> {
    let amount: CoinAmount = text.parse().map_err(|error: crate::manifest::values::ValueError| {
        let hint = error.hint.unwrap_or_else(|| "write a number and a unit, e.g. \"0.5 ETH\"".into());
        Error::usage("usage.amount", error.message).hint(hint)
    })?;
    if amount.0.is_zero() {
        return Err(Error::usage("usage.amount", "the amount is zero").hint("give an amount above zero"));
    }
    Ok(amount.0)
}

/// The account's stake.
pub async fn of(session: &Session<'_>, account: Address) -> Result<StakeAccount> {
    contract(session)?.accountOf(account).call().await.map_err(failed(session))
}

/// Active stake that no lock needs.
pub fn free(stake: &StakeAccount) -> U256 {
    U256::from(stake.active).saturating_sub(U256::from(stake.locked))
}

/// Requests that still pay something, in the order of the line.
pub async fn requests(session: &Session<'_>, account: Address) -> Result<Vec<Request>> {
    let contract = contract(session)?;
    let filter = Filter::new()
        .address(*contract.address())
        .event_signature(IValidatorStake::UnstakeRequested::SIGNATURE_HASH)
        .topic1(account.into_word());
    let now = session.next_time().await?;
    let mut found = Vec::new();
    for log in matching_logs(&session.connection.provider, filter, session.network_lock()?.block).await? {
        let index = decode::<IValidatorStake::UnstakeRequested>(&log)?.index;
        let left = contract.unbondingOf(account, index).call().await.map_err(failed(session))?;
        if !left.amount.is_zero() {
            let ready_at: u64 = left.readyAt.to();
            found.push(Request {
                index,
                amount_wei: U256::from(left.amount),
                ready_at: times::rfc3339(ready_at),
                ready: ready_at <= now,
            });
        }
    }
    Ok(found)
}

/// All locks that the account made and that are still its own, in the order of the chain.
pub async fn locks(session: &Session<'_>, view: &View, account: Address) -> Result<Vec<LockRow>> {
    let contract = contract(session)?;
    let topics = vec![IValidatorStake::Attested::SIGNATURE_HASH, IValidatorStake::Backed::SIGNATURE_HASH];
    let filter = Filter::new().address(*contract.address()).event_signature(topics).topic2(account.into_word());
    let now = session.next_time().await?;
    let mut seen = BTreeSet::new();
    let mut rows = Vec::new();
    for log in matching_logs(&session.connection.provider, filter, session.network_lock()?.block).await? {
        // Both events begin with the lock's id.
        let Some(id) = log.topics().get(1).copied() else { continue };
        if !seen.insert(id) {
            continue;
        }
        let lock = contract.lockOf(id).call().await.map_err(failed(session))?;
        // A dataset that was sold may be backed by another by now.
        if lock.owner == account {
            rows.push(row(session, view, id, &lock, now));
        }
    }
    Ok(rows)
}

fn row(session: &Session<'_>, view: &View, id: B256, lock: &Lock, now: u64) -> LockRow {
    let attestation = lock.kind == LockKind::Attestation;
    let version = view.versions.iter().find(|record| attestation && record.key == lock.subject);
    let dataset_id = version.map_or(lock.subject, |record| record.version.datasetId);
    let until: u64 = lock.until.to();
    LockRow {
        lock_id: id,
        kind: if attestation { "attestation" } else { "backing" },
        dataset: lookup::name_of(session, view, dataset_id),
        version: version.map(|record| record.version.number),
        score_bps: attestation.then_some(lock.score),
        amount_wei: U256::from(lock.amount),
        state: state_name(&lock.state),
        until: (until != ENDLESS).then(|| times::rfc3339(until)),
        over: lock.state == LockState::Live && until <= now,
    }
}

fn state_name(state: &LockState) -> &'static str {
    match state {
        LockState::Live => "live",
        LockState::Held => "held",
        LockState::Escrowed => "escrowed",
        LockState::Released => "released",
        LockState::Lost => "lost",
        _ => "none",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use alloy::primitives::aliases::U96;

    use super::*;

    #[test]
    fn what_is_locked_and_not_covered_by_active_stake_leaves_nothing_free() {
        let stake = |active: u64, locked: u64| StakeAccount {
            active: U96::from(active),
            unbonding: U96::from(9),
            upheld: 0,
            lost: 0,
            locked: U96::from(locked),
        };
        assert_eq!(free(&stake(7, 3)), U256::from(4));
        assert_eq!(free(&stake(3, 7)), U256::ZERO);
    }

    #[test]
    fn stake_is_in_the_chains_own_coin() {
        assert_eq!(coin("2 gwei").unwrap(), U256::from(2_000_000_000_u64));
        for text in ["0 ETH", "5 USDC", "5", "-1 ETH"] {
            assert_eq!(coin(text).unwrap_err().code(), "usage.amount", "{text}");
        }
    }
}
