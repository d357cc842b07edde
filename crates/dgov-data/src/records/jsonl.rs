//! Lines as records, found and hashed by all cores inside one file too, in memory that does not depend on line lengths.
//!
//! A line is hashed as it is: two spellings of the same JSON value are two records, because no two JSON libraries agree
//! on a canonical form of every number and string. A line with nothing but whitespace is an error, because tools that
//! skip it and tools that count it would number the records after it differently; one empty line at the very end of a
//! file is what editors leave behind and no record.

use alloy_primitives::B256;
use memchr::memchr;
use sha2::{Digest, Sha256};

use super::format::is_jsonl;
use super::{Record, RecordError, RecordFormat, finish_key, key_hasher};
use crate::unixfs::{Broken, Found, Package, Part, Scan, Scanner, UnixfsError};

/// Looks for lines in every `.jsonl` file.
pub(super) struct JsonlScan;

impl Scan for JsonlScan {
    fn wants(&self, path: &str) -> bool {
        is_jsonl(path)
    }

    fn begin(&self, part: Part) -> Result<Box<dyn Scanner + '_>, UnixfsError> {
        // A line that begins at `start` is known by the LF before it.
        let position = part.start.saturating_sub(1);
        Ok(Box::new(Lines { part, position, inside: part.start == 0, line: Line::new(), found: Found::default() }))
    }
}

/// The lines of all files, numbered.
///
/// # Errors
/// [`RecordError::BlankLine`], [`RecordError::ByteOrderMark`].
pub(super) fn records(package: &Package, found: Vec<Vec<Found>>) -> Result<Vec<Record>, RecordError> {
    let mut records = Vec::with_capacity(found.iter().flatten().map(|found| found.keys.len()).sum());
    for (file, (entry, parts)) in package.entries().zip(found).enumerate() {
        let mut line = 0;
        for part in parts {
            let numbered = part.keys.into_iter().zip(line + 1..);
            records.extend(numbered.map(|(key, at)| {
                line = at;
                Record { key, file, line }
            }));
            match part.broken {
                None => {}
                Some(Broken::BlankLine) => {
                    return Err(RecordError::BlankLine { path: entry.path.to_owned(), line: line + 1 });
                }
                Some(Broken::ByteOrderMark) => {
                    return Err(RecordError::ByteOrderMark { path: entry.path.to_owned() });
                }
            }
        }
    }
    Ok(records)
}

struct Lines {
    part: Part,
    /// Offset of the next byte.
    position: u64,
    /// Whether the line at `position` began in this part.
    inside: bool,
    line: Line,
    found: Found,
}

impl Scanner for Lines {
    fn take(&mut self, mut piece: &[u8]) -> bool {
        if self.position == 0 && is_marked(piece) {
            self.found.broken = Some(Broken::ByteOrderMark);
            return false;
        }
        while !piece.is_empty() {
            if !self.line.started && self.inside && self.position >= self.part.end {
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
                return self.inside || self.position < self.part.end;
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

    fn finish(mut self: Box<Self>) -> Found {
        // The last line of a file needs no LF.
        if self.line.started && self.position == self.part.size && self.found.broken.is_none() {
            if self.line.blank {
                self.found.broken = Some(Broken::BlankLine);
            } else {
                self.found.keys.push(self.line.key(false));
            }
        }
        self.found
    }
}

impl Lines {
    /// Ends a line at its LF; false when it was blank.
    fn complete(&mut self) -> bool {
        let line = std::mem::replace(&mut self.line, Line::new());
        if !line.blank {
            self.found.keys.push(line.key(true));
            return true;
        }
        if !(line.empty && self.position == self.part.size) {
            self.found.broken = Some(Broken::BlankLine);
        }
        false
    }
}

/// Whether the file begins with a byte order mark: UTF-8, UTF-16 little- and big-endian.
fn is_marked(start: &[u8]) -> bool {
    start.starts_with(&[0xef, 0xbb, 0xbf]) || start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff])
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
