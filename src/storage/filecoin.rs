//! Filecoin, by a service that proves possession of pieces (PDP): the HTTP interface of Curio (`pdp/` in
//! github.com/filecoin-project/curio, as its own clients use it).
//!
//! A shard is a piece: its CAR is uploaded, the piece CID computed meanwhile finishes the upload, and the service checks
//! it. A package counts when all its pieces are in the data set, which the service writes on chain. Who pays for the data
//! set has agreed to that with the service; dgov holds no key for it. Blocks can't be read from here one by one.
//!
//! Blocks that pieces of earlier packages hold are left out; a package that counts on such pieces needs them in the data
//! set, too.

#[cfg(test)]
mod pdp_stub;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
mod wire;

use std::collections::HashSet;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use camino::Utf8Path;
use cid::Cid;
use dgov_data::filecoin::{MAX_PAYLOAD, PieceHasher};
use dgov_data::unixfs::Package;
use futures_util::TryStreamExt;
use serde_json::json;
use tokio::time::Instant;

use self::wire::{Added, DataSet, Service, TxStatus};
use super::backend::{Backend, Blocks, Piece, Stream, Work};
use super::beside::{Beside, Held, Plans, Search};
use super::http::Pulse;
use super::journal::Journal;
use crate::error::{Error, ErrorKind, Result};

const NAME: &str = "filecoin";
/// Room for the block that makes a shard longer than its limit.
const LAST_BLOCK: u64 = 2 << 20;
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LAST_PAUSE: Duration = Duration::from_secs(15);

/// A data set at a service.
pub struct Filecoin {
    service: Service,
    data_set: u64,
    journal: Journal,
    patience: Duration,
    plans: Plans,
    held: Held,
}

/// A piece in both versions of its CID: services answer with either.
#[derive(Clone, Debug, PartialEq, Eq)]
struct PieceCids {
    v1: String,
    v2: String,
}

impl PieceCids {
    fn parse(text: &str) -> Option<Self> {
        let (v1, v2) = text.split_once(' ').filter(|(v1, v2)| [v1, v2].iter().all(|cid| cid.parse::<Cid>().is_ok()))?;
        Some(Self { v1: v1.to_owned(), v2: v2.to_owned() })
    }

    fn is(&self, cid: &str) -> bool {
        cid == self.v1 || cid == self.v2
    }

    fn to_text(&self) -> String {
        format!("{} {}", self.v1, self.v2)
    }
}

impl Filecoin {
    /// The data set at the service at `address`. What was uploaded is kept in `journal`, its blocks below `state_dir`; a
    /// command waits for `patience`.
    ///
    /// # Errors
    /// `storage.url`, `storage.insecure`.
    pub fn new(
        address: &str,
        data_set: u64,
        token: Option<String>,
        journal: Journal,
        state_dir: &Utf8Path,
        patience: Duration,
    ) -> Result<Self> {
        let service = Service::new(address, token)?;
        let plans = Plans::new(NAME, journal.clone());
        // Another data set has other pieces.
        let held = Held::new(state_dir, NAME, &format!("{} {data_set}", service.place()));
        Ok(Self { service, data_set, journal, patience, plans, held })
    }

    /// Looks for the package's blocks in pieces that the data set still has.
    async fn search(&self, package: &Package) -> Result<Arc<Beside>> {
        if let Some(plan) = self.plans.recall(package)? {
            return Ok(plan);
        }
        let root = package.cid();
        let rows = self.journal.all(NAME)?;
        let begun = format!("{root}/");
        let before = rows.iter().any(|(key, text)| key.starts_with(&begun) && PieceCids::parse(text).is_some());
        let mut search = Search::of(package)?;
        // Shards that an earlier dgov began to send are whole ones.
        let known: Vec<PieceCids> = if before && !rows.iter().any(|(key, _)| *key == format!("{begun}plan")) {
            Vec::new()
        } else {
            rows.iter().flat_map(|(_, text)| text.lines()).filter_map(PieceCids::parse).collect()
        };
        if !known.is_empty() {
            let listed = self.data_set().await?;
            let mut seen = HashSet::new();
            for piece in known.iter().filter(|piece| listed.holds(piece)) {
                if !search.is_done() && seen.insert(&piece.v2) {
                    search.take(&piece.to_text(), &self.held.get(&piece.v2).unwrap_or_default());
                }
            }
        }
        Ok(self.plans.set(root, search.finish(Vec::new())))
    }

    /// The piece that an earlier command uploaded for this shard.
    fn uploaded(&self, piece: &Piece) -> Result<Option<PieceCids>> {
        Ok(self.journal.get(NAME, &self.plans.key(piece))?.as_deref().and_then(PieceCids::parse))
    }

    async fn upload(&self, piece: &Piece, blocks: Stream) -> Result<()> {
        self.plans.keep(&piece.root)?;
        let upload = self.service.begin_upload().await?;
        let failure = Arc::new(Mutex::new(None));
        let hasher = Arc::new(Mutex::new(PieceHasher::default()));
        let hashing = Arc::clone(&hasher);
        let pulse = Pulse::start();
        let (blocks, digests) = blocks.noting_digests();
        let car = blocks.into_car(&piece.root, pulse.clone(), Arc::clone(&failure)).and_then(move |bytes| {
            let hashed = hashing.lock().unwrap_or_else(PoisonError::into_inner).write_all(&bytes);
            async move { hashed.map(|()| bytes) }
        });
        let sent = self.service.put(&upload, reqwest::Body::wrap_stream(car), &pulse).await;
        if let Some(error) = failure.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Err(error);
        }
        sent?;
        let hasher = std::mem::take(&mut *hasher.lock().unwrap_or_else(PoisonError::into_inner));
        let found = hasher.finish();
        let cids = PieceCids { v1: found.cid_v1().to_string(), v2: found.cid_v2().to_string() };
        self.service.finish_upload(&upload, &cids.v2).await?;
        self.held.put(&cids.v2, std::mem::take(&mut *digests.lock().unwrap_or_else(PoisonError::into_inner)))?;
        self.journal.put(NAME, &self.plans.key(piece), &cids.to_text())
    }

    /// The data set's entry for each piece; `false` when one was not uploaded.
    async fn add(&self, root: &Cid, pieces: &[Piece]) -> Result<bool> {
        let mut cids = Vec::new();
        for piece in pieces {
            match self.uploaded(piece)? {
                Some(known) => cids.push(known),
                None => return Ok(false),
            }
        }
        let end = Instant::now() + self.patience;
        for piece in &cids {
            let mut pause = FIRST_PAUSE;
            while !self.service.has_piece(&piece.v2).await? {
                self.rest(end, &mut pause, "take in a piece").await?;
            }
        }
        // A command that was killed may have asked for it already: what it began is waited for, not begun again.
        if let Some(change) = self.journal.get(NAME, &change_key(root))? {
            self.settle(end, &change, true).await?;
        }
        let listed = self.data_set().await?;
        let uses = self.plans.of(root).map(|plan| plan.uses.clone()).unwrap_or_default();
        if let Some(gone) = uses.iter().filter_map(|text| PieceCids::parse(text)).find(|piece| !listed.holds(piece)) {
            self.plans.forget(root)?;
            let message = format!("data set {} no longer has piece {}, which {root} needs", self.data_set, gone.v2);
            return Err(Error::new(ErrorKind::Storage, "storage.lost", message)
                .hint("run the command again: it sends what that piece held"));
        }
        let missing: Vec<&PieceCids> = cids.iter().filter(|piece| !listed.holds(piece)).collect();
        if !missing.is_empty() {
            let entry =
                |piece: &&PieceCids| json!({ "pieceCid": piece.v2, "subPieces": [{ "subPieceCid": piece.v2 }] });
            let body = json!({ "pieces": missing.iter().map(entry).collect::<Vec<_>>() });
            let change = self.service.add_pieces(self.data_set, &body).await?;
            self.journal.put(NAME, &change_key(root), &change)?;
            self.settle(end, &change, false).await?;
        }
        let mut all: Vec<String> = cids.iter().map(PieceCids::to_text).collect();
        all.extend(uses);
        self.journal.put(NAME, &root.to_string(), &all.join("\n"))?;
        Ok(true)
    }

    /// Waits for a change of the data set. One of an earlier command that the chain refused, or that the service has
    /// forgotten, is no obstacle to the next.
    async fn settle(&self, end: Instant, change: &str, earlier: bool) -> Result<()> {
        let mut pause = FIRST_PAUSE;
        while !self.settled(change, earlier).await? {
            self.rest(end, &mut pause, "write the pieces on chain").await?;
        }
        Ok(())
    }

    async fn settled(&self, change: &str, earlier: bool) -> Result<bool> {
        let data_set = self.data_set.to_string();
        let added = self.service.find(&["pdp", "data-sets", &data_set, "pieces", "added", change]).await?;
        match added {
            Some(Added { pieces_added: true, .. }) => Ok(true),
            None => Ok(earlier),
            Some(Added { tx_status: TxStatus::Rejected, .. }) if earlier => Ok(true),
            Some(Added { tx_status: TxStatus::Rejected, .. }) => {
                let message = format!("the chain refused to add pieces to data set {data_set} ({change})");
                Err(Error::new(ErrorKind::Storage, "storage.pieces_refused", message)
                    .hint("does the data set accept pieces from this service, and is it paid for?"))
            }
            Some(_) => Ok(false),
        }
    }

    async fn data_set(&self) -> Result<DataSet> {
        self.service.find(&["pdp", "data-sets", &self.data_set.to_string()]).await?.ok_or_else(|| {
            let message = format!("{} has no data set {}", self.place(), self.data_set);
            Error::new(ErrorKind::Storage, "storage.no_data_set", message)
                .hint("check `data-set` in [storage.filecoin]; the service makes data sets")
        })
    }

    /// A pause before the next question; an error when there is no time for it.
    async fn rest(&self, end: Instant, pause: &mut Duration, what: &str) -> Result<()> {
        if Instant::now() + *pause > end {
            let message = format!("{} did not {what} within {} s", self.place(), self.patience.as_secs());
            return Err(Error::new(ErrorKind::Storage, "storage.waiting", message)
                .hint("run the command again later: it goes on where it was"));
        }
        tokio::time::sleep(*pause).await;
        *pause = LAST_PAUSE.min(*pause * 2);
        Ok(())
    }

    async fn is_listed(&self, root: &Cid) -> Result<bool> {
        let Some(pieces) = self.journal.get(NAME, &root.to_string())? else { return Ok(false) };
        let listed = self.data_set().await?;
        Ok(pieces.lines().all(|line| PieceCids::parse(line).is_some_and(|piece| listed.holds(&piece))))
    }
}

impl DataSet {
    fn holds(&self, piece: &PieceCids) -> bool {
        self.pieces.iter().any(|entry| piece.is(&entry.piece_cid))
    }
}

fn change_key(root: &Cid) -> String {
    format!("{root}/change")
}

impl Blocks for Filecoin {
    fn place(&self) -> String {
        self.service.place()
    }

    /// Never: the service gives out whole pieces by their piece CID.
    fn block<'a>(&'a self, _cid: &'a Cid) -> Work<'a, Option<Vec<u8>>> {
        Box::pin(async { Ok(None) })
    }
}

impl Backend for Filecoin {
    fn name(&self) -> &'static str {
        NAME
    }

    /// A quarter of the largest piece: fewer pieces cost less on chain, smaller ones less when a command is killed.
    fn shard_limit(&self) -> u64 {
        MAX_PAYLOAD / 4 - LAST_BLOCK
    }

    fn holds<'a>(&'a self, root: &'a Cid) -> Work<'a, bool> {
        Box::pin(self.is_listed(root))
    }

    fn has_shard<'a>(&'a self, piece: &'a Piece) -> Work<'a, bool> {
        Box::pin(async move {
            match self.uploaded(piece)? {
                Some(known) => self.service.has_piece(&known.v2).await,
                None => Ok(false),
            }
        })
    }

    fn beside<'a>(&'a self, package: &'a Package) -> Work<'a, Option<Arc<Beside>>> {
        Box::pin(async move { self.search(package).await.map(Some) })
    }

    fn send<'a>(&'a self, piece: &'a Piece, blocks: Stream) -> Work<'a, ()> {
        Box::pin(self.upload(piece, blocks))
    }

    fn finish<'a>(&'a self, root: &'a Cid, pieces: &'a [Piece]) -> Work<'a, bool> {
        Box::pin(self.add(root, pieces))
    }
}
