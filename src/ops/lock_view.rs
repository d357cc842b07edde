//! From what the chain holds to the datasets of dgov.lock.

use std::collections::{BTreeMap, BTreeSet};

use alloy::primitives::{Address, B256, keccak256};
use dgov_contracts::ids::{self, dataset_salt};

use crate::error::{Error, Result};
use crate::lockfile::{DatasetLock, VersionLock};
use crate::ops::documents::names::TOKEN;
use crate::ops::lookup;
use crate::ops::names::{folder_cid, short};
use crate::ops::view::{VersionRecord, View};
use crate::session::Session;
use crate::storage::{Source, dag};

/// Longest token metadata that is read to learn a name.
const TOKEN_LIMIT: u64 = 1 << 20;

/// Rebuilds the datasets of this network's lock from a view, and saves it.
pub async fn refresh(session: &Session<'_>, view: &View) -> Result<()> {
    let datasets = lock_of_view(session, view, session.network_lock()?.deployer).await?;
    session.update_lock(|networks| {
        if let Some(network) = networks.get_mut(session.name()) {
            network.datasets = datasets;
        }
    })
}

/// The datasets of a view by name; `deployer` is the project's.
pub async fn lock_of_view(
    session: &Session<'_>,
    view: &View,
    deployer: Address,
) -> Result<BTreeMap<String, DatasetLock>> {
    let store = session.local_store();
    let mut datasets: BTreeMap<String, DatasetLock> = BTreeMap::new();
    for (name, id) in names(session, view, deployer).await? {
        let Some(first) = view.version(id, Some(1)) else { continue };
        let mut versions = Vec::new();
        for record in view.of(id) {
            let mut version = version_lock(record)?;
            if store.has_package(&folder_cid(record.version.packageDigest)?) {
                version.stored.push("local".to_owned());
            }
            versions.push(version);
        }
        datasets.insert(name, DatasetLock { dataset_id: id, publisher: first.publisher, versions });
    }
    Ok(datasets)
}

/// A name for each dataset. A name that the lock has given stays where it is: otherwise a stranger who registers the
/// same slug could take it over, and what people mean to pay for. A new one goes to the account's own dataset, else to
/// the deployer's, else to the only one of that slug; all others are known by their ids.
async fn names(session: &Session<'_>, view: &View, deployer: Address) -> Result<BTreeMap<String, B256>> {
    let sources = session.sources()?;
    let manifest = &session.loaded.manifest;
    let ids = view.dataset_ids();
    let mut names: BTreeMap<String, B256> = BTreeMap::new();
    if let Ok(lock) = session.network_lock() {
        let slug = |name: &str, id: B256| dataset_salt(name).is_ok_and(|salt| view.salt_of(id) == Some(salt));
        let kept = lock.datasets.into_iter().filter(|(name, dataset)| slug(name, dataset.dataset_id));
        names.extend(kept.map(|(name, dataset)| (name, dataset.dataset_id)));
    }
    let salts: BTreeSet<B256> = ids.iter().filter_map(|id| view.salt_of(*id)).collect();
    let known: BTreeSet<B256> = names.values().filter_map(|id| view.salt_of(*id)).collect();
    for salt in salts.difference(&known) {
        let namesakes: Vec<_> = view.namesakes(*salt).collect();
        let declared = manifest.datasets.names().find(|name| keccak256(name.as_bytes()) == *salt).map(str::to_owned);
        // A name that this project's own manifest claims is not given to a stranger who was faster.
        let claimed = declared.is_some() && manifest.project.registry.is_none();
        let only = || match namesakes[..] {
            [only] if !claimed => Some(only.version.datasetId),
            _ => None,
        };
        let Some(id) = lookup::published_by(&namesakes, || session.account().ok(), deployer).or_else(only) else {
            continue;
        };
        let slug = match declared {
            Some(slug) => Some(slug),
            None => documented_slug(&sources, view, &namesakes, *salt).await,
        };
        if let Some(slug) = slug {
            names.insert(slug, id);
        }
    }
    let named: BTreeSet<B256> = names.values().copied().collect();
    for id in ids.into_iter().filter(|id| !named.contains(id)) {
        // The beginning of an id is easily imitated; all of it is not.
        let short = short(id);
        let name = if names.contains_key(&short) { id.to_string() } else { short };
        names.insert(name, id);
    }
    Ok(names)
}

fn version_lock(record: &VersionRecord) -> Result<VersionLock> {
    let version = &record.version;
    if ids::version_key(version) != record.key {
        return Err(Error::integrity(
            "chain.version_key",
            format!("the event of version {} of {} does not have the key it names", version.number, version.datasetId),
        )
        .hint("the node does not tell the truth about the chain, or the registry is not dgov's: use another node"));
    }
    Ok(VersionLock {
        number: version.number,
        version_key: record.key,
        cid: folder_cid(version.packageDigest)?.to_string(),
        meta_cid: folder_cid(record.meta_digest)?.to_string(),
        record_root: version.recordRoot,
        records: version.records,
        contributor_root: version.contributorRoot,
        splits_digest: version.splitsDigest,
        card_digest: version.cardDigest,
        license_digest: version.licenseDigest,
        parents_hash: version.parentsHash,
        transaction: record.transaction,
        block: record.block,
        stored: Vec::new(),
    })
}

/// The slug behind a salt, from the documents of any dataset that has it: its hash proves it.
async fn documented_slug(sources: &[Source], view: &View, namesakes: &[&VersionRecord], salt: B256) -> Option<String> {
    for record in namesakes {
        let Some(latest) = view.latest(record.version.datasetId) else { continue };
        let token = token_document(sources, latest).await;
        if let Some(slug) = token.as_ref().and_then(|token| slug_in(token, salt)) {
            return Some(slug.to_owned());
        }
    }
    None
}

/// The slug in a version's token metadata. Others wrote it: it must be the salt's, and in a slug's alphabet, because it
/// is printed and becomes a key of the lock. One that looks like an id would pass for another dataset.
fn slug_in(token: &serde_json::Value, salt: B256) -> Option<&str> {
    let slug = token["properties"]["slug"].as_str()?;
    (dataset_salt(slug).is_ok_and(|known| known == salt) && !slug.starts_with("0x")).then_some(slug)
}

/// The token metadata of a version, where a source has it; the record list beside it is not read.
pub(crate) async fn token_document(sources: &[Source], record: &VersionRecord) -> Option<serde_json::Value> {
    let root = folder_cid(record.meta_digest).ok()?;
    let mut files = dag::read_files(sources, &root, &[TOKEN], TOKEN_LIMIT).await.ok()?;
    serde_json::from_slice(&files.remove(TOKEN)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_what_the_salt_and_the_alphabet_allow() {
        let token = |slug: &str| serde_json::json!({ "properties": { "slug": slug } });
        let read = |slug: &str| slug_in(&token(slug), keccak256(slug)).map(str::to_owned);
        assert_eq!(read("corpus").as_deref(), Some("corpus"));
        for wrong in ["", "Corpus", "a corpus", "../corpus", "\u{1b}[31mcorpus", "-corpus", "0x12345678"] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
        assert_eq!(slug_in(&token("corpus"), keccak256("birds")), None);
    }
}
