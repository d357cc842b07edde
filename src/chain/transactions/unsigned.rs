//! Transactions for a wallet or a Safe instead of for us.

use std::io::Write;

use alloy::primitives::{Address, Bytes};
use camino::Utf8Path;
use serde::Serialize;

use super::Step;
use crate::{Error, Result};

/// One transaction that somebody else will sign. Numbers are decimal strings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnsignedTransaction {
    /// What it does.
    pub description: String,
    /// EIP-155 chain id.
    pub chain_id: String,
    /// The account that is meant to sign.
    #[serde(serialize_with = "checksummed")]
    pub from: Address,
    /// The contract or account that is called.
    #[serde(serialize_with = "checksummed")]
    pub to: Address,
    /// Wei.
    pub value: String,
    /// Calldata.
    pub data: Bytes,
}

fn checksummed<S: serde::Serializer>(address: &Address, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(&address.to_checksum(None))
}

impl UnsignedTransaction {
    pub(super) fn new(step: &Step<'_>, chain_id: u64, from: Address) -> Self {
        Self {
            description: step.description.clone(),
            chain_id: chain_id.to_string(),
            from,
            to: step.to,
            value: step.value.to_string(),
            data: step.data.clone(),
        }
    }
}

/// Writes the file whole or not at all.
pub(super) fn write(path: &Utf8Path, transactions: &[UnsignedTransaction]) -> Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_str().is_empty()).unwrap_or(Utf8Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(directory)
        .map_err(|error| Error::local_io("io", format!("{path} can't be written")).caused_by(&error))?;
    let mut text = serde_json::to_string_pretty(transactions)
        .map_err(|error| Error::bug("unsigned transactions can't be written as JSON").caused_by(&error))?;
    text.push('\n');
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| Error::from(error.error))?;
    Ok(())
}
