//! The engine through which every verb changes the chain. A verb describes its work as steps; the engine looks into the
//! ledger, asks the chain, simulates, prices, signs, records, sends, waits and confirms. It can be killed anywhere and
//! run again: no step's effect is ever paid for twice.

mod abandon;
mod broadcast;
mod confirm;
mod quote;
mod step;
mod unsigned;

pub use quote::{Fees, Quote, TRANSACTION_GAS_CAP};
pub use step::{Check, Observer, Options, Outcome, Remedy, Silent, Step, Unfinished};
pub use unsigned::UnsignedTransaction;

use std::sync::Arc;

use alloy::primitives::U256;

use crate::{
    Error, Result,
    chain::{
        ledger::{Ledger, NewTransaction, Operation, StepRow, StepState, TransactionRow},
        provider::Connection,
        signers::Account,
    },
    fault,
};

/// How often a step whose transaction lost its nonce to another one is planned anew before giving up.
const ATTEMPTS: u32 = 3;

/// Everything that a verb needs to change the chain.
pub struct Engine {
    /// The checked connection.
    pub connection: Connection,
    /// Who signs.
    pub account: Account,
    /// Where everything signed is written first.
    pub ledger: Arc<Ledger>,
    /// Limits and modes.
    pub options: Options,
    /// Who is told, and asked.
    pub observer: Arc<dyn Observer>,
}

/// A step on its way.
enum Launched {
    Done(Outcome),
    InFlight(StepRow),
}

impl Engine {
    /// Begins or resumes the operation with this key. The key is made of everything that makes this work different from
    /// other work of the same kind: equal keys never cause the work to be done twice.
    ///
    /// # Errors
    /// Ledger and connection errors; `tx.max_spend_required` on a main network with `--yes` and no limit.
    pub async fn begin(&self, kind: &str, key: &str) -> Result<Run<'_>> {
        if self.options.unsigned.is_some() {
            return Ok(Run { engine: self, operation: None, exported: Vec::new() });
        }
        if self.connection.network.main && self.options.yes && self.options.max_spend.is_none() {
            let message = format!("--yes on main network `{}` needs a limit", self.connection.network.name);
            return Err(Error::usage("tx.max_spend_required", message)
                .hint("add `--max-spend`, the most that this command may cost, such as `--max-spend \"0.01 ETH\"`"));
        }
        let chain = self.connection.chain_key();
        let operation = self.ledger.begin(&chain, &self.connection.network.name, kind, key)?;
        self.rebroadcast_in_flight(operation.id).await?;
        Ok(Run { engine: self, operation: Some(operation), exported: Vec::new() })
    }

    /// Runs all steps of an operation, in order, and marks it as done. Steps marked independent are sent without waiting
    /// for the ones before them.
    ///
    /// # Errors
    /// The first error of a step; the steps sent before it stay in the ledger, and a rerun continues there.
    pub async fn run(&self, kind: &str, key: &str, steps: Vec<Step<'_>>) -> Result<Vec<Outcome>> {
        let mut run = self.begin(kind, key).await?;
        let outcomes = run.steps(steps).await?;
        let hashes: Vec<_> = outcomes.iter().map(Outcome::hash).collect();
        run.finish(&serde_json::json!({ "transactions": hashes }))?;
        Ok(outcomes)
    }
}

/// An operation in progress.
pub struct Run<'e> {
    engine: &'e Engine,
    /// `None` when transactions are only exported.
    operation: Option<Operation>,
    exported: Vec<UnsignedTransaction>,
}

impl Run<'_> {
    /// The operation in the ledger; `None` when transactions are only exported.
    pub fn operation(&self) -> Option<&Operation> {
        self.operation.as_ref()
    }

    /// Runs one step to its end.
    ///
    /// # Errors
    /// See [`Run::steps`].
    pub async fn step(&mut self, step: Step<'_>) -> Result<Outcome> {
        let mut outcomes = self.steps(vec![step]).await?;
        outcomes.pop().ok_or_else(|| Error::bug("a step ended without an outcome"))
    }

    /// Runs several steps; see [`Engine::run`].
    ///
    /// # Errors
    /// `contract.would_revert` before anything is signed, `contract.reverted`, `tx.insufficient_funds`, `tx.max_spend`,
    /// `tx.pending` (a rerun continues), `tx.superseded`, connection and ledger errors.
    pub async fn steps(&mut self, steps: Vec<Step<'_>>) -> Result<Vec<Outcome>> {
        let Some(operation) = self.operation.as_ref().map(|operation| operation.id) else {
            return self.export(&steps).await;
        };
        let mut outcomes: Vec<Option<Outcome>> = Vec::with_capacity(steps.len());
        let mut waiting: Vec<(usize, &Step<'_>, StepRow)> = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            if !step.independent {
                self.settle(operation, &mut waiting, &mut outcomes).await?;
            }
            match self.engine.launch(operation, step).await? {
                Launched::Done(outcome) => outcomes.push(Some(outcome)),
                Launched::InFlight(row) => {
                    outcomes.push(None);
                    waiting.push((index, step, row));
                }
            }
        }
        self.settle(operation, &mut waiting, &mut outcomes).await?;
        outcomes.into_iter().map(|outcome| outcome.ok_or_else(|| Error::bug("a step was left waiting"))).collect()
    }

    async fn settle(
        &self,
        operation: i64,
        waiting: &mut Vec<(usize, &Step<'_>, StepRow)>,
        outcomes: &mut [Option<Outcome>],
    ) -> Result<()> {
        for (index, step, row) in waiting.drain(..) {
            let outcome = self.engine.confirm_or_retry(operation, step, row).await?;
            if let Some(slot) = outcomes.get_mut(index) {
                *slot = Some(outcome);
            }
        }
        Ok(())
    }

    async fn export(&mut self, steps: &[Step<'_>]) -> Result<Vec<Outcome>> {
        let mut outcomes = Vec::with_capacity(steps.len());
        for step in steps {
            if step.is_done().await? {
                self.engine.observer.skipped(&step.description);
                outcomes.push(Outcome::AlreadyDone);
            } else {
                let (chain_id, from) = (self.engine.connection.chain_id, self.engine.account.address);
                self.exported.push(UnsignedTransaction::new(step, chain_id, from));
                outcomes.push(Outcome::Exported);
            }
        }
        Ok(outcomes)
    }

    /// Marks the operation as done and keeps its result; in export mode writes the file.
    ///
    /// # Errors
    /// Ledger and file errors.
    pub fn finish(self, result: &serde_json::Value) -> Result<()> {
        match (&self.operation, &self.engine.options.unsigned) {
            (Some(operation), _) => self.engine.ledger.finish(operation.id, &result.to_string()),
            (None, Some(path)) => unsigned::write(path, &self.exported),
            (None, None) => Ok(()),
        }
    }
}

impl Engine {
    /// Brings a step to where it only needs to be waited for.
    async fn launch(&self, operation: i64, step: &Step<'_>) -> Result<Launched> {
        let row = self.ledger.step(operation, &step.key, &step.description)?;
        if matches!(row.state, StepState::Signed | StepState::Sent | StepState::Confirmed) {
            return Ok(Launched::InFlight(row));
        }
        if step.is_done().await? {
            self.observer.skipped(&step.description);
            return Ok(Launched::Done(Outcome::AlreadyDone));
        }
        self.account.signer()?;
        let quote = self.quote(step).await?;
        self.check_limits(operation, &quote)?;
        self.observer.authorize(&quote)?;
        let pending = self.pending_count().await?;
        let transaction = self.ledger.record_signed(
            &self.connection.chain_key(),
            row.id,
            self.account.address,
            pending,
            |nonce| self.sign(quote.unsigned(self.connection.chain_id, nonce), quote.data_fee),
        )?;
        self.send_first(step, &row, &transaction).await?;
        Ok(Launched::InFlight(self.ledger.step(operation, &step.key, &step.description)?))
    }

    /// Hands a transaction that was just recorded to the node.
    async fn send_first(&self, step: &Step<'_>, row: &StepRow, transaction: &TransactionRow) -> Result<()> {
        fault::point("send.before");
        let answer = self.broadcast(&transaction.raw).await?;
        fault::point("send.after");
        match answer {
            broadcast::Answer::Taken => {
                self.ledger.mark_sent(row.id)?;
                self.observer.sent(&step.description, transaction.hash);
                Ok(())
            }
            // Somebody else used the nonce between our question and now: `confirm` finds out and plans anew.
            broadcast::Answer::NonceTooLow => Ok(()),
            refused => {
                // What the node does not have can't be mined: the nonce is free again.
                if !self.is_known(transaction.hash).await? {
                    self.ledger.mark_superseded(row.id)?;
                }
                Err(self.refusal(step, &refused))
            }
        }
    }

    async fn confirm_or_retry(&self, operation: i64, step: &Step<'_>, row: StepRow) -> Result<Outcome> {
        let mut row = row;
        for _ in 0..ATTEMPTS {
            match self.confirm(step, &row).await? {
                confirm::Ending::Confirmed(receipt) => return Ok(Outcome::Confirmed(receipt)),
                confirm::Ending::Canceled(_) => {}
                confirm::Ending::Superseded(nonce) => {
                    self.ledger.mark_superseded(row.id)?;
                    // Without a way to ask the chain, the other transaction might have been this very step, sent again
                    // by a wallet at a higher fee. Where money counts, that is for the user to judge.
                    if step.already_done.is_none() && !self.connection.network.is_local() {
                        let message = format!(
                            "{}: another transaction of {} took nonce {nonce}",
                            step.description, self.account.address
                        );
                        return Err(Error::chain("tx.superseded", message).hint(
                            "look at that transaction first; run the command again only if it did not do this work",
                        ));
                    }
                }
            }
            match self.launch(operation, step).await? {
                Launched::Done(outcome) => return Ok(outcome),
                Launched::InFlight(again) => row = again,
            }
        }
        let message =
            format!("{}: other transactions of {} keep taking its nonce", step.description, self.account.address);
        Err(Error::chain("tx.superseded", message)
            .hint("stop the other program that uses this account, then run again"))
    }

    /// Refuses a step that the account can't pay, or that the user would not.
    fn check_limits(&self, operation: i64, quote: &Quote) -> Result<()> {
        let needed = quote.total();
        if quote.balance < needed {
            return Err(self.insufficient_funds(quote.balance, needed, &quote.description));
        }
        self.check_limit(operation, &quote.description, needed)
    }

    /// Refuses what would lead past `--max-spend`, counted over the whole operation.
    fn check_limit(&self, operation: i64, description: &str, needed: U256) -> Result<()> {
        let Some(limit) = self.options.max_spend else { return Ok(()) };
        let before = self.committed(operation)?;
        let total = before.saturating_add(needed);
        if total > limit {
            let symbol = &self.connection.network.symbol;
            let show = |wei: U256| format!("{} {symbol}", alloy::primitives::utils::format_ether(wei));
            let message = format!(
                "{} may cost {}, with {} spent or reserved already; --max-spend allows {}",
                description,
                show(needed),
                show(before),
                show(limit)
            );
            return Err(Error::unauthorized("tx.max_spend", message).hint("raise --max-spend, or wait for lower fees"));
        }
        Ok(())
    }

    /// Wei that an operation has spent or may still spend by what was signed.
    fn committed(&self, operation: i64) -> Result<U256> {
        let mut sum = U256::ZERO;
        for row in self.ledger.steps(operation)? {
            let transactions = self.ledger.transactions(row.id)?;
            let cost = match (row.state, row.gas_used, row.gas_price) {
                (StepState::Confirmed, Some(gas), Some(price)) => {
                    let value = transactions.iter().find(|t| Some(t.hash) == row.hash).map_or(U256::ZERO, |t| t.value);
                    value.saturating_add(U256::from(gas).saturating_mul(U256::from(price)))
                }
                // Of a transaction and its replacements only one is mined.
                _ => transactions.iter().map(|t| t.value.saturating_add(t.max_cost)).max().unwrap_or_default(),
            };
            sum = sum.saturating_add(cost);
        }
        Ok(sum)
    }

    fn sign(&self, unsigned: quote::Unsigned, data_fee: U256) -> Result<NewTransaction> {
        let max_cost = unsigned.max_gas_cost().saturating_add(data_fee);
        let value = unsigned.value();
        let (hash, raw) = unsigned.sign(&self.account)?;
        Ok(NewTransaction { hash, raw, value, max_cost })
    }
}

#[cfg(test)]
mod tests;
