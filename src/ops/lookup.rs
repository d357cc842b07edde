//! Datasets as people name them: by slug, by `slug@version`, or by id.
//!
//! Anybody may register a dataset of any slug in a project's registry, and offer it under the project's terms. So a slug
//! is never enough to say whose dataset is meant, and no order of registration decides where money goes.

use alloy::primitives::{Address, B256, keccak256};
use dgov_contracts::ids;

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

/// Finds a dataset by `slug`, `slug@number`, `0x<id>` or `0x<id>@number`; [`dataset_id`] tells whose a slug means.
///
/// # Errors
/// `usage.version`, `dataset.unknown`, `dataset.version_unknown`, and those of [`dataset_id`].
pub fn target<'v>(session: &Session<'_>, view: &'v View, text: &str) -> Result<Target<'v>> {
    let (name, number) = split(text)?;
    let id = dataset_id(session, view, name)?.ok_or_else(|| unknown_or_near(session, name))?;
    let version = view.version(id, number).ok_or_else(|| {
        let latest = view.latest(id).map_or(0, |record| record.version.number);
        Error::input("dataset.version_unknown", format!("dataset {name} has no version {}", number.unwrap_or_default()))
            .hint(format!("its versions are 1 to {latest}"))
    })?;
    Ok(Target { name: name_of(session, view, id), id, version })
}

/// The name of a dataset here, else its id.
pub fn name_of(session: &Session<'_>, view: &View, id: B256) -> String {
    known_name(session, view, id).unwrap_or_else(|| id.to_string())
}

/// The name by which lock or manifest know a dataset. A dataset of the same slug by somebody else does not have it.
pub fn known_name(session: &Session<'_>, view: &View, id: B256) -> Option<String> {
    if let Ok(lock) = session.network_lock()
        && let Some((name, _)) =
            lock.datasets.iter().find(|(name, dataset)| dataset.dataset_id == id && may_name(view, name, id))
    {
        return Some(name.clone());
    }
    let salt = view.salt_of(id)?;
    let name = session.loaded.manifest.datasets.names().find(|name| keccak256(name.as_bytes()) == salt)?;
    (own_dataset(session, view, name).ok()? == Some(id)).then(|| name.to_owned())
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

/// The id behind a name: a 0x id, or the one that [`own_dataset`] finds, or the only one of that slug. `None` when there
/// is no such dataset.
///
/// # Errors
/// `dataset.ambiguous` when only strangers have registered the slug, and several of them; `lock.name_differs` (integrity).
pub fn dataset_id(session: &Session<'_>, view: &View, name: &str) -> Result<Option<B256>> {
    if let Some(id) = names::word(name) {
        return Ok(view.latest(id).map(|_| id));
    }
    if let Some(id) = own_dataset(session, view, name)? {
        return Ok(Some(id));
    }
    let namesakes: Vec<_> = view.namesakes(keccak256(name.as_bytes())).collect();
    if namesakes.len() > 1 {
        let each: Vec<_> = namesakes.iter().map(|it| format!("{} by {}", it.version.datasetId, it.publisher)).collect();
        return Err(Error::input(
            "dataset.ambiguous",
            format!("several datasets are called {name}: {}", each.join(", ")),
        )
        .hint("give the id of the one you mean; its publisher can tell you which it is"));
    }
    Ok(namesakes.first().map(|record| record.version.datasetId))
}

/// The dataset that this project means by a slug: the one that dgov.lock names, else the account's own, else the one of
/// the project's deployer.
///
/// # Errors
/// `lock.name_differs` (integrity) when the lock gives the name to a dataset that was registered under another.
pub fn own_dataset(session: &Session<'_>, view: &View, slug: &str) -> Result<Option<B256>> {
    let lock = session.network_lock()?;
    let locked = lock.datasets.get(slug).map(|dataset| dataset.dataset_id);
    if let Some(id) = locked.filter(|id| view.latest(*id).is_some()) {
        if may_name(view, slug, id) {
            return Ok(Some(id));
        }
        return Err(Error::integrity(
            "lock.name_differs",
            format!("dgov.lock calls dataset {id} {slug}, but it is not"),
        )
        .hint("restore dgov.lock from version control, or rebuild it with `dgov sync`"));
    }
    let namesakes: Vec<_> = view.namesakes(keccak256(slug.as_bytes())).collect();
    Ok(published_by(&namesakes, || session.account().ok(), lock.deployer))
}

/// Of datasets of one slug, the account's own, else the deployer's. The account is asked for only where that matters: a
/// public network may not have one.
pub(crate) fn published_by(
    namesakes: &[&VersionRecord],
    account: impl FnOnce() -> Option<Address>,
    deployer: Address,
) -> Option<B256> {
    let of = |publisher: Address| {
        namesakes.iter().find(|record| record.publisher == publisher).map(|record| record.version.datasetId)
    };
    match namesakes {
        [] => None,
        [only] if only.publisher == deployer => Some(only.version.datasetId),
        _ => account().and_then(of).or_else(|| of(deployer)),
    }
}

/// Whether a name of the lock can be that of a dataset: its slug, or the beginning of its id.
fn may_name(view: &View, name: &str, id: B256) -> bool {
    let slug = ids::dataset_salt(name).is_ok_and(|salt| view.salt_of(id) == Some(salt));
    slug || (name.starts_with("0x") && id.to_string().starts_with(name))
}

fn unknown_or_near(session: &Session<'_>, name: &str) -> Error {
    let declared = session.loaded.manifest.datasets.get(name).is_some();
    let near = did_you_mean(name, session.loaded.manifest.datasets.names()).filter(|near| *near != name);
    match near {
        Some(near) if !declared => unknown(name).hint(format!("did you mean `{near}`?")),
        _ => unknown(name),
    }
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
