//! Some files of a dataset instead of all: their CIDs against those of the package in the local store.

use alloy::primitives::B256;
use camino::Utf8Path;
use dgov_data::unixfs;

use crate::error::Result;
use crate::gate::facts::Hashed;
use crate::manifest::{Dataset, Loaded};
use crate::ops::data::package;
use crate::ops::names;
use crate::storage::dag::{self, StoredFile};
use crate::storage::{LocalStore, Source, targets};

/// Bytes of paths that a stored folder may have beyond four times those of the one here.
const LISTING_EXTRA: u64 = 1 << 20;

/// Hashes some files, chosen at random, and says how many of how many. `None` when the package is not in the local store,
/// so that nothing says what the files should be.
pub(super) fn sample(
    loaded: &Loaded,
    data: &Utf8Path,
    table: &Dataset,
    digest: B256,
    count: usize,
) -> Result<Option<(Hashed, usize, usize)>> {
    let options = package::options(table);
    let plan = unixfs::plan(data, &options).map_err(package::unixfs_error)?;
    let mut paths: Vec<String> = plan.files().map(|(path, _)| path.to_owned()).collect();
    let store = [Source::new(LocalStore::new(targets::local_store(&loaded.state_dir())))];
    let root = names::folder_cid(digest)?;
    let limit = LISTING_EXTRA + 4 * dag::listing_cost(paths.iter().map(String::as_str));
    let listed = tokio::task::block_in_place(|| {
        tokio::runtime::Handle::current().block_on(dag::list_files(&store, &root, limit))
    });
    let Ok(stored) = listed else { return Ok(None) };
    let all = paths.len();
    if let Some(missing) = stored.keys().find(|path| !paths.contains(path)) {
        return Ok(Some((Hashed::Differs(format!("{missing} is missing")), 0, all)));
    }
    if let Some(new) = paths.iter().find(|path| !stored.contains_key(*path)) {
        return Ok(Some((Hashed::Differs(format!("{new} is new")), 0, all)));
    }
    let looked = count.min(all);
    choose(&mut paths, looked);
    for path in &paths {
        if let Some(found) = differs(data, path, &options, stored.get(path))? {
            return Ok(Some((Hashed::Differs(found), looked, all)));
        }
    }
    Ok(Some((Hashed::Same, looked, all)))
}

/// Keeps some of the paths, chosen by a generator that is seeded anew for each run.
fn choose(paths: &mut Vec<String>, count: usize) {
    use std::hash::{BuildHasher, RandomState};
    let state = RandomState::new();
    paths.sort_by_cached_key(|path| state.hash_one(path));
    paths.truncate(count);
}

fn differs(
    data: &Utf8Path,
    path: &str,
    options: &unixfs::Options,
    stored: Option<&StoredFile>,
) -> Result<Option<String>> {
    let plan = unixfs::plan(&data.join(path), options).map_err(package::unixfs_error)?;
    let found = plan.hash(&|_| ()).map_err(package::unixfs_error)?;
    // A package of one file is that file.
    let same = stored.is_some_and(|stored| stored.id.digest == found.digest().0);
    Ok((!same).then(|| format!("{path} changed")))
}
