//! The file in which the oracles of a job collect their signatures of one report.

use std::collections::BTreeMap;

use alloy::primitives::{Address, B256, Bytes};
use camino::Utf8Path;
use dgov_contracts::usage::{UsageLine, UsageReport};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::lockfile::write_atomically;
use crate::ops::run::signers::SignerSet;
use crate::session::Session;

const KIND: &str = "dgov-usage-report";
const FORMAT: u32 = 1;

/// A report with the signatures that there are, and all that is needed to check and to send it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportFile {
    kind: String,
    format: u32,
    chain_id: u64,
    ledger: Address,
    job: B256,
    #[serde(flatten)]
    pub set: SignerSet,
    lines: Vec<Line>,
    receipt_digest: B256,
    /// The job's number of reports before this one.
    round: u8,
    /// Unix seconds.
    deadline: u64,
    /// By signer.
    pub signatures: BTreeMap<Address, Bytes>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Line {
    version_key: B256,
    records: u64,
}

impl ReportFile {
    /// A file without signatures.
    pub fn new(session: &Session<'_>, report: &UsageReport, set: SignerSet) -> Result<Self> {
        let line = |line: &UsageLine| Line { version_key: line.versionKey, records: line.weight };
        Ok(Self {
            kind: KIND.to_owned(),
            format: FORMAT,
            chain_id: session.connection.chain_id,
            ledger: session.suite()?.ledger,
            job: report.jobId,
            set,
            lines: report.lines.iter().map(line).collect(),
            receipt_digest: report.receiptDigest,
            round: report.nonce.saturating_to(),
            deadline: report.deadline.saturating_to(),
            signatures: BTreeMap::new(),
        })
    }

    /// Takes over the signatures of another file of the same report.
    ///
    /// # Errors
    /// `oracle.report_differs`.
    pub fn merge(&mut self, other: Self, path: &Utf8Path) -> Result<()> {
        let unsigned = |file: &Self| Self { signatures: BTreeMap::new(), ..file.clone() };
        if unsigned(self) != unsigned(&other) {
            let message = format!("{path} has signatures of another report of job {}", other.job);
            return Err(Error::input("oracle.report_differs", message).hint(
                "compare what was used and the receipts with the other oracles; a new report begins with a new file",
            ));
        }
        self.signatures.extend(other.signatures);
        Ok(())
    }
}

/// Writes the file: all of it or nothing.
pub fn write(path: &Utf8Path, file: &ReportFile) -> Result<()> {
    let mut bytes =
        serde_json::to_vec_pretty(file).map_err(|error| Error::bug("a report did not serialize").caused_by(&error))?;
    bytes.push(b'\n');
    write_atomically(path, &bytes)
}

/// Reads the file; `None` if there is none.
///
/// # Errors
/// `oracle.file_malformed`, `oracle.file_newer`, and file errors.
pub fn read(path: &Utf8Path) -> Result<Option<ReportFile>> {
    let text = match fs_err::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let file: ReportFile = serde_json::from_str(&text).map_err(|error| {
        Error::input("oracle.file_malformed", format!("{path} has no signatures of a report"))
            .caused_by(&error)
            .hint("give the file that another oracle wrote, or a name that is free")
    })?;
    if file.kind != KIND || file.format > FORMAT {
        let message = format!("{path} is a `{}` of format {}, this dgov reads {KIND} {FORMAT}", file.kind, file.format);
        return Err(Error::input("oracle.file_newer", message).hint("update dgov, or give another file"));
    }
    Ok(Some(file))
}
