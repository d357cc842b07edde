//! Finding a project's contracts on a chain, and making sure that they are what a factory made.

use alloy::primitives::{Address, B256, keccak256};
use alloy::providers::Provider;
use alloy::rpc::types::{Filter, Log};
use alloy::sol_types::SolEvent;
use dgov_contracts::suite::{IDatasetRegistry, ISuiteFactory, Suite};

use crate::chain::provider::Connection;
use crate::error::{Error, Result};
use crate::lockfile::NetworkLock;
use crate::ops::deploy::{roles, shared_contracts};
use crate::ops::view::{decode, rare_logs, unreachable};
use crate::session::Session;
use crate::ui::Warning;

/// A project as its factory deployed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// Who deployed it.
    pub deployer: Address,
    /// The factory.
    pub factory: Address,
    /// Binds deployer and configuration.
    pub salt: B256,
    /// The contracts.
    pub suite: Suite,
    /// Block of the deployment.
    pub block: u64,
    /// Transaction of the deployment.
    pub transaction: B256,
}

impl Deployment {
    fn of_log(log: &Log) -> Result<Self> {
        let event = decode::<ISuiteFactory::SuiteDeployed>(log)?;
        Ok(Self {
            deployer: event.deployer,
            factory: log.address(),
            salt: event.salt,
            suite: event.suite,
            block: log.block_number.unwrap_or_default(),
            transaction: log.transaction_hash.unwrap_or_default(),
        })
    }

    /// The section of dgov.lock, with the digests of the code that is on chain now and without datasets.
    ///
    /// # Errors
    /// `chain.unreachable`.
    pub async fn lock(&self, connection: &Connection) -> Result<NetworkLock> {
        let contracts = roles(&self.suite);
        let mut code = std::collections::BTreeMap::new();
        for (role, address) in &contracts {
            let bytes = connection.provider.get_code_at(*address).await.map_err(unreachable)?;
            code.insert(role.clone(), keccak256(&bytes));
        }
        Ok(NetworkLock {
            chain_id: connection.chain_id,
            deployer: self.deployer,
            factory: self.factory,
            salt: self.salt,
            block: self.block,
            transaction: self.transaction,
            contracts,
            code,
            datasets: std::collections::BTreeMap::new(),
        })
    }
}

/// The projects that an account deployed through a factory, oldest first.
///
/// # Errors
/// `chain.unreachable`, `chain.foreign_log` (integrity).
pub async fn deployed_by(connection: &Connection, factory: Address, deployer: Address) -> Result<Vec<Deployment>> {
    let filter = deployments_of(factory).topic1(deployer);
    let logs = rare_logs(&connection.provider, &filter, 0).await?;
    logs.iter().map(Deployment::of_log).collect()
}

/// The project of a registry. Its address has to be the one that `factory`, which the caller trusts, computes for the
/// salt that the registry names: a contract that only says so has another address. `block` is where the deployment was,
/// as far as the caller knows.
///
/// # Errors
/// `project.not_on_chain`, `suite.foreign` (integrity), `chain.unreachable`.
pub async fn of_registry(
    connection: &Connection,
    registry: Address,
    factory: Address,
    block: Option<u64>,
) -> Result<Deployment> {
    let provider = &connection.provider;
    let name = &connection.network.name;
    if provider.get_code_at(registry).await.map_err(unreachable)?.is_empty() {
        return Err(Error::chain(
            "project.not_on_chain",
            format!("there is no contract at {registry} on network `{name}`"),
        )
        .hint("check the address and the chain; a development chain that was reset forgets its contracts"));
    }
    let foreign = |why: String| {
        Error::integrity("suite.foreign", format!("{registry} is not the registry of a dgov project: {why}"))
            .hint("do not use it; ask the project for `eip155:CHAIN:REGISTRY` as `dgov status` prints it")
    };
    let origin = IDatasetRegistry::new(registry, provider).origin().call().await;
    let origin = match origin {
        Ok(origin) => origin,
        Err(alloy::contract::Error::TransportError(error)) if !error.is_error_resp() => return Err(unreachable(error)),
        Err(_) => return Err(foreign("it does not say where it comes from".to_owned())),
    };
    if origin.factory != factory {
        return Err(foreign(format!("it names factory {}, not {factory}", origin.factory)));
    }
    let suite = ISuiteFactory::new(factory, provider).suiteOf(origin.salt).call().await.map_err(unreachable)?;
    if suite.registry != registry {
        return Err(foreign(format!("the factory made {} from the same configuration", suite.registry)));
    }
    let filter = deployments_of(factory).topic2(registry);
    let mut logs = Vec::new();
    if let Some(block) = block {
        let near = filter.clone().from_block(block).to_block(block);
        logs = provider.get_logs(&near).await.map_err(unreachable)?;
    }
    if logs.is_empty() {
        logs = rare_logs(provider, &filter, 0).await?;
    }
    let deployment = match logs.first() {
        Some(log) => Deployment::of_log(log)?,
        None => {
            return Err(Error::chain("chain.event_missing", format!("the deployment of {registry} can't be found"))
                .hint("the node does not keep events of old blocks: use an archive node"));
        }
    };
    if deployment.suite == suite && deployment.salt == origin.salt {
        return Ok(deployment);
    }
    Err(foreign("the factory's event and its answer differ".to_owned()))
}

/// Makes sure that the contracts of dgov.lock are those that its factory made for its salt: an edited address in the lock
/// would get the money. A factory that this build does not know is warned of, and has to be the one that the registry
/// names.
///
/// # Errors
/// `suite.foreign` (integrity), `chain.unreachable`.
pub async fn require_made(session: &Session<'_>, lock: &NetworkLock, suite: &Suite) -> Result<()> {
    let provider = &session.connection.provider;
    let foreign = |why: String| {
        Error::integrity("suite.foreign", format!("dgov.lock names contracts of no project: {why}")).hint(
            "send them nothing; restore dgov.lock from version control, or delete its network and run `dgov sync`",
        )
    };
    if let Some(joined) = session.loaded.manifest.project.registry.as_ref()
        && joined.address != suite.registry
    {
        return Err(foreign(format!("the manifest joined registry {}, not {}", joined.address, suite.registry)));
    }
    if lock.factory != shared_contracts()?.factory.address {
        let origin = IDatasetRegistry::new(suite.registry, provider).origin().call().await.map_err(unreachable)?;
        if (origin.factory, origin.salt) != (lock.factory, lock.salt) {
            return Err(foreign(format!("registry {} is of factory {}", suite.registry, origin.factory)));
        }
        let message = format!("the project was made by factory {}, which this dgov does not know", lock.factory);
        session.context.ui.warn(Warning::new("suite.other_factory", message));
    }
    let made = ISuiteFactory::new(lock.factory, provider).suiteOf(lock.salt).call().await.map_err(unreachable)?;
    let made = roles(&made);
    let wrong = roles(suite).into_iter().filter(|(role, at)| made.get(role) != Some(at));
    let wrong: Vec<_> = wrong.map(|(role, at)| format!("{role} {at}")).collect();
    if wrong.is_empty() { Ok(()) } else { Err(foreign(wrong.join(", "))) }
}

fn deployments_of(factory: Address) -> Filter {
    Filter::new().address(factory).event_signature(ISuiteFactory::SuiteDeployed::SIGNATURE_HASH)
}
