//! Why a folder has no CID, or its bytes can't be given out.

use std::io;

use camino::Utf8PathBuf;

/// An error that names the file it is about.
#[derive(Debug, thiserror::Error)]
pub enum UnixfsError {
    /// The operating system refused.
    #[error("cannot read {path}")]
    Io {
        /// Where.
        path: Utf8PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// CIDs name UTF-8 paths only.
    #[error("the name of {path} is not UTF-8")]
    NotUtf8 {
        /// The path with the broken characters replaced.
        path: String,
    },
    /// A symbolic link, and links are not followed.
    #[error("{path} is a symbolic link")]
    Symlink {
        /// The link.
        path: Utf8PathBuf,
    },
    /// A symbolic link to nothing.
    #[error("{path} is a broken symbolic link: what it leads to does not exist")]
    SymlinkBroken {
        /// The link.
        path: Utf8PathBuf,
    },
    /// A symbolic link that leads out of the folder; never followed.
    #[error("the symbolic link {path} leads out of the folder, to {target}")]
    SymlinkOutside {
        /// The link.
        path: Utf8PathBuf,
        /// Where it ends.
        target: String,
    },
    /// A symbolic link to a folder that it lies in.
    #[error("the symbolic link {path} leads to a folder that contains it")]
    SymlinkLoop {
        /// The link.
        path: Utf8PathBuf,
    },
    /// A socket, pipe or device.
    #[error("{path} is neither a file nor a directory")]
    SpecialFile {
        /// The path.
        path: Utf8PathBuf,
    },
    /// Size, times, identity or bytes of a file are not what they were when it was planned or hashed.
    #[error("{path} changed while it was read")]
    Changed {
        /// The file.
        path: Utf8PathBuf,
    },
    /// The names of two files have the same 64-bit hash, so no shard of the directory can hold both.
    #[error("{directory} holds two names with the same hash, `{first}` and `{second}`; rename one")]
    NameCollision {
        /// Path within the folder.
        directory: String,
        /// One of the names.
        first: String,
        /// The other.
        second: String,
    },
    /// The sizes in a directory add up to 2^64 or more (only links to one big file can do that).
    #[error("the sizes below {path} add up to 2^64 or more")]
    TooLarge {
        /// Path within the folder.
        path: String,
    },
    /// Not a profile of IPIP-0499.
    #[error("`{name}` is not a profile; known are unixfs-v1-2025 and unixfs-v0-2015")]
    UnknownProfile {
        /// What was asked for.
        name: String,
    },
    /// A listing names something that can't be a file of a folder: an empty name, `..`, or a file that is a folder too.
    #[error("{path} can't be a file of a folder")]
    BadName {
        /// Where.
        path: Utf8PathBuf,
    },
    /// The receiver of blocks failed.
    #[error("cannot write the blocks")]
    Write(#[source] io::Error),
}

impl UnixfsError {
    pub(crate) fn io(path: impl Into<Utf8PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
