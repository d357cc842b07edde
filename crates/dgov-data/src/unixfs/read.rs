//! Reading a file from several threads at once, and noticing when it is not the file it was.

use std::cell::RefCell;
use std::fs::File;
use std::io;
use std::sync::Arc;

use camino::Utf8PathBuf;
use sha2::{Digest, Sha256};

use super::window::{Part, Scanner};
use super::{Profile, RemoteTree, Stamp, UnixfsError, dagpb};

/// Bytes read at a time: small enough to be hashed out of the processor's cache.
const PIECE: usize = 128 << 10;
/// Bytes asked for at a time where each question is a request.
const REMOTE_PIECE: usize = 1 << 20;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; PIECE]);
}

/// An open file of a plan. Positioned reads, not a memory map: a map would kill the process when the file is cut short.
pub(crate) struct Source {
    content: Content,
    path: Utf8PathBuf,
    stamp: Stamp,
}

enum Content {
    File(File),
    /// A tree, and the path in it.
    Remote(Arc<dyn RemoteTree>, Box<str>),
}

impl Source {
    /// Opens `path`, which must still have `stamp`.
    pub fn open(path: Utf8PathBuf, stamp: Stamp) -> Result<Self, UnixfsError> {
        let file = File::open(&path).map_err(UnixfsError::io(&path))?;
        let source = Self { content: Content::File(file), path, stamp };
        source.check()?;
        Ok(source)
    }

    /// A file that lies elsewhere; `path` is for messages. Every read is of the content that was listed, or fails.
    pub fn remote(tree: Arc<dyn RemoteTree>, name: &str, path: Utf8PathBuf, stamp: Stamp) -> Self {
        Self { content: Content::Remote(tree, name.into()), path, stamp }
    }

    /// Fails when the file is no longer what it was when it was planned.
    pub fn check(&self) -> Result<(), UnixfsError> {
        let Content::File(file) = &self.content else { return Ok(()) };
        let metadata = file.metadata().map_err(UnixfsError::io(&self.path))?;
        if Stamp::of(&metadata) == self.stamp { Ok(()) } else { Err(self.changed()) }
    }

    pub fn size(&self) -> u64 {
        self.stamp.size
    }

    pub fn changed(&self) -> UnixfsError {
        UnixfsError::Changed { path: self.path.clone() }
    }

    /// Fills `buffer` from `offset`. The end of the file is a change: its size was known.
    pub fn read(&self, buffer: &mut [u8], offset: u64) -> Result<(), UnixfsError> {
        let read = match &self.content {
            Content::File(file) => read_exact_at(file, buffer, offset),
            Content::Remote(tree, path) => tree.read_at(path, buffer, offset),
        };
        read.map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => self.changed(),
            _ => UnixfsError::Io { path: self.path.clone(), source: error },
        })
    }

    /// The part of the buffer for the next read, `rest` bytes before the end.
    fn piece<'a>(&self, buffer: &'a mut Vec<u8>, rest: u64) -> &'a mut [u8] {
        let most = match self.content {
            Content::File(_) => PIECE,
            Content::Remote(..) => REMOTE_PIECE,
        };
        if buffer.len() < most {
            buffer.resize(most, 0);
        }
        &mut buffer[..most.min(usize::try_from(rest).unwrap_or(most))]
    }

    /// Digests of the leaves in a part of the file. The scanner sees the bytes as they pass, and what it wants behind them.
    /// The buffer is the thread's only one: it must not read.
    pub fn leaf_digests(
        &self,
        profile: Profile,
        part: &Part,
        scanner: &mut dyn Scanner,
    ) -> Result<Vec<[u8; 32]>, UnixfsError> {
        let mut scanning = true;
        if let Some(before) = part.start.checked_sub(1) {
            let mut byte = [0];
            self.read(&mut byte, before)?;
            scanning = scanner.take(&byte);
        }
        let mut leaves = Vec::new();
        let mut offset = part.start;
        while offset < part.end || leaves.is_empty() {
            let len = profile.chunk_size().min(part.end - offset);
            let frame = (profile == Profile::V0_2015).then(|| dagpb::leaf_frame(len));
            let mut hasher = Sha256::new();
            if let Some((before, _)) = &frame {
                hasher.update(before);
            }
            self.for_each_piece(offset, offset + len, &mut |piece| {
                hasher.update(piece);
                scanning = scanning && scanner.take(piece);
                true
            })?;
            if let Some((_, after)) = &frame {
                hasher.update(after);
            }
            leaves.push(hasher.finalize().into());
            offset += len;
        }
        if scanning {
            self.for_each_piece(offset, part.size, &mut |piece| scanner.take(piece))?;
        }
        Ok(leaves)
    }

    /// Gives the content from `offset` to `end`, piece by piece, until `take` returns false.
    /// The buffer is the thread's only one: `take` must not read.
    pub fn for_each_piece(
        &self,
        offset: u64,
        end: u64,
        take: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<(), UnixfsError> {
        BUFFER.with_borrow_mut(|buffer| {
            let mut offset = offset;
            while offset < end {
                let piece = self.piece(buffer, end - offset);
                self.read(piece, offset)?;
                offset += piece.len() as u64;
                if !take(piece) {
                    break;
                }
            }
            Ok(())
        })
    }

    /// The bytes of the block that holds `len` bytes from `offset`, in a buffer whose content does not matter.
    pub fn leaf_bytes(
        &self,
        profile: Profile,
        offset: u64,
        len: u64,
        mut block: Vec<u8>,
    ) -> Result<Vec<u8>, UnixfsError> {
        let (before, after) = match profile {
            Profile::V1_2025 => Default::default(),
            Profile::V0_2015 => dagpb::leaf_frame(len),
        };
        let (start, end) = (before.len(), before.len() + len as usize);
        let size = end + after.len();
        if block.capacity() < size {
            // Zeroed memory comes from the system for nothing, growing a vector by zeros does not.
            block = vec![0; size];
        } else {
            block.resize(size, 0);
        }
        block[..start].copy_from_slice(&before);
        self.read(&mut block[start..end], offset)?;
        block[end..].copy_from_slice(&after);
        Ok(block)
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, buffer, offset)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                buffer = &mut buffer[read..];
                offset += read as u64;
            }
        }
    }
    Ok(())
}
