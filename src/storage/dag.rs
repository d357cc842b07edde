//! Reading UnixFS files and folders block by block, each block checked.

use std::collections::BTreeMap;

use cid::Cid;
use ipld_dagpb::PbNode;
use rust_unixfs::walk::{ContinuedWalk, Walker};

use super::{Source, fetch};
use crate::error::{Error, Result};

/// The files of a folder by their path below it (`/` between parts), in memory; more than `limit` bytes is an error.
pub async fn read_folder(sources: &[Source], root: &Cid, limit: u64) -> Result<BTreeMap<String, Vec<u8>>> {
    let malformed = |error: &dyn std::error::Error| {
        Error::integrity("storage.dag_malformed", format!("{root} is no readable UnixFS folder"))
            .caused_by(error)
            .hint("it was not written by dgov; ask its publisher")
    };
    let mut walker = Walker::new(*root, String::new());
    let mut cache = None;
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut total = 0u64;
    while walker.should_continue() {
        let next = *walker.pending_links().0;
        let block = fetch(sources, &next).await?;
        total += block.len() as u64;
        if total > limit {
            return Err(Error::integrity("storage.too_large", format!("{root} is larger than {limit} bytes")));
        }
        match walker.next(&block, &mut cache).map_err(|error| malformed(&error))? {
            ContinuedWalk::File(segment, _, path, _, _) => {
                let name = path.to_str().map(|path| path.trim_start_matches('/').to_owned()).unwrap_or_default();
                files.entry(name).or_default().extend_from_slice(segment.as_bytes());
            }
            ContinuedWalk::Bucket(..) | ContinuedWalk::Directory(..) | ContinuedWalk::RootDirectory(..) => {}
            ContinuedWalk::Symlink(_, _, path, _) => {
                return Err(Error::integrity(
                    "storage.link",
                    format!("{root} holds a symbolic link, {}", path.display()),
                ));
            }
        }
    }
    Ok(files)
}

/// A file of a stored folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// Its root block.
    pub cid: Cid,
}

/// The files of a stored folder by path; only directory blocks and the first block of each file are read.
pub async fn list_files(sources: &[Source], root: &Cid) -> Result<BTreeMap<String, StoredFile>> {
    let mut files = BTreeMap::new();
    let mut open = vec![(String::new(), *root, false)];
    while let Some((path, cid, shard)) = open.pop() {
        if cid.codec() == RAW {
            files.insert(path, StoredFile { cid });
            continue;
        }
        let node = node(sources, &cid).await?;
        match node_type(&node) {
            Some(DIRECTORY) => {
                for link in &node.links {
                    let name = link.name.as_deref().unwrap_or_default();
                    open.push((join(&path, name), link.cid, false));
                }
            }
            Some(HAMT_SHARD) => {
                for link in &node.links {
                    // Two hex digits of the slot, then the name; without a name the link leads to a deeper shard.
                    match link.name.as_deref().and_then(|name| name.get(2..)) {
                        Some("") | None => open.push((path.clone(), link.cid, true)),
                        Some(name) => open.push((join(&path, name), link.cid, false)),
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

/// The leaves of a stored file in order; only its nodes are read.
pub async fn leaves(sources: &[Source], file: &Cid) -> Result<Vec<Cid>> {
    let mut leaves = Vec::new();
    let mut open = vec![*file];
    while let Some(cid) = open.pop() {
        if cid.codec() == RAW {
            leaves.push(cid);
            continue;
        }
        let node = node(sources, &cid).await?;
        if node.links.is_empty() {
            leaves.push(cid);
        }
        open.extend(node.links.iter().rev().map(|link| link.cid));
    }
    Ok(leaves)
}

/// The bytes of one stored file, in memory; more than `limit` is an error.
pub async fn read_file(sources: &[Source], file: &Cid, limit: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for leaf in leaves(sources, file).await? {
        // dgov writes raw leaves only.
        if leaf.codec() != RAW {
            return Err(malformed(&leaf));
        }
        bytes.extend(fetch(sources, &leaf).await?);
        if bytes.len() as u64 > limit {
            return Err(Error::integrity("storage.too_large", format!("{file} is larger than {limit} bytes"))
                .hint("it was not written by dgov; ask its publisher"));
        }
    }
    Ok(bytes)
}

/// Codec of raw blocks in the multicodec table.
const RAW: u64 = 0x55;
/// UnixFS node types (unixfs.proto).
const DIRECTORY: u64 = 1;
const HAMT_SHARD: u64 = 5;

async fn node(sources: &[Source], cid: &Cid) -> Result<PbNode> {
    let block = fetch(sources, cid).await?;
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

fn malformed(cid: &Cid) -> Error {
    Error::integrity("storage.dag_malformed", format!("block {cid} is no UnixFS node"))
        .hint("it was not written by dgov; ask its publisher")
}
