//! What was begun with a store that can't be asked about it: a paid upload that was signed, a request that is still
//! waiting. One line in the project's ledger for each, written before the step that can't be taken back.

use camino::Utf8PathBuf;

use crate::chain::ledger::Ledger;
use crate::error::Result;

/// The journal of a project.
#[derive(Clone, Debug)]
pub struct Journal(Utf8PathBuf);

impl Journal {
    /// The journal in this ledger, which need not exist yet.
    pub fn new(ledger: impl Into<Utf8PathBuf>) -> Self {
        Self(ledger.into())
    }

    /// What was written for this key of a store.
    ///
    /// # Errors
    /// Those of [`Ledger::open_to_read`].
    pub fn get(&self, store: &str, key: &str) -> Result<Option<String>> {
        match Ledger::open_to_read(&self.0)? {
            Some(ledger) => ledger.upload(store, key),
            None => Ok(None),
        }
    }

    /// Everything that was written for a store, by key.
    ///
    /// # Errors
    /// Those of [`Ledger::open_to_read`].
    pub fn all(&self, store: &str) -> Result<Vec<(String, String)>> {
        match Ledger::open_to_read(&self.0)? {
            Some(ledger) => ledger.uploads(store),
            None => Ok(Vec::new()),
        }
    }

    /// Writes it, in place of what was there. Durable when it returns.
    ///
    /// # Errors
    /// Those of [`Ledger::open`].
    pub fn put(&self, store: &str, key: &str, value: &str) -> Result<()> {
        Ledger::open(&self.0)?.set_upload(store, key, value)
    }
}
