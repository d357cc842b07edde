//! The facts for the card of a push. The bytes were hashed for the package already, but a card wants one sha256 a file:
//! they are read once more the first time, and remembered by the package's CID.

use camino::Utf8Path;
use dgov_data::cards::facts::{self, Facts, FileFact};
use dgov_data::cards::write::MAX_FILES;
use dgov_data::unixfs::Package;

use crate::error::Result;
use crate::lockfile::write_atomically;
use crate::ops::data::package;
use crate::ui::Ui;

/// Of larger packages the card names sets of files, and their CID stands for the bytes.
const MAX_BYTES: u64 = 1 << 30;

/// The facts of a package; without digests when it is too large to be read twice. The same wherever the files lie.
///
/// # Errors
/// When a file can't be read, or is not the one that was packaged any more.
pub fn facts_of(ui: &Ui, state: &Utf8Path, package: &Package) -> Result<Facts> {
    let (count, bytes) = (package.plan().file_count(), package.plan().content_size());
    if count > MAX_FILES || bytes > MAX_BYTES {
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
    let bar = ui.bytes("describing", bytes);
    let facts = facts::of_package(package, &|bytes| bar.inc(bytes)).map_err(package::unixfs_error)?;
    bar.finish_and_clear();
    // Only a cache: a folder that can't be written makes the next push slower.
    if let Some(folder) = cache.parent()
        && fs_err::create_dir_all(folder).is_ok()
        && let Ok(bytes) = serde_json::to_vec(&facts)
    {
        let _ = write_atomically(&cache, &bytes);
    }
    Ok(facts)
}
