//! What a shard is sent as, and what is remembered of it. See `docs/storage.md`, section Arweave.

use cid::Cid;
use cid::multihash::Multihash;
use dgov_data::arweave::Tag;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::super::SHA2_256;
use super::super::backend::{Piece, Stream};
use super::super::index::{Index, IndexBuilder};
use super::wire::Transaction;
use crate::error::{Error, Result};

/// Code of raw blocks in the table of codecs.
const RAW: u64 = 0x55;
/// Value of the tag `App-Name`.
pub const APP_NAME: &str = "dgov";
const CAR_TYPE: &str = "application/vnd.ipld.car; version=1";

/// Names of the tags.
pub mod names {
    pub const APP_NAME: &str = "App-Name";
    pub const CONTENT_TYPE: &str = "Content-Type";
    pub const ROOT: &str = "Root-CID";
    pub const SHARD: &str = "Shard";
    pub const SHARDS: &str = "Shards";
    pub const INDEX_LENGTH: &str = "Index-Length";
    /// Once for each package whose uploads hold the rest.
    pub const BASE: &str = "Base-CID";
}

/// The bytes of one upload: a CAR file whose last block is the index of the others.
pub async fn collect(piece: &Piece, mut blocks: Stream) -> Result<Vec<u8>> {
    let len = usize::try_from(upload_len(piece)).map_err(|_| Error::bug("a shard that memory can't hold"))?;
    let mut body = Vec::with_capacity(len);
    body.extend(dgov_data::car::header_of(&piece.root));
    let mut index = IndexBuilder::default();
    while let Some((cid, bytes)) = blocks.next().await? {
        body.extend(dgov_data::car::section_head(&cid, bytes.len()));
        index.add(&cid, body.len() as u64, bytes.len())?;
        body.extend(bytes);
    }
    let index = index.finish();
    body.extend(index_head(&index)?);
    body.extend(index);
    if body.len() == len {
        return Ok(body);
    }
    Err(Error::bug(format!("a shard has {} bytes where {len} were paid for", body.len())))
}

/// Bytes of the upload of a shard, known before a file is read.
pub fn upload_len(piece: &Piece) -> u64 {
    let index = Index::len_of(piece.shard.blocks);
    // The length of CID and index as a varint, and the CID.
    let head = varint_len(CID_LEN + index) + CID_LEN;
    piece.shard.car_len + head + index
}

/// A CID of version 1 with a sha2-256 digest.
const CID_LEN: u64 = 36;

fn varint_len(value: u64) -> u64 {
    u64::from((u64::BITS - value.leading_zeros()).div_ceil(7).max(1))
}

fn index_head(index: &[u8]) -> Result<Vec<u8>> {
    let hash = Multihash::wrap(SHA2_256, &Sha256::digest(index)).map_err(|_| Error::bug("a digest of 32 bytes"))?;
    Ok(dgov_data::car::section_head(&Cid::new_v1(RAW, hash), index.len()))
}

/// The tags of an upload: everything that a reader needs who has lost the rest.
pub fn tags(piece: &Piece, bases: &[String]) -> Vec<Tag> {
    let mut tags = vec![
        Tag::new(names::APP_NAME, APP_NAME),
        Tag::new(names::CONTENT_TYPE, CAR_TYPE),
        Tag::new(names::ROOT, piece.root.to_string()),
        Tag::new(names::SHARD, piece.shard.index.to_string()),
        Tag::new(names::SHARDS, piece.shards.to_string()),
        Tag::new(names::INDEX_LENGTH, Index::len_of(piece.shard.blocks).to_string()),
    ];
    tags.extend(bases.iter().map(|base| Tag::new(names::BASE, base.clone())));
    tags
}

/// How far an upload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Signed, and perhaps paid: whoever goes on uses the same.
    Signed,
    /// The service has all of it.
    Accepted,
}

/// One upload, as the journal and the tags describe it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Record {
    /// Its id.
    pub id: String,
    /// Root of the package.
    pub root: String,
    /// Position of the shard.
    pub shard: usize,
    /// How many shards the package has.
    pub shards: usize,
    /// Bytes of the upload.
    pub size: u64,
    /// Bytes of the index at its end.
    pub index_len: u64,
    /// Roots of packages whose uploads hold the rest of this one.
    #[serde(default)]
    pub bases: Vec<String>,
    /// How far it is.
    pub state: State,
    /// When it was signed, unix seconds.
    #[serde(default)]
    pub signed: u64,
    /// Whether it is a data item that a bundling service puts on chain.
    #[serde(default)]
    pub item: bool,
    /// What was signed, where it is a transaction.
    #[serde(default)]
    pub transaction: Option<Transaction>,
}

impl Record {
    /// The record of a shard that was just signed.
    pub fn signed(piece: &Piece, bases: &[String], id: String, transaction: Option<Transaction>) -> Self {
        Self {
            id,
            root: piece.root.to_string(),
            shard: piece.shard.index,
            shards: piece.shards,
            size: upload_len(piece),
            index_len: Index::len_of(piece.shard.blocks),
            bases: bases.to_vec(),
            state: State::Signed,
            signed: now(),
            item: transaction.is_none(),
            transaction,
        }
    }

    /// Whether it is of this shard, cut as it is cut now.
    pub fn is_of(&self, piece: &Piece, bases: &[String]) -> bool {
        (self.shard, self.shards, self.size) == (piece.shard.index, piece.shards, upload_len(piece))
            && self.root == piece.root.to_string()
            && self.bases == bases
    }
}

/// Unix seconds.
pub fn now() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or_default()
}
