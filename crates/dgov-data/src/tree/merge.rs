//! Several entries of one key become one leaf.

use rayon::prelude::*;

use super::{Leaf, TreeError};

/// Sorts leaves by key and adds the weights of equal keys: duplicates of a record, rows of one account.
///
/// # Errors
/// [`TreeError::SumOverflow`] when a weight passes 2^64 - 1, [`TreeError::DataConflict`] when equal keys carry different
/// data (consents must be joined into one digest before, because adding can't).
pub fn merge_leaves(mut leaves: Vec<Leaf>) -> Result<Vec<Leaf>, TreeError> {
    leaves.par_sort_unstable_by_key(|leaf| leaf.key);
    let mut kept = 0;
    for next in 1..leaves.len() {
        let leaf = leaves[next];
        let last = &mut leaves[kept];
        if last.key == leaf.key {
            if last.data != leaf.data {
                return Err(TreeError::DataConflict(leaf.key));
            }
            last.weight = last.weight.checked_add(leaf.weight).ok_or(TreeError::SumOverflow)?;
        } else {
            kept += 1;
            leaves[kept] = leaf;
        }
    }
    leaves.truncate(kept + 1);
    Ok(leaves)
}
