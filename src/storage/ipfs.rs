//! An IPFS node by Kubo's RPC (docs.ipfs.tech "Kubo RPC API"), which js-ipfs speaks too: `dag/import`, `pin/add`,
//! `pin/ls`, `block/stat`, `block/get`.

#[cfg(test)]
mod ipfs_stub;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cid::Cid;
use reqwest::multipart::{Form, Part};
use serde::Deserialize;
use url::Url;

use super::backend::{Backend, Blocks, Piece, Stream, Work};
use super::http;
use crate::error::{Error, ErrorKind, Result};

/// Ask the node's own blocks alone. js-ipfs has no such thing and would wait for the network: a moment has to do.
const OWN_BLOCKS: [(&str, &str); 2] = [("offline", "true"), ("timeout", "2s")];

/// Longest block that is read.
const MAX_BLOCK: usize = 2 << 20;

/// A node.
pub struct Ipfs {
    api: Url,
    client: reqwest::Client,
    uploads: reqwest::Client,
    token: Option<String>,
    /// How long nothing may go on in an upload.
    patience: Duration,
}

/// How the node says no.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Refusal {
    message: String,
}

/// One line of the answer of `dag/import`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Imported {
    root: Option<ImportedRoot>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ImportedRoot {
    #[serde(default)]
    pin_error_msg: String,
}

/// The last line of the answer of `pin/add`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Pinned {
    pins: Vec<String>,
}

/// The answer of `id`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Identity {
    addresses: Vec<String>,
}

impl Ipfs {
    /// The node whose RPC is at `api`, e.g. `http://127.0.0.1:5001`; `token` goes into the Authorization header.
    ///
    /// # Errors
    /// `storage.url`, `storage.insecure`.
    pub fn new(api: &str, token: Option<String>) -> Result<Self> {
        let api = http::address("storage.ipfs.api", api, token.is_some())?;
        Ok(Self {
            client: http::client(&api)?,
            uploads: http::upload_client(&api)?,
            api,
            token,
            patience: http::SHARD_PATIENCE,
        })
    }

    fn request(&self, path: &str, query: &[(&str, &str)]) -> reqwest::RequestBuilder {
        self.request_by(&self.client, path, query)
    }

    fn request_by(&self, client: &reqwest::Client, path: &str, query: &[(&str, &str)]) -> reqwest::RequestBuilder {
        let mut url = self.api.clone();
        url.set_path(&format!("/api/v0/{path}"));
        url.query_pairs_mut().extend_pairs(query);
        let request = client.post(url);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// The answer's text, or what the node said instead.
    async fn ask(&self, path: &str, query: &[(&str, &str)]) -> Result<std::result::Result<String, String>> {
        let answer = self.request(path, query).send().await;
        let answer = answer.map_err(|error| http::unreachable(&self.api, &error))?;
        self.read(path, answer).await
    }

    async fn read(&self, path: &str, answer: reqwest::Response) -> Result<std::result::Result<String, String>> {
        let status = answer.status();
        let body = answer.text().await.map_err(|error| http::unreachable(&self.api, &error))?;
        if status.is_success() {
            return Ok(Ok(body));
        }
        // The node answers 500 with a message for everything that it can't do.
        match serde_json::from_str::<Refusal>(&body) {
            Ok(refusal) if status.as_u16() == 500 => Ok(Err(refusal.message)),
            _ => Err(http::refused(&format!("{} {path}", self.place()), status, &body)),
        }
    }

    /// Multiaddresses under which others reach the node.
    ///
    /// # Errors
    /// `storage.unreachable`, `storage.refused`.
    pub(super) async fn addresses(&self) -> Result<Vec<String>> {
        let body = self.ask("id", &[]).await?.map_err(|message| self.said_no("id", &message))?;
        let identity: Identity = serde_json::from_str(&body)
            .map_err(|error| self.said_no("id", "an answer that a node does not give").caused_by(&error))?;
        Ok(identity.addresses)
    }

    /// Connects the node to a peer.
    ///
    /// # Errors
    /// `storage.unreachable`, `storage.refused`.
    pub(super) async fn connect(&self, peer: &str) -> Result<()> {
        let answer = self.ask("swarm/connect", &[("arg", peer)]).await?;
        answer.map(drop).map_err(|message| self.said_no("swarm/connect", &message))
    }

    fn said_no(&self, path: &str, message: &str) -> Error {
        Error::new(ErrorKind::Storage, "storage.refused", format!("{} refused {path}: {message}", self.place()))
            .hint("run the command again; what was stored is not sent twice")
    }

    async fn import(&self, piece: &Piece, blocks: Stream) -> Result<()> {
        let failure = Arc::new(Mutex::new(None));
        let pulse = http::Pulse::start();
        let body = reqwest::Body::wrap_stream(blocks.into_car(&piece.root, pulse.clone(), Arc::clone(&failure)));
        let part = Part::stream(body).file_name("shard.car").mime_str("application/vnd.ipld.car");
        let part = part.map_err(|error| Error::bug("a media type is refused").caused_by(&error))?;
        let form = Form::new().part("path", part);
        // The header names the package's root, which is not in each shard: pinned at the end.
        let request = self.request_by(&self.uploads, "dag/import", &[("pin-roots", "false"), ("silent", "true")]);
        let request = request.multipart(form);
        let answer = tokio::select! {
            answer = request.send() => answer,
            () = pulse.stops(self.patience) => return Err(http::stalled(&self.api, self.patience)),
        };
        if let Some(error) = failure.lock().ok().and_then(|mut slot| slot.take()) {
            return Err(error);
        }
        let answer = answer.map_err(|error| http::unreachable(&self.api, &error))?;
        let body = match self.read("dag/import", answer).await? {
            Ok(body) => body,
            Err(message) => return Err(self.said_no("dag/import", &message)),
        };
        let failed = body
            .lines()
            .filter_map(|line| serde_json::from_str::<Imported>(line).ok()?.root)
            .find(|root| !root.pin_error_msg.is_empty());
        match failed {
            Some(root) => Err(self.said_no("dag/import", &root.pin_error_msg)),
            None => Ok(()),
        }
    }
}

impl Blocks for Ipfs {
    fn place(&self) -> String {
        self.api.origin().ascii_serialization()
    }

    fn block<'a>(&'a self, cid: &'a Cid) -> Work<'a, Option<Vec<u8>>> {
        Box::pin(async move {
            let text = cid.to_string();
            let request = self.request("block/get", &[&[("arg", &*text)], &OWN_BLOCKS[..]].concat());
            let answer = request.send().await.map_err(|error| http::unreachable(&self.api, &error))?;
            if answer.status().as_u16() == 500 {
                return Ok(None);
            }
            let place = format!("{} block/get", self.place());
            super::gateway::limited(answer, MAX_BLOCK, cid, &place).await.map(Some)
        })
    }
}

impl Backend for Ipfs {
    fn is_block_store(&self) -> bool {
        true
    }

    fn name(&self) -> &'static str {
        "ipfs"
    }

    fn holds<'a>(&'a self, root: &'a Cid) -> Work<'a, bool> {
        Box::pin(async move {
            let answer = self.ask("pin/ls", &[("arg", &root.to_string()), ("type", "recursive")]).await?;
            Ok(answer.is_ok())
        })
    }

    fn has_shard<'a>(&'a self, piece: &'a Piece) -> Work<'a, bool> {
        Box::pin(async move {
            // Blocks arrive in order, so that the ends speak for the shard. Both of them: one may be from an earlier version.
            for cid in [&piece.last, &piece.first] {
                let cid = cid.to_string();
                let query = [&[("arg", &*cid)], &OWN_BLOCKS[..]].concat();
                if self.ask("block/stat", &query).await?.is_err() {
                    return Ok(false);
                }
            }
            Ok(true)
        })
    }

    fn send<'a>(&'a self, piece: &'a Piece, blocks: Stream) -> Work<'a, ()> {
        Box::pin(self.import(piece, blocks))
    }

    fn finish<'a>(&'a self, root: &'a Cid, _pieces: &'a [Piece]) -> Work<'a, bool> {
        Box::pin(async move {
            let root = root.to_string();
            // Walks the whole package, telling how far it is: nothing is pinned that has a hole.
            let query = [("arg", &*root), ("recursive", "true"), ("offline", "true"), ("progress", "true")];
            let answer = match self.request("pin/add", &query).send().await {
                Ok(answer) => answer,
                // js-ipfs looks for a missing block in the network, and says nothing while it does.
                Err(error) if error.is_timeout() && !error.is_connect() => return Ok(false),
                Err(error) => return Err(http::unreachable(&self.api, &error)),
            };
            // A failure on the way breaks the answer off, or makes it fall silent.
            let told = answer.text().await.unwrap_or_default();
            Ok(told.lines().any(|line| serde_json::from_str::<Pinned>(line).is_ok_and(|line| !line.pins.is_empty())))
        })
    }
}
