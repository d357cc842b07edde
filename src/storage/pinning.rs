//! Pinning services (ipfs.github.io/pinning-services-api-spec, version 1.0.0). They are sent a CID, not bytes: an IPFS node
//! that holds the package is named as origin, and the service fetches the blocks from there.

#[cfg(test)]
mod pinning_stub;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use cid::Cid;
use reqwest::StatusCode;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use url::Url;

use super::backend::{Backend, Blocks, Piece, Stream, Work};
use super::journal::Journal;
use super::{Ipfs, http};
use crate::env_vars::DGOV_PINNING_TOKEN;
use crate::error::{Error, ErrorKind, Result};

const NAME: &str = "pinning";
/// Origins that a request may name.
const MAX_ORIGINS: usize = 20;
/// Between two questions about a request: doubles from the first to the second.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LAST_PAUSE: Duration = Duration::from_secs(15);

/// A pinning service, and the node that it fetches from.
pub struct Pinning {
    endpoint: Url,
    token: Option<String>,
    client: reqwest::Client,
    node: Ipfs,
    journal: Journal,
    patience: Duration,
}

/// What is asked for.
#[derive(Debug, Serialize, Deserialize)]
struct Pin {
    cid: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default)]
    origins: Vec<String>,
    #[serde(default)]
    meta: BTreeMap<String, String>,
}

/// How far a request is.
#[derive(Debug, Deserialize)]
struct PinStatus {
    requestid: String,
    status: Status,
    pin: Pin,
    #[serde(default)]
    delegates: Vec<String>,
    #[serde(default)]
    info: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Queued,
    Pinning,
    Pinned,
    Failed,
}

#[derive(Deserialize)]
struct PinResults {
    results: Vec<PinStatus>,
}

/// How a service says no.
#[derive(Deserialize)]
struct Failure {
    error: Reason,
}

#[derive(Deserialize)]
struct Reason {
    reason: String,
    #[serde(default)]
    details: String,
}

impl Pinning {
    /// The service at `endpoint`, which fetches from `node`. Requests that are still waiting are kept in `journal`; a
    /// command waits for `patience`.
    ///
    /// # Errors
    /// `storage.url`, `storage.insecure`.
    pub fn new(
        endpoint: &str,
        token: Option<String>,
        node: Ipfs,
        journal: Journal,
        patience: Duration,
    ) -> Result<Self> {
        let endpoint = http::address("storage.pinning.endpoint", endpoint, token.is_some())?;
        Ok(Self { client: http::client(&endpoint)?, endpoint, token, node, journal, patience })
    }

    fn request(&self, method: reqwest::Method, path: &[&str], query: &[(&str, &str)]) -> reqwest::RequestBuilder {
        let mut url = self.endpoint.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = self.client.request(method, url);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// The answer; `None` when the service does not know what was asked for.
    async fn ask<T: serde::de::DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> Result<Option<T>> {
        let answer = request.send().await.map_err(|error| http::unreachable(&self.endpoint, &error))?;
        let status = answer.status();
        let body = answer.text().await.map_err(|error| http::unreachable(&self.endpoint, &error))?;
        if status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        if !status.is_success() {
            return Err(self.refused(status, &body));
        }
        serde_json::from_str(&body).map(Some).map_err(|error| {
            let message = format!("{} does not answer as a pinning service does", self.place());
            Error::new(ErrorKind::Storage, "storage.answer", message)
                .caused_by(&error)
                .hint("check `endpoint` in [storage.pinning]; it is the address before /pins")
        })
    }

    fn refused(&self, status: StatusCode, body: &str) -> Error {
        let said = match serde_json::from_str::<Failure>(body) {
            Ok(Failure { error }) => format!("{} {}", error.reason, error.details),
            Err(_) => body.to_owned(),
        };
        let error = http::refused(&self.place(), status, &said);
        match status.as_u16() {
            401 if self.token.is_none() => error.hint(format!("set {DGOV_PINNING_TOKEN}")),
            409 => error.hint("the account at the service has no funds or no room left"),
            _ => error,
        }
    }

    async fn pinned(&self, root: &Cid) -> Result<bool> {
        let query = [("cid", &*root.to_string()), ("status", "pinned")];
        let found = self.ask::<PinResults>(self.request(reqwest::Method::GET, &["pins"], &query)).await?;
        Ok(found.is_some_and(|found| found.results.iter().any(|pin| pin.is_of(root) && pin.status == Status::Pinned)))
    }

    /// The request of an earlier command while it is under way or done; a new one else.
    async fn begin(&self, root: &Cid) -> Result<PinStatus> {
        if let Some(id) = self.journal.get(NAME, &root.to_string())?
            && let Some(status) = self.status(&id).await?
            && status.status != Status::Failed
        {
            return Ok(status);
        }
        let origins = self.node.addresses().await?.into_iter().filter(|at| is_routable(at)).take(MAX_ORIGINS);
        let pin = Pin {
            cid: root.to_string(),
            name: Some(format!("dgov {root}")),
            origins: origins.collect(),
            meta: BTreeMap::from([("app".to_owned(), "dgov".to_owned())]),
        };
        let request = self.request(reqwest::Method::POST, &["pins"], &[]).json(&pin);
        let status = self.ask::<PinStatus>(request).await?.ok_or_else(|| self.refused(StatusCode::NOT_FOUND, ""))?;
        self.journal.put(NAME, &root.to_string(), &status.requestid)?;
        // Where the service has named peers, the transfer starts sooner when they are connected; it finds the node without.
        for delegate in &status.delegates {
            let _ = self.node.connect(delegate).await;
        }
        Ok(status)
    }

    async fn status(&self, id: &str) -> Result<Option<PinStatus>> {
        self.ask(self.request(reqwest::Method::GET, &["pins", id], &[])).await
    }

    async fn pin(&self, root: &Cid) -> Result<bool> {
        let end = Instant::now() + self.patience;
        let mut pause = FIRST_PAUSE;
        let mut request = self.begin(root).await?;
        loop {
            if !request.is_of(root) {
                let message = format!("{} took {root} and speaks of {}", self.place(), request.pin.cid);
                return Err(Error::integrity("storage.pin_differs", message).hint("do not rely on this service"));
            }
            match request.status {
                Status::Pinned => return Ok(true),
                Status::Failed => return Err(self.failed(&request)),
                Status::Queued | Status::Pinning if Instant::now() + pause > end => return Err(self.waiting(&request)),
                Status::Queued | Status::Pinning => tokio::time::sleep(pause).await,
            }
            pause = LAST_PAUSE.min(pause * 2);
            let id = request.requestid.clone();
            request = self.status(&id).await?.ok_or_else(|| self.refused(StatusCode::NOT_FOUND, &id))?;
        }
    }

    fn failed(&self, request: &PinStatus) -> Error {
        let details = request.info.get("status_details").map_or("no reason given", String::as_str);
        let message = format!("{} could not pin {}: {details}", self.place(), request.pin.cid);
        Error::new(ErrorKind::Storage, "storage.pin_failed", message)
            .hint("can the service reach the IPFS node? Run the command again for a new request")
    }

    fn waiting(&self, request: &PinStatus) -> Error {
        let message = format!(
            "{} has not pinned {} within {} s (request {})",
            self.place(),
            request.pin.cid,
            self.patience.as_secs(),
            request.requestid
        );
        Error::new(ErrorKind::Storage, "storage.pin_waiting", message)
            .hint("run the command again later: it asks about the same request; keep the IPFS node running until then")
    }
}

impl PinStatus {
    fn is_of(&self, root: &Cid) -> bool {
        self.pin.cid.parse::<Cid>().is_ok_and(|cid| cid.hash() == root.hash() && cid.codec() == root.codec())
    }
}

/// Whether others can reach this multiaddress.
fn is_routable(address: &str) -> bool {
    !["/ip4/127.", "/ip6/::1/", "/ip4/0.0.0.0/"].iter().any(|local| address.starts_with(local))
}

impl Blocks for Pinning {
    fn place(&self) -> String {
        self.endpoint.origin().ascii_serialization()
    }

    /// Never: the interface has no way to read.
    fn block<'a>(&'a self, _cid: &'a Cid) -> Work<'a, Option<Vec<u8>>> {
        Box::pin(async { Ok(None) })
    }
}

impl Backend for Pinning {
    fn name(&self) -> &'static str {
        NAME
    }

    fn holds<'a>(&'a self, root: &'a Cid) -> Work<'a, bool> {
        Box::pin(self.pinned(root))
    }

    fn is_second(&self) -> bool {
        true
    }

    /// Always: bytes come from the node, to which they were sent before.
    fn has_shard<'a>(&'a self, _piece: &'a Piece) -> Work<'a, bool> {
        Box::pin(async { Ok(true) })
    }

    fn send<'a>(&'a self, _piece: &'a Piece, _blocks: Stream) -> Work<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn finish<'a>(&'a self, root: &'a Cid, _pieces: &'a [Piece]) -> Work<'a, bool> {
        Box::pin(self.pin(root))
    }
}
