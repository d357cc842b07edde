//! S3, and services that speak its protocol. Packages are objects under a prefix:
//!
//! | object | content |
//! | --- | --- |
//! | `{root}/{shard}.car` | the blocks of a shard that no object under the prefix held before, as CAR version 1 |
//! | `{root}/{shard}.idx` | where each of them lies in it ([`super::index`]) |
//! | `{root}/complete` | the root's CID, written when every block of the package is there |
//!
//! A shard counts when its index is there and its CAR is as long as the index says. The index is written last, and an
//! upload that was not completed is no object, so a kill leaves the old state. Blocks are shared by all packages under a
//! prefix: only new ones travel, and deleting the objects of one package can take blocks from another.

mod catalog;
mod error;
pub mod tree;
mod upload;

use std::sync::{PoisonError, RwLock};

use cid::Cid;
use dgov_data::unixfs::BlockId;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::client::{ClientOptions, HttpClient, HttpConnector};
use object_store::path::Path;
use object_store::{ObjectStoreExt, RetryConfig};
use tokio::sync::OnceCell;
use url::Url;

use self::catalog::{Catalog, Listing};
use self::upload::Upload;
use super::backend::{Backend, Blocks, Piece, Stream, Work};
use super::http;
use super::index::{Index, IndexBuilder};
use crate::env_vars::{AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN};
use crate::error::{Error, Result};
use crate::manifest::S3Bucket;

/// Longest block that is read.
const MAX_BLOCK: usize = 2 << 20;

/// A bucket, or a part of one.
pub struct S3 {
    store: AmazonS3,
    prefix: Path,
    place: String,
    /// Whether requests are signed; a public bucket can be read without.
    signs: bool,
    /// What is under the prefix, looked at once and kept up to date with what is sent.
    catalog: OnceCell<RwLock<Catalog>>,
}

impl S3 {
    /// The bucket of a manifest, with credentials from the environment. Nothing is asked yet.
    ///
    /// # Errors
    /// `storage.url`, `storage.insecure`, `storage.bucket`.
    pub fn new(bucket: &S3Bucket, environment: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let (store, origin, signs) = connect(bucket, environment, http::part_client)?;
        let prefix = Path::parse(&bucket.prefix).map_err(|error| unusable(&error))?;
        let place = format!("s3://{}/{prefix} at {origin}", bucket.bucket);
        Ok(Self { store, prefix, place, signs, catalog: OnceCell::new() })
    }

    fn key(&self, root: &Cid, name: &str) -> Path {
        Path::from_iter(self.prefix.parts().chain([root.to_string().into(), name.into()]))
    }

    async fn catalog(&self) -> Result<&RwLock<Catalog>> {
        let load = async || Ok(RwLock::new(self.load().await?));
        self.catalog.get_or_try_init(load).await
    }

    async fn load(&self) -> Result<Catalog> {
        let listing = Listing::of(&self.store, &self.prefix).await.map_err(|error| self.failed(error))?;
        Catalog::load(&self.store, &listing, &|error| self.failed(error)).await
    }

    fn failed(&self, error: object_store::Error) -> Error {
        error::explain(&self.place, self.signs, &error)
    }

    async fn upload(&self, piece: &Piece, mut blocks: Stream) -> Result<()> {
        let catalog = self.catalog().await?;
        let car = self.key(&piece.root, &format!("{}.car", piece.shard.index));
        let mut index = IndexBuilder::default();
        let mut upload = Upload::new(&self.store, &car);
        let sent: Result<()> = async {
            let failed = |error| self.failed(error);
            upload.write(&dgov_data::car::header_of(&piece.root)).await.map_err(failed)?;
            while let Some((cid, bytes)) = blocks.next().await? {
                let head = dgov_data::car::section_head(&cid, bytes.len());
                index.add(&cid, upload.len() + head.len() as u64, bytes.len())?;
                upload.write(&head).await.map_err(failed)?;
                upload.write(&bytes).await.map_err(failed)?;
            }
            Ok(())
        }
        .await;
        if let Err(error) = sent {
            upload.abort().await;
            return Err(error);
        }
        let len = upload.len();
        upload.finish().await.map_err(|error| self.failed(error))?;
        crate::fault::point("s3.car.after");
        let bytes = index.finish();
        let index = Index::parse(&bytes).ok_or_else(|| Error::bug("an index that can't be read"))?;
        let at = catalog::index_of(&car);
        self.store.put(&at, bytes.into()).await.map_err(|error| self.failed(error))?;
        crate::fault::point("s3.index.after");
        catalog.write().unwrap_or_else(PoisonError::into_inner).add(car, len, &index);
        Ok(())
    }

    /// Looks at the bucket again: what was counted on has to be there still.
    async fn complete(&self, root: &Cid, pieces: &[Piece]) -> Result<bool> {
        let catalog = self.catalog().await?;
        let listing = Listing::of(&self.store, &self.prefix).await.map_err(|error| self.failed(error))?;
        let whole = {
            let catalog = catalog.read().unwrap_or_else(PoisonError::into_inner);
            catalog.is_in(&listing) && pieces.iter().all(|piece| catalog.has(piece.last.hash().digest()))
        };
        if !whole {
            let fresh = self.load().await?;
            *catalog.write().unwrap_or_else(PoisonError::into_inner) = fresh;
            return Ok(false);
        }
        let mark = root.to_string().into_bytes();
        self.store.put(&self.key(root, "complete"), mark.into()).await.map_err(|error| self.failed(error))?;
        Ok(true)
    }

    async fn read(&self, cid: &Cid) -> Result<Option<Vec<u8>>> {
        let found = {
            let catalog = self.catalog().await?.read().unwrap_or_else(PoisonError::into_inner);
            catalog.find(cid.hash().digest())
        };
        let Some((car, offset, len)) = found else { return Ok(None) };
        if len > MAX_BLOCK {
            return Err(Error::integrity("storage.block_too_long", format!("{car} has {len} bytes for {cid}")));
        }
        match self.store.get_range(&car, offset..offset + len as u64).await {
            Ok(bytes) => Ok(Some(bytes.to_vec())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.failed(error)),
        }
    }
}

impl Blocks for S3 {
    fn place(&self) -> String {
        self.place.clone()
    }

    fn block<'a>(&'a self, cid: &'a Cid) -> Work<'a, Option<Vec<u8>>> {
        Box::pin(self.read(cid))
    }
}

impl Backend for S3 {
    fn name(&self) -> &'static str {
        "s3"
    }

    fn holds<'a>(&'a self, root: &'a Cid) -> Work<'a, bool> {
        Box::pin(async move {
            match self.store.head(&self.key(root, "complete")).await {
                Ok(_) => Ok(true),
                Err(object_store::Error::NotFound { .. }) => Ok(false),
                Err(error) => Err(self.failed(error)),
            }
        })
    }

    fn has_shard<'a>(&'a self, piece: &'a Piece) -> Work<'a, bool> {
        Box::pin(async move {
            let car = self.key(&piece.root, &format!("{}.car", piece.shard.index));
            Ok(self.catalog().await?.read().unwrap_or_else(PoisonError::into_inner).has_car(&car))
        })
    }

    fn knows(&self, block: &BlockId) -> Result<bool> {
        let catalog = self.catalog.get().map(|catalog| catalog.read().unwrap_or_else(PoisonError::into_inner));
        Ok(catalog.is_some_and(|catalog| catalog.has(&block.digest)))
    }

    fn send<'a>(&'a self, piece: &'a Piece, blocks: Stream) -> Work<'a, ()> {
        Box::pin(self.upload(piece, blocks))
    }

    fn finish<'a>(&'a self, root: &'a Cid, pieces: &'a [Piece]) -> Work<'a, bool> {
        Box::pin(self.complete(root, pieces))
    }
}

/// A client for a bucket, the origin of its service, and whether requests are signed.
fn connect(
    bucket: &S3Bucket,
    environment: &dyn Fn(&str) -> Option<String>,
    client: fn(&Url) -> Result<reqwest::Client>,
) -> Result<(AmazonS3, String, bool)> {
    let endpoint = bucket.endpoint.clone().unwrap_or_else(|| format!("https://s3.{}.amazonaws.com", bucket.region));
    // Requests carry signatures and, with them, content that may be for sale.
    let url = http::address("storage.s3.endpoint", &endpoint, true)?;
    let mut builder = AmazonS3Builder::new()
        .with_http_connector(Connector(client(&url)?))
        .with_endpoint(endpoint.trim_end_matches('/'))
        .with_allow_http(url.scheme() == "http")
        .with_region(&bucket.region)
        .with_bucket_name(&bucket.bucket)
        .with_retry(RetryConfig { max_retries: 4, ..RetryConfig::default() });
    let secret = environment(AWS_ACCESS_KEY_ID).zip(environment(AWS_SECRET_ACCESS_KEY));
    let signs = secret.is_some();
    // Without this the crate would ask the metadata service of a cloud machine, which nobody has named.
    builder = builder.with_skip_signature(!signs);
    if let Some((id, key)) = secret {
        builder = builder.with_access_key_id(id).with_secret_access_key(key);
    }
    if let Some(token) = environment(AWS_SESSION_TOKEN) {
        builder = builder.with_token(token);
    }
    let store = builder.build().map_err(|error| unusable(&error))?;
    Ok((store, url.origin().ascii_serialization(), signs))
}

fn unusable(error: &dyn std::error::Error) -> Error {
    Error::input("storage.bucket", "[storage.s3] names no bucket that can be used")
        .caused_by(error)
        .hint("check bucket, prefix, region and endpoint")
}

/// Gives the crate the client that all stores have.
#[derive(Debug)]
struct Connector(reqwest::Client);

impl HttpConnector for Connector {
    fn connect(&self, _options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.0.clone()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
