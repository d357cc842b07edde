//! What the last check that asked the chain leaves for those that do not: a witness of the state that the rules look at,
//! and the answers themselves, for what has no proof. In `.dgov/cache/gate/NETWORK.json`, or where `--proofs` says.

use std::collections::BTreeMap;

use alloy::eips::BlockId;
use alloy::primitives::{Address, B256};
use alloy::providers::Provider;
use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};

use super::Gathering;
use super::chain::ChainOf;
use super::offline::{Contracts, Subjects};
use super::select::Chosen;
use crate::chain::proved::{Proved, Witness, collect};
use crate::chain::provider::Connection;
use crate::error::{Error, Result};
use crate::gate::facts::Fact;
use crate::lockfile::{NetworkLock, write_atomically};
use crate::manifest::Loaded;
use crate::manifest::values::Duration;
use crate::ops::times;
use crate::session::resolve_network;

const FORMAT: u32 = 2;
/// A larger file is none of ours.
const MAX_FILE: u64 = 1 << 30;
/// Seconds that clocks may differ.
const SKEW: u64 = 300;

/// The file.
#[derive(Serialize, Deserialize)]
pub(super) struct Memory {
    format: u32,
    chain_id: u64,
    registry: Address,
    pub block: u64,
    pub block_hash: B256,
    /// Of the block, unix seconds.
    pub block_time: u64,
    /// When it was asked, unix seconds of this machine.
    asked: u64,
    /// Why there is no proof.
    pub unproved: Option<String>,
    /// What was answered, by version key.
    pub versions: BTreeMap<B256, Answers>,
    proof: Option<Witness>,
}

/// Answers about one version. Where there is a proof, only the successor counts, which is in no contract's storage.
#[derive(Serialize, Deserialize)]
pub(super) struct Answers {
    pub status: String,
    pub successor: Option<String>,
    pub taint: Option<String>,
    /// None where publishers vouch for their cards.
    pub card_approved: Option<bool>,
    pub dispute: Option<String>,
    pub pass: Option<Holding>,
    /// The consents that were withdrawn; none where that could not be asked.
    pub consents: Option<Vec<String>>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Holding {
    pub account: Address,
    pub purposes: u16,
    pub owner: bool,
    /// Unix seconds; none for no pass, or one without end.
    pub expiry: Option<u64>,
    pub held: bool,
}

fn file(gathering: &Gathering<'_>, loaded: &Loaded) -> Utf8PathBuf {
    let cached = || loaded.state_dir().join("cache/gate").join(format!("{}.json", loaded.network));
    gathering.options.proofs.clone().unwrap_or_else(cached)
}

/// What was left, and the state that it proves, if it is of this project and fresh enough, and of the block that was asked
/// for. A proof that does not hold is not replaced by what is merely remembered.
///
/// # Errors
/// A sentence: why nothing is known.
pub(super) fn recall(
    gathering: &Gathering<'_>,
    loaded: &Loaded,
    lock: &NetworkLock,
) -> std::result::Result<(Memory, Option<Proved>), String> {
    let path = file(gathering, loaded);
    let pinned = gathering.options.block_hash;
    let never = || match gathering.options.proofs {
        None => "the chain was never asked on this machine".to_owned(),
        Some(_) => format!("{path} can't be read"),
    };
    if std::fs::metadata(&path).is_ok_and(|file| file.len() > MAX_FILE) {
        return Err(format!("{path} is too large"));
    }
    let bytes = std::fs::read(&path).map_err(|_| never())?;
    let mut memory: Memory = serde_json::from_slice(&bytes)
        .map_err(|_| format!("{path} is malformed, or of another version of dgov; check once without --offline"))?;
    if memory.format != FORMAT {
        return Err(format!("{path} is of another version of dgov; check once without --offline"));
    }
    if memory.chain_id != lock.chain_id || Some(&memory.registry) != lock.contracts.get("registry") {
        return Err("what is remembered is of another project".into());
    }
    let proved = match memory.proof.take() {
        Some(witness) => Some(opened(&memory, &witness)?),
        None => None,
    };
    match (pinned, &proved) {
        (None, _) => {}
        (Some(wanted), Some(proved)) if proved.block().1 == wanted => {}
        (Some(wanted), Some(proved)) => {
            let (block, hash, _) = proved.block();
            return Err(format!("the proofs are of block {block} {hash}, not of {wanted}"));
        }
        (Some(_), None) => return Err(format!("{path} has no proofs to compare with --block-hash")),
    }
    // Blocks of a development chain come when something is sent; there only the time of asking says how old the answer is.
    let development = resolve_network(loaded).is_ok_and(|network| network.is_local());
    let (since, what) = match &proved {
        Some(_) if !development => (memory.block_time, "the block that is proved against is of"),
        _ => (memory.asked, "it was last asked at"),
    };
    fresh(since, gathering.question.now(), gathering.max_staleness).map_err(|why| {
        let most = Duration::from_secs(gathering.max_staleness);
        format!(
            "{what} {}, and {}",
            times::rfc3339(since),
            if why { format!("`max-staleness` is {most}") } else { "that is yet to come".to_owned() }
        )
    })?;
    Ok((memory, proved))
}

/// Opens the proof of a file; what the file says of its block has to be what the header says.
fn opened(memory: &Memory, witness: &Witness) -> std::result::Result<Proved, String> {
    let refused = |why: &str| format!("the cached proof is refused: {why}; check once without --offline");
    let proved = Proved::open(witness, memory.chain_id).map_err(|error| refused(&error.to_string()))?;
    match proved.block() == (memory.block, memory.block_hash, memory.block_time) {
        true => Ok(proved),
        false => Err(refused("its header is not that of its block")),
    }
}

/// Whether something of this time is fresh; if not, whether it is too old, else it is from the future.
fn fresh(since: u64, now: u64, most: u64) -> std::result::Result<(), bool> {
    if since > now.saturating_add(SKEW) {
        return Err(false);
    }
    if now.saturating_sub(since) > most { Err(true) } else { Ok(()) }
}

/// Leaves what the chain answered, with proofs where the node gives them, for checks without it. A cache that can't be
/// written is none; a file that `--proofs` names has to be. Returns the hash of the block that is proved.
pub(super) async fn remember(
    gathering: &Gathering<'_>,
    loaded: &Loaded,
    lock: &NetworkLock,
    (connection, account, block): (&Connection, Option<Address>, u64),
    chosen: &[Chosen],
    answers: &[Option<ChainOf>],
) -> Result<Option<B256>> {
    let Some(registry) = lock.contracts.get("registry") else { return Ok(None) };
    let subjects = Subjects::of(gathering, loaded, lock, chosen, account)?;
    let ask = |state: &Proved| {
        if let Ok(contracts) = Contracts::of(state, lock) {
            subjects.ask(state, &contracts);
        }
    };
    let collected = collect(&connection.provider, connection.chain_id, block, ask).await.and_then(|witness| {
        let state = Proved::open(&witness, connection.chain_id).map_err(|error| error.to_string())?;
        Contracts::of(&state, lock)?;
        Ok((state.block(), witness))
    });
    let (at, proof, unproved) = match collected {
        Ok((at, witness)) => (at, Some(witness), None),
        Err(why) => {
            let Ok(Some(found)) = connection.provider.get_block(BlockId::number(block)).await else { return Ok(None) };
            ((block, found.header.hash, found.header.timestamp), None, Some(why))
        }
    };
    let memory = Memory {
        format: FORMAT,
        chain_id: lock.chain_id,
        registry: *registry,
        block: at.0,
        block_hash: at.1,
        block_time: at.2,
        asked: gathering.question.now(),
        unproved,
        versions: answers.iter().flatten().filter_map(remembered).collect(),
        proof,
    };
    let path = file(gathering, loaded);
    let json =
        serde_json::to_vec(&memory).map_err(|error| Error::bug("answers could not be serialized").caused_by(&error))?;
    let written = path.parent().map_or(Ok(()), |dir| fs_err::create_dir_all(dir).map_err(Error::from));
    match written.and_then(|()| write_atomically(&path, &json)) {
        Err(error) if error.is_unwritable() && gathering.options.proofs.is_none() => Ok(None),
        other => other.map(|()| memory.proof.is_some().then_some(memory.block_hash)),
    }
}

/// What is remembered of a dataset's version, if all of it was answered.
fn remembered(of: &ChainOf) -> Option<(B256, Answers)> {
    let version = of.facts.known()?.version.as_ref()?;
    let (standing, dispute) = (version.standing.known()?, version.dispute.known()?);
    if matches!(version.card_approved, Fact::Unreachable(_)) || matches!(version.pass, Fact::Unreachable(_)) {
        return None;
    }
    let pass = version.pass.known().map(|pass| Holding {
        account: pass.account,
        purposes: pass.purposes,
        owner: pass.owner,
        expiry: pass.expiry,
        held: pass.held,
    });
    let answers = Answers {
        status: standing.status.clone(),
        successor: standing.successor.clone(),
        taint: standing.taint.clone(),
        card_approved: version.card_approved.known().copied(),
        dispute: dispute.clone(),
        pass,
        consents: of.consents.known().cloned(),
    };
    Some((of.version_key?, answers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fresh_is_neither_too_old_nor_yet_to_come() {
        assert_eq!(fresh(1_000, 1_000, 0), Ok(()));
        assert_eq!(fresh(1_000, 1_600, 600), Ok(()));
        assert_eq!(fresh(1_000, 1_601, 600), Err(true));
        assert_eq!(fresh(1_000 + SKEW, 1_000, 600), Ok(()));
        assert_eq!(fresh(1_001 + SKEW, 1_000, 600), Err(false));
    }
}
