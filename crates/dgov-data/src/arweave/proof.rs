//! Checking a chunk against the data root, as a node does before it takes one.

use std::ops::Range;

use sha2::{Digest, Sha256};

use super::ArweaveError;
use super::chunks::{MAX_CHUNK, branch_id, leaf_id};

const BRANCH: usize = 96;
const LEAF: usize = 64;

/// Where the chunk lies that `path` proves, in data of `size` bytes with this root; `offset` is any byte of it. Stricter
/// than arweave-js: ends have to agree with each other, and the chunk has to be there.
///
/// # Errors
/// [`ArweaveError::Proof`].
pub fn verify_chunk(
    root: &[u8; 32],
    size: u64,
    offset: u64,
    path: &[u8],
    chunk: &[u8],
) -> Result<Range<u64>, ArweaveError> {
    let refused = |why| ArweaveError::Proof { offset, why };
    if offset >= size {
        return Err(refused("it lies behind the end"));
    }
    let Some((branches, leaf)) = path.split_last_chunk::<LEAF>() else { return Err(refused("the proof is too short")) };
    let (branches, rest) = branches.as_chunks::<BRANCH>();
    if !rest.is_empty() {
        return Err(refused("the proof has a wrong length"));
    }
    let mut id = *root;
    let mut bounds = 0..size;
    for branch in branches {
        let (left, right) = (word(branch, 0), word(branch, 1));
        let boundary = number(&word(branch, 2)).ok_or_else(|| refused("a number is too large"))?;
        if branch_id(&left, &right, boundary) != id {
            return Err(refused("a branch has another hash"));
        }
        if boundary <= bounds.start || boundary > bounds.end {
            return Err(refused("a branch is cut outside of its bytes"));
        }
        if offset < boundary {
            id = left;
            bounds.end = boundary;
        } else {
            id = right;
            bounds.start = boundary;
        }
    }
    let (hash, end) = (word(leaf, 0), number(&word(leaf, 1)).ok_or_else(|| refused("a number is too large"))?);
    if leaf_id(&hash, end) != id || end != bounds.end {
        return Err(refused("the leaf is another one"));
    }
    let len = bounds.end - bounds.start;
    if len > MAX_CHUNK || len != chunk.len() as u64 || Sha256::digest(chunk).as_slice() != hash {
        return Err(refused("the chunk is another one"));
    }
    Ok(bounds)
}

fn word(bytes: &[u8], index: usize) -> [u8; 32] {
    let mut word = [0; 32];
    word.copy_from_slice(&bytes[32 * index..32 * (index + 1)]);
    word
}

/// A number of the tree; `None` from 2^64 on.
fn number(word: &[u8; 32]) -> Option<u64> {
    let (high, low) = word.split_at(24);
    let low = low.iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
    high.iter().all(|byte| *byte == 0).then_some(low)
}
