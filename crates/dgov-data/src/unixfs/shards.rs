//! Virtual CAR shards: a package cut into pieces that are sent one after the other and made again from the source whenever
//! they are needed. Where a shard ends follows from the package alone, so that a command that was killed, on a machine
//! that forgot everything, cuts the same ones.

use std::cell::RefCell;
use std::collections::{BTreeSet, VecDeque};
use std::io;

use super::{Block, BlockId, Package, PlannedBlock, UnixfsError};
use crate::car;

/// One piece of a package: consecutive blocks in the order of [`Package::for_each_planned_block`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Position among the shards, from 0.
    pub index: usize,
    /// Number of blocks, at least one.
    pub blocks: u64,
    /// Bytes of the shard as a CAR file of its own, its header included.
    pub car_len: u64,
    /// Bytes of blocks that are not known to be stored.
    pub new: u64,
    /// The first of those blocks; of all when there is none.
    pub first: BlockId,
    /// The last of those blocks; of all when there is none.
    pub last: BlockId,
}

/// A package without blocks that are stored elsewhere: what remains is cut into shards of its own, as if the rest did not
/// exist. The same blocks left out make the same shards.
pub struct Rest<'a> {
    package: &'a Package,
    left_out: &'a (dyn Fn(&BlockId) -> bool + Sync),
}

impl Package {
    /// Leaves blocks out of all shards.
    pub fn without<'a>(&'a self, left_out: &'a (dyn Fn(&BlockId) -> bool + Sync)) -> Rest<'a> {
        Rest { package: self, left_out }
    }

    /// Cuts the package into shards of about `limit` bytes of CAR: a shard ends with the block that reaches the limit.
    /// No file is read.
    ///
    /// # Errors
    /// None that [`super::Plan::hash`] has not found before.
    pub fn shards(&self, limit: u64) -> Result<Vec<Shard>, UnixfsError> {
        self.shards_beside(limit, &|_| false)
    }

    /// As [`Self::shards`], beside what `known` says is stored already: the cuts are the same.
    ///
    /// # Errors
    /// As [`Self::shards`].
    pub fn shards_beside(&self, limit: u64, known: &dyn Fn(&BlockId) -> bool) -> Result<Vec<Shard>, UnixfsError> {
        self.without(&|_| false).shards(limit, known)
    }

    /// Gives the blocks of the shards named, with the shard's index, in order, but not those that `known` says are stored
    /// already. What is not given is not read.
    ///
    /// # Errors
    /// As [`Package::for_each_block`].
    pub fn for_each_shard_block(
        &self,
        shards: &[Shard],
        wanted: &BTreeSet<usize>,
        known: &dyn Fn(&BlockId) -> bool,
        receive: &mut dyn FnMut(usize, Block<'_>) -> io::Result<()>,
    ) -> Result<(), UnixfsError> {
        self.without(&|_| false).for_each_shard_block(shards, wanted, known, receive)
    }
}

impl<'a> Rest<'a> {
    /// Tells the shards of blocks during one walk over the package: for whoever cuts it in several ways at once.
    pub fn cursor<'s>(&self, shards: &'s [Shard]) -> Cursor<'s>
    where
        'a: 's,
    {
        Cursor { left_out: self.left_out, shards, shard: 0, taken: 0 }
    }

    /// As [`Package::shards_beside`], of what remains.
    ///
    /// # Errors
    /// As [`Package::shards`].
    pub fn shards(&self, limit: u64, known: &dyn Fn(&BlockId) -> bool) -> Result<Vec<Shard>, UnixfsError> {
        let header = car::header_len(self.package);
        let mut shards: Vec<Shard> = Vec::new();
        let mut open: Option<Shard> = None;
        self.package.for_each_planned_block(&mut |block| {
            let len = car::section_len(self.package, block.len);
            let id = block.id;
            if (self.left_out)(&id) {
                return Ok(());
            }
            let start = Shard { index: shards.len(), blocks: 0, car_len: header, new: 0, first: id, last: id };
            let shard = open.get_or_insert(start);
            shard.blocks += 1;
            shard.car_len += len;
            if !known(&id) {
                if shard.new == 0 {
                    shard.first = id;
                }
                shard.new += block.len;
                shard.last = id;
            }
            if shard.car_len >= limit {
                shards.extend(open.take());
            }
            Ok(())
        })?;
        shards.extend(open);
        Ok(shards)
    }

    /// As [`Package::for_each_shard_block`], for shards of what remains.
    ///
    /// # Errors
    /// As [`Package::for_each_block`].
    pub fn for_each_shard_block(
        &self,
        shards: &[Shard],
        wanted: &BTreeSet<usize>,
        known: &dyn Fn(&BlockId) -> bool,
        receive: &mut dyn FnMut(usize, Block<'_>) -> io::Result<()>,
    ) -> Result<(), UnixfsError> {
        let mut cursor = self.cursor(shards);
        // Blocks are read in batches: the shard of each that was kept waits until it is given.
        let kept = RefCell::new(VecDeque::new());
        let mut keep = |block: &PlannedBlock| {
            let shard = cursor.next(&block.id).filter(|shard| wanted.contains(shard) && !known(&block.id));
            kept.borrow_mut().extend(shard);
            shard.is_some()
        };
        self.package.for_each_block_where(&mut keep, &mut |block| {
            let shard = kept.borrow_mut().pop_front().ok_or_else(|| io::Error::other("a block of no shard"))?;
            receive(shard, block)
        })
    }
}

/// A place in the cuts of a package.
pub struct Cursor<'a> {
    left_out: &'a (dyn Fn(&BlockId) -> bool + Sync),
    shards: &'a [Shard],
    shard: usize,
    taken: u64,
}

impl Cursor<'_> {
    /// Position of the shard that has the next block of the walk; `None` for one that is left out.
    pub fn next(&mut self, block: &BlockId) -> Option<usize> {
        if (self.left_out)(block) {
            return None;
        }
        if self.shards.get(self.shard).is_some_and(|current| self.taken == current.blocks) {
            self.shard += 1;
            self.taken = 0;
        }
        self.taken += 1;
        Some(self.shard)
    }
}
