//! `dgov data verify`: the local bytes against dgov.lock and the chain.

use alloy::primitives::B256;
use dgov_contracts::ids;
use dgov_contracts::suite::IDatasetRegistry;
use dgov_data::unixfs::BlockId;
use serde::Serialize;

use super::package::{self, Local};
use crate::chain::reverts::contract_error;
use crate::error::{Error, Result};
use crate::ops::lookup;
use crate::ops::view::{VersionRecord, View};
use crate::session::Session;
use crate::storage::dag::{self, Leaves};
use crate::ui::Report;

/// Bytes of paths that a stored folder may have beyond four times those of the one here.
const LISTING_EXTRA: u64 = 1 << 20;

/// Datasets whose bytes are what the chain says.
#[derive(Serialize)]
pub struct VerifyReport {
    /// In the order of the manifest.
    pub datasets: Vec<Verified>,
}

/// One dataset.
#[derive(Serialize)]
pub struct Verified {
    /// Slug.
    pub dataset: String,
    /// Number of the version compared with.
    pub version: u32,
    /// Root of the package.
    pub cid: String,
    /// Root of the record tree.
    pub record_root: B256,
    /// Number of records.
    pub records: u64,
    /// Number of files.
    pub files: u64,
    /// Bytes hashed.
    pub bytes: u64,
}

impl Report for VerifyReport {
    fn human(&self) -> String {
        if self.datasets.is_empty() {
            return "nothing to verify: no dataset was pushed yet\n".to_owned();
        }
        self.datasets
            .iter()
            .map(|done| {
                format!(
                    "{} version {}: {} files, {} bytes, {} records match {}\n",
                    done.dataset, done.version, done.files, done.bytes, done.records, done.cid
                )
            })
            .collect()
    }
}

/// Verifies one dataset, or all of the manifest that were pushed.
pub async fn verify(session: &Session<'_>, dataset: Option<&str>, number: Option<u32>) -> Result<VerifyReport> {
    let view = session.view().await?;
    let names: Vec<String> = match dataset {
        Some(name) => vec![package::find(session, Some(name))?.0.to_owned()],
        None => session.loaded.manifest.datasets.names().map(str::to_owned).collect(),
    };
    let mut datasets = Vec::new();
    for name in names {
        let Some(record) = record(session, &view, &name, number)? else {
            if dataset.is_some() {
                return Err(not_pushed(session, &name));
            }
            continue;
        };
        datasets.push(verify_one(session, &name, record).await?);
    }
    Ok(VerifyReport { datasets })
}

/// The version of a dataset by its name here; `None` when it was never pushed.
pub fn record<'v>(
    session: &Session<'_>,
    view: &'v View,
    name: &str,
    number: Option<u32>,
) -> Result<Option<&'v VersionRecord>> {
    let Some(id) = lookup::dataset_id(session, view, name)? else { return Ok(None) };
    match (view.version(id, number), number) {
        (None, Some(number)) => {
            Err(Error::input("dataset.no_version", format!("dataset `{name}` has no version {number}"))
                .hint(format!("`dgov data show {name}` lists its versions")))
        }
        (found, _) => Ok(found),
    }
}

/// The error for a dataset that is not on chain.
pub fn not_pushed(session: &Session<'_>, name: &str) -> Error {
    let error = Error::input("dataset.not_pushed", format!("dataset `{name}` is not on network `{}`", session.name()));
    if session.loaded.manifest.datasets.get(name).is_some() {
        error.hint(format!("push it first: dgov data push {name}"))
    } else {
        error.hint("`dgov data list` shows the datasets of this network")
    }
}

async fn verify_one(session: &Session<'_>, name: &str, record: &VersionRecord) -> Result<Verified> {
    let (_, dataset) = package::find(session, Some(name))?;
    require_lock(session, name, record)?;
    require_chain(session, record).await?;
    let local = package::hash(session, dataset)?;
    let version = &record.version;
    if local.package.digest() != version.packageDigest {
        return Err(differs(session, name, record, &local).await);
    }
    if local.tree.root() != version.recordRoot {
        return Err(Error::integrity(
            "data.records_differ",
            format!("{name} version {}: the bytes match, but its records were cut in another way", version.number),
        )
        .hint("`format` or `annotations` of the dataset changed in dgov.toml; set it back, or push a new version"));
    }
    Ok(Verified {
        dataset: name.to_owned(),
        version: version.number,
        cid: local.package.cid().to_string(),
        record_root: local.tree.root(),
        records: local.tree.total(),
        files: local.files,
        bytes: local.bytes,
    })
}

/// The committed lock and the chain must tell the same story; a lock without the version is only behind.
pub(crate) fn require_lock(session: &Session<'_>, name: &str, record: &VersionRecord) -> Result<()> {
    let lock = session.network_lock()?;
    let locked = lock
        .datasets
        .get(name)
        .and_then(|dataset| dataset.versions.iter().find(|version| version.number == record.version.number));
    match locked {
        Some(locked) if locked.version_key != record.key => Err(Error::integrity(
            "data.lock_differs",
            format!("dgov.lock has another version {} of {name} than the chain", record.version.number),
        )
        .hint("restore dgov.lock from version control, or rebuild it with `dgov sync`")),
        _ => Ok(()),
    }
}

/// An event is only a log line; the registry's storage is what counts.
pub(crate) async fn require_chain(session: &Session<'_>, record: &VersionRecord) -> Result<()> {
    let registry = IDatasetRegistry::new(session.suite()?.registry, &session.connection.provider);
    let version = &record.version;
    let stored = registry
        .keyAt(version.datasetId, version.number)
        .call()
        .await
        .map_err(|error| contract_error(&session.connection, "read the registry", error))?;
    if stored == record.key && ids::version_key(version) == record.key {
        return Ok(());
    }
    Err(Error::integrity("data.chain_differs", "the registry's events and its storage do not agree")
        .hint("the node is broken or lies; use another rpc-url"))
}

/// Names the first file that differs from the stored package, and the place in it.
async fn differs(session: &Session<'_>, name: &str, record: &VersionRecord, local: &Local) -> Error {
    let place = match first_difference(session, record, local).await {
        Ok(Some(place)) => place,
        Ok(None) | Err(_) => format!("the folder's CID is {}", local.package.cid()),
    };
    Error::integrity("data.differs", format!("{name} differs from version {}: {place}", record.version.number))
        .hint(format!("restore the file, or push the change as a new version: dgov data push {name}"))
}

async fn first_difference(session: &Session<'_>, record: &VersionRecord, local: &Local) -> Result<Option<String>> {
    let sources = session.sources()?;
    let root = crate::ops::names::folder_cid(record.version.packageDigest)?;
    let paths = local.package.entries().map(|entry| entry.path);
    // A folder with many more entries than the one here is not worth a closer look.
    let stored = dag::list_files(&sources, &root, LISTING_EXTRA + 4 * dag::listing_cost(paths)).await?;
    for (index, entry) in local.package.entries().enumerate() {
        match stored.get(entry.path) {
            None => return Ok(Some(format!("{} is new", entry.path))),
            Some(file) if file.id != entry.id => {
                let offset = first_block(&sources, local, index, file.id).await?;
                return Ok(Some(format!("{} changed, first at byte {offset}", entry.path)));
            }
            Some(_) => {}
        }
    }
    let missing = stored.keys().find(|path| local.package.find(path).is_none());
    Ok(missing.map(|path| format!("{path} is missing")))
}

/// Offset of the first block of a file that differs; of its end when one is the other's beginning.
async fn first_block(sources: &[crate::storage::Source], local: &Local, index: usize, stored: BlockId) -> Result<u64> {
    let chunk = local.package.profile().chunk_size();
    let mut theirs = Leaves::of(stored);
    let mut budget = u64::MAX;
    let mut same = 0;
    for own in local.package.leaf_digests(index) {
        match theirs.next(sources, &mut budget).await? {
            Some(leaf) if own == leaf.digest => same += 1,
            _ => break,
        }
    }
    Ok(same * chunk)
}
