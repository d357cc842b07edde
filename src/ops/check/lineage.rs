//! What a dataset was derived from: the meet of all licenses over the lineage, and the versions whose recall concerns it.

use std::collections::{BTreeSet, HashMap};

use alloy::primitives::B256;
use dgov_contracts::ids;
use dgov_data::licensing::{Rights, Source, Terms};

use crate::error::{Error, Result};
use crate::lockfile::{NetworkLock, VersionLock};
use crate::manifest::Loaded;
use crate::manifest::values::ParentRef;
use crate::ops::license::rights::of_license;

/// Steps up a lineage that are followed.
const MAX_DEPTH: usize = 32;
/// Upstreams whose status is asked.
const MAX_ANCESTORS: usize = 1_024;
/// Ways to read the parents of a manifest that are tried.
const MAX_CHOICES: usize = 4_096;

/// The rights in a dataset of the manifest. `known` gives those in a version by its key, as the chain has them.
///
/// # Errors
/// A license that is none, and a lineage that is too deep.
pub(super) fn rights(loaded: &Loaded, name: &str, known: &dyn Fn(&B256) -> Option<Rights>) -> Result<Rights> {
    collect(loaded, name, known, &mut HashMap::new(), 0)
}

/// `seen` has what was collected before: a lineage may reach one dataset in very many ways.
fn collect(
    loaded: &Loaded,
    name: &str,
    known: &dyn Fn(&B256) -> Option<Rights>,
    seen: &mut HashMap<String, Rights>,
    depth: usize,
) -> Result<Rights> {
    if let Some(rights) = seen.get(name) {
        return Ok(rights.clone());
    }
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
            ParentRef::Dataset { name: parent, .. } => collect(loaded, parent.as_str(), known, seen, depth + 1)?,
            ParentRef::VersionKey(key) => {
                known(key).map_or_else(|| unknown(&key.to_string()), |rights| rights.about(&parent.to_string()))
            }
        });
    }
    seen.insert(name.to_owned(), rights.clone());
    Ok(rights)
}

/// Versions that a version was made from, whichever way and however far, as manifest and lock tell: what to call each, and
/// its key. The lock has the digest of its parents, by which it is known which version of a parent was meant.
pub(super) fn ancestors(loaded: &Loaded, lock: &NetworkLock, name: &str, version: &VersionLock) -> Vec<(String, B256)> {
    let mut found: Vec<(String, B256)> = Vec::new();
    let mut open = vec![(name.to_owned(), version.parents_hash)];
    while let Some((name, parents_hash)) = open.pop() {
        let Some(dataset) = loaded.manifest.datasets.get(&name) else { continue };
        for key in parents(lock, &dataset.parents, parents_hash) {
            if key == version.version_key
                || found.iter().any(|(_, known)| *known == key)
                || found.len() >= MAX_ANCESTORS
            {
                continue;
            }
            let locked = lock.datasets.iter().find_map(|(name, dataset)| {
                Some((name, dataset.versions.iter().find(|version| version.version_key == key)?))
            });
            match locked {
                Some((name, version)) => {
                    found.push((format!("{name}@{}", version.number), key));
                    open.push((name.clone(), version.parents_hash));
                }
                None => found.push((key.to_string(), key)),
            }
        }
    }
    found
}

/// The keys that have this digest, among those that the references may mean; the newest of each when none have, because the
/// manifest was changed since.
fn parents(lock: &NetworkLock, parents: &[ParentRef], digest: B256) -> Vec<B256> {
    let candidates = |parent: &ParentRef| match parent {
        ParentRef::VersionKey(key) => vec![*key],
        ParentRef::Dataset { name, version } => {
            let versions =
                lock.datasets.get(name.as_str()).map(|dataset| dataset.versions.as_slice()).unwrap_or_default();
            let meant = versions.iter().rev().filter(|it| version.is_none_or(|number| number == it.number));
            meant.map(|it| it.version_key).collect()
        }
    };
    let choices: Vec<Vec<B256>> = parents.iter().map(candidates).filter(|keys| !keys.is_empty()).collect();
    let mut chosen = vec![0; choices.len()];
    let keys = |chosen: &[usize]| choices.iter().zip(chosen).map(|(keys, at)| keys[*at]).collect::<BTreeSet<B256>>();
    for _ in 0..MAX_CHOICES {
        let picked: Vec<B256> = keys(&chosen).into_iter().collect();
        if ids::parents_hash(&picked).is_ok_and(|found| found == digest) {
            return picked;
        }
        // The next choice, as an odometer counts.
        let Some(wheel) = (0..chosen.len()).find(|wheel| chosen[*wheel] + 1 < choices[*wheel].len()) else { break };
        chosen[wheel] += 1;
        chosen[..wheel].fill(0);
    }
    choices.iter().map(|keys| keys[0]).collect()
}

/// Nobody here knows what an upstream permits, so nothing is said to be permitted.
fn unknown(name: &str) -> Rights {
    let place = format!("the license of {name}, from which it was made, is not known here");
    Rights::stated(Source::Document { place }, Terms::unset())
}
