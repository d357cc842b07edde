//! Reading `contributors.csv`, with everything that is wrong with it.

use std::fmt;

use alloy_primitives::{Address, B256, hex};

/// One thing that is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContributorIssue {
    /// Counted from 1; the header is line 1.
    pub line: u64,
    /// What.
    pub kind: ContributorIssueKind,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContributorIssueKind {
    /// The first line names the columns.
    #[error("the header is `{0}`; expected `account,shares` or `account,shares,consent`")]
    Header(String),
    /// Another number of columns than the header.
    #[error("{got} columns instead of {expected}")]
    Columns {
        /// As the header has.
        expected: usize,
        /// As the row has.
        got: usize,
    },
    /// Not `0x` and 40 hex digits.
    #[error("`{0}` is not an address: expected 0x and 40 hex digits")]
    Address(String),
    /// Mixed case that is not the checksum: most likely a typing error.
    #[error("`{given}` has a wrong checksum; if it is right otherwise, it is written {checksummed}")]
    Checksum {
        /// As given.
        given: String,
        /// As it would be right.
        checksummed: String,
    },
    /// Money paid to the zero address is lost.
    #[error("the zero address can't be paid")]
    ZeroAddress,
    /// Not a whole number from 1 to 2^64 - 1.
    #[error("`{0}` is not a number of shares: expected a whole number from 1 to 18446744073709551615")]
    Shares(String),
    /// Not a digest.
    #[error("`{0}` is not a consent digest: expected 0x and 64 hex digits, or nothing")]
    Consent(String),
    /// The sum of all shares must stay below 2^64.
    #[error("the shares add up to 2^64 or more")]
    TotalTooLarge,
    /// Broken quoting or UTF-8.
    #[error("not readable as CSV: {0}")]
    Csv(String),
}

/// Everything that is wrong with a contributor list. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContributorsError {
    /// Ascending by line.
    pub issues: Vec<ContributorIssue>,
}

impl fmt::Display for ContributorsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, issue) in self.issues.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}line {}: {}", issue.line, issue.kind)?;
        }
        Ok(())
    }
}

impl std::error::Error for ContributorsError {}

/// One row as written.
pub(super) struct Row {
    pub line: u64,
    pub account: Address,
    pub shares: u64,
    pub consent: B256,
}

const COLUMNS: [&str; 3] = ["account", "shares", "consent"];

pub(super) fn rows(csv: &[u8]) -> Result<Vec<Row>, ContributorsError> {
    // Spreadsheets write the mark unasked; here it can't change any meaning.
    let csv = csv.strip_prefix(b"\xef\xbb\xbf").unwrap_or(csv);
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).has_headers(false).from_reader(csv);
    let mut records = reader.records();
    let header = match records.next().transpose() {
        Ok(header) => header.unwrap_or_default(),
        Err(error) => return Err(ContributorsError { issues: vec![unreadable(&error, 1)] }),
    };
    if header != COLUMNS[..2] && header != COLUMNS[..] {
        let given = header.iter().collect::<Vec<_>>().join(",");
        return Err(ContributorsError {
            issues: vec![ContributorIssue { line: 1, kind: ContributorIssueKind::Header(given) }],
        });
    }
    let (mut rows, mut issues, mut last) = (Vec::new(), Vec::new(), 1);
    for record in records {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                issues.push(unreadable(&error, last + 1));
                continue;
            }
        };
        let line = record.position().map_or(last + 1, |position| line_of(csv, position));
        last = line;
        match row(&record, header.len(), line) {
            Ok(row) => rows.push(row),
            Err(kinds) => issues.extend(kinds.into_iter().map(|kind| ContributorIssue { line, kind })),
        }
    }
    if issues.is_empty() { Ok(rows) } else { Err(ContributorsError { issues }) }
}

/// The reader's position is where it began to look for the row, which may be a blank line before it.
fn line_of(csv: &[u8], position: &csv::Position) -> u64 {
    let skipped = csv.iter().skip(position.byte() as usize).take_while(|byte| matches!(byte, b'\r' | b'\n'));
    position.line() + skipped.filter(|byte| **byte == b'\n').count() as u64
}

fn unreadable(error: &csv::Error, line: u64) -> ContributorIssue {
    let line = error.position().map_or(line, csv::Position::line);
    ContributorIssue { line, kind: ContributorIssueKind::Csv(error.to_string()) }
}

fn row(record: &csv::StringRecord, columns: usize, line: u64) -> Result<Row, Vec<ContributorIssueKind>> {
    if record.len() != columns {
        return Err(vec![ContributorIssueKind::Columns { expected: columns, got: record.len() }]);
    }
    let account = account(&record[0]);
    let shares = shares(&record[1]);
    let consent = consent(record.get(2).unwrap_or_default());
    match (account, shares, consent) {
        (Ok(account), Ok(shares), Ok(consent)) => Ok(Row { line, account, shares, consent }),
        (account, shares, consent) => Err([account.err(), shares.err(), consent.err()].into_iter().flatten().collect()),
    }
}

fn account(text: &str) -> Result<Address, ContributorIssueKind> {
    let refuse = || ContributorIssueKind::Address(text.to_owned());
    let digits = text.strip_prefix("0x").filter(|digits| digits.len() == 40).ok_or_else(refuse)?;
    let bytes = hex::decode(digits).map_err(|_| refuse())?;
    let account = Address::from_slice(&bytes);
    let lower = !digits.bytes().any(|byte| byte.is_ascii_uppercase());
    let checksummed = account.to_checksum(None);
    if !lower && text != checksummed {
        return Err(ContributorIssueKind::Checksum { given: text.to_owned(), checksummed });
    }
    if account == Address::ZERO { Err(ContributorIssueKind::ZeroAddress) } else { Ok(account) }
}

fn shares(text: &str) -> Result<u64, ContributorIssueKind> {
    let number = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    number.filter(|shares| *shares > 0).ok_or_else(|| ContributorIssueKind::Shares(text.to_owned()))
}

fn consent(text: &str) -> Result<B256, ContributorIssueKind> {
    if text.is_empty() {
        return Ok(B256::ZERO);
    }
    crate::hex::word(text).ok_or_else(|| ContributorIssueKind::Consent(text.to_owned()))
}
