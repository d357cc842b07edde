//! Reading: blocks, logs, the state, malformed requests.

use alloy::consensus::TrieAccount;
use alloy::eips::eip2935::HISTORY_STORAGE_ADDRESS;
use alloy::primitives::{Address, B256, Bytes, TxKind, U256, keccak256};
use alloy::providers::{Provider, ProviderBuilder};
use alloy::rpc::client::RpcClient;
use alloy::rpc::types::{Block, EIP1186AccountProofResponse, Filter};
use alloy::trie::Nibbles;
use alloy::trie::proof::verify_proof;
use serde_json::{Value, json};

use super::samples::*;
use crate::chain::embedded::{CHAIN_ID, dev_addresses};

fn topic(value: u8) -> B256 {
    B256::with_last_byte(value)
}

#[test]
fn logs_are_found_by_address_topic_range_and_block() {
    let bench = Bench::new();
    let chain = &bench.chain;
    let counter = chain.deploy(COUNTER);
    for value in [1, 2, 1] {
        chain.send(counter, topic(value));
    }
    let count = |filter: Value| chain.ask("eth_getLogs", json!([filter])).as_array().unwrap().len();
    assert_eq!(count(json!({"fromBlock": "earliest"})), 3);
    assert_eq!(count(json!({})), 1, "the default range is the latest block");
    assert_eq!(count(json!({"fromBlock": "0x0", "topics": [topic(1)]})), 2);
    assert_eq!(count(json!({"fromBlock": "0x0", "topics": [[topic(1), topic(2)]]})), 3);
    assert_eq!(count(json!({"fromBlock": "0x0", "topics": [null, topic(1)]})), 0);
    assert_eq!(count(json!({"fromBlock": "0x0", "toBlock": "0x2", "topics": [topic(1)]})), 1);
    assert_eq!(count(json!({"fromBlock": "0x3", "toBlock": "0xff"})), 2, "the range ends at the latest block");
    assert_eq!(count(json!({"fromBlock": "0x0", "address": Address::ZERO})), 0);
    assert_eq!(count(json!({"fromBlock": "0x0", "address": [counter, Address::ZERO]})), 3);
    let block = chain.ask("eth_getBlockByNumber", json!(["0x3", true]));
    let logs = chain.ask("eth_getLogs", json!([{"blockHash": block["hash"]}]));
    assert_eq!(logs[0]["transactionHash"], block["transactions"][0]["hash"]);
    assert_eq!(logs[0]["data"], json!(B256::from(U256::from(2))));
    assert_eq!((&logs[0]["blockNumber"], &logs[0]["logIndex"]), (&json!("0x3"), &json!("0x0")));
    let receipts = chain.ask("eth_getBlockReceipts", json!([block["hash"]]));
    assert_eq!(receipts[0]["logs"], logs);
    assert_eq!(chain.refusal("eth_getLogs", json!([{"blockHash": B256::ZERO}])).0, -32000);
    assert_eq!(chain.refusal("eth_getLogs", json!([{"fromBlock": "0x3", "toBlock": "0x1"}])).0, -32000);
}

#[test]
fn state_is_answered_for_the_latest_block_only() {
    let bench = Bench::new();
    let chain = &bench.chain;
    let counter = chain.deploy(COUNTER);
    chain.send(counter, []);
    let storage = |block: &str| chain.ask("eth_getStorageAt", json!([counter, "0x0", block]));
    for block in ["latest", "pending", "safe", "finalized", "0x2"] {
        assert_eq!(storage(block), json!(topic(1)), "{block}");
    }
    let (code, message, _) = chain.refusal("eth_getStorageAt", json!([counter, "0x0", "0x1"]));
    assert_eq!(code, -32000);
    assert!(message.contains("block 1") && message.contains("latest block (2)"), "{message}");
    assert_eq!(chain.refusal("eth_call", json!([{"to": counter}, "0x9"])).1, "header not found");
    let block = chain.ask("eth_getBlockByNumber", json!(["latest", false]));
    let by_hash = json!({"blockHash": block["hash"]});
    assert_eq!(chain.ask("eth_getStorageAt", json!([counter, "0x0", by_hash])), json!(topic(1)));
    assert_eq!(
        chain.ask("eth_getCode", json!([counter, "latest"])),
        json!(alloy::primitives::hex::encode_prefixed(COUNTER))
    );
    assert_eq!(chain.ask("eth_getBlockByNumber", json!(["0x9", false])), Value::Null);
    assert_eq!(chain.ask("eth_getTransactionReceipt", json!([B256::ZERO])), Value::Null);
}

/// The header hashes to the block's hash, its root proves the account, and that account's root its slots: of values,
/// of slots that are empty, and of accounts that are not there. Any other value is refused.
#[test]
fn proofs_lead_from_the_block_hash_to_a_slot() {
    let bench = Bench::new();
    let chain = &bench.chain;
    let counter = chain.deploy(COUNTER);
    for _ in 0..3 {
        chain.send(counter, []);
    }
    let block: Block = serde_json::from_value(chain.ask("eth_getBlockByNumber", json!(["latest", false]))).unwrap();
    assert_eq!(block.header.inner.hash_slow(), block.header.hash);
    let root = block.header.state_root;
    let proof = |account: Address, slots: &[u64]| -> EIP1186AccountProofResponse {
        let slots: Vec<B256> = slots.iter().map(|slot| U256::from(*slot).into()).collect();
        serde_json::from_value(chain.ask("eth_getProof", json!([account, slots, "latest"]))).unwrap()
    };
    let holds = |root: B256, key: B256, value: Option<Vec<u8>>, nodes: &[Bytes]| {
        verify_proof(root, Nibbles::unpack(key), value, nodes).is_ok()
    };
    // The history contract has a slot for each block.
    for (account, slots, values) in [
        (counter, vec![0, 1], vec![U256::from(3), U256::ZERO]),
        (HISTORY_STORAGE_ADDRESS, vec![0, 1, 2, 3, 4, 99], Vec::new()),
        (dev_addresses()[0], vec![0], vec![U256::ZERO]),
        (Address::repeat_byte(7), vec![0], vec![U256::ZERO]),
    ] {
        let proof = proof(account, &slots);
        let leaf = TrieAccount {
            nonce: proof.nonce,
            balance: proof.balance,
            storage_root: proof.storage_hash,
            code_hash: proof.code_hash,
        };
        let there = (leaf != TrieAccount::default()).then(|| alloy::rlp::encode(leaf));
        assert!(holds(root, keccak256(account), there, &proof.account_proof), "{account}");
        let other = alloy::rlp::encode(TrieAccount { nonce: proof.nonce + 1, ..leaf });
        assert!(!holds(root, keccak256(account), Some(other), &proof.account_proof), "{account}");
        assert_eq!(proof.storage_proof.len(), slots.len());
        for (index, (slot, proved)) in slots.iter().zip(&proof.storage_proof).enumerate() {
            let key = keccak256(B256::from(U256::from(*slot)));
            let asked = chain.ask("eth_getStorageAt", json!([account, format!("{slot:#x}"), "latest"]));
            assert_eq!(json!(B256::from(proved.value)), asked);
            assert!(values.get(index).is_none_or(|value| *value == proved.value));
            let value = (!proved.value.is_zero()).then(|| alloy::rlp::encode(proved.value));
            assert!(holds(proof.storage_hash, key, value, &proved.proof), "{account} {slot}");
            let other = alloy::rlp::encode(proved.value + U256::from(1));
            assert!(!holds(proof.storage_hash, key, Some(other), &proved.proof), "{account} {slot}");
        }
    }
    assert_eq!(chain.refusal("eth_getProof", json!([counter, vec!["0x0"; 1025], "latest"])).0, -32602);
    assert_eq!(chain.refusal("eth_getProof", json!([counter, ["0x0"], "0x1"])).0, -32000);
}

#[test]
fn block_hashes_are_kept_in_the_history_contract() {
    let bench = Bench::new();
    let chain = &bench.chain;
    let hash_of =
        |height: u64| chain.ask("eth_getBlockByNumber", json!([format!("{height:#x}"), false]))["hash"].clone();
    let slot =
        |height: u64| chain.ask("eth_getStorageAt", json!([HISTORY_STORAGE_ADDRESS, format!("{height:#x}"), "latest"]));
    let read =
        |height: u8| chain.ask("eth_call", json!([{"to": HISTORY_STORAGE_ADDRESS, "data": topic(height)}, "pending"]));
    chain.ask("evm_mine", json!([]));
    assert_eq!((slot(0), slot(1)), (hash_of(0), json!(B256::ZERO)));
    assert_eq!((read(0), read(1)), (hash_of(0), hash_of(1)), "the next block knows its parent");
    let mut payment = chain.draft(TxKind::Call(HISTORY_STORAGE_ADDRESS), topic(1));
    payment.value = U256::from(3);
    chain.ask("eth_sendRawTransaction", json!([sign(payment)]));
    assert_eq!(chain.ask("eth_getBalance", json!([HISTORY_STORAGE_ADDRESS, "latest"])), "0x3");
    assert_eq!(slot(1), hash_of(1), "a payment to the contract does not undo the write");
}

#[test]
fn a_call_changes_nothing() {
    let bench = Bench::new();
    let counter = bench.chain.deploy(COUNTER);
    bench.chain.ask("eth_call", json!([{"to": counter}]));
    assert_eq!(bench.chain.ask("eth_getStorageAt", json!([counter, "0x0", "latest"])), json!(B256::ZERO));
    // Neither a wrong nonce nor a sender with code matters to a question.
    bench.chain.ask("eth_call", json!([{"from": counter, "to": counter, "nonce": "0x63"}]));
    let overrides = bench.chain.refusal("eth_call", json!([{"to": counter}, "latest", {counter.to_string(): {}}]));
    assert_eq!(overrides.0, -32602);
}

#[test]
fn malformed_requests_are_told_apart() {
    let bench = Bench::new();
    let code = |text: &str| bench.chain.answer_text(text.as_bytes()).unwrap()["error"]["code"].clone();
    assert_eq!(code("{"), -32700);
    assert_eq!(code("[]"), -32600);
    assert_eq!(code("7"), -32600);
    assert_eq!(code(r#"{"id":1,"params":[]}"#), -32600);
    assert_eq!(code(r#"{"id":1,"method":"eth_sendTransaction","params":[]}"#), -32601);
    assert_eq!(code(r#"{"id":1,"method":"eth_getBalance","params":["0x1"]}"#), -32602);
    assert_eq!(code(r#"{"id":1,"method":"eth_getBalance","params":[]}"#), -32602);
    assert_eq!(code(r#"{"id":1,"method":"eth_getBalance","params":{"a":1}}"#), -32602);
    assert_eq!(bench.chain.answer_text(br#"{"method":"eth_chainId"}"#), None, "notifications have no answer");
    let batch = br#"[{"id":1,"method":"eth_chainId"},{"method":"eth_chainId"},{"id":"b","method":"net_version"}]"#;
    let batch = bench.chain.answer_text(batch).unwrap();
    assert_eq!(
        (&batch[0]["result"], &batch[1]["id"], &batch[1]["result"]),
        (&json!("0x7a69"), &json!("b"), &json!("31337"))
    );
    assert_eq!(batch.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn alloy_works_on_the_transport() {
    let bench = Bench::new();
    let wallet = alloy::network::EthereumWallet::from(dev(0));
    let client = RpcClient::new(bench.chain.transport(), true);
    let provider = ProviderBuilder::new().wallet(wallet).connect_client(client);
    assert_eq!(provider.get_chain_id().await.unwrap(), CHAIN_ID);
    assert_eq!(provider.get_accounts().await.unwrap(), dev_addresses());
    let counter = bench.chain.deploy(COUNTER);
    let request = alloy::rpc::types::TransactionRequest::default().to(counter).input(topic(9).to_vec().into());
    let receipt = provider.send_transaction(request).await.unwrap().get_receipt().await.unwrap();
    assert!(receipt.status());
    let logs = provider.get_logs(&Filter::new().address(counter).from_block(0)).await.unwrap();
    assert_eq!((logs.len(), logs[0].topic0()), (1, Some(&topic(9))));

    let reverter = bench.chain.deploy(REVERTER);
    let error = provider.call(alloy::rpc::types::TransactionRequest::default().to(reverter)).await.unwrap_err();
    let data = error.as_error_resp().unwrap().as_revert_data().unwrap();
    assert_eq!(data.to_vec(), [0xde, 0xad, 0xbe, 0xef]);
}
