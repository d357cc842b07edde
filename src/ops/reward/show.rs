//! `dgov reward show`: the rounds, and what an account gets of each.

use alloy::primitives::{Address, B256, U256};
use serde::Serialize;

use super::claim::warn_unreadable;
use super::payees;
use super::rounds::{self, Stage};
use crate::error::Result;
use crate::ops::names::folder_cid;
use crate::ops::{apply, money, times};
use crate::session::Session;
use crate::ui::{Report, table};

/// The rounds.
#[derive(Debug, Serialize)]
pub struct ShowReport {
    /// Whose rewards are shown; null when no account was chosen.
    pub account: Option<String>,
    /// Ascending.
    pub rounds: Vec<RoundRow>,
}

/// A round. Amounts are in the smallest unit of the currency.
#[derive(Debug, Serialize)]
pub struct RoundRow {
    /// Its number.
    pub round: String,
    /// Where it stands.
    pub stage: Stage,
    /// Who published it.
    pub publisher: String,
    /// Root of its tree.
    pub root: B256,
    /// CID of the folder with its payees.
    pub list_cid: String,
    /// Symbol of the currency, or the token's address.
    pub currency: String,
    /// What it pays.
    #[serde(serialize_with = "apply::decimal")]
    pub total: U256,
    /// What it paid.
    #[serde(serialize_with = "apply::decimal")]
    pub claimed: U256,
    /// The publisher's bond while it is there, wei.
    #[serde(serialize_with = "apply::decimal")]
    pub bond_wei: U256,
    /// From when on it can be claimed, RFC 3339.
    pub claimable_at: String,
    /// From when on the rest can be taken back, RFC 3339; null for never.
    pub expires_at: Option<String>,
    /// The account's reward; null without an account, or when the list can't be read.
    pub reward: Option<String>,
    /// Whether the account was paid; null without an account.
    pub paid: Option<bool>,
    /// Total, claimed and reward for people.
    #[serde(skip)]
    texts: [String; 3],
}

impl Report for ShowReport {
    fn human(&self) -> String {
        if self.rounds.is_empty() {
            return "no round was published\n".into();
        }
        let rows: Vec<_> = self
            .rounds
            .iter()
            .map(|row| {
                let [total, claimed, reward] = row.texts.clone();
                let until = row.expires_at.clone().unwrap_or_else(|| "-".to_owned());
                vec![
                    row.round.clone(),
                    row.stage.name().to_owned(),
                    total,
                    claimed,
                    row.claimable_at.clone(),
                    until,
                    reward,
                ]
            })
            .collect();
        let headings = ["round", "stage", "total", "claimed", "claims from", "runs out", "reward"];
        let text = table::render(&headings, &rows);
        match &self.account {
            Some(account) => format!("{text}reward of {account}\n"),
            None => text,
        }
    }
}

/// Shows all rounds, or one.
///
/// # Errors
/// `reward.unknown`, and those of reading the chain.
pub async fn show(session: &Session<'_>, number: Option<u64>, account: Option<&str>) -> Result<ShowReport> {
    let account = match account {
        Some(text) => Some(session.resolve_text(text)?),
        None => session.account().ok(),
    };
    let records = match number {
        Some(number) => vec![rounds::one(session, number).await?],
        None => rounds::all(session).await?,
    };
    let now = session.next_time().await?;
    let mut rows = Vec::new();
    for record in records {
        let currency = record.round.currency;
        let reward = match account {
            Some(account) => match payees::read(session, &record).await {
                Ok(list) => Some(record.worth(list.units(account).unwrap_or_default())),
                Err(error) if payees::is_of_the_list(&error) => {
                    warn_unreadable(session, &error);
                    None
                }
                Err(error) => return Err(error),
            },
            None => None,
        };
        let paid = match account {
            Some(account) => Some(rounds::is_claimed(session, &record, account).await?),
            None => None,
        };
        let (total, claimed) = (record.worth(record.round.units), record.worth(record.round.claimed));
        let expires: u64 = record.round.expiresAt.to();
        let show = |amount| session.show_amount(amount, currency);
        let mine = match (account, reward, paid) {
            (None, ..) => "-".to_owned(),
            (_, None, _) => "unknown".to_owned(),
            (_, Some(reward), Some(true)) => format!("{} (paid)", show(reward)),
            (_, Some(reward), _) => show(reward),
        };
        rows.push(RoundRow {
            round: record.id.to_string(),
            stage: record.stage(now),
            publisher: record.round.publisher.to_checksum(None),
            root: record.round.root,
            list_cid: folder_cid(record.list)?.to_string(),
            currency: money::symbol(session, currency),
            total,
            claimed,
            bond_wei: U256::from(record.round.bond),
            claimable_at: times::rfc3339(record.round.claimableAt.to()),
            expires_at: (expires != 0).then(|| times::rfc3339(expires)),
            reward: reward.map(|reward| reward.to_string()),
            paid,
            texts: [show(total), show(claimed), mine],
        });
    }
    Ok(ShowReport { account: account.map(|account: Address| account.to_checksum(None)), rounds: rows })
}
