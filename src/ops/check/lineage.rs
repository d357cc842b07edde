//! The rights in a dataset: the meet of its own license and those of everything that it was derived from.

use alloy::primitives::B256;
use dgov_data::licensing::{Rights, Source, Terms};

use crate::error::{Error, Result};
use crate::manifest::Loaded;
use crate::manifest::values::ParentRef;
use crate::ops::license::rights::of_license;

/// Steps up a lineage that are followed.
const MAX_DEPTH: usize = 32;

/// The rights in a dataset of the manifest. `known` gives those in a version by its key, as the chain has them.
///
/// # Errors
/// A license that is none, and a lineage that is too deep.
pub(super) fn rights(loaded: &Loaded, name: &str, known: &dyn Fn(&B256) -> Option<Rights>) -> Result<Rights> {
    collect(loaded, name, known, 0)
}

fn collect(loaded: &Loaded, name: &str, known: &dyn Fn(&B256) -> Option<Rights>, depth: usize) -> Result<Rights> {
    if depth > MAX_DEPTH {
        let message = format!("the lineage of `{name}` is too deep, or goes in circles");
        return Err(Error::input("dataset.lineage", message).hint("correct `parents`"));
    }
    let Some(dataset) = loaded.manifest.datasets.get(name) else { return Ok(unknown(name)) };
    let mut rights = of_license(loaded, dataset.license.as_str())?.about(name);
    for parent in &dataset.parents {
        rights = rights.meet(&match parent {
            // Whether an older version of it had other terms, only the chain could tell; those of today are taken.
            ParentRef::Dataset { name: parent, .. } if parent.as_str() == name => continue,
            ParentRef::Dataset { name: parent, .. } => collect(loaded, parent.as_str(), known, depth + 1)?,
            ParentRef::VersionKey(key) => {
                known(key).map_or_else(|| unknown(&key.to_string()), |rights| rights.about(&parent.to_string()))
            }
        });
    }
    Ok(rights)
}

/// Nobody here knows what an upstream permits, so nothing is said to be permitted.
fn unknown(name: &str) -> Rights {
    let place = format!("the license of {name}, from which it was made, is not known here");
    Rights::stated(Source::Document { place }, Terms::unset())
}
