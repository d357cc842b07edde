//! Who shares in a pool, read from a version's documents and checked against the chain, and what each is owed.

use alloy::primitives::{Address, B256, U256};
use dgov_contracts::ids;
use dgov_contracts::suite::{ContributorClaim, IRoyaltyVault, PoolKey, Split, SplitClaim};
use dgov_data::contributors::{Contributors, account_key};
use dgov_data::tree::SumTree;
use serde::Deserialize;

use super::pools::Pool;
use crate::chain::reverts::contract_error;
use crate::error::{Error, ErrorKind, Result};
use crate::ops::documents::names as files;
use crate::ops::names::folder_cid;
use crate::session::Session;
use crate::storage::{Source, dag};
use crate::ui::Warning;

/// Most bytes of one document; a million contributors are about 60 MB.
const DOCUMENT_LIMIT: u64 = 1 << 30;

/// Contributors and fixed splits of a pool, proven to be what the chain committed to.
pub struct Shares {
    contributors: Contributors,
    tree: SumTree,
    contributors_bps: u16,
    splits: Vec<Split>,
    splits_hash: B256,
}

/// `splits.json`.
#[derive(Deserialize)]
struct SplitsFile {
    contributors_bps: u16,
    splits: Vec<SplitRow>,
}

#[derive(Deserialize)]
struct SplitRow {
    to: Address,
    bps: u16,
}

/// In which of its roles an account is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// By shares in the contributors' part.
    Contributor,
    /// By a fixed split.
    Split,
}

/// Reads who shares in a pool from the documents of its newest version that a source has.
///
/// # Errors
/// `royalties.documents_missing` (exit 6), `royalties.documents_differ` (exit 7), and those of the sources.
pub async fn read(session: &Session<'_>, pool: &Pool) -> Result<Shares> {
    let sources = session.sources()?;
    let mut failed = None;
    for digest in &pool.documents {
        match documents(&sources, *digest).await {
            Ok([contributors, splits]) => return check(pool, contributors, splits),
            Err(error) if error.kind() == ErrorKind::Storage => failed = Some(error),
            Err(error) => return Err(error),
        }
    }
    let cause = failed.unwrap_or_else(|| Error::bug("a pool without a version"));
    Err(missing(pool, "are in none of the sources").caused_by(&cause))
}

/// Whether an error of [`read`] is about what the pool's publisher stored, or where, and not about this machine or the
/// chain.
pub fn is_of_the_documents(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Storage | ErrorKind::Integrity)
}

/// Tells the user which pool is left out and why.
pub fn warn_unreadable(session: &Session<'_>, pool: &Pool, error: &Error) {
    let mut warning = Warning::new(error.code(), format!("dataset {} is left out: {error}", pool.dataset));
    warning.hint = error.hints().first().cloned();
    session.context.ui.warn(warning);
}

/// Contributors and splits of one version; `None` for what its folder does not have. The other documents, of which the
/// record list may be large, are not read.
async fn documents(sources: &[Source], digest: B256) -> Result<[Option<Vec<u8>>; 2]> {
    let names = [files::CONTRIBUTORS, files::SPLITS];
    let mut found = dag::read_files(sources, &folder_cid(digest)?, &names, DOCUMENT_LIMIT).await?;
    Ok(names.map(|name| found.remove(name)))
}

fn missing(pool: &Pool, what: &str) -> Error {
    let message = format!("the documents of dataset {} that say who is paid {what}", pool.dataset);
    Error::new(ErrorKind::Storage, "royalties.documents_missing", message)
        .hint("name the publisher's store or gateway in [storage] sources (in a joined folder: `dgov join` again with --source)")
}

fn check(pool: &Pool, contributors: Option<Vec<u8>>, splits: Option<Vec<u8>>) -> Result<Shares> {
    let (Some(contributors), Some(splits)) = (contributors, splits) else {
        return Err(missing(pool, "are not public"));
    };
    let contributors =
        Contributors::parse(&contributors).map_err(|error| differ(pool, files::CONTRIBUTORS).caused_by(&error))?;
    let tree = contributors.tree().map_err(|error| differ(pool, files::CONTRIBUTORS).caused_by(&error))?;
    if tree.root() != pool.contributor_root {
        return Err(differ(pool, files::CONTRIBUTORS));
    }
    let file: SplitsFile =
        serde_json::from_slice(&splits).map_err(|error| differ(pool, files::SPLITS).caused_by(&error))?;
    let splits: Vec<_> = file.splits.into_iter().map(|row| Split { to: row.to, bps: row.bps }).collect();
    let digest = ids::splits_digest(file.contributors_bps, &splits);
    if digest.map_err(|error| differ(pool, files::SPLITS).caused_by(&error))? != pool.splits_digest {
        return Err(differ(pool, files::SPLITS));
    }
    let splits_hash = ids::splits_hash(&splits).map_err(|error| differ(pool, files::SPLITS).caused_by(&error))?;
    Ok(Shares { contributors, tree, contributors_bps: file.contributors_bps, splits, splits_hash })
}

fn differ(pool: &Pool, file: &str) -> Error {
    Error::integrity(
        "royalties.documents_differ",
        format!("{file} of dataset {} is not what the chain committed to", pool.dataset),
    )
    .hint("its publisher stored other documents than it registered; ask for the right ones")
}

impl Shares {
    /// Everybody who has shares, ascending.
    pub fn contributors(&self) -> impl Iterator<Item = Address> {
        self.contributors.list().iter().map(|row| row.account)
    }

    /// Those whose consent the list names, each with the digest of it, or of all of theirs.
    pub fn consents(&self) -> impl Iterator<Item = (Address, B256)> {
        let named = self.contributors.list().iter().filter(|row| !row.consent.is_zero());
        named.map(|row| (row.account, row.consent))
    }

    /// The roles in which an account is paid from this pool.
    pub fn roles(&self, account: Address) -> Vec<Role> {
        let contributor = self.contributors.get(account).map(|_| Role::Contributor);
        let split = self.splits.iter().any(|split| split.to == account).then_some(Role::Split);
        contributor.into_iter().chain(split).collect()
    }

    /// All that an account ever earned in a role with this income, paid or not; exactly as the vault computes it.
    pub fn earned(&self, account: Address, role: Role, income: U256) -> U256 {
        match role {
            Role::Contributor => self.contributors.get(account).map_or(U256::ZERO, |row| {
                contributor_part(income, self.contributors_bps, row.shares, self.tree.total())
            }),
            Role::Split => {
                let split = self.splits.iter().find(|split| split.to == account);
                split.map_or(U256::ZERO, |split| fixed_part(income, split.bps))
            }
        }
    }

    /// The contributor's claim with its proof; `None` for somebody else.
    pub fn contributor_claim(&self, pool: &Pool, account: Address, currency: Address) -> Option<ContributorClaim> {
        let row = self.contributors.get(account)?;
        let proof = self.tree.prove(&account_key(account));
        Some(ContributorClaim {
            pool: PoolKey {
                datasetId: pool.dataset_id,
                contributorRoot: pool.contributor_root,
                contributorsBps: self.contributors_bps,
                splitsHash: self.splits_hash,
            },
            currency,
            shares: row.shares,
            consent: row.consent,
            bitmap: proof.bitmap,
            siblings: proof.siblings.into(),
        })
    }

    /// The claim of a fixed payee.
    pub fn split_claim(&self, pool: &Pool, currency: Address) -> SplitClaim {
        SplitClaim {
            datasetId: pool.dataset_id,
            contributorRoot: pool.contributor_root,
            contributorsBps: self.contributors_bps,
            splits: self.splits.clone(),
            currency,
        }
    }
}

/// What the vault paid an account in a role already.
pub async fn paid(session: &Session<'_>, pool: B256, currency: Address, account: Address, role: Role) -> Result<U256> {
    let vault = IRoyaltyVault::new(session.suite()?.vault, &session.connection.provider);
    let paid = match role {
        Role::Contributor => vault.paid(pool, currency, account).call().await,
        Role::Split => vault.paidSplit(pool, currency, account).call().await,
    };
    paid.map_err(|error| contract_error(&session.connection, "reading what was paid", error))
}

/// `floor(floor(income * bps / 10,000) * shares / total)` (`RoyaltyVault._claimContributor`). Income is below 2^128, so
/// no product comes near 2^256.
fn contributor_part(income: U256, bps: u16, shares: u64, total: u64) -> U256 {
    if total == 0 { U256::ZERO } else { fixed_part(income, bps) * U256::from(shares) / U256::from(total) }
}

/// `floor(income * bps / 10,000)` (`RoyaltyVault._claimSplit`).
fn fixed_part(income: U256, bps: u16) -> U256 {
    income * U256::from(bps) / U256::from(10_000)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn pool(root: B256, digest: B256) -> Pool {
        Pool {
            id: B256::ZERO,
            dataset: "raccoon".into(),
            dataset_id: B256::repeat_byte(1),
            contributor_root: root,
            splits_digest: digest,
            versions: vec![1],
            documents: vec![],
        }
    }

    #[test]
    fn parts_are_rounded_down_twice() {
        // floor(3 * 0.5) = 1, and floor(1 * 2 / 3) = 0; rounded once it would be 1.
        assert_eq!(contributor_part(U256::from(3), 5_000, 2, 3), U256::ZERO);
        // floor(9,999 * 0.8) = 7,999, a third of which is 2,666.
        assert_eq!(contributor_part(U256::from(9_999), 8_000, 1, 3), U256::from(2_666));
        assert_eq!(contributor_part(U256::from(4), 5_000, 1, 2), U256::from(1));
        assert_eq!(contributor_part(U256::from(u128::MAX), 10_000, u64::MAX, u64::MAX), U256::from(u128::MAX));
        assert_eq!(contributor_part(U256::from(5), 10_000, 0, 0), U256::ZERO);
    }

    #[test]
    fn documents_must_be_what_the_chain_committed_to() {
        let account = Address::repeat_byte(7);
        let csv = format!("account,shares\n{account},3\n").into_bytes();
        let splits = vec![Split { to: Address::repeat_byte(9), bps: 2_000 }];
        let json =
            br#"{"contributors_bps":8000,"splits":[{"to":"0x0909090909090909090909090909090909090909","bps":2000}]}"#;
        let root = Contributors::parse(&csv).unwrap().tree().unwrap().root();
        let digest = ids::splits_digest(8_000, &splits).unwrap();

        let right = pool(root, digest);
        let shares = check(&right, Some(csv.clone()), Some(json.to_vec())).unwrap();
        assert_eq!(shares.roles(account), [Role::Contributor]);
        assert_eq!(shares.roles(Address::repeat_byte(9)), [Role::Split]);
        assert!(shares.roles(Address::ZERO).is_empty());
        assert_eq!(shares.earned(account, Role::Contributor, U256::from(100)), U256::from(80));
        assert_eq!(shares.earned(Address::repeat_byte(9), Role::Split, U256::from(100)), U256::from(20));
        assert_eq!(shares.earned(Address::ZERO, Role::Split, U256::from(100)), U256::ZERO);

        let code = |pool: &Pool, csv: &[u8], json: &[u8]| {
            check(pool, Some(csv.to_vec()), Some(json.to_vec())).err().map(|error| (error.kind(), error.code()))
        };
        let differ = Some((ErrorKind::Integrity, "royalties.documents_differ"));
        let other = format!("account,shares\n{account},4\n").into_bytes();
        assert_eq!(code(&right, &other, json), differ);
        assert_eq!(code(&right, b"no csv", json), differ);
        assert_eq!(code(&right, &csv, br#"{"contributors_bps":10000,"splits":[]}"#), differ);
        assert_eq!(code(&right, &csv, b"{}"), differ);
        let error = check(&right, Some(csv), None).err().unwrap();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Storage, "royalties.documents_missing"));
        assert!(error.message().contains("raccoon"));
    }
}
