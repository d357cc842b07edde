//! What a user is told and asked while transactions are made.

use std::sync::Arc;

use alloy::primitives::{B256, TxHash};
use alloy::rpc::types::TransactionReceipt;

use crate::chain::networks::Network;
use crate::chain::transactions::{Observer, Quote, Remedy, Unfinished};
use crate::error::{Error, Result};
use crate::manifest::values::format_units;
use crate::ui::{Ui, Warning, prompt};

/// Tells the user what happens, and asks before the first signature on a public network.
pub struct Teller {
    /// Where to tell it.
    pub ui: Arc<Ui>,
    /// `--yes`: nobody will be asked.
    pub yes: bool,
    /// Where the transactions go.
    pub network: Network,
}

impl Observer for Teller {
    fn authorize(&self, quote: &Quote) -> Result<()> {
        if self.yes || self.network.is_local() {
            return Ok(());
        }
        let symbol = &self.network.symbol;
        let question = format!(
            "{} on {}: at most {} {symbol}, of a balance of {} {symbol}",
            quote.description,
            self.network.name,
            format_units(quote.total(), 18),
            format_units(quote.balance, 18),
        );
        prompt::confirm(&self.ui, false, &question)
    }

    fn unfinished(&self, work: &Unfinished) -> Result<Remedy> {
        if self.network.is_local() {
            return Ok(Remedy::SendAgain);
        }
        let (verb, symbol) = (&work.verb, &self.network.symbol);
        let what = format!(
            "an unfinished `dgov {verb}` signed \"{}\" on {}, and no node has it: {} {symbol}, and at most {} {symbol} for gas",
            work.description,
            self.network.name,
            format_units(work.value, 18),
            format_units(work.max_cost, 18),
        );
        // `--yes` agrees to what its own command does, not to what another one left behind.
        if self.yes || !self.ui.interactive() {
            return Err(Error::unauthorized("tx.unfinished", what).hint(format!(
                "run that `dgov {verb}` again: it goes on, or takes back what is no longer wanted; or run this command at \
                 a terminal without --yes, and choose"
            )));
        }
        let send = prompt::ask(&format!("{what}. Yes sends it now, no cancels it"))?;
        Ok(if send { Remedy::SendAgain } else { Remedy::Cancel })
    }

    fn resent(&self, work: &Unfinished) {
        let value = format_units(work.value, 18);
        let message = format!(
            "sent again for an unfinished `dgov {}`: {}, {value} {}, {}",
            work.verb,
            work.description,
            self.network.symbol,
            self.place(work.hash)
        );
        let hint = format!("run that `dgov {}` again to finish it", work.verb);
        self.ui.warn(Warning { hint: Some(hint), ..Warning::new("tx.resent", message) });
    }

    fn canceled(&self, description: &str, canceled: TxHash, by: Option<TxHash>) {
        let message = match by {
            Some(by) => format!("{description}: no longer wanted; {canceled} was canceled by {}", self.place(by)),
            None => format!("{description}: no longer wanted; {canceled} was signed and never sent, and is forgotten"),
        };
        self.ui.warn(Warning::new("tx.canceled", message));
    }

    fn skipped(&self, description: &str) {
        self.ui.notice(format!("{description}: done already"));
    }

    fn sent(&self, description: &str, hash: TxHash) {
        self.ui.notice(format!("{description}: sent {}", self.place(hash)));
    }

    fn replaced(&self, description: &str, old: TxHash, new: TxHash) {
        self.ui.notice(format!("{description}: {old} was stuck; replaced by {new}"));
    }

    fn reorganized(&self, description: &str, hash: TxHash) {
        self.ui.notice(format!("{description}: the chain dropped the block of {hash}; sending it again"));
    }

    fn confirmed(&self, description: &str, receipt: &TransactionReceipt) {
        if !self.network.is_local() {
            self.ui.notice(format!("{description}: confirmed, gas {}", receipt.gas_used));
        }
    }
}

impl Teller {
    /// Where people can look at a transaction, else its hash.
    fn place(&self, hash: TxHash) -> String {
        self.network.transaction_url(hash).unwrap_or_else(|| B256::from(hash).to_string())
    }
}
