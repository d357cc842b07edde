//! A real anvil on a free port of this machine, stopped when the test ends.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

pub struct Anvil {
    child: Child,
    pub port: u16,
}

impl Anvil {
    /// `None`, and a line that says so, when it is not installed.
    pub fn start() -> Option<Self> {
        let binary = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("contracts/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil");
        if !binary.exists() {
            eprintln!("SKIPPED: anvil is not installed; contracts/scripts/setup installs it");
            return None;
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new(binary)
            .args(["--host", "127.0.0.1", "--port", &port.to_string(), "--silent"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let anvil = Self { child, port };
        let start = Instant::now();
        while anvil.try_rpc("eth_chainId", json!([])).is_none() {
            assert!(start.elapsed() < Duration::from_secs(30), "anvil did not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(anvil)
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn rpc(&self, method: &str, params: Value) -> Value {
        self.try_rpc(method, params).unwrap_or_else(|| panic!("anvil refused {method}"))
    }

    /// Moves its clock.
    pub fn advance(&self, seconds: u64) {
        self.rpc("evm_increaseTime", json!([seconds]));
        self.rpc("evm_mine", json!([]));
    }

    fn try_rpc(&self, method: &str, params: Value) -> Option<Value> {
        rpc(&self.url(), method, params)
    }
}

impl Drop for Anvil {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One JSON-RPC call; `None` for an error of any kind.
pub fn rpc(url: &str, method: &str, params: Value) -> Option<Value> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let answer: Value = client.post(url).json(&body).send().await.ok()?.json().await.ok()?;
        answer.get("result").cloned()
    })
}
