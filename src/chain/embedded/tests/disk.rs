//! The journal: kills, damage, several handles, repeatable bytes.

use std::time::Duration;

use alloy::primitives::Address;
use alloy::providers::{Provider, ProviderBuilder};
use alloy::rpc::client::RpcClient;
use camino::Utf8Path;
use serde_json::json;

use super::samples::*;
use crate::chain::embedded::{Clock, EmbeddedChain, journal::seal_of, lock::Lock, state_error};
use crate::error::ErrorKind;

fn journal(directory: &Utf8Path) -> Vec<u8> {
    fs_err::read(directory.join("chain.journal")).unwrap()
}

fn write_journal(directory: &Utf8Path, bytes: &[u8]) {
    fs_err::write(directory.join("chain.journal"), bytes).unwrap();
}

#[test]
fn equal_histories_give_equal_bytes() {
    let run = || {
        let bench = Bench::new();
        let counter = bench.chain.deploy(COUNTER);
        bench.chain.send(counter, []);
        bench.chain.advance(Duration::from_secs(60)).unwrap();
        journal(&bench.path)
    };
    assert_eq!(run(), run());
}

#[test]
fn a_reopened_chain_is_the_same() {
    let bench = Bench::new();
    let counter = bench.chain.deploy(COUNTER);
    let receipt = bench.chain.send(counter, []);
    let again = open(&bench.path);
    assert_eq!(again.ask("eth_getTransactionReceipt", json!([receipt["transactionHash"]])), receipt);
    let block = again.ask("eth_getBlockByNumber", json!(["latest", true]));
    assert_eq!(block, bench.chain.ask("eth_getBlockByNumber", json!(["latest", true])));
    // The state root of the next block is computed from what was read, not from what was kept in memory.
    again.send(counter, []);
    let copy = Bench::new();
    let counter = copy.chain.deploy(COUNTER);
    copy.chain.send(counter, []);
    copy.chain.send(counter, []);
    assert_eq!(journal(&copy.path), journal(&bench.path));
}

#[test]
fn a_torn_append_leaves_the_old_state_and_can_be_continued() {
    let bench = Bench::new();
    let counter = bench.chain.deploy(COUNTER);
    let old = journal(&bench.path);
    bench.chain.send(counter, []);
    let new = journal(&bench.path);
    let step = (new.len() - old.len()) / 7;
    for cut in (old.len()..new.len()).step_by(step).chain([new.len() - 1]) {
        write_journal(&bench.path, &new[..cut]);
        let chain = open(&bench.path);
        assert_eq!(chain.height(), 1, "cut at {cut}");
        chain.send(counter, []);
        assert_eq!(journal(&bench.path), new, "cut at {cut}");
    }
    // What comes next may be shorter than what was torn.
    write_journal(&bench.path, &new[..new.len() - 1]);
    open(&bench.path).ask("evm_mine", json!([]));
    assert_eq!(open(&bench.path).height(), 2);
    assert_eq!(journal(&bench.path).last(), Some(&b'\n'), "nothing of the torn line is left");
}

#[test]
fn damage_is_an_integrity_error_and_reset_repairs_it() {
    let bench = Bench::new();
    bench.chain.deploy(COUNTER);
    bench.chain.send(Address::ZERO, []);
    let good = journal(&bench.path);
    for position in (0..good.len() - 200).step_by(97) {
        let mut bad = good.clone();
        bad[position] ^= 1;
        write_journal(&bench.path, &bad);
        let error = EmbeddedChain::open_with(&bench.path, Clock::Fixed(START)).unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Integrity, "chain.corrupt"), "byte {position}: {error}");
        assert!(error.hints()[0].contains("dgov chain reset"));
    }
    write_journal(&bench.path, b"");
    assert_eq!(EmbeddedChain::open_with(&bench.path, Clock::Fixed(START)).unwrap_err().code(), "chain.corrupt");
    EmbeddedChain::reset_at(&bench.path).unwrap();
    assert_eq!(open(&bench.path).height(), 0);
}

#[test]
fn two_handles_see_each_other() {
    let bench = Bench::new();
    let other = open(&bench.path);
    let counter = bench.chain.deploy(COUNTER);
    other.send(counter, []);
    bench.chain.send(counter, []);
    assert_eq!((bench.chain.height(), other.height()), (3, 3));

    // Replaced behind its back by a history that has grown beyond the one it knows.
    let known = journal(&bench.path).len();
    other.reset().unwrap();
    let reverter = other.deploy(REVERTER);
    while journal(&bench.path).len() < known {
        other.send(reverter, []);
    }
    assert_eq!(bench.chain.height(), other.height());
    assert_eq!(bench.chain.ask("eth_getCode", json!([counter, "latest"])), "0x");
    bench.chain.deploy(COUNTER);
    assert_eq!(other.height(), bench.chain.height());
}

#[test]
fn parallel_writers_lose_nothing() {
    let bench = Bench::new();
    let handles: Vec<_> = (0..4).map(|_| open(&bench.path)).collect();
    std::thread::scope(|scope| {
        for chain in &handles {
            scope.spawn(|| (0..5).for_each(|_| drop(chain.ask("evm_mine", json!([])))));
        }
    });
    assert_eq!(bench.chain.height(), 20);
}

#[test]
fn a_lock_that_is_kept_is_an_error_with_a_hint() {
    let bench = Bench::new();
    let chain = EmbeddedChain::open_timed(&bench.path, Clock::Fixed(START), Duration::from_millis(30)).unwrap();
    let lock = Lock::acquire(&bench.path, Duration::ZERO).unwrap();
    let error = chain.advance(Duration::ZERO).unwrap_err();
    assert_eq!((error.kind(), error.code(), error.hints().len()), (ErrorKind::LocalIo, "io.lock_held", 1));
    assert_eq!(chain.height(), 0, "readers need no lock");
    drop(lock);
    chain.advance(Duration::ZERO).unwrap();
    assert_eq!(chain.height(), 1);
}

#[test]
fn a_first_line_with_a_good_checksum_must_still_make_sense() {
    let bench = Bench::new();
    let text = String::from_utf8(journal(&bench.path)).unwrap();
    let good = text.rsplit_once(' ').unwrap().0;
    let refusal = |old: &str, new: &str| {
        let payload = good.replacen(old, new, 1);
        assert_ne!(payload, good);
        let seal = seal_of(&[0; 32], payload.as_bytes());
        write_journal(&bench.path, format!("{payload} {}\n", alloy::hex::encode(seal)).as_bytes());
        let error = EmbeddedChain::open_with(&bench.path, Clock::Fixed(START)).unwrap_err();
        assert_eq!(error.code(), "chain.corrupt");
        error.message().to_owned()
    };
    assert!(refusal("\"format\":1", "\"format\":2").ends_with("format 2, expected 1"));
    assert!(refusal("\"chain_id\":31337", "\"chain_id\":1").ends_with("chain id 1, expected 31337"));
    assert!(refusal("\"base_fee\":1", "\"base_fee\":2").contains("block 0 hashes to"));
    assert!(refusal("0x7fffff", "0x7ffffe").contains("has another hash"));
    assert!(refusal("{\"genesis\"", "{\"surprise\"").contains("unknown variant"));
}

#[tokio::test]
async fn damage_under_a_provider_keeps_its_kind() {
    let bench = Bench::new();
    let provider = ProviderBuilder::new().connect_client(RpcClient::new(bench.chain.transport(), true));
    provider.get_block_number().await.unwrap();
    write_journal(&bench.path, b"{}\n");
    let error = provider.get_block_number().await.unwrap_err();
    assert_eq!(state_error(&error).unwrap().kind(), ErrorKind::Integrity);
}
