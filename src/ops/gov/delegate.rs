//! `dgov gov delegate`.

use alloy::primitives::{Address, U256};
use alloy::rpc::types::Filter;
use alloy::sol_types::{SolCall, SolEvent};
use dgov_contracts::governance::{IDataToken, IErc20};
use serde::Serialize;

use super::proposals::votes;
use crate::chain::reverts::contract_error;
use crate::commands::TxArgs;
use crate::error::{Error, Result};
use crate::governance::calls::checksummed;
use crate::ops::apply::{self, Applied, Call, Operation, TxReport, decimal};
use crate::ops::view::matching_logs;
use crate::session::Session;
use crate::ui::Report;

const VERB: &str = "gov delegate";

/// Who votes with an account's tokens now.
#[derive(Debug, Serialize)]
pub struct DelegateReport {
    /// The holder.
    #[serde(serialize_with = "checksummed")]
    pub account: Address,
    /// Who votes with its tokens.
    #[serde(serialize_with = "checksummed")]
    pub delegate: Address,
    /// Whether it was so before.
    pub already: bool,
    /// Tokens of the holder, smallest unit.
    #[serde(serialize_with = "decimal")]
    pub votes: U256,
    /// What was sent.
    #[serde(flatten)]
    pub sent: TxReport,
}

impl Report for DelegateReport {
    fn human(&self) -> String {
        let verb = match (self.already, self.sent.dry_run || self.sent.unsigned.is_some()) {
            (true, _) => "already delegated",
            (false, true) => "would delegate",
            (false, false) => "delegated",
        };
        format!("{verb} {} votes of {} to {}\n{}", votes(self.votes), self.account, self.delegate, self.sent.human())
    }
}

/// Hands the account's votes to `to`, or back to itself.
///
/// # Errors
/// `usage.account`, `gov.delegate_differs` if the votes are elsewhere in the end, and those of sending.
pub async fn delegate(session: &Session<'_>, to: Option<&str>, tx: &TxArgs) -> Result<DelegateReport> {
    let account = session.account()?;
    let delegate = to.map_or(Ok(account), |to| session.resolve_text(to))?;
    let token = session.suite()?.token;
    let provider = &session.connection.provider;
    let failed = |error| contract_error(&session.connection, "reading the governance token", error);
    let votes = IErc20::new(token, provider).balanceOf(account).call().await.map_err(failed)?;
    let already = IDataToken::new(token, provider).delegates(account).call().await.map_err(failed)? == delegate;
    let changes = changes(session, token, account).await?;
    if !tx.dry_run {
        close_earlier(session, account, changes).await?;
    }
    let mut calls = Vec::new();
    if !already {
        let data = IDataToken::delegateCall { delegatee: delegate }.abi_encode();
        calls.push(Call::new(format!("delegate:{delegate}"), format!("delegate the votes to {delegate}"), token, data));
    }
    // What was done in one state of the account never counts as done in the next.
    let operation = Operation { verb: VERB, key: format!("{account}:{delegate}:{changes}"), calls };
    let applied = apply::apply(session, operation, tx).await?;
    if matches!(applied, Applied::Done(_)) && !tx.dry_run {
        let now = IDataToken::new(token, provider).delegates(account).call().await.map_err(failed)?;
        if now != delegate {
            let message = format!("the votes of {account} are with {now}, not with {delegate}");
            return Err(Error::chain("gov.delegate_differs", message)
                .hint("another command has delegated them meanwhile; run this one again if they are to move"));
        }
    }
    let sent = applied.report();
    Ok(DelegateReport { account, delegate, already, votes, sent })
}

/// How often the account has chosen who votes.
async fn changes(session: &Session<'_>, token: Address, account: Address) -> Result<usize> {
    let filter = Filter::new()
        .address(token)
        .event_signature(IDataToken::DelegateChanged::SIGNATURE_HASH)
        .topic1(account.into_word());
    Ok(matching_logs(&session.connection.provider, filter, session.network_lock()?.block).await?.len())
}

/// Closes what killed commands left open and a later choice has overtaken.
async fn close_earlier(session: &Session<'_>, account: Address, changes: usize) -> Result<()> {
    let prefix = format!("{account}:");
    for operation in session.ledger()?.operations(&session.connection.chain_key())? {
        let Some((key, _)) = operation.key.rsplit_once('#').filter(|_| operation.kind == VERB && !operation.done)
        else {
            continue;
        };
        let before = key.rsplit(':').next().and_then(|count| count.parse::<usize>().ok());
        if key.starts_with(&prefix) && before.is_some_and(|before| before < changes) {
            apply::close(session, VERB, key).await?;
        }
    }
    Ok(())
}
