//! From what the chain holds to the datasets of dgov.lock.

use std::collections::BTreeMap;

use alloy::primitives::{B256, keccak256};
use dgov_contracts::ids;

use crate::error::{Error, Result};
use crate::lockfile::{DatasetLock, VersionLock};
use crate::ops::documents::names::TOKEN;
use crate::ops::names::folder_cid;
use crate::ops::view::{VersionRecord, View};
use crate::session::Session;
use crate::storage::{self, Source, dag};

/// Longest token metadata that is read to learn a name.
const TOKEN_LIMIT: usize = 1 << 20;

/// Rebuilds the datasets of this network's lock from a view, and saves it.
pub async fn refresh(session: &Session<'_>, view: &View) -> Result<()> {
    let datasets = lock_of_view(session, view).await?;
    session.update_lock(|networks| {
        if let Some(network) = networks.get_mut(session.name()) {
            network.datasets = datasets;
        }
    })
}

/// The datasets of a view by name.
pub async fn lock_of_view(session: &Session<'_>, view: &View) -> Result<BTreeMap<String, DatasetLock>> {
    let sources = session.sources()?;
    let store = session.local_store();
    let mut datasets: BTreeMap<String, DatasetLock> = BTreeMap::new();
    for id in view.dataset_ids() {
        let Some(first) = view.version(id, Some(1)) else { continue };
        let mut versions = Vec::new();
        for record in view.of(id) {
            let mut version = version_lock(record)?;
            if store.has_package(&folder_cid(record.version.packageDigest)?) {
                version.stored.push("local".to_owned());
            }
            versions.push(version);
        }
        let mut name = slug_of(session, &sources, view, id, first).await.unwrap_or_else(|| short(id));
        // Two publishers may use one slug: the account's own comes first, the other is known by its id.
        if let Some(other) = datasets.get(&name) {
            let account = session.account().ok();
            if Some(first.publisher) == account {
                let other = other.clone();
                datasets.insert(short(other.dataset_id), other);
            } else {
                name = short(id);
            }
        }
        datasets.insert(name, DatasetLock { dataset_id: id, publisher: first.publisher, versions });
    }
    Ok(datasets)
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

/// The slug behind a salt: a name known here, or the one in the documents; either way its hash has to be the salt.
async fn slug_of(
    session: &Session<'_>,
    sources: &[Source],
    view: &View,
    id: B256,
    first: &VersionRecord,
) -> Option<String> {
    let fits = |name: &str| keccak256(name.as_bytes()) == first.salt;
    let manifest = session.loaded.manifest.datasets.names().find(|name| fits(name)).map(str::to_owned);
    if manifest.is_some() {
        return manifest;
    }
    if let Ok(lock) = session.network_lock()
        && let Some((name, _)) = lock.datasets.iter().find(|(name, dataset)| dataset.dataset_id == id && fits(name))
    {
        return Some(name.clone());
    }
    let token = token_document(sources, view.latest(id)?).await?;
    let slug = token["properties"]["slug"].as_str()?;
    fits(slug).then(|| slug.to_owned())
}

/// The token metadata of a version, where a source has it; the record list beside it is not read.
pub(crate) async fn token_document(sources: &[Source], record: &VersionRecord) -> Option<serde_json::Value> {
    let files = dag::list_files(sources, &folder_cid(record.meta_digest).ok()?).await.ok()?;
    let mut text = Vec::new();
    for leaf in dag::leaves(sources, &files.get(TOKEN)?.cid).await.ok()? {
        text.extend(storage::fetch(sources, &leaf).await.ok()?);
        if text.len() > TOKEN_LIMIT {
            return None;
        }
    }
    serde_json::from_slice(&text).ok()
}

fn short(id: B256) -> String {
    format!("0x{}", &alloy::hex::encode(id)[..8])
}
