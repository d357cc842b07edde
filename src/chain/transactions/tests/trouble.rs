//! What goes wrong on chains: reverts, empty accounts, wrong chains, stuck, replaced and reorganized transactions.

use alloy::{
    network::NetworkTransactionBuilder,
    primitives::{B256, Bytes},
    providers::Provider,
    rpc::types::TransactionRequest,
    sol_types::SolValue,
};

use super::{node::network, *};
use crate::chain::{
    networks::{Network, NetworkParameters},
    provider::Connection,
    signers::Account,
};

/// Runtime code that reverts with its calldata.
const REVERTER: &str = "0x365f5f37365ffd";
/// Runtime code that accepts everything.
const STOP: &str = "0x00";

fn already_voted() -> Bytes {
    let mut data = alloy::primitives::keccak256("GovernorAlreadyCastVote(address)")[..4].to_vec();
    data.extend(Address::repeat_byte(7).abi_encode());
    data.into()
}

async fn until(log: &Log, word: &str, count: usize) {
    for _ in 0..500 {
        if log.count(word) >= count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no `{word}` after 5 s: {:?}", log.words());
}

#[tokio::test]
async fn reverts_are_named_before_anything_is_signed() {
    let Some(node) = Node::start(&[]).await else { return };
    let (engine, log) = node.engine(0).await;
    let target = Address::repeat_byte(0x41);
    node.set_code(target, REVERTER).await;
    let error = engine.run("test", "k", vec![Step::call("a", "vote", target, already_voted())]).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Reverted, "contract.would_revert"));
    assert!(error.message().starts_with("vote would fail: GovernorAlreadyCastVote(voter: 0x0707"), "{error}");
    assert!(error.hints()[0].contains("voted"));
    let error = engine.run("test", "k", vec![Step::call("a", "vote", target, vec![])]).await.unwrap_err();
    assert_eq!(error.code(), "contract.would_revert");
    assert_eq!((node.nonce(engine.account.address).await, log.count("sent")), (0, 0));
}

#[tokio::test]
async fn a_transaction_that_fails_on_chain_is_explained_and_can_be_tried_again() {
    let Some(node) = Node::start(&["--no-mining"]).await else { return };
    let (engine, log) = node.engine(0).await;
    let engine = Arc::new(engine);
    let target = Address::repeat_byte(0x42);
    node.set_code(target, STOP).await;
    let steps = || vec![Step::call("a", "vote", target, already_voted())];
    let (runner, first) = (engine.clone(), steps());
    let run = tokio::spawn(async move { runner.run("test", "k", first).await });
    until(&log, "sent", 1).await;
    node.set_code(target, REVERTER).await;
    node.mine(1).await;
    let error = run.await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Reverted, "contract.reverted"));
    assert!(error.message().contains("GovernorAlreadyCastVote"), "{error}");

    node.set_code(target, STOP).await;
    let (runner, second) = (engine.clone(), steps());
    let run = tokio::spawn(async move { runner.run("test", "k", second).await });
    until(&log, "sent", 2).await;
    node.mine(1).await;
    assert!(matches!(run.await.unwrap().unwrap()[0], Outcome::Confirmed(_)));
    assert_eq!(node.nonce(engine.account.address).await, 2);
}

#[tokio::test]
async fn an_empty_account_is_told_what_it_needs() {
    let Some(node) = Node::start(&[]).await else { return };
    let (mut engine, log) = node.engine(0).await;
    let signer = alloy::signers::local::PrivateKeySigner::random();
    engine.account = Account::with_signer("poor", signer);
    let to = Address::repeat_byte(0x43);
    for step in [transfer("a", to, 5), Step::call("b", "call", to, vec![])] {
        let error = engine.run("test", "k", vec![step]).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Reverted, "tx.insufficient_funds"));
        assert!(error.hints()[0].contains(&engine.account.address.to_string()));
    }
    assert_eq!(log.count("sent"), 0);
}

#[tokio::test]
async fn another_chain_is_refused_with_both_ids() {
    let Some(node) = Node::start(&["--chain-id", "31337"]).await else { return };
    let parameters = NetworkParameters {
        name: "main".into(),
        rpc_url: Some(node.url.clone()),
        chain_id: Some(10),
        ..Default::default()
    };
    let error = Connection::open(Network::resolve(&parameters).unwrap()).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Chain, "chain.wrong_chain"));
    assert!(error.message().contains("10") && error.message().contains("31337"));
}

#[tokio::test]
async fn waiting_is_bounded_and_a_rerun_continues_with_the_same_transaction() {
    let Some(node) = Node::start(&["--no-mining"]).await else { return };
    let (mut engine, log) = node.engine(0).await;
    engine.connection.network.patience = Duration::from_millis(200);
    let to = Address::repeat_byte(0x44);
    let error = engine.run("test", "k", vec![transfer("a", to, 5)]).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Chain, "tx.pending"));
    node.mine(1).await;
    let outcome = engine.run("test", "k", vec![transfer("a", to, 5)]).await.unwrap();
    assert_eq!(log.0.lock().unwrap()[0], ("sent", outcome[0].hash()));
    assert_eq!((node.balance(to).await, node.nonce(engine.account.address).await), (U256::from(5), 1));
}

#[tokio::test]
async fn a_transaction_that_the_pool_lost_is_sent_again_unchanged() {
    let Some(node) = Node::start(&["--no-mining"]).await else { return };
    let (mut engine, log) = node.engine(0).await;
    engine.connection.network.patience = Duration::from_millis(100);
    let to = Address::repeat_byte(0x45);
    engine.run("test", "k", vec![transfer("a", to, 5)]).await.unwrap_err();
    let first = log.0.lock().unwrap()[0].1.unwrap();
    let _: serde_json::Value = node.provider().raw_request("anvil_dropTransaction".into(), (first,)).await.unwrap();
    assert!(node.provider().get_transaction_by_hash(first).await.unwrap().is_none());
    // Any command of this account sends it again, so that its own nonce is not held up.
    engine.connection.network.patience = Duration::from_secs(10);
    let engine = Arc::new(engine);
    let (runner, step) = (engine.clone(), transfer("b", to, 7));
    let other = tokio::spawn(async move { runner.run("test", "other", vec![step]).await });
    until(&log, "sent", 2).await;
    node.mine(1).await;
    other.await.unwrap().unwrap();
    let outcome = engine.run("test", "k", vec![transfer("a", to, 5)]).await.unwrap();
    assert_eq!(outcome[0].hash(), Some(first));
    assert_eq!((node.balance(to).await, node.nonce(engine.account.address).await), (U256::from(12), 2));
}

#[tokio::test]
async fn a_stuck_transaction_is_replaced_on_its_own_nonce() {
    let Some(node) = Node::start(&["--no-mining"]).await else { return };
    let (mut engine, log) = node.engine(0).await;
    engine.connection.network.replace_after = Duration::from_millis(300);
    let address = engine.account.address;
    let to = Address::repeat_byte(0x46);
    let run = tokio::spawn(async move { engine.run("test", "k", vec![transfer("a", to, 5)]).await });
    until(&log, "replaced", 2).await;
    node.mine(1).await;
    let outcome = run.await.unwrap().unwrap();
    let told: Vec<_> = log.0.lock().unwrap().iter().filter(|(what, _)| *what == "replaced").copied().collect();
    assert!(told.iter().any(|(_, hash)| *hash == outcome[0].hash()), "a replacement was mined");
    assert_eq!((node.balance(to).await, node.nonce(address).await), (U256::from(5), 1));
}

/// A wallet's own transaction with the account's first nonce, at a price that pushes ours out of the pool.
async fn outbid(node: &Node, account: &Account) {
    let wallet = alloy::network::EthereumWallet::from(account.signer().unwrap().clone());
    let mut foreign = TransactionRequest::default()
        .to(Address::repeat_byte(0x48))
        .nonce(0)
        .value(U256::from(1))
        .gas_limit(21_000)
        .max_fee_per_gas(100_000_000_000)
        .max_priority_fee_per_gas(50_000_000_000);
    foreign.chain_id = Some(31_337);
    let signed = foreign.build(&wallet).await.unwrap();
    let _ = node.provider().send_tx_envelope(signed).await.unwrap();
}

#[tokio::test]
async fn a_nonce_taken_by_another_program_leads_to_a_new_transaction() {
    let Some(node) = Node::start(&["--no-mining"]).await else { return };
    let (engine, log) = node.engine(0).await;
    let account = engine.account.clone();
    let to = Address::repeat_byte(0x47);
    let run = tokio::spawn(async move { engine.run("test", "k", vec![transfer("a", to, 5)]).await });
    until(&log, "sent", 1).await;
    outbid(&node, &account).await;
    node.mine(1).await;
    until(&log, "sent", 2).await;
    node.mine(1).await;
    assert!(matches!(run.await.unwrap().unwrap()[0], Outcome::Confirmed(_)));
    assert_eq!((node.balance(to).await, node.nonce(account.address).await), (U256::from(5), 2));
}

#[tokio::test]
async fn off_loopback_a_taken_nonce_is_for_the_user_to_judge() {
    let Some(node) = Node::start(&["--no-mining"]).await else { return };
    let (mut engine, log) = node.engine(0).await;
    let account = engine.account.clone();
    // The connection stays on loopback; only its description leads elsewhere.
    let parameters = NetworkParameters {
        name: "far".into(),
        rpc_url: Some("https://rpc.example.org".into()),
        chain_id: Some(31_337),
        confirmations: Some(1),
        ..Default::default()
    };
    engine.connection.network = Network { poll: Duration::from_millis(10), ..Network::resolve(&parameters).unwrap() };
    let to = Address::repeat_byte(0x49);
    let run = tokio::spawn(async move { engine.run("test", "k", vec![transfer("a", to, 5)]).await });
    until(&log, "sent", 1).await;
    outbid(&node, &account).await;
    node.mine(1).await;
    let error = run.await.unwrap().unwrap_err();
    assert_eq!(error.code(), "tx.superseded");
    assert_eq!((node.balance(to).await, log.count("sent")), (U256::ZERO, 1));
}

#[tokio::test]
async fn confirmations_are_awaited_and_a_reorganization_is_noticed() {
    let Some(node) = Node::start(&["--no-mining"]).await else { return };
    let (mut engine, log) = node.engine(0).await;
    engine.connection.network.confirmations = 3;
    let address = engine.account.address;
    let to = Address::repeat_byte(0x4a);
    node.mine(2).await;
    let run = tokio::spawn(async move { engine.run("test", "k", vec![transfer("a", to, 5)]).await });
    until(&log, "sent", 1).await;
    node.mine(1).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!run.is_finished(), "one confirmation is not three");
    let _: serde_json::Value =
        node.provider().raw_request("anvil_reorg".into(), (1_u64, Vec::<u8>::new())).await.unwrap();
    until(&log, "reorganized", 1).await;
    assert_eq!(node.balance(to).await, U256::ZERO);
    until(&log, "sent", 2).await;
    node.mine(3).await;
    let outcome = run.await.unwrap().unwrap();
    assert_eq!((node.balance(to).await, node.nonce(address).await), (U256::from(5), 1));
    assert_eq!(log.0.lock().unwrap()[0].1, outcome[0].hash(), "the same transaction, not a new one");
}

#[tokio::test]
async fn two_processes_with_one_ledger_do_not_collide() {
    let Some(node) = Node::start(&["--block-time", "1"]).await else { return };
    let (engine, _) = node.engine(0).await;
    let (other, _) = node.engine(0).await;
    let path = node.directory().join("shared/ledger.db");
    let build = |engine: Engine| Engine { ledger: Arc::new(Ledger::open(&path).unwrap()), ..engine };
    let (one, two) = (build(engine), build(other));
    let to = Address::repeat_byte(0x4b);
    let steps = |n: u64| (0..n).map(|i| transfer(&i.to_string(), to, 1).independent()).collect::<Vec<_>>();
    // The same operation in both, and one of its own in each.
    let (a, b) = tokio::join!(one.run("test", "same", steps(3)), two.run("test", "same", steps(3)));
    let hashes = |outcomes: Vec<Outcome>| outcomes.iter().map(Outcome::hash).collect::<Vec<_>>();
    assert_eq!(hashes(a.unwrap()), hashes(b.unwrap()));
    let (a, b) = tokio::join!(one.run("test", "a", steps(3)), two.run("test", "b", steps(3)));
    a.unwrap();
    b.unwrap();
    assert_eq!((node.balance(to).await, node.nonce(one.account.address).await), (U256::from(9), 9));
    assert_ne!(one.connection.genesis, B256::ZERO);
    assert!(network(&node.url).is_local());
}
