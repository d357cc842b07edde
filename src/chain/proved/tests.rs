//! A witness from the embedded chain: what it shows, and that nothing of it can be changed.

use alloy::primitives::{Address, B256, Bytes, U256, address, hex, keccak256};
use alloy::providers::{Provider, ProviderBuilder};
use alloy::rpc::client::RpcClient;
use alloy::sol;
use serde_json::json;

use super::*;
use crate::chain::embedded::CHAIN_ID;
use crate::chain::embedded::tests::samples::Bench;

/// Two words of input: writes the second into the slot of the first. Otherwise returns the slot that its argument names.
const SHELF: &[u8] = &hex!("36604014601157600435545f5260205ff35b6020355f355500");
const ENDLESS: &[u8] = &hex!("5b5f56");

sol! {
    function read(uint256 slot) external view returns (uint256);
    function narrow(uint256 slot) external view returns (bool);
}

fn slot(number: u64) -> readCall {
    readCall { slot: U256::from(number) }
}

struct Shelves {
    bench: Bench,
    full: Address,
    empty: Address,
}

impl Shelves {
    /// Forty slots of one contract, and another contract without any.
    fn new() -> Self {
        let bench = Bench::new();
        let full = bench.chain.deploy(SHELF);
        for number in 1..=40_u64 {
            let words = [B256::from(U256::from(number)), B256::from(U256::from(number * 7))];
            bench.chain.send(full, words.concat());
        }
        // The same code has the same address, so this one is a byte longer.
        let empty = bench.chain.deploy(&[SHELF, &[0]].concat());
        Self { bench, full, empty }
    }

    fn provider(&self) -> alloy::providers::DynProvider {
        ProviderBuilder::new().connect_client(RpcClient::new(self.bench.chain.transport(), true)).erased()
    }

    async fn collect(&self, ask: impl Fn(&Proved)) -> Witness {
        let provider = self.provider();
        let head = provider.get_block_number().await.unwrap();
        collect(&provider, CHAIN_ID, head, ask).await.unwrap()
    }
}

fn open(witness: &Witness) -> Proved {
    Proved::open(witness, CHAIN_ID).unwrap()
}

#[tokio::test]
async fn what_was_asked_is_shown_and_nothing_else() {
    let shelves = Shelves::new();
    let asked = [1, 2, 17, 40, 41, 99];
    let witness = shelves
        .collect(|state| {
            asked.iter().for_each(|number| drop(state.call(shelves.full, &slot(*number))));
            let _ = state.call(shelves.empty, &slot(1));
        })
        .await;
    let head = shelves.provider().get_block(Default::default()).await.unwrap().unwrap();
    assert_eq!(keccak256(&witness.header), head.header.hash);
    let text = serde_json::to_string(&witness).unwrap();
    let state = open(&serde_json::from_str(&text).unwrap());
    assert_eq!(state.block(), (head.header.number, head.header.hash, head.header.timestamp));
    for number in asked {
        let expected = if number <= 40 { number * 7 } else { 0 };
        assert_eq!(state.call(shelves.full, &slot(number)), Ok(U256::from(expected)), "{number}");
    }
    assert_eq!(state.call(shelves.empty, &slot(1)), Ok(U256::ZERO));
    assert_eq!(state.code_hash(shelves.full), Ok(keccak256(SHELF)));
    // Not asked for: unknown, never zero. That a slot is empty is shown by the one in its place, which is known then.
    let mut unknown = 0;
    for number in (3..40).filter(|number| *number != 17) {
        match state.call(shelves.full, &slot(number)) {
            Ok(value) => assert_eq!(value, U256::from(number * 7)),
            answer => {
                assert!(matches!(answer, Err(Unproved::Missing(Part::Slot(..)))), "{answer:?}");
                unknown += 1;
            }
        }
    }
    assert!(unknown > 30, "{unknown}");
    let stranger = address!("0x00000000000000000000000000000000000000aa");
    assert_eq!(state.call(stranger, &slot(1)), Err(Unproved::Missing(Part::Account(stranger))));
    // Slot 1 holds 7, which is no truth value.
    assert!(matches!(
        state.call(shelves.full, &narrowCall { slot: U256::from(1) }),
        Err(Unproved::Refused { contract, .. }) if contract == shelves.full
    ));
}

/// Each bit of the header, each node with a changed bit, left out or taken from another contract's proof, and the code.
#[tokio::test]
async fn a_changed_witness_shows_nothing_false() {
    let shelves = Shelves::new();
    let (full, empty) = (shelves.full, shelves.empty);
    let witness = shelves.collect(|state| drop((state.call(full, &slot(5)), state.call(full, &slot(6))))).await;
    let good = open(&witness);
    let hash = good.block().1;
    let answers = |state: &Proved| (state.call(full, &slot(5)), state.call(full, &slot(6)));
    let right = (Ok(U256::from(35)), Ok(U256::from(42)));
    assert_eq!(answers(&good), right);

    for at in 0..witness.header.len() {
        for bit in 0..8 {
            let mut header = witness.header.to_vec();
            header[at] ^= 1 << bit;
            let changed = Proved::open(&Witness { header: header.into(), ..witness.clone() }, CHAIN_ID);
            assert!(changed.is_err() || changed.unwrap().block().1 != hash, "byte {at}, bit {bit}");
        }
    }
    let longer = [&witness.header[..], &[0]].concat();
    assert_eq!(
        Proved::open(&Witness { header: longer.into(), ..witness.clone() }, CHAIN_ID).unwrap_err(),
        Unproved::Header
    );
    let missing = |answer: &Result<U256, Unproved>| matches!(answer, Err(Unproved::Missing(_)));
    for index in 0..witness.nodes.len() {
        for at in 0..witness.nodes[index].len() {
            let mut nodes = witness.nodes.clone();
            let mut node = nodes[index].to_vec();
            node[at] ^= 1;
            nodes[index] = node.into();
            let found = answers(&open(&Witness { nodes, ..witness.clone() }));
            // Every node is needed by one of the two.
            assert!(missing(&found.0) || missing(&found.1), "node {index}, byte {at}: {found:?}");
            assert!(missing(&found.0) || found.0 == right.0);
            assert!(missing(&found.1) || found.1 == right.1);
        }
    }
    let mut codes = witness.codes.clone();
    codes[0] = [&codes[0][..], &[0]].concat().into();
    let state = open(&Witness { codes, ..witness.clone() });
    assert_eq!(state.call(full, &slot(5)), Err(Unproved::Missing(Part::Code(keccak256(SHELF)))));

    // The proof of another contract, of another state, and a root of one's own.
    let other = shelves.collect(|state| drop(state.call(empty, &slot(5)))).await;
    assert_eq!(open(&other).call(empty, &slot(5)), Ok(U256::ZERO));
    assert!(missing(&open(&other).call(full, &slot(5))));
    shelves.bench.chain.send(full, [B256::from(U256::from(5)), B256::from(U256::from(1))].concat());
    let later = shelves.collect(|state| drop(state.call(full, &slot(5)))).await;
    assert_eq!(open(&later).call(full, &slot(5)), Ok(U256::from(1)));
    let mixed = Witness { header: witness.header.clone(), ..later };
    assert!(missing(&open(&mixed).call(full, &slot(5))));
}

#[tokio::test]
async fn code_of_anybody_comes_to_an_end() {
    let shelves = Shelves::new();
    let endless = shelves.bench.chain.deploy(ENDLESS);
    let witness = shelves.collect(|state| drop(state.call(endless, &slot(1)))).await;
    assert!(matches!(open(&witness).call(endless, &slot(1)), Err(Unproved::Refused { .. })));
}

/// A node that knows no proofs, one that lies, and one whose headers have fields of their own.
#[tokio::test]
async fn nodes_that_prove_nothing_are_told_apart() {
    let shelves = Shelves::new();
    let asked = json!(["latest", false]);
    let block = shelves.bench.chain.answer("eth_getBlockByNumber", Some(asked)).unwrap();
    let proof =
        |address: Address| shelves.bench.chain.answer("eth_getProof", Some(json!([address, [], "latest"]))).unwrap();
    let mut strange = block.clone();
    strange["gasLimit"] = json!("0x1");
    let refusal = json!({ "code": -32601, "message": "the method eth_getProof does not exist/is not available" });
    for (header, proof, words) in [
        (&block, Err(refusal), "does not answer eth_getProof"),
        (&block, Ok(proof(shelves.empty)), "does not show account"),
        (&strange, Ok(proof(shelves.full)), "the header that the node sends hashes to"),
    ] {
        let (header, proof) = (header.clone(), proof.clone());
        let server = wiremock::MockServer::start().await;
        let answer = move |request: &wiremock::Request| {
            let asked: serde_json::Value = request.body_json().unwrap();
            let mut answer = json!({ "jsonrpc": "2.0", "id": asked["id"] });
            match (asked["method"].as_str().unwrap(), &proof) {
                ("eth_getProof", Ok(proof)) => answer["result"] = proof.clone(),
                ("eth_getProof", Err(error)) => answer["error"] = error.clone(),
                _ => answer["result"] = header.clone(),
            }
            wiremock::ResponseTemplate::new(200).set_body_json(answer)
        };
        wiremock::Mock::given(wiremock::matchers::any()).respond_with(answer).mount(&server).await;
        let provider = ProviderBuilder::new().connect_http(server.uri().parse().unwrap()).erased();
        let ask = |state: &Proved| drop(state.call(shelves.full, &slot(5)));
        let why = collect(&provider, CHAIN_ID, 1, ask).await.unwrap_err();
        assert!(why.contains(words), "{why}");
    }
}

#[test]
fn anybody_s_witness_is_survived() {
    for header in [&[][..], &[0xc0], &[0xff; 64], &[0xf9, 0xff, 0xff]] {
        let header = Bytes::copy_from_slice(header);
        let witness = Witness { header, nodes: vec![Bytes::new()], codes: vec![Bytes::from_static(&[0xef, 0x01])] };
        assert_eq!(Proved::open(&witness, 1).unwrap_err(), Unproved::Header);
    }
}
