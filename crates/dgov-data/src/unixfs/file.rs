//! The balanced tree of blocks above a file's leaves.

use super::dagpb::{self, Link};
use super::{BlockId, Codec, Profile};

/// A finished block with what its parent has to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Linked {
    pub id: BlockId,
    /// Bytes of this block and everything below.
    pub total: u64,
    /// Bytes of content below.
    pub content: u64,
}

/// Number of leaves of a file; an empty file has one, without content.
pub(crate) fn leaf_count(profile: Profile, size: u64) -> u64 {
    size.div_ceil(profile.chunk_size()).max(1)
}

/// Offset and length of leaf `index`.
pub(crate) fn leaf_range(profile: Profile, size: u64, index: u64) -> (u64, u64) {
    let start = index * profile.chunk_size();
    (start, profile.chunk_size().min(size - start))
}

/// A leaf of `len` bytes as its parent sees it.
pub(crate) fn leaf(profile: Profile, id: BlockId, len: u64) -> Linked {
    let framing = match profile {
        Profile::V1_2025 => 0,
        Profile::V0_2015 => {
            let (before, after) = dagpb::leaf_frame(len);
            before.len() + after.len()
        }
    };
    Linked { id, total: len + framing as u64, content: len }
}

/// The leaves of a file of `size` bytes, from their digests.
pub(crate) fn known_leaves(profile: Profile, size: u64, digests: &[[u8; 32]]) -> Vec<Linked> {
    let codec = match profile {
        Profile::V1_2025 => Codec::Raw,
        Profile::V0_2015 => Codec::DagPb,
    };
    let ranges = (0..).map(|index| leaf_range(profile, size, index).1);
    digests.iter().zip(ranges).map(|(digest, len)| leaf(profile, BlockId { codec, digest: *digest }, len)).collect()
}

/// The node above `children` and its block.
pub(crate) fn parent(profile: Profile, children: &[Linked]) -> (Linked, Vec<u8>) {
    let content = children.iter().map(|child| child.content).sum();
    let data = dagpb::file_data(content, children.iter().map(|child| child.content));
    let links = children.iter().map(|child| Link { name: "", id: child.id, total: child.total });
    let block = dagpb::node(profile, links, &data);
    let below: u64 = children.iter().map(|child| child.total).sum();
    let linked = Linked { id: BlockId::of(Codec::DagPb, &block), total: below + block.len() as u64, content };
    (linked, block)
}

/// All levels of the tree, leaves first; the last level is the root alone.
pub(crate) fn levels(profile: Profile, leaves: Vec<Linked>) -> Vec<Vec<Linked>> {
    let mut levels = vec![leaves];
    while let Some(below) = levels.last().filter(|level| level.len() > 1) {
        let above = below.chunks(profile.width()).map(|children| parent(profile, children).0).collect();
        levels.push(above);
    }
    levels
}
