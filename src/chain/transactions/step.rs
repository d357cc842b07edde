//! What a verb hands to the engine, and what it gets back.

use std::{future::Future, pin::Pin};

use alloy::{
    primitives::{Address, Bytes, TxHash, U256},
    rpc::types::TransactionReceipt,
};
use camino::Utf8PathBuf;

use super::Quote;
use crate::Result;

/// Asks the chain whether a step's effect is there already.
pub type Check<'a> = Box<dyn Fn() -> Pin<Box<dyn Future<Output = Result<bool>> + Send + 'a>> + Send + Sync + 'a>;

/// One transaction to be made, or found to be unnecessary.
pub struct Step<'a> {
    /// Unique within the operation, and the same on every run.
    pub key: String,
    /// For people: "register dataset raccoon". A verb phrase without a full stop.
    pub description: String,
    /// The contract or account that is called.
    pub to: Address,
    /// Calldata.
    pub data: Bytes,
    /// Wei sent along.
    pub value: U256,
    /// Asked before anything is signed, unless the ledger already holds a transaction of this step.
    pub already_done: Option<Check<'a>>,
    /// May be sent before the steps ahead of it are mined.
    pub independent: bool,
}

impl<'a> Step<'a> {
    /// A call without value.
    pub fn call(key: impl Into<String>, description: impl Into<String>, to: Address, data: impl Into<Bytes>) -> Self {
        Self {
            key: key.into(),
            description: description.into(),
            to,
            data: data.into(),
            value: U256::ZERO,
            already_done: None,
            independent: false,
        }
    }

    /// Sends wei along.
    #[must_use]
    pub fn value(mut self, wei: U256) -> Self {
        self.value = wei;
        self
    }

    /// How to see on chain that the step is done.
    #[must_use]
    pub fn unless<F, Fut>(mut self, done: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'a,
        Fut: Future<Output = Result<bool>> + Send + 'a,
    {
        self.already_done = Some(Box::new(move || Box::pin(done())));
        self
    }

    /// Marks the step as independent of the ones ahead of it.
    #[must_use]
    pub fn independent(mut self) -> Self {
        self.independent = true;
        self
    }

    pub(super) async fn is_done(&self) -> Result<bool> {
        match &self.already_done {
            Some(check) => check().await,
            None => Ok(false),
        }
    }
}

/// How a step ended.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// The chain had it already; nothing was sent.
    AlreadyDone,
    /// Mined, successful, and with the network's confirmations.
    Confirmed(Box<TransactionReceipt>),
    /// Written to the file of unsigned transactions.
    Exported,
}

impl Outcome {
    /// The transaction, if there was one.
    pub fn hash(&self) -> Option<TxHash> {
        self.receipt().map(|receipt| receipt.transaction_hash)
    }

    /// The receipt with its logs, if there was a transaction.
    pub fn receipt(&self) -> Option<&TransactionReceipt> {
        match self {
            Self::Confirmed(receipt) => Some(receipt),
            Self::AlreadyDone | Self::Exported => None,
        }
    }
}

/// Limits and modes of one command.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// `--yes`: nobody will be asked.
    pub yes: bool,
    /// `--max-spend`: the most that the whole operation may cost, wei, value included.
    pub max_spend: Option<U256>,
    /// `--unsigned FILE`: write transactions instead of signing them.
    pub unsigned: Option<Utf8PathBuf>,
}

/// A transaction that an earlier command signed and that no node has: it holds up everything that its account signs now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// The command that signed it: "license buy".
    pub verb: String,
    /// What it does: "buy access to raccoon version 1".
    pub description: String,
    /// Its hash.
    pub hash: TxHash,
    /// Wei sent along.
    pub value: U256,
    /// The most that its gas can cost, wei.
    pub max_cost: U256,
}

/// What becomes of a transaction of another command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// It is sent as it was signed.
    SendAgain,
    /// Its nonce is used up by a transaction that does nothing.
    Cancel,
}

/// Who is told what happens, at once, and asked before anything is signed. Every method does nothing by default.
pub trait Observer: Send + Sync {
    /// Called before each signature; an error stops the operation with nothing signed for this step.
    ///
    /// # Errors
    /// Whatever the user's refusal is to end with.
    fn authorize(&self, quote: &Quote) -> Result<()> {
        let _ = quote;
        Ok(())
    }
    /// Called before anything of another command is sent again, with what it was; an error stops the operation.
    ///
    /// # Errors
    /// Whatever a refusal is to end with.
    fn unfinished(&self, work: &Unfinished) -> Result<Remedy> {
        let _ = work;
        Ok(Remedy::SendAgain)
    }
    /// A node took a transaction of another command.
    fn resent(&self, work: &Unfinished) {
        let _ = work;
    }
    /// A signed transaction was taken back: by a transaction that used up its nonce, or, where no node ever had it, by
    /// forgetting it.
    fn canceled(&self, description: &str, canceled: TxHash, by: Option<TxHash>) {
        let _ = (description, canceled, by);
    }
    /// A step was found done on chain.
    fn skipped(&self, description: &str) {
        let _ = description;
    }
    /// A node took the transaction; it is not mined yet.
    fn sent(&self, description: &str, hash: TxHash) {
        let _ = (description, hash);
    }
    /// A transaction was pending for too long and is replaced at a higher fee.
    fn replaced(&self, description: &str, old: TxHash, new: TxHash) {
        let _ = (description, old, new);
    }
    /// A block that held the transaction is no longer part of the chain.
    fn reorganized(&self, description: &str, hash: TxHash) {
        let _ = (description, hash);
    }
    /// The transaction was mined and has the network's confirmations.
    fn confirmed(&self, description: &str, receipt: &TransactionReceipt) {
        let _ = (description, receipt);
    }
}

/// Tells and asks nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {}
