//! `dgov reward cancel`: the guardian stops a round whose payees are withheld or wrong.

use alloy::sol_types::SolCall;
use dgov_contracts::rounds::{IRewardRounds, RoundState};
use serde::Serialize;

use super::rounds;
use crate::commands::TxArgs;
use crate::error::Result;
use crate::ops::apply::{self, Applied, Call, Operation, TxReport};
use crate::session::Session;
use crate::ui::Report;

/// The round.
#[derive(Debug, Serialize)]
pub struct CancelReport {
    /// Its number.
    pub round: String,
    /// Whether it was cancelled now; false when it was before.
    pub cancelled: bool,
    /// What was sent.
    #[serde(flatten)]
    pub sent: TxReport,
}

impl Report for CancelReport {
    fn human(&self) -> String {
        let head = match (self.cancelled, self.sent.transactions.is_empty()) {
            (true, _) => format!("cancelled round {}; its bond went to the treasury\n", self.round),
            (false, true) => format!("round {} was cancelled before; nothing to do\n", self.round),
            (false, false) => format!("would cancel round {}\n", self.round),
        };
        head + &self.sent.human()
    }
}

/// Cancels a round, and pays its bond to the treasury. Its funds wait for the publisher.
///
/// # Errors
/// `reward.unknown`, and those of sending: who may cancel, and until when, is the contract's to say.
pub async fn cancel(session: &Session<'_>, number: u64, tx: &TxArgs) -> Result<CancelReport> {
    let record = rounds::one(session, number).await?;
    let contract = session.suite()?.rounds;
    let mut calls = Vec::new();
    if record.round.state != RoundState::Cancelled {
        let data = IRewardRounds::cancelCall { roundId: record.id }.abi_encode();
        calls.push(Call::new("cancel", format!("cancel round {number}"), contract, data));
    }
    if !record.round.bond.is_zero() {
        let data = IRewardRounds::returnBondCall { roundId: record.id }.abi_encode();
        let call = Call::new("bond", format!("pay the bond of round {number} to the treasury"), contract, data);
        calls.push(if calls.is_empty() { call } else { call.after_others() });
    }
    let any = !calls.is_empty();
    let operation = Operation { verb: "reward cancel", key: number.to_string(), calls };
    let applied = apply::apply(session, operation, tx).await?;
    Ok(CancelReport {
        round: number.to_string(),
        cancelled: any && matches!(applied, Applied::Done(_)),
        sent: applied.report(),
    })
}
