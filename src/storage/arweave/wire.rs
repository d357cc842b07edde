//! JSON of the node's HTTP API and of gateways' GraphQL.

use dgov_data::arweave::{self, ChunkTree, Tag};
use serde::{Deserialize, Serialize};

use super::text;
use super::upload::{Record, State, names};
use super::wallet::Wallet;
use crate::error::Result;

/// A signed transaction, as it is posted: without its data, which follows in chunks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    format: u8,
    /// Hash of the signature.
    pub id: String,
    last_tx: String,
    owner: String,
    tags: Vec<WireTag>,
    target: String,
    quantity: String,
    data: String,
    data_size: String,
    /// Root of the tree over the chunks.
    pub data_root: String,
    reward: String,
    signature: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct WireTag {
    name: String,
    value: String,
}

impl Transaction {
    /// Signs a transaction for these chunks. `anchor` is as the gateway gave it, `reward` in winston.
    pub fn sign(wallet: &Wallet, tree: &ChunkTree, tags: Vec<Tag>, anchor: Vec<u8>, reward: String) -> Result<Self> {
        let signed = arweave::Transaction {
            owner: wallet.owner().to_vec(),
            anchor,
            reward,
            tags,
            data_size: tree.len(),
            data_root: tree.root(),
        };
        let signature = wallet.sign(&signed.signature_data())?;
        let tag =
            |tag: &Tag| WireTag { name: text::encode(tag.name.as_bytes()), value: text::encode(tag.value.as_bytes()) };
        Ok(Self {
            format: 2,
            id: text::encode(&arweave::id_of(&signature)),
            last_tx: text::encode(&signed.anchor),
            owner: text::encode(&signed.owner),
            tags: signed.tags.iter().map(tag).collect(),
            target: String::new(),
            quantity: "0".to_owned(),
            data: String::new(),
            data_size: signed.data_size.to_string(),
            data_root: text::encode(&signed.data_root),
            reward: signed.reward,
            signature: text::encode(&signature),
        })
    }
}

/// A chunk, as it is posted.
#[derive(Serialize)]
pub struct Chunk {
    data_root: String,
    data_size: String,
    data_path: String,
    /// Of its last byte.
    offset: String,
    chunk: String,
}

impl Chunk {
    /// The chunks of `body`, one at a time.
    pub fn all<'a>(tree: &'a ChunkTree, body: &'a [u8]) -> impl Iterator<Item = Self> + Send + 'a {
        tree.proofs().map(move |(range, path)| Self {
            data_root: text::encode(&tree.root()),
            data_size: tree.len().to_string(),
            data_path: text::encode(&path),
            offset: (range.end - 1).to_string(),
            chunk: text::encode(&body[range.start as usize..range.end as usize]),
        })
    }
}

/// A question for uploads of packages; `$owners` may be null.
pub const UPLOADS_QUERY: &str = "query($roots: [String!]!, $owners: [String!], $after: String) {
  transactions(first: 100, after: $after, sort: HEIGHT_ASC, owners: $owners,
               tags: [{ name: \"App-Name\", values: [\"dgov\"] }, { name: \"Root-CID\", values: $roots }]) {
    pageInfo { hasNextPage }
    edges { cursor node { id owner { address } data { size } tags { name value } } }
  }
}";

/// Its answer.
#[derive(Deserialize)]
pub struct Answer {
    pub data: Option<Data>,
}

#[derive(Deserialize)]
pub struct Data {
    pub transactions: Page,
}

/// One page.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Page {
    pub page_info: PageInfo,
    pub edges: Vec<Edge>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PageInfo {
    pub has_next_page: bool,
}

#[derive(Deserialize)]
pub struct Edge {
    pub cursor: String,
    pub node: Node,
}

#[derive(Deserialize)]
pub struct Node {
    id: String,
    pub owner: Owner,
    data: Size,
    tags: Vec<Tagged>,
}

#[derive(Deserialize)]
pub struct Owner {
    pub address: String,
}

#[derive(Deserialize)]
struct Size {
    /// A number in text, or a number.
    size: serde_json::Value,
}

#[derive(Deserialize)]
struct Tagged {
    name: String,
    value: String,
}

/// Packages that an upload may name as those that hold the rest.
pub const MAX_BASES: usize = 8;

impl Node {
    fn bases(&self) -> Vec<String> {
        let named = self.tags.iter().filter(|tag| tag.name == names::BASE && tag.value.parse::<cid::Cid>().is_ok());
        named.map(|tag| tag.value.clone()).take(MAX_BASES).collect()
    }

    /// What the tags say; `None` where they say nothing that makes sense. Nothing of it is believed: blocks are hashed.
    pub fn record(&self) -> Option<Record> {
        let tag = |name: &str| self.tags.iter().find(|tag| tag.name == name).map(|tag| tag.value.as_str());
        let size = self.data.size.as_u64().or_else(|| self.data.size.as_str()?.parse().ok())?;
        let record = Record {
            id: self.id.clone(),
            root: tag(names::ROOT)?.to_owned(),
            shard: tag(names::SHARD)?.parse().ok()?,
            shards: tag(names::SHARDS)?.parse().ok()?,
            size,
            index_len: tag(names::INDEX_LENGTH)?.parse().ok()?,
            bases: self.bases(),
            state: State::Accepted,
            signed: 0,
            item: false,
            transaction: None,
        };
        let id = text::decode_word(&record.id).is_some();
        (id && record.shard < record.shards && record.index_len <= record.size).then_some(record)
    }
}
