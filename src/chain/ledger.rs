//! The ledger: every operation, its steps, and every transaction that was ever signed for them. A signed transaction is
//! written down before it is sent, so that a killed command can only send the same one again.

mod rows;
mod uploads;

pub use rows::{NewTransaction, Operation, StepRow, StepState, TransactionRow};

use std::{sync::Mutex, time::Duration};

use alloy::primitives::{Address, TxHash};
use camino::{Utf8Path, Utf8PathBuf};
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, TransactionBehavior, params};

use crate::error::PERMISSION;
use crate::{Error, Result, fault};

/// Version of the tables below.
const VERSION: i64 = 2;
const BUSY: Duration = Duration::from_secs(10);

const SCHEMA: &str = "
CREATE TABLE operations (
    id       INTEGER PRIMARY KEY,
    chain    TEXT NOT NULL,          -- chain id and genesis hash
    kind     TEXT NOT NULL,          -- the verb
    key      TEXT NOT NULL,          -- made from the content of the work
    network  TEXT NOT NULL,
    status   TEXT NOT NULL CHECK (status IN ('running', 'done')),
    started  TEXT NOT NULL,
    finished TEXT,
    result   TEXT,                   -- JSON
    UNIQUE (chain, kind, key)
) STRICT;
CREATE TABLE steps (
    id          INTEGER PRIMARY KEY,
    operation   INTEGER NOT NULL REFERENCES operations,
    key         TEXT NOT NULL,
    description TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('planned', 'signed', 'sent', 'confirmed', 'failed')),
    hash        TEXT,                -- the transaction that was mined
    block       INTEGER,
    gas_used    INTEGER,
    gas_price   TEXT,                -- wei, decimal
    error       TEXT,
    UNIQUE (operation, key)
) STRICT;
CREATE TABLE transactions (
    hash     TEXT PRIMARY KEY,
    step     INTEGER NOT NULL REFERENCES steps,
    chain    TEXT NOT NULL,
    sender   TEXT NOT NULL,
    nonce    INTEGER NOT NULL,
    raw      BLOB NOT NULL,
    value    TEXT NOT NULL,          -- wei, decimal
    max_cost TEXT NOT NULL,          -- wei, decimal: gas limit at the highest price, and fees beside it
    signed   TEXT NOT NULL,
    dead     INTEGER NOT NULL DEFAULT 0  -- can never be mined any more, or was mined and reverted, or took a step back
) STRICT;
CREATE INDEX transactions_by_step ON transactions (step);
CREATE INDEX transactions_by_sender ON transactions (chain, sender, nonce);
";

/// An open ledger. Cheap to share; every method is one transaction of the database.
#[derive(Debug)]
pub struct Ledger {
    path: Utf8PathBuf,
    connection: Mutex<Connection>,
}

impl Ledger {
    /// Opens the ledger, creating it and its directory where there is none.
    ///
    /// # Errors
    /// `ledger.newer`, `ledger.damaged`, `io.lock_held`, and file errors.
    pub fn open(path: &Utf8Path) -> Result<Self> {
        if let Some(parent) = path.parent() {
            fs_err::create_dir_all(parent)?;
        }
        let connection = Connection::open(path).map_err(|error| failure(path, error))?;
        let ledger = Self { path: path.to_owned(), connection: Mutex::new(connection) };
        ledger.with(|connection| {
            connection.busy_timeout(BUSY)?;
            connection.pragma_update(None, "foreign_keys", true)?;
            // Durable at each commit: a transaction must never be sent that a power cut can make us forget.
            connection.pragma_update(None, "synchronous", "FULL")?;
            connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))
        })?;
        ledger.migrate()?;
        Ok(ledger)
    }

    /// Opens the ledger for a command that only reads: nothing is created, and a folder that can't be written is none of
    /// its business. `None` where there is no ledger.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    pub fn open_to_read(path: &Utf8Path) -> Result<Option<Self>> {
        if !path.try_exists()? {
            return Ok(None);
        }
        match Self::open(path) {
            Err(error) if error.is_unwritable() => Self::open_unchanging(path).map(Some),
            other => other.map(Some),
        }
    }

    /// The file as it is. Without the leave to write there can be no shared index of the write-ahead log, so that nothing
    /// that is only in the log is seen.
    fn open_unchanging(path: &Utf8Path) -> Result<Self> {
        let absolute = std::path::absolute(path)?;
        let mut url = url::Url::from_file_path(&absolute)
            .map_err(|()| Error::bug(format!("{} is no path of a file URL", absolute.display())))?;
        url.set_query(Some("immutable=1"));
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(url.as_str(), flags).map_err(|error| failure(path, error))?;
        Ok(Self { path: path.to_owned(), connection: Mutex::new(connection) })
    }

    fn migrate(&self) -> Result<()> {
        let found = self.with(|connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let found: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
            if found == 0 {
                transaction.execute_batch(SCHEMA)?;
            }
            if found < VERSION {
                transaction.execute_batch(uploads::SCHEMA)?;
                transaction.pragma_update(None, "user_version", VERSION)?;
            }
            transaction.commit()?;
            Ok(found)
        })?;
        if found > VERSION {
            let message = format!("{} is a ledger of version {found}; this dgov knows version {VERSION}", self.path);
            return Err(Error::input("ledger.newer", message).hint("update dgov, or use the one that wrote the ledger"));
        }
        Ok(())
    }

    /// Runs one piece of work on the connection and names its failure.
    fn with<T>(&self, work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> Result<T> {
        let mut connection =
            self.connection.lock().map_err(|_| Error::bug("a thread failed while it held the ledger"))?;
        work(&mut connection).map_err(|error| failure(&self.path, error))
    }

    /// The operation with this key, begun now unless it exists. Equal keys mean equal work: whoever makes the key puts
    /// everything into it that makes this work different from other work.
    ///
    /// # Errors
    /// Database errors.
    pub fn begin(&self, chain: &str, network: &str, kind: &str, key: &str) -> Result<Operation> {
        fault::point("ledger.begin.before");
        let operation = self.with(|connection| {
            connection.execute(
                "INSERT INTO operations (chain, kind, key, network, status, started) VALUES (?1, ?2, ?3, ?4, 'running', ?5)
                 ON CONFLICT (chain, kind, key) DO NOTHING",
                params![chain, kind, key, network, now()],
            )?;
            connection.query_row(
                "SELECT id, kind, key, network, status, started, finished, result FROM operations
                 WHERE chain = ?1 AND kind = ?2 AND key = ?3",
                params![chain, kind, key],
                Operation::from_row,
            )
        })?;
        fault::point("ledger.begin.after");
        Ok(operation)
    }

    /// Marks an operation as done, with its result as JSON text.
    ///
    /// # Errors
    /// Database errors.
    pub fn finish(&self, operation: i64, result: &str) -> Result<()> {
        fault::point("ledger.finish.before");
        self.with(|connection| {
            connection.execute(
                "UPDATE operations SET status = 'done', finished = ?2, result = ?3 WHERE id = ?1",
                params![operation, now(), result],
            )
        })?;
        fault::point("ledger.finish.after");
        Ok(())
    }

    /// All operations of a chain, latest first.
    ///
    /// # Errors
    /// Database errors.
    pub fn operations(&self, chain: &str) -> Result<Vec<Operation>> {
        self.with(|connection| {
            let mut statement = connection.prepare(
                "SELECT id, kind, key, network, status, started, finished, result FROM operations
                 WHERE chain = ?1 ORDER BY id DESC",
            )?;
            statement.query_map([chain], Operation::from_row)?.collect()
        })
    }

    /// The step with this key, planned now unless it exists.
    ///
    /// # Errors
    /// Database errors.
    pub fn step(&self, operation: i64, key: &str, description: &str) -> Result<StepRow> {
        self.with(|connection| {
            connection.execute(
                "INSERT INTO steps (operation, key, description, state) VALUES (?1, ?2, ?3, 'planned')
                 ON CONFLICT (operation, key) DO NOTHING",
                params![operation, key, description],
            )?;
            connection.query_row(
                "SELECT id, key, description, state, hash, block, gas_used, gas_price, error FROM steps
                 WHERE operation = ?1 AND key = ?2",
                params![operation, key],
                StepRow::from_row,
            )
        })
    }

    /// The steps of an operation, in the order in which they were planned.
    ///
    /// # Errors
    /// Database errors.
    pub fn steps(&self, operation: i64) -> Result<Vec<StepRow>> {
        self.with(|connection| {
            let mut statement = connection.prepare(
                "SELECT id, key, description, state, hash, block, gas_used, gas_price, error FROM steps
                 WHERE operation = ?1 ORDER BY id",
            )?;
            statement.query_map([operation], StepRow::from_row)?.collect()
        })
    }

    /// The operation that a step belongs to.
    ///
    /// # Errors
    /// Database errors.
    pub fn operation_of(&self, step: i64) -> Result<i64> {
        self.with(|c| c.query_row("SELECT operation FROM steps WHERE id = ?1", [step], |row| row.get(0)))
    }

    /// What a step is for: the verb of its operation, and its own description.
    ///
    /// # Errors
    /// Database errors.
    pub fn work_of(&self, step: i64) -> Result<(String, String)> {
        self.with(|connection| {
            connection.query_row(
                "SELECT o.kind, s.description FROM steps s JOIN operations o ON o.id = s.operation WHERE s.id = ?1",
                [step],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
        })
    }

    /// The transactions of a step that may still be mined or were, oldest first.
    ///
    /// # Errors
    /// Database errors.
    pub fn transactions(&self, step: i64) -> Result<Vec<TransactionRow>> {
        self.with(|connection| {
            let mut statement = connection.prepare(
                "SELECT hash, step, sender, nonce, raw, value, max_cost, signed FROM transactions
                 WHERE step = ?1 AND NOT dead ORDER BY rowid",
            )?;
            statement.query_map([step], TransactionRow::from_row)?.collect()
        })
    }

    /// Transactions of an account that were signed and are not known to be mined, by nonce.
    ///
    /// # Errors
    /// Database errors.
    pub fn in_flight(&self, chain: &str, sender: Address) -> Result<Vec<TransactionRow>> {
        self.with(|connection| {
            let mut statement = connection.prepare(
                "SELECT t.hash, t.step, t.sender, t.nonce, t.raw, t.value, t.max_cost, t.signed
                 FROM transactions t JOIN steps s ON s.id = t.step
                 WHERE t.chain = ?1 AND t.sender = ?2 AND NOT t.dead AND s.state IN ('signed', 'sent')
                 ORDER BY t.nonce, t.rowid",
            )?;
            statement.query_map(params![chain, sender.to_string()], TransactionRow::from_row)?.collect()
        })
    }

    /// Signs and records in one database transaction: `sign` gets the nonce, which no other process can get at the same
    /// time. If another process has signed this step meanwhile, its transaction is returned instead.
    ///
    /// # Errors
    /// Database errors and those of `sign`.
    pub fn record_signed(
        &self,
        chain: &str,
        step: i64,
        sender: Address,
        pending_count: u64,
        sign: impl FnOnce(u64) -> Result<NewTransaction>,
    ) -> Result<TransactionRow> {
        fault::point("ledger.signed.before");
        let row = self.with(|connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let existing = transaction
                .query_row(
                    "SELECT hash, step, sender, nonce, raw, value, max_cost, signed FROM transactions
                     WHERE step = ?1 AND NOT dead ORDER BY rowid LIMIT 1",
                    [step],
                    TransactionRow::from_row,
                )
                .optional()?;
            if let Some(existing) = existing {
                return Ok(Ok(existing));
            }
            let highest: Option<i64> = transaction.query_row(
                "SELECT max(t.nonce) FROM transactions t JOIN steps s ON s.id = t.step
                 WHERE t.chain = ?1 AND t.sender = ?2 AND NOT t.dead AND s.state IN ('signed', 'sent')",
                params![chain, sender.to_string()],
                |row| row.get(0),
            )?;
            let highest = highest.map(|nonce| rows::from_sql(nonce, 0)).transpose()?;
            let nonce = highest.map_or(pending_count, |highest| pending_count.max(highest.saturating_add(1)));
            let signed = match sign(nonce) {
                Ok(signed) => signed,
                Err(error) => return Ok(Err(error)),
            };
            let row = signed.insert(&transaction, chain, step, sender, nonce, &now())?;
            transaction.commit()?;
            Ok(Ok(row))
        })??;
        fault::point("ledger.signed.after");
        Ok(row)
    }

    /// Records a replacement of a step's transaction: same nonce, higher fee; the same call, or one that cancels it.
    ///
    /// # Errors
    /// Database errors.
    pub fn record_replacement(
        &self,
        chain: &str,
        replaced: &TransactionRow,
        signed: NewTransaction,
    ) -> Result<TransactionRow> {
        fault::point("ledger.replacement.before");
        let row = self.with(|connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let row = signed.insert(&transaction, chain, replaced.step, replaced.sender, replaced.nonce, &now())?;
            transaction.commit()?;
            Ok(row)
        })?;
        fault::point("ledger.replacement.after");
        Ok(row)
    }

    /// A step's transaction was handed to a node.
    ///
    /// # Errors
    /// Database errors.
    pub fn mark_sent(&self, step: i64) -> Result<()> {
        fault::point("ledger.sent.before");
        self.with(|c| c.execute("UPDATE steps SET state = 'sent' WHERE id = ?1 AND state = 'signed'", [step]))?;
        fault::point("ledger.sent.after");
        Ok(())
    }

    /// A step's transaction counts.
    ///
    /// # Errors
    /// Database errors.
    pub fn mark_confirmed(&self, step: i64, hash: TxHash, block: u64, gas_used: u64, gas_price: u128) -> Result<()> {
        fault::point("ledger.confirmed.before");
        self.with(|connection| {
            connection.execute(
                "UPDATE steps SET state = 'confirmed', hash = ?2, block = ?3, gas_used = ?4, gas_price = ?5, error = NULL
                 WHERE id = ?1",
                params![
                    step,
                    hash.to_string(),
                    rows::to_sql(block)?,
                    rows::to_sql(gas_used)?,
                    gas_price.to_string()
                ],
            )
        })?;
        fault::point("ledger.confirmed.after");
        Ok(())
    }

    /// A step's transaction was mined and reverted: the step may be tried again, with a new transaction.
    ///
    /// # Errors
    /// Database errors.
    pub fn mark_failed(&self, step: i64, error: &str) -> Result<()> {
        self.bury(step, "failed", Some(error))
    }

    /// A step was taken back: `by` is the transaction that used up its nonce.
    ///
    /// # Errors
    /// Database errors.
    pub fn mark_canceled(&self, step: i64, by: TxHash) -> Result<()> {
        self.bury(step, "failed", Some(&format!("canceled by {by}")))
    }

    /// None of a step's transactions can be mined any more, because another one took the nonce or the chain was reset: the
    /// step is planned anew.
    ///
    /// # Errors
    /// Database errors.
    pub fn mark_superseded(&self, step: i64) -> Result<()> {
        self.bury(step, "planned", None)
    }

    fn bury(&self, step: i64, state: &str, error: Option<&str>) -> Result<()> {
        fault::point("ledger.buried.before");
        self.with(|connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            transaction.execute("UPDATE transactions SET dead = 1 WHERE step = ?1", [step])?;
            transaction.execute(
                "UPDATE steps SET state = ?2, error = ?3, hash = NULL, block = NULL WHERE id = ?1",
                params![step, state, error],
            )?;
            transaction.commit()
        })?;
        fault::point("ledger.buried.after");
        Ok(())
    }
}

fn now() -> String {
    jiff::Timestamp::now().to_string()
}

/// Names a database error by what the user can do about it.
fn failure(path: &Utf8Path, error: rusqlite::Error) -> Error {
    let named = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            Error::local_io("io.lock_held", format!("another dgov has held {path} for more than {} s", BUSY.as_secs()))
                .hint("wait for the other command to finish, then run this one again")
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            Error::integrity("ledger.damaged", format!("{path} is damaged"))
                .hint("move the file away and run `dgov sync`, which rebuilds it from the chain")
        }
        Some(ErrorCode::DiskFull) => {
            Error::local_io("io.disk_full", format!("the disk of {path} is full")).hint("free some space and run again")
        }
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            Error::local_io(PERMISSION, format!("{path} can't be opened for writing"))
                .hint("check the owner and the permissions of the folder, and that its file system is not read-only")
        }
        // A row that does not have the form that this code wrote: somebody else wrote it.
        None => Error::integrity("ledger.damaged", format!("{path} holds something that dgov did not write"))
            .hint("move the file away and run `dgov sync`, which rebuilds it from the chain"),
        Some(_) => Error::local_io("io.ledger", format!("reading or writing {path} failed")),
    };
    named.caused_by(&error)
}

#[cfg(test)]
#[path = "ledger/tests.rs"]
mod tests;
