//! The royalty pools of a project, found from its versions.

use std::collections::BTreeSet;

use alloy::primitives::{Address, B256, U256};
use alloy::rpc::types::Filter;
use alloy::sol_types::SolEvent;
use dgov_contracts::ids;
use dgov_contracts::suite::IRoyaltyVault;

use crate::chain::reverts::contract_error;
use crate::error::Result;
use crate::ops::lookup;
use crate::ops::view::{VersionRecord, View, decode, matching_logs};
use crate::session::Session;

/// A pool: the versions of one dataset that share contributors and splits.
#[derive(Clone, Debug)]
pub struct Pool {
    /// Its id.
    pub id: B256,
    /// Slug of the dataset where known, else its id.
    pub dataset: String,
    /// The dataset.
    pub dataset_id: B256,
    /// Root of the contributor tree.
    pub contributor_root: B256,
    /// Digest of contributors' share and splits.
    pub splits_digest: B256,
    /// Numbers of the versions, ascending.
    pub versions: Vec<u32>,
    /// Digests inside the root CIDs of the versions' documents, newest first: each folder says who shares in the pool.
    pub documents: Vec<B256>,
}

/// The pool of a version.
pub fn pool_id(session: &Session<'_>, vault: Address, record: &VersionRecord) -> B256 {
    let version = &record.version;
    let chain_id = session.connection.chain_id;
    ids::pool_id(chain_id, vault, version.datasetId, version.contributorRoot, version.splitsDigest)
}

/// All pools, in the order of the chain; of one dataset when it is given.
pub fn pools(session: &Session<'_>, view: &View, dataset: Option<B256>) -> Result<Vec<Pool>> {
    let vault = session.suite()?.vault;
    let mut pools: Vec<Pool> = Vec::new();
    for record in &view.versions {
        let version = &record.version;
        if dataset.is_some_and(|id| id != version.datasetId) {
            continue;
        }
        let id = pool_id(session, vault, record);
        if let Some(pool) = pools.iter_mut().find(|pool| pool.id == id) {
            pool.versions.push(version.number);
            pool.documents.insert(0, record.meta_digest);
        } else {
            pools.push(Pool {
                id,
                dataset: lookup::name_of(session, view, version.datasetId),
                dataset_id: version.datasetId,
                contributor_root: version.contributorRoot,
                splits_digest: version.splitsDigest,
                versions: vec![version.number],
                documents: vec![record.meta_digest],
            });
        }
    }
    Ok(pools)
}

/// Whether a dataset is the project's own: in its lock, or owned by the account that deployed it. Anybody may register
/// others beside them.
pub fn is_ours(session: &Session<'_>, view: &View, dataset_id: B256) -> Result<bool> {
    let lock = session.network_lock()?;
    let locked = lock.datasets.values().any(|dataset| dataset.dataset_id == dataset_id);
    Ok(locked || view.owners.get(&dataset_id) == Some(&lock.deployer))
}

/// Every currency that the vault ever took, ascending by address: the chain's own coin comes first.
pub async fn currencies(session: &Session<'_>) -> Result<Vec<Address>> {
    let filter =
        Filter::new().address(session.suite()?.vault).event_signature(IRoyaltyVault::CurrencyAllowed::SIGNATURE_HASH);
    let mut found = BTreeSet::from([Address::ZERO]);
    for log in matching_logs(&session.connection.provider, filter, session.network_lock()?.block).await? {
        found.insert(decode::<IRoyaltyVault::CurrencyAllowed>(&log)?.currency);
    }
    Ok(found.into_iter().collect())
}

/// Gross income of a pool, smallest unit of the currency.
pub async fn income(session: &Session<'_>, pool: B256, currency: Address) -> Result<U256> {
    let vault = IRoyaltyVault::new(session.suite()?.vault, &session.connection.provider);
    let income = vault.income(pool, currency).call().await;
    income.map_err(|error| contract_error(&session.connection, "reading a pool's income", error))
}
