//! Handing raw transactions to a node, as often as needed: the same bytes can only be mined once.

use alloy::{
    primitives::{Bytes, TxHash, U256},
    providers::Provider,
    transports::RpcError,
};

use super::{Engine, Remedy, Step, Unfinished};
use crate::{Error, ErrorKind, Result, chain::ledger::TransactionRow};

/// What a node says to a raw transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// It took it, or has it already.
    Taken,
    /// The account's nonce is past it: it was mined, or another transaction was.
    NonceTooLow,
    /// Nonces before it are missing; nodes without a pool refuse that.
    NonceTooHigh,
    /// The pool holds another transaction with this nonce, or asks for a higher price.
    PriceTooLow(String),
    /// The account can't pay.
    InsufficientFunds(String),
    /// Anything else.
    Refused(String),
}

/// Nodes agree on the meaning of these refusals, not on their numbers: the words of geth, and of those that differ.
fn classify(message: &str) -> Answer {
    let text = message.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if has(&["already known", "already imported", "alreadyknown", "known transaction", "already in mempool"]) {
        Answer::Taken
    } else if has(&["nonce too low", "nonce is too low", "noncetoolow", "invalid nonce", "oldnonce"]) {
        Answer::NonceTooLow
    } else if has(&["nonce too high", "nonce is too high", "noncetoohigh", "nonce gap"]) {
        Answer::NonceTooHigh
    } else if has(&["underpriced", "less than block base fee", "fee too low", "feetoolow", "max fee per gas"]) {
        Answer::PriceTooLow(message.to_owned())
    } else if has(&["insufficient funds", "insufficient balance", "lack of funds"]) {
        Answer::InsufficientFunds(message.to_owned())
    } else {
        Answer::Refused(message.to_owned())
    }
}

impl Engine {
    pub(super) async fn broadcast(&self, raw: &Bytes) -> Result<Answer> {
        match self.connection.provider.send_raw_transaction(raw).await {
            Ok(_) => Ok(Answer::Taken),
            Err(RpcError::ErrorResp(payload)) => Ok(classify(&payload.message)),
            Err(error) => Err(self.connection.error(error)),
        }
    }

    /// The error of a transaction that no node took.
    pub(super) fn refusal(&self, step: &Step<'_>, answer: &Answer) -> Error {
        let message = match answer {
            Answer::InsufficientFunds(said) => {
                let message = format!("{}: the node says: {said}", step.description);
                return Error::new(ErrorKind::Reverted, "tx.insufficient_funds", message).hint(format!(
                    "send {} to {} on network `{}`",
                    self.connection.network.symbol, self.account.address, self.connection.network.name
                ));
            }
            Answer::PriceTooLow(said) | Answer::Refused(said) => format!("{}: the node says: {said}", step.description),
            Answer::NonceTooHigh | Answer::NonceTooLow | Answer::Taken => {
                format!("{}: the node's count of {}'s transactions moved", step.description, self.account.address)
            }
        };
        Error::chain("tx.refused", message).hint("the command can be run again; it sends nothing twice")
    }

    /// Sends again whatever this account signed in earlier runs and no node may have seen: a gap in the nonces would hold
    /// up everything that is signed now. What belongs to another operation than `operation` is never sent unseen: the
    /// observer is asked first and told afterwards.
    pub(super) async fn rebroadcast_in_flight(&self, operation: i64) -> Result<()> {
        let mined = self.mined_count().await?;
        let in_flight = self.ledger.in_flight(&self.connection.chain_key(), self.account.address)?;
        for (index, transaction) in in_flight.iter().enumerate() {
            // Of a transaction and its replacements the latest is meant.
            let replaced = in_flight.iter().skip(index + 1).any(|later| later.step == transaction.step);
            if transaction.nonce < mined || replaced {
                continue;
            }
            let mut foreign = None;
            if self.ledger.operation_of(transaction.step)? != operation && !transaction.cancels() {
                if self.is_known(transaction.hash).await? {
                    self.ledger.mark_sent(transaction.step)?;
                    continue;
                }
                let work = self.unfinished(transaction)?;
                if self.observer.unfinished(&work)? == Remedy::Cancel {
                    self.abandon_step(transaction.step, &work.description).await?;
                    continue;
                }
                foreign = Some(work);
            }
            match self.broadcast(&transaction.raw).await? {
                Answer::Taken => {
                    self.ledger.mark_sent(transaction.step)?;
                    if let Some(work) = foreign {
                        self.observer.resent(&work);
                    }
                }
                // A local chain that lost its pool, or was reset: the nonce has to be given out again.
                Answer::NonceTooHigh if self.connection.network.is_local() => {
                    self.ledger.mark_superseded(transaction.step)?;
                }
                // Its own operation deals with it when it is run again.
                _ => {}
            }
        }
        Ok(())
    }

    fn unfinished(&self, transaction: &TransactionRow) -> Result<Unfinished> {
        let (verb, description) = self.ledger.work_of(transaction.step)?;
        let TransactionRow { hash, value, max_cost, .. } = *transaction;
        Ok(Unfinished { verb, description, hash, value, max_cost })
    }

    /// Whether the node has the transaction, mined or waiting.
    pub(super) async fn is_known(&self, hash: TxHash) -> Result<bool> {
        let known = self.connection.provider.get_transaction_by_hash(hash).await;
        Ok(known.map_err(|error| self.connection.error(error))?.is_some())
    }

    pub(super) async fn mined_count(&self) -> Result<u64> {
        let count = self.connection.provider.get_transaction_count(self.account.address).latest();
        count.await.map_err(|error| self.connection.error(error))
    }

    pub(super) async fn balance(&self) -> Result<U256> {
        let balance = self.connection.provider.get_balance(self.account.address);
        balance.await.map_err(|error| self.connection.error(error))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn words_of_several_nodes() {
        assert_eq!(classify("already known"), Answer::Taken);
        assert_eq!(classify("AlreadyKnown"), Answer::Taken);
        assert_eq!(classify("nonce too low: next nonce 5, tx nonce 3"), Answer::NonceTooLow);
        assert_eq!(classify("nonce too high"), Answer::NonceTooHigh);
        assert!(matches!(classify("replacement transaction underpriced"), Answer::PriceTooLow(_)));
        assert!(matches!(classify("max fee per gas less than block base fee"), Answer::PriceTooLow(_)));
        let funds = classify("insufficient funds for gas * price + value");
        assert!(matches!(funds, Answer::InsufficientFunds(_)));
        assert!(matches!(classify("exceeds block gas limit"), Answer::Refused(_)));
    }
}
