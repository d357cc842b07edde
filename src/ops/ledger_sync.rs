//! What the chain knows of transactions whose end the ledger missed.

use alloy::providers::Provider;

use crate::chain::ledger::{Ledger, StepRow, StepState};
use crate::error::Result;
use crate::ops::view::unreachable;
use crate::session::Session;

/// What was learned.
pub struct Settled {
    /// Steps whose transaction turned out to be mined, well or badly.
    pub settled: usize,
    /// Verbs of unfinished operations, oldest first.
    pub unfinished: Vec<String>,
}

/// Asks the chain for the transactions of unfinished operations and writes down what it says. Operations stay open even
/// when all of their steps are done: only the verb itself knows whether that was all, and a rerun of it must find them,
/// or it would pay twice.
///
/// # Errors
/// `chain.unreachable`, database errors.
pub async fn settle(session: &Session<'_>) -> Result<Settled> {
    let ledger = session.ledger()?;
    let mut result = Settled { settled: 0, unfinished: Vec::new() };
    for operation in ledger.operations(&session.connection.chain_key())?.into_iter().rev().filter(|known| !known.done) {
        for step in ledger.steps(operation.id)? {
            if matches!(step.state, StepState::Signed | StepState::Sent) && settle_step(session, &ledger, &step).await?
            {
                result.settled += 1;
            }
        }
        result.unfinished.push(operation.kind);
    }
    Ok(result)
}

/// Whether one of the step's transactions counts by now.
async fn settle_step(session: &Session<'_>, ledger: &Ledger, step: &StepRow) -> Result<bool> {
    let provider = &session.connection.provider;
    let head = provider.get_block_number().await.map_err(unreachable)?;
    for transaction in ledger.transactions(step.id)? {
        let receipt = provider.get_transaction_receipt(transaction.hash).await.map_err(unreachable)?;
        let Some((receipt, block)) = receipt.and_then(|receipt| receipt.block_number.map(|block| (receipt, block)))
        else {
            continue;
        };
        if head.saturating_sub(block) + 1 < session.connection.network.confirmations {
            return Ok(false);
        }
        if transaction.cancels() {
            ledger.mark_canceled(step.id, transaction.hash)?;
        } else if receipt.status() {
            let (gas, price) = (receipt.gas_used, receipt.effective_gas_price);
            ledger.mark_confirmed(step.id, transaction.hash, block, gas, price)?;
        } else {
            ledger.mark_failed(step.id, "reverted")?;
        }
        return Ok(true);
    }
    Ok(false)
}
