//! What a new version is made of: hashes, lists, documents, and the struct that goes on chain.

use alloy::primitives::{Address, B256};
use dgov_contracts::ids;
use dgov_contracts::suite::{RoyaltyPolicy, Split, Suite, Version};
use dgov_data::contributors::Contributors;
use dgov_data::unixfs::{Options as UnixfsOptions, Package};

use super::card;
use super::package::{self, Local};
use crate::error::{Error, Result};
use crate::lockfile::write_atomically;
use crate::manifest;
use crate::ops::desired::{self, DesiredLicense};
use crate::ops::license::rights;
use crate::ops::view::{VersionRecord, View};
use crate::ops::{documents, lookup, prices};
use crate::session::Session;
use crate::ui::Warning;

/// Everything that a new version is made of.
pub(super) struct Prepared {
    pub local: Local,
    pub documents: Package,
    pub contributors: Contributors,
    pub version: Version,
    pub meta_digest: B256,
    pub license: DesiredLicense,
}

/// Hashes a dataset, writes its documents, and fills in everything but the number of the version. `published` is the day of
/// its first publication.
#[allow(clippy::too_many_arguments)]
pub(super) fn prepare(
    session: &Session<'_>,
    slug: &str,
    dataset: &manifest::Dataset,
    suite: &Suite,
    view: &View,
    dataset_id: B256,
    publisher: Address,
    published: &str,
) -> Result<Prepared> {
    let contributors = package::contributors(session, dataset)?;
    let policy = &view.policy;
    if contributors.is_empty() && policy.contributors > 0 {
        return Err(Error::input(
            "contributors.none",
            format!("dataset `{slug}` names no contributors, but they get {} of the income", bps(policy.contributors)),
        )
        .hint("add `contributors = \"contributors.csv\"`: without anybody to claim it, that money would be stuck"));
    }
    let license = desired::licenses(session)?
        .into_iter()
        .find(|license| license.name == dataset.license.as_str())
        .ok_or_else(|| Error::bug("a dataset's license was not validated"))?;
    let local = package::hash_changed(session, dataset)?;
    for orphan in local.records.unmatched().iter().take(5) {
        session.context.ui.warn(Warning::new("dataset.annotation_unmatched", format!("{orphan} annotates no image")));
    }
    let splits = desired::splits(session, dataset, policy, publisher, suite.timelock)?;
    let documents =
        write_documents(session, slug, dataset, &local, &contributors, &license, policy, &splits, published)?;
    let contributor_tree = contributors.tree().map_err(|error| {
        Error::input("contributors.malformed", error.to_string()).hint("the shares must add up to less than 2^64")
    })?;
    let digest =
        |name: &str| -> Result<B256> { Ok(documents::digest(&fs_err::read(documents_dir(session, slug).join(name))?)) };
    let version = Version {
        datasetId: dataset_id,
        number: 0,
        packageDigest: local.package.digest(),
        recordRoot: local.tree.root(),
        records: local.tree.total(),
        contributorRoot: contributor_tree.root(),
        splitsDigest: ids::splits_digest(policy.contributors, &splits).map_err(|error| {
            Error::input("royalties.splits", error.to_string()).hint("check [royalties] and curators")
        })?,
        cardDigest: digest(documents::names::CARD)?,
        licenseDigest: license.terms.licenseDigest,
        parentsHash: parents_hash(session, dataset, view)?,
    };
    let meta_digest = documents.digest();
    Ok(Prepared { local, documents, contributors, version, meta_digest, license })
}

fn parents_hash(session: &Session<'_>, dataset: &manifest::Dataset, view: &View) -> Result<B256> {
    let mut keys = Vec::new();
    for parent in &dataset.parents {
        let key = match parent {
            manifest::values::ParentRef::VersionKey(key) => *key,
            manifest::values::ParentRef::Dataset { name, version } => {
                let id = lookup::dataset_id(session, view, name.as_str())?;
                let found = id.and_then(|id| view.version(id, *version));
                found.map(|record| record.key).ok_or_else(|| {
                    Error::input(
                        "dataset.parent_unknown",
                        format!("parent `{parent}` is not on network `{}`", session.name()),
                    )
                    .hint("push the parent first, or give its version key")
                })?
            }
        };
        keys.push(key);
    }
    keys.sort_unstable();
    keys.dedup();
    ids::parents_hash(&keys)
        .map_err(|error| Error::input("dataset.parents", error.to_string()).hint("a version has at most 16 parents"))
}

pub(super) fn documents_dir(session: &Session<'_>, slug: &str) -> camino::Utf8PathBuf {
    session.loaded.state_dir().join("documents").join(slug)
}

/// Writes the documents into the project's state, where people can look at them, and packages that folder.
#[allow(clippy::too_many_arguments)]
fn write_documents(
    session: &Session<'_>,
    slug: &str,
    dataset: &manifest::Dataset,
    local: &Local,
    contributors: &Contributors,
    license: &DesiredLicense,
    policy: &RoyaltyPolicy,
    splits: &[Split],
    published: &str,
) -> Result<Package> {
    let card = dataset.card.as_ref().map(|path| own_card(&session.loaded.resolve(path))).transpose()?;
    let profile = super::profile::document(&session.loaded, slug, local.tree.root())?;
    let readme = match std::fs::read_to_string(session.loaded.dir.join("cards").join(slug).join("README.md")) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(Error::from(error)),
    };
    let records: Vec<_> =
        local.records.records().iter().map(|record| (record.key, local.records.locator(record))).collect();
    let splits: Vec<_> = splits.iter().map(|split| (split.to, split.bps)).collect();
    let package = &local.package;
    let facts = card::pushed::facts_of(&session.context.ui, &session.loaded.state_dir(), package)?;
    let rights = rights::effective(&session.loaded, slug)?;
    let parents: Vec<_> = dataset.parents.iter().map(ToString::to_string).collect();
    let files = documents::build(&documents::Input {
        project: session.loaded.manifest.project.name.as_str(),
        dataset: slug,
        description: dataset.description.as_deref(),
        cid: &local.package.cid().to_string(),
        facts: &facts,
        files: local.files,
        bytes: local.bytes,
        format: local.format.name(),
        records: &records,
        spdx: &license.spdx,
        license_text: &license.text,
        rights: &rights,
        parents: &parents,
        published,
        price: &prices::rule(&license.terms, |amount, currency| session.show_amount(amount, currency)),
        card,
        profile,
        readme: readme.as_deref(),
        contributors: contributors.to_csv().as_bytes(),
        contributors_bps: policy.contributors,
        splits: &splits,
    })?;
    let dir = documents_dir(session, slug);
    fs_err::create_dir_all(&dir)?;
    for entry in fs_err::read_dir(&dir)? {
        let path = entry?.path();
        if path.file_name().and_then(|name| name.to_str()).is_none_or(|name| !files.contains_key(name)) {
            fs_err::remove_file(&path)?;
        }
    }
    for (name, bytes) in &files {
        write_atomically(&dir.join(name), bytes)?;
    }
    package::package(&session.context.ui, &dir, &UnixfsOptions::default())
}

/// A data card that the steward wrote: stored as it is, so that its digest is that of the file.
fn own_card(path: &camino::Utf8Path) -> Result<Vec<u8>> {
    let bytes = fs_err::read(path)?;
    if let Err(error) = serde_json::from_slice::<serde_json::Value>(&bytes) {
        return Err(Error::input("card.malformed", format!("{path} is not JSON"))
            .caused_by(&error)
            .hint("a data card is a Croissant document; leave `card` out to have one generated"));
    }
    Ok(bytes)
}

/// Whether the latest version on chain is what would be pushed, its number aside.
pub(super) fn same(latest: &VersionRecord, prepared: &Prepared) -> bool {
    let numbered = Version { number: latest.version.number, ..prepared.version.clone() };
    ids::version_key(&numbered) == latest.key && latest.meta_digest == prepared.meta_digest
}

fn bps(bps: u16) -> String {
    manifest::values::Share::from_bps(bps).map_or_else(|| bps.to_string(), |share| share.to_string())
}
