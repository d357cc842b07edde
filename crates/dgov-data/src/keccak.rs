//! keccak-256 of many short messages at once.
//!
//! A tree of a million leaves is two and a half million hashes of less than one block each. Eight or four of them fit side
//! by side into the vector registers of current x86 processors, two into those of others.

use alloy_primitives::{B256, keccak256};

/// Bytes that one permutation takes.
const RATE: usize = 136;

const ROUND_CONSTANTS: [u64; 24] = [
    0x0000_0000_0000_0001,
    0x0000_0000_0000_8082,
    0x8000_0000_0000_808a,
    0x8000_0000_8000_8000,
    0x0000_0000_0000_808b,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8009,
    0x0000_0000_0000_008a,
    0x0000_0000_0000_0088,
    0x0000_0000_8000_8009,
    0x0000_0000_8000_000a,
    0x0000_0000_8000_808b,
    0x8000_0000_0000_008b,
    0x8000_0000_0000_8089,
    0x8000_0000_0000_8003,
    0x8000_0000_0000_8002,
    0x8000_0000_0000_0080,
    0x0000_0000_0000_800a,
    0x8000_0000_8000_000a,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8080,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8008,
];

/// Where lane i goes in rho and pi, and by how much it is rotated.
const MOVES: [(usize, u32); 25] = moves();

const fn moves() -> [(usize, u32); 25] {
    let mut moves = [(0, 0); 25];
    let (mut x, mut y, mut step) = (1, 0, 0);
    while step < 24 {
        let rotation = ((step + 1) * (step + 2) / 2 % 64) as u32;
        let to = (y, (2 * x + 3 * y) % 5);
        moves[x + 5 * y] = (to.0 + 5 * to.1, rotation);
        (x, y) = to;
        step += 1;
    }
    moves
}

/// Hashes of all `messages`, each shorter than one block, in order.
pub(crate) fn hash_many<const LEN: usize>(messages: &[[u8; LEN]]) -> Vec<B256> {
    const { assert!(LEN < RATE, "one block only") };
    let mut out = Vec::with_capacity(messages.len());
    let mut rest = messages;
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") {
            while let Some((group, after)) = rest.split_first_chunk::<8>() {
                // SAFETY: the processor was just asked for AVX-512F, the only thing that the function needs.
                #[allow(unsafe_code)]
                out.extend(unsafe { group_avx512(group) });
                rest = after;
            }
        }
        if is_x86_feature_detected!("avx2") {
            while let Some((group, after)) = rest.split_first_chunk::<4>() {
                // SAFETY: the processor was just asked for AVX2, the only thing that the function needs.
                #[allow(unsafe_code)]
                out.extend(unsafe { group_avx2(group) });
                rest = after;
            }
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    while let Some((group_of_two, after)) = rest.split_first_chunk::<2>() {
        out.extend(group(group_of_two));
        rest = after;
    }
    out.extend(rest.iter().map(keccak256));
    out
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn group_avx512<const LEN: usize>(messages: &[[u8; LEN]; 8]) -> [B256; 8] {
    group(messages)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn group_avx2<const LEN: usize>(messages: &[[u8; LEN]; 4]) -> [B256; 4] {
    group(messages)
}

/// N messages side by side. Plain loops over arrays: the compiler turns them into the vector instructions of the caller.
#[inline(always)]
fn group<const LEN: usize, const N: usize>(messages: &[[u8; LEN]; N]) -> [B256; N] {
    let mut state = [[0_u64; N]; 25];
    for (column, message) in messages.iter().enumerate() {
        let mut block = [0_u8; RATE];
        block[..LEN].copy_from_slice(message);
        block[LEN] = 1;
        block[RATE - 1] |= 0x80;
        let (words, _) = block.as_chunks::<8>();
        for (lane, word) in state.iter_mut().zip(words) {
            lane[column] = u64::from_le_bytes(*word);
        }
    }
    for constant in ROUND_CONSTANTS {
        round(&mut state, constant);
    }
    let mut out = [B256::ZERO; N];
    for (column, hash) in out.iter_mut().enumerate() {
        for (lane, word) in state.iter().zip(hash.0.as_chunks_mut::<8>().0) {
            *word = lane[column].to_le_bytes();
        }
    }
    out
}

#[inline(always)]
fn round<const N: usize>(state: &mut [[u64; N]; 25], constant: u64) {
    let mut parity = [[0; N]; 5];
    for x in 0..5 {
        for n in 0..N {
            parity[x][n] = state[x][n] ^ state[x + 5][n] ^ state[x + 10][n] ^ state[x + 15][n] ^ state[x + 20][n];
        }
    }
    let mut moved = [[0; N]; 25];
    for x in 0..5 {
        let mut theta = [0; N];
        for n in 0..N {
            theta[n] = parity[(x + 4) % 5][n] ^ parity[(x + 1) % 5][n].rotate_left(1);
        }
        for y in 0..5 {
            let (to, rotation) = MOVES[x + 5 * y];
            for n in 0..N {
                moved[to][n] = (state[x + 5 * y][n] ^ theta[n]).rotate_left(rotation);
            }
        }
    }
    for y in 0..5 {
        for x in 0..5 {
            for n in 0..N {
                state[x + 5 * y][n] =
                    moved[x + 5 * y][n] ^ (!moved[(x + 1) % 5 + 5 * y][n] & moved[(x + 2) % 5 + 5 * y][n]);
            }
        }
    }
    for lane in &mut state[0] {
        *lane ^= constant;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agree<const LEN: usize>() {
        for count in 0..27 {
            let message = |i: usize| std::array::from_fn(|j| (i * 31 + j * 7 + i * j) as u8);
            let messages: Vec<[u8; LEN]> = (0..count).map(message).collect();
            assert_eq!(hash_many(&messages), messages.iter().map(keccak256).collect::<Vec<_>>(), "{count} of {LEN}");
        }
    }

    #[test]
    fn groups_of_every_size_agree_with_one_by_one() {
        agree::<0>();
        agree::<1>();
        agree::<73>();
        agree::<81>();
        agree::<135>();
    }

    #[test]
    fn every_width_agrees_without_vector_instructions_too() {
        let messages: [[u8; 81]; 8] = std::array::from_fn(|i| std::array::from_fn(|j| (i * 13 + j) as u8));
        assert_eq!(group(&messages), messages.map(keccak256));
        assert_eq!(group::<81, 1>(&[messages[3]]), [keccak256(messages[3])]);
    }
}
