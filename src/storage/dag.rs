//! Reading UnixFS files and folders block by block, each block checked.
//!
//! A hash proves that a block is the one that was asked for, not that it is sane: forty nodes that each link twice to the
//! next are a file of 2^40 leaves. So everything here is limited by what the caller expects, not by what the blocks say.

pub mod names;
pub mod node;
mod proto;
pub mod walk;

use std::collections::BTreeMap;

use cid::Cid;
use ipld_dagpb::PbNode;

use super::pool::Pool;
use super::{Source, fetch};
use crate::error::{Error, Result};
use walk::{Found, Place, Step};

/// Codec of raw blocks in the multicodec table.
const RAW: u64 = 0x55;
/// UnixFS node types (unixfs.proto).
const DIRECTORY: u64 = 1;
const FILE: u64 = 2;
const HAMT_SHARD: u64 = 5;

/// Most links from a file's root to a leaf: at 174 links a node, the fewest in use, 2^59 leaves take eight.
const FILE_DEPTH: usize = 16;
/// Most links from a folder's root to a file: folders in folders, and shards in each.
const FOLDER_DEPTH: usize = 256;
/// What asking for a block costs at least, in bytes, so that empty blocks have an end, too.
const BLOCK_COST: u64 = 4 << 10;
/// What an open entry of a folder takes besides its path.
const ENTRY_COST: u64 = 64;

/// The named files of a stored folder, in memory; those that it does not have are absent. Only its root block and the
/// files asked for are read, each of at most `limit` bytes.
///
/// # Errors
/// `storage.dag_malformed`, `storage.too_large` (integrity), and those of the sources.
pub async fn read_files(
    sources: &[Source],
    root: &Cid,
    names: &[&'static str],
    limit: u64,
) -> Result<BTreeMap<&'static str, Vec<u8>>> {
    let folder = node(sources, root).await?;
    if node_type(&folder) != Some(DIRECTORY) {
        return Err(malformed(root));
    }
    let mut files = BTreeMap::new();
    for name in names {
        if let Some(link) = folder.links.iter().find(|link| link.name.as_deref() == Some(name)) {
            files.insert(*name, read_file(sources, &link.cid, limit).await?);
        }
    }
    Ok(files)
}

/// The bytes of one stored file, in memory; more than `limit` is an error.
async fn read_file(sources: &[Source], file: &Cid, limit: u64) -> Result<Vec<u8>> {
    // Nodes above the leaves and short leaves are extra; in what dgov writes they are below two percent.
    let mut budget = limit + limit / 16 + (1 << 20);
    let mut bytes = Vec::new();
    let mut walk = Leaves::of(*file);
    while let Some(leaf) = walk.next(sources, &mut budget).await? {
        // dgov writes raw leaves only.
        if leaf.codec() != RAW {
            return Err(malformed(&leaf));
        }
        let block = fetch(sources, &leaf).await?;
        spend(&mut budget, block.len() as u64 + BLOCK_COST, file)?;
        bytes.extend(block);
        if bytes.len() as u64 > limit {
            return Err(too_large(file));
        }
    }
    Ok(bytes)
}

/// A file of a stored folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// Its root block.
    pub cid: Cid,
}

/// The files of a stored folder by path; only directory blocks and the first block of each file are read. `limit` is for
/// the bytes of all paths, with 64 more for each.
///
/// # Errors
/// As [`read_files`].
pub async fn list_files(sources: &[Source], root: &Cid, limit: u64) -> Result<BTreeMap<String, StoredFile>> {
    let mut budget = limit;
    let mut files = BTreeMap::new();
    let mut open = vec![Entry { path: String::new(), cid: *root, shard: false, depth: 0 }];
    while let Some(entry) = open.pop() {
        let Entry { path, cid, shard, depth } = entry;
        spend(&mut budget, path.len() as u64 + ENTRY_COST, root)?;
        if cid.codec() == RAW {
            files.insert(path, StoredFile { cid });
            continue;
        }
        if depth > FOLDER_DEPTH {
            return Err(too_large(root));
        }
        let node = node(sources, &cid).await?;
        let below = |path, cid, shard| Entry { path, cid, shard, depth: depth + 1 };
        match node_type(&node) {
            Some(DIRECTORY) => {
                for link in &node.links {
                    let name = link.name.as_deref().unwrap_or_default();
                    open.push(below(join(&path, name), link.cid, false));
                }
            }
            Some(HAMT_SHARD) => {
                for link in &node.links {
                    // Two hex digits of the slot, then the name; without a name the link leads to a deeper shard.
                    match link.name.as_deref().and_then(|name| name.get(2..)) {
                        Some("") | None => open.push(below(path.clone(), link.cid, true)),
                        Some(name) => open.push(below(join(&path, name), link.cid, false)),
                    }
                }
            }
            _ if shard => return Err(malformed(&cid)),
            _ => {
                files.insert(path, StoredFile { cid });
            }
        }
    }
    Ok(files)
}

/// The file or folder at a path below `root`; only the folders on the way are read. `None` when there is none.
///
/// # Errors
/// Those of [`Step::open`] and of the sources.
pub async fn find(pool: &Pool, root: Step, path: &str) -> Result<Option<Step>> {
    let mut step = root;
    for name in path.split('/').filter(|name| !name.is_empty()) {
        loop {
            let next = match step.open(pool.fetch(&step.cid()).await?)? {
                Found::Folder { next, .. } | Found::More(next) => next,
                _ => return Ok(None),
            };
            match walk::towards(next, name) {
                Some(found) => step = found,
                None => return Ok(None),
            }
            if matches!(step.place, Place::Entry { .. }) {
                break;
            }
        }
    }
    Ok(Some(step))
}

/// What the budget of [`list_files`] has to be for these paths.
pub fn listing_cost<'a>(paths: impl Iterator<Item = &'a str>) -> u64 {
    paths.map(|path| path.len() as u64 + ENTRY_COST).sum()
}

struct Entry {
    path: String,
    cid: Cid,
    /// Reached from a shard without a name: has to be one, too.
    shard: bool,
    depth: usize,
}

/// The leaves of a stored file in order, found one at a time: whoever compares or counts can stop.
pub struct Leaves {
    open: Vec<(Cid, usize)>,
}

impl Leaves {
    /// Of the file with this root.
    pub fn of(file: Cid) -> Self {
        Self { open: vec![(file, 0)] }
    }

    /// The next leaf; only the nodes on the way to it are read, and their cost is taken from the budget, in bytes.
    ///
    /// # Errors
    /// As [`read_files`].
    pub async fn next(&mut self, sources: &[Source], budget: &mut u64) -> Result<Option<Cid>> {
        while let Some((cid, depth)) = self.open.pop() {
            if cid.codec() == RAW {
                return Ok(Some(cid));
            }
            let block = fetch(sources, &cid).await?;
            spend(budget, block.len() as u64 + BLOCK_COST, &cid)?;
            let node = parse(&cid, block)?;
            if node_type(&node) != Some(FILE) {
                return Err(malformed(&cid));
            }
            if node.links.is_empty() {
                return Ok(Some(cid));
            }
            if depth == FILE_DEPTH {
                return Err(too_large(&cid));
            }
            self.open.extend(node.links.iter().rev().map(|link| (link.cid, depth + 1)));
        }
        Ok(None)
    }
}

async fn node(sources: &[Source], cid: &Cid) -> Result<PbNode> {
    parse(cid, fetch(sources, cid).await?)
}

fn parse(cid: &Cid, block: Vec<u8>) -> Result<PbNode> {
    PbNode::from_bytes(block.into()).map_err(|_| malformed(cid))
}

/// The first field of the UnixFS message is its type, a varint below 128.
fn node_type(node: &PbNode) -> Option<u64> {
    match node.data.as_deref()? {
        [0x08, kind, ..] => Some(u64::from(*kind)),
        _ => None,
    }
}

fn join(dir: &str, name: &str) -> String {
    if dir.is_empty() { name.to_owned() } else { format!("{dir}/{name}") }
}

fn spend(budget: &mut u64, cost: u64, root: &Cid) -> Result<()> {
    *budget = budget.checked_sub(cost).ok_or_else(|| too_large(root))?;
    Ok(())
}

fn malformed(cid: &Cid) -> Error {
    Error::integrity("storage.dag_malformed", format!("block {cid} is no UnixFS node of the kind that belongs there"))
        .hint("it was not written by dgov; ask its publisher")
}

fn malformed_as(cid: &Cid, path: &str, what: &'static str) -> Error {
    let whose = if path.is_empty() { "the package".to_owned() } else { format!("{path:?}") };
    Error::integrity("storage.dag_malformed", format!("block {cid} of {whose} {what}"))
        .hint("the package itself is broken, whatever source it comes from; ask its publisher")
}

fn too_large(cid: &Cid) -> Error {
    Error::integrity(
        "storage.too_large",
        format!("what hangs below block {cid} is larger than anything that belongs there"),
    )
    .hint("it was not written by dgov; ask its publisher")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
#[path = "dag/tests.rs"]
mod tests;
