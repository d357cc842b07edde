//! Putting a package into the stores of the manifest, all of them side by side, shard by shard: killed anywhere and run
//! again, at most one shard a store is sent again.

mod send;

use std::collections::BTreeSet;
use std::sync::Arc;

use dgov_data::unixfs::{BlockId, Package};
use futures_util::future::join_all;
use serde::Serialize;

use self::send::Lane;
use super::package::unixfs_error;
use crate::error::{Error, ErrorKind, Result};
use crate::session::Session;
use crate::storage::backend::{Backend, Piece};
use crate::storage::beside::Beside;
use crate::storage::sent::SentBlocks;
use crate::ui::{Ui, Warning, prompt::confirm};

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
/// the manifest wants; a store beyond that which fails is a warning. Whoever pays is asked about everything before anything
/// is sent.
///
/// # Errors
/// `storage.copies`, and those of reading the files.
pub async fn store(session: &Session<'_>, packages: &[(&str, &Package)]) -> Result<Vec<Stored>> {
    let ui = &session.context.ui;
    let needed = session.loaded.manifest.storage.required_copies();
    let mut stores: Vec<Store<'_>> = session.backends()?.into_iter().map(Store::new).collect();
    let looked = join_all(stores.iter().map(|store| work(session, &store.backend, packages))).await;
    for (store, work) in stores.iter_mut().zip(looked) {
        match work {
            Ok(work) => store.work = work,
            // Nothing was sent: what is wrong here is told before anything is.
            Err(error) if error.kind() != ErrorKind::Storage => return Err(error),
            Err(error) => store.failed = Some(error),
        }
    }
    for store in stores.iter_mut().filter(|store| store.failed.is_none()) {
        match agree(session, &store.backend, &store.work).await {
            Err(error) if error.kind() != ErrorKind::Storage => return Err(error),
            agreed => store.failed = agreed.err(),
        }
    }
    for (_, package) in packages {
        place(ui, package, &mut stores).await?;
    }
    conclude(ui, stores, needed)
}

/// What became of each store.
fn conclude(ui: &Ui, stores: Vec<Store<'_>>, needed: usize) -> Result<Vec<Stored>> {
    let (mut stored, mut failed) = (Vec::new(), Vec::new());
    for store in stores {
        match store.failed {
            None => stored.push(Stored { store: store.backend.name().to_owned(), sent: store.sent }),
            // Of this machine: a full disk, say.
            Some(error) if !matches!(error.kind(), ErrorKind::Storage | ErrorKind::Integrity) => return Err(error),
            Some(error) => failed.push((store.backend.name(), error)),
        }
    }
    if stored.len() < needed {
        let lie = failed.iter().position(|(_, error)| error.kind() == ErrorKind::Integrity);
        return Err(match lie {
            Some(lie) => failed.swap_remove(lie).1,
            None => incomplete(&stored, needed, &failed),
        });
    }
    for (name, error) in failed {
        ui.warn(Warning {
            code: error.code().to_owned(),
            message: format!("{name} does not hold the package: {}", error.message()),
            hint: Some("run the command again; it goes on where it was".to_owned()),
        });
    }
    Ok(stored)
}

fn incomplete(stored: &[Stored], needed: usize, failed: &[(&str, Error)]) -> Error {
    let names: Vec<&str> = stored.iter().map(|stored| &*stored.store).collect();
    let have = if names.is_empty() { "no store".to_owned() } else { names.join(", ") };
    let causes: Vec<String> = failed.iter().map(|(name, error)| format!("{name}: {}", error.message())).collect();
    let message = format!("{needed} copies are wanted, {have} has the package; {}", causes.join("; "));
    let mut error = Error::new(ErrorKind::Storage, "storage.copies", message);
    for hint in failed.iter().flat_map(|(_, error)| error.hints()) {
        error = error.hint(hint);
    }
    error.hint("run the command again when the store is back: it goes on where it was; nothing was recorded on chain")
}

/// A store of the manifest during a push.
struct Store<'a> {
    backend: Arc<dyn Backend>,
    /// Packages that it does not hold yet.
    work: Vec<Placement<'a>>,
    sent: u64,
    failed: Option<Error>,
}

impl<'a> Store<'a> {
    fn new(backend: Arc<dyn Backend>) -> Self {
        Self { backend, work: Vec::new(), sent: 0, failed: None }
    }

    /// What is to be done for a package, unless the store has failed.
    fn open(&self, package: &Package) -> Option<&Placement<'a>> {
        let open = |placement: &&Placement<'_>| std::ptr::eq(placement.package, package);
        self.work.iter().find(open).filter(|_| self.failed.is_none())
    }
}

/// What is still to be done for one package in one store.
struct Placement<'a> {
    label: String,
    package: &'a Package,
    pieces: Vec<Piece>,
    wanted: BTreeSet<usize>,
    /// What went to a store of blocks in earlier pushes.
    earlier: Option<Arc<SentBlocks>>,
    /// What earlier uploads hold, and no shard has.
    beside: Option<Arc<Beside>>,
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
        let beside = backend.beside(package).await?;
        let left_out = |block: &BlockId| beside.as_ref().is_some_and(|beside| beside.has(block));
        let known = |block: &BlockId| is_known(&**backend, earlier.as_deref(), block);
        let shards = package.without(&left_out).shards(backend.shard_limit(), &known).map_err(unixfs_error)?;
        let pieces = Piece::of(package, &shards);
        let mut wanted = BTreeSet::new();
        for piece in &pieces {
            if piece.shard.new > 0 && !backend.has_shard(piece).await? {
                wanted.insert(piece.shard.index);
            }
        }
        let label = format!("{label} → {}", backend.name());
        work.push(Placement { label, package, pieces, wanted, earlier: earlier.clone(), beside });
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

/// Puts a package into all stores that have work with it, side by side.
async fn place(ui: &Ui, package: &Package, stores: &mut [Store<'_>]) -> Result<()> {
    let lanes: Vec<(usize, Lane<'_>)> = stores
        .iter()
        .enumerate()
        .filter_map(|(at, store)| Some((at, store.open(package)?.lane(&store.backend)?)))
        .collect();
    let (numbers, lanes): (Vec<usize>, Vec<Lane<'_>>) = lanes.into_iter().unzip();
    let sent = if lanes.is_empty() { Vec::new() } else { send::send(ui, package, &lanes).await? };
    drop(lanes);
    for (at, sent) in numbers.into_iter().zip(sent) {
        match sent {
            Ok(bytes) => stores[at].sent += bytes,
            Err(error) => stores[at].failed = Some(error),
        }
    }
    // Whoever fetches it from another target comes when that one has it.
    for second in [false, true] {
        let finished = join_all(stores.iter().filter(|store| store.backend.is_second() == second).map(async |store| {
            match store.open(package) {
                Some(placement) => placement.finish(ui, &store.backend).await,
                None => Ok(0),
            }
        }))
        .await;
        let of_turn = stores.iter_mut().filter(|store| store.backend.is_second() == second);
        for (store, finished) in of_turn.zip(finished) {
            match finished {
                Ok(bytes) => store.sent += bytes,
                Err(Failure::Reading(error)) => return Err(error),
                Err(Failure::Store(error)) => store.failed = Some(error),
            }
        }
    }
    Ok(())
}

/// Why a package is not in a store.
enum Failure {
    /// It can't be read, whoever wants it.
    Reading(Error),
    Store(Error),
}

impl Placement<'_> {
    fn missing(&self) -> impl Iterator<Item = &Piece> {
        self.pieces.iter().filter(|piece| self.wanted.contains(&piece.shard.index))
    }

    /// What is sent to the store, if anything.
    fn lane(&self, backend: &Arc<dyn Backend>) -> Option<Lane<'_>> {
        let (earlier, asked) = (self.earlier.clone(), Arc::clone(backend));
        let known = move |block: &BlockId| is_known(&*asked, earlier.as_deref(), block);
        (!self.wanted.is_empty()).then(|| self.lane_of(backend, self.wanted.clone(), Box::new(known)))
    }

    fn lane_of<'l>(
        &'l self,
        backend: &Arc<dyn Backend>,
        wanted: BTreeSet<usize>,
        known: Box<dyn Fn(&BlockId) -> bool + Sync + 'l>,
    ) -> Lane<'l> {
        let (label, pieces, beside) = (&*self.label, &*self.pieces, self.beside.as_deref());
        Lane { label, backend: Arc::clone(backend), pieces, wanted, beside, known }
    }

    /// Makes the package count, and sends it once more where blocks have gone; returns the bytes that took.
    async fn finish(&self, ui: &Ui, backend: &Arc<dyn Backend>) -> std::result::Result<u64, Failure> {
        let root = self.package.cid();
        let mut sent = 0;
        let mut complete = backend.finish(&root, &self.pieces).await.map_err(Failure::Store)?;
        if !complete {
            // What the store was thought to hold has gone: everything once more.
            if let Some(earlier) = &self.earlier {
                earlier.forget().map_err(Failure::Store)?;
            }
            let all = self.pieces.iter().map(|piece| piece.shard.index).collect();
            let lane = self.lane_of(backend, all, Box::new(|_| false));
            let outcome = send::send(ui, self.package, &[lane]).await.map_err(Failure::Reading)?;
            for bytes in outcome {
                sent += bytes.map_err(Failure::Store)?;
            }
            complete = backend.finish(&root, &self.pieces).await.map_err(Failure::Store)?;
        }
        if !complete {
            let message = format!("{} lost blocks of {root}", backend.place());
            return Err(Failure::Store(
                Error::new(ErrorKind::Storage, "storage.incomplete", message)
                    .hint("look at the store's own log; it took every block and does not have them"),
            ));
        }
        if let Some(earlier) = &self.earlier {
            earlier.add(self.package).map_err(Failure::Store)?;
        }
        // The package is there; a store that can't say more has not failed.
        if let Ok(Some(waiting)) = backend.waiting(&root).await {
            ui.warn(Warning::new("storage.waiting", format!("{}: {waiting}", backend.name())));
        }
        Ok(sent)
    }
}
