//! A part of some data, hashed without the bytes before it: the chunks that lie in it become hashes, the bytes of those
//! that its edges cut wait for its neighbors.

use std::ops::Range;

use sha2::{Digest, Sha256};

use super::chunks::{MAX_CHUNK, MIN_CHUNK, branch_id, chunk_ranges, leaf_id};

/// Part of some data.
#[derive(Debug)]
pub(crate) struct ChunkRange {
    /// Bytes of all the data: where the last chunks are cut depends on it.
    len: u64,
    part: Range<u64>,
    at: u64,
    hasher: Sha256,
    /// Bytes of a chunk that began before.
    head: Vec<u8>,
    hashes: Vec<[u8; 32]>,
    /// Bytes of a chunk that ends later.
    tail: Vec<u8>,
}

impl ChunkRange {
    /// The part of `len` bytes of data.
    pub fn new(len: u64, part: Range<u64>) -> Self {
        let at = part.start;
        Self { len, part, at, hasher: Sha256::new(), head: Vec::new(), hashes: Vec::new(), tail: Vec::new() }
    }

    /// The next bytes of the part.
    pub fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let chunk = chunk_at(self.len, self.at);
            let room = usize::try_from(chunk.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
            let (now, later) = bytes.split_at(room.clamp(1, bytes.len()));
            if chunk.start < self.part.start {
                self.head.extend_from_slice(now);
            } else if chunk.end > self.part.end {
                self.tail.extend_from_slice(now);
            } else {
                self.hasher.update(now);
                if self.at + now.len() as u64 == chunk.end {
                    self.hashes.push(std::mem::take(&mut self.hasher).finalize().into());
                }
            }
            self.at += now.len() as u64;
            bytes = later;
        }
    }

    /// The same with the part that follows.
    pub fn append(&mut self, next: Self) {
        self.part.end = next.part.end;
        self.at = next.at;
        if self.hashes.is_empty() && self.tail.is_empty() {
            // Nothing but the middle of a chunk so far.
            self.head.extend(next.head);
        } else {
            self.tail.extend(next.head);
            if !self.tail.is_empty() && chunk_at(self.len, next.part.start).end <= self.part.end {
                self.hashes.push(Sha256::digest(std::mem::take(&mut self.tail)).into());
            }
        }
        self.hashes.extend(next.hashes);
        self.tail.extend(next.tail);
    }

    /// The data root, where the part is all of the data.
    pub fn finish(mut self) -> [u8; 32] {
        if self.len.is_multiple_of(MAX_CHUNK) {
            self.hashes.push(Sha256::digest([]).into());
        }
        // Complete subtrees that wait for their right neighbor: number of chunks, id, end.
        let mut waiting: Vec<(u64, [u8; 32], u64)> = Vec::new();
        let join = |left: (u64, [u8; 32], u64), right: (u64, [u8; 32], u64)| {
            (left.0 + right.0, branch_id(&left.1, &right.1, left.2), right.2)
        };
        for (hash, range) in self.hashes.iter().zip(chunk_ranges(self.len)) {
            let mut node = (1, leaf_id(hash, range.end), range.end);
            while let Some(left) = waiting.pop_if(|(count, ..)| *count == node.0) {
                node = join(left, node);
            }
            waiting.push(node);
        }
        // An odd one at the end goes up as it is.
        let root = waiting.into_iter().rev().reduce(|right, left| join(left, right));
        root.map_or([0; 32], |(_, id, _)| id)
    }
}

/// The chunk that has a byte.
fn chunk_at(len: u64, at: u64) -> Range<u64> {
    let rest = len % MAX_CHUNK;
    // All chunks before the last one or two are full.
    let last = if len > MAX_CHUNK && (1..MIN_CHUNK).contains(&rest) { len - rest - MAX_CHUNK } else { len - rest };
    if at < last {
        let start = at - at % MAX_CHUNK;
        return start..start + MAX_CHUNK;
    }
    let ranges = chunk_ranges(len - last).map(|range| last + range.start..last + range.end);
    ranges.into_iter().find(|range| range.contains(&at)).unwrap_or(last..len)
}

#[cfg(test)]
mod tests {
    use super::super::ChunkTree;
    use super::*;

    #[test]
    fn parts_make_the_whole() {
        const KIB: u64 = 1024;
        let max = 1200 * KIB;
        let bytes: Vec<u8> = (0..max).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let lens = [0, 1, 256 * KIB - 1, 256 * KIB, 256 * KIB + 1, 287 * KIB, 288 * KIB, 512 * KIB, 513 * KIB];
        for len in lens.into_iter().chain([768 * KIB + 10, 1024 * KIB + 31 * KIB, 1024 * KIB + 32 * KIB, max]) {
            let data = &bytes[..len as usize];
            for step in [256 * KIB, 512 * KIB, 100 * KIB, 7 * KIB + 1] {
                let mut whole = ChunkRange::new(len, 0..0);
                for start in (0..len).step_by(step as usize) {
                    let end = len.min(start + step);
                    let mut part = ChunkRange::new(len, start..end);
                    data[start as usize..end as usize].chunks(70_000).for_each(|piece| part.update(piece));
                    if start == 0 {
                        whole = part;
                    } else {
                        whole.append(part);
                    }
                }
                assert_eq!(whole.finish(), ChunkTree::of(data).root(), "{len} bytes in parts of {step}");
            }
            for range in chunk_ranges(len).filter(|range| !range.is_empty()) {
                assert_eq!(chunk_at(len, range.start), range);
                assert_eq!(chunk_at(len, range.end - 1), range);
            }
        }
    }
}
