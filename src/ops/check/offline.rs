//! The chain without asking it: dgov.lock, and what [`super::memory`] kept of the last check that asked. What is proved
//! follows from a block hash and the contracts' own code; what is only remembered is said to be.

use std::collections::HashMap;

use alloy::primitives::{Address, B256};
use dgov_contracts::court::IDisputeCourt;
use dgov_contracts::suite::{IAccessPass, IDatasetRegistry, Status};
use rayon::prelude::*;

use super::chain::{ChainOf, NO_ACCOUNT, NO_CONSENTS, Said, base, not_registered, pass_of, revoked, tainted};
use super::memory::{Answers, Memory, recall};
use super::select::{Chosen, What};
use super::{Gathering, lineage};
use crate::chain::proved::{Proved, Unproved};
use crate::chain::signers::{self, Keystore, Password};
use crate::error::Result;
use crate::gate::ChainView;
use crate::gate::facts::{Fact, OnChain, OnChainVersion, Pass, Standing};
use crate::lockfile::{NetworkLock, VersionLock};
use crate::manifest::Loaded;
use crate::ops::data::package;
use crate::ops::times;
use crate::session::{environment, resolve_network};

/// What is known without asking: of every own dataset, what the lock and the last answers say.
///
/// # Errors
/// Those of contributor lists.
pub(super) fn read(
    gathering: &mut Gathering<'_>,
    loaded: &Loaded,
    lock: &NetworkLock,
    chosen: &[Chosen],
) -> Result<Vec<Option<ChainOf>>> {
    let (network, chain_id) = (loaded.network.clone(), lock.chain_id);
    let recalled = recall(gathering, loaded, lock);
    let proved = match &recalled {
        Ok((_, Some(state))) => Some(Contracts::of(state, lock).map(|contracts| (state, contracts))),
        _ => None,
    };
    gathering.question.chain = match (&recalled, &proved) {
        (Err(why), _) | (_, Some(Err(why))) => ChainView::Lock { network, chain_id, why: why.clone() },
        (Ok((memory, _)), Some(Ok(_))) => ChainView::Proved {
            network,
            chain_id,
            block: memory.block,
            block_hash: memory.block_hash.to_string(),
            time: times::rfc3339(memory.block_time),
            pinned: gathering.options.block_hash.is_some(),
        },
        (Ok((memory, _)), None) => ChainView::Remembered {
            network,
            chain_id,
            block: memory.block,
            block_hash: memory.block_hash.to_string(),
            time: times::rfc3339(memory.block_time),
            unproved: memory.unproved.clone().unwrap_or_else(|| "there is no proof beside it".into()),
        },
    };
    let account = account(gathering, loaded, lock);
    let subjects = Subjects::of(gathering, loaded, lock, chosen, account)?;
    match (&recalled, &proved) {
        (Ok((memory, _)), Some(Ok((state, contracts)))) => {
            // A development chain has a clock of its own: there passes last as long as its latest block says.
            let development = resolve_network(loaded).is_ok_and(|network| network.is_local());
            let now = if development { memory.block_time } else { gathering.question.now() };
            Ok(subjects.facts(memory, state, contracts, now))
        }
        (Err(why), _) | (_, Some(Err(why))) => Ok(subjects.remembered(gathering, Err(why.as_str()))),
        (Ok((memory, _)), None) => Ok(subjects.remembered(gathering, Ok(memory))),
    }
}

/// Whose passes count, as [`super::chain::account`] has it, without a connection.
fn account(gathering: &Gathering<'_>, loaded: &Loaded, lock: &NetworkLock) -> Option<Address> {
    use crate::manifest::values::AccountRef;
    let keystore = Keystore::of_user(&environment).ok()?;
    match (&loaded.manifest.training.account, &gathering.context.global.from) {
        (Some(AccountRef::Address(address)), _) => Some(*address),
        (Some(AccountRef::Name(name)), _) | (None, Some(name)) => signers::address_of(name, &keystore).ok(),
        (None, None) => {
            let (network, passwords) = (resolve_network(loaded).ok()?, Password::from_environment(&environment));
            let account = signers::resolve(None, &network, lock.chain_id, &keystore, &passwords, &environment);
            account.ok().map(|account| account.address)
        }
    }
}

/// The contracts of the lock, whose code in a proved state is that of the lock.
pub(super) struct Contracts {
    registry: Address,
    pass: Address,
    court: Address,
}

impl Contracts {
    /// Compares the code; all of them are looked at, so that a collector learns of all at once.
    ///
    /// # Errors
    /// A sentence: why this state is not the project's.
    pub(super) fn of(state: &Proved, lock: &NetworkLock) -> std::result::Result<Self, String> {
        let compared = |role: &str| {
            let (Some(address), Some(code)) = (lock.contracts.get(role), lock.code.get(role)) else {
                return Err(format!("dgov.lock does not say which {role} the project has; run `dgov sync`"));
            };
            match state.code_hash(*address) {
                Ok(hash) if hash == *code => Ok(*address),
                Ok(_) => {
                    Err(format!("the proof is of other contracts: {role} {address} has other code than in dgov.lock"))
                }
                Err(unproved) => Err(unproved.to_string()),
            }
        };
        let (registry, pass, court) = (compared("registry"), compared("pass"), compared("court"));
        Ok(Self { registry: registry?, pass: pass?, court: court? })
    }
}

/// What is asked about the datasets of the question that have a version in the lock.
pub(super) struct Subjects<'a> {
    /// In the order of the question; none for a dataset of others.
    list: Vec<Option<Subject<'a>>>,
    lock: &'a NetworkLock,
    account: Option<Address>,
    /// Bit of the purpose in a pass.
    purpose: u16,
}

struct Subject<'a> {
    name: &'a str,
    dataset_id: B256,
    version: Option<&'a VersionLock>,
    /// The consents that its contributor list names.
    consents: Vec<(Address, B256)>,
    /// The versions that its own was made from.
    ancestors: Vec<(String, B256)>,
}

impl<'a> Subjects<'a> {
    /// Those of the question.
    ///
    /// # Errors
    /// Those of contributor lists.
    pub(super) fn of(
        gathering: &Gathering<'_>,
        loaded: &Loaded,
        lock: &'a NetworkLock,
        chosen: &'a [Chosen],
        account: Option<Address>,
    ) -> Result<Self> {
        let subject = |chosen: &'a Chosen| {
            let What::Own(table) = &chosen.what else { return Ok(None) };
            let name = base(&chosen.name);
            let dataset = lock.datasets.get(name);
            let version = dataset.and_then(|dataset| dataset.versions.last());
            Ok(Some(Subject {
                name,
                dataset_id: dataset.map(|dataset| dataset.dataset_id).unwrap_or_default(),
                version,
                ancestors: version.map(|it| lineage::ancestors(loaded, lock, name, it)).unwrap_or_default(),
                consents: package::consents(loaded, table)?,
            }))
        };
        let list: Result<Vec<_>> = chosen.iter().map(subject).collect();
        Ok(Self { list: list?, lock, account, purpose: gathering.question.usage.purpose.mask() })
    }

    /// Asks everything that the facts need, for a collector.
    pub(super) fn ask(&self, state: &Proved, contracts: &Contracts) {
        self.list.iter().flatten().for_each(|subject| {
            if let Some(version) = subject.version {
                let _ = self.said(subject, version, state, contracts, 0);
                let _ = key_at(subject, version, state, contracts);
                let _ = subject.recalled(state, contracts);
            }
            let _ = subject.revoked(state, contracts);
        });
    }

    /// What follows from a proved state.
    fn facts(&self, memory: &Memory, state: &Proved, contracts: &Contracts, now: u64) -> Vec<Option<ChainOf>> {
        let names = self.names();
        let name_of = |key: B256| names.get(&key).cloned().unwrap_or_else(|| key.to_string());
        let of = |subject: &Option<Subject<'_>>| {
            let subject = subject.as_ref()?;
            let mut of = ChainOf::locked(self.lock, subject.name, self.lock.datasets.get(subject.name));
            let Some(version) = subject.version else { return Some(of) };
            let mut faults = of.facts.known().map(|facts| facts.faults.clone()).unwrap_or_default();
            of.facts = match key_at(subject, version, state, contracts) {
                _ if version.block > memory.block => Fact::Unreachable(unknown(
                    "this version is younger than the block that is proved against; check it once without --offline",
                )),
                Err(why) => Fact::Unreachable(unproved(&why)),
                Ok(key) if key.is_zero() => {
                    faults.push(not_registered(subject.name));
                    Fact::Known(OnChain { faults, version: None })
                }
                Ok(key) => {
                    if key != version.version_key {
                        faults.push(other_version(subject.name, version.number));
                    }
                    let said = self.said(subject, version, state, contracts, now);
                    let successor = memory.versions.get(&version.version_key).and_then(|it| it.successor.clone());
                    let digests = (version.card_digest, version.license_digest);
                    let mut version = said.version(digests, successor, &name_of);
                    version.standing = tainted(version.standing, fact(subject.recalled(state, contracts)));
                    Fact::Known(OnChain { faults, version: Some(version) })
                }
            };
            of.consents = match subject.revoked(state, contracts) {
                Ok(_) if subject.consents.is_empty() => Fact::NotApplicable(NO_CONSENTS.into()),
                Ok(ended) => Fact::Known(ended),
                Err(why) => Fact::Unreachable(unproved(&why)),
            };
            Some(of)
        };
        self.list.par_iter().map(of).collect()
    }

    /// What is merely remembered, or why nothing is.
    fn remembered(
        &self,
        gathering: &Gathering<'_>,
        memory: std::result::Result<&Memory, &str>,
    ) -> Vec<Option<ChainOf>> {
        let of = |subject: &Option<Subject<'_>>| {
            let subject = subject.as_ref()?;
            let mut of = ChainOf::locked(self.lock, subject.name, self.lock.datasets.get(subject.name));
            let Some(version) = subject.version else { return Some(of) };
            let faults = of.facts.known().map(|facts| facts.faults.clone()).unwrap_or_default();
            let answers = match memory {
                Ok(memory) => memory
                    .versions
                    .get(&version.version_key)
                    .ok_or_else(|| unknown("nothing is remembered of this version; check it once without --offline")),
                Err(why) => Err(unknown(why)),
            };
            let version = OnChainVersion {
                card_digest: version.card_digest,
                license_digest: version.license_digest,
                standing: told(&answers, |it| {
                    Fact::Known(Standing {
                        status: it.status.clone(),
                        successor: it.successor.clone(),
                        taint: it.taint.clone(),
                    })
                }),
                card_approved: told(&answers, |it| match it.card_approved {
                    Some(approved) => Fact::Known(approved),
                    None => Fact::NotApplicable("publishers vouch for their cards".into()),
                }),
                dispute: told(&answers, |it| Fact::Known(it.dispute.clone())),
                pass: told(&answers, |it| match &it.pass {
                    None => Fact::NotApplicable("no account that would hold a pass was named".into()),
                    Some(holding) => {
                        let now = gathering.question.now();
                        let bit = gathering.question.usage.purpose.mask();
                        let lasts = holding.expiry.is_none_or(|end| end > now);
                        Fact::Known(Pass {
                            account: holding.account,
                            valid: holding.held && lasts && holding.purposes & bit != 0,
                            owner: holding.owner,
                            expiry: holding.expiry,
                            purposes: holding.purposes,
                            held: holding.held,
                        })
                    }
                }),
            };
            of.facts = Fact::Known(OnChain { faults, version: Some(version) });
            of.consents = match subject.consents.is_empty() {
                true => Fact::NotApplicable(NO_CONSENTS.into()),
                false => told(&answers, |it| match &it.consents {
                    Some(ended) => Fact::Known(ended.clone()),
                    None => Fact::Unreachable(unknown("whether consents were withdrawn is not remembered")),
                }),
            };
            Some(of)
        };
        self.list.iter().map(of).collect()
    }

    /// `name@number` of every version of the lock by its key.
    fn names(&self) -> HashMap<B256, String> {
        let versions = self.lock.datasets.iter().flat_map(|(name, dataset)| {
            dataset.versions.iter().map(move |version| (version.version_key, format!("{name}@{}", version.number)))
        });
        versions.collect()
    }

    fn said(
        &self,
        subject: &Subject<'_>,
        version: &VersionLock,
        state: &Proved,
        contracts: &Contracts,
        now: u64,
    ) -> Said {
        let key = version.version_key;
        let registry = contracts.registry;
        let pass = match self.account {
            None => Fact::NotApplicable(NO_ACCOUNT.into()),
            Some(account) => fact(self.pass(account, subject, state, contracts, now)),
        };
        Said {
            status: fact(state.call(registry, &IDatasetRegistry::statusOfCall { versionKey: key })),
            taint: fact(state.call(registry, &IDatasetRegistry::taintOfCall { versionKey: key })),
            dao: fact(state.call(registry, &IDatasetRegistry::daoApprovesCardsCall {})),
            case: fact(state.call(contracts.court, &IDisputeCourt::openCaseOfCall { subject: key })),
            pass,
        }
    }

    fn pass(
        &self,
        account: Address,
        subject: &Subject<'_>,
        state: &Proved,
        contracts: &Contracts,
        now: u64,
    ) -> std::result::Result<Pass, Unproved> {
        let token = crate::ops::view::token_id(subject.dataset_id);
        let owner = state.call(contracts.registry, &IDatasetRegistry::ownerOfCall { tokenId: token });
        let held = state.call(contracts.pass, &IAccessPass::passOfCall { account, datasetId: subject.dataset_id });
        let (owner, held) = (owner?, held?);
        // The contract would compare with the time of the block, which is past.
        let valid = held.expiry.to::<u64>() > now && held.purposes & self.purpose != 0;
        Ok(pass_of(account, owner == account, &held, valid))
    }
}

impl Subject<'_> {
    /// The first upstream that was recalled. One that the registry does not know is of another one.
    fn recalled(&self, state: &Proved, contracts: &Contracts) -> std::result::Result<Option<String>, Unproved> {
        let ask = |key: &B256| {
            let call = IDatasetRegistry::statusOfCall { versionKey: *key };
            match state.call(contracts.registry, &call) {
                Ok(answer) => Ok(matches!(answer.status, Status::Recalled)),
                Err(Unproved::Refused { .. }) => Ok(false),
                Err(why) => Err(why),
            }
        };
        // All of them, so that a collector learns of all at once.
        let answers: Vec<_> = self.ancestors.iter().map(|(name, key)| (name, ask(key))).collect();
        let mut silent = None;
        for (name, answer) in answers {
            match answer {
                Ok(true) => return Ok(Some(name.clone())),
                Ok(false) => {}
                Err(why) => silent = Some(why),
            }
        }
        silent.map_or(Ok(None), Err)
    }

    /// The consents that were revoked, as sentences.
    fn revoked(&self, state: &Proved, contracts: &Contracts) -> std::result::Result<Vec<String>, Unproved> {
        let ask = |(account, consent): &(Address, B256)| {
            let call = IDatasetRegistry::consentRevokedAtCall { contributor: *account, consentDigest: *consent };
            state.call(contracts.registry, &call).map(|at| revoked(*account, at.to()))
        };
        // All of them, so that a collector learns of all at once.
        let answers: Vec<_> = self.consents.iter().map(ask).collect();
        answers.into_iter().filter_map(std::result::Result::transpose).collect()
    }
}

/// The key of the version with that number; zero for none.
fn key_at(
    subject: &Subject<'_>,
    version: &VersionLock,
    state: &Proved,
    contracts: &Contracts,
) -> std::result::Result<B256, Unproved> {
    let call = IDatasetRegistry::keyAtCall { datasetId: subject.dataset_id, number: version.number };
    state.call(contracts.registry, &call)
}

pub(super) fn other_version(name: &str, number: u32) -> (String, String) {
    let message = format!("dgov.lock has another version {number} of {name} than the chain");
    (message, "restore dgov.lock from version control, or rebuild it with `dgov sync`".into())
}

fn unknown(why: &str) -> String {
    format!("without asking the chain: {why}")
}

fn unproved(why: &Unproved) -> String {
    unknown(&format!("{why}; check it once without --offline"))
}

fn fact<T>(answer: std::result::Result<T, Unproved>) -> Fact<T> {
    match answer {
        Ok(value) => Fact::Known(value),
        Err(why) => Fact::Unreachable(unproved(&why)),
    }
}

fn told<T>(answers: &std::result::Result<&Answers, String>, of: impl FnOnce(&Answers) -> Fact<T>) -> Fact<T> {
    match answers {
        Ok(answers) => of(answers),
        Err(why) => Fact::Unreachable(why.clone()),
    }
}
