//! Getting a witness from a node: what is asked is asked of what is there so far, and what that lacks is fetched, until
//! nothing is lacking.

use std::collections::{BTreeMap, BTreeSet};

use alloy::eips::BlockId;
use alloy::primitives::{Address, B256, U256};
use alloy::providers::{DynProvider, Provider};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::{Part, Proved, Witness};
use crate::chain::provider::cause_of;

/// Slots of one account that are asked for in one request; nodes limit it, the strictest to about a thousand.
const SLOTS: usize = 256;
/// Requests at a time.
const AT_ONCE: usize = 8;
/// A call finds its next slot by the value of another one at most this often.
const ROUNDS: usize = 24;
/// A node that sends more is not asked further.
const MOST_BYTES: usize = 256 << 20;

/// Collects what shows the state at a block as far as `ask` asks it. `ask` is called several times, at first on a state
/// that shows nothing.
///
/// # Errors
/// A sentence: why this node's answers show nothing.
pub async fn collect(
    provider: &DynProvider,
    chain_id: u64,
    block: u64,
    ask: impl Fn(&Proved),
) -> Result<Witness, String> {
    let at = BlockId::number(block);
    let found = provider.get_block(at).await.map_err(|error| refused("the header", &error))?;
    let header = found.ok_or_else(|| format!("the node does not know block {block}"))?.header;
    let hash = header.inner.hash_slow();
    if hash != header.hash {
        return Err(format!("the header that the node sends hashes to {hash}, its block is {}", header.hash));
    }
    let mut state = Proved::of_header(header.inner, hash, chain_id);
    let mut asked = BTreeSet::new();
    for _ in 0..ROUNDS {
        ask(&state);
        let missing = state.take_missing();
        if missing.is_empty() {
            return Ok(state.witness());
        }
        if let Some(again) = missing.iter().find(|part| asked.contains(*part)) {
            return Err(format!("what the node sent does not show {again}"));
        }
        fetch(provider, at, &mut state, &missing).await?;
        asked.extend(missing);
    }
    Err("the contracts read more than is expected".into())
}

/// Fetches parts of the state. Nothing is checked here: what does not fit shows nothing.
async fn fetch(provider: &DynProvider, at: BlockId, state: &mut Proved, parts: &BTreeSet<Part>) -> Result<(), String> {
    let mut slots: BTreeMap<Address, Vec<U256>> = BTreeMap::new();
    let mut codes: BTreeSet<B256> = BTreeSet::new();
    for part in parts {
        match part {
            Part::Account(address) => drop(slots.entry(*address).or_default()),
            Part::Slot(address, slot) => slots.entry(*address).or_default().push(*slot),
            Part::Code(hash) => drop(codes.insert(*hash)),
            Part::Block(number) => return Err(format!("the contracts ask for the hash of block {number}")),
        }
    }
    let mut requests: Vec<(Address, Vec<B256>)> = Vec::new();
    for (address, slots) in slots {
        let keys: Vec<B256> = slots.into_iter().map(B256::from).collect();
        match keys.is_empty() {
            true => requests.push((address, keys)),
            false => requests.extend(keys.chunks(SLOTS).map(|chunk| (address, chunk.to_vec()))),
        }
    }
    let proof = |(address, keys): (Address, Vec<B256>)| async move {
        provider.get_proof(address, keys).block_id(at).await.map_err(|error| refused("eth_getProof", &error))
    };
    let mut answers = stream::iter(requests).map(proof).buffer_unordered(AT_ONCE);
    while let Some(answer) = answers.try_next().await? {
        let storage = answer.storage_proof.into_iter().flat_map(|slot| slot.proof);
        answer.account_proof.into_iter().chain(storage).for_each(|node| state.nodes.insert(node));
        if state.nodes.size() > MOST_BYTES {
            return Err(format!("the node sends more than {MOST_BYTES} bytes"));
        }
    }
    drop(answers);
    // By the accounts that are known to have it: a node gives code by address only.
    let holders: Vec<Address> = {
        let known = state.accounts.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let holder = |hash: &B256| {
            let mut accounts = known.iter();
            accounts.find_map(|(address, account)| account.is_some_and(|it| it.code_hash == *hash).then_some(*address))
        };
        codes.iter().filter_map(holder).collect()
    };
    let code = |address: Address| async move {
        provider.get_code_at(address).block_id(at).await.map_err(|error| refused("eth_getCode", &error))
    };
    let codes: Vec<_> = stream::iter(holders).map(code).buffer_unordered(AT_ONCE).try_collect().await?;
    codes.into_iter().for_each(|code| state.insert_code(code));
    Ok(())
}

fn refused(what: &str, error: &(dyn std::error::Error + 'static)) -> String {
    format!("the node does not answer {what}: {}", cause_of(error))
}
