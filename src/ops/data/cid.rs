//! `dgov data cid`.

use camino::Utf8Path;
use dgov_data::unixfs::Options;
use serde::Serialize;

use super::package;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ui::Report;

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
}

impl Report for CidReport {
    fn human(&self) -> String {
        format!("{}\n", self.cid)
    }
}

/// Hashes a path under a profile.
pub fn cid(context: &Context, path: &Utf8Path, profile: &str, hidden: bool) -> Result<CidReport> {
    let profile = profile.parse().map_err(package::unixfs_error)?;
    let options = Options { profile, hidden, follow_links: false };
    let package = package::package(&context.ui, path, &options).map_err(|error| match error.code() {
        // The hint for datasets speaks of dgov.toml, which has no part in this.
        "dataset.path_missing" => Error::input(error.code(), error.message())
            .hint(format!("check the path given, `{path}`; a relative one starts in the current folder")),
        _ => error,
    })?;
    Ok(CidReport {
        path: path.to_string(),
        cid: package.cid().to_string(),
        profile: profile.to_string(),
        files: package.plan().file_count() as u64,
        bytes: package.plan().content_size(),
    })
}
