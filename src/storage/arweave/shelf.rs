//! Reading blocks out of uploads: by the index at the end of each, then by range.

use std::collections::HashSet;

use cid::Cid;

use super::super::index::Index;
use super::super::verify;
use super::gateway::{Gateway, Part};
use super::upload::Record;
use crate::error::Result;

/// Indexes that are kept in memory, in bytes.
const INDEX_ROOM: u64 = 128 << 20;
/// A whole upload that is read into memory: a shard, its last block, and the longest index that such a shard has.
const MAX_UPLOAD: u64 = 160 << 20;
/// How many uploads of one shard are tried: anybody may send more.
const TRIES: usize = 4;
/// How many packages are looked for: an upload names those that hold the rest of its blocks, and anybody may name more.
const MAX_PACKAGES: usize = 2_000;

/// What is known of uploads.
#[derive(Default)]
pub struct Shelf {
    /// Whether the journal's were added.
    pub primed: bool,
    uploads: Vec<Known>,
    asked: HashSet<String>,
    /// The last upload of a gateway that knows no ranges.
    whole: Option<(String, Vec<u8>)>,
    index_bytes: u64,
}

struct Known {
    record: Record,
    index: State,
}

enum State {
    Unread,
    /// The gateway does not have it, or it is no index.
    Missing,
    Read(Index),
}

impl Shelf {
    /// Adds an upload.
    pub fn add(&mut self, record: Record) {
        let same_shard = |known: &&Known| known.record.root == record.root && known.record.shard == record.shard;
        let known = self.uploads.iter().any(|known| known.record.id == record.id);
        if !known && record.size <= MAX_UPLOAD && self.uploads.iter().filter(same_shard).count() < TRIES {
            self.uploads.push(Known { record, index: State::Unread });
        }
    }

    /// Adds what anybody has sent of these packages, and of those that their uploads name; asks once for each. Whether
    /// there was anything to ask.
    pub async fn discover(&mut self, gateway: &Gateway, roots: impl IntoIterator<Item = String>) -> Result<bool> {
        let named = self.uploads.iter().flat_map(|known| known.record.bases.clone());
        let mut new: Vec<String> = roots.into_iter().chain(named).filter(|root| !self.asked.contains(root)).collect();
        let any = !new.is_empty();
        while !new.is_empty() && self.asked.len() < MAX_PACKAGES {
            new.sort_unstable();
            new.dedup();
            self.asked.extend(new.iter().cloned());
            let mut named = Vec::new();
            for roots in new.chunks(50) {
                for record in gateway.uploads(roots, None).await? {
                    named.extend(record.bases.iter().filter(|root| !self.asked.contains(*root)).cloned());
                    self.add(record);
                }
            }
            new = named;
        }
        Ok(any)
    }

    /// Digests of the blocks of an upload, when the gateway has it up to its end.
    pub async fn digests(&mut self, gateway: &Gateway, record: &Record) -> Result<Option<Vec<[u8; 32]>>> {
        if !self.is_whole(gateway, record).await? {
            return Ok(None);
        }
        let index = self.uploads.iter().find(|known| known.record.id == record.id).map(|known| &known.index);
        let Some(State::Read(index)) = index else { return Ok(None) };
        Ok(Some(index.entries().map(|(digest, ..)| digest).collect()))
    }

    /// Whether the gateway has an upload up to its end. Chunks are sent in order, so that the end speaks for all.
    pub async fn is_whole(&mut self, gateway: &Gateway, record: &Record) -> Result<bool> {
        self.add(record.clone());
        let Some(at) = self.uploads.iter().position(|known| known.record.id == record.id) else { return Ok(false) };
        if matches!(self.uploads[at].index, State::Missing) {
            self.uploads[at].index = State::Unread;
        }
        self.load(gateway, at).await
    }

    /// The block, from the first upload that has the right bytes; wrong ones only where nobody has better.
    pub async fn block(&mut self, gateway: &Gateway, cid: &Cid) -> Result<Option<Vec<u8>>> {
        let mut wrong = None;
        for at in 0..self.uploads.len() {
            if !self.load(gateway, at).await? {
                continue;
            }
            let State::Read(index) = &self.uploads[at].index else { continue };
            let Some((offset, len)) = index.find(cid.hash().digest()) else { continue };
            match self.read(gateway, at, offset, len as u64).await? {
                Some(bytes) if verify(cid, &bytes, "").is_ok() => return Ok(Some(bytes)),
                Some(bytes) => wrong = Some(bytes),
                None => {}
            }
        }
        Ok(wrong)
    }

    /// Reads the index of an upload, unless it is known; whether there is one.
    async fn load(&mut self, gateway: &Gateway, at: usize) -> Result<bool> {
        match self.uploads[at].index {
            State::Read(_) => return Ok(true),
            State::Missing => return Ok(false),
            State::Unread => {}
        }
        let Record { size, index_len, .. } = self.uploads[at].record;
        if self.index_bytes + index_len > INDEX_ROOM {
            self.index_bytes = 0;
            for known in &mut self.uploads {
                if matches!(known.index, State::Read(_)) {
                    known.index = State::Unread;
                }
            }
        }
        let bytes = self.read(gateway, at, size - index_len, index_len).await?;
        let index = bytes.as_deref().and_then(Index::parse);
        let found = index.is_some();
        self.uploads[at].index = index.map_or(State::Missing, State::Read);
        self.index_bytes += if found { index_len } else { 0 };
        Ok(found)
    }

    async fn read(&mut self, gateway: &Gateway, at: usize, from: u64, len: u64) -> Result<Option<Vec<u8>>> {
        let Record { id, size, .. } = &self.uploads[at].record;
        if from.checked_add(len).is_none_or(|end| end > *size) {
            return Ok(None);
        }
        if len == 0 {
            // An empty file; no range has no bytes.
            return Ok(Some(Vec::new()));
        }
        let cut = |whole: &[u8]| whole[from as usize..(from + len) as usize].to_vec();
        if let Some((known, whole)) = &self.whole
            && known == id
        {
            return Ok(Some(cut(whole)));
        }
        Ok(match gateway.part(id, from, len, *size).await? {
            Some(Part::Exact(bytes)) => Some(bytes),
            Some(Part::Whole(bytes)) => {
                let part = cut(&bytes);
                self.whole = Some((id.clone(), bytes));
                Some(part)
            }
            None => None,
        })
    }
}
