//! The difference between what the manifest asks for and what the chain holds, with the calls that would settle it.

mod datasets;
mod licenses;
mod settings;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;

use alloy::primitives::{Address, B256, U256};
use dgov_contracts::suite::{ModuleConfig, Suite};
use serde::Serialize;

use super::calls::ProposalCall;
use crate::ops::desired::Desired;
use crate::ops::view::View;

/// What settles a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Remedy {
    /// `dgov deploy`.
    Deploy,
    /// `dgov data push`.
    Push,
    /// `dgov license offer`: the dataset's owner may do it without a vote.
    Offer,
    /// `dgov gov propose`: the token holders decide.
    Propose,
    /// Nothing: the contracts fixed it when they were deployed.
    Immutable,
}

impl Remedy {
    /// The verb, for people.
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Deploy => "dgov deploy",
            Self::Push => "dgov data push",
            Self::Offer => "dgov license offer",
            Self::Propose => "dgov gov propose",
            Self::Immutable => "cannot change",
        }
    }
}

/// One thing that is not as the manifest says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Key of the manifest, e.g. `licenses.research.price`.
    pub what: String,
    /// What the manifest says; null when it does not have it.
    pub desired: Option<String>,
    /// What the chain says; null when it does not have it.
    pub actual: Option<String>,
    /// What settles it.
    pub remedy: Remedy,
    /// What else there is to know.
    pub detail: Option<String>,
}

/// A difference and the calls of the timelock that settle it; none unless the remedy is a proposal.
#[derive(Clone, Debug)]
pub struct Change {
    /// What differs.
    pub difference: Difference,
    /// In the order in which they must run.
    pub calls: Vec<ProposalCall>,
}

impl Change {
    /// A change without calls.
    pub fn of(what: impl Into<String>, desired: Option<String>, actual: Option<String>, remedy: Remedy) -> Self {
        let difference = Difference { what: what.into(), desired, actual, remedy, detail: None };
        Self { difference, calls: Vec::new() }
    }

    /// Adds what else there is to know.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.difference.detail = Some(detail.into());
        self
    }

    /// Adds calls.
    #[must_use]
    pub fn calls(mut self, calls: Vec<ProposalCall>) -> Self {
        self.calls = calls;
        self
    }
}

/// What the chain holds beside the events of the registries; times in seconds, votes in the smallest unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// From proposal to vote.
    pub voting_delay: u64,
    /// Length of a vote.
    pub voting_period: u64,
    /// Least length of a vote after its quorum is reached.
    pub late_quorum_extension: u64,
    /// From queue to execution.
    pub timelock_delay: u64,
    /// Votes needed to propose.
    pub proposal_threshold: U256,
    /// Quorum, basis points of the supply.
    pub quorum_bps: U256,
    /// Who may cancel now; zero: nobody.
    pub guardian: Address,
    /// When that ends; zero: there never was a guardian.
    pub guardian_sunset: u64,
    /// Name of the governance token.
    pub token_name: String,
    /// Its symbol.
    pub token_symbol: String,
    /// Its supply.
    pub supply: U256,
    /// Whether the DAO approves cards.
    pub dao_approves_cards: bool,
    /// ERC-20 currencies that the vault takes.
    pub currencies: Vec<Address>,
    /// What the modules were set up with.
    pub modules: ModuleConfig,
    /// Time of the chain now, unix seconds.
    pub now: u64,
}

/// A dataset of the manifest.
#[derive(Clone, Debug)]
pub struct ManifestDataset {
    /// Name.
    pub slug: String,
    /// Name of its license.
    pub license: String,
    /// Its id, when it is on chain.
    pub id: Option<B256>,
}

/// Both sides.
pub struct Sides<'a> {
    /// The manifest in the contracts' types.
    pub desired: &'a Desired,
    /// Threshold of proposals in the manifest, basis points of the supply.
    pub threshold_bps: u16,
    /// Whether the manifest gives the guardian's end as a span from the deployment on.
    pub sunset_is_a_span: bool,
    /// Supply of the manifest, smallest unit.
    pub supply: U256,
    /// Datasets of the manifest.
    pub datasets: &'a [ManifestDataset],
    /// Registries on chain.
    pub view: &'a View,
    /// Settings on chain.
    pub settings: &'a Settings,
    /// The contracts.
    pub suite: &'a Suite,
    /// An amount of a currency, for people.
    pub money: &'a dyn Fn(U256, Address) -> String,
}

/// All differences of a deployed project, in an order in which their calls can run.
pub fn diff(sides: &Sides<'_>) -> Vec<Change> {
    let mut changes = settings::diff(sides);
    let licenses = licenses::diff(sides);
    let datasets = datasets::diff(sides, &licenses.handled);
    changes.extend(licenses.changes);
    changes.extend(datasets);
    changes
}

/// The calls of all proposable changes, each once.
pub fn calls(changes: &[Change]) -> Vec<ProposalCall> {
    let mut calls: Vec<ProposalCall> = Vec::new();
    for call in changes.iter().flat_map(|change| &change.calls) {
        if !calls.contains(call) {
            calls.push(call.clone());
        }
    }
    calls
}
