//! `dgov chain reset`.

use serde::Serialize;

use super::place;
use crate::chain::embedded::EmbeddedChain;
use crate::context::Context;
use crate::error::Result;
use crate::lockfile::{Lock, NetworkLock};
use crate::storage;
use crate::ui::{Report, prompt};

/// What is gone.
#[derive(Debug, Serialize)]
pub struct ResetReport {
    /// Network name.
    pub network: String,
    /// Whether dgov.lock had a section for the network, which was removed.
    pub lock_section_removed: bool,
    /// Contracts of that section: none of them exists any more.
    pub contracts: Vec<String>,
    /// Its datasets; their bytes are still in the local store.
    pub datasets: Vec<String>,
}

impl Report for ResetReport {
    fn human(&self) -> String {
        let mut text = format!("the chain of network {} is empty\n", self.network);
        if self.lock_section_removed {
            text.push_str(&format!("no longer true, and removed from dgov.lock: {} contracts", self.contracts.len()));
            if !self.datasets.is_empty() {
                text.push_str(&format!(", datasets {}", self.datasets.join(", ")));
            }
            text.push_str("\nthe local store keeps its bytes; `dgov deploy` and `dgov data push` start again\n");
        }
        text
    }
}

/// Empties the embedded chain, also a damaged one, and removes the network from dgov.lock. Asks first.
///
/// # Errors
/// `chain.not_embedded` (usage), `confirm.not_asked`, `confirm.declined` (exit 8), file errors.
pub fn reset(context: &Context) -> Result<ResetReport> {
    let place = place(context)?;
    let name = place.network.name;
    let before = Lock::load(&place.loaded.dir)?.networks.remove(&name);
    let question = format!("delete the chain of network `{name}`{}", what_is_lost(before.as_ref()));
    prompt::confirm(&context.ui, context.global.yes, &question)?;
    let _change = storage::local::lock(&place.loaded.state_dir().join("change.lock"))?;
    // The chain goes first: a lock that outlives its chain is noticed by every verb, the opposite would not be.
    EmbeddedChain::reset_at(&place.directory)?;
    let _guard = storage::local::lock(&place.loaded.state_dir().join("lock"))?;
    let mut lock = Lock::load(&place.loaded.dir)?;
    let removed = lock.networks.remove(&name);
    if removed.is_some() {
        lock.save(&place.loaded.dir)?;
    }
    Ok(ResetReport {
        network: name,
        lock_section_removed: removed.is_some(),
        contracts: removed.iter().flat_map(|section| section.contracts.keys().cloned()).collect(),
        datasets: removed.iter().flat_map(|section| section.datasets.keys().cloned()).collect(),
    })
}

fn what_is_lost(section: Option<&NetworkLock>) -> String {
    match section {
        None => String::new(),
        Some(section) => {
            format!(" with its {} contracts and {} datasets", section.contracts.len(), section.datasets.len())
        }
    }
}
