//! Against a real node (anvil); where it is not installed, each test says so and passes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

mod abandon;
mod faults;
mod node;
mod suite;
mod trouble;

use std::{sync::Mutex, time::Duration};

use alloy::primitives::{Address, TxHash, U256};
use node::Node;

use super::*;
use crate::{
    ErrorKind,
    chain::{networks::DataFee, signers::dev_account},
};

/// Remembers what it was told.
#[derive(Default)]
struct Log(Mutex<Vec<(&'static str, Option<TxHash>)>>);

impl Log {
    fn push(&self, what: &'static str, hash: Option<TxHash>) {
        self.0.lock().unwrap().push((what, hash));
    }
    fn words(&self) -> Vec<&'static str> {
        self.0.lock().unwrap().iter().map(|(what, _)| *what).collect()
    }
    fn count(&self, word: &str) -> usize {
        self.words().iter().filter(|what| **what == word).count()
    }
}

impl Observer for Log {
    fn resent(&self, work: &Unfinished) {
        self.push("resent", Some(work.hash));
    }
    fn canceled(&self, _: &str, canceled: TxHash, _: Option<TxHash>) {
        self.push("canceled", Some(canceled));
    }
    fn skipped(&self, _: &str) {
        self.push("skipped", None);
    }
    fn sent(&self, _: &str, hash: TxHash) {
        self.push("sent", Some(hash));
    }
    fn replaced(&self, _: &str, _: TxHash, new: TxHash) {
        self.push("replaced", Some(new));
    }
    fn reorganized(&self, _: &str, hash: TxHash) {
        self.push("reorganized", Some(hash));
    }
    fn confirmed(&self, _: &str, receipt: &alloy::rpc::types::TransactionReceipt) {
        self.push("confirmed", Some(receipt.transaction_hash));
    }
}

fn transfer<'a>(key: &str, to: Address, wei: u64) -> Step<'a> {
    Step::call(key, format!("send {wei} wei"), to, vec![]).value(U256::from(wei))
}

#[tokio::test]
async fn steps_are_sent_confirmed_and_never_repeated() {
    let Some(node) = Node::start(&[]).await else { return };
    let (engine, log) = node.engine(0).await;
    let to = Address::repeat_byte(0x11);
    let steps = || vec![transfer("a", to, 5), transfer("b", to, 7).independent(), transfer("c", to, 11).independent()];
    let first = engine.run("test", "k", steps()).await.unwrap();
    assert_eq!(node.balance(to).await, U256::from(23));
    assert_eq!((log.count("sent"), log.count("confirmed")), (3, 3));
    // `b` and `c` were sent before `b` was confirmed, in order.
    let again = engine.run("test", "k", steps()).await.unwrap();
    let hashes = |outcomes: &[Outcome]| outcomes.iter().map(Outcome::hash).collect::<Vec<_>>();
    assert_eq!(hashes(&first), hashes(&again));
    assert_eq!(node.balance(to).await, U256::from(23));
    assert_eq!(log.count("sent"), 3);
    let operation = engine.begin("test", "k").await.unwrap();
    assert!(operation.operation().unwrap().done);
    // Another key is other work.
    engine.run("test", "k2", vec![transfer("a", to, 1)]).await.unwrap();
    assert_eq!(node.balance(to).await, U256::from(24));
}

#[tokio::test]
async fn independent_steps_share_a_block() {
    let Some(node) = Node::start(&["--no-mining"]).await else { return };
    let (engine, log) = node.engine(0).await;
    let to = Address::repeat_byte(0x12);
    let steps = (0..4).map(|i| transfer(&i.to_string(), to, 1).independent()).collect();
    let run = tokio::spawn(async move { engine.run("test", "k", steps).await });
    while log.count("sent") < 4 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    node.mine(1).await;
    let outcomes = run.await.unwrap().unwrap();
    let blocks: Vec<_> = outcomes.iter().map(|o| o.receipt().unwrap().block_number).collect();
    assert!(blocks.iter().all(|block| *block == blocks[0]), "{blocks:?}");
    assert_eq!(node.balance(to).await, U256::from(4));
}

#[tokio::test]
async fn the_chain_is_asked_before_anything_is_signed() {
    let Some(node) = Node::start(&[]).await else { return };
    let (engine, log) = node.engine(0).await;
    let to = Address::repeat_byte(0x13);
    let steps = || vec![transfer("a", to, 5).unless(|| async { Ok(node.balance(to).await >= U256::from(5)) })];
    assert!(matches!(engine.run("test", "k", steps()).await.unwrap()[0], Outcome::Confirmed(_)));
    // A runner with an empty ledger does not pay again.
    let (fresh, log2) = node.engine(0).await;
    assert!(matches!(fresh.run("test", "k", steps()).await.unwrap()[0], Outcome::AlreadyDone));
    assert_eq!((log.count("sent"), log2.words()), (1, vec!["skipped"]));
    assert_eq!(node.balance(to).await, U256::from(5));
}

#[tokio::test]
async fn spending_is_limited_over_the_whole_operation() {
    let Some(node) = Node::start(&[]).await else { return };
    let (mut engine, log) = node.engine(0).await;
    let to = Address::repeat_byte(0x14);
    let (big, gas) = (1_000_000_000_000_000_000_u64, 1_000_000_000_000_000_u64);
    // Enough for one step with its gas, not for two.
    engine.options.max_spend = Some(U256::from(big + gas));
    let error = engine.run("test", "k", vec![transfer("a", to, big), transfer("b", to, big)]).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Unauthorized, "tx.max_spend"));
    assert_eq!((node.balance(to).await, log.count("sent")), (U256::from(big), 1));
    // A rerun counts what the first run spent.
    let error = engine.run("test", "k", vec![transfer("a", to, big), transfer("b", to, big)]).await.unwrap_err();
    assert_eq!(error.code(), "tx.max_spend");
    engine.options.max_spend = Some(U256::from(2 * (big + gas)));
    engine.run("test", "k", vec![transfer("a", to, big), transfer("b", to, big)]).await.unwrap();
    assert_eq!(node.balance(to).await, U256::from(2 * big));
}

#[tokio::test]
async fn a_main_network_asks_for_a_limit() {
    let Some(node) = Node::start(&[]).await else { return };
    let (mut engine, _) = node.engine(0).await;
    engine.connection.network.main = true;
    engine.options.yes = true;
    let error = engine.run("test", "k", vec![]).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Usage, "tx.max_spend_required"));
    engine.options.max_spend = Some(U256::ZERO);
    engine.run("test", "k", vec![]).await.unwrap();
}

#[tokio::test]
async fn unsigned_transactions_go_to_a_file_and_nowhere_else() {
    let Some(node) = Node::start(&[]).await else { return };
    let (mut engine, log) = node.engine(0).await;
    let path = node.directory().join("unsigned.json");
    engine.options.unsigned = Some(path.clone());
    engine.account = crate::chain::signers::Account::watched(Address::repeat_byte(9));
    let to = Address::repeat_byte(0x15);
    let done = transfer("b", to, 6).unless(|| async { Ok(true) });
    let outcomes = engine.run("test", "k", vec![transfer("a", to, 5), done]).await.unwrap();
    assert!(matches!(outcomes[..], [Outcome::Exported, Outcome::AlreadyDone]));
    let written: serde_json::Value = serde_json::from_str(&fs_err::read_to_string(path).unwrap()).unwrap();
    let expected = serde_json::json!([{
        "description": "send 5 wei", "chainId": "31337", "from": Address::repeat_byte(9), "to": to, "value": "5",
        "data": "0x",
    }]);
    assert_eq!(written, expected);
    assert_eq!((node.balance(to).await, log.count("sent")), (U256::ZERO, 0));
    assert!(engine.ledger.operations(&engine.connection.chain_key()).unwrap().is_empty());
    // Without --unsigned the same account can't sign.
    engine.options.unsigned = None;
    let error = engine.run("test", "k", vec![Step::call("a", "call", to, vec![])]).await.unwrap_err();
    assert_eq!(error.code(), "signer.missing");
}

#[tokio::test]
async fn legacy_chains_and_data_fees() {
    let Some(node) = Node::start(&["--hardfork", "berlin"]).await else { return };
    let (engine, _) = node.engine(0).await;
    let to = Address::repeat_byte(0x16);
    let outcome = engine.run("test", "k", vec![transfer("a", to, 5)]).await.unwrap();
    assert_eq!(outcome[0].receipt().unwrap().transaction_type() as u8, 0);

    let Some(node) = Node::start(&[]).await else { return };
    let (mut engine, _) = node.engine(0).await;
    engine.connection.network.data_fee = DataFee::OpStack;
    let error = engine.quote(&transfer("a", to, 5)).await.unwrap_err();
    assert_eq!(error.code(), "contract.missing");
    // PUSH2 1000, MSTORE at 0, RETURN 32 bytes.
    node.set_code("0x420000000000000000000000000000000000000F".parse().unwrap(), "0x6103e85f5260205ff3").await;
    let quote = engine.quote(&transfer("a", to, 5)).await.unwrap();
    assert_eq!(quote.data_fee, U256::from(1250));
    let gas = U256::from(quote.gas_limit) * U256::from(quote.fees.highest());
    assert_eq!(quote.total(), U256::from(5 + 1250) + gas);
}

#[test]
fn replacements_pay_an_eighth_more_and_at_least_the_market() {
    let old = Fees::Dynamic { max_fee: 800, priority: 9 };
    assert_eq!(
        Fees::Dynamic { max_fee: 100, priority: 1 }.raised_over(old),
        Fees::Dynamic { max_fee: 900, priority: 11 }
    );
    assert_eq!(
        Fees::Dynamic { max_fee: 5_000, priority: 50 }.raised_over(old),
        Fees::Dynamic { max_fee: 5_000, priority: 50 }
    );
    let zero = Fees::Dynamic { max_fee: 0, priority: 0 };
    assert_eq!(zero.raised_over(zero), Fees::Dynamic { max_fee: 1, priority: 1 });
    assert_eq!(
        Fees::Legacy { gas_price: 1 }.raised_over(Fees::Legacy { gas_price: 80 }),
        Fees::Legacy { gas_price: 90 }
    );
}
