//! What the ledger's rows hold.

use std::str::FromStr;

use alloy::{
    consensus::{Transaction, TxEnvelope},
    eips::Decodable2718,
    primitives::{Address, Bytes, TxHash, U256},
};
use rusqlite::{Row, params, types::Type};

/// One run of a verb, possibly over several processes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Row number.
    pub id: i64,
    /// The verb.
    pub kind: String,
    /// Made from the content of the work.
    pub key: String,
    /// Name of the network.
    pub network: String,
    /// Whether all of it is done.
    pub done: bool,
    /// RFC 3339.
    pub started: String,
    /// RFC 3339.
    pub finished: Option<String>,
    /// JSON text of the result, once done.
    pub result: Option<String>,
}

impl Operation {
    pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            kind: row.get(1)?,
            key: row.get(2)?,
            network: row.get(3)?,
            done: row.get::<_, String>(4)? == "done",
            started: row.get(5)?,
            finished: row.get(6)?,
            result: row.get(7)?,
        })
    }
}

/// How far a step has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// Nothing was signed, or nothing that can still be mined.
    Planned,
    /// A transaction was signed, and perhaps sent.
    Signed,
    /// A node took it.
    Sent,
    /// It counts.
    Confirmed,
    /// It was mined and reverted, or was taken back; the row's error says which.
    Failed,
}

impl FromStr for StepState {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, UnknownState> {
        Ok(match text {
            "planned" => Self::Planned,
            "signed" => Self::Signed,
            "sent" => Self::Sent,
            "confirmed" => Self::Confirmed,
            "failed" => Self::Failed,
            other => return Err(UnknownState(other.to_owned())),
        })
    }
}

/// A state that no version of this table has.
#[derive(Debug, thiserror::Error)]
#[error("unknown state `{0}`")]
pub struct UnknownState(String);

/// One step: at most one transaction of it is ever mined successfully.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepRow {
    /// Row number.
    pub id: i64,
    /// Its key within the operation.
    pub key: String,
    /// For people.
    pub description: String,
    /// How far it has come.
    pub state: StepState,
    /// The transaction that was mined.
    pub hash: Option<TxHash>,
    /// Its block.
    pub block: Option<u64>,
    /// Gas it used.
    pub gas_used: Option<u64>,
    /// Price it paid, wei per gas.
    pub gas_price: Option<u128>,
    /// Why it failed.
    pub error: Option<String>,
}

impl StepRow {
    pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            key: row.get(1)?,
            description: row.get(2)?,
            state: parsed(row, 3)?,
            hash: parsed_option(row, 4)?,
            block: number_option(row, 5)?,
            gas_used: number_option(row, 6)?,
            gas_price: parsed_option(row, 7)?,
            error: row.get(8)?,
        })
    }
}

/// A signed transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionRow {
    /// Its hash.
    pub hash: TxHash,
    /// The step it belongs to.
    pub step: i64,
    /// Who signed it.
    pub sender: Address,
    /// Its nonce.
    pub nonce: u64,
    /// Exactly what is sent, however often.
    pub raw: Bytes,
    /// Wei sent along.
    pub value: U256,
    /// The most its gas can cost, wei.
    pub max_cost: U256,
    /// RFC 3339.
    pub signed: String,
}

impl TransactionRow {
    /// The signed transaction; `None` if the bytes are none.
    pub fn envelope(&self) -> Option<TxEnvelope> {
        TxEnvelope::decode_2718(&mut self.raw.as_ref()).ok()
    }

    /// Whether this takes the step back instead of doing it: an account that sends itself nothing only uses up a nonce.
    pub fn cancels(&self) -> bool {
        self.envelope().is_some_and(|envelope| {
            envelope.to() == Some(self.sender) && envelope.value().is_zero() && envelope.input().is_empty()
        })
    }

    pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            hash: parsed(row, 0)?,
            step: row.get(1)?,
            sender: parsed(row, 2)?,
            nonce: from_sql(row.get(3)?, 3)?,
            raw: row.get::<_, Vec<u8>>(4)?.into(),
            value: parsed(row, 5)?,
            max_cost: parsed(row, 6)?,
            signed: row.get(7)?,
        })
    }
}

/// A transaction that was just signed.
#[derive(Debug, Clone)]
pub struct NewTransaction {
    /// Its hash.
    pub hash: TxHash,
    /// EIP-2718 bytes.
    pub raw: Bytes,
    /// Wei sent along.
    pub value: U256,
    /// The most its gas can cost, wei.
    pub max_cost: U256,
}

impl NewTransaction {
    pub(super) fn insert(
        self,
        transaction: &rusqlite::Transaction<'_>,
        chain: &str,
        step: i64,
        sender: Address,
        nonce: u64,
        signed: &str,
    ) -> rusqlite::Result<TransactionRow> {
        let Self { hash, raw, value, max_cost } = self;
        // A hash names chain id and nonce, not the chain's history: on a development chain that was reset the same
        // work signs the very same transaction again, which then belongs to the step that signed it last.
        transaction.execute(
            "INSERT INTO transactions (hash, step, chain, sender, nonce, raw, value, max_cost, signed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (hash) DO UPDATE SET
                 step = excluded.step, chain = excluded.chain, signed = excluded.signed, dead = 0",
            params![
                hash.to_string(),
                step,
                chain,
                sender.to_string(),
                to_sql(nonce)?,
                raw.as_ref(),
                value.to_string(),
                max_cost.to_string(),
                signed
            ],
        )?;
        transaction.execute("UPDATE steps SET state = 'signed', error = NULL WHERE id = ?1", [step])?;
        Ok(TransactionRow { hash, step, sender, nonce, raw, value, max_cost, signed: signed.to_owned() })
    }
}

/// SQLite's integers are signed; block numbers, gas and nonces stay far below their end.
pub(super) fn to_sql(number: u64) -> rusqlite::Result<i64> {
    i64::try_from(number).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

pub(super) fn from_sql(number: i64, column: usize) -> rusqlite::Result<u64> {
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}

fn number_option(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<u64>> {
    row.get::<_, Option<i64>>(column)?.map(|number| from_sql(number, column)).transpose()
}

fn parsed<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    text.parse().map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}

fn parsed_option<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<Option<T>> {
    match row.get_ref(column)? {
        rusqlite::types::ValueRef::Null => Ok(None),
        _ => parsed(row, column).map(Some),
    }
}
