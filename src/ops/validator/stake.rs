//! `dgov validator stake`: active stake of an account, brought to an amount.

use alloy::primitives::U256;
use alloy::sol_types::SolCall;
use dgov_contracts::stake::IValidatorStake;
use serde::Serialize;

use super::position;
use crate::commands::TxArgs;
use crate::error::Result;
use crate::ops::apply::{self, Applied, Call, Operation, TxReport};
use crate::session::Session;
use crate::ui::Report;

/// What the account has staked.
#[derive(Debug, Serialize)]
pub struct StakeReport {
    /// Whose stake it is.
    pub account: String,
    /// Active stake that was asked for, wei.
    #[serde(serialize_with = "apply::decimal")]
    pub wanted_wei: U256,
    /// What was missing and was, or would be, added, wei.
    #[serde(serialize_with = "apply::decimal")]
    pub added_wei: U256,
    /// Active stake now, wei.
    #[serde(serialize_with = "apply::decimal")]
    pub active_wei: U256,
    /// Whether stake was added now.
    pub staked: bool,
    /// What was sent.
    #[serde(flatten)]
    pub sent: TxReport,
    /// Added and active for people.
    #[serde(skip)]
    texts: [String; 2],
}

impl Report for StakeReport {
    fn human(&self) -> String {
        let [added, active] = &self.texts;
        let head = if self.staked {
            format!("staked {added}; {} has {active} of active stake\n", self.account)
        } else if self.added_wei.is_zero() {
            format!("{} has {active} of active stake already; nothing to do\n", self.account)
        } else {
            format!("would stake {added}; {} has {active} of active stake\n", self.account)
        };
        head + &self.sent.human()
    }
}

/// Adds what is missing to the amount. What is there is asked of the chain, so that a command that runs twice stakes once.
///
/// # Errors
/// `usage.amount`, and those of sending.
pub async fn stake(session: &Session<'_>, amount: &str, tx: &TxArgs) -> Result<StakeReport> {
    let wanted = position::coin(amount)?;
    let account = session.account()?;
    let active = U256::from(position::of(session, account).await?.active);
    let missing = wanted.saturating_sub(active);
    let mut calls = Vec::new();
    if !missing.is_zero() {
        let description = format!("stake {}", session.show_amount(missing, alloy::primitives::Address::ZERO));
        let data = IValidatorStake::stakeCall {}.abi_encode();
        calls.push(Call::new("stake", description, session.suite()?.stake, data).with_value(missing));
    }
    // What is there is part of the key: the ledger goes on with this addition, and takes no other one for it.
    let operation = Operation { verb: "validator stake", key: format!("{account}:{wanted}:{active}"), calls };
    let applied = apply::apply(session, operation, tx).await?;
    let staked = matches!(applied, Applied::Done(_)) && !missing.is_zero();
    let active = if staked { U256::from(position::of(session, account).await?.active) } else { active };
    let show = |amount| session.show_amount(amount, alloy::primitives::Address::ZERO);
    Ok(StakeReport {
        account: account.to_checksum(None),
        wanted_wei: wanted,
        added_wei: missing,
        active_wei: active,
        staked,
        sent: applied.report(),
        texts: [show(missing), show(active)],
    })
}
