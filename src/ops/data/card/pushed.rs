//! The facts for the card of a push. The bytes were hashed for the package already, but a card wants one sha256 a file:
//! they are read once more the first time, and remembered by the package's CID.

use std::collections::BTreeMap;

use camino::Utf8Path;
use dgov_data::cards::facts::{self, Facts, FileFact};
use dgov_data::cards::write::MAX_FILES;
use dgov_data::unixfs::{Package, Stamp, UnixfsError};

use crate::error::Result;
use crate::lockfile::write_atomically;
use crate::ops::data::package;
use crate::ui::Ui;

/// Of larger packages the card names sets of files, and their CID stands for the bytes.
const MAX_BYTES: u64 = 1 << 30;

/// The facts of a package; without digests when it is too large to be read twice, or not on this machine.
///
/// # Errors
/// When a file can't be read, or is not the one that was packaged any more.
pub fn facts_of(ui: &Ui, state: &Utf8Path, package: &Package, local: bool) -> Result<Facts> {
    let (count, bytes) = (package.plan().file_count(), package.plan().content_size());
    if !local || count > MAX_FILES || bytes > MAX_BYTES {
        let files = package.entries().map(|entry| FileFact {
            path: entry.path.to_owned(),
            bytes: entry.stamp.size,
            sha256: String::new(),
            fields: Vec::new(),
            records: None,
        });
        return Ok(Facts { files: files.collect(), annotated: None });
    }
    let cache = state.join("cache/facts").join(format!("{}.json", package.cid()));
    if let Ok(bytes) = std::fs::read(&cache)
        && let Ok(known) = serde_json::from_slice::<Facts>(&bytes)
    {
        return Ok(known);
    }
    let stamps: BTreeMap<&str, Stamp> = package.entries().map(|entry| (entry.path, entry.stamp)).collect();
    let paths: Vec<_> = stamps.keys().map(|path| (*path).to_owned()).collect();
    let single = package.plan().is_single_file();
    let root = if single { package.root().parent().unwrap_or(package.root()) } else { package.root() };
    let bar = ui.bytes("describing", bytes);
    let facts = facts::read(root.as_std_path(), &paths, &|bytes| bar.inc(bytes))?;
    bar.finish_and_clear();
    for (path, stamp) in &stamps {
        let now = root.join(path);
        // The card and the CID have to be of the same bytes.
        if Stamp::of(&std::fs::metadata(&now)?) != *stamp {
            return Err(package::unixfs_error(UnixfsError::Changed { path: now }));
        }
    }
    // Only a cache: a folder that can't be written makes the next push slower.
    if let Some(folder) = cache.parent()
        && fs_err::create_dir_all(folder).is_ok()
        && let Ok(bytes) = serde_json::to_vec(&facts)
    {
        let _ = write_atomically(&cache, &bytes);
    }
    Ok(facts)
}
