//! What may be done with a dataset of the manifest: its own license, and those of everything that it was derived from.

use dgov_data::licensing::{Rights, Source, Terms};

use crate::error::{Error, Result};
use crate::manifest::Loaded;
use crate::manifest::values::ParentRef;

/// Steps up a lineage that are followed.
const MAX_DEPTH: usize = 32;

/// The rights under one license of the manifest.
///
/// # Errors
/// When there is no such license, or its SPDX expression is none.
pub fn of_license(loaded: &Loaded, name: &str) -> Result<Rights> {
    let license = loaded.manifest.licenses.get(name).ok_or_else(|| {
        Error::input("license.unknown", format!("the manifest has no license `{name}`")).hint("see [licenses]")
    })?;
    license.stated().rights(&format!("licenses.{name}")).map_err(|error| {
        Error::input("license.spdx", error.to_string()).hint("ids are listed at https://spdx.org/licenses")
    })
}

/// The meet of the licenses of a dataset and of all its parents. Of a parent that the manifest does not describe nothing
/// is known here, so nothing is permitted: the gate asks the chain for it.
///
/// # Errors
/// Those of [`of_license`], and a lineage that goes in circles.
pub fn effective(loaded: &Loaded, dataset: &str) -> Result<Rights> {
    collect(loaded, dataset, 0)
}

fn collect(loaded: &Loaded, name: &str, depth: usize) -> Result<Rights> {
    if depth > MAX_DEPTH {
        return Err(Error::input(
            "dataset.lineage",
            format!("the lineage of `{name}` is too deep, or goes in circles"),
        )
        .hint("correct `parents`"));
    }
    let dataset = loaded.manifest.datasets.get(name).ok_or_else(|| {
        Error::input("dataset.unknown", format!("the manifest has no dataset `{name}`")).hint("see [datasets]")
    })?;
    let mut rights = of_license(loaded, dataset.license.as_str())?.about(name);
    for parent in &dataset.parents {
        rights = rights.meet(&match parent {
            // An earlier version of itself has the terms of today until its own are read from the chain.
            ParentRef::Dataset { name: parent, .. } if parent.as_str() == name => continue,
            ParentRef::Dataset { name: parent, .. } if loaded.manifest.datasets.get(parent.as_str()).is_some() => {
                collect(loaded, parent.as_str(), depth + 1)?
            }
            other => {
                let place = format!("the license of {other}, which the manifest does not describe");
                Rights::stated(Source::Document { place }, Terms::unset())
            }
        });
    }
    Ok(rights)
}
