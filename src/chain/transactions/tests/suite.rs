//! The compiled contracts of the suite through the engine, on the node and on the embedded chain.

use alloy::{
    primitives::{Address, B256, U256},
    providers::Provider,
    sol_types::{SolCall, SolEvent},
};
use camino::Utf8Path;
use dgov_contracts::{
    artifacts::Contract,
    deploy::{self, DETERMINISTIC_DEPLOYER, SharedContracts},
    governance::{IDataToken, IErc20},
    ids,
    suite::{
        Allocation, DaoConfig, IAccessPass, IDatasetRegistry, ILicenseRegistry, ISuiteFactory, ModuleConfig,
        ProjectConfig, RoyaltyPolicy, Terms,
    },
};

use super::{
    node::{embedded, engine_at},
    *,
};
use crate::chain::reverts::contract_error;

fn configuration(holder: Address) -> (DaoConfig, ProjectConfig) {
    let dao = DaoConfig {
        name: "Raccoon Commons".into(),
        symbol: "RCN".into(),
        allocations: vec![Allocation { to: holder, amount: U256::from(1_000_000) }],
        votingDelay: "86400".parse().unwrap(),
        votingPeriod: 259_200,
        lateQuorumExtension: "0".parse().unwrap(),
        timelockDelay: "172800".parse().unwrap(),
        proposalThreshold: U256::from(10_000),
        quorumBps: 400,
        guardian: Address::ZERO,
        guardianSunset: "0".parse().unwrap(),
    };
    let policy = RoyaltyPolicy { contributors: 8_000, curators: 1_000, validators: 0, treasury: 1_000 };
    let terms = vec![research()];
    (dao, ProjectConfig { daoApprovesCards: false, policy, terms, currencies: vec![], modules: modules() })
}

fn modules() -> ModuleConfig {
    ModuleConfig {
        attestationLock: "1000".parse().unwrap(),
        minBond: "500".parse().unwrap(),
        bondBps: 1_000,
        challengeWindow: 604_800,
        answerWindow: 259_200,
        rulingWindow: 1_209_600,
        appealWindow: 259_200,
        unbonding: 3_888_000,
        cancelWindow: 259_200,
        roundBond: "100".parse().unwrap(),
        arbitrator: Address::ZERO,
        arbitratorExtraData: Default::default(),
    }
}

/// Terms with a price that rises; all fields but the currency are set, so that ids are compared in them.
fn research() -> Terms {
    Terms {
        licenseDigest: B256::repeat_byte(0x11),
        allow: 0b10_0001,
        deny: 0b100_0000,
        price: 10_000_000_000_000_000,
        currency: Address::ZERO,
        duration: "31536000".parse().unwrap(),
        revocable: true,
        royaltyBps: 250,
        priceModule: deploy::linear_curve().unwrap().address,
        priceStep: "1000000000000000".parse().unwrap(),
    }
}

/// Deploys everything in one operation, as `deploy` will; ids and addresses are those computed here.
async fn deploy_and_use(engine: &Engine, log: &Log) {
    let connection = &engine.connection;
    let provider = connection.provider.clone();
    let shared = SharedContracts::of_this_build().unwrap();
    let factory = shared.factory.address;
    let account = engine.account.address;
    let (dao, project) = configuration(account);
    let call = ISuiteFactory::deployCall { dao: dao.clone(), project: project.clone() }.abi_encode();
    let steps = || {
        let mut steps = Vec::new();
        for shared in shared.in_order() {
            let (provider, address) = (provider.clone(), shared.address);
            let description = format!("deploy {}", shared.name());
            let step = Step::call(shared.contract.name(), description, DETERMINISTIC_DEPLOYER, shared.calldata.clone());
            let step = step.unless(move || {
                let provider = provider.clone();
                async move { Ok(!provider.get_code_at(address).await.map_err(|e| connection.error(e))?.is_empty()) }
            });
            // The factory's constructor looks at the others.
            steps.push(if address == factory { step } else { step.independent() });
        }
        steps.push(Step::call("suite", "deploy the project", factory, call.clone()));
        steps
    };
    let outcomes = engine.run("deploy", "raccoon", steps()).await.unwrap();
    let receipt = outcomes.last().unwrap().receipt().unwrap();
    let event =
        receipt.logs().iter().find_map(|log| ISuiteFactory::SuiteDeployed::decode_log(&log.inner).ok()).unwrap();
    let contract = ISuiteFactory::new(factory, &provider);
    let salt = contract.saltOf(account, dao, project).call().await.unwrap();
    assert_eq!(contract.suiteOf(salt).call().await.unwrap(), event.suite);
    let given = contract.implementations().call().await.unwrap();
    assert_eq!((given.token, given.pass), (shared.implementations[0].address, shared.implementations[7].address));
    // What the deployer's bytes made: STOP, then the creation code, from which the suite's own pass was made.
    let held = provider.get_code_at(given.pass).await.unwrap();
    assert_eq!((held[0], &held[1..]), (0, &Contract::AccessPass.artifact().unwrap().creation_code().unwrap()[..]));
    let pass = IAccessPass::new(event.suite.pass, &provider);
    assert_eq!(pass.registry().call().await.unwrap(), event.suite.registry);
    assert_eq!(pass.vault().call().await.unwrap(), event.suite.vault);

    let sent = log.count("sent");
    assert_eq!(sent, 16);
    engine.run("deploy", "raccoon", steps()).await.unwrap();
    assert_eq!(log.count("sent"), sent, "a second run sends nothing");

    let supply = IErc20::new(event.suite.token, &provider).totalSupply().call().await.unwrap();
    assert_eq!(supply, U256::from(1_000_000));
    let votes = IDataToken::new(event.suite.token, &provider).getVotes(account).call().await.unwrap();
    assert_eq!(votes, supply, "the holder votes at once");
    // Identifiers as the contracts compute them.
    let registry = IDatasetRegistry::new(event.suite.registry, &provider);
    let salt = ids::dataset_salt("raccoon").unwrap();
    let there = registry.datasetIdOf(account, salt).call().await.unwrap();
    assert_eq!(there, ids::dataset_id(connection.chain_id, event.suite.registry, account, salt));
    let licenses = ILicenseRegistry::new(event.suite.licenses, &provider);
    assert_eq!(licenses.termsIdOf(research()).call().await.unwrap(), ids::terms_id(&research()));
    assert_eq!(licenses.termsOf(ids::terms_id(&research())).call().await.unwrap().terms, research());

    // Errors of another contract than the one that is called, in a read and in a step.
    let error = registry.requireSaleable(there, 1).call().await.unwrap_err();
    let error = contract_error(connection, "asking whether raccoon is for sale", error);
    assert_eq!(error.kind(), ErrorKind::Reverted);
    assert!(error.message().contains("NumberUnknown(datasetId: 0x"), "{error}");
    let call = ILicenseRegistry::addTermsCall { terms: research() }.abi_encode();
    let step = Step::call("x", "add terms", event.suite.licenses, call);
    let error = engine.run("gov", "x", vec![step]).await.unwrap_err();
    assert!(error.message().contains(&format!("Unauthorized(caller: {account})")), "{error}");
    assert!(error.hints()[0].contains("dgov gov propose"), "{:?}", error.hints());
}

#[tokio::test]
async fn the_suite_on_a_node() {
    let Some(node) = Node::start(&["--enable-tx-gas-limit"]).await else { return };
    let (engine, log) = node.engine(0).await;
    deploy_and_use(&engine, &log).await;
}

#[tokio::test]
async fn the_suite_on_the_embedded_chain() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = Utf8Path::from_path(temporary.path()).unwrap();
    let connection = embedded(&directory.join("chain")).await;
    let (engine, log) = engine_at(&connection, &directory.join("ledger.db"), 0);
    deploy_and_use(&engine, &log).await;
}

/// The ledger outlives a chain that was reset under it: what was signed for the old one is planned anew.
#[tokio::test]
async fn a_reset_chain_is_noticed() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = Utf8Path::from_path(temporary.path()).unwrap();
    let chain = crate::chain::embedded::EmbeddedChain::open(&directory.join("chain")).unwrap();
    let connection = embedded(&directory.join("chain")).await;
    let (engine, log) = engine_at(&connection, &directory.join("ledger.db"), 0);
    let to = Address::repeat_byte(0x61);
    engine.run("test", "k", vec![transfer("a", to, 5), transfer("b", to, 7)]).await.unwrap();
    chain.reset().unwrap();
    let (engine, _) = (Engine { connection: embedded(&directory.join("chain")).await, ..engine }, ());
    engine.run("test", "k", vec![transfer("a", to, 5), transfer("b", to, 7)]).await.unwrap();
    let balance = engine.connection.provider.get_balance(to).await.unwrap();
    assert_eq!((balance, log.count("confirmed")), (U256::from(12), 4));
}
