//! Packages on the embedded chain that no push would have made, and packages in places of their own.

use std::collections::BTreeMap;
use std::path::Path;

use alloy::consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy::eips::eip2718::Encodable2718;
use alloy::network::TxSignerSync;
use alloy::primitives::{Bytes, TxKind, U256, hex};
use alloy::signers::local::MnemonicBuilder;
use camino::Utf8PathBuf;
use cid::Cid;
use dgov::chain::embedded::{Clock, DEV_MNEMONIC, EmbeddedChain};
use dgov_data::unixfs;
use serde_json::{Value, json};

use super::blocks::Blocks;
use super::{START, TestEnv};

impl TestEnv {
    /// A deployed project whose dataset on chain has this root instead of its own; nothing of it is stored.
    pub fn with_root(digest: [u8; 32]) -> Self {
        let env = Self::project();
        env.ok(&["deploy"]);
        env.register(digest);
        env
    }

    /// Registers the dataset with a root of the test's choice.
    fn register(&self, digest: [u8; 32]) {
        let own: Cid = self.json(&["data", "cid", "data/raccoon"])["cid"].as_str().unwrap().parse().unwrap();
        self.ok(&["data", "push", "--no-offer", "--unsigned", "push.json"]);
        let call: Value = serde_json::from_str(&self.read("push.json")).unwrap();
        let data = call[0]["data"].as_str().unwrap().replace(&hex::encode(own.hash().digest()), &hex::encode(digest));
        self.send(call[0]["to"].as_str().unwrap(), &data);
        std::fs::remove_dir_all(self.dir().join(".dgov/store")).unwrap();
    }

    /// Sends a transaction of dev0 on the embedded chain.
    fn send(&self, to: &str, data: &str) {
        self.send_from(0, to, data);
    }

    /// Sends a transaction of a development account on the embedded chain.
    pub fn send_from(&self, account: u32, to: &str, data: &str) {
        let dir = Utf8PathBuf::from_path_buf(self.dir().join(".dgov/chain")).unwrap();
        let chain = EmbeddedChain::open_with(&dir, Clock::Fixed(START.parse().unwrap())).unwrap();
        let signer = MnemonicBuilder::from_phrase(DEV_MNEMONIC).index(account).unwrap().build().unwrap();
        let nonce = chain.answer("eth_getTransactionCount", Some(json!([signer.address(), "latest"]))).unwrap();
        let nonce = u64::from_str_radix(nonce.as_str().unwrap().trim_start_matches("0x"), 16).unwrap();
        let mut transaction = TxEip1559 {
            chain_id: 31_337,
            nonce,
            gas_limit: 1_000_000,
            max_fee_per_gas: 3_000_000_000,
            max_priority_fee_per_gas: 1_000_000_000,
            to: TxKind::Call(to.parse().unwrap()),
            value: U256::ZERO,
            access_list: Default::default(),
            input: data.parse::<Bytes>().unwrap(),
        };
        let signature = signer.sign_transaction_sync(&mut transaction).unwrap();
        let raw = TxEnvelope::from(transaction.into_signed(signature)).encoded_2718();
        let hash = chain.answer("eth_sendRawTransaction", Some(json!([Bytes::from(raw)]))).unwrap();
        let receipt = chain.answer("eth_getTransactionReceipt", Some(json!([hash]))).unwrap();
        assert_eq!(receipt["status"], "0x1", "{receipt}");
    }

    /// A project whose dataset is on chain and in no store, and the blocks of its data. `more` adds files.
    pub fn pushed_elsewhere(profile: &str, more: impl Fn(&Self)) -> (Self, Blocks) {
        let env = Self::project();
        env.write("data/raccoon/big.bin", noise(5_500_000));
        env.write("data/raccoon/empty", "");
        more(&env);
        env.ok(&["deploy"]);
        let (root, blocks) = blocks_of(&env.dir().join("data/raccoon"), profile);
        env.register(root);
        (env, blocks)
    }
}

/// Digest of the root and all blocks of a folder, under CIDs of version 1: gateways give a block for either.
fn blocks_of(folder: &Path, profile: &str) -> ([u8; 32], Blocks) {
    let options = unixfs::Options { profile: profile.parse().unwrap(), ..Default::default() };
    let folder = Utf8PathBuf::from_path_buf(folder.to_owned()).unwrap();
    let package = unixfs::plan(&folder, &options).unwrap().hash(&|_| {}).unwrap();
    let mut blocks = Blocks::default();
    let mut take = |block: unixfs::Block<'_>| {
        blocks.put(block.cid.codec(), block.bytes.to_vec());
        Ok(())
    };
    package.for_each_block(&mut take).unwrap();
    (package.digest().0, blocks)
}

/// Bytes that don't repeat, always the same.
pub fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..len).map(|_| next()).collect()
}

/// Everything below a folder: paths, and contents of files. Links are named, not followed.
pub fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    walk(folder, "", &mut found);
    found
}

fn walk(folder: &Path, prefix: &str, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            walk(&entry.path(), &format!("{path}/"), found);
            found.insert(format!("{path}/"), Vec::new());
        } else if kind.is_symlink() {
            found.insert(format!("{path} (link)"), Vec::new());
        } else {
            found.insert(path, std::fs::read(entry.path()).unwrap());
        }
    }
}
