//! One read of a package for all stores that want some of it. Each cuts the package in its own way and takes its blocks out
//! of a short queue of its own, so that the slowest one sets the pace and one that fails stops nobody else.

use std::cell::RefCell;
use std::collections::{BTreeSet, VecDeque};
use std::io;
use std::sync::Arc;

use cid::Cid;
use dgov_data::unixfs::{Block, BlockId, Package, PlannedBlock, Shard, UnixfsError};
use tokio::sync::mpsc;

use crate::error::{Error, Result};
use crate::storage::backend::{Backend, Piece, Sent, Stream};
use crate::storage::beside::Beside;
use crate::ui::Ui;

use super::super::package::unixfs_error;

/// Blocks between the disk and the network: one batch of 1 MiB leaves.
const ROOM: usize = 16;

/// What one store gets of a package.
pub(super) struct Lane<'a> {
    /// For people.
    pub label: &'a str,
    pub backend: Arc<dyn Backend>,
    pub pieces: &'a [Piece],
    /// Shards that are sent.
    pub wanted: BTreeSet<usize>,
    /// What no shard has.
    pub beside: Option<&'a Beside>,
    /// What the store has of its shards.
    pub known: Box<dyn Fn(&BlockId) -> bool + Sync + 'a>,
}

impl Lane<'_> {
    fn leaves_out(&self, block: &BlockId) -> bool {
        self.beside.is_some_and(|beside| beside.has(block))
    }
}

/// Sends what is wanted to all of them at once; returns for each the bytes of the blocks that were sent, or why it took no
/// more.
///
/// # Errors
/// Those of reading the files, which are everybody's.
pub(super) async fn send(ui: &Ui, package: &Package, lanes: &[Lane<'_>]) -> Result<Vec<Result<u64>>> {
    let (mut feeders, mut takers, mut bars) = (Vec::new(), Vec::new(), Vec::new());
    for lane in lanes {
        let (open, opened) = mpsc::channel(1);
        feeders.push(Feeder { open, current: None });
        takers.push(tokio::spawn(take(Arc::clone(&lane.backend), lane.pieces.to_vec(), opened)));
        let wanted = lane.pieces.iter().filter(|piece| lane.wanted.contains(&piece.shard.index));
        bars.push(ui.bytes(lane.label, wanted.map(|piece| piece.shard.new).sum()));
    }
    let produce = || read(package, lanes, feeders, &|lane, bytes| bars[lane].inc(bytes));
    // A thread of its own: it waits for queues, which threads of the runtime must not.
    let read = tokio::task::block_in_place(|| std::thread::scope(|scope| scope.spawn(produce).join()));
    let mut results = Vec::new();
    for (taker, bar) in takers.into_iter().zip(&bars) {
        let sent = taker.await.map_err(|_| Error::bug("a task that sends a package died")).flatten();
        bar.finish_and_clear();
        results.push(sent.map(|()| bar.position()));
    }
    match read.map_err(|_| Error::bug("the thread that reads a package died"))? {
        // Nobody took any more, and each says why.
        Ok(()) | Err(UnixfsError::Write(_)) => Ok(results),
        Err(error) => Err(unixfs_error(error)),
    }
}

/// Sends shards as they come. Owns the receiver, so that it is gone at the first failure: the reader learns it from the next
/// block.
async fn take(
    backend: Arc<dyn Backend>,
    pieces: Vec<Piece>,
    mut opened: mpsc::Receiver<(usize, Stream)>,
) -> Result<()> {
    while let Some((shard, blocks)) = opened.recv().await {
        backend.send(&pieces[shard], blocks).await?;
    }
    Ok(())
}

/// Reads each block that somebody wants once, and gives it to all who do.
fn read(
    package: &Package,
    lanes: &[Lane<'_>],
    feeders: Vec<Feeder>,
    given: &dyn Fn(usize, u64),
) -> std::result::Result<(), UnixfsError> {
    let shards: Vec<Vec<Shard>> =
        lanes.iter().map(|lane| lane.pieces.iter().map(|piece| piece.shard).collect()).collect();
    let left_out: Vec<_> = lanes.iter().map(|lane| move |block: &BlockId| lane.leaves_out(block)).collect();
    let mut cursors: Vec<_> =
        left_out.iter().zip(&shards).map(|(left_out, shards)| package.without(left_out).cursor(shards)).collect();
    // A store that has failed wants nothing; its place stays.
    let feeders: Vec<_> = feeders.into_iter().map(|feeder| RefCell::new(Some(feeder))).collect();
    let kept = RefCell::new(VecDeque::new());
    let mut keep = |block: &PlannedBlock| {
        let mut takers = Vec::new();
        for (at, (lane, cursor)) in lanes.iter().zip(&mut cursors).enumerate() {
            // Every cursor sees every block.
            let shard = cursor.next(&block.id).filter(|shard| lane.wanted.contains(shard));
            if let Some(shard) = shard.filter(|_| feeders[at].borrow().is_some() && !(lane.known)(&block.id)) {
                takers.push((at, shard));
            }
        }
        let any = !takers.is_empty();
        if any {
            kept.borrow_mut().push_back(takers);
        }
        any
    };
    let mut receive = |block: Block<'_>| {
        let takers = kept.borrow_mut().pop_front().ok_or_else(|| io::Error::other("a block for nobody"))?;
        for (at, shard) in takers {
            let mut feeder = feeders[at].borrow_mut();
            let Some(open) = feeder.as_mut() else { continue };
            match open.give(shard, (block.cid, block.bytes.to_vec())) {
                Ok(()) => given(at, block.bytes.len() as u64),
                Err(_) => *feeder = None,
            }
        }
        let any = feeders.iter().any(|feeder| feeder.borrow().is_some());
        if any { Ok(()) } else { Err(io::Error::other("no store takes any more")) }
    };
    package.for_each_block_where(&mut keep, &mut receive)?;
    for feeder in &feeders {
        if let Some(feeder) = feeder.borrow_mut().as_mut() {
            feeder.finish();
        }
    }
    Ok(())
}

/// Hands blocks over, each shard in a stream of its own.
struct Feeder {
    open: mpsc::Sender<(usize, Stream)>,
    current: Option<(usize, mpsc::Sender<Result<Sent>>)>,
}

impl Feeder {
    fn give(&mut self, shard: usize, block: (Cid, Vec<u8>)) -> io::Result<()> {
        let gone = |_| io::Error::other("the store takes no more");
        let sender = match &mut self.current {
            Some((current, sender)) if *current == shard => sender,
            current => {
                let (sender, stream) = Stream::new(ROOM);
                // Ends the stream of the shard before.
                *current = None;
                self.open.blocking_send((shard, stream)).map_err(|_| gone(()))?;
                &mut current.insert((shard, sender)).1
            }
        };
        sender.blocking_send(Ok(block)).map_err(|_| gone(()))
    }

    /// The last shard is whole.
    fn finish(&mut self) {
        self.current = None;
    }
}

/// A shard that ends too early must not look like a whole one.
impl Drop for Feeder {
    fn drop(&mut self) {
        if let Some((_, sender)) = self.current.take() {
            // Nobody listens when the store failed first.
            let _ = sender.blocking_send(Err(Error::bug("a shard was not read to its end")));
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
#[path = "tests.rs"]
mod tests;
