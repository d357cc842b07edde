//! What the contracts themselves say, asked on the embedded chain without going through dgov's commands.

use alloy::primitives::{Address, B256, U256};
use alloy::sol_types::SolCall;
use dgov::chain::embedded::{Clock, EmbeddedChain};
use dgov_contracts::governance::IErc20;
use dgov_contracts::suite::{IAccessPass, IRoyaltyVault};
use serde_json::{Value, json};

use super::project::copy_dir;
use super::{START, TestEnv};

impl TestEnv {
    /// The result of a read-only call.
    pub fn ask<C: SolCall>(&self, to: Address, call: C) -> C::Return {
        let dir = camino::Utf8PathBuf::from_path_buf(self.dir().join(".dgov/chain")).unwrap();
        // The clock of the commands, which are run with `DGOV_EMBEDDED_TIME`.
        let chain = EmbeddedChain::open_with(&dir, Clock::Fixed(START.parse().unwrap())).unwrap();
        let data = alloy::hex::encode_prefixed(call.abi_encode());
        let answer = chain.answer("eth_call", Some(json!([{ "to": to, "data": data }, "latest"]))).unwrap();
        C::abi_decode_returns(&alloy::hex::decode(answer.as_str().unwrap()).unwrap()).unwrap()
    }

    /// Address of a contract of the project, from its lock.
    pub fn contract(&self, role: &str) -> Address {
        let lock: toml::Table = self.read("dgov.lock").parse().unwrap();
        lock["networks"]["local"]["contracts"][role].as_str().unwrap().parse().unwrap()
    }

    /// Gross income of a pool, as a decimal string.
    pub fn income(&self, pool: &Value, currency: Address) -> String {
        let pool: B256 = pool.as_str().unwrap().parse().unwrap();
        self.ask(self.contract("vault"), IRoyaltyVault::incomeCall { poolId: pool, currency }).to_string()
    }

    /// Whether an account may use a dataset for a purpose, by bit number.
    pub fn may_use(&self, account: &str, dataset_id: &Value, purpose: u8) -> bool {
        let dataset = dataset_id.as_str().unwrap().parse().unwrap();
        let call = IAccessPass::isValidCall { account: account.parse().unwrap(), datasetId: dataset, purpose };
        self.ask(self.contract("pass"), call)
    }

    /// End of a pass, unix seconds; 0 for none.
    pub fn pass_end(&self, account: &str, dataset_id: &Value) -> u64 {
        let dataset = dataset_id.as_str().unwrap().parse().unwrap();
        let call = IAccessPass::passOfCall { account: account.parse().unwrap(), datasetId: dataset };
        self.ask(self.contract("pass"), call).expiry.to()
    }

    /// Tokens of an account.
    pub fn tokens(&self, token: Address, account: Address) -> U256 {
        self.ask(token, IErc20::balanceOfCall { account })
    }

    /// Wei of an account.
    pub fn wei(&self, account: &str) -> u128 {
        u128::from_str_radix(self.account(&self.dir(), account).1.trim_start_matches("0x"), 16).unwrap()
    }

    /// Kills a command at each of its fault points, each time from the same state; `then` looks at what came of it.
    pub fn kill_everywhere(&self, command: &[&str], mut then: impl FnMut(usize)) {
        let base = self.dir().with_file_name("base");
        copy_dir(&self.dir(), &base);
        let mut point = 1;
        loop {
            std::fs::remove_dir_all(self.dir()).unwrap();
            copy_dir(&base, &self.dir());
            if self.run_with(&self.dir(), command, &[("DGOV_FAULT_AT", &point.to_string())]).code == 0 {
                break;
            }
            then(point);
            point += 1;
        }
        assert!(point > 5, "only {} fault points", point - 1);
    }
}
