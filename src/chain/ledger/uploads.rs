//! How far uploads to stores are that can't be asked about it.

use rusqlite::OptionalExtension;

use super::Ledger;
use crate::Result;

/// What version 2 has beside version 1.
pub(super) const SCHEMA: &str = "
CREATE TABLE uploads (
    store TEXT NOT NULL,             -- name and address of a store
    key   TEXT NOT NULL,             -- the package's root and the shard
    state TEXT NOT NULL,             -- JSON of the store
    PRIMARY KEY (store, key)
) STRICT;
";

impl Ledger {
    /// What was written down of an upload.
    ///
    /// # Errors
    /// Database errors.
    pub fn upload(&self, store: &str, key: &str) -> Result<Option<String>> {
        self.with(|connection| {
            let query = "SELECT state FROM uploads WHERE store = ?1 AND key = ?2";
            connection.query_row(query, [store, key], |row| row.get(0)).optional()
        })
    }

    /// What was written down of all uploads to a store, with its keys.
    ///
    /// # Errors
    /// Database errors.
    pub fn uploads(&self, store: &str) -> Result<Vec<(String, String)>> {
        self.with(|connection| {
            let mut statement = connection.prepare("SELECT key, state FROM uploads WHERE store = ?1 ORDER BY key")?;
            statement.query_map([store], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        })
    }

    /// Writes down how far an upload is.
    ///
    /// # Errors
    /// Database errors.
    pub fn set_upload(&self, store: &str, key: &str, state: &str) -> Result<()> {
        self.with(|connection| {
            connection.execute(
                "INSERT INTO uploads (store, key, state) VALUES (?1, ?2, ?3)
                 ON CONFLICT (store, key) DO UPDATE SET state = ?3",
                [store, key, state],
            )?;
            Ok(())
        })
    }
}
