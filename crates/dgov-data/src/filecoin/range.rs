//! A part of a payload, hashed without the bytes before it: what lies in whole quads becomes the largest subtrees that the
//! part has, the bytes at its edges wait for its neighbors.

use super::fr32::QUAD;
use super::hasher::{ZEROS, height_of, parent, subtree};
use super::{Node, Piece};

/// Levels of the tree over one quad.
const QUAD_HEIGHT: u8 = 2;

/// Part of a payload, from any byte on.
#[derive(Debug)]
pub(crate) struct PieceRange {
    end: u64,
    /// Bytes of a quad that began before.
    head: Vec<u8>,
    /// Bytes that are missing to the end of that quad.
    open: usize,
    subtrees: Subtrees,
    /// Bytes of a quad that is not complete.
    tail: Vec<u8>,
}

impl PieceRange {
    /// The part that begins at this byte.
    pub fn new(start: u64) -> Self {
        let into = (start % QUAD as u64) as usize;
        let subtrees = Subtrees { next: start.div_ceil(QUAD as u64), nodes: Vec::new() };
        Self { end: start, head: Vec::new(), open: (QUAD - into) % QUAD, subtrees, tail: Vec::new() }
    }

    /// The next bytes of the part.
    pub fn update(&mut self, bytes: &[u8]) {
        self.end += bytes.len() as u64;
        let (head, mut rest) = bytes.split_at(self.open.min(bytes.len()));
        self.head.extend_from_slice(head);
        self.open -= head.len();
        if !self.tail.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(QUAD - self.tail.len()));
            self.tail.extend_from_slice(now);
            rest = later;
            if self.tail.len() < QUAD {
                return;
            }
            self.subtrees.push_quad(&self.tail);
            self.tail.clear();
        }
        let (quads, rest) = rest.as_chunks::<QUAD>();
        quads.iter().for_each(|quad| self.subtrees.push_quad(quad));
        self.tail.extend_from_slice(rest);
    }

    /// The same with the part that follows.
    pub fn append(&mut self, next: Self) {
        let end = next.end;
        self.update(&next.head);
        for (level, index, node) in next.subtrees.nodes {
            self.subtrees.push(level, index, node);
        }
        self.tail.extend(next.tail);
        self.end = end;
    }

    /// The piece, where the part is the whole payload.
    pub fn finish(mut self) -> Piece {
        if self.end == 0 || !self.tail.is_empty() {
            self.subtrees.push_quad(&self.tail);
        }
        let height = height_of(self.end);
        // From the right: what ends before its neighbor on the left does is filled up with zeros.
        let raise = |(mut level, mut node): (u8, Node), to: u8| {
            while level < to {
                node = parent(&node, &ZEROS[usize::from(level)]);
                level += 1;
            }
            node
        };
        let joined = self.subtrees.nodes.into_iter().rev().fold(None, |right, (level, _, left)| match right {
            None => Some((level, left)),
            Some(right) => Some((level + 1, parent(&left, &raise(right, level)))),
        });
        let commitment = joined.map_or(ZEROS[usize::from(height)], |top| raise(top, height));
        Piece { commitment, payload: self.end, height }
    }
}

/// Neighboring subtrees, none of which has its sibling beside it: height, position among those of the height, root.
#[derive(Debug)]
struct Subtrees {
    /// Position of the next quad.
    next: u64,
    nodes: Vec<(u8, u64, Node)>,
}

impl Subtrees {
    /// Adds a quad, or the beginning of one.
    fn push_quad(&mut self, bytes: &[u8]) {
        self.push(QUAD_HEIGHT, self.next, subtree(bytes, QUAD_HEIGHT));
    }

    fn push(&mut self, mut level: u8, mut index: u64, mut node: Node) {
        self.next = (index + 1) << (level - QUAD_HEIGHT);
        while index % 2 == 1
            && let Some((_, _, left)) =
                self.nodes.pop_if(|(height, before, _)| (*height, *before) == (level, index - 1))
        {
            node = parent(&left, &node);
            (level, index) = (level + 1, index / 2);
        }
        self.nodes.push((level, index, node));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::super::PieceHasher;
    use super::*;

    fn whole(bytes: &[u8]) -> Piece {
        let mut hasher = PieceHasher::default();
        hasher.write_all(bytes).unwrap();
        hasher.finish()
    }

    fn in_parts(bytes: &[u8], mut cuts: Vec<usize>, step: usize) -> Piece {
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let parts = cuts.windows(2).map(|cut| {
            let mut part = PieceRange::new(cut[0] as u64);
            bytes[cut[0]..cut[1]].chunks(step).for_each(|piece| part.update(piece));
            part
        });
        let joined = parts.reduce(|mut before, next| {
            before.append(next);
            before
        });
        joined.unwrap().finish()
    }

    proptest! {
        #[test]
        fn parts_make_the_whole(
            seed: u8,
            len in 0usize..5_000,
            cuts in proptest::collection::vec(0usize..5_000, 0..6),
            step in 1usize..400,
        ) {
            let bytes: Vec<u8> = (0..len).map(|at| (at as u8).wrapping_mul(31).wrapping_add(seed)).collect();
            let cuts = cuts.into_iter().map(|cut| cut.min(len)).collect();
            prop_assert_eq!(in_parts(&bytes, cuts, step), whole(&bytes));
        }
    }
}
