//! What the chain holds of a project, read from its events and a few calls.

use std::collections::BTreeMap;

use alloy::primitives::{Address, B256, U256};
use alloy::providers::{DynProvider, Provider};
use alloy::rpc::types::{Filter, Log};
use alloy::sol_types::SolEvent;
use dgov_contracts::suite::{IDatasetRegistry, ILicenseRegistry, RoyaltyPolicy, Status, Suite, Terms, Version};

use crate::chain::provider::cause_of;
use crate::error::{Error, Result};

/// Blocks asked for at once; halved while a node refuses.
const LOG_WINDOW: u64 = 50_000;

/// The state of a project at one block.
pub struct View {
    /// Versions in the order of the chain.
    pub versions: Vec<VersionRecord>,
    /// Terms in the order of their numbers.
    pub terms: Vec<TermsRecord>,
    /// Offers that nobody withdrew: dataset id and terms id. Those of retired terms rest until the terms are reinstated.
    pub offers: Vec<(B256, B256)>,
    /// Datasets whose first offer was made, or ruled out by the DAO.
    pub decided: std::collections::BTreeSet<B256>,
    /// The DAO's royalty policy.
    pub policy: RoyaltyPolicy,
    /// Owner of each dataset now.
    pub owners: BTreeMap<B256, Address>,
    /// What buyers asked for, in the order of the chain.
    pub requests: Vec<RequestRecord>,
}

/// A version as the chain recorded it.
#[derive(Clone, Debug)]
pub struct VersionRecord {
    /// The version.
    pub version: Version,
    /// Its key.
    pub key: B256,
    /// Who published it.
    pub publisher: Address,
    /// keccak256 of the slug, for version 1.
    pub salt: B256,
    /// Digest inside the root CID of the documents.
    pub meta_digest: B256,
    /// Where it was recorded.
    pub block: u64,
    /// The transaction that recorded it.
    pub transaction: B256,
    /// Status and card approval.
    pub status: Status,
    /// Key of the version that replaces it, or zero.
    pub successor: B256,
    /// sha256 of the document that says why it has its status, or zero.
    pub evidence: B256,
    /// How often its status was set.
    pub status_changes: usize,
    /// Whether the DAO approved its card.
    pub card_approved: bool,
}

/// Terms that somebody asked the DAO for.
#[derive(Clone, Debug)]
pub struct RequestRecord {
    /// Their place among all requests, from 1.
    pub number: usize,
    /// The dataset that they are wanted for.
    pub dataset_id: B256,
    /// Their id.
    pub terms_id: B256,
    /// Who asks.
    pub requester: Address,
    /// The terms.
    pub terms: Terms,
    /// sha256 of the document that says why, or zero.
    pub note: B256,
    /// Block that recorded it.
    pub block: u64,
    /// The transaction that recorded it.
    pub transaction: B256,
}

/// License terms as the chain recorded them.
#[derive(Clone, Debug)]
pub struct TermsRecord {
    /// Their id.
    pub id: B256,
    /// Their number in the registry.
    pub number: u32,
    /// The terms.
    pub terms: Terms,
    /// Whether they may be offered and bought.
    pub active: bool,
}

impl View {
    /// Reads the project's events from the block of its deployment on.
    pub async fn load(provider: &DynProvider, suite: &Suite, from_block: u64) -> Result<Self> {
        let addresses = vec![suite.registry, suite.licenses];
        let logs = logs(provider, addresses, from_block).await?;
        let mut view = Self {
            versions: Vec::new(),
            terms: Vec::new(),
            offers: Vec::new(),
            decided: std::collections::BTreeSet::new(),
            policy: RoyaltyPolicy { contributors: 0, curators: 0, validators: 0, treasury: 0 },
            owners: BTreeMap::new(),
            requests: Vec::new(),
        };
        for log in &logs {
            view.apply(suite, log)?;
        }
        Ok(view)
    }

    fn apply(&mut self, suite: &Suite, log: &Log) -> Result<()> {
        let Some(topic) = log.topic0() else { return Ok(()) };
        if log.address() == suite.registry {
            match *topic {
                IDatasetRegistry::VersionAdded::SIGNATURE_HASH => {
                    let event = decode::<IDatasetRegistry::VersionAdded>(log)?;
                    self.versions.push(VersionRecord {
                        key: event.versionKey,
                        publisher: event.publisher,
                        salt: event.salt,
                        meta_digest: event.metaDigest,
                        version: event.version,
                        block: log.block_number.unwrap_or_default(),
                        transaction: log.transaction_hash.unwrap_or_default(),
                        status: Status::Active,
                        successor: B256::ZERO,
                        evidence: B256::ZERO,
                        status_changes: 0,
                        card_approved: false,
                    });
                }
                IDatasetRegistry::StatusChanged::SIGNATURE_HASH => {
                    let event = decode::<IDatasetRegistry::StatusChanged>(log)?;
                    if let Some(record) = self.versions.iter_mut().find(|record| record.key == event.versionKey) {
                        record.status = event.status;
                        record.successor = event.successor;
                        record.evidence = event.evidence;
                        record.status_changes += 1;
                    }
                }
                IDatasetRegistry::CardApproval::SIGNATURE_HASH => {
                    let event = decode::<IDatasetRegistry::CardApproval>(log)?;
                    if let Some(record) = self.versions.iter_mut().find(|record| record.key == event.versionKey) {
                        record.card_approved = event.approved;
                    }
                }
                IDatasetRegistry::Transfer::SIGNATURE_HASH => {
                    let event = decode::<IDatasetRegistry::Transfer>(log)?;
                    self.owners.insert(B256::from(event.tokenId), event.to);
                }
                _ => {}
            }
        } else if log.address() == suite.licenses {
            match *topic {
                ILicenseRegistry::TermsAdded::SIGNATURE_HASH => {
                    let event = decode::<ILicenseRegistry::TermsAdded>(log)?;
                    let number = event.number.to::<u32>();
                    self.terms.push(TermsRecord { id: event.termsId, number, terms: event.terms, active: true });
                }
                ILicenseRegistry::TermsRetired::SIGNATURE_HASH => {
                    self.set_active(decode::<ILicenseRegistry::TermsRetired>(log)?.termsId, false);
                }
                ILicenseRegistry::TermsReinstated::SIGNATURE_HASH => {
                    self.set_active(decode::<ILicenseRegistry::TermsReinstated>(log)?.termsId, true);
                }
                ILicenseRegistry::OfferChanged::SIGNATURE_HASH => {
                    let event = decode::<ILicenseRegistry::OfferChanged>(log)?;
                    let offer = (event.datasetId, event.termsId);
                    self.decided.insert(event.datasetId);
                    self.offers.retain(|known| *known != offer);
                    if event.offered {
                        self.offers.push(offer);
                    }
                }
                ILicenseRegistry::TermsRequested::SIGNATURE_HASH => {
                    let event = decode::<ILicenseRegistry::TermsRequested>(log)?;
                    self.requests.push(RequestRecord {
                        number: self.requests.len() + 1,
                        dataset_id: event.datasetId,
                        terms_id: event.termsId,
                        requester: event.requester,
                        terms: event.terms,
                        note: event.note,
                        block: log.block_number.unwrap_or_default(),
                        transaction: log.transaction_hash.unwrap_or_default(),
                    });
                }
                ILicenseRegistry::PolicyChanged::SIGNATURE_HASH => {
                    self.policy = decode::<ILicenseRegistry::PolicyChanged>(log)?.policy;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn set_active(&mut self, terms: B256, active: bool) {
        if let Some(record) = self.terms.iter_mut().find(|record| record.id == terms) {
            record.active = active;
        }
    }

    /// The project as it was at a block: later versions are left out. Status, approval and offers are as they are now; who
    /// wants them as of that block asks the contracts.
    #[must_use]
    pub fn until(mut self, block: u64) -> Self {
        self.versions.retain(|record| record.block <= block);
        self
    }

    /// The latest version of a dataset.
    pub fn latest(&self, dataset_id: B256) -> Option<&VersionRecord> {
        self.of(dataset_id).max_by_key(|record| record.version.number)
    }

    /// One version of a dataset, the latest without a number.
    pub fn version(&self, dataset_id: B256, number: Option<u32>) -> Option<&VersionRecord> {
        match number {
            None => self.latest(dataset_id),
            Some(number) => self.of(dataset_id).find(|record| record.version.number == number),
        }
    }

    /// All versions of a dataset, ascending.
    pub fn of(&self, dataset_id: B256) -> impl Iterator<Item = &VersionRecord> {
        self.versions.iter().filter(move |record| record.version.datasetId == dataset_id)
    }

    /// Ids of all datasets, in the order of their registration.
    pub fn dataset_ids(&self) -> Vec<B256> {
        self.versions
            .iter()
            .filter(|record| record.version.number == 1)
            .map(|record| record.version.datasetId)
            .collect()
    }

    /// Salt of a dataset: keccak256 of its slug.
    pub fn salt_of(&self, dataset_id: B256) -> Option<B256> {
        self.version(dataset_id, Some(1)).map(|record| record.salt)
    }

    /// First versions of the datasets with this salt, in the order of their registration. Every publisher may have one.
    pub fn namesakes(&self, salt: B256) -> impl Iterator<Item = &VersionRecord> {
        self.versions.iter().filter(move |record| record.version.number == 1 && record.salt == salt)
    }

    /// The active terms that a dataset is offered under, cheapest registry number first.
    pub fn offered(&self, dataset_id: B256) -> Vec<&TermsRecord> {
        self.terms.iter().filter(|terms| terms.active && self.offers.contains(&(dataset_id, terms.id))).collect()
    }

    /// Terms by id.
    pub fn terms(&self, id: B256) -> Option<&TermsRecord> {
        self.terms.iter().find(|terms| terms.id == id)
    }
}

/// All logs of the addresses since a block, in windows that shrink while the node refuses.
pub async fn logs(provider: &DynProvider, addresses: Vec<Address>, from_block: u64) -> Result<Vec<Log>> {
    matching_logs(provider, Filter::new().address(addresses), from_block).await
}

/// All logs that a filter selects since a block, in windows that shrink while the node refuses; the filter's own range
/// of blocks does not count.
pub async fn matching_logs(provider: &DynProvider, filter: Filter, from_block: u64) -> Result<Vec<Log>> {
    logs_in_windows(provider, &filter, from_block, LOG_WINDOW).await
}

/// As [`matching_logs`] for a filter with few results: all blocks are asked for at once where the node permits it.
pub async fn rare_logs(provider: &DynProvider, filter: &Filter, from_block: u64) -> Result<Vec<Log>> {
    logs_in_windows(provider, filter, from_block, u64::MAX).await
}

async fn logs_in_windows(
    provider: &DynProvider,
    filter: &Filter,
    from_block: u64,
    mut window: u64,
) -> Result<Vec<Log>> {
    let head = provider.get_block_number().await.map_err(unreachable)?;
    window = window.min(head.saturating_sub(from_block).saturating_add(1));
    let mut logs = Vec::new();
    let mut start = from_block;
    while start <= head {
        let end = head.min(start.saturating_add(window - 1));
        match provider.get_logs(&filter.clone().from_block(start).to_block(end)).await {
            Ok(found) => {
                logs.extend(found);
                start = end + 1;
            }
            Err(error) if window > 1 && error.is_error_resp() => window /= 2,
            Err(error) => return Err(unreachable(error)),
        }
    }
    Ok(logs)
}

/// Decodes a log of a contract of the suite; a log that does not fit is not from the suite.
pub fn decode<E: SolEvent>(log: &Log) -> Result<E> {
    E::decode_log(&log.inner).map(|event| event.data).map_err(|error| {
        Error::integrity("chain.foreign_log", format!("{} emitted a log that is not of this suite", log.address()))
            .caused_by(&error)
            .hint("the address in dgov.lock is not a dgov contract of this version")
    })
}

/// A failed read from the chain.
pub fn unreachable(error: impl std::error::Error + 'static) -> Error {
    Error::chain("chain.unreachable", format!("the chain could not be read: {}", cause_of(&error)))
        .hint("check the network's rpc-url, or run `dgov doctor`")
}

/// The id of a token as a dataset id, and back.
pub fn token_id(dataset_id: B256) -> U256 {
    U256::from_be_bytes(dataset_id.0)
}
