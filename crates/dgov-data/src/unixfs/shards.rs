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

impl Package {
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
        let header = car::header_len(self);
        let mut shards: Vec<Shard> = Vec::new();
        let mut open: Option<Shard> = None;
        self.for_each_planned_block(&mut |block| {
            let len = car::section_len(self, block.len);
            let id = block.id;
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
        let (mut shard, mut taken) = (0, 0);
        // Blocks are read in batches: the shard of each that was kept waits until it is given.
        let kept = RefCell::new(VecDeque::new());
        let mut keep = |block: &PlannedBlock| {
            if shards.get(shard).is_some_and(|current| taken == current.blocks) {
                shard += 1;
                taken = 0;
            }
            taken += 1;
            let keep = wanted.contains(&shard) && !known(&block.id);
            if keep {
                kept.borrow_mut().push_back(shard);
            }
            keep
        };
        self.for_each_block_where(&mut keep, &mut |block| {
            let shard = kept.borrow_mut().pop_front().ok_or_else(|| io::Error::other("a block of no shard"))?;
            receive(shard, block)
        })
    }
}
