//! The chain without asking it: dgov.lock, and what the last check that asked was told, kept in `.dgov/cache/gate/`.
//! What is remembered is not proved: the lock's own consistency is.

use std::collections::BTreeMap;

use alloy::primitives::{Address, B256};
use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};

use super::Gathering;
use super::chain::ChainOf;
use super::select::{Chosen, What};
use crate::error::Result;
use crate::gate::ChainView;
use crate::gate::facts::{Fact, OnChain, OnChainVersion, Pass, Standing};
use crate::lockfile::{NetworkLock, write_atomically};
use crate::manifest::Loaded;
use crate::ops::times;

const FORMAT: u32 = 1;

/// What was answered, by version key.
#[derive(Serialize, Deserialize)]
struct Remembered {
    format: u32,
    chain_id: u64,
    registry: Address,
    block: u64,
    block_hash: B256,
    /// Of the block, unix seconds.
    block_time: u64,
    /// When it was asked, unix seconds of this machine: what staleness is counted from.
    asked: u64,
    versions: BTreeMap<B256, Answers>,
}

/// Of one version.
#[derive(Serialize, Deserialize)]
struct Answers {
    status: String,
    successor: Option<String>,
    taint: Option<String>,
    /// None where publishers vouch for their cards.
    card_approved: Option<bool>,
    dispute: Option<String>,
    pass: Option<Holding>,
}

#[derive(Serialize, Deserialize)]
struct Holding {
    account: Address,
    purposes: u16,
    owner: bool,
    /// Unix seconds; none for no pass, or one without end.
    expiry: Option<u64>,
    held: bool,
}

fn file(loaded: &Loaded) -> Utf8PathBuf {
    loaded.state_dir().join("cache/gate").join(format!("{}.json", loaded.network))
}

/// What is known without asking: of every own dataset, what the lock and the last answers say.
pub(super) fn read(
    gathering: &mut Gathering<'_>,
    loaded: &Loaded,
    lock: &NetworkLock,
    chosen: &[Chosen],
) -> Vec<Option<ChainOf>> {
    let (network, chain_id) = (loaded.network.clone(), lock.chain_id);
    let remembered = recall(gathering, loaded, lock);
    gathering.question.chain = match &remembered {
        Ok(memory) => ChainView::Remembered {
            network,
            chain_id,
            block: memory.block,
            block_hash: memory.block_hash.to_string(),
            time: times::rfc3339(memory.block_time),
        },
        Err(why) => ChainView::Lock { network, chain_id, why: why.clone() },
    };
    let of = |subject: &Chosen| {
        let What::Own(_) = subject.what else { return None };
        let name = super::chain::base(&subject.name);
        let locked = lock.datasets.get(name);
        let mut of = ChainOf::locked(lock, name, locked);
        let version = locked.and_then(|dataset| dataset.versions.last())?;
        let faults = of.facts.known().map(|facts| facts.faults.clone()).unwrap_or_default();
        let unknown = |why: &str| format!("without asking the chain: {why}");
        let answers = match &remembered {
            Ok(memory) => memory
                .versions
                .get(&version.version_key)
                .ok_or_else(|| unknown("nothing is remembered of this version; check it once without --offline")),
            Err(why) => Err(unknown(why)),
        };
        let version = OnChainVersion {
            card_digest: version.card_digest,
            license_digest: version.license_digest,
            standing: fact(&answers, |it| {
                Fact::Known(Standing {
                    status: it.status.clone(),
                    successor: it.successor.clone(),
                    taint: it.taint.clone(),
                })
            }),
            card_approved: fact(&answers, |it| match it.card_approved {
                Some(approved) => Fact::Known(approved),
                None => Fact::NotApplicable("publishers vouch for their cards".into()),
            }),
            dispute: fact(&answers, |it| Fact::Known(it.dispute.clone())),
            pass: fact(&answers, |it| match &it.pass {
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
        of.consents = Fact::NotApplicable("withdrawn consents are asked of the chain only".into());
        Some(of)
    };
    chosen.iter().map(of).collect()
}

fn fact<T>(answers: &std::result::Result<&Answers, String>, of: impl FnOnce(&Answers) -> Fact<T>) -> Fact<T> {
    match answers {
        Ok(answers) => of(answers),
        Err(why) => Fact::Unreachable(why.clone()),
    }
}

/// The last answers, if they are of this project and fresh enough.
fn recall(gathering: &Gathering<'_>, loaded: &Loaded, lock: &NetworkLock) -> std::result::Result<Remembered, String> {
    let path = file(loaded);
    let never = || "the chain was never asked on this machine".to_owned();
    let bytes = std::fs::read(&path).map_err(|_| never())?;
    let memory: Remembered = serde_json::from_slice(&bytes).map_err(|_| format!("{path} is malformed"))?;
    let registry = lock.contracts.get("registry");
    if memory.format != FORMAT || memory.chain_id != lock.chain_id || Some(&memory.registry) != registry {
        return Err("what is remembered is of another project".into());
    }
    let age = gathering.question.now().saturating_sub(memory.asked);
    if age > gathering.max_staleness || memory.asked > gathering.question.now() + 300 {
        let (asked, most) = (times::rfc3339(memory.asked), gathering.max_staleness);
        let most = crate::manifest::values::Duration::from_secs(most);
        return Err(format!("it was last asked at {asked}, and `max-staleness` is {most}"));
    }
    Ok(memory)
}

/// Remembers what the chain answered, for checks without it; answers about other versions are kept. A folder that can't
/// be written has no memory.
pub(super) fn remember(
    gathering: &Gathering<'_>,
    loaded: &Loaded,
    lock: &NetworkLock,
    block: (u64, B256, u64),
    answers: &[Option<ChainOf>],
) -> Result<()> {
    let Some(registry) = lock.contracts.get("registry") else { return Ok(()) };
    let mut versions = BTreeMap::new();
    for of in answers.iter().flatten() {
        let (Some(key), Some(facts)) = (of.version_key, of.facts.known()) else { continue };
        let Some(version) = &facts.version else { continue };
        let (Fact::Known(standing), Fact::Known(dispute)) = (&version.standing, &version.dispute) else { continue };
        if matches!(version.card_approved, Fact::Unreachable(_)) || matches!(version.pass, Fact::Unreachable(_)) {
            continue;
        }
        let pass = version.pass.known().map(|pass| Holding {
            account: pass.account,
            purposes: pass.purposes,
            owner: pass.owner,
            expiry: pass.expiry,
            held: pass.held,
        });
        versions.insert(
            key,
            Answers {
                status: standing.status.clone(),
                successor: standing.successor.clone(),
                taint: standing.taint.clone(),
                card_approved: version.card_approved.known().copied(),
                dispute: dispute.clone(),
                pass,
            },
        );
    }
    let (block, block_hash, block_time) = block;
    let memory = Remembered {
        format: FORMAT,
        chain_id: lock.chain_id,
        registry: *registry,
        block,
        block_hash,
        block_time,
        asked: gathering.question.now(),
        versions,
    };
    let path = file(loaded);
    let json = serde_json::to_vec(&memory)
        .map_err(|error| crate::error::Error::bug("answers could not be serialized").caused_by(&error))?;
    let written = path.parent().map_or(Ok(()), |dir| fs_err::create_dir_all(dir).map_err(crate::error::Error::from));
    match written.and_then(|()| write_atomically(&path, &json)) {
        Err(error) if error.is_unwritable() => Ok(()),
        other => other,
    }
}
