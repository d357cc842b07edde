//! Who is paid for a dataset: `contributors.csv`, its canonical form, and the contributor tree.
//!
//! The file has the header `account,shares` and may have a third column `consent` with the digest of a signed consent.
//! Rows of one account are added. The canonical form, which is what is stored beside the data, is the same CSV with one
//! row an account, ascending by address, addresses checksummed, LF line ends: it reads back to the same tree.

mod parse;

use alloy_primitives::{Address, B256, hex, keccak256};

use crate::tree::{Kind, Leaf, SumTree, TreeError};

pub use parse::{ContributorIssue, ContributorIssueKind, ContributorsError};

/// A contributor with all rows added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contributor {
    /// Who is paid.
    pub account: Address,
    /// At least 1; a payee's part is shares / total.
    pub shares: u64,
    /// Digest of the consent, or of all of them; zero for none.
    pub consent: B256,
}

/// All contributors, ascending by account, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contributors {
    list: Vec<Contributor>,
}

impl Contributors {
    /// Reads `contributors.csv`.
    ///
    /// # Errors
    /// All that is wrong with it at once, each with its line.
    pub fn parse(csv: &[u8]) -> Result<Self, ContributorsError> {
        let rows = parse::rows(csv)?;
        Self::from_rows(rows).map_err(|issue| ContributorsError { issues: vec![issue] })
    }

    /// Adds the rows of each account, and joins its consents.
    fn from_rows(mut rows: Vec<parse::Row>) -> Result<Self, ContributorIssue> {
        rows.sort_by_key(|row| row.account);
        let mut list = Vec::new();
        let mut total = 0_u64;
        for group in rows.chunk_by(|a, b| a.account == b.account) {
            let mut shares = 0_u64;
            for row in group {
                let overflow = || ContributorIssue { line: row.line, kind: ContributorIssueKind::TotalTooLarge };
                shares = shares.checked_add(row.shares).ok_or_else(overflow)?;
                total = total.checked_add(row.shares).ok_or_else(overflow)?;
            }
            let consents = group.iter().map(|row| row.consent).filter(|digest| *digest != B256::ZERO).collect();
            list.push(Contributor { account: group[0].account, shares, consent: join_consents(consents) });
        }
        Ok(Self { list })
    }

    /// Ascending by account.
    pub fn list(&self) -> &[Contributor] {
        &self.list
    }

    /// Number of accounts.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether nobody is listed: allowed, such a dataset pays no contributors.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The contributor with this account.
    pub fn get(&self, account: Address) -> Option<&Contributor> {
        self.list.binary_search_by_key(&account, |row| row.account).ok().map(|index| &self.list[index])
    }

    /// Replaces the consent of every account by what `digests` gives for it: signed consents are found elsewhere.
    #[must_use]
    pub fn with_consents(mut self, digests: &dyn Fn(Address) -> Vec<B256>) -> Self {
        for row in &mut self.list {
            row.consent = join_consents(digests(row.account));
        }
        self
    }

    /// The canonical CSV, in bytes that depend on nothing but the content.
    pub fn to_csv(&self) -> String {
        let consents = self.list.iter().any(|row| row.consent != B256::ZERO);
        let mut csv = String::from(if consents { "account,shares,consent\n" } else { "account,shares\n" });
        for row in &self.list {
            csv.push_str(&row.account.to_checksum(None));
            csv.push(',');
            csv.push_str(&row.shares.to_string());
            if consents {
                csv.push(',');
                if row.consent != B256::ZERO {
                    csv.push_str(&hex::encode_prefixed(row.consent));
                }
            }
            csv.push('\n');
        }
        csv
    }

    /// The contributor tree; may be empty.
    ///
    /// # Errors
    /// [`TreeError::TooManyLeaves`].
    pub fn tree(&self) -> Result<SumTree, TreeError> {
        let leaf = |row: &Contributor| Leaf { key: account_key(row.account), weight: row.shares, data: row.consent };
        SumTree::build(Kind::Contributors, self.list.iter().map(leaf).collect())
    }
}

/// Every consent that a list names, with the account that gave it, in the order of the rows: [`Contributors`] keeps one
/// digest over those of an account.
///
/// # Errors
/// As [`Contributors::parse`], but the sum of the shares is not looked at.
pub fn consents(csv: &[u8]) -> Result<Vec<(Address, B256)>, ContributorsError> {
    let rows = parse::rows(csv)?.into_iter();
    Ok(rows.filter(|row| row.consent != B256::ZERO).map(|row| (row.account, row.consent)).collect())
}

/// The key of an account in contributor and reward trees: keccak of its 20 bytes.
pub fn account_key(account: Address) -> B256 {
    keccak256(account)
}

/// What a leaf holds for the consents of an account: nothing, the one digest, or the digest of all in ascending order.
pub fn join_consents(mut digests: Vec<B256>) -> B256 {
    digests.sort_unstable();
    digests.dedup();
    match digests[..] {
        [] => B256::ZERO,
        [digest] => digest,
        _ => keccak256(digests.concat()),
    }
}
