//! Checking a proof against a root, exactly as the contracts do.

use alloy_primitives::B256;

use super::{Kind, Leaf, Node, Proof, TreeError, bit, common_prefix};

/// Bytes of one sibling: hash and sum.
const SIBLING: usize = 40;

/// What a valid proof shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Sum of all weights in the tree.
    pub total: u64,
    /// Sum of the weights of all lower keys: the index of the key's first record, or, for an absent key, of the place
    /// where it would be.
    pub first_index: u64,
    /// The leaf with this key, when it is present.
    pub leaf: Option<Leaf>,
}

impl Verified {
    /// Whether the key is in the tree.
    pub fn present(&self) -> bool {
        self.leaf.is_some()
    }

    /// The leaf of a key that has to be present.
    ///
    /// # Errors
    /// [`TreeError::NotPresent`].
    pub fn member(&self, key: &B256) -> Result<Leaf, TreeError> {
        self.leaf.ok_or(TreeError::NotPresent(*key))
    }

    /// For a key that has to be absent.
    ///
    /// # Errors
    /// [`TreeError::NotAbsent`].
    pub fn absent(&self, key: &B256) -> Result<(), TreeError> {
        if self.present() { Err(TreeError::NotAbsent(*key)) } else { Ok(()) }
    }
}

/// Checks that `proof` belongs to `root` and `key`, and says what it proves.
///
/// # Errors
/// Everything that the specification refuses: a surplus or missing byte of siblings, an empty sibling, a weight of 0, a
/// terminal beside the path, sums that overflow, a tree that must not be empty, any other root.
pub fn verify(root: &B256, kind: Kind, key: &B256, proof: &Proof) -> Result<Verified, TreeError> {
    let expected = SIBLING * proof.bitmap.count_ones();
    if proof.siblings.len() != expected {
        return Err(TreeError::SiblingsLength { expected, got: proof.siblings.len() });
    }
    let depth = proof.bitmap.bit_len() as u16;
    let mut node = terminal_node(key, depth, proof.terminal.as_ref())?;
    let mut siblings = proof.siblings.chunks_exact(SIBLING);
    let mut first_index = 0_u64;
    for level in (0..depth).rev() {
        let sibling = match proof.bitmap.bit(usize::from(level)).then(|| siblings.next()).flatten() {
            Some(bytes) => sibling(bytes, level)?,
            // The length was checked, so the siblings can't run out before the bits do.
            None => Node::EMPTY,
        };
        if bit(key, level) {
            first_index = first_index.checked_add(sibling.sum).ok_or(TreeError::SumOverflow)?;
        }
        node = node.above(sibling, key, level).ok_or(TreeError::SumOverflow)?;
    }
    if node == Node::EMPTY && !kind.may_be_empty() {
        return Err(TreeError::Empty(kind));
    }
    let got = node.root(kind);
    if got != *root {
        return Err(TreeError::RootMismatch { expected: *root, got });
    }
    if let Some(terminal) = proof.terminal.filter(|leaf| leaf.key < *key) {
        // An absent key's place is right of the leaf that it meets.
        first_index = first_index.checked_add(terminal.weight).ok_or(TreeError::SumOverflow)?;
    }
    let leaf = proof.terminal.filter(|leaf| leaf.key == *key);
    Ok(Verified { total: node.sum, first_index, leaf })
}

fn terminal_node(key: &B256, depth: u16, terminal: Option<&Leaf>) -> Result<Node, TreeError> {
    let Some(leaf) = terminal else { return Ok(Node::EMPTY) };
    if leaf.weight == 0 {
        return Err(TreeError::ZeroWeight(leaf.key));
    }
    if common_prefix(key, &leaf.key) < depth {
        return Err(TreeError::OffPath { key: *key, terminal: leaf.key });
    }
    Ok(leaf.node())
}

fn sibling(bytes: &[u8], depth: u16) -> Result<Node, TreeError> {
    let (hash, sum) = bytes.split_at(32);
    let node = Node { hash: B256::from_slice(hash), sum: sum.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)) };
    if node.hash == B256::ZERO || node.sum == 0 { Err(TreeError::EmptySibling(depth)) } else { Ok(node) }
}
