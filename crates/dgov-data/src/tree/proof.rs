//! A proof, as handed to anyone who holds only the root.

use alloy_primitives::{B256, U256};

use super::Leaf;

/// Proves a key present in, or absent from, the tree of a root. Check it with [`super::verify`]; its content is a claim
/// of whoever sent it until then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Bit i (least significant is 0) set: at depth i the node beside the path is not EMPTY.
    pub bitmap: U256,
    /// 40 bytes each (hash || u64 sum), deepest first.
    pub siblings: Vec<u8>,
    /// What the path ends in: EMPTY (`None`) or a leaf.
    pub terminal: Option<Leaf>,
}

impl Proof {
    /// Whether the proof claims that `key` is present. Says nothing about whether it is right.
    pub fn claims_presence(&self, key: &B256) -> bool {
        self.terminal.is_some_and(|leaf| leaf.key == *key)
    }
}
