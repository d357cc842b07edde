//! The tree, computed while bytes arrive: parts of about 1 MiB on all cores, and one node for each level above.

use std::io;
use std::sync::LazyLock;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::fr32::{self, QUAD};
use super::{Node, Piece};

/// Levels of the tree over one part.
const PART_HEIGHT: u8 = 15;
/// Bytes of payload in a part.
const PART: usize = QUAD << (PART_HEIGHT - 2);
/// Parts that are hashed at the same time: 16 MiB of memory.
const BATCH: usize = 16 * PART;
/// Above what 64 bits can count.
const LEVELS: usize = 64;

/// The root over nothing but zeros, for each height.
pub(super) static ZEROS: LazyLock<[Node; LEVELS]> = LazyLock::new(|| {
    let mut zeros = [[0; 32]; LEVELS];
    for height in 1..LEVELS {
        zeros[height] = parent(&zeros[height - 1], &zeros[height - 1]);
    }
    zeros
});

/// Computes a piece commitment of what is written to it. Memory does not depend on the length.
pub struct PieceHasher {
    pending: Vec<u8>,
    payload: u64,
    /// Complete subtrees that wait for their right neighbor, by height.
    waiting: [Option<Node>; LEVELS],
}

impl Default for PieceHasher {
    fn default() -> Self {
        Self { pending: Vec::new(), payload: 0, waiting: [None; LEVELS] }
    }
}

impl PieceHasher {
    /// The piece of everything that was written.
    pub fn finish(mut self) -> Piece {
        let height = height_of(self.payload);
        let pending = std::mem::take(&mut self.pending);
        if height <= PART_HEIGHT {
            return Piece { commitment: subtree(&pending, height), payload: self.payload, height };
        }
        self.take(&pending);
        let mut carried = None;
        for level in PART_HEIGHT..height {
            let zero = &ZEROS[usize::from(level)];
            carried = match (self.waiting[usize::from(level)], carried) {
                (Some(left), right) => Some(parent(&left, right.as_ref().unwrap_or(zero))),
                (None, Some(left)) => Some(parent(&left, zero)),
                (None, None) => None,
            };
        }
        let root = carried.or(self.waiting[usize::from(height)]);
        Piece { commitment: root.unwrap_or(ZEROS[usize::from(height)]), payload: self.payload, height }
    }

    fn take(&mut self, bytes: &[u8]) {
        let roots: Vec<Node> = bytes.par_chunks(PART).map(|part| subtree(part, PART_HEIGHT)).collect();
        for mut node in roots {
            let mut level = usize::from(PART_HEIGHT);
            while let Some(left) = self.waiting[level].take() {
                node = parent(&left, &node);
                level += 1;
            }
            self.waiting[level] = Some(node);
        }
    }
}

impl io::Write for PieceHasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.payload += bytes.len() as u64;
        let mut rest = bytes;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(BATCH - self.pending.len()));
            self.pending.extend_from_slice(now);
            rest = later;
            if self.pending.len() == BATCH {
                let pending = std::mem::take(&mut self.pending);
                self.take(&pending);
                self.pending = pending;
                self.pending.clear();
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Levels of the tree over so many bytes of payload.
pub(super) fn height_of(payload: u64) -> u8 {
    let quads = payload.div_ceil(QUAD as u64).max(1);
    (quads.next_power_of_two().trailing_zeros() + 2) as u8
}

/// The root at `height` over some bytes, with zeros after them.
pub(super) fn subtree(bytes: &[u8], height: u8) -> Node {
    let (quads, rest) = bytes.as_chunks::<QUAD>();
    let mut nodes: Vec<Node> = Vec::with_capacity(4 * (quads.len() + 1));
    nodes.extend(quads.iter().flat_map(fr32::leaves));
    if !rest.is_empty() {
        let mut quad = [0; QUAD];
        quad[..rest.len()].copy_from_slice(rest);
        nodes.extend(fr32::leaves(&quad));
    }
    for level in 0..height {
        if nodes.len() % 2 == 1 {
            nodes.push(ZEROS[usize::from(level)]);
        }
        // In place: a parent is written where it was read from, or before.
        for pair in 0..nodes.len() / 2 {
            nodes[pair] = parent(&nodes[2 * pair], &nodes[2 * pair + 1]);
        }
        nodes.truncate(nodes.len() / 2);
    }
    nodes.first().copied().unwrap_or(ZEROS[usize::from(height)])
}

pub(super) fn parent(left: &Node, right: &Node) -> Node {
    let mut node: Node = Sha256::new_with_prefix(left).chain_update(right).finalize().into();
    node[31] &= 0x3f;
    node
}
