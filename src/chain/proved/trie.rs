//! Looking up keys in a Merkle Patricia trie of which only some nodes are here, each known by its hash.

use std::collections::HashMap;

use alloy::primitives::{B256, Bytes, keccak256};
use alloy::rlp::Decodable;
use alloy::trie::nodes::{RlpNode, TrieNode};
use alloy::trie::{EMPTY_ROOT_HASH, Nibbles};

/// Why a key was not found to be there, nor found to be absent.
#[derive(Debug, PartialEq, Eq)]
pub enum Gap {
    /// A node on the way is not here, or is not what its parent says.
    Missing,
    /// A node on the way is none of a trie of hashed keys.
    Malformed,
}

/// Nodes by the keccak-256 of their bytes: a changed one is under another hash, where nothing looks for it.
#[derive(Debug, Default)]
pub struct Nodes(HashMap<B256, Bytes>);

impl Nodes {
    /// Takes a node, whatever it is.
    pub fn insert(&mut self, node: Bytes) {
        self.0.insert(keccak256(&node), node);
    }

    /// All of them, in the order of their bytes.
    pub fn sorted(&self) -> Vec<Bytes> {
        let mut all: Vec<Bytes> = self.0.values().cloned().collect();
        all.sort_unstable();
        all
    }

    /// Bytes of all of them together.
    pub fn size(&self) -> usize {
        self.0.values().map(|node| node.len()).sum()
    }

    /// The value under `key` in the trie with this root; `None` when the nodes show that it has none.
    ///
    /// # Errors
    /// [`Gap`] when they show neither.
    pub fn get(&self, root: B256, key: B256) -> Result<Option<Vec<u8>>, Gap> {
        if root == EMPTY_ROOT_HASH {
            return Ok(None);
        }
        let key = Nibbles::unpack(key);
        let mut place = 0;
        let mut node = self.decoded(root)?;
        // Each turn but one after the root consumes a nibble of the key, so there is an end.
        loop {
            let child = match node {
                TrieNode::EmptyRoot => return Err(Gap::Malformed),
                TrieNode::Leaf(leaf) => {
                    return Ok((key.slice(place..) == leaf.key).then_some(leaf.value));
                }
                TrieNode::Extension(extension) => {
                    if extension.key.is_empty() {
                        return Err(Gap::Malformed);
                    }
                    if !key.slice(place..).starts_with(&extension.key) {
                        return Ok(None);
                    }
                    place += extension.key.len();
                    extension.child
                }
                TrieNode::Branch(branch) => {
                    // A branch below the last nibble would have a value, which tries of hashed keys do not know.
                    let nibble = key.get(place).ok_or(Gap::Malformed)?;
                    place += 1;
                    let children = branch.as_ref();
                    let child = children.children().find_map(|(at, child)| (at == nibble).then_some(child)).flatten();
                    match child {
                        None => return Ok(None),
                        Some(child) => child.clone(),
                    }
                }
            };
            node = self.child(&child)?;
        }
    }

    /// A child: by its hash, or, when it is shorter than one, inside its parent.
    fn child(&self, child: &RlpNode) -> Result<TrieNode, Gap> {
        match child.as_hash() {
            Some(hash) => self.decoded(hash),
            None => TrieNode::decode(&mut child.as_slice()).map_err(|_| Gap::Malformed),
        }
    }

    fn decoded(&self, hash: B256) -> Result<TrieNode, Gap> {
        let node = self.0.get(&hash).ok_or(Gap::Missing)?;
        TrieNode::decode(&mut &node[..]).map_err(|_| Gap::Malformed)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::collections::BTreeMap;

    use alloy::trie::HashBuilder;
    use alloy::trie::proof::{ProofRetainer, verify_proof};
    use proptest::prelude::*;

    use super::*;

    /// Root of a trie, and the nodes towards some keys; those inside their parents are not listed again.
    fn trie(leaves: &BTreeMap<B256, Vec<u8>>, keys: &[B256]) -> (B256, Vec<Vec<Bytes>>) {
        let paths: Vec<Nibbles> = keys.iter().map(Nibbles::unpack).collect();
        let mut builder = HashBuilder::default().with_proof_retainer(ProofRetainer::new(paths.clone()));
        leaves.iter().for_each(|(key, value)| builder.add_leaf(Nibbles::unpack(key), value));
        let root = builder.root();
        let nodes = builder.take_proof_nodes();
        let path = |key: &Nibbles| {
            let found = nodes.matching_nodes_sorted(key).into_iter();
            found.filter(|(at, node)| at.is_empty() || node.len() >= 32).map(|(_, node)| node).collect()
        };
        (root, paths.iter().map(path).collect())
    }

    /// Keys that share long prefixes, so that tries have extensions, inline nodes and deep branches.
    fn key() -> impl Strategy<Value = B256> {
        (prop::collection::vec(0_u8..3, 0..4), any::<u8>(), prop::bool::ANY).prop_map(|(head, last, tail)| {
            let mut key = [if tail { 0x11 } else { 0 }; 32];
            key[..head.len()].copy_from_slice(&head);
            key[31] = last & 0x33;
            B256::from(key)
        })
    }

    proptest! {
        /// What is found is what a verifier of others accepts, for keys that are there and keys that are not.
        #[test]
        fn finds_what_the_usual_verifier_accepts(
            leaves in prop::collection::btree_map(key(), prop::collection::vec(any::<u8>(), 1..40), 0..40),
            others in prop::collection::vec(key(), 1..20),
        ) {
            let keys: Vec<B256> = leaves.keys().copied().chain(others).collect();
            let (root, paths) = trie(&leaves, &keys);
            let mut nodes = Nodes::default();
            paths.iter().flatten().for_each(|node| nodes.insert(node.clone()));
            for (key, path) in keys.iter().zip(&paths) {
                let found = nodes.get(root, *key).unwrap();
                prop_assert_eq!(found.as_ref(), leaves.get(key));
                prop_assert!(verify_proof(root, Nibbles::unpack(*key), found, path).is_ok());
            }
        }

        /// With one bit of one node changed, or one left out, nothing false is found.
        #[test]
        fn a_changed_node_shows_nothing(
            leaves in prop::collection::btree_map(key(), prop::collection::vec(any::<u8>(), 1..40), 1..20),
            which in any::<prop::sample::Index>(), place in any::<prop::sample::Index>(), bit in 0_u8..8, out: bool,
        ) {
            let keys: Vec<B256> = leaves.keys().copied().collect();
            let (root, paths) = trie(&leaves, &keys);
            let mut all: Vec<Bytes> = paths.into_iter().flatten().collect();
            all.sort_unstable();
            all.dedup();
            let index = which.index(all.len());
            let mut changed = all.remove(index).to_vec();
            if !out {
                let at = place.index(changed.len());
                changed[at] ^= 1 << bit;
                all.push(changed.into());
            }
            let mut nodes = Nodes::default();
            all.into_iter().for_each(|node| nodes.insert(node));
            let found: Vec<_> = keys.iter().map(|key| nodes.get(root, *key)).collect();
            prop_assert!(found.contains(&Err(Gap::Missing)));
            for (key, found) in keys.iter().zip(found) {
                prop_assert!(found == Err(Gap::Missing) || found.unwrap().as_ref() == leaves.get(key));
            }
        }

        /// Nodes of anybody end in an answer, never in a panic or without end.
        #[test]
        fn nodes_of_anybody_are_survived(
            all in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..80), 1..8), wanted in any::<[u8; 32]>(),
        ) {
            let mut nodes = Nodes::default();
            let root = keccak256(&all[0]);
            all.into_iter().for_each(|node| nodes.insert(node.into()));
            let _ = nodes.get(root, B256::from(wanted));
        }
    }

    #[test]
    fn an_empty_trie_has_nothing() {
        assert_eq!(Nodes::default().get(EMPTY_ROOT_HASH, B256::ZERO), Ok(None));
        assert_eq!(Nodes::default().get(B256::ZERO, B256::ZERO), Err(Gap::Missing));
    }
}
