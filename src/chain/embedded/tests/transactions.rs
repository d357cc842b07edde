//! Sending: outcomes, refusals, blocks, time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use alloy::consensus::Header;
use alloy::primitives::{Address, TxKind, U256, address};
use alloy::rpc::types::Block;
use serde_json::{Value, json};

use super::samples::*;
use crate::chain::embedded::{Clock, EmbeddedChain, TRANSACTION_GAS_CAP};

const NOBODY: Address = address!("0x00000000000000000000000000000000000000aa");

#[test]
fn value_moves_and_gas_is_paid_to_nobody_in_particular() {
    let bench = Bench::new();
    let chain = &bench.chain;
    let mut transfer = chain.draft(TxKind::Call(NOBODY), []);
    transfer.value = U256::from(5);
    let hash = chain.ask("eth_sendRawTransaction", json!([sign(transfer)]));
    let receipt = chain.ask("eth_getTransactionReceipt", json!([hash]));
    assert_eq!((&receipt["status"], number(&receipt["gasUsed"])), (&json!("0x1"), 21_000));
    assert_eq!(number(&receipt["effectiveGasPrice"]), 2_000_000_000);
    assert_eq!(chain.ask("eth_getBalance", json!([NOBODY, "latest"])), "0x5");
    let paid = U256::from(10_000u128 * 10u128.pow(18) - 21_000 * 2_000_000_000 - 5);
    assert_eq!(chain.ask("eth_getBalance", json!([dev(0).address(), "latest"])), json!(paid));
    assert_eq!(chain.height(), 1);
}

#[test]
fn headers_commit_to_what_they_hold() {
    let bench = Bench::new();
    let counter = bench.chain.deploy(COUNTER);
    bench.chain.send(counter, []);
    let mut parent = None;
    for height in 0..=2 {
        let block: Block =
            serde_json::from_value(bench.chain.ask("eth_getBlockByNumber", json!([format!("{height:#x}"), true])))
                .unwrap();
        let header: &Header = &block.header.inner;
        assert_eq!(header.hash_slow(), block.header.hash);
        if let Some(parent) = parent {
            assert_eq!(header.parent_hash, parent);
        }
        parent = Some(block.header.hash);
        let envelopes: Vec<_> = block.transactions.txns().map(|tx| tx.inner.inner().clone()).collect();
        let root = alloy::consensus::proofs::calculate_transaction_root(&envelopes);
        assert_eq!(header.transactions_root, root);
    }
}

#[test]
fn a_reverted_transaction_is_mined_with_status_zero() {
    let bench = Bench::new();
    let reverter = bench.chain.deploy(REVERTER);
    let receipt = bench.chain.send(reverter, []);
    assert_eq!((&receipt["status"], &receipt["logs"]), (&json!("0x0"), &json!([])));
    assert_eq!(bench.chain.height(), 2);
    let (code, message, data) = bench.chain.refusal("eth_call", json!([{"to": reverter}]));
    assert_eq!((code, message.as_str()), (3, "execution reverted"));
    assert_eq!(data.unwrap().to_vec(), [0xde, 0xad, 0xbe, 0xef]);
    let (code, _, data) = bench.chain.refusal("eth_estimateGas", json!([{"to": reverter}]));
    assert_eq!((code, data.unwrap().len()), (3, 4));
}

#[test]
fn refusals_leave_no_block() {
    let bench = Bench::new();
    let chain = &bench.chain;
    chain.send(NOBODY, []);
    let refuse = |change: fn(&mut alloy::consensus::TxEip1559)| {
        let mut transaction = chain.draft(TxKind::Call(NOBODY), []);
        change(&mut transaction);
        let (code, message, _) = chain.refusal("eth_sendRawTransaction", json!([sign(transaction)]));
        assert_eq!(code, -32000, "{message}");
        message
    };
    assert_eq!(refuse(|tx| tx.nonce = 0), "nonce too low: next nonce 1, tx nonce 0");
    assert!(refuse(|tx| tx.nonce = 2).starts_with("nonce too high: next nonce 1, tx nonce 2"));
    assert!(refuse(|tx| tx.value = U256::MAX >> 8).starts_with("insufficient funds for gas * price + value"));
    assert_eq!(refuse(|tx| tx.gas_limit = 20_999), "intrinsic gas too low: have 20999, want 21000");
    assert_eq!(
        refuse(|tx| (tx.max_fee_per_gas, tx.max_priority_fee_per_gas) = (1, 1)),
        "max fee per gas less than block base fee"
    );
    assert_eq!(refuse(|tx| tx.chain_id = 1), "invalid chain id for signer: have 1 want 31337");
    let over_cap = refuse(|tx| tx.gas_limit = TRANSACTION_GAS_CAP + 1);
    assert_eq!(over_cap, "transaction gas limit too high (cap: 16777216, tx: 16777217)");
    assert_eq!(chain.refusal("eth_sendRawTransaction", json!(["0x02"])).0, -32602);
    assert_eq!(chain.height(), 1);

    let mut at_cap = chain.draft(TxKind::Call(NOBODY), []);
    at_cap.gas_limit = TRANSACTION_GAS_CAP;
    chain.ask("eth_sendRawTransaction", json!([sign(at_cap)]));
    assert_eq!(chain.height(), 2);
}

#[test]
fn an_estimate_is_enough_and_not_much_more() {
    let bench = Bench::new();
    let chain = &bench.chain;
    // 20 stores in an inner call, whose failure the outer contract reports: the 63/64 rule and a large need for gas.
    let stores: Vec<u8> = (1..=20).flat_map(|slot| [0x60, 1, 0x60, slot, 0x55]).collect();
    let inner = chain.deploy(&stores);
    let outer: Vec<u8> = [
        [0x5f; 5].as_slice(),
        &[0x73],
        inner.as_slice(),
        &[0x5a, 0xf1, 0x60, 0x22, 0x57, 0x5f, 0x5f, 0xfd, 0x5b, 0x00],
    ]
    .concat();
    let outer = chain.deploy(&outer);
    let gas = number(&chain.ask("eth_estimateGas", json!([{"from": dev(0).address(), "to": outer}])));
    let mut transaction = chain.draft(TxKind::Call(outer), []);
    transaction.gas_limit = gas;
    let hash = chain.ask("eth_sendRawTransaction", json!([sign(transaction)]));
    let receipt = chain.ask("eth_getTransactionReceipt", json!([hash]));
    assert_eq!(receipt["status"], "0x1");
    let used = number(&receipt["gasUsed"]);
    assert!(gas > used && gas - used < used / 20, "estimated {gas}, used {used}");
    assert_eq!(
        number(&chain.ask("eth_estimateGas", json!([{"from": dev(0).address(), "to": NOBODY, "value": "0x1"}]))),
        21_000
    );
    // Jumps to itself for ever.
    let endless = chain.deploy(&[0x5b, 0x5f, 0x56]);
    let refusal = chain.refusal("eth_estimateGas", json!([{"from": dev(0).address(), "to": endless}]));
    assert_eq!(refusal.1, "gas required exceeds allowance (16777216)");
    let poor = chain.refusal("eth_estimateGas", json!([{"from": NOBODY, "to": outer, "value": "0x1"}]));
    assert!(poor.1.starts_with("insufficient funds"), "{}", poor.1);
}

#[test]
fn time_follows_the_clock_and_travels() {
    let bench = Bench::new();
    let chain = &bench.chain;
    let watch = chain.deploy(WATCH);
    let seen = |tag: &str| {
        let word = chain.ask("eth_call", json!([{"to": watch}, tag]));
        u64::from_str_radix(&word.as_str().unwrap()[2..], 16).unwrap()
    };
    let mined = || number(&chain.ask("eth_getBlockByNumber", json!(["latest", false]))["timestamp"]);
    assert_eq!((mined(), seen("latest"), seen("pending")), (START + 1, START + 1, START + 2));
    chain.advance(Duration::from_secs(86_400)).unwrap();
    assert_eq!((mined(), seen("latest")), (START + 2 + 86_400, START + 2 + 86_400));
    assert_eq!(chain.ask("evm_increaseTime", json!([100])), 86_500);
    assert_eq!((mined(), seen("latest")), (START + 2 + 86_400, START + 2 + 86_500), "views see moved time at once");
    chain.send(NOBODY, []);
    assert_eq!(mined(), START + 3 + 86_500);
    chain.ask("evm_setNextBlockTimestamp", json!([START + 100_000]));
    assert_eq!(chain.ask("evm_mine", json!([])), Value::from("0x0"));
    assert_eq!(mined(), START + 100_000);
    chain.send(NOBODY, []);
    assert_eq!(mined(), START + 100_001, "time goes on from the wished one");
    let (code, message, _) = chain.refusal("evm_setNextBlockTimestamp", json!([START]));
    assert_eq!(code, -32602, "{message}");
    chain.ask("evm_mine", json!([START + 200_000]));
    assert_eq!(mined(), START + 200_000);
    chain.ask("evm_setNextBlockTimestamp", json!([START + 200_001]));
    chain.advance(Duration::from_secs(1000)).unwrap();
    assert_eq!(mined(), START + 201_001, "advancing wins over a time wished before");
    assert!(chain.advance(Duration::from_secs(u64::MAX)).is_err());
    chain.send(NOBODY, []);
    assert_eq!(mined(), START + 201_002, "a refused move changes nothing");
}

#[test]
fn the_machine_clock_never_stands_still() {
    let directory = tempfile::tempdir().unwrap();
    let path = camino::Utf8Path::from_path(directory.path()).unwrap();
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let before = now();
    let chain = EmbeddedChain::open_with(path, Clock::System).unwrap();
    let times: Vec<u64> = (0..4)
        .map(|_| {
            chain.ask("evm_mine", json!([]));
            number(&chain.ask("eth_getBlockByNumber", json!(["latest", false]))["timestamp"])
        })
        .collect();
    assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "{times:?}");
    let watch = chain.deploy(WATCH);
    let head = number(&chain.ask("eth_getBlockByNumber", json!(["latest", false]))["timestamp"]);
    let seen = chain.ask("eth_call", json!([{"to": watch}]));
    let seen = u64::from_str_radix(&seen.as_str().unwrap()[2..], 16).unwrap();
    assert!((head..head + 60).contains(&seen), "a view at {seen} is not before the latest block at {head}");
    assert!(times[0] >= before && times[3] <= now() + 4, "{times:?}, now {}", now());
}

#[test]
fn base_fee_follows_eip_1559() {
    let bench = Bench::new();
    let chain = &bench.chain;
    for _ in 0..3 {
        chain.ask("evm_mine", json!([]));
    }
    let fees: Vec<u64> = (0..=3)
        .map(|height| {
            number(&chain.ask("eth_getBlockByNumber", json!([format!("{height:#x}"), false]))["baseFeePerGas"])
        })
        .collect();
    assert_eq!(fees, [1_000_000_000, 1_000_000_000, 875_000_000, 765_625_000]);
    let history = chain.ask("eth_feeHistory", json!(["0x2", "latest", [50.0]]));
    assert_eq!(history["oldestBlock"], "0x2");
    assert_eq!(history["baseFeePerGas"].as_array().unwrap().len(), 3);
    assert_eq!(history["reward"], json!([["0x0"], ["0x0"]]));
}
