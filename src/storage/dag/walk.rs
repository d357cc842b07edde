//! A walk through a stored package that does no reading itself: it says which block is next and takes what came, so that
//! many blocks can be on their way at once, from anywhere. All that a publisher can lie about is checked here.
//!
//! Sizes only shrink on the way down: a folder's blocks and entries fit into what its parent says of it, a file's parts add
//! up to its size. So the root alone tells how many bytes all of it can have, however often blocks are linked.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use cid::Cid;
use dgov_data::unixfs::{BlockId, Codec, Profile, hash_name};
use sha2::{Digest, Sha256};

use super::names;
use super::node::{self, Node};
use super::{FILE_DEPTH, FOLDER_DEPTH, malformed_as, too_large};
use crate::error::{Error, Result};

/// Most levels of a shard: one byte of a 64-bit hash each.
const SHARD_LEVELS: u32 = 8;
/// Longest path, in bytes: what most systems can open.
const PATH_LIMIT: usize = 4_000;
/// What open steps may take in memory, in bytes.
const OPEN_LIMIT: usize = 96 << 20;
/// What a step takes besides its name.
const STEP_COST: usize = 128;
/// Largest piece of content in a dag-pb leaf.
const DAG_PB_LEAF: u64 = 256 << 10;

/// A block to be read next.
#[derive(Clone, Debug)]
pub struct Step {
    /// The block.
    pub id: BlockId,
    /// Where it belongs.
    pub place: Place,
}

/// Where a block belongs.
#[derive(Clone, Debug)]
pub enum Place {
    /// First block of a file or folder.
    Entry {
        /// The folder that it lies in.
        folder: Arc<Folder>,
        /// Its name there; empty for the root.
        name: Box<str>,
        /// Most bytes that its blocks may have.
        limit: u64,
    },
    /// A piece of a folder.
    Shard {
        /// The folder.
        folder: Arc<Folder>,
        /// The slots on the way to it.
        prefix: u64,
        /// Their number.
        level: u32,
        /// Most bytes that its blocks may have.
        limit: u64,
    },
    /// A piece of a file.
    Part {
        /// The file.
        file: Arc<File>,
        /// Where the piece begins.
        offset: u64,
        /// Bytes of content.
        len: u64,
        /// Links from the file's first block.
        depth: usize,
    },
}

/// A folder whose entries are being read.
#[derive(Debug)]
pub struct Folder {
    /// From the root, with `/`; empty for the root.
    pub path: String,
    depth: usize,
    portable: bool,
    /// Half a hash of each name, folded where names have to be portable.
    seen: Mutex<HashSet<[u8; 16]>>,
}

/// A file of several blocks.
#[derive(Debug, PartialEq, Eq)]
pub struct File {
    /// From the root, with `/`; empty when the root is a file.
    pub path: String,
    /// Bytes of content.
    pub size: u64,
}

/// What a block turned out to be.
#[derive(Debug)]
pub enum Found {
    /// A folder, its path, and its entries if they are not in shards.
    Folder {
        /// From the root.
        path: String,
        /// What its blocks and everything below say they have, in bytes.
        total: u64,
        /// What to read next.
        next: Vec<Step>,
    },
    /// A file of one block.
    Whole {
        /// From the root.
        path: String,
        /// All of it.
        content: Vec<u8>,
    },
    /// A file of several blocks.
    File {
        /// The file.
        file: Arc<File>,
        /// What to read next.
        next: Vec<Step>,
    },
    /// Content of a file.
    Content(Vec<u8>),
    /// A piece of a folder or file that consists of others.
    More(Vec<Step>),
}

/// What is still to be read.
pub struct Walk {
    open: Vec<Step>,
    cost: usize,
    entries: u64,
    most: u64,
}

impl Step {
    /// The first step: the package with this root. `portable` refuses names that only some systems can hold.
    pub fn root(id: BlockId, portable: bool) -> Self {
        let folder = Arc::new(Folder::new(String::new(), 0, portable));
        Self { id, place: Place::Entry { folder, name: "".into(), limit: u64::MAX } }
    }

    /// The block's CID, version 1.
    pub fn cid(&self) -> Cid {
        self.id.cid(Profile::V1_2025)
    }

    /// The path that the block belongs to, from the root.
    pub fn path(&self) -> String {
        match &self.place {
            Place::Entry { folder, name, .. } => folder.below(name),
            Place::Shard { folder, .. } => folder.path.clone(),
            Place::Part { file, .. } => file.path.clone(),
        }
    }

    /// Whether this can only be content: told from its codec and size.
    pub fn is_leaf(&self) -> bool {
        let small = matches!(self.place, Place::Part { len, .. } if len <= DAG_PB_LEAF);
        self.id.codec == Codec::Raw || small
    }

    /// Reads the block of this step, which was hashed before.
    ///
    /// # Errors
    /// `storage.dag_malformed`, `storage.too_large`, `storage.name` (all integrity).
    pub fn open(&self, block: Vec<u8>) -> Result<Found> {
        let len = block.len() as u64;
        let node = node::decode(&self.id, block).map_err(|what| malformed_as(&self.cid(), &self.path(), what))?;
        match &self.place {
            Place::Entry { folder, name, limit } => self.open_entry(folder, name, *limit, len, node),
            Place::Shard { folder, prefix, level, limit } => match node {
                Node::Shard(slots) if !slots.is_empty() => {
                    self.sum(len, *limit, slots.iter().map(|slot| slot.entry.total))?;
                    Ok(Found::More(self.slots(folder, *prefix, *level, slots)?))
                }
                _ => Err(self.wrong("is no shard, where one belongs")),
            },
            Place::Part { file, offset, len, depth } => match node {
                Node::Content(content) if content.len() as u64 == *len => Ok(Found::Content(content)),
                Node::Parts { size, parts } if size == *len => {
                    if *depth == FILE_DEPTH {
                        return Err(too_large(&self.cid()));
                    }
                    Ok(Found::More(pieces(file, *offset, *depth + 1, &parts)))
                }
                _ => Err(self.wrong("is no piece of a file of the size that belongs there")),
            },
        }
    }

    fn open_entry(&self, folder: &Folder, name: &str, limit: u64, len: u64, node: Node) -> Result<Found> {
        let path = folder.below(name);
        let below = || {
            let depth = folder.depth + 1;
            if depth > FOLDER_DEPTH || path.len() > PATH_LIMIT {
                return Err(too_large(&self.cid()));
            }
            Ok(Arc::new(Folder::new(path.clone(), depth, folder.portable)))
        };
        match node {
            Node::Content(content) if content.len() as u64 <= limit => Ok(Found::Whole { path, content }),
            Node::Parts { size, parts } if size <= limit => {
                let file = Arc::new(File { path, size });
                let next = pieces(&file, 0, 1, &parts);
                Ok(Found::File { file, next })
            }
            Node::Directory(entries) => {
                let total = self.sum(len, limit, entries.iter().map(|entry| entry.total))?;
                let folder = below()?;
                let entry = |entry| self.entry(&folder, entry);
                let next = entries.into_iter().map(entry).collect::<Result<_>>()?;
                Ok(Found::Folder { path, total, next })
            }
            Node::Shard(slots) => {
                let total = self.sum(len, limit, slots.iter().map(|slot| slot.entry.total))?;
                let next = self.slots(&below()?, 0, 0, slots)?;
                Ok(Found::Folder { path, total, next })
            }
            _ => Err(self.wrong("is larger than its folder says")),
        }
    }

    fn slots(&self, folder: &Arc<Folder>, prefix: u64, level: u32, slots: Vec<node::Slot>) -> Result<Vec<Step>> {
        if level == SHARD_LEVELS {
            return Err(too_large(&self.cid()));
        }
        let step = |slot: node::Slot| {
            let (prefix, level) = (prefix << 8 | u64::from(slot.slot), level + 1);
            let node::Slot { entry, .. } = slot;
            if entry.name.is_empty() {
                let place = Place::Shard { folder: Arc::clone(folder), prefix, level, limit: entry.total };
                return Ok(Self { id: entry.id, place });
            }
            if !node::belongs(&entry.name, prefix, level) {
                return Err(self.wrong("is a shard with a name that does not belong there"));
            }
            self.entry(folder, entry)
        };
        slots.into_iter().map(step).collect()
    }

    fn entry(&self, folder: &Arc<Folder>, entry: node::Entry) -> Result<Self> {
        folder.admit(&entry.name)?;
        let (folder, name) = (Arc::clone(folder), entry.name.into_boxed_str());
        Ok(Self { id: entry.id, place: Place::Entry { folder, name, limit: entry.total } })
    }

    /// The bytes of this block and all below it, as it says.
    fn sum(&self, len: u64, limit: u64, below: impl Iterator<Item = u64>) -> Result<u64> {
        let mut below = below;
        let total = below.try_fold(len, u64::checked_add).ok_or_else(|| too_large(&self.cid()))?;
        if total > limit { Err(self.wrong("is larger than its folder says")) } else { Ok(total) }
    }

    fn wrong(&self, what: &'static str) -> Error {
        malformed_as(&self.cid(), &self.path(), what)
    }
}

fn pieces(file: &Arc<File>, offset: u64, depth: usize, parts: &[node::Part]) -> Vec<Step> {
    let mut offset = offset;
    let piece = |part: &node::Part| {
        let place = Place::Part { file: Arc::clone(file), offset, len: part.len, depth };
        offset += part.len;
        Step { id: part.id, place }
    };
    parts.iter().map(piece).collect()
}

impl Folder {
    fn new(path: String, depth: usize, portable: bool) -> Self {
        Self { path, depth, portable, seen: Mutex::default() }
    }

    fn below(&self, name: &str) -> String {
        super::join(&self.path, name)
    }

    /// Refuses a name that must not become that of a file, and a second one that is the same.
    fn admit(&self, name: &str) -> Result<()> {
        let unsafe_name = |what: &str, hint: &str| {
            let folder = if self.path.is_empty() { "the package" } else { &self.path };
            Error::integrity("storage.name", format!("a name in {folder} {what}: {name:?}")).hint(hint)
        };
        let never = "the package was not made by dgov for other people to use; ask its publisher";
        let native = "with --native-names it is written all the same, where this system can";
        if let Some(fault) = names::fault(name, false) {
            return Err(unsafe_name(fault, never));
        }
        if let Some(fault) = names::fault(name, self.portable) {
            return Err(unsafe_name(fault, native));
        }
        let folded = if self.portable { names::folded(name) } else { name.to_owned() };
        let digest: [u8; 32] = Sha256::digest(folded).into();
        let mut half = [0; 16];
        half.copy_from_slice(&digest[..16]);
        if self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(half) {
            return Ok(());
        }
        Err(match self.portable {
            true => unsafe_name("is there twice, or differs from another one in case only", native),
            false => unsafe_name("is there twice", never),
        })
    }
}

impl Walk {
    /// From this step; more than `entries` files and folders are an error.
    pub fn new(first: Step, entries: u64) -> Self {
        Self { open: vec![first], cost: 0, entries: 0, most: entries }
    }

    /// What to read next: deeper blocks first, so that little is open at a time.
    pub fn pop(&mut self) -> Option<Step> {
        let step = self.open.pop()?;
        self.cost = self.cost.saturating_sub(cost(&step));
        Some(step)
    }

    /// Adds what was found, to be read in order.
    ///
    /// # Errors
    /// `storage.too_large`.
    pub fn push(&mut self, found: Vec<Step>) -> Result<()> {
        for step in found.into_iter().rev() {
            if !matches!(step.place, Place::Part { .. }) {
                self.entries += 1;
            }
            self.cost += cost(&step);
            if self.entries > self.most || self.cost > OPEN_LIMIT {
                return Err(too_large(&step.cid()));
            }
            self.open.push(step);
        }
        Ok(())
    }
}

fn cost(step: &Step) -> usize {
    STEP_COST + if let Place::Entry { name, .. } = &step.place { name.len() } else { 0 }
}

/// The child of a folder on the way to an entry: the entry, or the shard that has to hold it.
pub fn towards(next: Vec<Step>, name: &str) -> Option<Step> {
    next.into_iter().find(|step| match &step.place {
        Place::Entry { name: known, .. } => &**known == name,
        Place::Shard { prefix, level, .. } => hash_name(name.as_bytes()) >> (64 - 8 * level) == *prefix,
        Place::Part { .. } => false,
    })
}
