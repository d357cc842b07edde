//! Rounds as the chain holds them.

use alloy::primitives::{Address, B256, TxHash, U256};
use alloy::providers::DynProvider;
use alloy::rpc::types::Filter;
use alloy::sol_types::SolEvent;
use dgov_contracts::rounds::IRewardRounds::IRewardRoundsInstance;
use dgov_contracts::rounds::{IRewardRounds, Round, RoundState};
use serde::Serialize;

use crate::chain::reverts::contract_error;
use crate::error::{Error, Result};
use crate::ops::view::{decode, matching_logs};
use crate::session::Session;

/// A round.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its number, from 1.
    pub id: U256,
    /// As the contract has it now.
    pub round: Round,
    /// Digest inside the CID of the folder with its payees.
    pub list: B256,
    /// What published it.
    pub transaction: TxHash,
}

/// Where a round stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Can be cancelled; claims have not started.
    Waiting,
    /// Pays.
    Claimable,
    /// Has run out, and pays until somebody sweeps it.
    Expired,
    /// Was cancelled; its funds wait for the publisher.
    Cancelled,
    /// What nobody claimed went back.
    Swept,
}

impl Stage {
    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Claimable => "claimable",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Swept => "swept",
        }
    }
}

impl Record {
    /// Where it stands at a time.
    pub fn stage(&self, now: u64) -> Stage {
        let round = &self.round;
        let expires: u64 = round.expiresAt.to();
        match round.state {
            RoundState::Cancelled => Stage::Cancelled,
            RoundState::Swept => Stage::Swept,
            _ if now < round.claimableAt.to() => Stage::Waiting,
            _ if expires != 0 && now >= expires => Stage::Expired,
            _ => Stage::Claimable,
        }
    }

    /// What units are worth, smallest unit of the currency.
    pub fn worth(&self, units: u64) -> U256 {
        U256::from(units) * U256::from(self.round.unit)
    }
}

/// The contract.
pub fn contract(session: &Session<'_>) -> Result<IRewardRoundsInstance<DynProvider>> {
    Ok(IRewardRounds::new(session.suite()?.rounds, session.connection.provider.clone()))
}

/// A failed read.
pub fn failed(session: &Session<'_>) -> impl Fn(alloy::contract::Error) -> Error {
    |error| contract_error(&session.connection, "reading the reward rounds", error)
}

/// All rounds, ascending.
pub async fn all(session: &Session<'_>) -> Result<Vec<Record>> {
    let contract = contract(session)?;
    let filter =
        Filter::new().address(*contract.address()).event_signature(IRewardRounds::RoundPublished::SIGNATURE_HASH);
    let mut records = Vec::new();
    for log in matching_logs(&session.connection.provider, filter, session.network_lock()?.block).await? {
        let event = decode::<IRewardRounds::RoundPublished>(&log)?;
        let round = contract.roundOf(event.roundId).call().await.map_err(failed(session))?;
        let transaction = log.transaction_hash.unwrap_or_default();
        records.push(Record { id: event.roundId, round, list: event.list, transaction });
    }
    Ok(records)
}

/// One round.
///
/// # Errors
/// `reward.unknown`.
pub async fn one(session: &Session<'_>, number: u64) -> Result<Record> {
    let records = all(session).await?;
    let count = records.len();
    records.into_iter().find(|record| record.id == U256::from(number)).ok_or_else(|| {
        let error = Error::input("reward.unknown", format!("there is no round {number}"));
        if count == 0 {
            error.hint("no round was published yet")
        } else {
            error.hint(format!("rounds are 1 to {count}"))
        }
    })
}

/// Whether the account was paid by a round.
pub async fn is_claimed(session: &Session<'_>, record: &Record, account: Address) -> Result<bool> {
    contract(session)?.isClaimed(record.id, account).call().await.map_err(failed(session))
}

#[cfg(test)]
mod tests {
    use alloy::primitives::aliases::{U40, U96};

    use super::*;

    #[test]
    fn a_round_waits_pays_and_runs_out() {
        let record = |state, expires: u64| Record {
            id: U256::from(1),
            round: Round {
                root: B256::ZERO,
                publisher: Address::ZERO,
                claimableAt: U40::from(100),
                state,
                currency: Address::ZERO,
                units: 3,
                unit: 1_000,
                expiresAt: U40::from(expires),
                bond: U96::ZERO,
                claimed: 0,
            },
            list: B256::ZERO,
            transaction: TxHash::ZERO,
        };
        let published = |expires, now| record(RoundState::Published, expires).stage(now);
        assert_eq!(
            [published(0, 99), published(0, 100), published(0, 999)],
            [Stage::Waiting, Stage::Claimable, Stage::Claimable]
        );
        assert_eq!([published(200, 199), published(200, 200)], [Stage::Claimable, Stage::Expired]);
        assert_eq!(record(RoundState::Cancelled, 0).stage(999), Stage::Cancelled);
        assert_eq!(record(RoundState::Swept, 200).stage(150), Stage::Swept);
        assert_eq!(record(RoundState::Published, 0).worth(u64::MAX), U256::from(u64::MAX) * U256::from(1_000));
    }
}
