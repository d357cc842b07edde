//! A gateway: the HTTP API of Arweave nodes (docs.arweave.org "HTTP API"), GraphQL by tags, and data by id.

use std::time::Duration;

use alloy::primitives::U256;
use reqwest::{RequestBuilder, Response, StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use url::Url;

use super::super::http;
use super::text;
use super::upload::Record;
use super::wire::{Answer, Chunk, Transaction, UPLOADS_QUERY};
use crate::error::{Error, ErrorKind, Result};

/// Pauses before a request that the gateway had no time for is made again, in milliseconds.
const PAUSES: [u64; 3] = [500, 1_000, 2_000];
/// Longest answer that is not data.
const MAX_ANSWER: usize = 4 << 20;
/// Pages of 100 uploads that are looked at for a question.
const MAX_PAGES: usize = 200;

/// A gateway.
pub struct Gateway {
    url: Url,
    client: reqwest::Client,
}

/// What the gateway knows of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing.
    Unknown,
    /// It waits to be mined.
    Pending,
    /// It is in a block.
    Mined,
}

/// What a gateway did with a transaction.
#[derive(Debug)]
pub enum Posted {
    /// It has it, now or from before.
    Taken,
    /// It will never be mined.
    Refused(Error),
}

/// Bytes of an upload.
pub enum Part {
    /// Those that were asked for.
    Exact(Vec<u8>),
    /// All of them, from a gateway that knows no ranges.
    Whole(Vec<u8>),
}

impl Gateway {
    /// The gateway at this address.
    ///
    /// # Errors
    /// `storage.url`.
    pub fn new(address: &str) -> Result<Self> {
        let url = http::address("storage.arweave.gateway", address, false)?;
        Ok(Self { client: http::client(&url)?, url })
    }

    /// For messages.
    pub fn place(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    fn address(&self, path: &[&str]) -> Url {
        http::join(&self.url, path)
    }

    /// Sends a request, and again where the gateway is busy.
    async fn ask(&self, request: impl Fn() -> RequestBuilder) -> Result<Response> {
        let mut pauses = PAUSES.into_iter();
        loop {
            let answer = request().send().await.map_err(|error| http::unreachable(&self.url, &error))?;
            let busy = matches!(answer.status().as_u16(), 408 | 429 | 502 | 503 | 504);
            match pauses.next() {
                Some(pause) if busy => tokio::time::sleep(Duration::from_millis(pause)).await,
                _ => return Ok(answer),
            }
        }
    }

    async fn text(&self, what: &str, path: &[&str]) -> Result<String> {
        let answer = self.ask(|| self.client.get(self.address(path))).await?;
        let status = answer.status();
        let body = self.body(answer).await?;
        if status == StatusCode::OK { Ok(body) } else { Err(self.refused(what, status, &body)) }
    }

    async fn body(&self, answer: Response) -> Result<String> {
        let bytes = self.bytes(answer, MAX_ANSWER).await?;
        Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
    }

    async fn bytes(&self, mut answer: Response, limit: usize) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| http::unreachable(&self.url, &error))? {
            if bytes.len() + chunk.len() > limit {
                return Err(Error::integrity(
                    "storage.too_long",
                    format!("{} sends more than was asked", self.place()),
                )
                .hint("use another gateway"));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    fn refused(&self, what: &str, status: StatusCode, body: &str) -> Error {
        http::refused(&format!("{} {what}", self.place()), status, body)
    }

    fn malformed(&self, what: &str) -> Error {
        Error::new(ErrorKind::Storage, "storage.malformed", format!("{} gives no {what}", self.place()))
            .hint("is this the address of an Arweave gateway?")
    }

    /// Price of storing so many bytes for ever, in winston.
    pub async fn price(&self, bytes: u64) -> Result<U256> {
        let text = self.text("price", &["price", &bytes.to_string()]).await?;
        text.parse().map_err(|_| self.malformed("price"))
    }

    /// What a wallet has, in winston.
    pub async fn balance(&self, address: &str) -> Result<U256> {
        let text = self.text("balance", &["wallet", address, "balance"]).await?;
        text.parse().map_err(|_| self.malformed("balance"))
    }

    /// A block that new transactions can name.
    pub async fn anchor(&self) -> Result<Vec<u8>> {
        let anchor = self.text("tx_anchor", &["tx_anchor"]).await?;
        text::decode(&anchor).filter(|anchor| anchor.len() <= 48).ok_or_else(|| self.malformed("anchor"))
    }

    /// Whether a transaction is known.
    pub async fn standing(&self, id: &str) -> Result<Standing> {
        let answer = self.ask(|| self.client.get(self.address(&["tx", id, "status"]))).await?;
        let status = answer.status();
        let body = self.body(answer).await?;
        match status.as_u16() {
            200 if body.starts_with('{') => Ok(Standing::Mined),
            200 | 202 => Ok(Standing::Pending),
            404 => Ok(Standing::Unknown),
            _ => Err(self.refused("tx status", status, &body)),
        }
    }

    /// Data root of a transaction; `None` while the gateway does not know it.
    pub async fn data_root(&self, id: &str) -> Result<Option<String>> {
        #[derive(serde::Deserialize)]
        struct Known {
            data_root: String,
        }
        let answer = self.ask(|| self.client.get(self.address(&["tx", id]))).await?;
        if answer.status() != StatusCode::OK {
            return Ok(None);
        }
        let body = self.body(answer).await?;
        Ok(serde_json::from_str::<Known>(&body).ok().map(|known| known.data_root))
    }

    /// Posts a transaction without its data.
    pub async fn post(&self, transaction: &Transaction) -> Result<Posted> {
        let answer = self.ask(|| self.client.post(self.address(&["tx"])).json(transaction)).await?;
        let status = answer.status();
        let body = self.body(answer).await?;
        match status.as_u16() {
            // The second is for one that is known already.
            200 | 208 => Ok(Posted::Taken),
            400 => Ok(Posted::Refused(self.refused("tx", status, &body))),
            410 => Err(no_funds(format!("{} does not take the transaction: {body}", self.place()))),
            _ => Err(self.refused("tx", status, &body)),
        }
    }

    /// Posts a chunk.
    pub async fn post_chunk(&self, chunk: &Chunk) -> Result<()> {
        self.post_json("chunk", &["chunk"], chunk).await.map(|_| ())
    }

    async fn post_json(&self, what: &str, path: &[&str], json: &impl Serialize) -> Result<String> {
        let answer = self.ask(|| self.client.post(self.address(path)).json(json)).await?;
        let status = answer.status();
        let body = self.body(answer).await?;
        if status.is_success() { Ok(body) } else { Err(self.refused(what, status, &body)) }
    }

    /// Uploads of these packages, the oldest first: of one owner, or of all.
    pub async fn uploads(&self, roots: &[String], owner: Option<&str>) -> Result<Vec<Record>> {
        let mut found = Vec::new();
        let mut after = None;
        for _ in 0..MAX_PAGES {
            let variables = json!({ "roots": roots, "owners": owner.map(|owner| [owner]), "after": after });
            let question = json!({ "query": UPLOADS_QUERY, "variables": variables });
            let page = self.post_json("graphql", &["graphql"], &question).await?;
            let page: Answer = self.parse("list of uploads", &page)?;
            let page = page.data.ok_or_else(|| self.malformed("list of uploads"))?.transactions;
            // The gateway may have left the filter out.
            let own = |address: &str| owner.is_none_or(|owner| owner == address);
            let nodes = page.edges.iter().map(|edge| &edge.node).filter(|node| own(&node.owner.address));
            found.extend(nodes.filter_map(super::wire::Node::record).filter(|record| roots.contains(&record.root)));
            after = page.edges.last().map(|edge| edge.cursor.clone());
            if !page.page_info.has_next_page || after.is_none() {
                break;
            }
        }
        Ok(found)
    }

    fn parse<T: DeserializeOwned>(&self, what: &str, text: &str) -> Result<T> {
        serde_json::from_str(text).map_err(|error| self.malformed(what).caused_by(&error))
    }

    /// Bytes of an upload of `size` bytes; `None` while the gateway does not have them.
    pub async fn part(&self, id: &str, from: u64, len: u64, size: u64) -> Result<Option<Part>> {
        let range = format!("bytes={from}-{}", from + len - 1);
        let answer = self.ask(|| self.client.get(self.address(&[id])).header(header::RANGE, range.clone())).await?;
        let whole = usize::try_from(size).unwrap_or(usize::MAX);
        match answer.status().as_u16() {
            206 => {
                let bytes = self.bytes(answer, usize::try_from(len).unwrap_or(usize::MAX)).await?;
                Ok((bytes.len() as u64 == len).then_some(Part::Exact(bytes)))
            }
            200 => {
                let bytes = self.bytes(answer, whole).await?;
                Ok((bytes.len() == whole).then_some(Part::Whole(bytes)))
            }
            202 | 204 | 404 | 416 => Ok(None),
            _ => {
                let status = answer.status();
                Err(self.refused("data", status, ""))
            }
        }
    }
}

/// The error for an account that can't pay.
pub fn no_funds(message: String) -> Error {
    Error::new(ErrorKind::Storage, "storage.no_funds", message).hint("nothing was paid; top it up and run again")
}
