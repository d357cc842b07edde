//! Purchases of a pass by earlier runs of `dgov license buy`: which of them a run may take for its own work.

use alloy::primitives::{Address, B256};
use alloy::providers::Provider;
use alloy::sol_types::SolEvent;
use dgov_contracts::suite::IAccessPass;

use super::pass_logs;
use crate::chain::ledger::{StepRow, StepState};
use crate::error::Result;
use crate::ops::apply;
use crate::ops::view::unreachable;
use crate::session::Session;

/// Kind of the operations in the ledger.
pub const VERB: &str = "license buy";
/// Key of the step that pays.
pub const PURCHASE: &str = "purchase";

/// Key of the operation that buys in one state of a pass: its end and how often it had changed.
pub fn key(holder: Address, dataset_id: B256, terms: B256, expiry: u64, changes: usize) -> String {
    format!("{dataset_id}:{holder}:{terms}:{expiry}:{changes}")
}

/// What the ledger knows of the purchase that made the pass what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// Nothing: another machine, a lost ledger, or no purchase.
    Nothing,
    /// The command that sent it was killed before it could say so.
    Open,
    /// The command that sent it got to its end.
    Reported,
}

/// The earlier purchases of a pass.
pub struct Earlier {
    /// How often the pass was bought, issued, moved or revoked.
    pub changes: usize,
    /// Block of the latest of these changes, if it was a purchase.
    purchased: Option<u64>,
    last: Known,
    /// Keys of operations that were begun and are not over.
    open: Vec<String>,
}

impl Earlier {
    /// Closes the purchases that killed commands left open and that a later state of the pass has overtaken: none of them
    /// may stand in for a purchase that is wanted later. A dry run writes nothing down.
    ///
    /// # Errors
    /// `chain.unreachable`, database errors.
    pub async fn settle(session: &Session<'_>, holder: Address, dataset_id: B256, dry_run: bool) -> Result<Self> {
        let ledger = session.ledger()?;
        let logs = pass_logs(session, holder, dataset_id).await?;
        let purchase = logs.last().filter(|log| log.topic0() == Some(&IAccessPass::Purchased::SIGNATURE_HASH));
        let mut earlier = Self {
            changes: logs.len(),
            purchased: purchase.and_then(|log| log.block_number),
            last: Known::Nothing,
            open: Vec::new(),
        };
        let prefix = format!("{dataset_id}:{holder}:");
        for operation in ledger.operations(&session.connection.chain_key())? {
            let key = operation.key.rsplit_once('#').map_or("", |(key, _)| key);
            if operation.kind != VERB || !key.starts_with(&prefix) {
                continue;
            }
            let before = key.rsplit(':').next().and_then(|text| text.parse::<usize>().ok()).unwrap_or_default();
            if before >= earlier.changes {
                earlier.open.extend((!operation.done).then(|| key.to_owned()));
                continue;
            }
            if !operation.done && !dry_run {
                apply::close(session, VERB, key).await?;
            }
            if before + 1 == earlier.changes && is_paid(&ledger.steps(operation.id)?) {
                earlier.last = if operation.done { Known::Reported } else { Known::Open };
            }
        }
        Ok(earlier)
    }

    /// Closes what is still open, because the pass is valid and nothing is to be bought.
    ///
    /// # Errors
    /// `chain.unreachable`, database errors.
    pub async fn abandon(&self, session: &Session<'_>) -> Result<()> {
        for key in &self.open {
            apply::close(session, VERB, key).await?;
        }
        Ok(())
    }

    /// Whether the latest purchase is what this run was to do: it was made a short while ago, and no run has reported it.
    /// A run that finds its killed predecessor in the ledger takes half a term for short. Without the ledger it might be
    /// another machine's work, and a hundredth is.
    ///
    /// # Errors
    /// `chain.unreachable`.
    pub async fn did(&self, session: &Session<'_>, now: u64, duration: u64) -> Result<bool> {
        let short = match self.last {
            Known::Reported => return Ok(false),
            Known::Open => duration / 2,
            Known::Nothing => duration / 100,
        };
        let Some(number) = self.purchased else { return Ok(false) };
        let block = session.connection.provider.get_block_by_number(number.into()).await.map_err(unreachable)?;
        Ok(block.is_some_and(|block| now.saturating_sub(block.header.timestamp) <= short))
    }
}

/// Whether a purchase was sent, as far as the ledger knows.
fn is_paid(steps: &[StepRow]) -> bool {
    let sent = [StepState::Signed, StepState::Sent, StepState::Confirmed];
    steps.iter().any(|step| step.key == PURCHASE && sent.contains(&step.state))
}
