//! What lies under the prefix of a bucket: every shard that counts, and where each block is.

use std::collections::HashMap;

use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::aws::AmazonS3;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use crate::error::{Error, Result};
use crate::storage::index::Index;

/// Indexes that are fetched at a time.
const AT_ONCE: usize = 16;
/// Longest index that is fetched: 3 million blocks, fifty times what a shard of small files has.
const MAX_INDEX: u64 = 128 << 20;

/// All objects under a prefix with their lengths.
pub(super) struct Listing(HashMap<Path, u64>);

impl Listing {
    /// Asks the bucket, 1,000 objects a request.
    pub async fn of(store: &AmazonS3, prefix: &Path) -> object_store::Result<Self> {
        let objects = store.list(Some(prefix)).map_ok(|object| (object.location, object.size));
        objects.try_collect().await.map(Self)
    }

    fn holds(&self, car: &Path, len: u64) -> bool {
        self.0.get(car) == Some(&len) && self.0.contains_key(&index_of(car))
    }
}

/// Every shard that counts, and its blocks. Takes about 100 bytes a block: 100 MB for a package of 1 TiB.
#[derive(Default)]
pub(super) struct Catalog {
    cars: Vec<(Path, u64)>,
    numbers: HashMap<Path, usize>,
    blocks: HashMap<[u8; 32], Place>,
}

struct Place {
    car: u32,
    len: u32,
    offset: u64,
}

impl Catalog {
    /// Fetches every index of the listing.
    ///
    /// # Errors
    /// `storage.index_damaged` (integrity), and what `failed` makes of a request that failed.
    pub async fn load(
        store: &AmazonS3,
        listing: &Listing,
        failed: &(dyn Fn(object_store::Error) -> Error + Sync),
    ) -> Result<Self> {
        let shards = listing.0.iter().filter_map(|(car, len)| {
            let index = (car.extension() == Some("car")).then(|| index_of(car))?;
            listing.0.get(&index).map(|index_len| (car.clone(), *len, index, *index_len))
        });
        let shards: Vec<_> = shards.collect();
        let fetch = |(car, len, index, index_len): (Path, u64, Path, u64)| async move {
            if index_len > MAX_INDEX {
                return Err(damaged(&index));
            }
            let bytes = store.get_range(&index, 0..index_len).await.map_err(failed)?;
            Ok((car, len, index, bytes))
        };
        let mut fetched = stream::iter(shards).map(fetch).buffer_unordered(AT_ONCE);
        let mut catalog = Self::default();
        while let Some((car, len, index, bytes)) = fetched.try_next().await? {
            let index = Index::parse(&bytes).ok_or_else(|| damaged(&index))?;
            let end = index.end();
            // A CAR of another length is not the one that the index was made for.
            if end == len || end == 0 {
                catalog.add(car, len, &index);
            }
        }
        Ok(catalog)
    }

    /// Takes in a shard that was stored, in place of one with the same name.
    pub fn add(&mut self, car: Path, len: u64, index: &Index) {
        let next = self.cars.len();
        let number = *self.numbers.entry(car.clone()).or_insert(next);
        if number == next {
            self.cars.push((car, len));
        } else {
            self.cars[number].1 = len;
        }
        let place = |offset, len: usize| Place { car: number as u32, len: len as u32, offset };
        self.blocks.extend(index.entries().map(|(digest, offset, len)| (digest, place(offset, len))));
    }

    /// Whether the shard counts.
    pub fn has_car(&self, car: &Path) -> bool {
        self.numbers.contains_key(car)
    }

    /// Whether some shard has the block.
    pub fn has(&self, digest: &[u8]) -> bool {
        self.blocks.contains_key(digest)
    }

    /// CAR, offset and length of a block.
    pub fn find(&self, digest: &[u8]) -> Option<(Path, u64, usize)> {
        let Place { car, len, offset } = self.blocks.get(digest)?;
        Some((self.cars[*car as usize].0.clone(), *offset, *len as usize))
    }

    /// Whether everything in here is still in the bucket.
    pub fn is_in(&self, listing: &Listing) -> bool {
        self.cars.iter().all(|(car, len)| listing.holds(car, *len))
    }
}

/// Where the index of a CAR lies.
pub(super) fn index_of(car: &Path) -> Path {
    let mut parts: Vec<_> = car.parts().collect();
    let name = parts.pop().map(|name| name.as_ref().to_owned()).unwrap_or_default();
    parts.push(format!("{}.idx", name.strip_suffix(".car").unwrap_or(&name)).into());
    Path::from_iter(parts)
}

fn damaged(index: &Path) -> Error {
    Error::integrity("storage.index_damaged", format!("{index} in the bucket is damaged"))
        .hint("delete it and its .car, then push the dataset again")
}
