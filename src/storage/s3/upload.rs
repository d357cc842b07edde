//! One object whose length is not known before: in one request while it is small, in parts when it grows.

use object_store::aws::AmazonS3;
use object_store::path::Path;
use object_store::{ObjectStoreExt, Result, WriteMultipart};

/// Bytes of a part. All are of this length but the last, which some services insist on; S3 wants at least 5 MiB.
const PART: usize = 8 << 20;
/// Parts that travel at the same time.
const AT_ONCE: usize = 2;

/// An object being written. Nothing is to be seen of it before [`Self::finish`]; holds at most three parts in memory.
pub(super) struct Upload<'a> {
    store: &'a AmazonS3,
    key: &'a Path,
    len: u64,
    small: Vec<u8>,
    parts: Option<WriteMultipart>,
}

impl<'a> Upload<'a> {
    /// Nothing is sent yet.
    pub fn new(store: &'a AmazonS3, key: &'a Path) -> Self {
        Self { store, key, len: 0, small: Vec::new(), parts: None }
    }

    /// Bytes written so far.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Adds bytes, and waits while too many parts are on their way.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.len += bytes.len() as u64;
        if let Some(parts) = &mut self.parts {
            parts.wait_for_capacity(AT_ONCE).await?;
            parts.write(bytes);
            return Ok(());
        }
        self.small.extend_from_slice(bytes);
        if self.small.len() >= PART {
            let upload = self.store.put_multipart(self.key).await?;
            let parts = self.parts.insert(WriteMultipart::new_with_chunk_size(upload, PART));
            parts.write(&std::mem::take(&mut self.small));
        }
        Ok(())
    }

    /// Makes the object.
    pub async fn finish(self) -> Result<()> {
        match self.parts {
            Some(parts) => parts.finish().await.map(drop),
            None => self.store.put(self.key, self.small.into()).await.map(drop),
        }
    }

    /// Gives up. What can't be removed now is removed by a lifecycle rule of the bucket, if it has one.
    pub async fn abort(self) {
        if let Some(parts) = self.parts {
            let _ = parts.abort().await;
        }
    }
}
