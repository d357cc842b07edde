//! Directories too large for one block: a trie over the murmur3 hashes of the names, 256 slots a shard.

use super::dagpb::{self, Link};
use super::{BlockId, Codec, Profile, UnixfsError};

/// Slots of a shard: one byte of the hash at each depth.
const FANOUT: usize = 256;

/// A shard with its block.
pub(crate) struct Shard {
    pub id: BlockId,
    pub total: u64,
    pub block: Vec<u8>,
    /// In link order.
    pub slots: Vec<Slot>,
}

/// What a link of a shard leads to.
pub(crate) enum Slot {
    /// An entry of the directory, by its position.
    Entry(usize),
    Shard(Box<Shard>),
}

/// Builds the shards of a directory.
pub(crate) fn build(profile: Profile, directory: &str, entries: &[Link<'_>]) -> Result<Shard, UnixfsError> {
    let mut hashed: Vec<_> =
        entries.iter().enumerate().map(|(index, link)| (hash_name(link.name.as_bytes()), index)).collect();
    hashed.sort_unstable();
    if let Some(pair) = hashed.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(UnixfsError::NameCollision {
            directory: if directory.is_empty() { ".".to_owned() } else { directory.to_owned() },
            first: entries[pair[0].1].name.to_owned(),
            second: entries[pair[1].1].name.to_owned(),
        });
    }
    let too_large = || UnixfsError::TooLarge { path: directory.to_owned() };
    shard(profile, entries, &hashed, 0).ok_or_else(too_large)
}

/// `hashed` is sorted and shares its first `depth` bytes; `None` when sizes overflow.
fn shard(profile: Profile, entries: &[Link<'_>], hashed: &[(u64, usize)], depth: u32) -> Option<Shard> {
    let slot_of = |hash: u64| (hash >> (56 - 8 * depth)) as u8;
    let mut bitfield = [0_u8; FANOUT / 8];
    let mut slots = Vec::new();
    let mut names = Vec::new();
    let mut targets = Vec::new();
    for group in hashed.chunk_by(|a, b| slot_of(a.0) == slot_of(b.0)) {
        let slot = slot_of(group[0].0);
        bitfield[FANOUT / 8 - 1 - usize::from(slot / 8)] |= 1 << (slot % 8);
        if let [(_, index)] = group {
            let entry = &entries[*index];
            names.push(format!("{slot:02X}{}", entry.name));
            targets.push((entry.id, entry.total));
            slots.push(Slot::Entry(*index));
        } else {
            let below = shard(profile, entries, group, depth + 1)?;
            names.push(format!("{slot:02X}"));
            targets.push((below.id, below.total));
            slots.push(Slot::Shard(Box::new(below)));
        }
    }
    let links = names.iter().zip(&targets).map(|(name, (id, total))| Link { name, id: *id, total: *total });
    let block = dagpb::node(profile, links, &dagpb::shard_data(&bitfield, FANOUT as u64));
    let total = targets.iter().try_fold(block.len() as u64, |sum, (_, total)| sum.checked_add(*total))?;
    Some(Shard { id: BlockId::of(Codec::DagPb, &block), total, block, slots })
}

/// Where a sharded directory keeps a name, one byte of slot for each level from the top: the first 64 bits of MurmurHash3
/// x64 128 with seed 0 (public domain, Austin Appleby).
pub fn hash_name(bytes: &[u8]) -> u64 {
    const C1: u64 = 0x87c3_7b91_1142_53d5;
    const C2: u64 = 0x4cf5_ad43_2745_937f;
    let mix1 = |k: u64| k.wrapping_mul(C1).rotate_left(31).wrapping_mul(C2);
    let mix2 = |k: u64| k.wrapping_mul(C2).rotate_left(33).wrapping_mul(C1);
    let word = |bytes: &[u8]| bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
    let (mut h1, mut h2) = (0_u64, 0_u64);
    let blocks = bytes.chunks_exact(16);
    let tail = blocks.remainder();
    for block in blocks {
        h1 = (h1 ^ mix1(word(&block[..8]))).rotate_left(27).wrapping_add(h2);
        h1 = h1.wrapping_mul(5).wrapping_add(0x52dc_e729);
        h2 = (h2 ^ mix2(word(&block[8..]))).rotate_left(31).wrapping_add(h1);
        h2 = h2.wrapping_mul(5).wrapping_add(0x3849_5ab5);
    }
    let (low, high) = tail.split_at(tail.len().min(8));
    h2 ^= mix2(word(high));
    h1 ^= mix1(word(low));
    h1 ^= bytes.len() as u64;
    h2 ^= bytes.len() as u64;
    h1 = h1.wrapping_add(h2);
    h2 = h2.wrapping_add(h1);
    finish(h1).wrapping_add(finish(h2))
}

fn finish(mut k: u64) -> u64 {
    k = (k ^ k >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    k = (k ^ k >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    k ^ k >> 33
}
