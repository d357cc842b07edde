//! Where bytes live. Nothing that a store says is believed: every block is hashed when it is read.

pub mod arweave;
pub mod backend;
pub mod beside;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod conformance;
pub mod dag;
pub mod filecoin;
pub mod gateway;
mod http;
pub mod index;
pub mod ipfs;
pub mod journal;
pub mod local;
pub mod pinning;
pub mod pool;
pub mod s3;
pub mod sent;
pub mod server;
pub mod targets;

use std::sync::Arc;

use camino::Utf8Path;
use cid::Cid;
use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorKind, Result};

pub use arweave::Arweave;
pub use backend::{Backend, Blocks};
pub use filecoin::Filecoin;
pub use gateway::Gateway;
pub use ipfs::Ipfs;
pub use local::LocalStore;
pub use pinning::Pinning;
pub use s3::S3;

/// Code of sha2-256 in the multihash table, the only hash that dgov writes.
const SHA2_256: u64 = 0x12;

/// A place to read blocks from, each of them checked.
#[derive(Clone)]
pub struct Source(Arc<dyn Blocks>);

impl Source {
    /// Reads from this place.
    pub fn new(place: impl Blocks + 'static) -> Self {
        Self(Arc::new(place))
    }

    /// Reads from a place that is also written to.
    pub fn of_backend(backend: &Arc<dyn Backend>) -> Self {
        let place: Arc<dyn Blocks> = Arc::<dyn Backend>::clone(backend);
        Self(place)
    }

    /// A source as a manifest names it: a URL of a gateway, or a folder relative to `dir`.
    pub fn parse(text: &str, dir: &Utf8Path) -> Result<Self> {
        if text.starts_with("http://") || text.starts_with("https://") {
            let url = url::Url::parse(text).map_err(|error| {
                Error::input("storage.source", format!("{text} is not a URL"))
                    .caused_by(&error)
                    .hint("write e.g. http://127.0.0.1:8545, or the folder of a content store")
            })?;
            return Ok(Self::new(Gateway::new(url)?));
        }
        Ok(Self::new(LocalStore::new(dir.join(text))))
    }

    /// The block, checked against its CID; `None` when this source does not have it.
    pub async fn block(&self, cid: &Cid) -> Result<Option<Vec<u8>>> {
        let block = self.0.block(cid).await?;
        if let Some(bytes) = &block {
            // A person can delete a damaged file of this machine, so that is what the error names.
            verify(cid, bytes, &self.name())
                .or_else(|error| self.0.file_of(cid).map_or(Err(error), |file| verify(cid, bytes, &file)))?;
        }
        Ok(block)
    }

    /// Whether reading costs no journey.
    pub fn is_near(&self) -> bool {
        self.0.is_near()
    }

    /// For messages.
    pub fn name(&self) -> String {
        self.0.place()
    }
}

/// Refuses bytes that are not what the CID names.
pub fn verify(cid: &Cid, bytes: &[u8], source: &str) -> Result<()> {
    if cid.hash().code() != SHA2_256 {
        return Err(Error::integrity("storage.hash", format!("{cid} is not a sha2-256 CID")));
    }
    if cid.hash().digest() == Sha256::digest(bytes).as_slice() {
        return Ok(());
    }
    Err(Error::integrity("storage.block_differs", format!("{source} gave other bytes for block {cid}"))
        .hint("the store is damaged or lies; push the dataset again or use another source"))
}

/// The error for a block that no source has.
pub fn missing(cid: &Cid, sources: &[Source]) -> Error {
    let names: Vec<_> = sources.iter().map(Source::name).collect();
    Error::new(ErrorKind::Storage, "storage.missing", format!("block {cid} is in none of: {}", names.join(", ")))
        .hint("is the store of the project that pushed it reachable? `dgov join --source` adds one")
}

/// The block from the first source that has it.
pub async fn fetch(sources: &[Source], cid: &Cid) -> Result<Vec<u8>> {
    let mut failed = None;
    for source in sources {
        match source.block(cid).await {
            Ok(Some(bytes)) => return Ok(bytes),
            Ok(None) => {}
            Err(error) => failed = Some(error),
        }
    }
    Err(failed.unwrap_or_else(|| missing(cid, sources)))
}
