//! Building a tree, in parallel, and walking it for proofs.

use alloy_primitives::{B256, U256};
use rayon::prelude::*;

use super::{Kind, Leaf, Node, Proof, TreeError, batch, bit, common_prefix};

/// Up to this many leaves a subtree is built by one thread: enough for its hashes to fill the vector registers, and for a
/// task to cost more than handing it over.
const SEQUENTIAL: usize = 1024;

/// One vertex of the compressed tree: the node at the top of its edge, just below the parent's branch. A key set shares
/// prefixes of any length, so storing branches only keeps the memory at 2n - 1 vertices whatever the keys are.
#[derive(Clone, Copy)]
pub(super) struct Vertex {
    pub top: Node,
    /// Leaves in the left half; 0 in a leaf vertex.
    pub left: u32,
    /// The bit by which the halves differ; 256 in a leaf vertex.
    pub branch: u16,
}

impl Vertex {
    pub const UNSET: Self = Self { top: Node::EMPTY, left: 0, branch: 256 };
}

/// A built tree: all leaves in key order and what is needed to prove any key present or absent.
///
/// About 130 bytes a leaf: 200 MB for a million with room for sorting.
pub struct SumTree {
    kind: Kind,
    leaves: Vec<Leaf>,
    /// Preorder: a vertex, its left half, its right half.
    vertices: Vec<Vertex>,
    top: Node,
}

impl SumTree {
    /// Builds a tree from leaves in any order.
    ///
    /// # Errors
    /// [`TreeError::Empty`], [`TreeError::DuplicateKey`], [`TreeError::ZeroWeight`], [`TreeError::SumOverflow`],
    /// [`TreeError::UnexpectedData`], [`TreeError::TooManyLeaves`].
    pub fn build(kind: Kind, mut leaves: Vec<Leaf>) -> Result<Self, TreeError> {
        check(kind, &leaves)?;
        if !leaves.is_sorted_by(|a, b| a.key < b.key) {
            leaves.par_sort_unstable_by_key(|leaf| leaf.key);
            if let Some(pair) = leaves.windows(2).find(|pair| pair[0].key == pair[1].key) {
                return Err(TreeError::DuplicateKey(pair[0].key));
            }
        }
        let mut vertices = vec![Vertex::UNSET; (2 * leaves.len()).saturating_sub(1)];
        let top = if leaves.is_empty() { Node::EMPTY } else { build(&leaves, 0, &mut vertices)? };
        Ok(Self { kind, leaves, vertices, top })
    }

    /// The kind that the root commits to.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// keccak(0x02 || kind || top hash || top sum).
    pub fn root(&self) -> B256 {
        self.top.root(self.kind)
    }

    /// Sum of all weights: the number of records, of shares, of units.
    pub fn total(&self) -> u64 {
        self.top.sum
    }

    /// Hash of the top node, before kind and sum are bound to it.
    pub fn top_hash(&self) -> B256 {
        self.top.hash
    }

    /// Leaves in key order.
    pub fn leaves(&self) -> &[Leaf] {
        &self.leaves
    }

    /// The leaf with this key.
    pub fn get(&self, key: &B256) -> Option<&Leaf> {
        self.leaves.binary_search_by_key(key, |leaf| leaf.key).ok().map(|index| &self.leaves[index])
    }

    /// A proof that `key` is present (its terminal is the leaf with this key) or absent (any other terminal).
    pub fn prove(&self, key: &B256) -> Proof {
        let mut path = Path::default();
        let mut terminal = None;
        let (mut leaves, mut vertices, mut depth) = (&self.leaves[..], &self.vertices[..], 0_u16);
        while let Some((vertex, below)) = vertices.split_first() {
            let first = leaves[0];
            let shared = common_prefix(key, &first.key);
            if vertex.branch == 256 {
                terminal = Some(first);
                break;
            }
            if shared < vertex.branch {
                // The key leaves the edge between two branches, where the tree continues on the other side only.
                path.push(shared, edge_node(vertices, leaves, shared + 1));
                break;
            }
            debug_assert!(depth <= vertex.branch);
            depth = vertex.branch + 1;
            let left = vertex.left as usize;
            let (left_leaves, right_leaves) = leaves.split_at(left);
            let (left_vertices, right_vertices) = below.split_at(2 * left - 1);
            if bit(key, vertex.branch) {
                path.push(vertex.branch, left_vertices[0].top);
                (leaves, vertices) = (right_leaves, right_vertices);
            } else {
                path.push(vertex.branch, right_vertices[0].top);
                (leaves, vertices) = (left_leaves, left_vertices);
            }
        }
        path.finish(terminal)
    }

    /// Proofs of all leaves, in key order, made by all cores: `prove` for each, without holding them all.
    pub fn par_proofs(&self) -> impl IndexedParallelIterator<Item = Proof> + '_ {
        self.leaves.par_iter().map(|leaf| self.prove(&leaf.key))
    }
}

/// Siblings from the top down, as a proof is walked.
#[derive(Default)]
struct Path {
    bitmap: U256,
    siblings: Vec<Node>,
}

impl Path {
    fn push(&mut self, depth: u16, sibling: Node) {
        self.bitmap.set_bit(usize::from(depth), true);
        self.siblings.push(sibling);
    }

    fn finish(self, terminal: Option<Leaf>) -> Proof {
        let mut siblings = Vec::with_capacity(40 * self.siblings.len());
        for node in self.siblings.iter().rev() {
            siblings.extend_from_slice(node.hash.as_slice());
            siblings.extend_from_slice(&node.sum.to_be_bytes());
        }
        Proof { bitmap: self.bitmap, siblings, terminal }
    }
}

fn check(kind: Kind, leaves: &[Leaf]) -> Result<(), TreeError> {
    if leaves.is_empty() && !kind.may_be_empty() {
        return Err(TreeError::Empty(kind));
    }
    if u32::try_from(leaves.len()).is_err() {
        return Err(TreeError::TooManyLeaves(leaves.len()));
    }
    let mut sum = 0_u64;
    for leaf in leaves {
        if leaf.weight == 0 {
            return Err(TreeError::ZeroWeight(leaf.key));
        }
        if kind != Kind::Contributors && leaf.data != B256::ZERO {
            return Err(TreeError::UnexpectedData(leaf.key));
        }
        sum = sum.checked_add(leaf.weight).ok_or(TreeError::SumOverflow)?;
    }
    Ok(())
}

/// The bit by which at least two sorted leaves differ first, and how many of them have it clear.
pub(super) fn split(leaves: &[Leaf]) -> (u16, usize) {
    let branch = common_prefix(&leaves[0].key, &leaves[leaves.len() - 1].key);
    (branch, leaves.partition_point(|leaf| !bit(&leaf.key, branch)))
}

/// Fills the vertices of `leaves` (sorted, unique, not empty) and gives the node at `depth`.
fn build(leaves: &[Leaf], depth: u16, vertices: &mut [Vertex]) -> Result<Node, TreeError> {
    if leaves.len() <= SEQUENTIAL {
        return batch::build(leaves, depth, vertices);
    }
    let (branch, left) = split(leaves);
    let (left_leaves, right_leaves) = leaves.split_at(left);
    let (vertex, below) = vertices.split_at_mut(1);
    let (left_vertices, right_vertices) = below.split_at_mut(2 * left - 1);
    let (left_node, right_node) = rayon::join(
        || build(left_leaves, branch + 1, left_vertices),
        || build(right_leaves, branch + 1, right_vertices),
    );
    let (left_node, right_node) = (left_node?, right_node?);
    let node = Node::inner(left_node, right_node).ok_or(TreeError::SumOverflow)?;
    let top = climb(node, &leaves[0].key, branch, depth).ok_or(TreeError::SumOverflow)?;
    vertex[0] = Vertex { top, left: left as u32, branch };
    Ok(top)
}

/// Carries `node` from depth `from` up to depth `to` along a stretch where only this side has keys.
pub(super) fn climb(mut node: Node, key: &B256, from: u16, to: u16) -> Option<Node> {
    for depth in (to..from).rev() {
        node = node.above(Node::EMPTY, key, depth)?;
    }
    Some(node)
}

/// The node at `depth` on the edge above the branch of `vertices[0]`, which lies at `depth` or deeper.
fn edge_node(vertices: &[Vertex], leaves: &[Leaf], depth: u16) -> Node {
    let Vertex { left, branch, .. } = vertices[0];
    let (left_node, right_node) = (vertices[1].top, vertices[2 * left as usize].top);
    // No sum on the way can exceed the total, which was checked when the tree was built.
    Node::inner(left_node, right_node)
        .and_then(|node| climb(node, &leaves[0].key, branch, depth))
        .unwrap_or(Node::EMPTY)
}
