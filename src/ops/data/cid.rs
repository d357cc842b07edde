//! `dgov data cid`.

use std::io::{self, BufReader, Write};

use camino::Utf8Path;
use dgov_data::car;
use dgov_data::filecoin::PieceHasher;
use dgov_data::unixfs::{Options, Package, Stamp, UnixfsError};
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
    /// Of the package's CAR file, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub piece: Option<PieceReport>,
    /// Of the file, or of the CAR file of a folder, in hex; when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blake3: Option<String>,
}

/// A CAR file as a piece of Filecoin.
#[derive(Serialize)]
pub struct PieceReport {
    /// Piece CID, version 2.
    pub cid: String,
    /// Piece CID, version 1: the commitment alone.
    pub cid_v1: String,
    /// Bytes of the CAR file.
    pub payload_bytes: u64,
    /// Bytes that the piece takes in a sector.
    pub piece_bytes: u64,
}

/// What to compute besides the CID.
#[derive(Clone, Copy, Debug)]
pub struct Extras {
    /// Piece commitment of the CAR file.
    pub piece: bool,
    /// BLAKE3 of the file, or of the CAR file of a folder.
    pub blake3: bool,
}

impl Report for CidReport {
    fn human(&self) -> String {
        let mut rows = Vec::new();
        if let Some(piece) = &self.piece {
            rows.push(("piece", piece.cid.clone()));
            rows.push(("piece v1", piece.cid_v1.clone()));
        }
        rows.extend(self.blake3.clone().map(|digest| ("blake3", digest)));
        format!("{}\n{}", self.cid, table::pairs(&rows))
    }
}

/// Hashes a path under a profile.
///
/// # Errors
/// Those of [`package::package`].
pub fn cid(context: &Context, path: &Utf8Path, profile: &str, hidden: bool, extras: Extras) -> Result<CidReport> {
    let profile = profile.parse().map_err(package::unixfs_error)?;
    let options = Options { profile, hidden, follow_links: false };
    let package = package::package(&context.ui, path, &options).map_err(|error| match error.code() {
        // The hint for datasets speaks of dgov.toml, which has no part in this.
        "dataset.path_missing" => Error::input(error.code(), error.message())
            .hint(format!("check the path given, `{path}`; a relative one starts in the current folder")),
        _ => error,
    })?;
    let (piece, blake3) = extras_of(&context.ui, &package, extras).map_err(package::unixfs_error)?;
    Ok(CidReport {
        path: path.to_string(),
        cid: package.cid().to_string(),
        profile: profile.to_string(),
        files: package.plan().file_count() as u64,
        bytes: package.plan().content_size(),
        piece,
        blake3,
    })
}

/// Reads once more what is needed: the CAR file is made on the way into the hashers and never stored.
fn extras_of(ui: &Ui, package: &Package, extras: Extras) -> Result<(Option<PieceReport>, Option<String>), UnixfsError> {
    let single = package.plan().is_single_file();
    let mut sink = Sink {
        piece: extras.piece.then(PieceHasher::default),
        blake3: (extras.blake3 && !single).then(blake3::Hasher::new),
    };
    if sink.piece.is_some() || sink.blake3.is_some() {
        let bar = ui.bytes("CAR", car::size(package)?);
        car::write(package, &mut bar.wrap_write(&mut sink))?;
        bar.finish_and_clear();
    }
    let piece = sink.piece.map(PieceHasher::finish).map(|piece| PieceReport {
        cid: piece.cid_v2().to_string(),
        cid_v1: piece.cid_v1().to_string(),
        payload_bytes: piece.payload,
        piece_bytes: piece.padded_size(),
    });
    let blake3 = match sink.blake3 {
        Some(hasher) => Some(hasher.finalize()),
        None if extras.blake3 => Some(file_digest(package)?),
        None => None,
    };
    Ok((piece, blake3.map(|digest| digest.to_hex().to_string())))
}

/// BLAKE3 of a package that is one file.
fn file_digest(package: &Package) -> Result<blake3::Hash, UnixfsError> {
    let path = package.root();
    let failed = |source| UnixfsError::Io { path: path.into(), source };
    let file = std::fs::File::open(path).map_err(failed)?;
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(BufReader::with_capacity(1 << 20, &file)).map_err(failed)?;
    let stamp = Stamp::of(&file.metadata().map_err(failed)?);
    // The digest and the CID have to be of the same bytes.
    if package.entries().any(|entry| entry.stamp != stamp) {
        return Err(UnixfsError::Changed { path: path.into() });
    }
    Ok(hasher.finalize())
}

/// Where the bytes of the CAR file go.
struct Sink {
    piece: Option<PieceHasher>,
    blake3: Option<blake3::Hasher>,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(piece) = &mut self.piece {
            piece.write_all(bytes)?;
        }
        if let Some(blake3) = &mut self.blake3 {
            blake3.update(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
