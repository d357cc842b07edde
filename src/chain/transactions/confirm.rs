//! Waiting until a step counts: receipts, confirmations, reorganizations, lost and stuck transactions, and the reason of
//! those that were mined and failed.

use std::time::{Duration, Instant};

use alloy::{
    consensus::Transaction,
    eips::BlockId,
    primitives::{TxHash, TxKind, U256},
    providers::Provider,
    rpc::types::{TransactionReceipt, TransactionRequest},
};
use dgov_contracts::errors::RevertReason;

use super::{
    Engine, Step,
    broadcast::Answer,
    quote::{Unsigned, fees_of},
};
use crate::{
    Error, Result,
    chain::{
        ledger::{StepRow, TransactionRow},
        reverts::{reason_of, revert_error},
    },
    fault,
};

/// Looks at the chain between "the nonce is used" and "by another transaction": nodes behind one address can disagree
/// for a moment.
const LOOKS: u32 = 3;

/// How a wait ended.
pub(super) enum Ending {
    /// Successful and confirmed.
    Confirmed(Box<TransactionReceipt>),
    /// Another transaction took this nonce.
    Superseded(u64),
    /// The step was taken back by this transaction.
    Canceled(TxHash),
}

impl Engine {
    /// Waits for a step that has signed transactions.
    pub(super) async fn confirm(&self, step: &Step<'_>, row: &StepRow) -> Result<Ending> {
        let network = &self.connection.network;
        let started = Instant::now();
        let mut look_again = Duration::ZERO;
        let mut passed = 0;
        let mut in_block = None;
        loop {
            let transactions = self.ledger.transactions(row.id)?;
            let Some(latest) = transactions.last() else {
                return Err(Error::bug(format!("step `{}` waits without a transaction", step.key)));
            };
            if let Some(receipt) = self.receipt_of_any(&transactions).await? {
                match self.settled(&receipt).await? {
                    Settled::Yes => return self.conclude(step, row, &transactions, receipt).await,
                    Settled::NotYet => in_block = Some(receipt.transaction_hash),
                    Settled::Reorganized => {
                        self.observer.reorganized(&step.description, receipt.transaction_hash);
                        self.broadcast(&latest.raw).await?;
                    }
                }
            } else {
                if let Some(hash) = in_block.take() {
                    self.observer.reorganized(&step.description, hash);
                    look_again = Duration::ZERO;
                }
                if self.mined_count().await? > latest.nonce {
                    passed += 1;
                    if passed >= LOOKS {
                        return Ok(Ending::Superseded(latest.nonce));
                    }
                } else if started.elapsed() >= look_again {
                    // At the start, and from time to time: a node may never have had it, or have dropped it.
                    if self.lost_for_good(step, row, latest).await? {
                        return Ok(Ending::Superseded(latest.nonce));
                    }
                    if self.is_stuck(latest) {
                        self.replace(step, latest).await?;
                    }
                    look_again = started.elapsed() + network.poll * 20;
                }
            }
            if started.elapsed() >= network.patience {
                let message = format!("{}: transaction {} is still pending", step.description, latest.hash);
                return Err(Error::chain("tx.pending", message)
                    .hint("run the same command again: it continues to wait, and sends nothing twice"));
            }
            tokio::time::sleep(network.poll).await;
        }
    }

    pub(super) async fn receipt_of_any(&self, transactions: &[TransactionRow]) -> Result<Option<TransactionReceipt>> {
        for transaction in transactions.iter().rev() {
            let receipt = self.connection.provider.get_transaction_receipt(transaction.hash).await;
            if let Some(receipt) = receipt.map_err(|error| self.connection.error(error))?
                && receipt.block_number.is_some()
            {
                return Ok(Some(receipt));
            }
        }
        Ok(None)
    }

    /// Whether a receipt has the network's confirmations, on the chain as it is now.
    async fn settled(&self, receipt: &TransactionReceipt) -> Result<Settled> {
        let Some(number) = receipt.block_number else { return Ok(Settled::NotYet) };
        let provider = &self.connection.provider;
        if self.connection.network.confirmations > 1 {
            let head = provider.get_block_number().await.map_err(|error| self.connection.error(error))?;
            if head.saturating_add(1) < number.saturating_add(self.connection.network.confirmations) {
                return Ok(Settled::NotYet);
            }
        }
        let block = provider.get_block_by_number(number.into()).await.map_err(|error| self.connection.error(error))?;
        let canonical = block.map(|block| block.header.hash);
        Ok(if canonical.is_some() && canonical == receipt.block_hash { Settled::Yes } else { Settled::Reorganized })
    }

    async fn conclude(
        &self,
        step: &Step<'_>,
        row: &StepRow,
        transactions: &[TransactionRow],
        receipt: TransactionReceipt,
    ) -> Result<Ending> {
        fault::point("conclude.before");
        let mined = transactions.iter().find(|transaction| transaction.hash == receipt.transaction_hash);
        if mined.is_some_and(TransactionRow::cancels) {
            self.ledger.mark_canceled(row.id, receipt.transaction_hash)?;
            return Ok(Ending::Canceled(receipt.transaction_hash));
        }
        if !receipt.status() {
            let reason = match mined {
                Some(transaction) => self.replay(transaction, &receipt).await?,
                None => RevertReason::Empty,
            };
            self.ledger.mark_failed(row.id, &reason.to_string())?;
            let error = revert_error("contract.reverted", &step.description, &reason);
            return Err(error.hint(format!("transaction {}", receipt.transaction_hash)));
        }
        let (hash, block) = (receipt.transaction_hash, receipt.block_number.unwrap_or_default());
        self.ledger.mark_confirmed(row.id, hash, block, receipt.gas_used, receipt.effective_gas_price)?;
        self.observer.confirmed(&step.description, &receipt);
        Ok(Ending::Confirmed(Box::new(receipt)))
    }

    /// Why a mined transaction failed: the same call on the state after its block, then before it. Nodes that have
    /// neither state, or failures that depended on the position within the block, leave it at what is known.
    async fn replay(&self, transaction: &TransactionRow, receipt: &TransactionReceipt) -> Result<RevertReason> {
        let Some(envelope) = transaction.envelope() else { return Ok(RevertReason::Empty) };
        if receipt.gas_used >= envelope.gas_limit() {
            return Ok(RevertReason::Message("it ran out of gas".to_owned()));
        }
        let TxKind::Call(to) = envelope.kind() else { return Ok(RevertReason::Empty) };
        let request = TransactionRequest::default()
            .from(transaction.sender)
            .to(to)
            .value(envelope.value())
            .gas_limit(envelope.gas_limit())
            .input(envelope.input().clone().into());
        let number = receipt.block_number.unwrap_or_default();
        for block in [number, number.saturating_sub(1)] {
            let call = self.connection.provider.call(request.clone()).block(BlockId::number(block)).await;
            if let Some(reason) = call.err().as_ref().and_then(reason_of) {
                return Ok(reason);
            }
        }
        Ok(RevertReason::Empty)
    }

    /// Makes sure that a node has the transaction. True if it can never be mined.
    async fn lost_for_good(&self, step: &Step<'_>, row: &StepRow, transaction: &TransactionRow) -> Result<bool> {
        if self.is_known(transaction.hash).await? {
            self.ledger.mark_sent(row.id)?;
            return Ok(false);
        }
        fault::point("resend.before");
        let answer = self.broadcast(&transaction.raw).await?;
        fault::point("resend.after");
        match answer {
            Answer::Taken => {
                self.ledger.mark_sent(row.id)?;
                self.observer.sent(&step.description, transaction.hash);
                Ok(false)
            }
            // The count of mined transactions decides that, on the next turn.
            Answer::NonceTooLow => Ok(false),
            Answer::NonceTooHigh => Ok(self.connection.network.is_local()),
            Answer::PriceTooLow(_) => {
                self.replace(step, transaction).await?;
                Ok(false)
            }
            refused @ (Answer::InsufficientFunds(_) | Answer::Refused(_)) => Err(self.refusal(step, &refused)),
        }
    }

    fn is_stuck(&self, transaction: &TransactionRow) -> bool {
        let Ok(signed) = transaction.signed.parse::<jiff::Timestamp>() else { return false };
        let age = jiff::Timestamp::now().duration_since(signed);
        age.unsigned_abs() > self.connection.network.replace_after && !age.is_negative()
    }

    /// Signs the same call again with the same nonce and higher fees: only one of the two can be mined.
    async fn replace(&self, step: &Step<'_>, old: &TransactionRow) -> Result<()> {
        let Some(envelope) = old.envelope() else {
            return Err(no_transaction(old));
        };
        let fees = self.market_fees().await?.raised_over(fees_of(&envelope));
        let unsigned = Unsigned::new(
            self.connection.chain_id,
            old.nonce,
            envelope.gas_limit(),
            fees,
            envelope.kind(),
            envelope.value(),
            envelope.input().clone(),
        );
        // What the chain below charges follows the size, which stays as it was.
        let old_gas = U256::from(envelope.gas_limit()).saturating_mul(U256::from(envelope.max_fee_per_gas()));
        let data_fee = old.max_cost.saturating_sub(old_gas);
        let raised = unsigned.max_gas_cost().saturating_add(data_fee).saturating_add(old.value);
        let before = old.max_cost.saturating_add(old.value);
        let balance = self.balance().await?;
        if balance < raised {
            return Err(self.insufficient_funds(balance, raised, &step.description));
        }
        self.check_limit(self.ledger.operation_of(old.step)?, &step.description, raised.saturating_sub(before))?;
        let signed = self.sign(unsigned, data_fee)?;
        let new = self.ledger.record_replacement(&self.connection.chain_key(), old, signed)?;
        if self.broadcast(&new.raw).await? == Answer::Taken {
            self.ledger.mark_sent(new.step)?;
            self.observer.replaced(&step.description, old.hash, new.hash);
        }
        Ok(())
    }
}

enum Settled {
    Yes,
    NotYet,
    Reorganized,
}

/// The error of a row whose bytes are something else.
pub(super) fn no_transaction(row: &TransactionRow) -> Error {
    Error::integrity("ledger.damaged", format!("transaction {} in the ledger is no transaction", row.hash))
        .hint("move the ledger away and run `dgov sync`, which rebuilds it from the chain")
}
