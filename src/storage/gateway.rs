//! Reading blocks from a trustless gateway (`GET /ipfs/<cid>?format=raw`, specs.ipfs.tech "Trustless Gateway").

use std::time::Duration;

use cid::Cid;
use url::Url;

use crate::chain::networks::is_loopback;
use crate::error::{Error, ErrorKind, Result};

/// Blocks that dgov writes are at most 1 MiB; interior nodes of others stay below 2 MiB.
const MAX_BLOCK: u64 = 2 << 20;
const TIMEOUT: Duration = Duration::from_secs(30);

/// A gateway that answers single blocks.
pub struct Gateway {
    url: Url,
    client: reqwest::Client,
}

impl Gateway {
    /// A gateway at this address, e.g. `http://127.0.0.1:8545`.
    pub fn new(url: Url) -> Result<Self> {
        let mut client =
            reqwest::Client::builder().timeout(TIMEOUT).user_agent(concat!("dgov/", env!("CARGO_PKG_VERSION")));
        if is_loopback(&url) {
            // A system proxy can't reach this machine's loopback.
            client = client.no_proxy();
        }
        let client = client.build().map_err(|error| Error::bug("no HTTP client").caused_by(&error))?;
        Ok(Self { url, client })
    }

    /// Its address.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The answer's bytes, not yet checked; `None` for 404. Longer than any block is an error, not a download.
    pub(super) async fn get(&self, cid: &Cid) -> Result<Option<Vec<u8>>> {
        let mut url = self.url.clone();
        url.set_path(&format!("/ipfs/{cid}"));
        url.set_query(Some("format=raw"));
        let unreachable = |error: reqwest::Error| {
            Error::new(ErrorKind::Storage, "storage.unreachable", format!("{} does not answer", self.url))
                .caused_by(&error)
                .hint("is the gateway running, and is the address right?")
        };
        let mut answer = self.client.get(url).send().await.map_err(unreachable)?;
        if answer.status() == reqwest::StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let mut answer_ok = answer.error_for_status_ref().map(|_| ()).map_err(unreachable);
        let mut bytes = Vec::new();
        while answer_ok.is_ok() {
            match answer.chunk().await {
                Ok(Some(chunk)) if (bytes.len() + chunk.len()) as u64 > MAX_BLOCK => {
                    return Err(Error::integrity(
                        "storage.block_too_long",
                        format!("{} sends more than {MAX_BLOCK} bytes for {cid}", self.url),
                    ));
                }
                Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(error) => answer_ok = Err(unreachable(error)),
            }
        }
        answer_ok.map(|()| Some(bytes))
    }
}
