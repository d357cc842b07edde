//! What tells, without reading it, whether a file is still the one that was hashed.

use std::fs::Metadata;

/// Size, times and identity of a file. Two equal stamps mean the same bytes, except for a change of equal size within one
/// tick of the file system's clock (milliseconds on Linux).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Stamp {
    /// Bytes.
    pub size: u64,
    /// Last change of the content: seconds since 1970 and nanoseconds.
    pub mtime: (i64, u32),
    /// Last change of content, name or mode; can't be set back by a program. Zero where the system has none.
    pub ctime: (i64, u32),
    /// Device and inode; zero where the system has none.
    pub inode: (u64, u64),
}

impl Stamp {
    /// The stamp in `metadata`.
    #[cfg(unix)]
    pub fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self {
            size: metadata.len(),
            mtime: (metadata.mtime(), metadata.mtime_nsec() as u32),
            ctime: (metadata.ctime(), metadata.ctime_nsec() as u32),
            inode: (metadata.dev(), metadata.ino()),
        }
    }

    /// The stamp in `metadata`.
    #[cfg(not(unix))]
    pub fn of(metadata: &Metadata) -> Self {
        let since = metadata.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
        let mtime = since.map_or((0, 0), |since| (since.as_secs() as i64, since.subsec_nanos()));
        Self { size: metadata.len(), mtime, ctime: (0, 0), inode: (0, 0) }
    }
}
