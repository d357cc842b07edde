//! Some bytes of one file: only the blocks that hold them are read, and handed on in order.

use std::str::FromStr;

use futures_util::future::try_join_all;

use crate::error::{Error, Result};
use crate::storage::dag::walk::{Found, Place, Step};
use crate::storage::pool::Pool;

/// Bytes of a file as HTTP counts them: `0-99` are the first hundred, `100-` all from the hundred and first on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteRange {
    /// First byte, from 0.
    pub first: u64,
    /// Last byte; the file's last one when left out.
    pub last: Option<u64>,
}

impl FromStr for ByteRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.parse::<u64>().map_err(|_| "write FIRST-LAST or FIRST-, e.g. 0-99".to_owned());
        let (first, last) = text.split_once('-').ok_or("write FIRST-LAST or FIRST-, e.g. 0-99")?;
        let last = if last.is_empty() { None } else { Some(number(last)?) };
        let first = number(first)?;
        if last.is_some_and(|last| last < first) {
            return Err("the last byte lies before the first".to_owned());
        }
        Ok(Self { first, last })
    }
}

/// Gives the bytes of a range to `take`, which says whether it wants more; returns their number.
///
/// # Errors
/// `pull.no_file`, `pull.range`, and those of the walk and the sources.
pub(super) async fn read(
    pool: &Pool,
    entry: Step,
    range: ByteRange,
    jobs: usize,
    take: &mut dyn FnMut(&[u8]) -> Result<bool>,
) -> Result<u64> {
    let path = entry.path();
    let (size, mut open) = match entry.open(pool.fetch(&entry.cid()).await?)? {
        Found::Whole { content, .. } => {
            let piece = cut(range.within(content.len() as u64, &path)?, 0, &content);
            take(piece)?;
            return Ok(piece.len() as u64);
        }
        Found::File { file, next } => (file.size, next),
        _ => {
            return Err(Error::input("pull.no_file", format!("{path:?} is a folder of the package, not a file"))
                .hint("--range reads from one file; without it --path pulls a folder"));
        }
    };
    let wanted = range.within(size, &path)?;
    open.reverse();
    let mut given = 0;
    while !open.is_empty() {
        let mut batch = Vec::with_capacity(jobs);
        while batch.len() < jobs
            && let Some(step) = open.pop()
        {
            if !extent(&step).is_some_and(|(start, end)| start < wanted.1 && end > wanted.0) {
                continue;
            }
            // A node comes alone: what it links to is between it and what follows.
            match (step.is_leaf(), batch.is_empty()) {
                (true, _) => batch.push(step),
                (false, true) => {
                    batch.push(step);
                    break;
                }
                (false, false) => {
                    open.push(step);
                    break;
                }
            }
        }
        let fetched = try_join_all(batch.iter().map(|step| async { pool.fetch(&step.cid()).await })).await?;
        let mut pieces = batch.into_iter().zip(fetched);
        while let Some((step, block)) = pieces.next() {
            match step.open(block)? {
                Found::Content(content) => {
                    let start = extent(&step).map_or(0, |(start, _)| start);
                    let piece = cut(wanted, start, &content);
                    given += piece.len() as u64;
                    if !take(piece)? {
                        return Ok(given);
                    }
                }
                Found::More(mut next) => {
                    // What follows waits until this node's own pieces were given.
                    open.extend(pieces.by_ref().map(|(step, _)| step).collect::<Vec<_>>().into_iter().rev());
                    next.reverse();
                    open.append(&mut next);
                }
                _ => return Err(Error::bug("a piece of a file that is none")),
            }
        }
    }
    Ok(given)
}

impl ByteRange {
    /// First byte and the one after the last, in a file of this size.
    fn within(self, size: u64, path: &str) -> Result<(u64, u64)> {
        if self.first >= size {
            return Err(Error::input("pull.range", format!("{path:?} has {size} bytes only"))
                .hint("the first byte is number 0"));
        }
        Ok((self.first, self.last.map_or(size, |last| last.saturating_add(1).min(size))))
    }
}

fn extent(step: &Step) -> Option<(u64, u64)> {
    match step.place {
        Place::Part { offset, len, .. } => Some((offset, offset + len)),
        _ => None,
    }
}

/// What of a piece that begins at `start` is wanted.
fn cut((first, end): (u64, u64), start: u64, content: &[u8]) -> &[u8] {
    let within = |at: u64| usize::try_from(at.saturating_sub(start)).unwrap_or(usize::MAX).min(content.len());
    &content[within(first)..within(end)]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{ByteRange, cut};

    #[test]
    fn ranges_are_written_as_http_has_them() {
        assert_eq!("0-99".parse(), Ok(ByteRange { first: 0, last: Some(99) }));
        assert_eq!("7-".parse(), Ok(ByteRange { first: 7, last: None }));
        for wrong in ["", "7", "-7", "9-8", "a-b", "0-99-", "18446744073709551616-"] {
            assert!(wrong.parse::<ByteRange>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_range_is_cut_to_the_file_and_to_each_piece() {
        let range = ByteRange { first: 2, last: Some(u64::MAX) };
        assert_eq!(range.within(5, "f").unwrap(), (2, 5));
        assert_eq!(range.within(2, "f").unwrap_err().code(), "pull.range");
        assert_eq!(cut((2, 5), 0, b"abcd"), b"cd");
        assert_eq!(cut((2, 5), 4, b"efgh"), b"e");
        assert_eq!(cut((2, 5), 5, b"xy"), b"");
    }
}
