//! `dgov sync`: dgov.lock from the chain and the store, with nothing taken from the file unchecked.

use alloy::primitives::{Address, B256};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::lockfile::{DatasetLock, NetworkLock};
use crate::manifest::values::RegistryRef;
use crate::ops::desired::Desired;
use crate::ops::suites::{self, Deployment};
use crate::ops::view::View;
use crate::ops::{deploy, ledger_sync, lock_view};
use crate::session::Session;
use crate::ui::{Report, Warning, table};

/// What dgov.lock says now.
#[derive(Debug, Serialize)]
pub struct SyncReport {
    /// Network name.
    pub network: String,
    /// EIP-155 id.
    pub chain_id: u64,
    /// `eip155:CHAIN:REGISTRY`.
    pub project: String,
    /// Whether dgov.lock was different before.
    pub changed: bool,
    /// Datasets on chain, by name.
    pub datasets: Vec<SyncedDataset>,
    /// Transactions of unfinished work that the ledger did not know to be mined.
    pub transactions_settled: usize,
    /// Verbs that were begun on this network and not finished.
    pub unfinished: Vec<String>,
}

/// A dataset that was found.
#[derive(Debug, Serialize)]
pub struct SyncedDataset {
    /// Slug; the beginning of its id where no manifest, lock or document names it.
    pub dataset: String,
    /// Its id.
    pub dataset_id: B256,
    /// Versions on chain.
    pub versions: usize,
    /// Versions whose bytes the local store has.
    pub stored: usize,
}

impl SyncedDataset {
    fn of((name, dataset): (&String, &DatasetLock)) -> Self {
        Self {
            dataset: name.clone(),
            dataset_id: dataset.dataset_id,
            versions: dataset.versions.len(),
            stored: dataset.versions.iter().filter(|version| !version.stored.is_empty()).count(),
        }
    }
}

impl Report for SyncReport {
    fn human(&self) -> String {
        let state = if self.changed { "written anew" } else { "was right" };
        let mut text = format!("{} on {}: dgov.lock {state}\n", self.project, self.network);
        if !self.datasets.is_empty() {
            let row = |d: &SyncedDataset| vec![d.dataset.clone(), d.versions.to_string(), d.stored.to_string()];
            let rows: Vec<_> = self.datasets.iter().map(row).collect();
            text.push_str(&table::render(&["dataset", "versions", "stored here"], &rows));
        }
        if self.transactions_settled > 0 {
            text.push_str(&format!("ledger: {} transactions were mined meanwhile\n", self.transactions_settled));
        }
        for verb in &self.unfinished {
            text.push_str(&format!("unfinished: dgov {verb}; run it again to go on\n"));
        }
        text
    }
}

/// Rebuilds the network's section of dgov.lock, and tells the ledger which of its transactions were mined.
///
/// # Errors
/// `suite.foreign` (integrity) when the lock names contracts that no factory made, `project.not_found` and
/// `project.ambiguous` when there is no lock and the chain does not tell which project is meant, those of the chain.
pub async fn sync(session: &Session<'_>) -> Result<SyncReport> {
    let before = session.network_lock().ok();
    let deployment = match &before {
        Some(lock) => checked(session, lock).await?,
        None => discovered(session).await?,
    };
    let view = View::load(&session.connection.provider, &deployment.suite, deployment.block).await?;
    let section = section(session, &deployment, &view).await?;
    session.update_lock(|networks| {
        networks.insert(session.name().to_owned(), section.clone());
    })?;
    let ledger = ledger_sync::settle(session).await?;
    Ok(SyncReport {
        network: session.name().to_owned(),
        chain_id: section.chain_id,
        project: project_of(&section, deployment.suite.registry),
        changed: before.as_ref() != Some(&section),
        datasets: section.datasets.iter().map(SyncedDataset::of).collect(),
        transactions_settled: ledger.settled,
        unfinished: ledger.unfinished,
    })
}

/// The whole section of dgov.lock for a deployment, datasets included.
pub(crate) async fn section(session: &Session<'_>, deployment: &Deployment, view: &View) -> Result<NetworkLock> {
    let mut section = deployment.lock(&session.connection).await?;
    section.datasets = lock_view::lock_of_view(session, view, deployment.deployer).await?;
    Ok(section)
}

fn project_of(section: &NetworkLock, registry: Address) -> String {
    RegistryRef { chain_id: section.chain_id, address: registry }.to_string()
}

/// The deployment that a lock names, if a factory made all of it.
async fn checked(session: &Session<'_>, lock: &NetworkLock) -> Result<Deployment> {
    let suite = session.suite()?;
    if lock.factory != deploy::shared_contracts()?.factory.address {
        let message = format!("the project was made by factory {}, which this dgov does not know", lock.factory);
        session.context.ui.warn(Warning::new("suite.other_factory", message));
    }
    let deployment = suites::of_registry(&session.connection, suite.registry, lock.factory, Some(lock.block)).await?;
    if deployment.suite == suite {
        return Ok(deployment);
    }
    let made = deploy::roles(&deployment.suite);
    let wrong: Vec<_> = lock.contracts.iter().filter(|(role, at)| made.get(*role) != Some(*at)).collect();
    let names: Vec<_> = wrong.iter().map(|(role, at)| format!("{role} {at}")).collect();
    Err(Error::integrity("suite.foreign", format!("dgov.lock names contracts of no project: {}", names.join(", ")))
        .hint("do not use them; restore dgov.lock from version control, or delete its network and run `dgov sync`"))
}

/// The deployment that the chain knows of this manifest and account.
async fn discovered(session: &Session<'_>) -> Result<Deployment> {
    let shared = deploy::shared_contracts()?;
    let factory = shared.factory.address;
    if let Some(registry) = &session.loaded.manifest.project.registry {
        if registry.chain_id != session.connection.chain_id {
            return Err(Error::chain(
                "chain.wrong_chain",
                format!("the project is on chain {}, network `{}` is another", registry.chain_id, session.name()),
            )
            .hint("choose its network with --network"));
        }
        return suites::of_registry(&session.connection, registry.address, factory, None).await;
    }
    let account = session.account()?;
    let mut found = suites::deployed_by(&session.connection, factory, account).await?;
    if found.len() > 1 {
        let now = session.now().await?;
        let desired = Desired::of(session, account, now)?;
        if let Some(meant) = deploy::find(session, &shared, account, &desired).await? {
            found.retain(|deployment| deployment.salt == meant.salt);
        }
    }
    match found.len() {
        0 => Err(Error::input(
            "project.not_found",
            format!("{account} has deployed nothing on network `{}`", session.name()),
        )
        .hint("run `dgov deploy`, choose the deployer with --from, or enter a project of others with `dgov join`")),
        1 => Ok(found.remove(0)),
        _ => {
            let chain_id = session.connection.chain_id;
            let name = |d: &Deployment| RegistryRef { chain_id, address: d.suite.registry }.to_string();
            let names: Vec<_> = found.iter().map(name).collect();
            Err(Error::input(
                "project.ambiguous",
                format!("{account} has deployed several projects, none as this manifest says: {}", names.join(", ")),
            )
            .hint("make a folder for the one you mean: `dgov join eip155:CHAIN:REGISTRY --rpc-url URL --dir DIR`"))
        }
    }
}
