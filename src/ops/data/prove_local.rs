//! `dgov data prove --local`: a proof from the files themselves, without chain and stores.

use alloy::primitives::{Address, B256};
use camino::Utf8Path;
use dgov_contracts::ids;
use dgov_contracts::suite::Version;
use dgov_data::tree::{Kind, verify};

use super::proof_file::{self, Claimed, Origin, ProofDocument};
use super::prove::{Claim, ProveReport, is_present};
use super::record_key;
use super::source::{Named, Source};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::lockfile::{Lock, NetworkLock, VersionLock};

/// Makes a proof from a dataset of the manifest, or a path, as it lies on disk.
///
/// # Errors
/// Those of reading the files; `record.unknown` and `record.present` when the claim is wrong.
pub fn prove(context: &Context, dataset: &str, claim: &Claim<'_>, out: Option<&Utf8Path>) -> Result<ProveReport> {
    let mut source = Source::find(context, Some(dataset))?;
    let named = source.named.take();
    let local = source.hash(context)?;
    let (what, key, claimed) = match claim {
        Claim::Present(text) => {
            let record = local.records.locate(text).ok_or_else(|| {
                Error::input("record.unknown", format!("{dataset} has no record `{text}`"))
                    .hint("give a path, FILE:LINE or a 0x key; `--absent` proves that something is not in it")
            })?;
            (local.records.locator(record), record.key, Claimed::Present)
        }
        Claim::Absent(text) => ((*text).to_owned(), record_key::of(text, local.format.name())?, Claimed::Absent),
    };
    let root = local.tree.root();
    let proof = local.tree.prove(&key);
    let verified = verify(&root, Kind::Records, &key, &proof)
        .map_err(|error| Error::bug("a proof that was just made is wrong").caused_by(&error))?;
    if verified.present() && claimed == Claimed::Absent {
        let place = local.records.records().iter().find(|record| record.key == key);
        return Err(is_present(&what, dataset, &place.map(|at| local.records.locator(at)).unwrap_or_default()));
    }
    let origin = named.map(|named| pushed(&named, root, local.tree.total())).transpose()?.flatten();
    let document = ProofDocument {
        format: proof_file::FORMAT.to_owned(),
        record_root: root,
        record: what,
        record_format: local.format.name().to_owned(),
        key,
        claim: claimed,
        proof,
        total: verified.total.to_string(),
        first_index: verified.first_index.to_string(),
        origin,
    };
    document.check()?;
    let report = ProveReport { document, accepted_on_chain: None };
    report.write(out)?;
    Ok(report)
}

/// The latest version in dgov.lock that has these records, on the manifest's network.
fn pushed(named: &Named, root: B256, records: u64) -> Result<Option<Origin>> {
    let lock = Lock::load(&named.loaded.dir)?;
    let found = lock.networks.get(&named.loaded.network).and_then(|network| {
        let dataset = network.datasets.get(&named.slug)?;
        let version = dataset.versions.iter().rev().find(|version| version.record_root == root)?;
        origin(network, &named.slug, dataset.publisher, dataset.dataset_id, version, records)
    });
    Ok(found)
}

fn origin(
    network: &NetworkLock,
    slug: &str,
    publisher: Address,
    dataset_id: B256,
    locked: &VersionLock,
    records: u64,
) -> Option<Origin> {
    let cid: cid::Cid = locked.cid.parse().ok()?;
    let version = Version {
        datasetId: dataset_id,
        number: locked.number,
        packageDigest: B256::try_from(cid.hash().digest()).ok()?,
        recordRoot: locked.record_root,
        records,
        contributorRoot: locked.contributor_root,
        splitsDigest: locked.splits_digest,
        cardDigest: locked.card_digest,
        licenseDigest: locked.license_digest,
        parentsHash: locked.parents_hash,
    };
    // A lock that was edited by hand is no origin.
    (ids::version_key(&version) == locked.version_key).then(|| {
        let registry = network.contracts.get("registry").copied().unwrap_or_default();
        Origin::new(network.chain_id, registry, publisher, slug, locked.version_key, &version)
    })
}
