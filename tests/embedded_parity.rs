//! The same signed transactions on the embedded chain and on a real development node: gas, outcome, logs, fees and
//! roots must be equal. Says so and passes when the node is not installed (`npm ci` in `contracts/`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::Write;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use alloy::consensus::{SignableTransaction, TxEip1559, TxEip2930, TxEip7702, TxEnvelope, TxLegacy};
use alloy::eips::eip2718::Encodable2718;
use alloy::eips::eip2930::{AccessList, AccessListItem};
use alloy::eips::eip2935::HISTORY_STORAGE_ADDRESS;
use alloy::eips::eip7702::Authorization;
use alloy::network::TxSignerSync;
use alloy::primitives::{Address, B256, Bytes, Signature, TxKind, U256, address, hex, keccak256};
use alloy::providers::{Provider, ProviderBuilder};
use alloy::rpc::client::RpcClient;
use alloy::signers::SignerSync;
use alloy::signers::local::{MnemonicBuilder, PrivateKeySigner};
use camino::Utf8Path;
use dgov::chain::embedded::{CHAIN_ID, Clock, DETERMINISTIC_DEPLOYER, DEV_MNEMONIC, EmbeddedChain, dev_addresses};
use serde_json::{Value, json};

const NOBODY: Address = address!("0x00000000000000000000000000000000000000aa");
/// Adds one to slot 0 and emits it.
const COUNTER: &[u8] = &hex!("5f54600101805f555f525f3560205fa100");
/// Reverts with 0xdeadbeef.
const REVERTER: &[u8] = &hex!("63deadbeef5f526004601cfd");
/// Slot 0 from zero to one and back: refunds.
const TOGGLE: &[u8] = &hex!("5f54155f5500");
/// Counts leading zeros, an instruction since Osaka.
const LEADING_ZEROS: &[u8] = &hex!("5f351e5f5500");
/// The hash of block 1, by instruction, into slot 0.
const BLOCK_HASH: &[u8] = &hex!("6001405f5500");
/// Destroys itself: for good only in the transaction that creates it.
const SELF_DESTRUCT: &[u8] = &hex!("5fff");

struct Node {
    process: Child,
    url: String,
}

impl Node {
    fn start() -> Option<Self> {
        let packages = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("contracts/node_modules/@foundry-rs");
        let program = packages.join(format!("anvil-{}-{}/bin/anvil", system(), machine()));
        if !program.exists() {
            // Past the capture of the test harness: a skipped comparison must be seen.
            let notice = format!("skipped: {program} is not installed; run `npm ci` in contracts/\n");
            std::io::stderr().write_all(notice.as_bytes()).unwrap();
            return None;
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = Command::new(program)
            .args(["--host", "127.0.0.1", "--port", &port.to_string(), "--silent"])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Some(Self { process, url: format!("http://127.0.0.1:{port}") })
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn system() -> &'static str {
    match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    }
}

fn machine() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

fn dev(index: u32) -> PrivateKeySigner {
    MnemonicBuilder::english().phrase(DEV_MNEMONIC).index(index).unwrap().build().unwrap()
}

fn creation(runtime: &[u8]) -> Vec<u8> {
    let length = u8::try_from(runtime.len()).unwrap();
    [&[0x60, length, 0x80, 0x60, 9, 0x5f, 0x39, 0x5f, 0xf3], runtime].concat()
}

fn at(runtime: &[u8]) -> Address {
    DETERMINISTIC_DEPLOYER.create2(B256::ZERO, keccak256(creation(runtime)))
}

/// Signs for dev0 with rising nonces.
#[derive(Default)]
struct Script {
    steps: Vec<(&'static str, Bytes)>,
}

impl Script {
    fn nonce(&self) -> u64 {
        self.steps.len() as u64
    }

    fn add<T>(&mut self, name: &'static str, mut transaction: T)
    where
        T: SignableTransaction<Signature>,
        TxEnvelope: From<alloy::consensus::Signed<T>>,
    {
        let signature = dev(0).sign_transaction_sync(&mut transaction).unwrap();
        self.steps.push((name, TxEnvelope::from(transaction.into_signed(signature)).encoded_2718().into()));
    }

    fn call(&mut self, name: &'static str, to: Address, input: impl Into<Bytes>, gas_limit: u64, value: u64) {
        let transaction = TxEip1559 {
            chain_id: CHAIN_ID,
            nonce: self.nonce(),
            gas_limit,
            max_fee_per_gas: 3_000_000_000,
            max_priority_fee_per_gas: 1_000_000_000,
            to: TxKind::Call(to),
            value: U256::from(value),
            access_list: AccessList::default(),
            input: input.into(),
        };
        self.add(name, transaction);
    }

    fn deploy(&mut self, name: &'static str, runtime: &[u8]) {
        self.call(name, DETERMINISTIC_DEPLOYER, [B256::ZERO.as_slice(), &creation(runtime)].concat(), 1_000_000, 0);
    }

    fn legacy(&mut self, name: &'static str, to: TxKind, input: impl Into<Bytes>, value: u64, chain_id: Option<u64>) {
        let transaction = TxLegacy {
            chain_id,
            nonce: self.nonce(),
            gas_price: 2_500_000_000,
            gas_limit: 500_000,
            to,
            value: U256::from(value),
            input: input.into(),
        };
        self.add(name, transaction);
    }
}

fn script() -> Script {
    let mut script = Script::default();
    for (name, runtime) in [
        ("deploy counter", COUNTER),
        ("deploy reverter", REVERTER),
        ("deploy toggle", TOGGLE),
        ("deploy leading zeros", LEADING_ZEROS),
        ("deploy block hash", BLOCK_HASH),
        ("deploy self-destruct", SELF_DESTRUCT),
    ] {
        script.deploy(name, runtime);
    }
    let word = B256::with_last_byte;
    script.call("deploy the same again", DETERMINISTIC_DEPLOYER, creation(COUNTER), 300_000, 0);
    script.call("count, first", at(COUNTER), word(1), 100_000, 0);
    script.call("count, again", at(COUNTER), word(2), 100_000, 0);
    script.call("count, out of gas", at(COUNTER), word(3), 25_000, 0);
    script.call("revert", at(REVERTER), [], 100_000, 0);
    script.call("toggle on", at(TOGGLE), [], 100_000, 0);
    script.call("toggle off, with refund", at(TOGGLE), [], 100_000, 0);
    script.call("Osaka instruction", at(LEADING_ZEROS), word(1), 100_000, 0);
    script.call("block hash", at(BLOCK_HASH), [], 100_000, 0);
    script.call("self-destruct that only pays", at(SELF_DESTRUCT), [], 100_000, 11);
    script.call("history contract", HISTORY_STORAGE_ADDRESS, word(1), 100_000, 0);
    script.call("modexp precompile", address!("0x0000000000000000000000000000000000000005"), modexp(), 200_000, 0);
    script.call("P-256 precompile", address!("0x0000000000000000000000000000000000000100"), [7; 160], 100_000, 0);
    script.call("calldata floor", NOBODY, vec![0x5a; 10_000], 600_000, 0);
    script.call("value", dev_addresses()[1], [], 21_000, 12_345);
    script.legacy("legacy value", TxKind::Call(NOBODY), [], 99, Some(CHAIN_ID));
    script.legacy("legacy without a chain id", TxKind::Call(NOBODY), [], 1, None);
    script.legacy("legacy creation", TxKind::Create, creation(COUNTER), 0, Some(CHAIN_ID));
    script.legacy("creation that destroys itself", TxKind::Create, SELF_DESTRUCT, 7, Some(CHAIN_ID));
    let nonce = script.nonce();
    script.add(
        "access list",
        TxEip2930 {
            chain_id: CHAIN_ID,
            nonce,
            gas_price: 2_500_000_000,
            gas_limit: 100_000,
            to: TxKind::Call(at(COUNTER)),
            value: U256::ZERO,
            access_list: AccessList(vec![AccessListItem { address: at(COUNTER), storage_keys: vec![B256::ZERO] }]),
            input: word(4).into(),
        },
    );
    let authorization = Authorization { chain_id: U256::from(CHAIN_ID), address: at(COUNTER), nonce: 0 };
    let signature = dev(2).sign_hash_sync(&authorization.signature_hash()).unwrap();
    let nonce = script.nonce();
    script.add(
        "account with code",
        TxEip7702 {
            chain_id: CHAIN_ID,
            nonce,
            gas_limit: 200_000,
            max_fee_per_gas: 3_000_000_000,
            max_priority_fee_per_gas: 1,
            to: dev(2).address(),
            value: U256::ZERO,
            access_list: AccessList::default(),
            authorization_list: vec![authorization.into_signed(signature)],
            input: word(5).into(),
        },
    );
    script
}

/// 64-byte base, exponent and modulus: dearer since Osaka.
fn modexp() -> Vec<u8> {
    let length = B256::with_last_byte(64);
    [length.as_slice(), length.as_slice(), length.as_slice(), &[0xa5; 192]].concat()
}

async fn ask(provider: &impl Provider, method: &'static str, params: Value) -> Value {
    provider.raw_request(method.into(), params).await.unwrap_or_else(|error| panic!("{method}: {error}"))
}

/// Sends every step and collects what must be equal.
async fn play(provider: &impl Provider, script: &Script) -> Vec<Value> {
    let mut facts = Vec::new();
    for (name, raw) in &script.steps {
        let hash = ask(provider, "eth_sendRawTransaction", json!([raw])).await;
        let receipt = receipt(provider, &hash).await;
        let block = ask(provider, "eth_getBlockByHash", json!([receipt["blockHash"], false])).await;
        let transaction = ask(provider, "eth_getTransactionByHash", json!([hash])).await;
        let logs: Vec<Value> = receipt["logs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|log| json!([log["address"], log["topics"], log["data"], log["logIndex"], log["transactionIndex"]]))
            .collect();
        let mut fact = serde_json::Map::new();
        fact.insert("step".to_owned(), json!(name));
        fact.insert("logs".to_owned(), json!(logs));
        for member in ["status", "gasUsed", "cumulativeGasUsed", "effectiveGasPrice", "type", "from", "to"] {
            fact.insert(member.to_owned(), receipt[member].clone());
        }
        for member in ["contractAddress", "logsBloom", "blockNumber", "transactionIndex"] {
            fact.insert(member.to_owned(), receipt[member].clone());
        }
        for member in ["transactionsRoot", "receiptsRoot", "baseFeePerGas", "gasLimit", "gasUsed", "transactions"] {
            fact.insert(format!("block {member}"), block[member].clone());
        }
        // Not `gasPrice`: the node reckons it with the base fee of the next block; the receipts have the right one.
        for member in ["nonce", "value", "input", "gas", "v", "r", "s", "accessList"] {
            fact.insert(format!("transaction {member}"), transaction[member].clone());
        }
        facts.push(Value::Object(fact));
    }
    for account in dev_addresses().into_iter().chain([
        NOBODY,
        Address::ZERO,
        at(COUNTER),
        at(TOGGLE),
        at(LEADING_ZEROS),
        at(SELF_DESTRUCT),
        at(SELF_DESTRUCT),
    ]) {
        facts.push(json!({
            "account": account,
            "balance": ask(provider, "eth_getBalance", json!([account, "latest"])).await,
            "nonce": ask(provider, "eth_getTransactionCount", json!([account, "latest"])).await,
            "code": ask(provider, "eth_getCode", json!([account, "latest"])).await,
            "slot 0": ask(provider, "eth_getStorageAt", json!([account, "0x0", "latest"])).await,
        }));
    }
    facts
}

async fn receipt(provider: &impl Provider, hash: &Value) -> Value {
    for _ in 0..500 {
        let receipt = ask(provider, "eth_getTransactionReceipt", json!([hash])).await;
        if !receipt.is_null() {
            return receipt;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{hash} was not mined");
}

#[tokio::test]
async fn the_embedded_chain_charges_and_answers_like_a_node() {
    let Some(node) = Node::start() else { return };
    let remote = ProviderBuilder::new().connect_http(node.url.parse().unwrap());
    for _ in 0..500 {
        if remote.get_chain_id().await.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let directory = tempfile::tempdir().unwrap();
    let path = Utf8Path::from_path(directory.path()).unwrap();
    let chain = EmbeddedChain::open_with(path, Clock::System).unwrap();
    let local = ProviderBuilder::new().connect_client(RpcClient::new(chain.transport(), true));

    let script = script();
    let (ours, theirs) = (play(&local, &script).await, play(&remote, &script).await);
    assert_eq!(ours.len(), theirs.len());
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert_eq!(ours, theirs);
    }
    // The list holds what it claims to hold.
    let failed: Vec<&str> =
        ours.iter().filter(|fact| fact["status"] == "0x0").map(|fact| fact["step"].as_str().unwrap()).collect();
    assert_eq!(failed, ["deploy the same again", "count, out of gas", "revert"]);
    let logs = ours.iter().filter_map(|fact| fact["logs"].as_array()).map(Vec::len).sum::<usize>();
    assert_eq!(logs, 4);

    // Read back from disk, everything is still there: code made by a transaction, by an authorization, and storage.
    let again = EmbeddedChain::open_with(path, Clock::System).unwrap();
    let again = ProviderBuilder::new().connect_client(RpcClient::new(again.transport(), true));
    for (account, code) in [(at(COUNTER), COUNTER.to_vec()), (dev(2).address(), delegation(at(COUNTER)))] {
        assert_eq!(ask(&again, "eth_getCode", json!([account, "latest"])).await, json!(Bytes::from(code)));
    }
    let latest = json!(["latest", true]);
    assert_eq!(
        ask(&again, "eth_getBlockByNumber", latest.clone()).await,
        ask(&local, "eth_getBlockByNumber", latest).await
    );
}

/// What an account holds after it authorized `target` (EIP-7702).
fn delegation(target: Address) -> Vec<u8> {
    [&[0xef, 0x01, 0x00], target.as_slice()].concat()
}
