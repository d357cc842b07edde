//! Killing a process at every fault point in turn: a second run completes the work, and nothing is paid twice.

use std::process::Command;

use alloy::providers::Provider;
use camino::{Utf8Path, Utf8PathBuf};

use super::{
    node::{embedded, network},
    *,
};
use crate::chain::provider::Connection;

const URL: &str = "DGOV_TEST_NODE";
const LEDGER: &str = "DGOV_TEST_LEDGER";
const TARGET: &str = "DGOV_TEST_TARGET";

/// Not a test of its own: the process that is killed. It does nothing unless the test below starts it.
#[tokio::test]
async fn victim() {
    let Ok(url) = std::env::var(URL) else { return };
    let target: Address = std::env::var(TARGET).unwrap().parse().unwrap();
    let ledger = Utf8PathBuf::from(std::env::var(LEDGER).unwrap());
    let connection = match url.strip_prefix("embedded:") {
        Some(directory) => embedded(Utf8Path::new(directory)).await,
        None => Connection::open(network(&url)).await.unwrap(),
    };
    let engine = Engine {
        connection,
        account: dev_account(1).unwrap(),
        ledger: Arc::new(Ledger::open(&ledger).unwrap()),
        options: Options::default(),
        observer: Arc::new(Silent),
    };
    // Nothing here can be seen on chain: only the ledger keeps it from being paid twice.
    let steps = vec![transfer("a", target, 3), transfer("b", target, 5).independent(), transfer("c", target, 7)];
    engine.run("test", "k", steps).await.unwrap();
}

fn run_victim(url: &str, ledger: &str, target: Address, fault: Option<u32>) -> bool {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "chain::transactions::tests::faults::victim", "--nocapture"])
        .env(URL, url)
        .env(LEDGER, ledger)
        .env(TARGET, target.to_string())
        .env_remove("DGOV_FAULT_AT");
    if let Some(point) = fault {
        command.env("DGOV_FAULT_AT", point.to_string());
    }
    command.output().unwrap().status.success()
}

async fn kill_everywhere(url: &str, connection: &Connection, directory: &Utf8Path, stride: u32) {
    let sender = dev_account(1).unwrap().address;
    let nonce = async || connection.provider.get_transaction_count(sender).await.unwrap();
    let mut point = 1;
    loop {
        let target = Address::repeat_byte(u8::try_from(0x30 + point).unwrap());
        let ledger = directory.join(format!("{point}/ledger.db")).to_string();
        let before = nonce().await;
        let survived = run_victim(url, &ledger, target, Some(point));
        if survived {
            break;
        }
        // Killed a second time, further on, before it may complete.
        run_victim(url, &ledger, target, Some(point + 2));
        assert!(run_victim(url, &ledger, target, None), "the run after a kill at point {point} failed");
        let balance = connection.provider.get_balance(target).await.unwrap();
        assert_eq!(balance, U256::from(15), "after a kill at point {point}");
        assert_eq!(nonce().await, before + 3, "after a kill at point {point}");
        point += stride;
    }
    // Fewer points than the effects of three steps would mean that they are not armed.
    assert!(point > 25, "only {point} fault points");
}

#[tokio::test]
async fn killed_at_every_point_nothing_is_paid_twice() {
    let Some(node) = Node::start(&[]).await else { return };
    kill_everywhere(&node.url, &node.connection, &node.directory(), 1).await;
}

/// Here the process also dies while its transactions wait in the pool.
#[tokio::test]
async fn killed_at_every_point_while_blocks_are_slow() {
    let Some(node) = Node::start(&["--block-time", "0.4"]).await else { return };
    kill_everywhere(&node.url, &node.connection, &node.directory(), 3).await;
}

#[tokio::test]
async fn killed_at_every_point_on_the_embedded_chain() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = Utf8Path::from_path(temporary.path()).unwrap();
    let chain = directory.join("chain");
    let connection = embedded(&chain).await;
    kill_everywhere(&format!("embedded:{chain}"), &connection, directory, 1).await;
}
