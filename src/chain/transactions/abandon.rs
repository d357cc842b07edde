//! Work that is no longer wanted: what was signed for it is waited for where it is in a block, and taken back where it
//! is not, so that nothing sends it later.

use alloy::primitives::U256;

use super::{
    Engine, Step,
    broadcast::Answer,
    confirm::{Ending, no_transaction},
    quote::fees_of,
};
use crate::{
    Error, Result,
    chain::ledger::{Operation, StepRow, StepState, TransactionRow},
    fault,
};

impl Engine {
    /// Settles every open step of an operation that found nothing left to do: mined transactions are confirmed, others
    /// canceled. Steps that another account signed are left as they are. True if no step is open any more.
    ///
    /// # Errors
    /// `tx.max_spend`, `tx.insufficient_funds`, `tx.pending`, refusals of the observer, connection and ledger errors.
    pub async fn abandon(&self, operation: &Operation) -> Result<bool> {
        let mut settled = true;
        for row in self.ledger.steps(operation.id)?.iter().filter(|row| is_open(row)) {
            let ours = self.ledger.transactions(row.id)?.iter().all(|known| known.sender == self.account.address);
            if ours {
                self.abandon_step(row.id, &row.description).await?;
            } else {
                settled = false;
            }
        }
        Ok(settled)
    }

    /// Settles one step: afterwards none of its transactions can be mined any more, unless it is and counts.
    pub(super) async fn abandon_step(&self, step: i64, description: &str) -> Result<()> {
        let transactions = self.ledger.transactions(step)?;
        let Some(latest) = transactions.last() else { return Ok(()) };
        let mined = self.mined_count().await? > latest.nonce || self.receipt_of_any(&transactions).await?.is_some();
        let original = transactions.iter().find(|known| !known.cancels()).unwrap_or(latest);
        if !mined && !latest.cancels() {
            if self.nobody_has(&transactions).await? {
                self.ledger.mark_superseded(step)?;
                self.observer.canceled(description, original.hash, None);
                return Ok(());
            }
            self.cancel(latest, description).await?;
        }
        let Some(row) = self.ledger.steps(self.ledger.operation_of(step)?)?.into_iter().find(|row| row.id == step)
        else {
            return Err(Error::bug(format!("step {step} left the ledger")));
        };
        let wait = Step::call(&row.key, description, self.account.address, vec![]);
        match self.confirm(&wait, &row).await {
            Ok(Ending::Confirmed(_)) => Ok(()),
            Ok(Ending::Superseded(_)) => self.ledger.mark_superseded(step),
            Ok(Ending::Canceled(by)) => {
                self.observer.canceled(description, original.hash, Some(by));
                Ok(())
            }
            // Mined and failed: it did nothing, as was wanted.
            Err(error) if error.code() == "contract.reverted" => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Whether the ledger alone holds these transactions, so that to forget them is enough. That can only be said of a
    /// node of one's own, and not while the account's later transactions wait for this nonce.
    async fn nobody_has(&self, transactions: &[TransactionRow]) -> Result<bool> {
        if !self.connection.network.is_local() {
            return Ok(false);
        }
        let in_flight = self.ledger.in_flight(&self.connection.chain_key(), self.account.address)?;
        for known in transactions {
            if in_flight.iter().any(|other| other.nonce > known.nonce) || self.is_known(known.hash).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Signs and sends what uses up the nonce of `old` and does nothing else.
    async fn cancel(&self, old: &TransactionRow, description: &str) -> Result<()> {
        let envelope = old.envelope().ok_or_else(|| no_transaction(old))?;
        self.account.signer()?;
        let step = Step::call("cancel", format!("cancel: {description}"), self.account.address, vec![]);
        let mut quote = self.quote(&step).await?;
        quote.fees = quote.fees.raised_over(fees_of(&envelope));
        let cost = quote.total();
        if quote.balance < cost {
            return Err(self.insufficient_funds(quote.balance, cost, &step.description));
        }
        // Where nobody is asked, it may cost what it takes back, which was agreed to, and the raise that nodes demand of
        // a replacement.
        let agreed = self
            .options
            .yes
            .then(|| old.value.saturating_add(old.max_cost).saturating_add(old.max_cost / U256::from(4)));
        if let Some(limit) = self.options.max_spend.or(agreed)
            && cost > limit
        {
            let symbol = &self.connection.network.symbol;
            let show = alloy::primitives::utils::format_ether;
            let message =
                format!("{} may cost {} {symbol}, {} {symbol} are allowed", step.description, show(cost), show(limit));
            return Err(Error::unauthorized("tx.max_spend", message)
                .hint("raise --max-spend, or wait for lower fees; until then the transaction stays in the ledger"));
        }
        self.observer.authorize(&quote)?;
        let signed = self.sign(quote.unsigned(self.connection.chain_id, old.nonce), quote.data_fee)?;
        let new = self.ledger.record_replacement(&self.connection.chain_key(), old, signed)?;
        fault::point("cancel.before");
        // Whatever else the node says, waiting for the step finds out what it means.
        if self.broadcast(&new.raw).await? == Answer::Taken {
            self.ledger.mark_sent(new.step)?;
        }
        fault::point("cancel.after");
        Ok(())
    }
}

fn is_open(row: &StepRow) -> bool {
    matches!(row.state, StepState::Signed | StepState::Sent)
}
