//! What else a file is known by, computed from the bytes that pass when its CID is: BLAKE3, Arweave's data root, and the
//! piece commitment of Filecoin. All of them are roots of trees, so that the parts of a file are hashed on all cores and
//! joined.

use std::ops::Range;

use blake3::hazmat::{ChainingValue, HasherExt, Mode, merge_subtrees_non_root, merge_subtrees_root};

use crate::arweave::ChunkRange;
use crate::filecoin::{Piece, PieceRange};
use crate::unixfs::{Found, Package, Part, Plan, Scan, Scanner, UnixfsError};

/// What to compute of each file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// BLAKE3, 256 bits.
    pub blake3: bool,
    /// The data root of an Arweave transaction with the file's bytes.
    pub data_root: bool,
    /// The piece that the file's bytes are.
    pub piece: bool,
}

impl Wanted {
    /// Whether anything is.
    pub fn any(self) -> bool {
        self.blake3 || self.data_root || self.piece
    }
}

/// What was asked for of a file's own bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileDigests {
    /// BLAKE3.
    pub blake3: Option<[u8; 32]>,
    /// Root of the tree over its chunks.
    pub data_root: Option<[u8; 32]>,
    /// Piece commitment.
    pub piece: Option<Piece>,
}

impl Plan {
    /// As [`Plan::hash`], and in the same read what is wanted of each file, in the order of [`Package::entries`].
    ///
    /// # Errors
    /// As [`Plan::hash`].
    pub fn hash_with_digests(
        self,
        wanted: Wanted,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<(Package, Vec<FileDigests>), UnixfsError> {
        let (package, found) = self.hash_scanning(&(), &wanted, progress)?;
        let finish = |parts: Vec<Found>| {
            let parts = parts.into_iter().filter_map(|found| found.digests);
            parts.reduce(|before, next| Box::new(before.with(*next))).unwrap_or_default().finish()
        };
        Ok((package, found.into_iter().map(finish).collect()))
    }
}

impl Scan for Wanted {
    fn wants(&self, _: &str) -> bool {
        self.any()
    }

    fn begin(&self, part: Part) -> Result<Box<dyn Scanner + '_>, UnixfsError> {
        let digests = PartDigests {
            blake3: self.blake3.then(|| Subtrees::new(part.start)),
            data_root: self.data_root.then(|| ChunkRange::new(part.size, part.start..part.end)),
            piece: self.piece.then(|| PieceRange::new(part.start)),
        };
        // The byte before the part comes, too.
        Ok(Box::new(Digesting { range: part.start..part.end, at: part.start.saturating_sub(1), digests }))
    }
}

/// Digests of a part of a file.
#[derive(Debug, Default)]
pub(crate) struct PartDigests {
    blake3: Option<Subtrees>,
    data_root: Option<ChunkRange>,
    piece: Option<PieceRange>,
}

impl PartDigests {
    fn update(&mut self, bytes: &[u8]) {
        if let Some(subtrees) = &mut self.blake3 {
            subtrees.open.update(bytes);
        }
        if let Some(chunks) = &mut self.data_root {
            chunks.update(bytes);
        }
        if let Some(piece) = &mut self.piece {
            piece.update(bytes);
        }
    }

    /// The same with the part that follows.
    pub fn with(mut self, next: Self) -> Self {
        if let (Some(before), Some(next)) = (&mut self.blake3, next.blake3) {
            before.append(next);
        }
        if let (Some(before), Some(next)) = (&mut self.data_root, next.data_root) {
            before.append(next);
        }
        if let (Some(before), Some(next)) = (&mut self.piece, next.piece) {
            before.append(next);
        }
        self
    }

    fn finish(self) -> FileDigests {
        FileDigests {
            blake3: self.blake3.map(Subtrees::finish),
            data_root: self.data_root.map(ChunkRange::finish),
            piece: self.piece.map(PieceRange::finish),
        }
    }
}

/// Hashes the bytes of a part and lets the others pass.
struct Digesting {
    range: Range<u64>,
    at: u64,
    digests: PartDigests,
}

impl Scanner for Digesting {
    fn take(&mut self, piece: &[u8]) -> bool {
        let len = piece.len() as u64;
        let within = |byte: u64| byte.saturating_sub(self.at).min(len) as usize;
        let own = within(self.range.start)..within(self.range.end);
        self.at += len;
        if !own.is_empty() {
            self.digests.update(&piece[own]);
        }
        self.at < self.range.end
    }

    fn finish(self: Box<Self>) -> Found {
        Found { digests: Some(Box::new(self.digests)), ..Found::default() }
    }
}

/// Neighboring subtrees of BLAKE3 over parts of the same length, a power of two, but for the last one.
#[derive(Debug)]
struct Subtrees {
    /// Those that are complete.
    closed: Vec<ChainingValue>,
    /// The last one. Whether it is a root shows only at the end.
    open: Box<blake3::Hasher>,
}

impl Subtrees {
    /// The part that begins at this byte.
    fn new(start: u64) -> Self {
        let mut open = Box::new(blake3::Hasher::new());
        open.set_input_offset(start);
        Self { closed: Vec::new(), open }
    }

    fn append(&mut self, next: Self) {
        let closing = std::mem::replace(&mut self.open, next.open);
        // The first part of an empty file is the only one.
        self.closed.push(closing.finalize_non_root());
        self.closed.extend(next.closed);
    }

    fn finish(mut self) -> [u8; 32] {
        if self.closed.is_empty() {
            return self.open.finalize().into();
        }
        self.closed.push(self.open.finalize_non_root());
        let (left, right) = halves(&self.closed);
        merge_subtrees_root(&value(left), &value(right), Mode::Hash).into()
    }
}

/// The left subtree is the largest power of two that leaves something for the right one.
fn halves(parts: &[ChainingValue]) -> (&[ChainingValue], &[ChainingValue]) {
    parts.split_at(1 << (parts.len() - 1).ilog2())
}

fn value(parts: &[ChainingValue]) -> ChainingValue {
    match parts {
        [single] => *single,
        parts => {
            let (left, right) = halves(parts);
            merge_subtrees_non_root(&value(left), &value(right), Mode::Hash)
        }
    }
}
