//! Blocks written by hand: what no packer would make.

use std::collections::BTreeMap;

use cid::Cid;
use cid::multihash::Multihash;
use sha2::{Digest, Sha256};

pub const FILE: u64 = 2;
pub const DIRECTORY: u64 = 1;
pub const SHARD: u64 = 5;

/// Blocks by the text of their CID.
#[derive(Clone, Default)]
pub struct Blocks(pub BTreeMap<String, Vec<u8>>);

/// A block as its parent links to it: its CID and what the link says of its size.
#[derive(Clone, Copy)]
pub struct Linked {
    pub cid: Cid,
    pub total: u64,
}

impl Linked {
    /// The same block with another size.
    pub fn saying(self, total: u64) -> Self {
        Self { total, ..self }
    }

    pub fn digest(&self) -> [u8; 32] {
        self.cid.hash().digest().try_into().unwrap()
    }
}

impl Blocks {
    pub fn put(&mut self, codec: u64, bytes: Vec<u8>) -> Cid {
        let cid = Cid::new_v1(codec, Multihash::wrap(0x12, &Sha256::digest(&bytes)).unwrap());
        self.0.insert(cid.to_string(), bytes);
        cid
    }

    pub fn raw(&mut self, bytes: &[u8]) -> Linked {
        Linked { cid: self.put(0x55, bytes.to_vec()), total: bytes.len() as u64 }
    }

    /// A dag-pb node of these links and this data, in any order that they are given in.
    pub fn node(&mut self, links: &[(&str, Linked)], data: &[u8]) -> Linked {
        let mut out = Vec::new();
        for (name, link) in links {
            let mut body = Vec::new();
            bytes(1, &link.cid.to_bytes(), &mut body);
            bytes(2, name.as_bytes(), &mut body);
            number(3, link.total, &mut body);
            bytes(2, &body, &mut out);
        }
        bytes(1, data, &mut out);
        let below = links.iter().fold(out.len() as u64, |sum, (_, link)| sum.saturating_add(link.total));
        Linked { cid: self.put(0x70, out), total: below }
    }

    pub fn folder(&mut self, links: &[(&str, Linked)]) -> Linked {
        self.node(links, &[8, DIRECTORY as u8])
    }

    /// A file of parts that says these sizes.
    pub fn file(&mut self, size: u64, parts: &[(Linked, u64)]) -> Linked {
        let mut data = Vec::new();
        number(1, FILE, &mut data);
        number(3, size, &mut data);
        parts.iter().for_each(|(_, len)| number(4, *len, &mut data));
        let links: Vec<_> = parts.iter().map(|(part, _)| ("", *part)).collect();
        self.node(&links, &data)
    }

    /// A shard whose links are named as given: two digits of the slot, then the name.
    pub fn shard(&mut self, links: &[(&str, Linked)]) -> Linked {
        let mut bits = [0_u8; 32];
        for (name, _) in links {
            let slot = usize::from_str_radix(&name[..2], 16).unwrap();
            bits[31 - slot / 8] |= 1 << (slot % 8);
        }
        let mut data = Vec::new();
        number(1, SHARD, &mut data);
        bytes(2, &bits, &mut data);
        number(5, 0x22, &mut data);
        number(6, 256, &mut data);
        self.node(links, &data)
    }
}

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn number(field: u8, value: u64, out: &mut Vec<u8>) {
    out.push(field << 3);
    varint(value, out);
}

fn bytes(field: u8, value: &[u8], out: &mut Vec<u8>) {
    out.push(field << 3 | 2);
    varint(value.len() as u64, out);
    out.extend_from_slice(value);
}
