//! Datasets as people name them: by slug, by `slug@version`, or by id.

use alloy::primitives::{Address, B256, keccak256};

use crate::error::{Error, Result};
use crate::manifest::values::did_you_mean;
use crate::ops::names;
use crate::ops::view::{VersionRecord, View};
use crate::session::Session;

/// A dataset on chain, with one of its versions.
#[derive(Clone, Debug)]
pub struct Target<'v> {
    /// Slug where one is known, else the id.
    pub name: String,
    /// Its id.
    pub id: B256,
    /// The version asked for, the latest unless a number was given.
    pub version: &'v VersionRecord,
}

impl Target<'_> {
    /// Number of the version.
    pub fn number(&self) -> u32 {
        self.version.version.number
    }
}

/// Finds a dataset by `slug`, `slug@number`, `0x<id>` or `0x<id>@number`. Several publishers may share a slug: the one of
/// the lock is meant, then the session account's own, then the first.
///
/// # Errors
/// `usage.version`, `dataset.unknown`, `dataset.version_unknown`.
pub fn target<'v>(session: &Session<'_>, view: &'v View, text: &str) -> Result<Target<'v>> {
    let (name, number) = split(text)?;
    let id = dataset_id(session, view, name)?;
    let version = view.version(id, number).ok_or_else(|| {
        let latest = view.latest(id).map_or(0, |record| record.version.number);
        Error::input("dataset.version_unknown", format!("dataset {name} has no version {}", number.unwrap_or_default()))
            .hint(format!("its versions are 1 to {latest}"))
    })?;
    Ok(Target { name: name_of(session, view, id), id, version })
}

/// The slug of a dataset where lock or manifest know it, else its id.
pub fn name_of(session: &Session<'_>, view: &View, id: B256) -> String {
    let locked = session
        .network_lock()
        .ok()
        .and_then(|lock| lock.datasets.into_iter().find(|(_, dataset)| dataset.dataset_id == id).map(|(name, _)| name));
    let declared = || {
        let salt = view.salt_of(id)?;
        session.loaded.manifest.datasets.names().find(|name| keccak256(name.as_bytes()) == salt).map(str::to_owned)
    };
    locked.or_else(declared).unwrap_or_else(|| id.to_string())
}

/// The owner of a dataset now.
///
/// # Errors
/// `dataset.unknown`.
pub fn owner(view: &View, target: &Target<'_>) -> Result<Address> {
    view.owners.get(&target.id).copied().ok_or_else(|| unknown(&target.name))
}

fn split(text: &str) -> Result<(&str, Option<u32>)> {
    let Some((name, number)) = text.rsplit_once('@') else { return Ok((text, None)) };
    let number = number.parse().ok().filter(|number| *number > 0).ok_or_else(|| {
        Error::usage("usage.version", format!("`{number}` is not the number of a version"))
            .hint("write e.g. raccoon@2, or leave the number out for the latest version")
    })?;
    Ok((name, Some(number)))
}

fn dataset_id(session: &Session<'_>, view: &View, name: &str) -> Result<B256> {
    if let Some(id) = names::word(name) {
        return view.latest(id).map(|_| id).ok_or_else(|| unknown(name));
    }
    let locked = session.network_lock()?.datasets.get(name).map(|dataset| dataset.dataset_id);
    if let Some(id) = locked.filter(|id| view.latest(*id).is_some()) {
        return Ok(id);
    }
    view.dataset_named(name, session.account().ok()).ok_or_else(|| {
        let declared = session.loaded.manifest.datasets.get(name).is_some();
        let near = did_you_mean(name, session.loaded.manifest.datasets.names()).filter(|near| *near != name);
        match near {
            Some(near) if !declared => unknown(name).hint(format!("did you mean `{near}`?")),
            _ => unknown(name),
        }
    })
}

fn unknown(name: &str) -> Error {
    Error::input("dataset.unknown", format!("there is no dataset {name} on this network"))
        .hint("`dgov data list` shows the datasets; `dgov data push` registers one of the manifest")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::split;

    #[test]
    fn versions_are_named_after_an_at_sign() {
        assert_eq!(split("raccoon").unwrap(), ("raccoon", None));
        assert_eq!(split("raccoon@12").unwrap(), ("raccoon", Some(12)));
        for wrong in ["raccoon@", "raccoon@0", "raccoon@-1", "raccoon@x", "raccoon@4294967296"] {
            assert_eq!(split(wrong).unwrap_err().code(), "usage.version", "{wrong}");
        }
    }
}
