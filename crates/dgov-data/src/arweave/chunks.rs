//! Chunks and the merkle tree over them.

use std::ops::Range;

use sha2::{Digest, Sha256};

use super::ArweaveError;

/// Longest chunk, in bytes.
pub const MAX_CHUNK: u64 = 256 << 10;
/// A last chunk shorter than this shares its bytes with the one before.
pub(super) const MIN_CHUNK: u64 = 32 << 10;

/// Where the chunks of `len` bytes lie. At a multiple of 256 KiB the last one is empty: arweave-js and the node put it into
/// the tree, so that the data root would be another one without it, but it is not sent.
pub fn chunk_ranges(len: u64) -> impl Iterator<Item = Range<u64>> {
    let mut start = Some(0);
    std::iter::from_fn(move || {
        let from = start?;
        let rest = len - from;
        let size = match rest {
            rest if rest < MAX_CHUNK => rest,
            // Half of the rest each, the longer one first.
            rest if rest > MAX_CHUNK && rest < MAX_CHUNK + MIN_CHUNK => rest.div_ceil(2),
            _ => MAX_CHUNK,
        };
        start = (rest >= MAX_CHUNK).then_some(from + size);
        Some(from..from + size)
    })
}

/// A subtree: its hash, and where its bytes end.
#[derive(Clone, Copy)]
struct Node {
    id: [u8; 32],
    end: u64,
}

/// The tree over the chunks of some bytes; it holds hashes only.
pub struct ChunkTree {
    /// From the leaves up.
    layers: Vec<Vec<Node>>,
    chunks: Vec<([u8; 32], Range<u64>)>,
}

impl ChunkTree {
    /// The tree of bytes in memory.
    pub fn of(bytes: &[u8]) -> Self {
        let hash = |range: &Range<u64>| Sha256::digest(&bytes[range.start as usize..range.end as usize]).into();
        Self::build(chunk_ranges(bytes.len() as u64).map(|range| (hash(&range), range)).collect())
    }

    fn build(chunks: Vec<([u8; 32], Range<u64>)>) -> Self {
        let leaf = |(hash, range): &([u8; 32], Range<u64>)| Node { id: leaf_id(hash, range.end), end: range.end };
        let mut layers: Vec<Vec<Node>> = vec![chunks.iter().map(leaf).collect()];
        while let Some(below) = layers.last().filter(|layer| layer.len() > 1) {
            // The odd one at the end goes up as it is.
            let above = below.chunks(2).map(|pair| match pair {
                [left, right] => Node { id: branch_id(&left.id, &right.id, left.end), end: right.end },
                single => single[0],
            });
            let above = above.collect();
            layers.push(above);
        }
        Self { layers, chunks }
    }

    /// The data root.
    pub fn root(&self) -> [u8; 32] {
        self.layers.last().and_then(|layer| layer.first()).map_or([0; 32], |node| node.id)
    }

    /// Number of bytes.
    pub fn len(&self) -> u64 {
        self.chunks.last().map_or(0, |(_, range)| range.end)
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The chunks that are sent, each with its `data_path`.
    pub fn proofs(&self) -> impl Iterator<Item = (Range<u64>, Vec<u8>)> + '_ {
        let sent = self.chunks.iter().enumerate().filter(|(_, (_, range))| !range.is_empty());
        sent.map(|(index, (hash, range))| (range.clone(), self.path(index, hash, range.end)))
    }

    /// From the root down: both children and where the left one ends; at last the chunk's hash and where it ends.
    fn path(&self, index: usize, hash: &[u8; 32], end: u64) -> Vec<u8> {
        let mut path = Vec::with_capacity(96 * (self.layers.len() - 1) + 64);
        for (level, layer) in self.layers.iter().enumerate().rev().skip(1) {
            let left = (index >> level) & !1;
            if let Some(right) = layer.get(left + 1) {
                path.extend_from_slice(&layer[left].id);
                path.extend_from_slice(&right.id);
                path.extend_from_slice(&note(layer[left].end));
            }
        }
        path.extend_from_slice(hash);
        path.extend_from_slice(&note(end));
        path
    }
}

/// A tree being made from bytes that come one after the other; at most their hashes are kept.
pub struct TreeBuilder {
    announced: u64,
    given: u64,
    ranges: Box<dyn Iterator<Item = Range<u64>> + Send>,
    current: Range<u64>,
    hasher: Sha256,
    chunks: Vec<([u8; 32], Range<u64>)>,
}

impl TreeBuilder {
    /// For exactly `len` bytes: where the last chunks are cut depends on it.
    pub fn new(len: u64) -> Self {
        let mut ranges = Box::new(chunk_ranges(len));
        let current = ranges.next().unwrap_or(0..0);
        Self { announced: len, given: 0, ranges, current, hasher: Sha256::new(), chunks: Vec::new() }
    }

    /// The next bytes.
    pub fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && self.given < self.announced {
            let room = usize::try_from(self.current.end - self.given).unwrap_or(usize::MAX).min(bytes.len());
            let (now, later) = bytes.split_at(room);
            self.hasher.update(now);
            self.given += now.len() as u64;
            bytes = later;
            if self.given == self.current.end {
                self.close();
            }
        }
        // Too many are counted, and refused at the end.
        self.given += bytes.len() as u64;
    }

    fn close(&mut self) {
        let hash = std::mem::take(&mut self.hasher).finalize().into();
        let next = self.ranges.next().unwrap_or(self.current.end..self.current.end);
        self.chunks.push((hash, std::mem::replace(&mut self.current, next)));
    }

    /// The tree.
    ///
    /// # Errors
    /// [`ArweaveError::Length`].
    pub fn finish(mut self) -> Result<ChunkTree, ArweaveError> {
        if self.given != self.announced {
            return Err(ArweaveError::Length { announced: self.announced, given: self.given });
        }
        if self.announced.is_multiple_of(MAX_CHUNK) {
            self.close();
        }
        Ok(ChunkTree::build(self.chunks))
    }
}

pub(super) fn leaf_id(hash: &[u8; 32], end: u64) -> [u8; 32] {
    hash_of(&[Sha256::digest(hash).as_slice(), Sha256::digest(note(end)).as_slice()])
}

pub(super) fn branch_id(left: &[u8; 32], right: &[u8; 32], boundary: u64) -> [u8; 32] {
    let parts = [Sha256::digest(left), Sha256::digest(right), Sha256::digest(note(boundary))];
    hash_of(&[parts[0].as_slice(), parts[1].as_slice(), parts[2].as_slice()])
}

fn hash_of(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// A number as the tree has it: 32 bytes, big-endian.
fn note(value: u64) -> [u8; 32] {
    let mut note = [0; 32];
    note[24..].copy_from_slice(&value.to_be_bytes());
    note
}
