//! A chain in a temporary directory, signed transactions, and contracts of a few instructions.

use std::sync::Arc;

use alloy::consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy::eips::eip2718::Encodable2718;
use alloy::network::TxSignerSync;
use alloy::primitives::{Address, B256, Bytes, TxKind, U256, hex, keccak256};
use alloy::signers::local::{MnemonicBuilder, PrivateKeySigner};
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::{Value, json};

use crate::chain::embedded::rpc::error::RpcError;
use crate::chain::embedded::{CHAIN_ID, Clock, DETERMINISTIC_DEPLOYER, DEV_MNEMONIC, EmbeddedChain};

/// Start of the fixed clock.
pub const START: u64 = 1_767_225_600;

/// Adds one to slot 0 and emits the new value, with the first word of the call as topic.
pub const COUNTER: &[u8] = &hex!("5f54600101805f555f525f3560205fa100");
/// Reverts with 0xdeadbeef.
pub const REVERTER: &[u8] = &hex!("63deadbeef5f526004601cfd");
/// Returns the block's time.
pub const WATCH: &[u8] = &hex!("425f5260205ff3");

pub struct Bench {
    _directory: tempfile::TempDir,
    pub path: Utf8PathBuf,
    pub chain: Arc<EmbeddedChain>,
}

impl Bench {
    pub fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(directory.path()).unwrap().join("chain");
        let chain = open(&path);
        Self { _directory: directory, path, chain }
    }
}

pub fn open(path: &Utf8Path) -> Arc<EmbeddedChain> {
    EmbeddedChain::open_with(path, Clock::Fixed(START)).unwrap()
}

pub fn dev(index: u32) -> PrivateKeySigner {
    MnemonicBuilder::english().phrase(DEV_MNEMONIC).index(index).unwrap().build().unwrap()
}

impl EmbeddedChain {
    /// The result of a method that works.
    pub fn ask(&self, method: &str, params: Value) -> Value {
        self.answer(method, Some(params)).unwrap_or_else(|error| panic!("{method}: {error:?}"))
    }

    /// Code, message and data of a method that fails.
    pub fn refusal(&self, method: &str, params: Value) -> (i64, String, Option<Bytes>) {
        match self.answer(method, Some(params)) {
            Err(RpcError::Answer { code, message, data }) => (code, message, data),
            other => panic!("{method}: {other:?}"),
        }
    }

    /// Height of the latest block.
    pub fn height(&self) -> u64 {
        number(&self.ask("eth_blockNumber", json!([])))
    }

    /// A transaction of dev0 with its next nonce.
    pub fn draft(&self, to: TxKind, input: impl Into<Bytes>) -> TxEip1559 {
        let nonce = number(&self.ask("eth_getTransactionCount", json!([dev(0).address(), "pending"])));
        TxEip1559 {
            chain_id: CHAIN_ID,
            nonce,
            gas_limit: 1_000_000,
            max_fee_per_gas: 3_000_000_000,
            max_priority_fee_per_gas: 1_000_000_000,
            to,
            value: U256::ZERO,
            access_list: Default::default(),
            input: input.into(),
        }
    }

    /// Sends a call of dev0 and returns the receipt.
    pub fn send(&self, to: Address, input: impl Into<Bytes>) -> Value {
        let raw = sign(self.draft(TxKind::Call(to), input));
        let hash = self.ask("eth_sendRawTransaction", json!([raw]));
        self.ask("eth_getTransactionReceipt", json!([hash]))
    }

    /// Deploys runtime code through the deterministic deployer.
    pub fn deploy(&self, runtime: &[u8]) -> Address {
        let code = creation(runtime);
        let receipt = self.send(DETERMINISTIC_DEPLOYER, [B256::ZERO.as_slice(), &code].concat());
        assert_eq!(receipt["status"], "0x1", "{receipt}");
        DETERMINISTIC_DEPLOYER.create2(B256::ZERO, keccak256(&code))
    }
}

/// Creation code that returns `runtime`.
pub fn creation(runtime: &[u8]) -> Vec<u8> {
    let length = u8::try_from(runtime.len()).unwrap();
    [&[0x60, length, 0x80, 0x60, 9, 0x5f, 0x39, 0x5f, 0xf3], runtime].concat()
}

pub fn sign(mut transaction: TxEip1559) -> Bytes {
    let signature = dev(0).sign_transaction_sync(&mut transaction).unwrap();
    TxEnvelope::from(transaction.into_signed(signature)).encoded_2718().into()
}

pub fn number(value: &Value) -> u64 {
    let text = value.as_str().unwrap_or_else(|| panic!("not a quantity: {value}"));
    u64::from_str_radix(text.strip_prefix("0x").unwrap(), 16).unwrap()
}
