//! Who reports a job: the chain knows the hash of the set only, so the project keeps what it is the hash of.

use alloy::primitives::{Address, B256};
use camino::Utf8PathBuf;
use dgov_contracts::ids;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::lockfile::write_atomically;
use crate::session::Session;

/// Positions in a set are one byte each.
const MOST: usize = 256;

/// m of n oracles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignerSet {
    /// How many must sign.
    pub threshold: u64,
    /// Who may, ascending.
    pub signers: Vec<Address>,
}

impl SignerSet {
    /// The set of these accounts; all must sign unless a threshold is given.
    ///
    /// # Errors
    /// `usage.oracle`, `usage.threshold`, and those of reading accounts.
    pub fn of(session: &Session<'_>, oracles: &[String], threshold: Option<u64>) -> Result<Self> {
        let mut signers = Vec::new();
        for oracle in oracles {
            let account = session.resolve_text(oracle)?;
            if account.is_zero() || signers.contains(&account) {
                let message = format!("oracle {oracle} is there twice, or is nobody");
                return Err(Error::usage("usage.oracle", message).hint("name each oracle once"));
            }
            signers.push(account);
        }
        signers.sort_unstable();
        if signers.is_empty() || signers.len() > MOST {
            return Err(Error::usage("usage.oracle", format!("a job needs 1 to {MOST} oracles"))
                .hint("name who reports what was used, each with --oracle"));
        }
        let threshold = threshold.unwrap_or(signers.len() as u64);
        if threshold == 0 || threshold > signers.len() as u64 {
            let message = format!("{threshold} of {} oracles can't sign", signers.len());
            return Err(Error::usage("usage.threshold", message).hint("give a --threshold from 1 to their number"));
        }
        Ok(Self { threshold, signers })
    }

    /// Its id on chain.
    ///
    /// # Errors
    /// `run.signers_malformed`, when a file holds them in another order.
    pub fn id(&self) -> Result<B256> {
        ids::signer_set_id(self.threshold, &self.signers).map_err(|error| {
            Error::input("run.signers_malformed", "the oracles are not in order")
                .caused_by(&error)
                .hint("name them with --oracle and --threshold")
        })
    }

    /// Keeps the set beside the project's state.
    ///
    /// # Errors
    /// File errors.
    pub fn keep(&self, session: &Session<'_>, job: B256) -> Result<()> {
        let path = path(session, job);
        if let Some(folder) = path.parent() {
            fs_err::create_dir_all(folder)?;
        }
        let mut bytes = serde_json::to_vec_pretty(self)
            .map_err(|error| Error::bug("a set of signers did not serialize").caused_by(&error))?;
        bytes.push(b'\n');
        write_atomically(&path, &bytes)
    }

    /// The set of a job, if this project kept it and it is what the chain knows.
    pub fn kept(session: &Session<'_>, job: B256, id: B256) -> Option<Self> {
        let text = fs_err::read(path(session, job)).ok()?;
        let set: Self = serde_json::from_slice(&text).ok()?;
        (set.id().ok()? == id).then_some(set)
    }
}

fn path(session: &Session<'_>, job: B256) -> Utf8PathBuf {
    session.loaded.state_dir().join("jobs").join(format!("{job}.json"))
}
