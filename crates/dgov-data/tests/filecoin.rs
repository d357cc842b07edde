//! Piece CIDs against those of the Filecoin project's Go libraries (`tests/interop/filecoin`), and against a tree without
//! any cleverness.
#![allow(clippy::unwrap_used, missing_docs)]

use std::io::Write;

use dgov_data::filecoin::{Piece, PieceHasher};
use serde::Deserialize;
use sha2::{Digest, Sha256};

#[derive(Deserialize)]
struct Vector {
    size: usize,
    padded: u64,
    v1: String,
    /// The library has none for less than 127 bytes.
    v2: Option<String>,
}

/// The same bytes as the generator of the vectors makes.
fn payload(size: usize) -> Vec<u8> {
    let mut state = size as u64;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    std::iter::repeat_with(next).take(size).collect()
}

fn piece(bytes: &[u8], step: usize) -> Piece {
    let mut hasher = PieceHasher::default();
    for part in bytes.chunks(step) {
        hasher.write_all(part).unwrap();
    }
    hasher.finish()
}

#[test]
fn known_answers() {
    let vectors: Vec<Vector> = serde_json::from_str(include_str!("vectors/commp.json")).unwrap();
    assert!(vectors.len() > 20);
    for vector in vectors {
        let bytes = payload(vector.size);
        for step in [vector.size, 1 << 20, 1009] {
            let piece = piece(&bytes, step);
            assert_eq!(piece.cid_v1().to_string(), vector.v1, "{} bytes in steps of {step}", vector.size);
            if let Some(v2) = &vector.v2 {
                assert_eq!(piece.cid_v2().to_string(), *v2, "{} bytes in steps of {step}", vector.size);
            }
            assert_eq!((piece.padded_size(), piece.payload), (vector.padded, vector.size as u64));
        }
    }
}

#[test]
fn any_byte_counts() {
    let bytes = payload(2_200_000);
    let before = piece(&bytes, bytes.len());
    for at in [0, 126, 127, 1_040_383, 1_040_384, 2_199_999] {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert_ne!(piece(&changed, changed.len()).commitment, before.commitment, "byte {at}");
    }
}

#[test]
fn zeros_at_the_end_are_in_the_second_version_only() {
    let (short, long) = (vec![1; 200], [vec![1; 200], vec![0; 54]].concat());
    let (short, long) = (piece(&short, 200), piece(&long, 254));
    assert_eq!(short.cid_v1(), long.cid_v1());
    assert_ne!(short.cid_v2(), long.cid_v2());
}

#[test]
fn small_pieces_are_the_plain_tree() {
    for size in (1..1200).step_by(37) {
        let bytes = payload(size);
        assert_eq!(piece(&bytes, 100).commitment, plain(&bytes), "{size} bytes");
    }
}

/// Bit by bit and level by level.
fn plain(bytes: &[u8]) -> [u8; 32] {
    let quads = bytes.len().div_ceil(127).next_power_of_two();
    let bit = |at: usize| bytes.get(at / 8).is_some_and(|byte| byte >> (at % 8) & 1 == 1);
    let mut level: Vec<[u8; 32]> = vec![[0; 32]; 4 * quads];
    for (number, leaf) in level.iter_mut().enumerate() {
        for at in 0..254 {
            leaf[at / 8] |= u8::from(bit(number * 254 + at)) << (at % 8);
        }
    }
    while level.len() > 1 {
        let parent = |pair: &[[u8; 32]]| {
            let mut node: [u8; 32] = Sha256::digest(pair.concat()).into();
            node[31] &= 0x3f;
            node
        };
        level = level.chunks(2).map(parent).collect();
    }
    level[0]
}
