//! Giving out the blocks of a package, in one order that depends on nothing but its content.

use std::collections::HashSet;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::thread::ScopedJoinHandle;

use cid::Cid;
use rayon::prelude::*;

use super::directory::Directory;
use super::file::{self, Linked};
use super::hamt::{Shard, Slot};
use super::plan::Child;
use super::{BlockId, Package, UnixfsError};

/// Leaf bytes in a batch while blocks are given out; two batches are held at a time.
const BATCH_BYTES: u64 = 16 << 20;
/// Blocks held at a time, for folders of small files.
const BATCH_BLOCKS: usize = 1024;
/// Smaller buffers come from the allocator's own lists.
const WORTH_KEEPING: usize = 128 << 10;

/// A block with its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    /// Codec and digest.
    pub id: BlockId,
    /// The CID under the package's profile.
    pub cid: Cid,
    /// What the CID is the hash of.
    pub bytes: &'a [u8],
}

/// A block whose bytes may not have been read.
#[derive(Clone, Debug)]
pub struct PlannedBlock {
    /// Codec and digest.
    pub id: BlockId,
    /// Length in bytes.
    pub len: u64,
    /// Where the bytes come from.
    pub source: BlockSource,
}

/// Where the bytes of a block come from.
#[derive(Clone, Debug)]
pub enum BlockSource {
    /// A node, computed from the package alone.
    Node(Vec<u8>),
    /// Content of a file.
    Leaf {
        /// Position in [`Package::entries`].
        file: usize,
        /// Where the content starts in the file.
        offset: u64,
        /// Bytes of content.
        len: u64,
    },
}

impl Package {
    /// Walks all blocks without reading a file: parents before children, children in link order, each block once. This
    /// is the order of `ipfs dag export`.
    ///
    /// # Errors
    /// Whatever `receive` returns.
    pub fn for_each_planned_block(
        &self,
        receive: &mut dyn FnMut(PlannedBlock) -> Result<(), UnixfsError>,
    ) -> Result<(), UnixfsError> {
        let mut walk = Walk { package: self, seen: HashSet::new(), receive };
        match self.directories.len().checked_sub(1) {
            Some(root) => walk.directory(root),
            None => walk.file(0),
        }
    }

    /// Gives every block to `receive`, in the order of [`Self::for_each_planned_block`]. Files are read again and each leaf
    /// is checked against its digest, on all cores.
    ///
    /// # Errors
    /// [`UnixfsError::Write`] when `receive` fails, [`UnixfsError::Changed`] and [`UnixfsError::Io`] for the files.
    pub fn for_each_block(&self, receive: &mut dyn FnMut(Block<'_>) -> io::Result<()>) -> Result<(), UnixfsError> {
        self.for_each_block_where(&mut |_| true, receive)
    }

    /// As [`Self::for_each_block`], for the blocks that `keep` wants; it is asked for each block in order. What is not
    /// wanted is not read.
    ///
    /// # Errors
    /// As [`Self::for_each_block`].
    pub fn for_each_block_where(
        &self,
        keep: &mut dyn FnMut(&PlannedBlock) -> bool,
        receive: &mut dyn FnMut(Block<'_>) -> io::Result<()>,
    ) -> Result<(), UnixfsError> {
        let spare = Spare::default();
        std::thread::scope(|scope| {
            // While one batch is given, the next one is read and hashed.
            let mut loading: Option<Loading<'_>> = None;
            let mut turn = |batch| {
                let next = scope.spawn(|| self.load_all(batch, &spare));
                loading.replace(next).map_or(Ok(()), |ready| self.give(ready, &spare, receive))
            };
            let (mut batch, mut bytes) = (Vec::new(), 0);
            self.for_each_planned_block(&mut |block| {
                if !keep(&block) {
                    return Ok(());
                }
                bytes += block.len;
                batch.push(block);
                if bytes >= BATCH_BYTES || batch.len() >= BATCH_BLOCKS {
                    bytes = 0;
                    return turn(std::mem::take(&mut batch));
                }
                Ok(())
            })?;
            turn(batch)?;
            loading.map_or(Ok(()), |last| self.give(last, &spare, receive))
        })
    }

    /// The bytes of one planned block, checked.
    fn load(&self, block: PlannedBlock, spare: &Spare) -> Result<Vec<u8>, UnixfsError> {
        let (file, offset, len) = match block.source {
            BlockSource::Node(bytes) => return Ok(bytes),
            BlockSource::Leaf { file, offset, len } => (file, offset, len),
        };
        let source = self.open(file)?;
        let bytes = source.leaf_bytes(self.plan.profile, offset, len, spare.take())?;
        if BlockId::of(block.id.codec, &bytes) == block.id { Ok(bytes) } else { Err(source.changed()) }
    }

    fn load_all(&self, batch: Vec<PlannedBlock>, spare: &Spare) -> Result<Vec<Loaded>, UnixfsError> {
        let load = |block: PlannedBlock| Ok((block.id, self.load(block, spare)?));
        batch.into_par_iter().map(load).collect()
    }

    fn give(
        &self,
        loading: Loading<'_>,
        spare: &Spare,
        receive: &mut dyn FnMut(Block<'_>) -> io::Result<()>,
    ) -> Result<(), UnixfsError> {
        let loaded = loading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        for (id, bytes) in loaded {
            receive(Block { id, cid: id.cid(self.plan.profile), bytes: &bytes }).map_err(UnixfsError::Write)?;
            spare.put(bytes);
        }
        Ok(())
    }
}

type Loaded = (BlockId, Vec<u8>);
type Loading<'scope> = ScopedJoinHandle<'scope, Result<Vec<Loaded>, UnixfsError>>;

/// Buffers of large leaves that were given out, for the next ones: fresh memory costs as much as copying into it.
#[derive(Default)]
struct Spare(Mutex<Vec<Vec<u8>>>);

impl Spare {
    fn take(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    fn put(&self, buffer: Vec<u8>) {
        if buffer.capacity() >= WORTH_KEEPING {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
        }
    }
}

struct Walk<'a> {
    package: &'a Package,
    seen: HashSet<BlockId>,
    receive: &'a mut dyn FnMut(PlannedBlock) -> Result<(), UnixfsError>,
}

impl Walk<'_> {
    fn node(&mut self, id: BlockId, block: Vec<u8>) -> Result<(), UnixfsError> {
        (self.receive)(PlannedBlock { id, len: block.len() as u64, source: BlockSource::Node(block) })
    }

    fn child(&mut self, child: Child) -> Result<(), UnixfsError> {
        match child {
            Child::File(index) => self.file(index),
            Child::Directory(index) => self.directory(index),
        }
    }

    fn directory(&mut self, index: usize) -> Result<(), UnixfsError> {
        let package = self.package;
        if !self.seen.insert(package.directories[index].id) {
            return Ok(());
        }
        let planned = &package.plan.directories[index];
        match Directory::build(package.plan.profile, &planned.path, &package.links(planned))? {
            Directory::Basic { id, block, .. } => {
                self.node(id, block)?;
                planned.children.iter().try_for_each(|child| self.child(*child))
            }
            Directory::Sharded(shard) => self.shard(shard, &planned.children),
        }
    }

    fn shard(&mut self, shard: Shard, children: &[Child]) -> Result<(), UnixfsError> {
        self.seen.insert(shard.id);
        self.node(shard.id, shard.block)?;
        for slot in shard.slots {
            match slot {
                Slot::Entry(entry) => self.child(children[entry])?,
                Slot::Shard(below) if self.seen.contains(&below.id) => {}
                Slot::Shard(below) => self.shard(*below, children)?,
            }
        }
        Ok(())
    }

    fn file(&mut self, index: usize) -> Result<(), UnixfsError> {
        let hashed = &self.package.files[index];
        if self.seen.contains(&hashed.linked.id) {
            return Ok(());
        }
        let levels = if hashed.leaves.is_empty() {
            vec![vec![hashed.linked]]
        } else {
            let profile = self.package.plan.profile;
            let size = self.package.plan.files[index].stamp.size;
            file::levels(profile, file::known_leaves(profile, size, &hashed.leaves))
        };
        self.file_node(index, &levels, levels.len() - 1, 0)
    }

    /// The node at `position` of `level`, and everything below.
    fn file_node(
        &mut self,
        file: usize,
        levels: &[Vec<Linked>],
        level: usize,
        position: usize,
    ) -> Result<(), UnixfsError> {
        let profile = self.package.plan.profile;
        let linked = levels[level][position];
        if !self.seen.insert(linked.id) {
            return Ok(());
        }
        if level == 0 {
            let size = self.package.plan.files[file].stamp.size;
            let (offset, len) = file::leaf_range(profile, size, position as u64);
            let source = BlockSource::Leaf { file, offset, len };
            return (self.receive)(PlannedBlock { id: linked.id, len: linked.total, source });
        }
        let start = position * profile.width();
        let end = (start + profile.width()).min(levels[level - 1].len());
        self.node(linked.id, file::parent(profile, &levels[level - 1][start..end]).1)?;
        (start..end).try_for_each(|child| self.file_node(file, levels, level - 1, child))
    }
}
