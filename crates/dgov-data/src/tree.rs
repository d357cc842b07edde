//! The sum tree: one definition for records, contributors and reward rounds.
//!
//! A binary radix tree over 32-byte keys whose nodes carry the sum of the weights below them. A root can prove that a key
//! is in the set, or that it is not, and never both; and no root, not even a liar's, can prove weights that exceed its
//! total. The bytes are fixed in `docs/spec.md`, "Tree".

mod batch;
mod build;
mod json;
mod merge;
mod proof;
mod stream;
mod verify;

use alloy_primitives::{B256, keccak256};

pub use build::SumTree;
pub use merge::merge_leaves;
pub use proof::Proof;
pub use stream::RootStream;
pub use verify::{Verified, verify};

/// What a tree is for. The kind is hashed into the root, so that a proof for one can't serve for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// Records of a dataset version; a weight is a record's multiplicity.
    Records = 1,
    /// Contributors of a dataset version; a weight is shares. The only kind that may be empty.
    Contributors = 2,
    /// A reward round; a weight is an amount in units of the round.
    Rewards = 3,
}

impl Kind {
    /// Whether a tree without leaves is a tree of this kind.
    pub fn may_be_empty(self) -> bool {
        self == Self::Contributors
    }
}

impl TryFrom<u8> for Kind {
    type Error = TreeError;

    fn try_from(value: u8) -> Result<Self, TreeError> {
        match value {
            1 => Ok(Self::Records),
            2 => Ok(Self::Contributors),
            3 => Ok(Self::Rewards),
            other => Err(TreeError::UnknownKind(other)),
        }
    }
}

/// One key of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Leaf {
    /// Position in the tree; key order is tree order, most significant bit first.
    pub key: B256,
    /// At least 1.
    pub weight: u64,
    /// 0^32 for records and rewards, the consent digest for contributors.
    pub data: B256,
}

impl Leaf {
    /// A leaf of a record or reward tree: no data.
    pub fn new(key: B256, weight: u64) -> Self {
        Self { key, weight, data: B256::ZERO }
    }

    pub(crate) fn bytes(&self) -> [u8; 73] {
        let mut bytes = [0_u8; 73];
        bytes[1..33].copy_from_slice(self.key.as_slice());
        bytes[33..41].copy_from_slice(&self.weight.to_be_bytes());
        bytes[41..].copy_from_slice(self.data.as_slice());
        bytes
    }

    pub(crate) fn node(&self) -> Node {
        Node { hash: keccak256(self.bytes()), sum: self.weight }
    }
}

/// A node: hash and sum of the weights below. `EMPTY` is all zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub hash: B256,
    pub sum: u64,
}

impl Node {
    pub const EMPTY: Self = Self { hash: B256::ZERO, sum: 0 };

    /// What is hashed into the node above `left` and `right`.
    pub fn inner_bytes(left: Self, right: Self) -> [u8; 81] {
        let mut bytes = [1_u8; 81];
        bytes[1..33].copy_from_slice(left.hash.as_slice());
        bytes[33..41].copy_from_slice(&left.sum.to_be_bytes());
        bytes[41..73].copy_from_slice(right.hash.as_slice());
        bytes[73..].copy_from_slice(&right.sum.to_be_bytes());
        bytes
    }

    /// The node above `left` and `right`; `None` when their sum is 2^64 or more.
    pub fn inner(left: Self, right: Self) -> Option<Self> {
        let sum = left.sum.checked_add(right.sum)?;
        Some(Self { hash: keccak256(Self::inner_bytes(left, right)), sum })
    }

    /// The node above `self` on the path of `key`, at `depth`, with `sibling` on the other side.
    pub fn above(self, sibling: Self, key: &B256, depth: u16) -> Option<Self> {
        if bit(key, depth) { Self::inner(sibling, self) } else { Self::inner(self, sibling) }
    }

    pub fn root(self, kind: Kind) -> B256 {
        let mut bytes = [2_u8; 42];
        bytes[1] = kind as u8;
        bytes[2..34].copy_from_slice(self.hash.as_slice());
        bytes[34..].copy_from_slice(&self.sum.to_be_bytes());
        keccak256(bytes)
    }
}

/// Bit `depth` of a key; bit 0 is the most significant. `depth` is below 256.
pub(crate) fn bit(key: &B256, depth: u16) -> bool {
    key[usize::from(depth / 8)] >> (7 - depth % 8) & 1 == 1
}

/// How many leading bits two keys share: 256 when they are equal.
pub(crate) fn common_prefix(a: &B256, b: &B256) -> u16 {
    let mut bits = 0;
    for (x, y) in a.iter().zip(b.iter()) {
        let difference = x ^ y;
        if difference != 0 {
            return bits + difference.leading_zeros() as u16;
        }
        bits += 8;
    }
    bits
}

/// Why a tree can't be built, or a proof is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum TreeError {
    /// Records and rewards need at least one leaf.
    #[error("a tree of kind {} must not be empty", *.0 as u8)]
    Empty(Kind),
    /// Merge first, see [`merge_leaves`].
    #[error("key {0} occurs more than once")]
    DuplicateKey(B256),
    /// A weight of 0 would be a leaf that counts for nothing.
    #[error("key {0} has weight 0")]
    ZeroWeight(B256),
    /// The sum of weights must stay below 2^64.
    #[error("the weights add up to 2^64 or more")]
    SumOverflow,
    /// At most 2^32 - 1 keys in one tree.
    #[error("{0} keys are more than one tree can hold")]
    TooManyLeaves(usize),
    /// Only contributors can carry a digest, and two different ones for one key can't be merged by adding.
    #[error("key {0} has two different data digests")]
    DataConflict(B256),
    /// Records and rewards carry no data.
    #[error("key {0} carries data, which only contributors may")]
    UnexpectedData(B256),
    /// The kind is 1, 2 or 3.
    #[error("{0} is not a kind of tree")]
    UnknownKind(u8),
    /// The bitmap promises another number of siblings.
    #[error("the proof holds {got} bytes of siblings instead of {expected}")]
    SiblingsLength {
        /// 40 for each bit set in the bitmap.
        expected: usize,
        /// Bytes given.
        got: usize,
    },
    /// EMPTY is said by a bit that is not set, never by zeros.
    #[error("the sibling at depth {0} is empty")]
    EmptySibling(u16),
    /// The terminal leaf is beside the path of the key, so it says nothing about it.
    #[error("the terminal leaf {terminal} is not on the path of {key}")]
    OffPath {
        /// The key asked for.
        key: B256,
        /// The key in the proof.
        terminal: B256,
    },
    /// Everything fits but the root: the proof is for another tree, or forged.
    #[error("the proof leads to root {got}, not {expected}")]
    RootMismatch {
        /// The root asked for.
        expected: B256,
        /// The root that the proof leads to.
        got: B256,
    },
    /// The proof is valid and says that the key is absent.
    #[error("key {0} is not in the tree")]
    NotPresent(B256),
    /// The proof is valid and says that the key is present.
    #[error("key {0} is in the tree")]
    NotAbsent(B256),
}
