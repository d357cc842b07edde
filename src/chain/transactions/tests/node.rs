//! A node of its own for each test, on a port that the system chooses.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use alloy::{
    primitives::{Address, U256},
    providers::Provider,
};
use camino::{Utf8Path, Utf8PathBuf};

use super::{Engine, Log, Options, dev_account};
use crate::chain::{
    embedded::EmbeddedChain,
    ledger::Ledger,
    networks::{Network, NetworkParameters},
    provider::Connection,
};

const ANVIL: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/contracts/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil");

pub(super) struct Node {
    process: Child,
    pub(super) url: String,
    pub(super) connection: Connection,
    directory: tempfile::TempDir,
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub(super) fn network(url: &str) -> Network {
    let parameters = NetworkParameters {
        name: "anvil".into(),
        rpc_url: Some(url.into()),
        chain_id: Some(31_337),
        ..Default::default()
    };
    Network { poll: Duration::from_millis(10), ..Network::resolve(&parameters).unwrap() }
}

/// The embedded chain of a directory.
pub(super) async fn embedded(directory: &Utf8Path) -> Connection {
    let parameters = NetworkParameters { name: "local".into(), embedded: true, ..Default::default() };
    let chain = EmbeddedChain::open(directory).unwrap();
    Connection::embedded(Network::resolve(&parameters).unwrap(), &chain).await.unwrap()
}

/// An engine of a development account, with a ledger of its own.
pub(super) fn engine_at(connection: &Connection, ledger: &Utf8Path, account: u32) -> (Engine, Arc<Log>) {
    let log = Arc::new(Log::default());
    let engine = Engine {
        connection: connection.clone(),
        account: dev_account(account).unwrap(),
        ledger: Arc::new(Ledger::open(ledger).unwrap()),
        options: Options::default(),
        observer: log.clone(),
    };
    (engine, log)
}

impl Node {
    pub(super) async fn start(arguments: &[&str]) -> Option<Self> {
        let spawned = Command::new(ANVIL)
            .args(["--host", "127.0.0.1", "--port", "0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut process = match spawned {
            Ok(process) => process,
            Err(error) => {
                eprintln!("SKIPPED: anvil is not installed in contracts/node_modules ({error})");
                return None;
            }
        };
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let address = lines.find_map(|line| line.unwrap().strip_prefix("Listening on ").map(str::to_owned)).unwrap();
        // Its log has to be read, or it would block.
        std::thread::spawn(move || lines.for_each(drop));
        let url = format!("http://{address}");
        let connection = Connection::open(network(&url)).await.unwrap();
        Some(Self { process, url, connection, directory: tempfile::tempdir().unwrap() })
    }

    /// An engine with a ledger of its own.
    pub(super) async fn engine(&self, account: u32) -> (Engine, Arc<Log>) {
        let ledgers = fs_err::read_dir(self.directory.path()).unwrap().count();
        let path = self.directory().join(format!("{ledgers}/ledger.db"));
        engine_at(&self.connection, &path, account)
    }

    pub(super) fn directory(&self) -> Utf8PathBuf {
        Utf8PathBuf::from_path_buf(self.directory.path().to_owned()).unwrap()
    }

    pub(super) fn provider(&self) -> &impl Provider {
        &self.connection.provider
    }

    pub(super) async fn balance(&self, account: Address) -> U256 {
        self.provider().get_balance(account).await.unwrap()
    }

    pub(super) async fn mine(&self, blocks: u64) {
        let _: serde_json::Value =
            self.provider().raw_request("anvil_mine".into(), (U256::from(blocks),)).await.unwrap();
    }

    pub(super) async fn set_code(&self, address: Address, code: &str) {
        let _: serde_json::Value = self.provider().raw_request("anvil_setCode".into(), (address, code)).await.unwrap();
    }

    pub(super) async fn nonce(&self, account: Address) -> u64 {
        self.provider().get_transaction_count(account).latest().await.unwrap()
    }
}
