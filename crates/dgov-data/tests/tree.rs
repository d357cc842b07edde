//! The sum tree against known answers of an independent implementation, against a slow twin written from the recursive
//! definition, and against forgeries.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use alloy_primitives::{B256, hex, keccak256};
use dgov_data::tree::{Kind, Leaf, Proof, SumTree, TreeError, Verified, merge_leaves, verify};
use proptest::prelude::*;
use serde::Deserialize;
use sha2::{Digest, Sha256};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vectors {
    empty_root_kind2: String,
    trees: Vec<Tree>,
    refused: Vec<Refused>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tree {
    name: String,
    kind: u8,
    leaves: usize,
    rows: Option<Vec<Leaf>>,
    top_hash: String,
    top_sum: String,
    root: String,
    proofs: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    label: String,
    key: String,
    claim: String,
    proof: serde_json::Value,
    total: String,
    first_index: Option<String>,
}

#[derive(Deserialize)]
struct Refused {
    tree: String,
    root: String,
    kind: u8,
    key: String,
    claim: String,
    proof: serde_json::Value,
    reason: String,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("vectors/tree.json")).unwrap()
}

fn word(text: &str) -> B256 {
    B256::from_slice(&hex::decode(text).unwrap())
}

fn numbered(i: u32) -> B256 {
    let mut hasher = Sha256::new();
    hasher.update([0, 2]);
    hasher.update(i.to_be_bytes());
    B256::from_slice(&hasher.finalize())
}

fn numbered_leaves(n: u32) -> Vec<Leaf> {
    (0..n).map(|i| Leaf::new(numbered(i), 1)).collect()
}

fn claim(verified: Verified, key: &B256, claim: &str) -> Result<(), TreeError> {
    match claim {
        "member" => verified.member(key).map(drop),
        "absent" => verified.absent(key),
        other => panic!("unknown claim {other}"),
    }
}

#[test]
fn trees_and_proofs_match_the_known_answers() {
    let vectors = vectors();
    assert_eq!(SumTree::build(Kind::Contributors, Vec::new()).unwrap().root(), word(&vectors.empty_root_kind2));
    let mut proofs = 0;
    for expected in vectors.trees {
        let name = &expected.name;
        let rows = expected.rows.unwrap_or_else(|| numbered_leaves(expected.leaves as u32));
        assert_eq!(rows.len(), expected.leaves, "{name}");
        let kind = Kind::try_from(expected.kind).unwrap();
        let tree = SumTree::build(kind, rows).unwrap();
        assert_eq!(tree.root(), word(&expected.root), "{name}");
        assert_eq!(tree.top_hash(), word(&expected.top_hash), "{name}");
        assert_eq!(tree.total().to_string(), expected.top_sum, "{name}");
        for case in expected.proofs {
            let label = format!("{name}: {}", case.label);
            let key = word(&case.key);
            let proof = tree.prove(&key);
            assert_eq!(serde_json::to_value(&proof).unwrap(), case.proof, "{label}");
            let read: Proof = serde_json::from_value(case.proof).unwrap();
            let verified = verify(&tree.root(), kind, &key, &read).expect(&label);
            claim(verified, &key, &case.claim).expect(&label);
            assert_eq!(verified.total.to_string(), case.total, "{label}");
            assert_eq!(proof.claims_presence(&key), case.claim == "member", "{label}");
            if let Some(first) = case.first_index {
                assert_eq!(verified.first_index.to_string(), first, "{label}");
            }
            proofs += 1;
        }
    }
    assert!(proofs > 30, "only {proofs} proofs were compared");
}

#[test]
fn everything_that_must_be_refused_is_refused() {
    let refused = vectors().refused;
    assert!(refused.len() >= 44);
    for case in refused {
        let key = word(&case.key);
        // A form that can't even be read is refused as well.
        let Ok(proof) = serde_json::from_value::<Proof>(case.proof) else { continue };
        let outcome = Kind::try_from(case.kind)
            .and_then(|kind| verify(&word(&case.root), kind, &key, &proof))
            .and_then(|verified| claim(verified, &key, &case.claim));
        assert!(outcome.is_err(), "{}: {} was accepted", case.tree, case.reason);
    }
}

/// Every proof that differs from a valid one in one bit, in any field.
fn mutations(proof: &Proof) -> Vec<Proof> {
    let mut all = Vec::new();
    let mut add = |change: &dyn Fn(&mut Proof)| {
        let mut forged = proof.clone();
        change(&mut forged);
        all.push(forged);
    };
    for bit in 0..256 {
        add(&|forged| forged.bitmap.set_bit(bit, !forged.bitmap.bit(bit)));
    }
    for bit in 0..8 * proof.siblings.len() {
        add(&|forged| forged.siblings[bit / 8] ^= 1 << (bit % 8));
    }
    if proof.terminal.is_some() {
        for bit in 0..64 {
            add(&|forged| forged.terminal.as_mut().unwrap().weight ^= 1 << bit);
        }
        for bit in 0..256 {
            add(&|forged| forged.terminal.as_mut().unwrap().key[bit / 8] ^= 1 << (bit % 8));
            add(&|forged| forged.terminal.as_mut().unwrap().data[bit / 8] ^= 1 << (bit % 8));
        }
    }
    all
}

#[test]
fn every_single_bit_mutation_is_refused() {
    let tree = SumTree::build(Kind::Records, numbered_leaves(300)).unwrap();
    // Members, absent by another leaf, absent by EMPTY.
    for i in [0, 7, 299, 300, 301, 302, 303, 304, 305] {
        let key = numbered(i);
        let proof = tree.prove(&key);
        verify(&tree.root(), Kind::Records, &key, &proof).unwrap();
        let forged = mutations(&proof);
        assert!(forged.len() > 2_000);
        for forged in forged {
            assert!(verify(&tree.root(), Kind::Records, &key, &forged).is_err(), "i={i}: {forged:?}");
        }
        for bit in 0..256 {
            let mut root = tree.root();
            root[bit / 8] ^= 1 << (bit % 8);
            assert!(verify(&root, Kind::Records, &key, &proof).is_err());
        }
        for kind in [Kind::Contributors, Kind::Rewards] {
            assert!(verify(&tree.root(), kind, &key, &proof).is_err());
        }
    }
}

#[test]
fn broken_sets_are_refused() {
    let leaf = Leaf::new(numbered(0), 1);
    let err = |kind, leaves| SumTree::build(kind, leaves).map(|tree| tree.root()).unwrap_err();
    assert_eq!(err(Kind::Records, vec![]), TreeError::Empty(Kind::Records));
    assert_eq!(err(Kind::Rewards, vec![]), TreeError::Empty(Kind::Rewards));
    assert_eq!(err(Kind::Records, vec![leaf, leaf]), TreeError::DuplicateKey(leaf.key));
    assert_eq!(err(Kind::Records, vec![Leaf { weight: 0, ..leaf }]), TreeError::ZeroWeight(leaf.key));
    let full = vec![leaf, Leaf::new(numbered(1), u64::MAX)];
    assert_eq!(err(Kind::Rewards, full), TreeError::SumOverflow);
    let marked = vec![Leaf { data: leaf.key, ..leaf }];
    assert_eq!(err(Kind::Records, marked.clone()), TreeError::UnexpectedData(leaf.key));
    assert!(SumTree::build(Kind::Contributors, marked.clone()).is_ok());
    assert_eq!(merge_leaves(vec![leaf, marked[0]]), Err(TreeError::DataConflict(leaf.key)));
    assert_eq!(merge_leaves(vec![leaf, Leaf { weight: u64::MAX, ..leaf }]), Err(TreeError::SumOverflow));
}

#[test]
fn unreadable_json_is_refused() {
    let key = numbered(0);
    let good = serde_json::to_value(SumTree::build(Kind::Records, numbered_leaves(2)).unwrap().prove(&key)).unwrap();
    let leading_zero = format!("0x0{}", &good["bitmap"].as_str().unwrap()[2..]);
    for (field, value) in [
        ("bitmap", serde_json::json!("1")),
        ("bitmap", serde_json::json!("0x")),
        ("bitmap", serde_json::json!(leading_zero)),
        ("bitmap", serde_json::json!("0x-1")),
        ("bitmap", serde_json::json!(format!("0x1{}", "0".repeat(64)))),
        ("siblings", serde_json::json!("0x0")),
        ("siblings", serde_json::json!("0x0x00")),
        ("siblings", serde_json::json!("zz")),
        ("terminal", serde_json::json!({ "key": "0x00", "weight": "1", "data": "0x00" })),
        ("extra", serde_json::json!(1)),
    ] {
        let mut broken = good.clone();
        broken[field] = value;
        assert!(serde_json::from_value::<Proof>(broken.clone()).is_err(), "{broken}");
    }
    let mut lost = good.clone();
    lost.as_object_mut().unwrap().remove("terminal");
    assert!(serde_json::from_value::<Proof>(lost).is_err());
    for weight in ["", "01", "+1", " 1", "1e3", "18446744073709551616", "0x1"] {
        let mut broken = good.clone();
        broken["terminal"]["weight"] = weight.into();
        assert!(serde_json::from_value::<Proof>(broken).is_err(), "weight {weight:?}");
    }
}

/// The recursive definition of the specification, word for word.
fn slow(leaves: &[Leaf], depth: usize) -> ([u8; 32], u64) {
    match leaves {
        [] => ([0; 32], 0),
        [leaf] => {
            let bytes = [&[0][..], &leaf.key[..], &leaf.weight.to_be_bytes(), &leaf.data[..]].concat();
            (keccak256(bytes).0, leaf.weight)
        }
        _ => {
            let right = |leaf: &&Leaf| leaf.key[depth / 8] >> (7 - depth % 8) & 1 == 1;
            let (ones, zeros): (Vec<Leaf>, Vec<Leaf>) = leaves.iter().partition(right);
            let (left, right) = (slow(&zeros, depth + 1), slow(&ones, depth + 1));
            let bytes = [&[1][..], &left.0, &left.1.to_be_bytes(), &right.0, &right.1.to_be_bytes()].concat();
            (keccak256(bytes).0, left.1 + right.1)
        }
    }
}

/// Keys that share long prefixes as often as not.
fn keys() -> impl Strategy<Value = B256> {
    (any::<u8>(), 0_usize..32, any::<u8>()).prop_map(|(first, at, byte)| {
        let mut key = [0; 32];
        key[0] = first & 0xc0;
        key[at] ^= byte;
        B256::from(key)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_set_matches_the_definition_and_proves_every_key(
        rows in prop::collection::vec((keys(), 1_u64..1 << 40), 1..60),
        others in prop::collection::vec(keys(), 20),
    ) {
        let rows: Vec<Leaf> = rows.into_iter().map(|(key, weight)| Leaf::new(key, weight)).collect();
        let sum: u64 = rows.iter().map(|leaf| leaf.weight).sum();
        let leaves = merge_leaves(rows).unwrap();
        let tree = SumTree::build(Kind::Rewards, leaves.iter().rev().copied().collect()).unwrap();
        prop_assert_eq!((tree.top_hash().0, tree.total()), slow(&leaves, 0));
        prop_assert_eq!(tree.total(), sum);
        let mut first = 0;
        for leaf in &leaves {
            let verified = verify(&tree.root(), Kind::Rewards, &leaf.key, &tree.prove(&leaf.key)).unwrap();
            prop_assert_eq!(verified, Verified { total: sum, first_index: first, leaf: Some(*leaf) });
            first += leaf.weight;
        }
        for key in others {
            let verified = verify(&tree.root(), Kind::Rewards, &key, &tree.prove(&key)).unwrap();
            let before: u64 = leaves.iter().filter(|leaf| leaf.key < key).map(|leaf| leaf.weight).sum();
            prop_assert_eq!(verified.first_index, before);
            prop_assert_eq!(verified.leaf, tree.get(&key).copied());
        }
    }

    #[test]
    fn any_bytes_as_proof_are_refused_without_a_panic(
        bitmap in any::<[u64; 4]>(), siblings in prop::collection::vec(any::<u8>(), 0..200), key in keys(), weight: u64,
    ) {
        let tree = SumTree::build(Kind::Records, numbered_leaves(20)).unwrap();
        for terminal in [None, Some(Leaf::new(key, weight))] {
            let proof = Proof { bitmap: alloy_primitives::U256::from_limbs(bitmap), siblings: siblings.clone(), terminal };
            prop_assert!(verify(&tree.root(), Kind::Records, &key, &proof).is_err());
        }
    }
}
