//! Work that is given up: what was signed for it is never sent by anything else, and never unseen.

use alloy::providers::Provider;

use super::{
    node::{embedded, engine_at},
    *,
};
use crate::chain::networks::{Network, NetworkParameters};

const WEI: u64 = 5;

/// Signs a payment and dies before it is sent.
async fn signed_and_killed(engine: &Engine, to: Address) -> TransactionRow {
    let chain = engine.connection.chain_key();
    let operation = engine.ledger.begin(&chain, "n", "buy", "k").unwrap();
    let step = transfer("a", to, WEI);
    let row = engine.ledger.step(operation.id, &step.key, &step.description).unwrap();
    let quote = engine.quote(&step).await.unwrap();
    let pending = engine.pending_count().await.unwrap();
    let sign = |nonce| engine.sign(quote.unsigned(engine.connection.chain_id, nonce), quote.data_fee);
    engine.ledger.record_signed(&chain, row.id, engine.account.address, pending, sign).unwrap()
}

fn operation(engine: &Engine) -> Operation {
    engine.ledger.begin(&engine.connection.chain_key(), "n", "buy", "k").unwrap()
}

fn in_flight(engine: &Engine) -> usize {
    engine.ledger.in_flight(&engine.connection.chain_key(), engine.account.address).unwrap().len()
}

/// The connection stays on loopback; only its description leads elsewhere.
fn public() -> Network {
    let parameters = NetworkParameters {
        name: "far".into(),
        rpc_url: Some("https://rpc.example.org".into()),
        chain_id: Some(31_337),
        confirmations: Some(1),
        ..Default::default()
    };
    Network { poll: Duration::from_millis(10), main: false, ..Network::resolve(&parameters).unwrap() }
}

async fn pending_engine(node: &Node, to: Address) -> (Engine, Arc<Log>) {
    let (mut engine, log) = node.engine(0).await;
    engine.connection.network.patience = Duration::from_millis(100);
    let error = engine.run("buy", "k", vec![transfer("a", to, WEI)]).await.unwrap_err();
    assert_eq!(error.code(), "tx.pending");
    engine.connection.network.patience = Duration::from_secs(10);
    (engine, log)
}

/// Mines until the work ends.
async fn mining<T>(node: &Node, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return done,
            () = tokio::time::sleep(Duration::from_millis(100)) => node.mine(1).await,
        }
    }
}

#[tokio::test]
async fn a_pending_transaction_is_canceled_at_its_nonce() {
    let Some(node) = Node::start(&["--no-mining"]).await else { return };
    let to = Address::repeat_byte(0x61);
    let (engine, log) = pending_engine(&node, to).await;
    let operation = operation(&engine);
    assert!(mining(&node, engine.abandon(&operation)).await.unwrap());
    assert_eq!((node.balance(to).await, node.nonce(engine.account.address).await), (U256::ZERO, 1));
    assert_eq!((log.count("canceled"), in_flight(&engine)), (1, 0));
    let row = &engine.ledger.steps(operation.id).unwrap()[0];
    assert_eq!(row.state, StepState::Failed);
    assert!(row.error.as_ref().unwrap().starts_with("canceled by 0x"));
    // Nothing of it is left for another command to send; and if it is wanted again, it is signed again.
    mining(&node, engine.run("vote", "k", vec![transfer("a", Address::repeat_byte(1), 1)])).await.unwrap();
    assert_eq!(node.balance(to).await, U256::ZERO);
    mining(&node, engine.run("buy", "k", vec![transfer("a", to, WEI)])).await.unwrap();
    assert_eq!((node.balance(to).await, node.nonce(engine.account.address).await), (U256::from(WEI), 3));
}

#[tokio::test]
async fn what_is_in_a_block_is_confirmed_instead() {
    let Some(node) = Node::start(&["--no-mining"]).await else { return };
    let to = Address::repeat_byte(0x62);
    let (engine, log) = pending_engine(&node, to).await;
    node.mine(1).await;
    let operation = operation(&engine);
    assert!(engine.abandon(&operation).await.unwrap());
    assert_eq!(engine.ledger.steps(operation.id).unwrap()[0].state, StepState::Confirmed);
    assert_eq!((node.balance(to).await, log.count("canceled")), (U256::from(WEI), 0));
    assert_eq!(node.nonce(engine.account.address).await, 1);
}

#[tokio::test]
async fn what_no_node_ever_had_is_forgotten() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = camino::Utf8Path::from_path(temporary.path()).unwrap();
    let connection = embedded(&directory.join("chain")).await;
    let (engine, log) = engine_at(&connection, &directory.join("ledger.db"), 0);
    let to = Address::repeat_byte(0x63);
    signed_and_killed(&engine, to).await;
    assert!(engine.abandon(&operation(&engine)).await.unwrap());
    engine.run("vote", "k", vec![transfer("a", Address::repeat_byte(1), 1)]).await.unwrap();
    assert_eq!(connection.provider.get_balance(to).await.unwrap(), U256::ZERO);
    assert_eq!((engine.mined_count().await.unwrap(), log.words()), (1, vec!["canceled", "sent", "confirmed"]));
}

/// Off loopback a transaction that this node does not know may be with another one.
#[tokio::test]
async fn off_loopback_the_nonce_is_used_up() {
    let Some(node) = Node::start(&[]).await else { return };
    let (mut engine, log) = node.engine(0).await;
    engine.connection.network = public();
    let to = Address::repeat_byte(0x64);
    let payment = signed_and_killed(&engine, to).await;
    assert!(engine.abandon(&operation(&engine)).await.unwrap());
    assert_eq!((node.nonce(engine.account.address).await, log.count("canceled")), (1, 1));
    assert_eq!(engine.broadcast(&payment.raw).await.unwrap(), broadcast::Answer::NonceTooLow);
    assert_eq!(node.balance(to).await, U256::ZERO);
}

#[tokio::test]
async fn a_cancellation_costs_no_more_than_was_agreed_to() {
    let Some(node) = Node::start(&[]).await else { return };
    let (mut engine, log) = node.engine(0).await;
    engine.connection.network = public();
    engine.options = Options { yes: true, max_spend: Some(U256::from(1)), unsigned: None };
    signed_and_killed(&engine, Address::repeat_byte(0x65)).await;
    let operation = operation(&engine);
    assert_eq!(engine.abandon(&operation).await.unwrap_err().code(), "tx.max_spend");
    assert_eq!((node.nonce(engine.account.address).await, in_flight(&engine)), (0, 1));
    engine.options.max_spend = None;
    assert!(engine.abandon(&operation).await.unwrap());
    assert_eq!((node.nonce(engine.account.address).await, log.count("canceled")), (1, 1));
}

#[tokio::test]
async fn a_cancellation_that_was_killed_goes_on_and_the_work_can_be_wanted_again() {
    let Some(node) = Node::start(&["--no-mining"]).await else { return };
    let to = Address::repeat_byte(0x66);
    let (engine, log) = pending_engine(&node, to).await;
    let (operation, engine) = (operation(&engine), Arc::new(engine));
    let abandoned = {
        let (engine, operation) = (engine.clone(), operation.clone());
        tokio::spawn(async move { engine.abandon(&operation).await })
    };
    while in_flight(&engine) < 2 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    abandoned.abort();
    // The payment is wanted after all: it follows the cancellation, with a nonce of its own.
    let outcome = mining(&node, engine.run("buy", "k", vec![transfer("a", to, WEI)])).await.unwrap();
    assert!(matches!(outcome[0], Outcome::Confirmed(_)));
    assert_eq!((node.balance(to).await, node.nonce(engine.account.address).await), (U256::from(WEI), 2));
    assert_eq!((in_flight(&engine), log.count("canceled")), (0, 0));
}

/// Answers what is to become of another command's transaction.
struct Judge(Option<Remedy>, Arc<Log>);

impl Observer for Judge {
    fn unfinished(&self, work: &Unfinished) -> Result<Remedy> {
        assert_eq!((work.verb.as_str(), work.value), ("buy", U256::from(WEI)));
        self.0.ok_or_else(|| Error::unauthorized("tx.unfinished", "not now"))
    }
    fn resent(&self, work: &Unfinished) {
        self.1.resent(work);
    }
    fn canceled(&self, description: &str, canceled: TxHash, by: Option<TxHash>) {
        self.1.canceled(description, canceled, by);
    }
}

#[tokio::test]
async fn another_command_sends_it_only_with_consent() {
    for (remedy, paid, told) in
        [(Some(Remedy::SendAgain), WEI, vec!["resent"]), (Some(Remedy::Cancel), 0, vec!["canceled"]), (None, 0, vec![])]
    {
        let Some(node) = Node::start(&[]).await else { return };
        let (mut engine, log) = node.engine(0).await;
        engine.connection.network = public();
        let to = Address::repeat_byte(0x67);
        signed_and_killed(&engine, to).await;
        engine.observer = Arc::new(Judge(remedy, log.clone()));
        let other = Address::repeat_byte(0x68);
        let result = engine.run("vote", "k", vec![transfer("a", other, 1)]).await;
        assert_eq!(result.is_ok(), remedy.is_some(), "{remedy:?}");
        assert_eq!(node.balance(to).await, U256::from(paid), "{remedy:?}");
        assert_eq!(node.balance(other).await, U256::from(u64::from(remedy.is_some())), "{remedy:?}");
        assert_eq!(log.words(), told, "{remedy:?}");
    }
}

/// What waits in a pool is out of our hands: nobody is asked, and nothing is sent twice.
#[tokio::test]
async fn what_a_node_has_already_needs_no_consent() {
    let Some(node) = Node::start(&["--no-mining"]).await else { return };
    let to = Address::repeat_byte(0x69);
    let (mut engine, log) = pending_engine(&node, to).await;
    engine.observer = Arc::new(Judge(None, log.clone()));
    mining(&node, engine.run("vote", "k", vec![transfer("a", Address::repeat_byte(1), 1)])).await.unwrap();
    assert_eq!((node.balance(to).await, log.count("resent")), (U256::from(WEI), 0));
}
