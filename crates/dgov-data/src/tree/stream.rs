//! The root of a tree whose leaves come in key order, in memory that does not depend on how many there are.

use alloy_primitives::B256;

use super::build::climb;
use super::{Kind, Leaf, Node, TreeError, common_prefix};

/// Takes leaves one by one, strictly ascending by key. At most 256 nodes are held.
pub struct RootStream {
    kind: Kind,
    /// Left halves that wait for their right one, by the bit that divides them; ascending.
    open: Vec<(u16, Node)>,
    current: Option<Subtree>,
}

/// The subtree of the leaves taken last.
struct Subtree {
    last: Leaf,
    node: Node,
    /// Where the node is; a single leaf is the same node at every depth.
    depth: Option<u16>,
}

impl Subtree {
    fn at(&self, depth: u16) -> Option<Node> {
        match self.depth {
            None => Some(self.node),
            Some(from) => climb(self.node, &self.last.key, from, depth),
        }
    }
}

impl RootStream {
    /// Of a tree without leaves so far.
    pub fn new(kind: Kind) -> Self {
        Self { kind, open: Vec::new(), current: None }
    }

    /// Takes the next leaf.
    ///
    /// # Errors
    /// [`TreeError::DuplicateKey`] for a key that does not follow the one before, [`TreeError::ZeroWeight`],
    /// [`TreeError::UnexpectedData`], [`TreeError::SumOverflow`].
    pub fn push(&mut self, leaf: Leaf) -> Result<(), TreeError> {
        if leaf.weight == 0 {
            return Err(TreeError::ZeroWeight(leaf.key));
        }
        if self.kind != Kind::Contributors && leaf.data != B256::ZERO {
            return Err(TreeError::UnexpectedData(leaf.key));
        }
        if let Some(mut current) = self.current.take() {
            if leaf.key <= current.last.key {
                return Err(TreeError::DuplicateKey(leaf.key));
            }
            let branch = common_prefix(&current.last.key, &leaf.key);
            self.close(&mut current, branch + 1)?;
            let left = current.at(branch + 1).ok_or(TreeError::SumOverflow)?;
            self.open.push((branch, left));
        }
        self.current = Some(Subtree { last: leaf, node: leaf.node(), depth: None });
        Ok(())
    }

    /// Joins the current subtree with the halves that wait at `depth` or deeper.
    fn close(&mut self, current: &mut Subtree, depth: u16) -> Result<(), TreeError> {
        while let Some((branch, left)) = self.open.pop_if(|(branch, _)| *branch >= depth) {
            let right = current.at(branch + 1).ok_or(TreeError::SumOverflow)?;
            current.node = Node::inner(left, right).ok_or(TreeError::SumOverflow)?;
            current.depth = Some(branch);
        }
        Ok(())
    }

    /// Root and sum of all weights.
    ///
    /// # Errors
    /// [`TreeError::Empty`] for kinds that need a leaf, [`TreeError::SumOverflow`].
    pub fn finish(mut self) -> Result<(B256, u64), TreeError> {
        let top = match self.current.take() {
            None if self.kind.may_be_empty() => Node::EMPTY,
            None => return Err(TreeError::Empty(self.kind)),
            Some(mut current) => {
                self.close(&mut current, 0)?;
                current.at(0).ok_or(TreeError::SumOverflow)?
            }
        };
        Ok((top.root(self.kind), top.sum))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::super::{SumTree, merge_leaves};
    use super::*;

    fn streamed(leaves: &[Leaf]) -> (B256, u64) {
        let mut stream = RootStream::new(Kind::Records);
        leaves.iter().for_each(|leaf| stream.push(*leaf).unwrap());
        stream.finish().unwrap()
    }

    proptest! {
        /// Against the builder that the vectors of other implementations check.
        #[test]
        fn the_root_is_that_of_the_built_tree(
            keys in prop::collection::vec((prop::array::uniform32(any::<u8>()), 0_usize..31, 1_u64..5), 1..80),
        ) {
            // Long common prefixes are where a radix tree goes wrong.
            let first = keys[0].0;
            let leaves = keys.iter().map(|(key, shared, weight)| {
                let mut key = *key;
                key[..*shared].copy_from_slice(&first[..*shared]);
                Leaf::new(B256::new(key), *weight)
            });
            let leaves = merge_leaves(leaves.collect()).unwrap();
            let tree = SumTree::build(Kind::Records, leaves.clone()).unwrap();
            prop_assert_eq!(streamed(&leaves), (tree.root(), tree.total()));
        }
    }

    #[test]
    fn keys_that_share_255_bits() {
        let mut other = [7; 32];
        other[31] ^= 1;
        let mut leaves = vec![Leaf::new(B256::new([7; 32]), 1), Leaf::new(B256::new(other), 2)];
        leaves.sort_unstable_by_key(|leaf| leaf.key);
        assert_eq!(streamed(&leaves).0, SumTree::build(Kind::Records, leaves).unwrap().root());
    }

    #[test]
    fn what_makes_no_tree_is_refused() {
        let leaf = |byte, weight| Leaf::new(B256::repeat_byte(byte), weight);
        assert_eq!(RootStream::new(Kind::Records).finish(), Err(TreeError::Empty(Kind::Records)));
        let mut stream = RootStream::new(Kind::Records);
        stream.push(leaf(2, u64::MAX)).unwrap();
        assert_eq!(stream.push(leaf(2, 1)), Err(TreeError::DuplicateKey(B256::repeat_byte(2))));
        let mut stream = RootStream::new(Kind::Records);
        stream.push(leaf(2, u64::MAX)).unwrap();
        assert_eq!(stream.push(leaf(3, 0)), Err(TreeError::ZeroWeight(B256::repeat_byte(3))));
        let mut stream = RootStream::new(Kind::Records);
        stream.push(leaf(2, u64::MAX)).unwrap();
        stream.push(leaf(3, 1)).unwrap();
        assert_eq!(stream.finish(), Err(TreeError::SumOverflow));
    }
}
