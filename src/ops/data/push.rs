//! `dgov data push`: hash, make the documents, store both, record the version, offer it.

use alloy::primitives::{Address, B256, U256};
use alloy::sol_types::SolCall;
use dgov_contracts::ids;
use dgov_contracts::suite::{IDatasetRegistry, ILicenseRegistry, RoyaltyPolicy, Suite};
use serde::Serialize;

use super::prepare::{Prepared, documents_dir, prepare, same};
use super::store::{self, Stored};
use super::{package, permanent, published};
use crate::commands::TxArgs;
use crate::error::{Error, Result};
use crate::ops::apply::{self, Applied, Call, Operation, TxReport};
use crate::ops::desired;
use crate::ops::view::{VersionRecord, View};
use crate::ops::{lock_view, lookup};
use crate::session::Session;
use crate::ui::{Report, Warning, table};

/// What to push.
pub struct Options<'a> {
    /// Dataset of the manifest; may be absent when there is only one.
    pub dataset: Option<&'a str>,
    /// Offer the first version for sale.
    pub offer: bool,
}

/// A pushed version.
#[derive(Debug, Serialize)]
pub struct PushReport {
    /// Slug.
    pub dataset: String,
    /// Number of the version.
    pub version: u32,
    /// Whether it is new.
    pub changed: bool,
    /// Root of the package.
    pub cid: String,
    /// Root of the documents.
    pub meta_cid: String,
    /// Root of the record tree.
    pub record_root: B256,
    /// Number of records.
    pub records: u64,
    /// What a record is.
    pub record_format: &'static str,
    /// Number of files.
    pub files: u64,
    /// Bytes in all files.
    pub bytes: u64,
    /// Root of the contributor tree.
    pub contributor_root: B256,
    /// Number of contributors.
    pub contributors: usize,
    /// Id of the dataset.
    pub dataset_id: B256,
    /// The same as a token id.
    #[serde(serialize_with = "apply::decimal")]
    pub token_id: U256,
    /// Key of the version.
    pub version_key: B256,
    /// Bytes that had to be read for the hashes; the rest has not changed since an earlier push.
    pub read: u64,
    /// Stores that hold the bytes.
    pub stored: Vec<String>,
    /// What had to be sent to each of them.
    pub uploads: Vec<Stored>,
    /// What was sent.
    #[serde(flatten)]
    pub sent: TxReport,
}

impl Report for PushReport {
    fn human(&self) -> String {
        let what = match (self.changed, self.sent.is_plan()) {
            (true, true) => "would be pushed",
            (true, false) => "pushed",
            (false, _) => "unchanged",
        };
        let mut text = format!("{} version {}: {what}\n", self.dataset, self.version);
        text.push_str(&table::pairs(&[
            ("package", format!("{} ({} files, {} bytes)", self.cid, self.files, self.bytes)),
            ("documents", self.meta_cid.clone()),
            ("records", format!("{} ({}), root {}", self.records, self.record_format, self.record_root)),
            ("contributors", format!("{}, root {}", self.contributors, self.contributor_root)),
            ("token", self.dataset_id.to_string()),
            ("read", format!("{} of {} bytes", self.read, self.bytes)),
            ("stored", self.places()),
        ]));
        text.push_str(&self.sent.human());
        text
    }
}

impl PushReport {
    fn places(&self) -> String {
        let places = self.uploads.iter().map(|stored| format!("{} ({} bytes sent)", stored.store, stored.sent));
        if self.uploads.is_empty() { "nowhere yet".to_owned() } else { places.collect::<Vec<_>>().join(", ") }
    }
}

/// Hashes the dataset and stores it.
async fn prepare_and_store(
    session: &Session<'_>,
    slug: &str,
    prepare: impl Fn() -> Result<Prepared>,
    dry_run: bool,
) -> Result<(Prepared, Vec<Stored>)> {
    let prepared = prepare()?;
    let (data, documents) = (&prepared.local.package, &prepared.documents);
    if dry_run {
        let stored = store::holders(session, &[data, documents]).await?;
        return Ok((prepared, stored));
    }
    permanent::agree(session, slug, prepared.contributors.len(), documents).await?;
    let stored = store::store(session, &[("data", data), ("documents", documents)]).await?;
    Ok((prepared, stored))
}

/// Pushes a dataset.
pub async fn push(session: &Session<'_>, options: &Options<'_>, tx: &TxArgs) -> Result<PushReport> {
    let (slug, dataset) = package::find(session, options.dataset)?;
    let suite = session.suite()?;
    let view = session.view().await?;
    let publisher = session.account()?;
    let salt = ids::dataset_salt(slug).map_err(|error| {
        Error::input("dataset.name", error.to_string()).hint("use lower-case letters, digits and hyphens, at most 64")
    })?;
    let dataset_id = owned_dataset(session, &view, slug, salt, publisher)?;
    let latest = view.latest(dataset_id);
    require_policy(session, &view.policy)?;

    let published = published::day(session, &view, dataset_id, &documents_dir(session, slug)).await?;
    let prepared = || prepare(session, slug, dataset, &suite, &view, dataset_id, publisher, &published);
    // A file that changes between hashing and sending makes it another version: both once more.
    let attempt = async || prepare_and_store(session, slug, &prepared, tx.dry_run).await;
    let (mut prepared, stored) = package::retry_changed(&session.context.ui, attempt).await?;
    let unchanged = latest.filter(|latest| same(latest, &prepared));
    prepared.version.number = match (unchanged, latest) {
        (Some(same), _) => same.version.number,
        (None, Some(latest)) => latest.version.number + 1,
        (None, None) => 1,
    };
    let version_key = ids::version_key(&prepared.version);

    let mut calls = Vec::new();
    if unchanged.is_none() {
        calls.push(record_call(slug, salt, &suite, &prepared, latest));
    }
    if options.offer && !view.decided.contains(&dataset_id) && publisher == owner(&view, dataset_id, publisher) {
        offer_call(session, slug, &suite, &view, &prepared, dataset_id, &mut calls);
    }

    let operation = Operation { verb: "data push", key: format!("{dataset_id}:{version_key}"), calls };
    let applied = apply::apply(session, operation, tx).await?;
    if let Applied::Done(_) = &applied
        && !tx.dry_run
    {
        lock_view::refresh(session, &session.view().await?).await?;
    }
    Ok(PushReport {
        dataset: slug.to_owned(),
        version: prepared.version.number,
        changed: unchanged.is_none(),
        cid: prepared.local.package.cid().to_string(),
        meta_cid: prepared.documents.cid().to_string(),
        record_root: prepared.version.recordRoot,
        records: prepared.version.records,
        record_format: prepared.local.format.name(),
        files: prepared.local.files,
        bytes: prepared.local.bytes,
        contributor_root: prepared.version.contributorRoot,
        contributors: prepared.contributors.len(),
        dataset_id,
        token_id: ids::token_id(dataset_id),
        version_key,
        read: prepared.local.read,
        stored: stored.iter().map(|stored| stored.store.clone()).collect(),
        uploads: stored,
        sent: applied.report(),
    })
}

/// The id of this project's dataset of the name, which has to be the account's; the one it would register when there is
/// none yet. A stranger's dataset of the same name is no reason to stop: ids bind the publisher.
fn owned_dataset(session: &Session<'_>, view: &View, slug: &str, salt: B256, account: Address) -> Result<B256> {
    let Some(id) = lookup::own_dataset(session, view, slug)? else {
        return Ok(ids::dataset_id(session.connection.chain_id, session.suite()?.registry, account, salt));
    };
    match view.owners.get(&id) {
        Some(owner) if *owner != account => Err(Error::unauthorized(
            "dataset.not_owner",
            format!("dataset `{slug}` belongs to {owner}, not to {account}"),
        )
        .hint("choose the owner with --from, or publish under another name")),
        _ => Ok(id),
    }
}

fn owner(view: &View, dataset_id: B256, fallback: Address) -> Address {
    view.owners.get(&dataset_id).copied().unwrap_or(fallback)
}

/// Splits come from the policy that the DAO has decided; a manifest that differs needs a vote first.
fn require_policy(session: &Session<'_>, policy: &RoyaltyPolicy) -> Result<()> {
    let wanted = desired::policy(&session.loaded);
    if wanted == *policy {
        return Ok(());
    }
    Err(Error::input("royalties.not_decided", "[royalties] differs from the policy that the DAO has decided")
        .hint("propose the change with `dgov gov propose`; versions pushed after its execution use it"))
}

fn record_call(slug: &str, salt: B256, suite: &Suite, prepared: &Prepared, latest: Option<&VersionRecord>) -> Call {
    let version = prepared.version.clone();
    let meta = prepared.meta_digest;
    match latest {
        None => {
            let call = IDatasetRegistry::registerCall { salt, version, metaDigest: meta };
            Call::new("record", format!("register dataset {slug}"), suite.registry, call.abi_encode())
        }
        Some(latest) => {
            let number = version.number;
            let call = IDatasetRegistry::addVersionCall { previous: latest.key, version, metaDigest: meta };
            Call::new("record", format!("add version {number} of {slug}"), suite.registry, call.abi_encode())
        }
    }
}

/// The first offer is the owner's to make, under terms that the DAO has approved.
fn offer_call(
    session: &Session<'_>,
    slug: &str,
    suite: &Suite,
    view: &View,
    prepared: &Prepared,
    dataset_id: B256,
    calls: &mut Vec<Call>,
) {
    let license = &prepared.license;
    if !view.terms(license.id).is_some_and(|terms| terms.active) {
        session.context.ui.warn(Warning {
            code: "license.not_on_chain".into(),
            message: format!(
                "`{slug}` is not offered: the DAO has not approved the terms of license `{}`",
                license.name
            ),
            hint: Some("propose them with `dgov gov propose`, then `dgov license offer`".into()),
        });
        return;
    }
    let call = ILicenseRegistry::offerCall { datasetId: dataset_id, termsId: license.id };
    let description = format!("offer {slug} under {}", license.name);
    calls.push(Call::new("offer", description, suite.licenses, call.abi_encode()).after_others());
}
