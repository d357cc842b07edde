//! A CAR file that is written while its content is hashed: every byte is read once.
//!
//! Where each block goes follows from names and sizes, as long as no two blocks are alike. Content is written to its place as
//! it passes the hash; identifiers and nodes, which are known only then, afterwards.

use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};
use std::sync::{Mutex, PoisonError};

use super::{header, section_head, section_len, size, write};
use crate::unixfs::{BlockSource, Found, Package, Part, Plan, Profile, Scan, Scanner, UnixfsError, leaf_frame};

/// Hashes a plan and writes its CAR file, the same bytes as [`write()`], into an empty file. Gives the package and the number
/// of bytes. `progress` is called with the bytes of content of each finished piece, from any thread.
///
/// Blocks that are alike occur once in a CAR file and move what is behind them: then everything is read again and written
/// from the start. For folders of small files, where that is common, [`Plan::hash`] and [`write()`] are as fast.
///
/// # Errors
/// [`UnixfsError::Write`] for the file that is written, and those of [`Plan::hash`].
pub fn write_in_place(plan: Plan, out: &File, progress: &(dyn Fn(u64) + Sync)) -> Result<(Package, u64), UnixfsError> {
    let outline = plan.outline()?;
    let (starts, bytes) = places(&outline)?;
    let writing = Writing { out, profile: outline.profile(), starts, failed: Mutex::new(None) };
    let (package, _) = outline.into_plan().hash_scanning(&(), &writing, progress)?;
    writing.result()?;
    if size(&package)? == bytes {
        write_around(&package, out)?;
        return Ok((package, bytes));
    }
    let mut whole = BufWriter::with_capacity(1 << 20, out);
    whole.rewind().map_err(UnixfsError::Write)?;
    out.set_len(0).map_err(UnixfsError::Write)?;
    let bytes = write(&package, &mut whole)?;
    whole.flush().map_err(UnixfsError::Write)?;
    Ok((package, bytes))
}

/// For each file the offset of the content of each of its leaves in the CAR file; and the length of that file.
fn places(outline: &Package) -> Result<(Vec<Vec<u64>>, u64), UnixfsError> {
    let mut starts = vec![Vec::new(); outline.plan().file_count()];
    let mut end = header(outline).len() as u64;
    outline.for_each_planned_block(&mut |block| {
        let section = section_len(outline, block.len);
        if let BlockSource::Leaf { file, len, .. } = block.source {
            starts[file].push(end + section - block.len + frame(outline.profile(), len).0.len() as u64);
        }
        end += section;
        Ok(())
    })?;
    Ok((starts, end))
}

/// What stands before and behind the content of a leaf in its block.
fn frame(profile: Profile, len: u64) -> (Vec<u8>, Vec<u8>) {
    match profile {
        Profile::V1_2025 => Default::default(),
        Profile::V0_2015 => leaf_frame(len),
    }
}

/// Everything but the content of leaves.
fn write_around(package: &Package, out: &File) -> Result<(), UnixfsError> {
    let mut end = 0;
    let mut put = |bytes: &[u8], skip: u64| {
        write_all_at(out, bytes, end).map_err(UnixfsError::Write)?;
        end += bytes.len() as u64 + skip;
        Ok(())
    };
    put(&header(package), 0)?;
    package.for_each_planned_block(&mut |block| {
        let mut head = section_head(&block.id.cid(package.profile()), block.len as usize);
        match block.source {
            BlockSource::Node(bytes) => {
                head.extend(bytes);
                put(&head, 0)
            }
            BlockSource::Leaf { len, .. } => {
                let (before, after) = frame(package.profile(), len);
                head.extend(before);
                put(&head, len)?;
                if after.is_empty() { Ok(()) } else { put(&after, 0) }
            }
        }
    })
}

/// Puts content where it belongs.
struct Writing<'a> {
    out: &'a File,
    profile: Profile,
    /// For each file and leaf.
    starts: Vec<Vec<u64>>,
    failed: Mutex<Option<io::Error>>,
}

impl Writing<'_> {
    fn result(&self) -> Result<(), UnixfsError> {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner).take();
        failed.map_or(Ok(()), |error| Err(UnixfsError::Write(error)))
    }
}

impl Scan for Writing<'_> {
    fn wants(&self, _: &str) -> bool {
        true
    }

    fn begin(&self, part: Part) -> Result<Box<dyn Scanner + '_>, UnixfsError> {
        self.result()?;
        let position = part.start.saturating_sub(1);
        Ok(Box::new(Content { writing: self, part, position }))
    }
}

/// The content of one part of a file.
struct Content<'a> {
    writing: &'a Writing<'a>,
    part: Part,
    /// Offset of the next byte in the file.
    position: u64,
}

impl Content<'_> {
    fn put(&mut self, mut piece: &[u8]) -> io::Result<()> {
        // The byte before the part is in the part before it.
        let before = (self.part.start - self.position.min(self.part.start)).min(piece.len() as u64);
        piece = &piece[before as usize..];
        self.position += before;
        let chunk = self.writing.profile.chunk_size();
        while !piece.is_empty() {
            let (leaf, inside) = (self.position / chunk, self.position % chunk);
            let now;
            (now, piece) = piece.split_at(piece.len().min((chunk - inside) as usize));
            let start = self.writing.starts[self.part.file][leaf as usize];
            write_all_at(self.writing.out, now, start + inside)?;
            self.position += now.len() as u64;
        }
        Ok(())
    }
}

impl Scanner for Content<'_> {
    fn take(&mut self, piece: &[u8]) -> bool {
        if let Err(error) = self.put(piece) {
            // The first of several is the reason.
            self.writing.failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            return false;
        }
        self.position < self.part.end
    }

    fn finish(self: Box<Self>) -> Found {
        Found::default()
    }
}

#[cfg(unix)]
fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(windows)]
fn write_all_at(file: &File, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_write(file, bytes, offset)? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            written => {
                bytes = &bytes[written..];
                offset += written as u64;
            }
        }
    }
    Ok(())
}
