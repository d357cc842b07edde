//! From a block's bytes to a UnixFS node (unixfs.proto; specs.ipfs.tech "UnixFS"), with everything in it that has to agree.
//! A hash proves that these are the bytes that were asked for, not that they make sense.

use cid::Cid;
use dgov_data::unixfs::{BlockId, Codec, hash_name};
use ipld_dagpb::{PbLink, PbNode};

use super::proto::Data;

/// UnixFS types.
const RAW: u64 = 0;
const DIRECTORY: u64 = 1;
const FILE: u64 = 2;
const SHARD: u64 = 5;
/// Multicodec of murmur3-x64-64 and slots of a shard: the only ones in use.
const MURMUR3: u64 = 0x22;
const FANOUT: u64 = 256;

/// What a block is.
#[derive(Debug)]
pub enum Node {
    /// The bytes of a file, or of a piece of one.
    Content(Vec<u8>),
    /// A file, or a piece of one, of several blocks.
    Parts {
        /// Bytes of content: the sum of the parts.
        size: u64,
        /// In order, none of them empty.
        parts: Vec<Part>,
    },
    /// A folder of one block.
    Directory(Vec<Entry>),
    /// A folder, or a piece of one, by the hashes of the names.
    Shard(Vec<Slot>),
}

/// A piece of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its block.
    pub id: BlockId,
    /// Bytes of content.
    pub len: u64,
}

/// An entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// As it stands in the block.
    pub name: String,
    /// Its root block.
    pub id: BlockId,
    /// What the folder says of the bytes of all blocks below.
    pub total: u64,
}

/// A slot of a shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Number, 0 to 255.
    pub slot: u8,
    /// The entry; without a name a deeper shard.
    pub entry: Entry,
}

/// Whether these bytes are a UnixFS node, of whatever kind, and not the content of a file.
pub fn is_node(block: &[u8]) -> bool {
    let node = PbNode::from_bytes(block.to_vec().into());
    node.is_ok_and(|node| Data::parse(node.data.as_deref().unwrap_or_default()).is_some())
}

/// Reads a block; `Err` says what is wrong with it.
///
/// # Errors
/// A phrase for people.
pub fn decode(id: &BlockId, block: Vec<u8>) -> Result<Node, &'static str> {
    if id.codec == Codec::Raw {
        return Ok(Node::Content(block));
    }
    let node = PbNode::from_bytes(block.into()).map_err(|_| "is no dag-pb node")?;
    let data = Data::parse(node.data.as_deref().unwrap_or_default()).ok_or("is no UnixFS node")?;
    match data.kind {
        FILE | RAW if node.links.is_empty() => content(&data),
        FILE => parts(&data, &node.links),
        DIRECTORY => node.links.iter().map(entry).collect::<Result<_, _>>().map(Node::Directory),
        SHARD => slots(&data, &node.links).map(Node::Shard),
        _ => Err("is neither a file nor a folder"),
    }
}

fn content(data: &Data<'_>) -> Result<Node, &'static str> {
    let len = data.content.len() as u64;
    if data.size.is_some_and(|size| size != len) || !data.block_sizes.is_empty() {
        return Err("says another size than it has");
    }
    Ok(Node::Content(data.content.to_vec()))
}

fn parts(data: &Data<'_>, links: &[PbLink]) -> Result<Node, &'static str> {
    if !data.content.is_empty() || data.block_sizes.len() != links.len() {
        return Err("does not say the size of each of its parts");
    }
    let mut size = 0_u64;
    let mut parts = Vec::with_capacity(links.len());
    for (link, len) in links.iter().zip(&data.block_sizes) {
        if *len == 0 {
            return Err("has parts without content");
        }
        size = size.checked_add(*len).ok_or("has parts of 2^64 bytes and more")?;
        parts.push(Part { id: id(&link.cid)?, len: *len });
    }
    if data.size != Some(size) {
        return Err("says another size than the sum of its parts");
    }
    Ok(Node::Parts { size, parts })
}

fn slots(data: &Data<'_>, links: &[PbLink]) -> Result<Vec<Slot>, &'static str> {
    if data.hash != Some(MURMUR3) || data.fanout != Some(FANOUT) || data.content.len() > 32 {
        return Err("is a shard of an unknown kind");
    }
    let mut slots: Vec<Slot> = Vec::with_capacity(links.len());
    for link in links {
        let mut entry = entry(link)?;
        let (digits, name) = entry.name.split_at_checked(2).ok_or("is a shard with a link that has no slot")?;
        let slot = u8::from_str_radix(digits, 16).map_err(|_| "is a shard with a link that has no slot")?;
        if format!("{slot:02X}") != digits || slots.last().is_some_and(|last| last.slot >= slot) {
            return Err("is a shard whose slots are not in order");
        }
        // The last byte of the bits is that of slots 0 to 7; leading zeros are left out.
        let bits = data.content.iter().rev().nth(usize::from(slot / 8)).copied().unwrap_or_default();
        if bits & 1 << (slot % 8) == 0 {
            return Err("is a shard whose bits and links differ");
        }
        entry.name = name.to_owned();
        slots.push(Slot { slot, entry });
    }
    let bits: u32 = data.content.iter().map(|byte| byte.count_ones()).sum();
    if bits as usize != slots.len() {
        return Err("is a shard whose bits and links differ");
    }
    Ok(slots)
}

fn entry(link: &PbLink) -> Result<Entry, &'static str> {
    let total = link.size.ok_or("has a link without a size")?;
    Ok(Entry { name: link.name.clone().unwrap_or_default(), id: id(&link.cid)?, total })
}

fn id(cid: &Cid) -> Result<BlockId, &'static str> {
    BlockId::of_cid(cid).ok_or("links to a block of another kind than sha2-256 of raw or dag-pb")
}

/// Whether a name may stand below these slots: `level` bytes of its hash, from the top.
pub fn belongs(name: &str, prefix: u64, level: u32) -> bool {
    level == 0 || hash_name(name.as_bytes()) >> (64 - 8 * level) == prefix
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use dgov_data::unixfs::{Options, plan};
    use proptest::prelude::*;

    use super::*;

    /// The nodes of a folder, of a sharded folder and of files of several blocks.
    fn nodes() -> Vec<(BlockId, Vec<u8>)> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("many")).unwrap();
        for number in 0..5_000 {
            std::fs::write(folder.path().join(format!("many/{number:0>40}")), "").unwrap();
        }
        std::fs::write(folder.path().join("large"), vec![7; 5 << 20]).unwrap();
        let path = camino::Utf8Path::from_path(folder.path()).unwrap();
        let package = plan(path, &Options::default()).unwrap().hash(&|_| ()).unwrap();
        let mut nodes = Vec::new();
        let mut take = |block: dgov_data::unixfs::Block<'_>| {
            if block.id.codec == Codec::DagPb {
                nodes.push((block.id, block.bytes.to_vec()));
            }
            Ok(())
        };
        package.for_each_block(&mut take).unwrap();
        nodes
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// A block that was changed is refused or is another node; what a hash would have found is not asked here.
        #[test]
        fn changed_nodes_are_read_without_harm(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..6)) {
            thread_local! {
                static NODES: Vec<(BlockId, Vec<u8>)> = nodes();
            }
            NODES.with(|nodes| {
                let kinds = |kind: fn(&Node) -> bool| nodes.iter().any(|(id, block)| kind(&decode(id, block.clone()).unwrap()));
                assert!(kinds(|node| matches!(node, Node::Shard(_))) && kinds(|node| matches!(node, Node::Parts { .. })));
                for (id, block) in nodes {
                    let mut block = block.clone();
                    for (at, byte, how) in &changes {
                        let at = at.index(block.len().max(1));
                        match how {
                            0 => block.truncate(at),
                            1 => block.insert(at, *byte),
                            _ => block.iter_mut().skip(at).take(1).for_each(|old| *old ^= byte),
                        }
                    }
                    is_node(&block);
                    let _ = decode(id, block);
                }
            });
        }
    }
}
