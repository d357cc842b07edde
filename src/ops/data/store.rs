//! Putting a package into the stores of the manifest, shard by shard: killed anywhere and run again, at most one shard a
//! store is read and sent again.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use cid::Cid;
use dgov_data::unixfs::{BlockId, Package, Shard, UnixfsError};
use serde::Serialize;
use tokio::sync::mpsc;

use super::package::unixfs_error;
use crate::error::{Error, ErrorKind, Result};
use crate::session::Session;
use crate::storage::backend::{Backend, Piece, Sent, Stream};
use crate::storage::sent::SentBlocks;
use crate::ui::{Warning, prompt::confirm};

/// Blocks between the disk and the network: one batch of 1 MiB leaves.
const ROOM: usize = 16;

/// The stores that hold all of the packages already; one that can't be asked does not count.
pub async fn holders(session: &Session<'_>, packages: &[&Package]) -> Result<Vec<Stored>> {
    let mut holders = Vec::new();
    'stores: for backend in session.backends()? {
        for package in packages {
            if !backend.holds(&package.cid()).await.unwrap_or(false) {
                continue 'stores;
            }
        }
        holders.push(Stored { store: backend.name().to_owned(), sent: 0 });
    }
    Ok(holders)
}

/// A store that holds what was pushed.
#[derive(Debug, Serialize)]
pub struct Stored {
    /// As the manifest names it.
    pub store: String,
    /// Bytes of the blocks that had to be sent.
    pub sent: u64,
}

/// Stores the packages in every store of the manifest; returns those that hold all of them. Fails when they are fewer than
/// the manifest wants; a store beyond that which fails is a warning.
///
/// # Errors
/// `storage.copies`, and those of reading the files.
pub async fn store(session: &Session<'_>, packages: &[(&str, &Package)]) -> Result<Vec<Stored>> {
    let needed = session.loaded.manifest.storage.required_copies();
    let (mut stored, mut failed) = (Vec::new(), Vec::new());
    for backend in session.backends()? {
        match store_in(session, &backend, packages).await {
            Ok(sent) => stored.push(Stored { store: backend.name().to_owned(), sent }),
            // What is wrong with the files is wrong for every store.
            Err(error) if error.kind() != ErrorKind::Storage => return Err(error),
            Err(error) => failed.push((backend.name(), error)),
        }
    }
    match failed.into_iter().next() {
        Some((name, error)) if stored.len() < needed => Err(incomplete(name, &stored, needed, &error)),
        Some((name, error)) => {
            session.context.ui.warn(Warning {
                code: error.code().to_owned(),
                message: format!("{name} does not hold the package: {}", error.message()),
                hint: Some("run the command again; it goes on where it was".to_owned()),
            });
            Ok(stored)
        }
        None => Ok(stored),
    }
}

/// Puts the packages into one store; returns the bytes of the blocks that were sent.
async fn store_in(session: &Session<'_>, backend: &Arc<dyn Backend>, packages: &[(&str, &Package)]) -> Result<u64> {
    let work = work(session, backend, packages).await?;
    agree(session, backend, &work).await?;
    let mut sent = 0;
    for placement in &work {
        sent += placement.place(session, backend).await?;
        // The package is there; a store that can't say more has not failed.
        if let Ok(Some(waiting)) = backend.waiting(&placement.package.cid()).await {
            session.context.ui.warn(Warning::new("storage.waiting", format!("{}: {waiting}", backend.name())));
        }
    }
    Ok(sent)
}

fn incomplete(name: &str, stored: &[Stored], needed: usize, cause: &Error) -> Error {
    let names: Vec<&str> = stored.iter().map(|stored| &*stored.store).collect();
    let have = if names.is_empty() { "no store".to_owned() } else { names.join(", ") };
    let message = format!("{needed} copies are wanted, {have} has the package; {name}: {}", cause.message());
    let mut error = Error::new(ErrorKind::Storage, "storage.copies", message);
    for hint in cause.hints() {
        error = error.hint(hint);
    }
    error.hint("run the command again when the store is back: it goes on where it was; nothing was recorded on chain")
}

/// What is still to be done for one package in one store.
struct Placement<'a> {
    label: String,
    package: &'a Package,
    pieces: Vec<Piece>,
    wanted: BTreeSet<usize>,
    /// What went to a store of blocks in earlier pushes.
    earlier: Option<Arc<SentBlocks>>,
}

/// What the store does not hold yet.
async fn work<'a>(
    session: &Session<'_>,
    backend: &Arc<dyn Backend>,
    packages: &[(&str, &'a Package)],
) -> Result<Vec<Placement<'a>>> {
    let mut work = Vec::new();
    let earlier = backend.is_block_store().then(|| Arc::new(SentBlocks::of(&session.loaded.state_dir(), &**backend)));
    for (label, package) in packages {
        if backend.holds(&package.cid()).await? {
            if let Some(earlier) = &earlier {
                earlier.add(package)?;
            }
            continue;
        }
        let known = |block: &BlockId| is_known(&**backend, earlier.as_deref(), block);
        let shards = package.shards_beside(backend.shard_limit(), &known).map_err(unixfs_error)?;
        let pieces = Piece::of(package, &shards);
        let mut wanted = BTreeSet::new();
        for piece in &pieces {
            if piece.shard.new > 0 && !backend.has_shard(piece).await? {
                wanted.insert(piece.shard.index);
            }
        }
        let label = format!("{label} → {}", backend.name());
        work.push(Placement { label, package, pieces, wanted, earlier: earlier.clone() });
    }
    Ok(work)
}

/// Whether the store has the block, as far as can be told from here.
fn is_known(backend: &dyn Backend, earlier: Option<&SentBlocks>, block: &BlockId) -> bool {
    backend.knows(block).unwrap_or(false) || earlier.is_some_and(|earlier| earlier.has(block))
}

/// Shows what a paid store costs, and asks.
async fn agree(session: &Session<'_>, backend: &Arc<dyn Backend>, work: &[Placement<'_>]) -> Result<()> {
    let pieces: Vec<Piece> = work.iter().flat_map(Placement::missing).copied().collect();
    if pieces.is_empty() {
        return Ok(());
    }
    let Some(price) = backend.price(&pieces).await? else { return Ok(()) };
    let bytes: u64 = pieces.iter().map(|piece| piece.shard.car_len).sum();
    let plan = format!("{}: {bytes} bytes for {price}, paid by {}", backend.name(), price.payer);
    session.context.ui.notice(&plan);
    confirm(&session.context.ui, session.context.global.yes, &plan)
}

impl Placement<'_> {
    fn missing(&self) -> impl Iterator<Item = &Piece> {
        self.pieces.iter().filter(|piece| self.wanted.contains(&piece.shard.index))
    }

    /// Puts the package into the store; returns the bytes of the blocks that were sent.
    async fn place(&self, session: &Session<'_>, backend: &Arc<dyn Backend>) -> Result<u64> {
        let root = self.package.cid();
        let known = |block: &BlockId| is_known(&**backend, self.earlier.as_deref(), block);
        let mut sent = self.send(session, backend, &self.wanted, &known).await?;
        let mut complete = backend.finish(&root, &self.pieces).await?;
        if !complete {
            // What the store was thought to hold has gone: everything once more.
            if let Some(earlier) = &self.earlier {
                earlier.forget()?;
            }
            let all = self.pieces.iter().map(|piece| piece.shard.index).collect();
            sent += self.send(session, backend, &all, &|_| false).await?;
            complete = backend.finish(&root, &self.pieces).await?;
        }
        if complete {
            if let Some(earlier) = &self.earlier {
                earlier.add(self.package)?;
            }
            return Ok(sent);
        }
        Err(Error::new(ErrorKind::Storage, "storage.incomplete", format!("{} lost blocks of {root}", backend.place()))
            .hint("look at the store's own log; it took every block and does not have them"))
    }

    /// Reads the shards that are wanted and sends them, one after the other, while the next one is being read.
    async fn send(
        &self,
        session: &Session<'_>,
        backend: &Arc<dyn Backend>,
        wanted: &BTreeSet<usize>,
        known: &(dyn Fn(&BlockId) -> bool + Sync),
    ) -> Result<u64> {
        let (package, pieces) = (self.package, &self.pieces);
        let bytes =
            pieces.iter().filter(|piece| wanted.contains(&piece.shard.index)).map(|piece| piece.shard.car_len).sum();
        let bar = session.context.ui.bytes(&self.label, bytes);
        let shards: Vec<Shard> = pieces.iter().map(|piece| piece.shard).collect();
        let (open, mut opened) = mpsc::channel::<(usize, Stream)>(1);
        let produce = || {
            let mut feeder = Feeder { open, current: None };
            let read = package.for_each_shard_block(&shards, wanted, known, &mut |shard, block| {
                bar.inc(block.bytes.len() as u64);
                feeder.give(shard, (block.cid, block.bytes.to_vec()))
            });
            if read.is_ok() {
                feeder.finish();
            }
            read
        };
        // Owns the receiver, so that it is gone at the first failure: a producer that still reads is told so by its next block.
        let consume = async move {
            while let Some((shard, blocks)) = opened.recv().await {
                backend.send(&pieces[shard], blocks).await?;
            }
            Ok(())
        };
        let runtime = tokio::runtime::Handle::current();
        let (read, sent) = tokio::task::block_in_place(|| {
            std::thread::scope(|scope| {
                let producer = scope.spawn(produce);
                let sent: Result<()> = runtime.block_on(consume);
                (producer.join(), sent)
            })
        });
        let bytes = bar.position();
        bar.finish_and_clear();
        let read = read.map_err(|_| Error::bug("the thread that reads a package died"))?;
        match read {
            // The store took no more, and says why.
            Ok(()) | Err(UnixfsError::Write(_)) => sent.map(|()| bytes),
            Err(error) => Err(unixfs_error(error)),
        }
    }
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
mod tests {
    use super::*;

    /// Whether the store sees each of two shards end well.
    fn ends(finish: bool) -> Vec<bool> {
        let (open, mut opened) = mpsc::channel(2);
        let mut feeder = Feeder { open, current: None };
        feeder.give(0, (Cid::default(), vec![1])).unwrap();
        feeder.give(1, (Cid::default(), vec![2])).unwrap();
        if finish {
            feeder.finish();
        }
        drop(feeder);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut ends = Vec::new();
        while let Some((_, mut blocks)) = runtime.block_on(opened.recv()) {
            assert!(runtime.block_on(blocks.next()).unwrap().is_some());
            ends.push(matches!(runtime.block_on(blocks.next()), Ok(None)));
        }
        ends
    }

    #[test]
    fn a_shard_that_was_not_read_to_its_end_is_no_whole_one() {
        assert_eq!(ends(true), [true, true]);
        assert_eq!(ends(false), [true, false]);
    }
}
