//! The two small protobuf messages of UnixFS, written in the one canonical form that all implementations share.

use super::{BlockId, Profile};

/// A link of a node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link<'a> {
    pub name: &'a str,
    pub id: BlockId,
    /// Bytes of the linked block and everything below it.
    pub total: u64,
}

/// UnixFS types that occur here.
const DIRECTORY: u64 = 1;
const FILE: u64 = 2;
const SHARD: u64 = 5;
/// Multicodec of murmur3-x64-64, the hash of names in shards.
const MURMUR3: u64 = 0x22;

pub(crate) fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(crate) fn varint_len(value: u64) -> usize {
    (64 - (value | 1).leading_zeros() as usize).div_ceil(7)
}

fn field_bytes(field: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(field << 3 | 2);
    varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

fn field_varint(field: u8, value: u64, out: &mut Vec<u8>) {
    out.push(field << 3);
    varint(value, out);
}

fn link_body_len(profile: Profile, link: &Link<'_>) -> usize {
    let name = link.name.len();
    2 + profile.cid_len() + 1 + varint_len(name as u64) + name + 1 + varint_len(link.total)
}

/// Bytes that a link takes in its node.
pub(crate) fn link_len(profile: Profile, link: &Link<'_>) -> usize {
    let body = link_body_len(profile, link);
    1 + varint_len(body as u64) + body
}

/// A node: links first, then data, as dag-pb orders them.
pub(crate) fn node<'a>(profile: Profile, links: impl Iterator<Item = Link<'a>>, data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len() + 16 + 64 * links.size_hint().0);
    for link in links {
        out.push(0x12);
        varint(link_body_len(profile, &link) as u64, &mut out);
        out.push(0x0a);
        out.push(profile.cid_len() as u8);
        link.id.write(profile, &mut out);
        field_bytes(2, link.name.as_bytes(), &mut out);
        field_varint(3, link.total, &mut out);
    }
    field_bytes(1, data, &mut out);
    out
}

/// Data of a directory that is one block.
pub(crate) fn directory_data() -> Vec<u8> {
    vec![0x08, DIRECTORY as u8]
}

/// Data of a node above leaves or nodes that hold `sizes` bytes of content.
pub(crate) fn file_data(size: u64, sizes: impl Iterator<Item = u64>) -> Vec<u8> {
    let mut out = Vec::new();
    field_varint(1, FILE, &mut out);
    field_varint(3, size, &mut out);
    for size in sizes {
        field_varint(4, size, &mut out);
    }
    out
}

/// What stands before and after `len` bytes of content in a dag-pb leaf.
pub(crate) fn leaf_frame(len: u64) -> (Vec<u8>, Vec<u8>) {
    let mut before = Vec::new();
    field_varint(1, FILE, &mut before);
    if len > 0 {
        before.push(0x12);
        varint(len, &mut before);
    }
    let mut after = Vec::new();
    field_varint(3, len, &mut after);
    let mut head = vec![0x0a];
    varint(before.len() as u64 + len + after.len() as u64, &mut head);
    head.append(&mut before);
    (head, after)
}

/// Data of a shard; `bitfield` holds one bit a slot, the last byte slots 0 to 7.
pub(crate) fn shard_data(bitfield: &[u8; 32], fanout: u64) -> Vec<u8> {
    let mut out = Vec::new();
    field_varint(1, SHARD, &mut out);
    let start = bitfield.iter().position(|byte| *byte != 0).unwrap_or(bitfield.len());
    field_bytes(2, &bitfield[start..], &mut out);
    field_varint(5, MURMUR3, &mut out);
    field_varint(6, fanout, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_agree_with_what_is_written() {
        for value in [0, 1, 127, 128, 16_383, 16_384, u64::from(u32::MAX), u64::MAX] {
            let mut out = Vec::new();
            varint(value, &mut out);
            assert_eq!(out.len(), varint_len(value), "{value}");
        }
        for profile in [Profile::V1_2025, Profile::V0_2015] {
            for (len, total) in [(0, 0), (1, 127), (90, 128), (255, 1 << 40)] {
                let name = "x".repeat(len);
                let id = BlockId::of(super::super::Codec::DagPb, b"");
                let link = Link { name: &name, id, total };
                let with = node(profile, [link].into_iter(), &directory_data()).len();
                assert_eq!(with - node(profile, [].into_iter(), &directory_data()).len(), link_len(profile, &link));
            }
        }
    }
}
