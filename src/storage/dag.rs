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
use dgov_data::unixfs::{BlockId, Codec, Profile};

use super::pool::Pool;
use super::{Source, fetch};
use crate::error::{Error, Result};
use node::Node;
use walk::{Found, Place, Step};

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
    let (Node::Directory(entries), _) = node(sources, &id_of(root)?).await? else { return Err(malformed(root)) };
    let mut files = BTreeMap::new();
    for name in names {
        if let Some(entry) = entries.iter().find(|entry| entry.name == *name) {
            files.insert(*name, read_file(sources, entry.id, limit).await?);
        }
    }
    Ok(files)
}

/// The bytes of one stored file, in memory; more than `limit` is an error.
async fn read_file(sources: &[Source], file: BlockId, limit: u64) -> Result<Vec<u8>> {
    // Nodes above the leaves and short leaves are extra; in what dgov writes they are below two percent.
    let mut budget = limit + limit / 16 + (1 << 20);
    let mut bytes = Vec::new();
    let mut walk = Leaves::of(file);
    while let Some(leaf) = walk.next(sources, &mut budget).await? {
        // dgov writes raw leaves only.
        if leaf.codec != Codec::Raw {
            return Err(malformed(&cid_of(&leaf)));
        }
        let block = fetch(sources, &cid_of(&leaf)).await?;
        spend(&mut budget, block.len() as u64 + BLOCK_COST, &file)?;
        bytes.extend(block);
        if bytes.len() as u64 > limit {
            return Err(too_large(&cid_of(&file)));
        }
    }
    Ok(bytes)
}

/// A file of a stored folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// Its root block.
    pub id: BlockId,
}

/// The files of a stored folder by path; only directory blocks and the first block of each file are read. `limit` is for
/// the bytes of all paths, with 64 more for each.
///
/// # Errors
/// As [`read_files`].
pub async fn list_files(sources: &[Source], root: &Cid, limit: u64) -> Result<BTreeMap<String, StoredFile>> {
    let mut budget = limit;
    let mut files = BTreeMap::new();
    let root = id_of(root)?;
    let mut open = vec![Entry { path: String::new(), id: root, shard: false, depth: 0 }];
    while let Some(entry) = open.pop() {
        let Entry { path, id, shard, depth } = entry;
        spend(&mut budget, path.len() as u64 + ENTRY_COST, &root)?;
        if id.codec == Codec::Raw {
            files.insert(path, StoredFile { id });
            continue;
        }
        if depth > FOLDER_DEPTH {
            return Err(too_large(&cid_of(&root)));
        }
        let below = |path, id, shard| Entry { path, id, shard, depth: depth + 1 };
        match node(sources, &id).await?.0 {
            Node::Directory(entries) => {
                open.extend(entries.into_iter().map(|entry| below(join(&path, &entry.name), entry.id, false)));
            }
            Node::Shard(slots) => open.extend(slots.into_iter().map(|slot| match &*slot.entry.name {
                "" => below(path.clone(), slot.entry.id, true),
                name => below(join(&path, name), slot.entry.id, false),
            })),
            Node::Content(_) | Node::Parts { .. } if shard => return Err(malformed(&cid_of(&id))),
            Node::Content(_) | Node::Parts { .. } => {
                files.insert(path, StoredFile { id });
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
    id: BlockId,
    /// Reached from a shard without a name: has to be one, too.
    shard: bool,
    depth: usize,
}

/// The leaves of a stored file in order, found one at a time: whoever compares or counts can stop.
pub struct Leaves {
    open: Vec<(BlockId, usize)>,
}

impl Leaves {
    /// Of the file with this root.
    pub fn of(file: BlockId) -> Self {
        Self { open: vec![(file, 0)] }
    }

    /// The next leaf; only the nodes on the way to it are read, and their cost is taken from the budget, in bytes.
    ///
    /// # Errors
    /// As [`read_files`].
    pub async fn next(&mut self, sources: &[Source], budget: &mut u64) -> Result<Option<BlockId>> {
        while let Some((id, depth)) = self.open.pop() {
            if id.codec == Codec::Raw {
                return Ok(Some(id));
            }
            let (node, len) = node(sources, &id).await?;
            spend(budget, len + BLOCK_COST, &id)?;
            match node {
                Node::Content(_) => return Ok(Some(id)),
                Node::Parts { .. } if depth == FILE_DEPTH => return Err(too_large(&cid_of(&id))),
                Node::Parts { parts, .. } => {
                    self.open.extend(parts.iter().rev().map(|part| (part.id, depth + 1)));
                }
                Node::Directory(_) | Node::Shard(_) => return Err(malformed(&cid_of(&id))),
            }
        }
        Ok(None)
    }
}

/// A node and the length of its block.
async fn node(sources: &[Source], id: &BlockId) -> Result<(Node, u64)> {
    let cid = cid_of(id);
    let block = fetch(sources, &cid).await?;
    let len = block.len() as u64;
    let node = node::decode(id, block).map_err(|what| malformed_as(&cid, "", what))?;
    Ok((node, len))
}

fn id_of(cid: &Cid) -> Result<BlockId> {
    BlockId::of_cid(cid).ok_or_else(|| malformed(cid))
}

/// Version 1: stores find a block by its digest.
fn cid_of(id: &BlockId) -> Cid {
    id.cid(Profile::V1_2025)
}

fn join(dir: &str, name: &str) -> String {
    if dir.is_empty() { name.to_owned() } else { format!("{dir}/{name}") }
}

fn spend(budget: &mut u64, cost: u64, root: &BlockId) -> Result<()> {
    *budget = budget.checked_sub(cost).ok_or_else(|| too_large(&cid_of(root)))?;
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
