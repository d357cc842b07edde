//! Building a small subtree with many hashes at a time: first all leaves, then all nodes whose children are known, level by
//! level.

use alloy_primitives::B256;

use super::build::{Vertex, split};
use super::{Leaf, Node, TreeError, bit};
use crate::keccak::hash_many;

/// The position of a node in [`Batch::nodes`].
type Slot = usize;

/// EMPTY has the first slot, the leaves those after it.
const EMPTY: Slot = 0;

struct Batch<'a> {
    leaves: &'a [Leaf],
    nodes: Vec<Node>,
    /// Nodes to be made, by height above the leaves.
    levels: Vec<Vec<Inner>>,
    /// The node at the top of each vertex.
    tops: Vec<Slot>,
}

struct Inner {
    left: Slot,
    right: Slot,
    node: Slot,
}

/// Fills the vertices of `leaves` (sorted, unique, not empty) and gives the node at `depth`.
pub(super) fn build(leaves: &[Leaf], depth: u16, vertices: &mut [Vertex]) -> Result<Node, TreeError> {
    let hashes = hash_many(&leaves.iter().map(Leaf::bytes).collect::<Vec<_>>());
    let made = hashes.into_iter().zip(leaves).map(|(hash, leaf)| Node { hash, sum: leaf.weight });
    let nodes = std::iter::once(Node::EMPTY).chain(made).collect();
    let mut batch = Batch { leaves, nodes, levels: Vec::new(), tops: vec![EMPTY; vertices.len()] };
    batch.plan(0, leaves.len(), depth, 0, vertices);
    batch.make()?;
    for (vertex, top) in vertices.iter_mut().zip(&batch.tops) {
        vertex.top = batch.nodes[*top];
    }
    Ok(vertices[0].top)
}

impl Batch<'_> {
    /// Plans the nodes of leaves `from..to`, whose vertices begin at `vertex`; gives the node at `depth` and its height.
    fn plan(&mut self, from: usize, to: usize, depth: u16, vertex: usize, vertices: &mut [Vertex]) -> (Slot, usize) {
        if to - from == 1 {
            vertices[vertex] = Vertex::UNSET;
            self.tops[vertex] = from + 1;
            return (from + 1, 0);
        }
        let leaves = self.leaves;
        let (branch, left) = split(&leaves[from..to]);
        let (left_node, left_height) = self.plan(from, from + left, branch + 1, vertex + 1, vertices);
        let (right_node, right_height) = self.plan(from + left, to, branch + 1, vertex + 2 * left, vertices);
        let mut height = left_height.max(right_height);
        let mut top = self.inner(left_node, right_node, height);
        for depth in (depth..branch).rev() {
            height += 1;
            let right = bit(&leaves[from].key, depth);
            top = if right { self.inner(EMPTY, top, height) } else { self.inner(top, EMPTY, height) };
        }
        vertices[vertex] = Vertex { left: left as u32, branch, ..Vertex::UNSET };
        self.tops[vertex] = top;
        (top, height + 1)
    }

    fn inner(&mut self, left: Slot, right: Slot, height: usize) -> Slot {
        let node = self.nodes.len();
        self.nodes.push(Node::EMPTY);
        if self.levels.len() == height {
            self.levels.push(Vec::new());
        }
        self.levels[height].push(Inner { left, right, node });
        node
    }

    fn make(&mut self) -> Result<(), TreeError> {
        for level in &self.levels {
            let bytes: Vec<_> =
                level.iter().map(|inner| Node::inner_bytes(self.nodes[inner.left], self.nodes[inner.right])).collect();
            let hashes: Vec<B256> = hash_many(&bytes);
            for (inner, hash) in level.iter().zip(hashes) {
                let sum = self.nodes[inner.left].sum.checked_add(self.nodes[inner.right].sum);
                self.nodes[inner.node] = Node { hash, sum: sum.ok_or(TreeError::SumOverflow)? };
            }
        }
        Ok(())
    }
}
