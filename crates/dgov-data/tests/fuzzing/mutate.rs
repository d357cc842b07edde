//! Breaking good input.

use crc32c::crc32c;

use super::corpus::{Repair, Target};

/// The generator SplitMix64 (Steele, Lea, Flood 2014): one stream for each case.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64, case: u64) -> Self {
        let mut random = Self(seed);
        let start = random.next() ^ case.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self(start)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 when that is 0.
    pub fn below(&mut self, end: usize) -> usize {
        if end == 0 { 0 } else { (self.next() % end as u64) as usize }
    }
}

const NUMBERS: [u64; 16] = [
    0,
    1,
    2,
    7,
    0x7f,
    0x80,
    0xff,
    0x100,
    0x7fff,
    0xffff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    1 << 40,
    i64::MAX as u64,
    u64::MAX,
];

/// A broken copy of one of the target's good inputs.
pub fn input(target: &Target, random: &mut Random) -> Vec<u8> {
    let mut bytes = target.corpus[random.below(target.corpus.len())].clone();
    for _ in 0..=random.below(6) {
        step(&mut bytes, target, random);
    }
    if random.below(4) > 0 {
        match target.repair {
            Repair::Nothing => {}
            Repair::Tar => tar(&mut bytes),
            Repair::Tfrecord => tfrecord(&mut bytes),
        }
    }
    bytes
}

fn step(bytes: &mut Vec<u8>, target: &Target, random: &mut Random) {
    let at = random.below(bytes.len());
    let length = (1 << random.below(10)).min(bytes.len() - at);
    match random.below(11) {
        0 | 1 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        }
        2 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = random.next() as u8;
            }
        }
        // A number, in either order of bytes.
        3 | 4 => {
            let width = [1, 2, 4, 8][random.below(4)].min(bytes.len() - at);
            let number = NUMBERS[random.below(NUMBERS.len())].wrapping_sub(random.below(3) as u64);
            let (little, big) = (number.to_le_bytes(), number.to_be_bytes());
            let written = if random.below(2) == 0 { &little[..width] } else { &big[8 - width..] };
            bytes[at..at + width].copy_from_slice(written);
        }
        5 => {
            bytes.drain(at..at + length);
        }
        6 => {
            let part = bytes[at..at + length].to_vec();
            let times = if random.below(8) == 0 { random.below(1_000) } else { 1 };
            let part = part.repeat(times.min((1 << 20) / part.len().max(1)));
            bytes.splice(at..at, part);
        }
        7 => {
            let other = &target.corpus[random.below(target.corpus.len())];
            let from = random.below(other.len());
            let part = other[from..(from + length * 4).min(other.len())].to_vec();
            bytes.splice(at..at + length, part);
        }
        8 => bytes.truncate(at),
        9 => {
            let part: Vec<u8> = (0..length.min(16)).map(|_| random.next() as u8).collect();
            bytes.splice(at..at, part);
        }
        _ => {
            if let Some(token) = target.tokens.get(random.below(target.tokens.len())) {
                let replaced = random.below(2) * token.len().min(bytes.len() - at);
                bytes.splice(at..at + replaced, token.bytes());
            }
        }
    }
}

/// Makes the checksums of headers right again.
fn tar(bytes: &mut [u8]) {
    for block in bytes.as_chunks_mut::<512>().0 {
        if &block[257..262] == b"ustar" {
            block[148..156].fill(b' ');
            let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
            block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        }
    }
}

/// Makes checksums right again where lengths are.
fn tfrecord(bytes: &mut [u8]) {
    let masked = |content: &[u8]| crc32c(content).rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes();
    let mut at = 0;
    while bytes.len() - at >= 16 {
        let length = u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
        let crc = masked(&bytes[at..at + 8]);
        bytes[at + 8..at + 12].copy_from_slice(&crc);
        let Some(end) = usize::try_from(length).ok().and_then(|length| (at + 12).checked_add(length)) else { return };
        if end > bytes.len() - 4 {
            return;
        }
        let crc = masked(&bytes[at + 12..end]);
        bytes[end..end + 4].copy_from_slice(&crc);
        at = end + 4;
    }
}
