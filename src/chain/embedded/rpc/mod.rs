//! The one dispatcher of JSON-RPC methods.

mod blocks;
mod calls;
pub mod error;
mod fees;
mod params;
mod time;

use alloy::primitives::{Address, B256, Bytes, U64, U256};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::EmbeddedChain;
use super::executor;
use super::genesis::{CHAIN_ID, dev_addresses};
use super::record::Entry;
use error::RpcError;
use params::{Params, find_state};

/// Most requests in one batch.
const BATCH_LIMIT: usize = 1000;
/// Most storage slots in one proof: what the usual nodes take.
const PROOF_LIMIT: usize = 1024;

impl EmbeddedChain {
    /// Answers one method. Blocks while the state is read or written.
    ///
    /// # Errors
    /// What a node would answer, or [`RpcError::Chain`] when the state itself is in trouble.
    pub fn answer(&self, method: &str, params: Option<Value>) -> Result<Value, RpcError> {
        let params = Params::new(params)?;
        match method {
            "eth_chainId" => to_json(U64::from(CHAIN_ID)),
            "net_version" => Ok(Value::String(CHAIN_ID.to_string())),
            "net_listening" => Ok(Value::Bool(true)),
            "eth_syncing" => Ok(Value::Bool(false)),
            "web3_clientVersion" => Ok(Value::String(format!("dgov/v{}", env!("CARGO_PKG_VERSION")))),
            "eth_accounts" => to_json(dev_addresses()),
            "eth_blockNumber" => to_json(U64::from(self.read(|history| history.head().number)?)),
            "eth_getBalance" => {
                let account: Address = params.required(0, "address")?;
                self.state(&params, 1, |world| to_json(world.balance(account)))
            }
            "eth_getCode" => {
                let account: Address = params.required(0, "address")?;
                self.state(&params, 1, |world| to_json(world.code_of(account)))
            }
            "eth_getTransactionCount" => {
                let account: Address = params.required(0, "address")?;
                self.state(&params, 1, |world| to_json(U64::from(world.nonce(account))))
            }
            "eth_getStorageAt" => {
                let account: Address = params.required(0, "address")?;
                let slot: U256 = params.required(1, "slot")?;
                self.state(&params, 2, |world| to_json(B256::from(world.storage(account, slot))))
            }
            "eth_getProof" => {
                let account: Address = params.required(0, "address")?;
                let slots: Vec<U256> = params.required(1, "storage keys")?;
                if slots.len() > PROOF_LIMIT {
                    return Err(RpcError::invalid_params(format!(
                        "{} storage keys, at most {PROOF_LIMIT}",
                        slots.len()
                    )));
                }
                self.state(&params, 2, |world| to_json(world.prove(account, &slots)))
            }
            "eth_call" => self.call(&params),
            "eth_estimateGas" => self.estimate_gas(&params),
            "eth_gasPrice" => self.gas_price(),
            "eth_maxPriorityFeePerGas" => fees::priority_fee(),
            "eth_feeHistory" => self.fee_history(&params),
            "eth_sendRawTransaction" => self.send_raw_transaction(&params),
            "eth_getBlockByNumber" => self.block_by_number(&params),
            "eth_getBlockByHash" => self.block_by_hash(&params),
            "eth_getBlockReceipts" => self.block_receipts(&params),
            "eth_getTransactionByHash" => self.transaction_by_hash(&params),
            "eth_getTransactionReceipt" => self.transaction_receipt(&params),
            "eth_getLogs" => self.logs(&params),
            "evm_increaseTime" => self.increase_time(&params),
            "evm_setNextBlockTimestamp" => self.set_next_block_timestamp(&params),
            "evm_mine" => self.mine(&params),
            _ => Err(RpcError::unknown_method(method)),
        }
    }

    /// Answers a JSON-RPC request or batch, as text. `None` when it holds notifications only.
    pub fn answer_text(&self, request: &[u8]) -> Option<Value> {
        match serde_json::from_slice(request) {
            Err(error) => {
                Some(failure(Value::Null, &json!({"code": -32700, "message": format!("parse error: {error}")})))
            }
            Ok(Value::Array(requests)) if requests.is_empty() => Some(invalid("empty batch")),
            Ok(Value::Array(requests)) if requests.len() > BATCH_LIMIT => {
                Some(invalid(&format!("batch of {} requests, at most {BATCH_LIMIT}", requests.len())))
            }
            Ok(Value::Array(requests)) => {
                let answers: Vec<Value> = requests.into_iter().filter_map(|one| self.answer_value(one)).collect();
                (!answers.is_empty()).then_some(Value::Array(answers))
            }
            Ok(request) => self.answer_value(request),
        }
    }

    fn answer_value(&self, request: Value) -> Option<Value> {
        let Value::Object(mut request) = request else { return Some(invalid("a request must be an object")) };
        let (id, params) = (request.remove("id"), request.remove("params"));
        let Some(method) = request.get("method").and_then(Value::as_str) else {
            return Some(invalid("a request must name its method"));
        };
        let outcome = self.answer(method, params);
        let id = id?;
        Some(match outcome {
            Ok(result) => success(id, result),
            Err(error) => failure(id, &error.to_json()),
        })
    }

    /// A question about the state at the block that parameter `index` names.
    fn state(
        &self,
        params: &Params,
        index: usize,
        question: impl FnOnce(&super::world::World) -> Result<Value, RpcError>,
    ) -> Result<Value, RpcError> {
        let block = params.optional(index, "block")?;
        self.read(|history| find_state(history, block).and_then(|_| question(&history.world)))?
    }

    fn send_raw_transaction(&self, params: &Params) -> Result<Value, RpcError> {
        let raw: Bytes = params.required(0, "transaction")?;
        let hash = alloy::primitives::keccak256(&raw);
        self.write(|history| {
            let (time, offset) = self.clock.next_block(history);
            let mut block = executor::execute(history, &raw, time, offset)?;
            history.mine(&mut block).map_err(RpcError::internal)?;
            Ok::<_, RpcError>(((), Entry::Block(block)))
        })?;
        to_json(hash)
    }
}

fn to_json(value: impl Serialize) -> Result<Value, RpcError> {
    serde_json::to_value(value).map_err(|error| RpcError::internal(format!("an answer has no JSON: {error}")))
}

fn response(id: Value, member: &str, value: Value) -> Value {
    let mut response = Map::new();
    response.insert("jsonrpc".to_owned(), Value::String("2.0".to_owned()));
    response.insert("id".to_owned(), id);
    response.insert(member.to_owned(), value);
    Value::Object(response)
}

fn success(id: Value, result: Value) -> Value {
    response(id, "result", result)
}

fn failure(id: Value, error: &Value) -> Value {
    response(id, "error", error.clone())
}

fn invalid(message: &str) -> Value {
    failure(Value::Null, &RpcError::invalid_request(message).to_json())
}
