//! Files in windows: what is hashed, looked through for records and remembered at a time, so that a command that was
//! killed reads one window a core again and not a terabyte.

use alloy_primitives::B256;
use rayon::prelude::*;

use super::file::{self, Linked};
use super::read::Source;
use super::{Plan, Profile, Stamp, UnixfsError};
use crate::digests::PartDigests;

/// Bytes of content in a window; a multiple of the segments and of every profile's chunks.
const WINDOW: u64 = 64 << 20;
/// Bytes that one task looks through for records.
const SEGMENT: u64 = 4 << 20;

/// Part of a file.
#[derive(Clone, Copy, Debug)]
pub struct Window<'a> {
    /// Of the file within the package.
    pub path: &'a str,
    /// Of the file when the plan was made.
    pub stamp: &'a Stamp,
    /// Position among the windows of the file, from 0.
    pub index: u64,
}

/// What a window holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hashed {
    /// Digests of its leaves, in order.
    pub leaves: Vec<[u8; 32]>,
    /// Keys of the records that begin in it, in order; empty in files that are not looked through.
    pub keys: Vec<B256>,
}

/// What an earlier run found. It is asked before a window is read and told what was found, from any thread; an answer of
/// the wrong length is not used. One memory serves one profile and one format of records.
pub trait Memory: Sync {
    /// What was found in this window of the same path and stamp.
    fn recall(&self, window: &Window<'_>) -> Option<Hashed>;

    /// Keeps what was found.
    fn remember(&self, window: &Window<'_>, hashed: &Hashed);
}

/// Remembers nothing: every byte is read.
impl Memory for () {
    fn recall(&self, _: &Window<'_>) -> Option<Hashed> {
        None
    }

    fn remember(&self, _: &Window<'_>, _: &Hashed) {}
}

/// Sees the bytes that are being hashed: to find records in them, or to write them down.
pub(crate) trait Scan: Sync {
    /// Whether it wants to see a file.
    fn wants(&self, path: &str) -> bool;

    /// Looks through a part of a file.
    ///
    /// # Errors
    /// Whatever makes reading on pointless.
    fn begin(&self, part: Part) -> Result<Box<dyn Scanner + '_>, UnixfsError>;
}

/// A part of a file that a scanner looks after.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    /// Position of the file in the plan.
    pub file: usize,
    /// Of the file.
    pub size: u64,
    /// Records that begin here, or later,
    pub start: u64,
    /// and before here.
    pub end: u64,
}

/// Looks through one part of one file.
pub(crate) trait Scanner {
    /// Takes the next bytes. They begin one before the part (but not before the file), and go on behind its end as long as
    /// the answer is true.
    fn take(&mut self, piece: &[u8]) -> bool;

    /// The records that begin in the part.
    fn finish(self: Box<Self>) -> Found;
}

/// The records that begin in a part of a file.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Their keys, in order; those before what is broken.
    pub keys: Vec<B256>,
    /// Why the file has no records.
    pub broken: Option<Broken>,
    /// What else was asked for of the part.
    pub digests: Option<Box<PartDigests>>,
}

/// What makes the records of a file unusable.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Broken {
    /// A blank line follows the lines that were found.
    BlankLine,
    /// The file begins with a byte order mark.
    ByteOrderMark,
}

/// Looks for nothing.
pub(crate) struct NoScan;

impl Scan for NoScan {
    fn wants(&self, _: &str) -> bool {
        false
    }

    fn begin(&self, _: Part) -> Result<Box<dyn Scanner + '_>, UnixfsError> {
        Ok(Box::new(NoScan))
    }
}

impl Scanner for NoScan {
    fn take(&mut self, _: &[u8]) -> bool {
        false
    }

    fn finish(self: Box<Self>) -> Found {
        Found::default()
    }
}

/// How the files of a plan are read.
pub(crate) struct Reading<'a> {
    pub plan: &'a Plan,
    pub memory: &'a dyn Memory,
    pub scan: &'a dyn Scan,
    pub progress: &'a (dyn Fn(u64) + Sync),
}

/// A file that was read, or remembered.
pub(crate) struct ReadFile {
    pub leaves: Vec<Linked>,
    pub found: Vec<Found>,
}

impl Reading<'_> {
    /// All leaves of a file, and its records when it is one of those that are looked through.
    pub fn file(&self, file: usize) -> Result<ReadFile, UnixfsError> {
        let planned = &self.plan.files[file];
        let (profile, stamp) = (self.plan.profile, planned.stamp);
        let window = |index| Window { path: &planned.path, stamp: &stamp, index };
        let recall =
            |index| self.memory.recall(&window(index)).filter(|hashed| is_whole(profile, &stamp, index, hashed));
        let known: Vec<_> = (0..stamp.size.div_ceil(WINDOW).max(1)).map(recall).collect();
        let remembered = |hashed: Hashed| (hashed.leaves, vec![Found { keys: hashed.keys, ..Found::default() }]);
        let windows: Vec<(Vec<[u8; 32]>, Vec<Found>)> = if known.iter().all(Option::is_some) {
            known.into_iter().flatten().map(remembered).collect()
        } else {
            let source = self.plan.open(file)?;
            let scanned = self.scan.wants(&planned.path);
            let read = |(index, known): (usize, Option<Hashed>)| {
                if let Some(hashed) = known {
                    return Ok(remembered(hashed));
                }
                let index = index as u64;
                let (hashed, found) = self.window(file, &source, scanned, index)?;
                if found.iter().all(|found| found.broken.is_none()) {
                    // What was read may have changed meanwhile.
                    source.check()?;
                    self.memory.remember(&window(index), &hashed);
                }
                Ok((hashed.leaves, found))
            };
            known.into_par_iter().enumerate().map(read).collect::<Result<_, UnixfsError>>()?
        };
        let (digests, found): (Vec<_>, Vec<_>) = windows.into_iter().unzip();
        let leaves = file::known_leaves(profile, stamp.size, &digests.concat());
        Ok(ReadFile { leaves, found: found.into_iter().flatten().collect() })
    }

    fn window(
        &self,
        file: usize,
        source: &Source,
        scanned: bool,
        index: u64,
    ) -> Result<(Hashed, Vec<Found>), UnixfsError> {
        let profile = self.plan.profile;
        let (start, end) = range(source.size(), index);
        let step = if scanned { SEGMENT } else { profile.chunk_size() };
        let part = |index: u64| {
            let start = start + index * step;
            let part = Part { file, size: source.size(), start, end: end.min(start + step) };
            let mut scanner: Box<dyn Scanner + '_> = if scanned { self.scan.begin(part)? } else { Box::new(NoScan) };
            let leaves = source.leaf_digests(profile, &part, &mut *scanner)?;
            (self.progress)(part.end - part.start);
            Ok((leaves, scanner.finish()))
        };
        let count = (end - start).div_ceil(step).max(1);
        let parts: Vec<_> = if count == 1 {
            vec![part(0)?]
        } else {
            (0..count).into_par_iter().map(part).collect::<Result<_, UnixfsError>>()?
        };
        let (leaves, mut found): (Vec<_>, Vec<Found>) = parts.into_iter().unzip();
        join_digests(&mut found);
        let keys = found.iter().flat_map(|found| found.keys.iter().copied()).collect();
        Ok((Hashed { leaves: leaves.concat(), keys }, found))
    }
}

/// Those of all parts into the first one: a file of a terabyte has many parts.
fn join_digests(found: &mut [Found]) {
    let joined = found.iter_mut().filter_map(|found| found.digests.take());
    let joined = joined.reduce(|before, next| Box::new(before.with(*next)));
    if let Some(first) = found.first_mut() {
        first.digests = joined;
    }
}

/// Where a window begins and ends.
fn range(size: u64, index: u64) -> (u64, u64) {
    (index * WINDOW, size.min((index + 1) * WINDOW))
}

fn is_whole(profile: Profile, stamp: &Stamp, index: u64, hashed: &Hashed) -> bool {
    let (start, end) = range(stamp.size, index);
    file::leaf_count(profile, end - start) == hashed.leaves.len() as u64
}
