//! The one trait of all places that packages are sent to.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use cid::Cid;
use dgov_data::unixfs::{BlockId, Package, Shard};
use tokio::sync::mpsc;

use super::beside::Beside;
use crate::error::Result;

/// A future of the trait's methods.
pub type Work<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// A place to read blocks from. What it gives is not yet checked; use [`super::Source::block`].
pub trait Blocks: Send + Sync {
    /// For messages: a folder or an address.
    fn place(&self) -> String;

    /// Whether reading costs no journey: asked before all others.
    fn is_near(&self) -> bool {
        false
    }

    /// The block's bytes; `None` when the place does not have it.
    ///
    /// # Errors
    /// `storage.unreachable`, and those of the place.
    fn block<'a>(&'a self, cid: &'a Cid) -> Work<'a, Option<Vec<u8>>>;

    /// The file of this machine that has the block, for a person to delete when it is damaged.
    fn file_of(&self, _cid: &Cid) -> Option<String> {
        None
    }
}

/// A place that packages are sent to, shard by shard. Every method can be repeated: sending twice stores once.
pub trait Backend: Blocks {
    /// As the manifest names it.
    fn name(&self) -> &'static str;

    /// Bytes of CAR that are sent at once: what is lost at most when a command is killed.
    fn shard_limit(&self) -> u64 {
        64 << 20
    }

    /// Whether the package is there, complete and kept.
    ///
    /// # Errors
    /// As [`Blocks::block`].
    fn holds<'a>(&'a self, root: &'a Cid) -> Work<'a, bool>;

    /// Whether an earlier command, of this or another machine, has sent this shard as far as the place can tell cheaply.
    /// [`Self::finish`] finds out about the rest.
    ///
    /// # Errors
    /// As [`Blocks::block`].
    fn has_shard<'a>(&'a self, piece: &'a Piece) -> Work<'a, bool>;

    /// What it will cost to send these shards, where that costs anything. The person who pays is asked before anything is
    /// sent.
    ///
    /// # Errors
    /// As [`Blocks::block`].
    fn price<'a>(&'a self, _pieces: &'a [Piece]) -> Work<'a, Option<Price>> {
        Box::pin(async { Ok(None) })
    }

    /// Whether the place fetches the package from another target, which has to have it before.
    fn is_second(&self) -> bool {
        false
    }

    /// Whether what was sent can never be deleted.
    fn is_permanent(&self) -> bool {
        false
    }

    /// What a person should know of a package that was taken: e.g. that it still waits for something.
    ///
    /// # Errors
    /// As [`Blocks::block`].
    fn waiting<'a>(&'a self, _root: &'a Cid) -> Work<'a, Option<String>> {
        Box::pin(async { Ok(None) })
    }

    /// Whether blocks are found by their digest alone, whichever package they came with: then those of earlier versions
    /// need not travel again.
    fn is_block_store(&self) -> bool {
        false
    }

    /// Whether the place is known to hold this block, so that it need not travel.
    ///
    /// # Errors
    /// Those of local files.
    fn knows(&self, _block: &BlockId) -> Result<bool> {
        Ok(false)
    }

    /// Which blocks of a package earlier uploads hold, at a place that is paid by the byte and looked through upload by
    /// upload: they are left out of the package's shards. Asked before the shards are cut; a command that was killed gets
    /// the same answer again. `None` where whole packages are cut.
    ///
    /// # Errors
    /// As [`Blocks::block`].
    fn beside<'a>(&'a self, _package: &'a Package) -> Work<'a, Option<Arc<Beside>>> {
        Box::pin(async { Ok(None) })
    }

    /// Stores the blocks of a shard.
    ///
    /// # Errors
    /// As [`Blocks::block`]; what was read wrong comes out of the stream.
    fn send<'a>(&'a self, piece: &'a Piece, blocks: Stream) -> Work<'a, ()>;

    /// Makes the package count: pinned, or listed. `false` when blocks are missing after all.
    ///
    /// # Errors
    /// As [`Blocks::block`].
    fn finish<'a>(&'a self, root: &'a Cid, pieces: &'a [Piece]) -> Work<'a, bool>;
}

/// What a paid upload costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// In the smallest unit of the currency.
    pub amount: alloy::primitives::U256,
    /// Digits of the smallest unit.
    pub decimals: u8,
    /// E.g. `AR`.
    pub currency: &'static str,
    /// Who pays, as the service knows them.
    pub payer: String,
}

impl std::fmt::Display for Price {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", crate::manifest::values::format_units(self.amount, self.decimals), self.currency)
    }
}

/// One shard of one package.
#[derive(Clone, Copy, Debug)]
pub struct Piece {
    /// Root of the package.
    pub root: Cid,
    /// The shard.
    pub shard: Shard,
    /// How many shards the package has.
    pub shards: usize,
    /// CID of the first block that a store of blocks is not known to have; of all for other stores.
    pub first: Cid,
    /// CID of the last one.
    pub last: Cid,
}

impl Piece {
    /// The shards of a package, in order.
    pub fn of(package: &Package, shards: &[Shard]) -> Vec<Self> {
        let (root, profile, count) = (package.cid(), package.profile(), shards.len());
        let piece = |shard: &Shard| Self {
            root,
            shard: *shard,
            shards: count,
            first: shard.first.cid(profile),
            last: shard.last.cid(profile),
        };
        shards.iter().map(piece).collect()
    }
}

/// A block on its way.
pub type Sent = (Cid, Vec<u8>);

/// Digests of the blocks that came out of a stream, in order.
pub type Noted = Arc<Mutex<Vec<[u8; 32]>>>;

/// The blocks of one shard, in order.
pub struct Stream {
    blocks: mpsc::Receiver<Result<Sent>>,
    noted: Option<Noted>,
}

impl Stream {
    /// A stream that holds at most `room` blocks in memory, and where to put them.
    pub fn new(room: usize) -> (mpsc::Sender<Result<Sent>>, Self) {
        let (sender, receiver) = mpsc::channel(room);
        (sender, Self { blocks: receiver, noted: None })
    }

    /// Takes note of what comes out.
    pub fn noting_digests(self) -> (Self, Noted) {
        let noted = Noted::default();
        (Self { noted: Some(Arc::clone(&noted)), ..self }, noted)
    }

    /// The next block; `None` at the end.
    ///
    /// # Errors
    /// What went wrong where blocks are made.
    pub async fn next(&mut self) -> Result<Option<Sent>> {
        let block = self.blocks.recv().await.transpose()?;
        if let (Some((cid, _)), Some(noted)) = (&block, &self.noted)
            && let Ok(digest) = cid.hash().digest().try_into()
        {
            noted.lock().unwrap_or_else(PoisonError::into_inner).push(digest);
        }
        Ok(block)
    }

    /// The same as bytes of a CAR file, with a beat of `pulse` for each. What went wrong ends the stream and is kept in
    /// `failure`, because HTTP clients turn it into a message.
    pub fn into_car(
        self,
        root: &Cid,
        pulse: super::http::Pulse,
        failure: Arc<Mutex<Option<crate::Error>>>,
    ) -> impl futures_util::Stream<Item = std::io::Result<Vec<u8>>> + Send + 'static {
        let header = dgov_data::car::header_of(root);
        let start = (Some(header), self, pulse, failure);
        futures_util::stream::unfold(start, |(header, mut blocks, pulse, failure)| async move {
            pulse.beat();
            if let Some(header) = header {
                return Some((Ok(header), (None, blocks, pulse, failure)));
            }
            match blocks.next().await {
                Ok(Some((cid, bytes))) => {
                    let mut section = dgov_data::car::section_head(&cid, bytes.len());
                    section.extend(bytes);
                    Some((Ok(section), (None, blocks, pulse, failure)))
                }
                Ok(None) => None,
                Err(error) => {
                    let stop = std::io::Error::other(error.to_string());
                    if let Ok(mut slot) = failure.lock() {
                        *slot = Some(error);
                    }
                    Some((Err(stop), (None, blocks, pulse, failure)))
                }
            }
        })
    }
}
