//! From the events of a project's contracts to the lines of one dataset.
//!
//! Events are read in the order of the chain, because later ones name only what earlier ones introduced: a case, a lock of
//! stake, a job, a proposal.

use std::collections::{BTreeMap, BTreeSet};

use alloy::primitives::{Address, B256, U256};
use alloy::rpc::types::Log;
use alloy::sol_types::SolEvent;
use dgov_contracts::suite::{ILicenseRegistry, Suite};

use super::line::Line;
use super::{court, dao, market, registry, stake, usage};
use crate::error::Result;
use crate::ops::royalties::pools::Pool;
use crate::ops::view::{View, decode};
use crate::session::Session;

/// What is known of the dataset, and the lines so far.
pub(super) struct Reader<'r> {
    pub session: &'r Session<'r>,
    pub view: &'r View,
    pub suite: Suite,
    /// The dataset.
    pub id: B256,
    pub name: String,
    /// Numbers of its versions by their keys.
    pub versions: BTreeMap<B256, u32>,
    /// Versions by their royalty pools.
    pub pools: BTreeMap<B256, Vec<u32>>,
    /// Terms that it was ever offered under, or that were asked for.
    pub terms: BTreeSet<B256>,
    /// Consents that its contributor lists name: whose, and of which versions.
    pub consents: BTreeMap<B256, (Address, Vec<u32>)>,
    /// Why versions have their status, by the sha256 of the document, as far as a source has it.
    pub reasons: BTreeMap<B256, String>,
    /// Passes for it by their id: the version that was sold last.
    pub passes: BTreeMap<U256, Vec<u32>>,
    /// Stake behind it by the id of the lock.
    pub locks: BTreeMap<B256, Vec<u32>>,
    /// Jobs that may pay it: the versions, and the currency.
    pub jobs: BTreeMap<B256, (Vec<u32>, Address)>,
    /// Cases about it.
    pub cases: BTreeMap<U256, Vec<u32>>,
    /// Proposals that name it.
    pub proposals: BTreeMap<U256, Vec<u32>>,
    /// Transactions in which one of its pools paid, and whom.
    pub claims: BTreeSet<(B256, Address)>,
    pub lines: Vec<Line>,
}

impl<'r> Reader<'r> {
    pub fn new(session: &'r Session<'r>, view: &'r View, id: B256, name: String, pools: &[Pool]) -> Result<Self> {
        Ok(Self {
            session,
            view,
            suite: session.suite()?,
            id,
            name,
            versions: view.of(id).map(|record| (record.key, record.version.number)).collect(),
            pools: pools.iter().map(|pool| (pool.id, pool.versions.clone())).collect(),
            terms: BTreeSet::new(),
            consents: BTreeMap::new(),
            reasons: BTreeMap::new(),
            passes: BTreeMap::new(),
            locks: BTreeMap::new(),
            jobs: BTreeMap::new(),
            cases: BTreeMap::new(),
            proposals: BTreeMap::new(),
            claims: BTreeSet::new(),
            lines: Vec::new(),
        })
    }

    /// The contracts whose events speak of datasets.
    pub fn contracts(&self) -> Vec<Address> {
        let Suite { registry, licenses, pass, vault, ledger, stake, court, records, governor, .. } = self.suite;
        vec![registry, licenses, pass, vault, ledger, stake, court, records, governor]
    }

    /// Reads all events, in the order of the chain.
    ///
    /// # Errors
    /// `chain.foreign_log`.
    pub fn read(&mut self, logs: &[Log]) -> Result<()> {
        self.find_terms(logs)?;
        for log in logs {
            let Some(topic) = log.topic0().copied() else { continue };
            let contract = log.address();
            if contract == self.suite.registry {
                registry::read(self, log, topic)?;
            } else if contract == self.suite.licenses {
                market::licenses(self, log, topic)?;
            } else if contract == self.suite.pass {
                market::passes(self, log, topic)?;
            } else if contract == self.suite.vault {
                market::vault(self, log, topic)?;
            } else if contract == self.suite.ledger {
                usage::read(self, log, topic)?;
            } else if contract == self.suite.stake {
                stake::read(self, log, topic)?;
            } else if contract == self.suite.court {
                court::read(self, log, topic)?;
            } else if contract == self.suite.records {
                registry::records(self, log, topic)?;
            } else if contract == self.suite.governor {
                dao::read(self, log, topic)?;
            }
        }
        Ok(())
    }

    /// Terms are added before they are offered, mostly with the deployment.
    fn find_terms(&mut self, logs: &[Log]) -> Result<()> {
        for log in logs.iter().filter(|log| log.address() == self.suite.licenses) {
            let (dataset, terms) = match log.topic0() {
                Some(&ILicenseRegistry::OfferChanged::SIGNATURE_HASH) => {
                    let event = decode::<ILicenseRegistry::OfferChanged>(log)?;
                    (event.datasetId, event.termsId)
                }
                Some(&ILicenseRegistry::TermsRequested::SIGNATURE_HASH) => {
                    let event = decode::<ILicenseRegistry::TermsRequested>(log)?;
                    (event.datasetId, event.termsId)
                }
                _ => continue,
            };
            if dataset == self.id {
                self.terms.insert(terms);
            }
        }
        Ok(())
    }

    pub fn push(&mut self, line: Line) {
        self.lines.push(line);
    }

    /// Number of a version of this dataset.
    pub fn number(&self, key: B256) -> Option<u32> {
        self.versions.get(&key).copied()
    }

    /// `raccoon@2`, `raccoon@1, 2`, or the name alone.
    pub fn label(&self, versions: &[u32]) -> String {
        let numbers: Vec<_> = versions.iter().map(u32::to_string).collect();
        if numbers.is_empty() { self.name.clone() } else { format!("{}@{}", self.name, numbers.join(", ")) }
    }
}

/// An id of the contracts as a digest.
pub(super) fn word(id: U256) -> B256 {
    B256::from(id)
}
