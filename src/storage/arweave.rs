//! Arweave: storage that is paid once and can't be deleted. A shard is one upload, either a transaction of the network
//! that a wallet pays, or a data item that a bundling service takes. The layout is in `docs/storage.md`.

mod bundler;
mod earlier;
mod gateway;
mod shelf;
#[cfg(test)]
mod tests;
mod text;
mod upload;
mod wallet;
mod way;
mod wire;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use alloy::primitives::U256;
use camino::Utf8PathBuf;
use cid::Cid;
use dgov_data::unixfs::Package;
use futures_util::{StreamExt, TryStreamExt, stream};

use self::gateway::{Gateway, Standing};
use self::shelf::Shelf;
use self::upload::{Record, State};
use self::way::Way;
use super::backend::{Backend, Blocks, Piece, Price, Stream, Work};
use super::beside::{Beside, Held, Plans};
use super::journal::Journal;
use super::verify;
use crate::chain::signers::Account;
use crate::error::{Error, ErrorKind, Result};
use crate::manifest::ArweaveNetwork;

/// Name of the plans in the journal: a package is cut in one way, however its shards are sent.
const PLANS: &str = "arweave-plans";
/// Bytes of CAR in an upload.
const SHARD_LIMIT: u64 = 64 << 20;
/// Questions about uploads that are asked at a time.
const AT_ONCE: usize = 8;

/// Gives the account that signs data items; asked only when something is sent or looked for.
pub type Signer = Arc<dyn Fn() -> Result<Account> + Send + Sync>;

/// What a project's uploads need beside the manifest.
pub struct Setting {
    /// Where uploads are written down.
    pub journal: Journal,
    /// Where lists of what they hold are kept.
    pub state_dir: Utf8PathBuf,
    /// Who signs data items.
    pub signer: Signer,
    /// Roots of packages that the project knows: where to look when nothing was written down.
    pub packages: Vec<Cid>,
    /// Where the wallet's file is named.
    pub keyfile: Option<String>,
}

/// Uploads through one gateway.
pub struct Arweave {
    gateway: Gateway,
    way: Way,
    journal: Journal,
    plans: Plans,
    held: Held,
    shard_limit: u64,
    packages: Vec<Cid>,
    shelf: tokio::sync::Mutex<Shelf>,
    /// Fees that were shown to whoever pays, by shard.
    agreed: Mutex<BTreeMap<String, U256>>,
}

impl Arweave {
    /// The network as the manifest describes it. Nothing is read or asked yet.
    ///
    /// # Errors
    /// `storage.url`.
    pub fn new(network: &ArweaveNetwork, setting: Setting) -> Result<Self> {
        let address = network.gateway.as_deref().ok_or_else(|| Error::bug("a gateway was not required"))?;
        let (gateway, way) = (Gateway::new(address)?, Way::new(network, setting.keyfile, setting.signer)?);
        Ok(Self {
            plans: Plans::new(PLANS, setting.journal.clone()),
            held: Held::new(&setting.state_dir, "arweave", &gateway.place()),
            shard_limit: SHARD_LIMIT,
            gateway,
            way,
            journal: setting.journal,
            packages: setting.packages,
            shelf: tokio::sync::Mutex::default(),
            agreed: Mutex::default(),
        })
    }

    fn store(&self) -> &'static str {
        self.way.stores()[0]
    }

    /// What was written down of a shard, as it is cut now.
    fn record(&self, piece: &Piece) -> Result<Option<Record>> {
        self.record_in(self.store(), piece)
    }

    fn record_in(&self, store: &str, piece: &Piece) -> Result<Option<Record>> {
        let text = self.journal.get(store, &self.plans.key(piece))?;
        let record = text.and_then(|text| serde_json::from_str::<Record>(&text).ok());
        Ok(record.filter(|record| record.is_of(piece, &self.bases(piece))))
    }

    /// The packages that hold the rest of a shard's package.
    fn bases(&self, piece: &Piece) -> Vec<String> {
        self.plans.of(&piece.root).map(|plan| plan.bases.clone()).unwrap_or_default()
    }

    /// All that was written down, by whichever way it went.
    fn records(&self) -> Result<Vec<Record>> {
        let mut records = Vec::new();
        for store in self.way.stores() {
            let rows = self.journal.all(store)?;
            records.extend(rows.iter().filter_map(|(_, text)| serde_json::from_str::<Record>(text).ok()));
        }
        Ok(records)
    }

    /// Whether a shard was accepted, by whichever way, and is still there.
    async fn was_accepted(&self, piece: &Piece) -> Result<bool> {
        for store in self.way.stores() {
            if let Some(record) = self.record_in(store, piece)?
                && self.is_kept(&record).await?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn write(&self, piece: &Piece, record: &Record) -> Result<()> {
        let text =
            serde_json::to_string(record).map_err(|error| Error::bug("a record is no JSON").caused_by(&error))?;
        self.plans.keep(&piece.root)?;
        self.journal.put(self.store(), &self.plans.key(piece), &text)
    }

    /// Makes the next command sign anew.
    fn forget(&self, piece: &Piece) -> Result<()> {
        self.journal.put(self.store(), &self.plans.key(piece), "")
    }

    /// Whether the service still has an upload that was accepted.
    async fn is_kept(&self, record: &Record) -> Result<bool> {
        if record.state != State::Accepted {
            return Ok(false);
        }
        // A data item is the service's to put on chain, which it has promised; before that no gateway need know it.
        Ok(record.item || self.gateway.standing(&record.id).await? != Standing::Unknown)
    }

    /// What the payer has sent of a package as the gateway tells it, the ledger being lost.
    async fn own_uploads(&self, root: &Cid) -> Result<Vec<Record>> {
        self.gateway.uploads(&[root.to_string()], Some(&self.way.owner()?)).await
    }

    async fn own_upload(&self, piece: &Piece) -> Result<Option<Record>> {
        let bases = self.bases(piece);
        Ok(self.own_uploads(&piece.root).await?.into_iter().find(|record| record.is_of(piece, &bases)))
    }

    async fn ask_for_package(&self, root: &Cid) -> Result<bool> {
        let name = root.to_string();
        let written: Vec<Record> = self.records()?.into_iter().filter(|record| record.root == name).collect();
        let written = if written.is_empty() { self.own_uploads(root).await? } else { written };
        // Those of the latest cut: what was sent before it is only used.
        let Some(Record { shards, bases, .. }) = written.iter().max_by_key(|record| record.signed).cloned() else {
            return Ok(false);
        };
        let uses = match (bases.is_empty(), self.plans.uses(&name)?) {
            (true, _) => Vec::new(),
            (false, Some(uses)) => uses,
            // Which they are is found out when the package is cut.
            (false, None) => return Ok(false),
        };
        for shard in 0..shards {
            let mut kept = false;
            let of_shard = |record: &&Record| (record.shard, record.shards, &record.bases) == (shard, shards, &bases);
            for record in written.iter().filter(of_shard) {
                kept = kept || self.is_there(record).await?;
            }
            if !kept {
                return Ok(false);
            }
        }
        Ok(self.lost(&uses).await?.is_none())
    }

    /// The first of these uploads that is gone.
    async fn lost(&self, uses: &[String]) -> Result<Option<String>> {
        let records: HashMap<String, Record> =
            self.records()?.into_iter().map(|record| (record.id.clone(), record)).collect();
        let records = &records;
        let gone = |id: &'_ String| {
            let id = id.clone();
            async move {
                // One that was found at the gateway is in a block, or was served.
                let kept = match records.get(&id) {
                    Some(record) => self.is_kept(record).await?,
                    None => true,
                };
                Ok::<_, Error>((!kept).then_some(id))
            }
        };
        let mut standings = stream::iter(uses).map(gone).buffer_unordered(AT_ONCE);
        while let Some(gone) = standings.try_next().await? {
            if gone.is_some() {
                return Ok(gone);
            }
        }
        Ok(None)
    }

    /// As [`Self::is_kept`], and read where nobody here has seen it accepted.
    async fn is_there(&self, record: &Record) -> Result<bool> {
        let own = record.signed > 0;
        if own { self.is_kept(record).await } else { self.shelf.lock().await.is_whole(&self.gateway, record).await }
    }

    async fn ask_for_shard(&self, piece: &Piece) -> Result<bool> {
        if self.was_accepted(piece).await? {
            return Ok(true);
        }
        if self.record(piece)?.is_some() {
            return Ok(false);
        }
        let Some(mut found) = self.own_upload(piece).await? else { return Ok(false) };
        if !self.shelf.lock().await.is_whole(&self.gateway, &found).await? {
            // Begun and not finished, or not yet served: what is left of it costs nothing.
            found.state = State::Signed;
        }
        found.signed = upload::now();
        found.item = self.way.sends_items();
        self.write(piece, &found)?;
        Ok(found.state == State::Accepted)
    }

    async fn quote(&self, pieces: &[Piece]) -> Result<Option<Price>> {
        let mut total = U256::ZERO;
        let mut new = Vec::new();
        for piece in pieces {
            // What was signed before was agreed to before.
            if self.record(piece)?.is_none() {
                let price = self.way.price(&self.gateway, piece, &self.bases(piece)).await?;
                total += price;
                new.push((self.plans.key(piece), price));
            }
        }
        if new.is_empty() {
            return Ok(None);
        }
        self.way.require_funds(&self.gateway, total).await?;
        self.agreed.lock().unwrap_or_else(PoisonError::into_inner).extend(new);
        Ok(Some(Price { amount: total, decimals: 12, currency: self.way.currency(), payer: self.way.payer()? }))
    }

    /// The fee that was agreed to for a shard.
    fn agreed(&self, piece: &Piece) -> Result<U256> {
        let agreed = self.agreed.lock().unwrap_or_else(PoisonError::into_inner);
        agreed.get(&self.plans.key(piece)).copied().ok_or_else(|| {
            let message =
                format!("shard {} of {} is gone, and nobody agreed to its price", piece.shard.index, piece.root);
            Error::new(ErrorKind::Storage, "storage.not_agreed", message).hint("run the command again; it asks first")
        })
    }

    async fn push(&self, piece: &Piece, blocks: Stream) -> Result<()> {
        let (blocks, digests) = blocks.noting_digests();
        let body = upload::collect(piece, blocks).await?;
        let mut record = self.way.send(self, piece, body).await?;
        self.held.put(&record.id, std::mem::take(&mut *digests.lock().unwrap_or_else(PoisonError::into_inner)))?;
        record.state = State::Accepted;
        self.write(piece, &record)?;
        self.shelf.lock().await.add(record);
        crate::fault::point("arweave.accepted.after");
        Ok(())
    }

    async fn conclude(&self, pieces: &[Piece]) -> Result<bool> {
        for piece in pieces {
            if !self.was_accepted(piece).await? {
                return Ok(false);
            }
        }
        if let Some((root, plan)) = pieces.first().and_then(|piece| Some((piece.root, self.plans.of(&piece.root)?)))
            && let Some(gone) = self.lost(&plan.uses).await?
        {
            self.plans.forget(&root)?;
            let message = format!("{} no longer knows {gone}, which {root} needs", self.gateway.place());
            return Err(Error::new(ErrorKind::Storage, "storage.lost", message)
                .hint("run the command again: it sends what that upload held"));
        }
        // A gateway may serve a new upload only when it is mined; what it serves has to be right.
        if let Some(piece) = pieces.last()
            && let Some(bytes) = self.find(&piece.last).await?
        {
            verify(&piece.last, &bytes, &self.gateway.place())?;
        }
        Ok(true)
    }

    async fn describe(&self, root: &Cid) -> Result<Option<String>> {
        let name = root.to_string();
        let (mut all, mut pending) = (0, 0);
        for record in self.records()?.iter().filter(|record| record.root == name) {
            all += 1;
            let confirmed = match record.item {
                // Nodes know transactions only.
                true => self.shelf.lock().await.is_whole(&self.gateway, record).await?,
                false => self.gateway.standing(&record.id).await? == Standing::Mined,
            };
            pending += usize::from(!confirmed);
        }
        let place = self.gateway.place();
        Ok((pending > 0)
            .then(|| format!("{pending} of {all} uploads of {root} are accepted, and not yet confirmed at {place}")))
    }

    async fn find(&self, cid: &Cid) -> Result<Option<Vec<u8>>> {
        let mut shelf = self.shelf.lock().await;
        if !std::mem::replace(&mut shelf.primed, true) {
            for record in self.records()? {
                shelf.add(record);
            }
        }
        if let Some(block) = shelf.block(&self.gateway, cid).await? {
            return Ok(Some(block));
        }
        // It may be the root of a package, or in one whose root came from elsewhere.
        let roots = std::iter::once(cid).chain(&self.packages).map(Cid::to_string);
        if !shelf.discover(&self.gateway, roots).await? {
            return Ok(None);
        }
        shelf.block(&self.gateway, cid).await
    }
}

impl Blocks for Arweave {
    fn place(&self) -> String {
        self.gateway.place()
    }

    fn block<'a>(&'a self, cid: &'a Cid) -> Work<'a, Option<Vec<u8>>> {
        Box::pin(self.find(cid))
    }
}

impl Backend for Arweave {
    fn name(&self) -> &'static str {
        "arweave"
    }

    fn holds<'a>(&'a self, root: &'a Cid) -> Work<'a, bool> {
        Box::pin(self.ask_for_package(root))
    }

    fn has_shard<'a>(&'a self, piece: &'a Piece) -> Work<'a, bool> {
        Box::pin(self.ask_for_shard(piece))
    }

    fn price<'a>(&'a self, pieces: &'a [Piece]) -> Work<'a, Option<Price>> {
        Box::pin(self.quote(pieces))
    }

    fn is_permanent(&self) -> bool {
        true
    }

    fn shard_limit(&self) -> u64 {
        self.shard_limit
    }

    fn beside<'a>(&'a self, package: &'a Package) -> Work<'a, Option<Arc<Beside>>> {
        Box::pin(async move { self.search(package).await.map(Some) })
    }

    fn send<'a>(&'a self, piece: &'a Piece, blocks: Stream) -> Work<'a, ()> {
        Box::pin(self.push(piece, blocks))
    }

    fn finish<'a>(&'a self, _root: &'a Cid, pieces: &'a [Piece]) -> Work<'a, bool> {
        Box::pin(self.conclude(pieces))
    }

    fn waiting<'a>(&'a self, root: &'a Cid) -> Work<'a, Option<String>> {
        Box::pin(self.describe(root))
    }
}
