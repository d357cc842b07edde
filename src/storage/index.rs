//! Where the blocks of a shard lie: one entry for each block, ascending by digest. Kept beside what it describes: a pack of
//! the local store, or a CAR file in a store of others.

use cid::Cid;

use crate::error::{Error, Result};

const MAGIC: &[u8; 8] = b"dgovidx1";
/// digest 32 || offset u64 || length u32, big-endian.
const ENTRY: usize = 44;

/// The index of one shard.
pub struct Index(Vec<[u8; ENTRY]>);

impl Index {
    /// Reads what [`IndexBuilder::finish`] made; `None` for anything else.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (entries, rest) = bytes.strip_prefix(MAGIC)?.as_chunks();
        rest.is_empty().then(|| Self(entries.to_vec())).filter(|index| index.0.is_sorted())
    }

    /// Bytes of the index of so many blocks.
    pub fn len_of(blocks: u64) -> u64 {
        MAGIC.len() as u64 + ENTRY as u64 * blocks
    }

    /// Offset and length of a block.
    pub fn find(&self, digest: &[u8]) -> Option<(u64, usize)> {
        let at = self.0.binary_search_by(|entry| entry[..32].cmp(digest)).ok()?;
        Some(location(&self.0[at]))
    }

    /// Digest, offset and length of every block, ascending by digest.
    pub fn entries(&self) -> impl Iterator<Item = ([u8; 32], u64, usize)> {
        self.0.iter().map(|entry| {
            let mut digest = [0; 32];
            digest.copy_from_slice(&entry[..32]);
            let (offset, len) = location(entry);
            (digest, offset, len)
        })
    }

    /// The end of the last block: how long the shard is at least.
    pub fn end(&self) -> u64 {
        self.0.iter().map(location).map(|(offset, len)| offset.saturating_add(len as u64)).max().unwrap_or_default()
    }
}

/// Where an entry says that its block lies.
fn location(entry: &[u8; ENTRY]) -> (u64, usize) {
    let offset = entry[32..40].iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
    let len = entry[40..].iter().fold(0usize, |value, byte| value << 8 | usize::from(*byte));
    (offset, len)
}

/// An index being made.
#[derive(Default)]
pub struct IndexBuilder(Vec<[u8; ENTRY]>);

impl IndexBuilder {
    /// Adds a block of `len` bytes that begins at `offset`.
    ///
    /// # Errors
    /// A bug: no sha2-256 digest, or a block of 4 GiB.
    pub fn add(&mut self, cid: &Cid, offset: u64, len: usize) -> Result<()> {
        let digest: [u8; 32] =
            cid.hash().digest().try_into().map_err(|_| Error::bug(format!("{cid} has no 32-byte digest")))?;
        let len = u32::try_from(len).map_err(|_| Error::bug("a block of 4 GiB"))?;
        let mut entry = [0; ENTRY];
        entry[..32].copy_from_slice(&digest);
        entry[32..40].copy_from_slice(&offset.to_be_bytes());
        entry[40..].copy_from_slice(&len.to_be_bytes());
        self.0.push(entry);
        Ok(())
    }

    /// The index as bytes.
    pub fn finish(mut self) -> Vec<u8> {
        self.0.sort_unstable();
        [MAGIC, self.0.as_flattened()].concat()
    }
}
