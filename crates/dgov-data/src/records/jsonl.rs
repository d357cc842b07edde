//! Lines as records, found and hashed by all cores inside one file too, in memory that does not depend on line lengths.
//!
//! A line is hashed as it is: two spellings of the same JSON value are two records, because no two JSON libraries agree
//! on a canonical form of every number and string. A line with nothing but whitespace is an error, because tools that
//! skip it and tools that count it would number the records after it differently; one empty line at the very end of a
//! file is what editors leave behind and no record.

use alloy_primitives::B256;
use memchr::memchr;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::format::is_jsonl;
use super::{Record, RecordError, RecordFormat, finish_key, key_hasher};
use crate::unixfs::{Package, Source, UnixfsError};

/// Bytes of a file that one task looks after: every line that begins in them.
const SEGMENT: u64 = 4 << 20;

/// What one task found.
struct Segment {
    keys: Vec<B256>,
    /// Lines before the first blank one, when there is a blank one.
    blank: Option<u64>,
}

pub(super) fn records(package: &Package, progress: &(dyn Fn(u64) + Sync)) -> Result<Vec<Record>, RecordError> {
    let paths: Vec<&str> = package.entries().map(|entry| entry.path).collect();
    let files: Vec<usize> = (0..paths.len()).filter(|file| is_jsonl(paths[*file])).collect();
    let lists: Vec<Vec<Record>> = files
        .into_par_iter()
        .map(|file| file_records(package, file, paths[file], progress))
        .collect::<Result<_, RecordError>>()?;
    Ok(lists.concat())
}

fn file_records(
    package: &Package,
    file: usize,
    path: &str,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Vec<Record>, RecordError> {
    let source = package.open(file)?;
    let mut mark = [0; 3];
    let start = mark.len().min(source.size() as usize);
    source.read(&mut mark[..start], 0)?;
    if mark == [0xef, 0xbb, 0xbf] || matches!(mark, [0xff, 0xfe, _] | [0xfe, 0xff, _]) {
        return Err(RecordError::ByteOrderMark { path: path.to_owned() });
    }
    let segments: Vec<Segment> = (0..source.size().div_ceil(SEGMENT))
        .into_par_iter()
        .map(|index| {
            let found = segment(&source, index * SEGMENT);
            progress(SEGMENT.min(source.size() - index * SEGMENT));
            found
        })
        .collect::<Result<_, UnixfsError>>()?;
    source.check()?;
    let mut records = Vec::with_capacity(segments.iter().map(|segment| segment.keys.len()).sum());
    for segment in segments {
        let before = records.len() as u64;
        if let Some(lines) = segment.blank {
            return Err(RecordError::BlankLine { path: path.to_owned(), line: before + lines + 1 });
        }
        let numbered = segment.keys.into_iter().zip(before + 1..);
        records.extend(numbered.map(|(key, line)| Record { key, file, line }));
    }
    Ok(records)
}

/// Keys of the lines that begin in the segment at `start`.
fn segment(source: &Source, start: u64) -> Result<Segment, UnixfsError> {
    let end = (start + SEGMENT).min(source.size());
    // A line that begins at `start` is known by the LF before it.
    let from = start.saturating_sub(1);
    let mut lines = Lines { source, end, position: from, inside: start == 0, line: Line::new(), found: Segment::new() };
    source.for_each_piece(from, &mut |piece| lines.take(piece))?;
    Ok(lines.finish())
}

impl Segment {
    fn new() -> Self {
        Self { keys: Vec::new(), blank: None }
    }
}

struct Lines<'a> {
    source: &'a Source,
    /// Lines that begin here or later belong to the next segment.
    end: u64,
    /// Offset of the next byte.
    position: u64,
    /// Whether the line at `position` began in this segment.
    inside: bool,
    line: Line,
    found: Segment,
}

impl Lines<'_> {
    /// Takes the next bytes of the file; false when all lines of the segment are complete.
    fn take(&mut self, mut piece: &[u8]) -> bool {
        while !piece.is_empty() {
            if !self.line.started && self.inside && self.position >= self.end {
                return false;
            }
            let newline = memchr(b'\n', piece);
            let (content, rest) = piece.split_at(newline.unwrap_or(piece.len()));
            if self.inside {
                self.line.extend(content);
            }
            self.position += content.len() as u64;
            if newline.is_none() {
                // Nothing of this segment begins in the middle of a line that began before it.
                return self.inside || self.position < self.end;
            }
            self.position += 1;
            piece = &rest[1..];
            if self.inside && !self.complete() {
                return false;
            }
            self.inside = true;
        }
        true
    }

    /// Ends a line at its LF; false when it was blank.
    fn complete(&mut self) -> bool {
        let line = std::mem::replace(&mut self.line, Line::new());
        if !line.blank {
            self.found.keys.push(line.key(true));
            return true;
        }
        if !(line.empty && self.position == self.source.size()) {
            self.found.blank = Some(self.found.keys.len() as u64);
        }
        false
    }

    fn finish(mut self) -> Segment {
        // The last line of a file needs no LF.
        if self.line.started && self.position == self.source.size() && self.found.blank.is_none() {
            if self.line.blank {
                self.found.blank = Some(self.found.keys.len() as u64);
            } else {
                self.found.keys.push(self.line.key(false));
            }
        }
        self.found
    }
}

/// A line on its way into the hash.
struct Line {
    hasher: Sha256,
    started: bool,
    /// A CR that is the last byte so far: it belongs to the line unless an LF follows.
    held_cr: bool,
    /// Only whitespace so far.
    blank: bool,
    /// Nothing so far, a CR at the end not counted.
    empty: bool,
}

impl Line {
    fn new() -> Self {
        let hasher = key_hasher(RecordFormat::JSONL);
        Self { hasher, started: false, held_cr: false, blank: true, empty: true }
    }

    fn extend(&mut self, mut content: &[u8]) {
        if content.is_empty() {
            return;
        }
        self.started = true;
        if std::mem::take(&mut self.held_cr) {
            self.hasher.update(b"\r");
            self.empty = false;
        }
        if let [before @ .., b'\r'] = content {
            self.held_cr = true;
            content = before;
        }
        self.empty &= content.is_empty();
        self.blank = self.blank && content.iter().all(u8::is_ascii_whitespace);
        self.hasher.update(content);
    }

    fn key(mut self, ended: bool) -> B256 {
        if self.held_cr && !ended {
            self.hasher.update(b"\r");
        }
        finish_key(self.hasher)
    }
}
