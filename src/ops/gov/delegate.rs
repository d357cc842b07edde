//! `dgov gov delegate`.

use alloy::primitives::{Address, U256};
use alloy::sol_types::SolCall;
use dgov_contracts::governance::{IDataToken, IErc20};
use serde::Serialize;

use super::proposals::votes;
use crate::chain::reverts::contract_error;
use crate::commands::TxArgs;
use crate::error::Result;
use crate::governance::calls::checksummed;
use crate::ops::apply::{self, Call, Operation, TxReport, decimal};
use crate::session::Session;
use crate::ui::Report;

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
pub async fn delegate(session: &Session<'_>, to: Option<&str>, tx: &TxArgs) -> Result<DelegateReport> {
    let account = session.account()?;
    let delegate = to.map_or(Ok(account), |to| session.resolve_text(to))?;
    let token = session.suite()?.token;
    let provider = &session.connection.provider;
    let failed = |error| contract_error(&session.connection, "reading the governance token", error);
    let votes = IErc20::new(token, provider).balanceOf(account).call().await.map_err(failed)?;
    let already = IDataToken::new(token, provider).delegates(account).call().await.map_err(failed)? == delegate;
    let mut calls = Vec::new();
    if !already {
        let data = IDataToken::delegateCall { delegatee: delegate }.abi_encode();
        calls.push(Call::new(format!("delegate:{delegate}"), format!("delegate the votes to {delegate}"), token, data));
    }
    let operation = Operation { verb: "gov delegate", key: format!("{account}:{delegate}"), calls };
    let sent = apply::apply(session, operation, tx).await?.report();
    Ok(DelegateReport { account, delegate, already, votes, sent })
}
