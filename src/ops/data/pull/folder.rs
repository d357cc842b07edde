//! The folder that a package is pulled into. A file gets its name when all of it is there; until then it lies in
//! `.dgov-pull/` inside the folder, where a later run finds it. Nothing outside is written: no name of a package reaches
//! this place unchecked, and no link that lies here is followed.

use std::fs::File;
use std::io::{ErrorKind as Io, Read, Seek, SeekFrom, Write};

use camino::{Utf8Path, Utf8PathBuf};
use dgov_data::unixfs::{BlockId, leaf_id};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::storage;

/// What is not finished yet.
const STAGING: &str = ".dgov-pull";
/// Longest content of one block.
const LONGEST_LEAF: u64 = 2 << 20;
/// From this size on a file is on the disk, not only on its way there, before it gets its name. Smaller ones are many, and
/// a later pull hashes them again.
const SYNC_FROM: u64 = 1 << 20;

/// A folder to pull into.
pub struct Folder {
    root: Utf8PathBuf,
    staging: Utf8PathBuf,
    single: String,
    lock: File,
}

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Present {
    /// Nothing.
    Absent,
    /// A file of the right size.
    SameSize,
    /// A file of another size, or a link.
    Other,
    /// A folder.
    Folder,
}

impl Folder {
    /// Opens a folder, which need not exist; one pull at a time. A package that is a single file, which has no name inside,
    /// gets the name `single`.
    ///
    /// # Errors
    /// `pull.link`, `io.lock_held`, file errors.
    pub fn open(root: &Utf8Path, single: &str) -> Result<Self> {
        fs_err::create_dir_all(root)?;
        let staging = root.join(STAGING);
        make_dir(&staging)?;
        let lock = staging.join("lock");
        refuse_link(&lock)?;
        let lock = storage::local::lock(&lock)?;
        Ok(Self { root: root.to_owned(), staging, single: single.to_owned(), lock })
    }

    /// Makes a folder of the package; its parents were made before.
    ///
    /// # Errors
    /// `pull.link`, `pull.in_the_way`, file errors.
    pub fn make(&self, path: &str) -> Result<()> {
        if path.is_empty() { Ok(()) } else { make_dir(&self.at(path)?) }
    }

    /// Makes all folders on the way to a path.
    ///
    /// # Errors
    /// As [`Self::make`].
    pub fn make_parents(&self, path: &str) -> Result<()> {
        path.match_indices('/').try_for_each(|(end, _)| self.make(&path[..end]))
    }

    /// What is at the path of a file of `size` bytes. Links are not followed.
    ///
    /// # Errors
    /// File errors.
    pub fn present(&self, path: &str, size: u64) -> Result<Present> {
        match fs_err::symlink_metadata(self.at(path)?) {
            Ok(found) if found.is_dir() => Ok(Present::Folder),
            Ok(found) if found.is_file() && found.len() == size => Ok(Present::SameSize),
            Ok(_) => Ok(Present::Other),
            Err(error) if error.kind() == Io::NotFound => Ok(Present::Absent),
            Err(error) => Err(error.into()),
        }
    }

    /// Bytes of the file at a path when this block holds all of them.
    ///
    /// # Errors
    /// File errors.
    pub fn is_whole(&self, path: &str, id: &BlockId) -> Result<Option<u64>> {
        let at = self.at(path)?;
        match fs_err::symlink_metadata(&at) {
            Ok(found) if found.is_file() && found.len() <= LONGEST_LEAF => {
                Ok(holds(&at, 0, found.len(), id)?.then_some(found.len()))
            }
            Err(error) if error.kind() != Io::NotFound => Err(error.into()),
            _ => Ok(None),
        }
    }

    /// Whether `len` bytes from `offset` of the file at its path are the content of this block.
    ///
    /// # Errors
    /// File errors.
    pub fn has(&self, path: &str, offset: u64, len: u64, id: &BlockId) -> Result<bool> {
        holds(&self.at(path)?, offset, len, id)
    }

    /// The same of the unfinished file.
    ///
    /// # Errors
    /// File errors.
    pub fn has_staged(&self, path: &str, offset: u64, len: u64, id: &BlockId) -> Result<bool> {
        holds(&self.staged(path), offset, len, id)
    }

    /// The bytes at a place of the file at its path.
    ///
    /// # Errors
    /// File errors.
    pub fn read(&self, path: &str, offset: u64, len: usize) -> Result<Vec<u8>> {
        read(&self.at(path)?, offset, len)
    }

    /// Makes room for an unfinished file; what an earlier run wrote of it stays.
    ///
    /// # Errors
    /// `pull.link`, file errors.
    pub fn stage(&self, path: &str, size: u64) -> Result<()> {
        let staged = self.staged(path);
        refuse_link(&staged)?;
        let file = fs_err::OpenOptions::new().create(true).truncate(false).write(true).open(&staged)?;
        if file.metadata()?.len() > size {
            file.set_len(size)?;
        }
        Ok(())
    }

    /// Writes a piece of an unfinished file.
    ///
    /// # Errors
    /// File errors.
    pub fn write(&self, path: &str, offset: u64, bytes: &[u8]) -> Result<()> {
        let mut file = fs_err::OpenOptions::new().write(true).open(self.staged(path))?;
        file.seek(SeekFrom::Start(offset))?;
        file.write_all(bytes)?;
        crate::fault::point("pull.block.written");
        Ok(())
    }

    /// Gives a complete file its name, in place of what has it now.
    ///
    /// # Errors
    /// File errors.
    pub fn finish(&self, path: &str, size: u64) -> Result<()> {
        let staged = self.staged(path);
        if size >= SYNC_FROM {
            fs_err::File::open(&staged)?.sync_all()?;
        }
        crate::fault::point("pull.rename.before");
        fs_err::rename(staged, self.at(path)?)?;
        crate::fault::point("pull.rename.after");
        Ok(())
    }

    /// Removes what unfinished files need, after the last of them.
    ///
    /// # Errors
    /// File errors.
    pub fn clear(self) -> Result<()> {
        drop(self.lock);
        fs_err::remove_dir_all(&self.staging)?;
        Ok(())
    }

    /// Fails when the disk has no room for this many bytes, beside those that are here already.
    ///
    /// # Errors
    /// `io.disk_full`.
    pub fn require_room(&self, bytes: u64) -> Result<()> {
        let Some(free) = free_space(&self.root) else { return Ok(()) };
        if bytes <= free || bytes <= free.saturating_add(used(&self.root)?) {
            return Ok(());
        }
        let message = format!("the package says it has {bytes} bytes, and {free} are free at {}", self.root);
        Err(Error::local_io("io.disk_full", message).hint("free some space, or pull a part of it with --path"))
    }

    fn at(&self, path: &str) -> Result<Utf8PathBuf> {
        match path.split('/').next() {
            // The file system may not tell cases apart.
            Some(first) if first.eq_ignore_ascii_case(STAGING) => {
                Err(Error::integrity("storage.name", format!("the package has an entry that is named {first:?}"))
                    .hint("dgov needs that name itself; pull what is beside it with --path"))
            }
            _ if path.is_empty() => Ok(self.root.join(&self.single)),
            _ => Ok(self.root.join(path)),
        }
    }

    /// Where an unfinished file lies. Its name follows from the path, so that a later run finds it.
    fn staged(&self, path: &str) -> Utf8PathBuf {
        let digest = Sha256::digest(path);
        self.staging.join(format!("{}.part", alloy::hex::encode(&digest[..16])))
    }
}

/// A folder that is one, not a link to one.
fn make_dir(path: &Utf8Path) -> Result<()> {
    match std::fs::create_dir(path) {
        Err(error) if error.kind() == Io::AlreadyExists => {}
        made => return Ok(made?),
    }
    refuse_link(path)?;
    if fs_err::symlink_metadata(path)?.is_dir() {
        return Ok(());
    }
    Err(Error::input("pull.in_the_way", format!("{path} is a file, and the package has a folder there"))
        .hint("remove it, or pull into another folder with --to"))
}

fn refuse_link(path: &Utf8Path) -> Result<()> {
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => {
            Err(Error::input("pull.link", format!("{path} is a link, which may lead out of the folder"))
                .hint("remove it, or pull into another folder with --to"))
        }
        _ => Ok(()),
    }
}

/// Whether these bytes of a file, where there is one, are the content of this block and nothing else.
fn holds(file: &Utf8Path, offset: u64, len: u64, id: &BlockId) -> Result<bool> {
    let Some(len) = usize::try_from(len).ok().filter(|_| len <= LONGEST_LEAF) else { return Ok(false) };
    match std::fs::symlink_metadata(file) {
        Ok(found) if found.is_file() && found.len() >= offset + len as u64 => {}
        _ => return Ok(false),
    }
    Ok(leaf_id(id.codec, &read(file, offset, len)?) == *id)
}

fn read(file: &Utf8Path, offset: u64, len: usize) -> Result<Vec<u8>> {
    let mut file = fs_err::File::open(file)?;
    let mut bytes = vec![0; len];
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Bytes that this user may still write to the disk of a folder; `None` where that is not known.
#[cfg(unix)]
fn free_space(path: &Utf8Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(path.as_std_path()).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

#[cfg(not(unix))]
fn free_space(_path: &Utf8Path) -> Option<u64> {
    None
}

/// Bytes that the files below a folder take on the disk: holes in unfinished files take none.
fn used(path: &Utf8Path) -> Result<u64> {
    let mut sum = 0_u64;
    for entry in fs_err::read_dir(path)? {
        let entry = entry?;
        let found = entry.metadata()?;
        if found.is_dir() {
            sum = sum.saturating_add(Utf8Path::from_path(&entry.path()).map_or(Ok(0), used)?);
        } else {
            sum = sum.saturating_add(allocated(&found));
        }
    }
    Ok(sum)
}

#[cfg(unix)]
fn allocated(found: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::blocks(found) * 512
}

#[cfg(not(unix))]
fn allocated(found: &std::fs::Metadata) -> u64 {
    found.len()
}
