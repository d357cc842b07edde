//! What earlier pushes read: digests and record keys of every window of every file, so that an unchanged folder is not read
//! again and a push that was killed goes on where it was. Only a cache: without the file everything is read once more.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use alloy::primitives::B256;
use camino::Utf8Path;
use dgov_data::unixfs::{Hashed, Memory, Stamp, Window};
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::Result;

/// A change within this time before the folder was looked at might be followed by one that leaves the same stamp: clocks of
/// file systems tick every 10 ms at worst, those of a network's file server may be off.
const SETTLED: Duration = Duration::from_millis(100);
/// How much may be lost when the command is killed.
const FLUSH: Duration = Duration::from_millis(500);

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS windows (
    folder TEXT NOT NULL,           -- what was packaged, under which profile and format of records
    path   TEXT NOT NULL,
    number INTEGER NOT NULL,
    stamp  TEXT NOT NULL,           -- JSON
    leaves BLOB NOT NULL,           -- 32 bytes each
    keys   BLOB NOT NULL,           -- 32 bytes each
    PRIMARY KEY (folder, path, number)
) STRICT;
";

/// The cache of one folder. A file that can't be used is no error: it only makes a push slower.
pub struct HashCache {
    folder: String,
    /// What was changed after this is not remembered, in time since 1970.
    settled: Duration,
    store: Mutex<Store>,
}

/// Stamp, leaves, keys.
type Row = (String, Vec<u8>, Vec<u8>);

struct Store {
    connection: Connection,
    /// When the transaction that is open was begun.
    open: Option<Instant>,
}

impl HashCache {
    /// The cache in this file, for what is packaged as `folder` says. To be opened before the folder is looked at.
    ///
    /// # Errors
    /// None; without a usable file there is `None`.
    pub fn open(file: &Utf8Path, folder: String) -> Option<Self> {
        let connection = connect(file).ok()?;
        let settled = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.checked_sub(SETTLED)?;
        Some(Self { folder, settled, store: Mutex::new(Store { connection, open: None }) })
    }

    fn is_settled(&self, stamp: &Stamp) -> bool {
        let at = |(seconds, nanos): (i64, u32)| Duration::new(u64::try_from(seconds).unwrap_or(0), nanos);
        at(stamp.mtime).max(at(stamp.ctime)) < self.settled
    }
}

fn connect(file: &Utf8Path) -> Result<Connection> {
    if let Some(parent) = file.parent() {
        fs_err::create_dir_all(parent)?;
    }
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open(file)?;
        connection.busy_timeout(Duration::from_secs(1))?;
        // A window with a record in each KiB takes 2 MiB: with small pages that is 500 writes, twice.
        connection.pragma_update(None, "page_size", 65_536)?;
        connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
        // A power cut may cost the cache, never a wrong answer: pages are checked by the log.
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.execute_batch(SCHEMA)?;
        Ok(connection)
    };
    open().map_err(|error| crate::error::Error::local_io("io.cache", format!("{file} can't be used")).caused_by(&error))
}

impl Store {
    fn recall(&self, folder: &str, window: &Window<'_>) -> rusqlite::Result<Option<Row>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT stamp, leaves, keys FROM windows WHERE folder = ?1 AND path = ?2 AND number = ?3",
        )?;
        let key = params![folder, window.path, number(window)];
        statement.query_row(key, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()
    }

    fn remember(&mut self, folder: &str, window: &Window<'_>, hashed: &Hashed) -> rusqlite::Result<()> {
        if self.open.is_none() {
            self.connection.execute_batch("BEGIN IMMEDIATE")?;
            self.open = Some(Instant::now());
        }
        let stamp = serde_json::to_string(window.stamp).unwrap_or_default();
        let mut statement =
            self.connection.prepare_cached("INSERT OR REPLACE INTO windows VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
        let (leaves, keys) = (hashed.leaves.as_flattened(), hashed.keys.iter().flat_map(|key| key.0));
        statement.execute(params![folder, window.path, number(window), stamp, leaves, keys.collect::<Vec<u8>>()])?;
        drop(statement);
        if self.open.is_some_and(|since| since.elapsed() >= FLUSH) { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> rusqlite::Result<()> {
        if self.open.take().is_some() { self.connection.execute_batch("COMMIT") } else { Ok(()) }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // What could not be written is read again next time.
        let _ = self.flush();
    }
}

impl Memory for HashCache {
    fn recall(&self, window: &Window<'_>) -> Option<Hashed> {
        let found = self.store.lock().unwrap_or_else(PoisonError::into_inner).recall(&self.folder, window);
        let (stamp, leaves, keys) = found.ok()??;
        let same = serde_json::from_str::<Stamp>(&stamp).is_ok_and(|stamp| stamp == *window.stamp);
        let (leaves, keys) = (digests(&leaves)?, digests(&keys)?);
        same.then(|| Hashed { leaves, keys: keys.into_iter().map(B256::new).collect() })
    }

    fn remember(&self, window: &Window<'_>, hashed: &Hashed) {
        if self.is_settled(window.stamp) {
            let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
            // What could not be written is read again next time.
            let _ = store.remember(&self.folder, window, hashed);
        }
    }
}

fn number(window: &Window<'_>) -> i64 {
    window.index.try_into().unwrap_or(i64::MAX)
}

fn digests(bytes: &[u8]) -> Option<Vec<[u8; 32]>> {
    let (digests, rest) = bytes.as_chunks();
    rest.is_empty().then(|| digests.to_vec())
}
