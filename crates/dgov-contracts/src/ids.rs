//! Identifiers (`spec.md`, "Identifiers"): every one is a hash of content, computed here exactly as the contracts do.

use alloy::{
    primitives::{Address, B256, U256, keccak256},
    sol_types::{SolStruct, SolValue},
};

use crate::suite::{PoolKey, Split, Terms, Version};

/// Most parents that a version may name.
pub const MAX_PARENTS: usize = 16;
/// All of something, in basis points.
pub const WHOLE_BPS: u32 = 10_000;

/// Input from which no identifier can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// A name that is not `[a-z0-9][a-z0-9-]{0,63}`.
    #[error("`{0}` is not a valid name: use 1 to 64 of a-z, 0-9 and -, not starting with -")]
    Slug(String),
    /// A list that must be strictly ascending is not, first seen at this index.
    #[error("{what} must be strictly ascending; number {} is not above the one before it", index + 1)]
    NotAscending {
        /// What the list holds.
        what: &'static str,
        /// Zero-based index of the offending item.
        index: usize,
    },
    /// More than [`MAX_PARENTS`] parents.
    #[error("a version may have at most {MAX_PARENTS} parents, not {0}")]
    TooManyParents(usize),
    /// Shares that do not add up to 10,000 basis points.
    #[error("the shares add up to {0} basis points, not {WHOLE_BPS}")]
    ShareSum(u32),
    /// A CID whose root digest cannot stand on chain.
    #[error("a package needs a CIDv1 with sha2-256 (dag-pb or raw), not {0}")]
    Cid(String),
}

/// Codec of a package's root block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// A UnixFS directory, or a file of several blocks.
    DagPb,
    /// A file of one block.
    Raw,
}

impl Codec {
    const fn byte(self) -> u8 {
        match self {
            Self::DagPb => 0x70,
            Self::Raw => 0x55,
        }
    }
}

/// Checks a dataset's name: `[a-z0-9][a-z0-9-]{0,63}`.
///
/// # Errors
/// [`IdError::Slug`].
pub fn check_slug(slug: &str) -> Result<(), IdError> {
    let bytes = slug.as_bytes();
    let allowed = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-';
    if (1..=64).contains(&bytes.len()) && bytes[0] != b'-' && bytes.iter().all(allowed) {
        Ok(())
    } else {
        Err(IdError::Slug(slug.to_owned()))
    }
}

/// keccak256 of the slug.
///
/// # Errors
/// [`IdError::Slug`].
pub fn dataset_salt(slug: &str) -> Result<B256, IdError> {
    check_slug(slug)?;
    Ok(keccak256(slug))
}

/// The id of a dataset; it binds the first owner, so that nobody can take another's name.
pub fn dataset_id(chain_id: u64, registry: Address, publisher: Address, salt: B256) -> B256 {
    keccak256((keccak256("dgov.dataset.v1"), U256::from(chain_id), registry, publisher, salt).abi_encode())
}

/// The ERC-721 token of a dataset.
pub fn token_id(dataset_id: B256) -> U256 {
    dataset_id.into()
}

/// hashStruct of the version.
pub fn version_key(version: &Version) -> B256 {
    version.eip712_hash_struct()
}

/// The sha2-256 digest inside a binary CIDv1 (36 bytes).
///
/// # Errors
/// [`IdError::Cid`] for any other version, codec or hash function.
pub fn package_digest(cid: &[u8]) -> Result<(Codec, B256), IdError> {
    let wrong = || IdError::Cid(alloy::primitives::hex::encode_prefixed(cid));
    let (head, digest) = cid.split_at_checked(4).ok_or_else(wrong)?;
    let codec = match head {
        [0x01, 0x70, 0x12, 0x20] => Codec::DagPb,
        [0x01, 0x55, 0x12, 0x20] => Codec::Raw,
        _ => return Err(wrong()),
    };
    Ok((codec, B256::try_from(digest).map_err(|_| wrong())?))
}

/// The binary CIDv1 of a digest: the inverse of [`package_digest`].
pub fn package_cid(codec: Codec, digest: B256) -> [u8; 36] {
    let mut cid = [0; 36];
    cid[..4].copy_from_slice(&[0x01, codec.byte(), 0x12, 0x20]);
    cid[4..].copy_from_slice(digest.as_slice());
    cid
}

/// keccak256 of the parents' version keys, which are strictly ascending; zero for none.
///
/// # Errors
/// [`IdError::NotAscending`], [`IdError::TooManyParents`].
pub fn parents_hash(parents: &[B256]) -> Result<B256, IdError> {
    if parents.len() > MAX_PARENTS {
        return Err(IdError::TooManyParents(parents.len()));
    }
    check_ascending("parents", parents)?;
    Ok(if parents.is_empty() { B256::ZERO } else { keccak256(parents.concat()) })
}

/// keccak256(abi.encode(Split[])).
///
/// # Errors
/// [`IdError::NotAscending`] unless `to` is strictly ascending.
pub fn splits_hash(splits: &[Split]) -> Result<B256, IdError> {
    let payees: Vec<Address> = splits.iter().map(|split| split.to).collect();
    check_ascending("payees of the splits", &payees)?;
    Ok(keccak256(splits.abi_encode()))
}

/// The digest of a division of income: the contributors' share and the fixed splits.
///
/// # Errors
/// [`IdError::NotAscending`], [`IdError::ShareSum`].
pub fn splits_digest(contributors_bps: u16, splits: &[Split]) -> Result<B256, IdError> {
    let sum = splits.iter().fold(u32::from(contributors_bps), |sum, split| sum.saturating_add(u32::from(split.bps)));
    if sum != WHOLE_BPS {
        return Err(IdError::ShareSum(sum));
    }
    Ok(splits_digest_of(contributors_bps, splits_hash(splits)?))
}

/// keccak256(abi.encode(contributorsBps, splitsHash)), for a splits hash that is already known.
pub fn splits_digest_of(contributors_bps: u16, splits_hash: B256) -> B256 {
    keccak256((U256::from(contributors_bps), splits_hash).abi_encode())
}

/// The id of a royalty pool.
pub fn pool_id(chain_id: u64, vault: Address, dataset_id: B256, contributor_root: B256, splits_digest: B256) -> B256 {
    let tag = keccak256("dgov.pool.v1");
    keccak256((tag, U256::from(chain_id), vault, dataset_id, contributor_root, splits_digest).abi_encode())
}

/// The id of the pool that a claim names.
pub fn pool_id_of(chain_id: u64, vault: Address, pool: &PoolKey) -> B256 {
    let splits_digest = splits_digest_of(pool.contributorsBps, pool.splitsHash);
    pool_id(chain_id, vault, pool.datasetId, pool.contributorRoot, splits_digest)
}

/// keccak256 of pool ids, which are strictly ascending.
///
/// # Errors
/// [`IdError::NotAscending`].
pub fn pools_hash(pools: &[B256]) -> Result<B256, IdError> {
    check_ascending("pools", pools)?;
    Ok(keccak256(pools.concat()))
}

/// The id of license terms: the hash of a tag and every field, in the order of the struct.
pub fn terms_id(terms: &Terms) -> B256 {
    // A struct of static fields encodes as its fields in a row.
    let mut encoded = keccak256("dgov.terms.v1").to_vec();
    encoded.extend(terms.abi_encode());
    keccak256(encoded)
}

/// The token of the pass that this holder has for this dataset, whether it exists or not.
pub fn pass_id(holder: Address, dataset_id: B256) -> U256 {
    keccak256((keccak256("dgov.pass.v1"), holder, dataset_id).abi_encode()).into()
}

/// The id of a set of oracles: how many must sign, and who may; strictly ascending.
///
/// # Errors
/// [`IdError::NotAscending`].
pub fn signer_set_id(threshold: u64, signers: &[Address]) -> Result<B256, IdError> {
    check_ascending("signers", signers)?;
    Ok(keccak256((U256::from(threshold), signers.to_vec()).abi_encode_params()))
}

/// The id of a usage job; `nonce` is the payer's.
pub fn job_id(chain_id: u64, ledger: Address, payer: Address, nonce: U256) -> B256 {
    keccak256((keccak256("dgov.job.v1"), U256::from(chain_id), ledger, payer, nonce).abi_encode())
}

fn check_ascending<T: Ord>(what: &'static str, items: &[T]) -> Result<(), IdError> {
    match items.windows(2).position(|pair| pair[0] >= pair[1]) {
        Some(index) => Err(IdError::NotAscending { what, index: index + 1 }),
        None => Ok(()),
    }
}
