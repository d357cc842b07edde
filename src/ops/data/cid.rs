//! `dgov data cid`.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use camino::Utf8Path;
use dgov_data::arweave::TreeBuilder;
use dgov_data::car;
use dgov_data::digests::{FileDigests, Wanted};
use dgov_data::filecoin::{Piece, PieceHasher};
use dgov_data::unixfs::{BlockSource, Options, Package, UnixfsError};
use serde::Serialize;

use super::package;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ui::{Report, Ui, table};

/// The CID of a file or folder.
#[derive(Serialize)]
pub struct CidReport {
    /// What was hashed.
    pub path: String,
    /// Root CID.
    pub cid: String,
    /// UnixFS profile.
    pub profile: String,
    /// Number of files.
    pub files: u64,
    /// Bytes in all files.
    pub bytes: u64,
    /// Bytes of files that were read for all of this.
    pub read: u64,
    /// What was asked for of each file's own bytes, in the order of the package.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub digests: Vec<DigestReport>,
    /// What was asked for of the CAR file that the package would be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub car: Option<DigestReport>,
}

/// What some bytes are known by in other systems.
#[derive(Serialize)]
pub struct DigestReport {
    /// The file within the package; none for a CAR file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Bytes that were hashed.
    pub bytes: u64,
    /// BLAKE3, hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blake3: Option<String>,
    /// Data root of an Arweave transaction with these bytes, base64url.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_root: Option<String>,
    /// These bytes as a piece of Filecoin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub piece: Option<PieceReport>,
}

/// Bytes as a piece of Filecoin.
#[derive(Serialize)]
pub struct PieceReport {
    /// Piece CID, version 2.
    pub cid: String,
    /// Piece CID, version 1: the commitment alone.
    pub cid_v1: String,
    /// Bytes of the payload.
    pub payload_bytes: u64,
    /// Bytes that the piece takes in a sector.
    pub piece_bytes: u64,
}

/// What a column of the table shows.
type Cell = fn(&DigestReport) -> Option<&String>;

/// What to hash, and what to compute besides the CID.
#[derive(Clone, Copy, Debug)]
pub struct What<'a> {
    /// File or folder.
    pub path: &'a Utf8Path,
    /// UnixFS profile.
    pub profile: &'a str,
    /// Hidden files, too.
    pub hidden: bool,
    /// Other digests,
    pub wanted: Wanted,
    /// and whether they are of the package's CAR file instead of each file's own bytes.
    pub car: bool,
}

impl Report for CidReport {
    fn human(&self) -> String {
        let rows: Vec<&DigestReport> = self.digests.iter().chain(&self.car).collect();
        let Some(first) = rows.first() else { return format!("{}\n", self.cid) };
        let columns: [(&str, Cell); 4] = [
            ("BLAKE3", |row| row.blake3.as_ref()),
            ("data root", |row| row.data_root.as_ref()),
            ("piece", |row| row.piece.as_ref().map(|piece| &piece.cid)),
            ("piece v1", |row| row.piece.as_ref().map(|piece| &piece.cid_v1)),
        ];
        let columns: Vec<_> = columns.into_iter().filter(|(_, cell)| cell(first).is_some()).collect();
        let headings: Vec<&str> = columns.iter().map(|(heading, _)| *heading).chain(["of"]).collect();
        let of = |row: &DigestReport| row.path.clone().unwrap_or_else(|| "the CAR file".to_owned());
        let cells = rows.iter().map(|row| {
            columns.iter().filter_map(|(_, cell)| cell(row).cloned()).chain([of(row)]).collect::<Vec<String>>()
        });
        format!("{}\n{}", self.cid, table::render(&headings, &cells.collect::<Vec<_>>()))
    }
}

impl DigestReport {
    fn new(path: Option<&str>, bytes: u64, digests: &FileDigests) -> Self {
        let hex = |digest: [u8; 32]| blake3::Hash::from_bytes(digest).to_hex().to_string();
        Self {
            path: path.map(str::to_owned),
            bytes,
            blake3: digests.blake3.map(hex),
            data_root: digests.data_root.map(|root| URL_SAFE_NO_PAD.encode(root)),
            piece: digests.piece.map(PieceReport::of),
        }
    }
}

impl PieceReport {
    fn of(piece: Piece) -> Self {
        Self {
            cid: piece.cid_v2().to_string(),
            cid_v1: piece.cid_v1().to_string(),
            payload_bytes: piece.payload,
            piece_bytes: piece.padded_size(),
        }
    }
}

/// Hashes a path under a profile: whatever is asked for of the files' own bytes in the same read.
///
/// # Errors
/// `usage.car`, and those of [`package::package`].
pub fn cid(context: &Context, what: &What<'_>) -> Result<CidReport> {
    let What { path, hidden, wanted, .. } = *what;
    if what.car && !wanted.any() {
        return Err(Error::usage("usage.car", "nothing is asked for of the CAR file")
            .hint("add --blake3, --data-root or --piece; `dgov data export --car FILE` writes it"));
    }
    let profile = what.profile.parse().map_err(package::unixfs_error)?;
    let options = Options { profile, hidden, follow_links: false };
    let plan = package::plan(path, &options).map_err(|error| match error.code() {
        // The hint for datasets speaks of dgov.toml, which has no part in this.
        "dataset.path_missing" => Error::input(error.code(), error.message())
            .hint(format!("check the path given, `{path}`; a relative one starts in the current folder")),
        _ => error,
    })?;
    let bar = context.ui.bytes("hashing", plan.content_size());
    let of_files = if what.car { Wanted::default() } else { wanted };
    let hashed = plan.hash_with_digests(of_files, &|bytes| bar.inc(bytes));
    let (package, digests) = hashed.map_err(package::unixfs_error)?;
    let mut read = bar.position();
    bar.finish_and_clear();
    let car = match what.car {
        true => {
            let (car, again) = of_car(&context.ui, &package, wanted).map_err(package::unixfs_error)?;
            read += again;
            Some(car)
        }
        false => None,
    };
    let report = |(entry, digests): (dgov_data::unixfs::Entry<'_>, &FileDigests)| {
        DigestReport::new(Some(entry.path), entry.stamp.size, digests)
    };
    Ok(CidReport {
        path: path.to_string(),
        cid: package.cid().to_string(),
        profile: profile.to_string(),
        files: package.plan().file_count() as u64,
        bytes: package.plan().content_size(),
        read,
        digests: if of_files.any() { package.entries().zip(&digests).map(report).collect() } else { Vec::new() },
        car,
    })
}

/// Digests of the CAR file, and the bytes of files that were read for them. It begins with the root, which is known only
/// when everything was read: this is a second read. The CAR file is made on the way into the hashers and never stored.
fn of_car(ui: &Ui, package: &Package, wanted: Wanted) -> std::result::Result<(DigestReport, u64), UnixfsError> {
    let bytes = car::size(package)?;
    let mut sink = Sink {
        blake3: wanted.blake3.then(blake3::Hasher::new),
        data_root: wanted.data_root.then(|| TreeBuilder::new(bytes)),
        piece: wanted.piece.then(PieceHasher::default),
    };
    let bar = ui.bytes("CAR", bytes);
    car::write(package, &mut bar.wrap_write(&mut sink))?;
    bar.finish_and_clear();
    let mut read = 0;
    package.for_each_planned_block(&mut |block| {
        if let BlockSource::Leaf { len, .. } = block.source {
            read += len;
        }
        Ok(())
    })?;
    let data_root = sink.data_root.map(TreeBuilder::finish).transpose();
    let data_root = data_root.map_err(|error| UnixfsError::Write(io::Error::other(error)))?;
    let digests = FileDigests {
        blake3: sink.blake3.map(|hasher| hasher.finalize().into()),
        data_root: data_root.map(|tree| tree.root()),
        piece: sink.piece.map(PieceHasher::finish),
    };
    Ok((DigestReport::new(None, bytes, &digests), read))
}

/// Where the bytes of the CAR file go.
struct Sink {
    blake3: Option<blake3::Hasher>,
    data_root: Option<TreeBuilder>,
    piece: Option<PieceHasher>,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(blake3) = &mut self.blake3 {
            blake3.update(bytes);
        }
        if let Some(chunks) = &mut self.data_root {
            chunks.update(bytes);
        }
        if let Some(piece) = &mut self.piece {
            piece.write_all(bytes)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
