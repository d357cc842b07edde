//! Reading blocks from a trustless gateway (`GET /ipfs/<cid>?format=raw`, specs.ipfs.tech "Trustless Gateway").

use cid::Cid;
use url::Url;

use super::backend::{Blocks, Work};
use super::http;
use crate::error::{Error, Result};

/// Blocks that dgov writes are at most 1 MiB; interior nodes of others stay below 2 MiB.
const MAX_BLOCK: usize = 2 << 20;

/// A gateway that answers single blocks.
pub struct Gateway {
    url: Url,
    client: reqwest::Client,
}

impl Gateway {
    /// A gateway at this address, e.g. `http://127.0.0.1:8545`.
    pub fn new(url: Url) -> Result<Self> {
        Ok(Self { client: http::client(&url)?, url })
    }

    async fn get(&self, cid: &Cid) -> Result<Option<Vec<u8>>> {
        let mut url = self.url.clone();
        url.set_path(&format!("/ipfs/{cid}"));
        url.set_query(Some("format=raw"));
        let answer = self.client.get(url).send().await.map_err(|error| http::unreachable(&self.url, &error))?;
        if answer.status() == reqwest::StatusCode::NOT_FOUND {
            return Ok(None);
        }
        limited(answer, MAX_BLOCK, cid, self.url.as_str()).await.map(Some)
    }
}

impl Blocks for Gateway {
    fn place(&self) -> String {
        self.url.to_string()
    }

    fn block<'a>(&'a self, cid: &'a Cid) -> Work<'a, Option<Vec<u8>>> {
        Box::pin(self.get(cid))
    }
}

/// The answer's bytes; longer than any block is an error, not a download.
///
/// # Errors
/// `storage.block_too_long` (integrity), `storage.unreachable`, `storage.refused`.
pub(super) async fn limited(mut answer: reqwest::Response, limit: usize, cid: &Cid, place: &str) -> Result<Vec<u8>> {
    let url = answer.url().clone();
    let status = answer.status();
    if !status.is_success() {
        return Err(http::refused(place, status, ""));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| http::unreachable(&url, &error))? {
        if bytes.len() + chunk.len() > limit {
            return Err(Error::integrity(
                "storage.block_too_long",
                format!("{place} sends more than {limit} bytes for {cid}"),
            ));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
