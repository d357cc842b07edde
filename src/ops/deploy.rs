//! `dgov deploy`: shared implementations where they are missing, then the project in one factory transaction.

use std::collections::BTreeMap;

use alloy::consensus::Transaction as _;
use alloy::primitives::aliases::U48;
use alloy::primitives::{Address, B256, U256, keccak256};
use alloy::providers::Provider;
use alloy::rpc::types::{Filter, Log};
use alloy::sol_types::{SolCall, SolEvent};
use dgov_contracts::deploy::{DETERMINISTIC_DEPLOYER, SharedContracts};
use dgov_contracts::suite::{ISuiteFactory, Suite};
use serde::Serialize;

use crate::commands::TxArgs;
use crate::error::{Error, Result};
use crate::lockfile::NetworkLock;
use crate::ops::apply::{self, Applied, Call, Operation, TxReport};
use crate::ops::desired::Desired;
use crate::ops::view::{decode, rare_logs, unreachable};
use crate::session::Session;
use crate::ui::{Report, table};

/// The verb in the ledger.
const VERB: &str = "deploy";

/// What was deployed, and where.
#[derive(Debug, Serialize)]
pub struct DeployReport {
    /// Network name.
    pub network: String,
    /// EIP-155 id.
    pub chain_id: u64,
    /// Whether anything was new.
    pub deployed: bool,
    /// `eip155:CHAIN:REGISTRY`, for `dgov join`.
    pub project: Option<String>,
    /// Addresses by role.
    pub contracts: BTreeMap<String, Address>,
    #[serde(flatten)]
    /// What was sent.
    pub sent: TxReport,
}

impl Report for DeployReport {
    fn human(&self) -> String {
        let mut text = if self.sent.is_plan() {
            "would deploy:\n".to_owned()
        } else if self.deployed {
            format!("deployed on {} (chain {})\n", self.network, self.chain_id)
        } else {
            format!("already deployed on {} (chain {}); nothing to do\n", self.network, self.chain_id)
        };
        let rows: Vec<_> = self.contracts.iter().map(|(role, at)| vec![role.clone(), at.to_checksum(None)]).collect();
        if !rows.is_empty() {
            text.push_str(&table::render(&["contract", "address"], &rows));
        }
        text.push_str(&self.sent.human());
        if let Some(project) = &self.project {
            text.push_str(&format!("others join with: dgov join {project} --rpc-url URL\n"));
        }
        text
    }
}

/// Deploys what is missing; a project that is there already is only recorded.
pub async fn deploy(session: &Session<'_>, tx: &TxArgs) -> Result<DeployReport> {
    session.require_own_project()?;
    if session.network_lock().is_ok() && session.has_code(session.suite()?.registry).await? {
        apply::close(session, VERB, session.loaded.manifest.project.name.as_str()).await?;
        return report(session, TxReport::default(), false);
    }
    let deployer = session.account()?;
    let shared = shared_contracts()?;
    require_deployer(session).await?;
    let now = session.now().await?;
    let desired = Desired::of(session, deployer, now)?;
    if let Some(found) = find(session, &shared, deployer, &desired).await? {
        record(session, deployer, &shared, found).await?;
        return report(session, TxReport::default(), true);
    }

    let mut calls = Vec::new();
    for contract in shared.in_order() {
        if !session.has_code(contract.address).await? {
            calls.push(Call {
                key: format!("shared:{}", contract.init_code_hash),
                description: format!("deploy {}", contract.name()),
                to: DETERMINISTIC_DEPLOYER,
                data: contract.calldata.clone(),
                value: U256::ZERO,
                // Its constructor looks at the code of all the others.
                after_others: contract.address == shared.factory.address,
            });
        }
    }
    let create = ISuiteFactory::deployCall { dao: desired.dao.clone(), project: desired.project.clone() };
    // A guardian's span ends a little later on every run; the work is the same one.
    let mut timeless = create.clone();
    if session.sunset_is_a_span() {
        timeless.dao.guardianSunset = U48::ZERO;
    }
    calls.push(Call {
        key: format!("suite:{}", keccak256(timeless.abi_encode())),
        description: format!("deploy project {}", session.loaded.manifest.project.name),
        to: shared.factory.address,
        data: create.abi_encode().into(),
        value: U256::ZERO,
        after_others: true,
    });
    let operation = Operation { verb: VERB, key: session.loaded.manifest.project.name.to_string(), calls };
    let applied = apply::apply(session, operation, tx).await?;
    let sent = match applied {
        Applied::Planned(sent) => return Ok(planned(session, sent)),
        Applied::Done(sent) => sent,
    };
    let found = find(session, &shared, deployer, &desired).await?.ok_or_else(|| {
        Error::chain("chain.event_missing", "the deployment was confirmed, but its event can't be found")
            .hint("the node may lag behind; run `dgov deploy` again")
    })?;
    record(session, deployer, &shared, found).await?;
    report(session, sent, true)
}

/// The contracts this build deploys.
pub fn shared_contracts() -> Result<SharedContracts> {
    SharedContracts::of_this_build().map_err(|error| Error::bug("the compiled contracts are damaged").caused_by(&error))
}

async fn require_deployer(session: &Session<'_>) -> Result<()> {
    if session.has_code(DETERMINISTIC_DEPLOYER).await? {
        return Ok(());
    }
    Err(Error::chain(
        "chain.no_deterministic_deployer",
        format!("this chain has no deterministic deployer at {DETERMINISTIC_DEPLOYER}"),
    )
    .hint("it is deployed by one well-known transaction: see github.com/Arachnid/deterministic-deployment-proxy"))
}

/// A deployment on chain.
pub(crate) struct Found {
    suite: Suite,
    /// Binds deployer and configuration.
    pub(crate) salt: B256,
    log: Log,
}

/// Looks for a project of this deployer with this configuration; a guardian's span counts from its own deployment.
pub(crate) async fn find(
    session: &Session<'_>,
    shared: &SharedContracts,
    deployer: Address,
    desired: &Desired,
) -> Result<Option<Found>> {
    if !session.has_code(shared.factory.address).await? {
        return Ok(None);
    }
    let provider = &session.connection.provider;
    let filter = Filter::new()
        .address(shared.factory.address)
        .event_signature(ISuiteFactory::SuiteDeployed::SIGNATURE_HASH)
        .topic1(deployer);
    let factory = ISuiteFactory::new(shared.factory.address, provider);
    let salt = factory.saltOf(deployer, desired.dao.clone(), desired.project.clone()).call().await;
    let salt = salt.map_err(unreachable)?;
    for log in rare_logs(provider, &filter, 0).await? {
        let event = decode::<ISuiteFactory::SuiteDeployed>(&log)?;
        if event.salt == salt {
            return Ok(Some(Found { suite: event.suite, salt, log }));
        }
        // Another end of the guardian's span makes another salt: then the calldata tells, if the deployer sent it itself.
        if !session.sunset_is_a_span() {
            continue;
        }
        let Some(hash) = log.transaction_hash else { continue };
        let Some(transaction) = provider.get_transaction_by_hash(hash).await.map_err(unreachable)? else { continue };
        let Ok(mut call) = ISuiteFactory::deployCall::abi_decode(transaction.inner.input()) else { continue };
        call.dao.guardianSunset = desired.dao.guardianSunset;
        if call.dao == desired.dao && call.project == desired.project {
            return Ok(Some(Found { suite: event.suite, salt: event.salt, log }));
        }
    }
    Ok(None)
}

async fn record(session: &Session<'_>, deployer: Address, shared: &SharedContracts, found: Found) -> Result<()> {
    let contracts = roles(&found.suite);
    let mut code = BTreeMap::new();
    for (role, address) in &contracts {
        let bytes = session.connection.provider.get_code_at(*address).await.map_err(unreachable)?;
        code.insert(role.clone(), keccak256(&bytes));
    }
    let lock = NetworkLock {
        chain_id: session.connection.chain_id,
        deployer,
        factory: shared.factory.address,
        salt: found.salt,
        block: found.log.block_number.unwrap_or_default(),
        transaction: found.log.transaction_hash.unwrap_or_default(),
        contracts,
        code,
        datasets: BTreeMap::new(),
    };
    session.update_lock(|networks| {
        networks.insert(session.name().to_owned(), lock);
    })
}

/// Addresses by role, as the lock names them.
pub fn roles(suite: &Suite) -> BTreeMap<String, Address> {
    [
        ("token", suite.token),
        ("timelock", suite.timelock),
        ("governor", suite.governor),
        ("manager", suite.manager),
        ("registry", suite.registry),
        ("licenses", suite.licenses),
        ("vault", suite.vault),
        ("pass", suite.pass),
        ("stake", suite.stake),
        ("court", suite.court),
        ("ledger", suite.ledger),
        ("rounds", suite.rounds),
        ("records", suite.records),
    ]
    .into_iter()
    .map(|(role, address)| (role.to_owned(), address))
    .collect()
}

fn planned(session: &Session<'_>, sent: TxReport) -> DeployReport {
    DeployReport {
        network: session.name().to_owned(),
        chain_id: session.connection.chain_id,
        deployed: false,
        project: None,
        contracts: BTreeMap::new(),
        sent,
    }
}

fn report(session: &Session<'_>, sent: TxReport, deployed: bool) -> Result<DeployReport> {
    let lock = session.network_lock()?;
    let registry = session.suite()?.registry;
    Ok(DeployReport {
        network: session.name().to_owned(),
        chain_id: lock.chain_id,
        deployed,
        project: Some(format!("eip155:{}:{}", lock.chain_id, registry.to_checksum(None))),
        contracts: lock.contracts,
        sent,
    })
}
