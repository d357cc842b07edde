//! `dgov validator show`: an account's stake, what it secures, and its record.

use alloy::primitives::{Address, U256};
use serde::Serialize;

use super::position::{self, LockRow, Request};
use crate::error::Result;
use crate::manifest::values::Share;
use crate::ops::apply;
use crate::session::Session;
use crate::ui::{Report, table};

/// An account as a validator or publisher. Amounts in wei.
#[derive(Debug, Serialize)]
pub struct ShowReport {
    /// Whose stake it is.
    pub account: String,
    /// Stake that may secure something.
    #[serde(serialize_with = "apply::decimal")]
    pub active_wei: U256,
    /// Stake on its way out.
    #[serde(serialize_with = "apply::decimal")]
    pub unbonding_wei: U256,
    /// Stake that secures something.
    #[serde(serialize_with = "apply::decimal")]
    pub locked_wei: U256,
    /// Active stake that secures nothing.
    #[serde(serialize_with = "apply::decimal")]
    pub free_wei: U256,
    /// Attestations that stood.
    pub upheld: u32,
    /// Attestations that were lost.
    pub lost: u32,
    /// Record in basis points: 10,000 * (upheld + 1) / (upheld + lost + 2).
    pub reputation_bps: u16,
    /// Requests on their way out.
    pub requests: Vec<Request>,
    /// Locks, also those that are over.
    pub locks: Vec<LockRow>,
    /// Amounts for people.
    #[serde(skip)]
    texts: [String; 4],
    /// Rows for people.
    #[serde(skip)]
    rows: [Vec<Vec<String>>; 2],
}

impl Report for ShowReport {
    fn human(&self) -> String {
        let [active, unbonding, locked, free] = &self.texts;
        let reputation = Share::from_bps(self.reputation_bps).unwrap_or_default();
        let mut text = format!(
            "{}\n  active {active}, of it free {free}\n  locked {locked}\n  on its way out {unbonding}\n  record {reputation} ({} upheld, {} lost)\n",
            self.account, self.upheld, self.lost
        );
        let [requests, locks] = &self.rows;
        if !requests.is_empty() {
            text.push_str(&table::render(&["request", "amount", "ready at"], requests));
        }
        if !locks.is_empty() {
            text.push_str(&table::render(&["secures", "dataset", "score", "amount", "state", "until"], locks));
        }
        text
    }
}

/// Shows an account; the sender when none is named.
///
/// # Errors
/// `usage.account`, and those of reading the chain.
pub async fn show(session: &Session<'_>, account: Option<&str>) -> Result<ShowReport> {
    let account = match account {
        Some(text) => session.resolve_text(text)?,
        None => session.account()?,
    };
    let view = session.view().await?;
    let stake = position::of(session, account).await?;
    let reputation =
        position::contract(session)?.reputationOf(account).call().await.map_err(position::failed(session))?;
    let requests = position::requests(session, account).await?;
    let locks = position::locks(session, &view, account).await?;
    let show = |amount| session.show_amount(amount, Address::ZERO);
    let request_rows = requests
        .iter()
        .map(|request| vec![request.index.to_string(), show(request.amount_wei), request.ready_at.clone()])
        .collect();
    let lock_rows = locks
        .iter()
        .map(|lock| {
            let dataset =
                lock.version.map_or_else(|| lock.dataset.clone(), |number| format!("{}@{number}", lock.dataset));
            let score =
                lock.score_bps.and_then(Share::from_bps).map_or_else(|| "-".to_owned(), |score| score.to_string());
            let until = lock.until.clone().unwrap_or_else(|| "-".to_owned());
            let state = if lock.over { "over" } else { lock.state };
            vec![lock.kind.to_owned(), dataset, score, show(lock.amount_wei), state.to_owned(), until]
        })
        .collect();
    let amounts =
        [U256::from(stake.active), U256::from(stake.unbonding), U256::from(stake.locked), position::free(&stake)];
    let [active_wei, unbonding_wei, locked_wei, free_wei] = amounts;
    Ok(ShowReport {
        account: account.to_checksum(None),
        active_wei,
        unbonding_wei,
        locked_wei,
        free_wei,
        upheld: stake.upheld,
        lost: stake.lost,
        reputation_bps: reputation.saturating_to(),
        requests,
        locks,
        texts: amounts.map(show),
        rows: [request_rows, lock_rows],
    })
}
