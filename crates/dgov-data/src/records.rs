//! Records: the smallest things with provenance, their keys, and where each of them is.
//!
//! A key commits to the canonical bytes of a record (`docs/spec.md`, "Canonical bytes of a record"), not to the place
//! where it is, so that a record keeps its key when files are renamed, split or joined.

mod annotations;
mod arrow;
mod coco;
mod csv;
mod example;
mod format;
pub(crate) mod glob;
mod guard;
mod images;
mod inside;
mod jcs;
mod jsonl;
mod labels;
mod pages;
mod parquet;
mod row;
mod rows;
mod set;
mod tar;
mod tfrecord;
mod typed;
mod voc;
mod webdataset;

use alloy_primitives::B256;
use camino::Utf8PathBuf;
use sha2::{Digest, Sha256};

use crate::tree::TreeError;
use crate::unixfs::{BlockId, Memory, NoScan, Package, Plan, Profile, Scan, UnixfsError};

pub use csv::{csv_key, csv_rows};
pub use format::{RecordFormat, detect};
pub use guard::panic_is_caught;
pub use row::{Field, Row, Value};
pub use rows::rows;
pub use set::{Record, RecordSet};
pub use webdataset::webdataset_key;

/// Why a package has no records.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// A file can't be read, or changed since the package was hashed.
    #[error(transparent)]
    Read(#[from] UnixfsError),
    /// Keys of files and images hold CIDs of the one profile that the specification names.
    #[error("records of this kind need the profile unixfs-v1-2025, the package has {profile}")]
    Profile {
        /// The package's profile.
        profile: Profile,
    },
    /// A line without content in the middle of a file: not a record, and no tool agrees on how to count it.
    #[error("{path}:{line} is blank; remove the line")]
    BlankLine {
        /// Path within the package.
        path: String,
        /// Counted from 1.
        line: u64,
    },
    /// The mark would be hashed into the first record, which would then differ from the same record elsewhere.
    #[error("{path} begins with a byte order mark; store it as plain UTF-8")]
    ByteOrderMark {
        /// Path within the package.
        path: String,
    },
    /// A record can't be taken apart.
    #[error("{path}:{line} can't be read: {reason}")]
    Malformed {
        /// Path within the package.
        path: String,
        /// Counted from 1.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// A file is not what its format asks for: cut short, a wrong length or checksum, too large a part.
    #[error("{path}, {place}: {reason}")]
    Damaged {
        /// Path within the package.
        path: String,
        /// Record, line or byte.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// Records inside compressed files have no stable place, and a small file may hold any number of bytes.
    #[error("{path} is compressed; records are not looked for inside")]
    Compressed {
        /// Path within the package.
        path: String,
    },
    /// Nothing in the package is a record of the format.
    #[error("{root} holds no records of the format {format}")]
    NoRecords {
        /// The folder or file.
        root: Utf8PathBuf,
        /// [`RecordFormat::name`].
        format: &'static str,
    },
    /// Annotations are matched by the stem of their names, which two images share.
    #[error("{annotation} may belong to {first} or to {second}; image names must differ")]
    AmbiguousAnnotation {
        /// The annotation document.
        annotation: String,
        /// An image.
        first: String,
        /// Another.
        second: String,
    },
    /// The keys make no tree.
    #[error(transparent)]
    Tree(#[from] TreeError),
}

/// The first byte hashed into every key of a public set.
const PUBLIC: u8 = 0;

/// Hashes a plan and finds its records, on all cores; what `memory` knows is not read. `progress` is called with the bytes
/// read, from any thread. Records come in the order of files and lines. Lines of JSONL files are found in the read that
/// hashes; files of the other formats with records inside are read once more, however well they are remembered.
///
/// # Errors
/// See [`RecordError`]; the first broken line in order is named.
pub fn read(
    plan: Plan,
    format: &RecordFormat,
    memory: &dyn Memory,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<(Package, RecordSet), RecordError> {
    let scan: &dyn Scan = match format {
        RecordFormat::Jsonl => &jsonl::JsonlScan,
        RecordFormat::File | RecordFormat::ImageAnnotations { .. } => {
            require_profile(plan.profile())?;
            &NoScan
        }
        RecordFormat::Csv
        | RecordFormat::Parquet
        | RecordFormat::Arrow
        | RecordFormat::Tfrecord
        | RecordFormat::Webdataset => &NoScan,
    };
    let (package, found) = plan.hash_scanning(memory, scan, progress)?;
    let set = match format {
        RecordFormat::File => {
            let records = package.entries().enumerate();
            RecordSet::new(&package, records.map(|(file, entry)| Record::whole(file_key(&entry.id), file)).collect())
        }
        RecordFormat::Jsonl => RecordSet::new(&package, jsonl::records(&package, found)?),
        RecordFormat::Csv
        | RecordFormat::Parquet
        | RecordFormat::Arrow
        | RecordFormat::Tfrecord
        | RecordFormat::Webdataset => RecordSet::new(&package, inside::records(&package, format)?),
        RecordFormat::ImageAnnotations { images, annotations } => {
            let found = images::records(&package, images.as_deref(), annotations)?;
            RecordSet::new(&package, found.records).with_annotations(found.annotations, found.unmatched)
        }
    };
    if set.is_empty() {
        return Err(RecordError::NoRecords { root: package.root().into(), format: format.name() });
    }
    Ok((package, set))
}

fn require_profile(profile: Profile) -> Result<(), RecordError> {
    match profile {
        Profile::V1_2025 => Ok(()),
        profile => Err(RecordError::Profile { profile }),
    }
}

/// A hasher that has taken what stands before the canonical bytes of a public record.
fn key_hasher(format: u8) -> Sha256 {
    Sha256::new_with_prefix([PUBLIC, format])
}

fn finish_key(hasher: Sha256) -> B256 {
    B256::new(hasher.finalize().into())
}

/// The key of a record that is a file, from the file's root block under `unixfs-v1-2025`.
pub fn file_key(id: &BlockId) -> B256 {
    finish_key(key_hasher(RecordFormat::FILE).chain_update(id.cid_v1_bytes()))
}

/// The key of a JSONL record, from the line without its LF or CRLF.
pub fn jsonl_key(line: &[u8]) -> B256 {
    finish_key(key_hasher(RecordFormat::JSONL).chain_update(line))
}

/// The key of an image with annotations, from its root block under `unixfs-v1-2025` and the sha256 digests of its
/// annotation documents in any order. A piece of a document about many images is a document here.
pub fn image_key(image: &BlockId, annotations: &mut [[u8; 32]]) -> B256 {
    annotations.sort_unstable();
    let mut hasher = key_hasher(RecordFormat::IMAGE_ANNOTATIONS).chain_update(image.cid_v1_bytes());
    for digest in annotations {
        hasher.update(digest);
    }
    finish_key(hasher)
}
