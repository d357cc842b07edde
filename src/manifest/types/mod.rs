//! The manifest's types. Doc comments here are the descriptions in `docs/manifest.schema.json` and `docs/manifest.md`.

mod dataset;
mod governance;
mod license;
mod modules;
mod named;
mod network;
mod storage;
mod training;

use schemars::JsonSchema;
use serde::Serialize;

pub use dataset::{CurationShare, Dataset, Profile, RecordFormat};
pub use governance::{Allocation, AllocationSize, CardApproval, Governance, GovernanceToken};
pub use license::License;
pub use modules::{Disputes, Rewards, Validators};
pub use named::Named;
pub use network::{Network, NetworkKind, Preset, RpcUrl, Token};
pub use storage::{
    ArweaveNetwork, ArweaveUpload, FilecoinDataSet, IpfsNode, PinningService, S3Bucket, Storage, StorageTarget,
};

pub use training::{Role, RuleSeverity, Training, TrainingDataset, Unset, Waiver};

use super::values::{RegistryRef, Share, Slug};

/// A dgov project: what should be true of its datasets, licenses, contracts and storage.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct Manifest {
    /// The project.
    pub project: Project,
    /// Networks by name. The first one listed is the default; without any there is one embedded chain named `local`.
    #[schemars(default)]
    pub networks: Named<Network>,
    /// ERC-20 tokens that prices may name, by symbol.
    #[schemars(default)]
    pub tokens: Named<Token>,
    /// Where packages are stored.
    #[schemars(default)]
    pub storage: Storage,
    /// The DAO that owns the project.
    #[schemars(default)]
    pub governance: Governance,
    /// License terms by name.
    #[schemars(default)]
    pub licenses: Named<License>,
    /// How income is divided; the shares add up to exactly 100%. Without this table contributors get everything.
    #[schemars(default)]
    pub royalties: Royalties,
    /// Stake of validators. Fixed by the deployment.
    #[schemars(default)]
    pub validators: Validators,
    /// Cases on versions, attestations and usage reports. Fixed by the deployment.
    #[schemars(default)]
    pub disputes: Disputes,
    /// Reward rounds. Fixed by the deployment.
    #[schemars(default)]
    pub rewards: Rewards,
    /// Datasets by name.
    #[schemars(default)]
    pub datasets: Named<Dataset>,
    /// What the project's own training uses, and how the gate judges it.
    #[schemars(default)]
    pub training: Training,
}

/// The project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct Project {
    /// Name of the project.
    pub name: Slug,
    /// The project of others that this folder takes part in, written by `dgov join`. Its contracts, terms and rules are
    /// theirs: with this key, `dgov deploy`, `dgov plan` and `dgov gov propose` refuse to work from the manifest.
    pub registry: Option<RegistryRef>,
}

/// How gross income of a dataset is divided among the roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct Royalties {
    /// Share of the contributors, divided among them by the dataset's contributor list.
    #[schemars(default)]
    pub contributors: Share,
    /// Share of the dataset's curators; the publisher is the curator unless the dataset names others.
    #[schemars(default)]
    pub curators: Share,
    /// Share of the validators.
    #[schemars(default)]
    pub validators: Share,
    /// Share of the treasury, which is the DAO's timelock.
    #[schemars(default)]
    pub treasury: Share,
}

impl Default for Royalties {
    fn default() -> Self {
        Self {
            contributors: Share::WHOLE,
            curators: Share::default(),
            validators: Share::default(),
            treasury: Share::default(),
        }
    }
}

impl Royalties {
    /// The four shares in basis points; 10,000 in a valid manifest.
    pub fn total_bps(&self) -> u32 {
        [self.contributors, self.curators, self.validators, self.treasury]
            .iter()
            .map(|share| u32::from(share.bps()))
            .sum()
    }
}
