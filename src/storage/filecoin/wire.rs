//! Requests to the service, and its answers.

use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::Url;

use crate::env_vars::DGOV_FILECOIN_TOKEN;
use crate::error::{Error, ErrorKind, Result};
use crate::storage::http;

/// A data set, as far as it matters here.
#[derive(Deserialize)]
pub(super) struct DataSet {
    #[serde(default)]
    pub pieces: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    pub piece_cid: String,
}

/// How far a change of a data set is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Added {
    pub tx_status: TxStatus,
    pub pieces_added: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum TxStatus {
    Pending,
    Confirmed,
    Rejected,
}

pub(super) struct Service {
    url: Url,
    token: Option<String>,
    client: reqwest::Client,
    uploads: reqwest::Client,
}

impl Service {
    pub fn new(address: &str, token: Option<String>) -> Result<Self> {
        let url = http::address("storage.filecoin.service", address, token.is_some())?;
        Ok(Self { client: http::client(&url)?, uploads: http::upload_client(&url)?, url, token })
    }

    pub fn place(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// What is at a path; `None` when the service does not know it.
    pub async fn find<T: DeserializeOwned>(&self, path: &[&str]) -> Result<Option<T>> {
        let answer = self.send(self.request(&self.client, Method::GET, path, &[])).await?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let body = self.accepted(answer).await?;
        let body = body.text().await.map_err(|error| http::unreachable(&self.url, &error))?;
        serde_json::from_str(&body)
            .map(Some)
            .map_err(|error| self.strange("an answer of another form").caused_by(&error))
    }

    /// Whether a piece is stored and ready for a data set.
    pub async fn has_piece(&self, cid: &str) -> Result<bool> {
        let request = self.request(&self.client, Method::GET, &["pdp", "piece"], &[("pieceCid", cid)]);
        let answer = self.send(request).await?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(false);
        }
        self.accepted(answer).await.map(|_| true)
    }

    /// The id of a new upload.
    pub async fn begin_upload(&self) -> Result<String> {
        let answer = self.send(self.request(&self.client, Method::POST, &["pdp", "piece", "uploads"], &[])).await?;
        self.location(&self.accepted(answer).await?)
    }

    /// Uploads for as long as there is a pulse.
    pub async fn put(&self, upload: &str, body: reqwest::Body, pulse: &http::Pulse) -> Result<()> {
        let request = self.request(&self.uploads, Method::PUT, &["pdp", "piece", "uploads", upload], &[]);
        let request = request.header("content-type", "application/octet-stream").body(body);
        let answer = tokio::select! {
            answer = self.send(request) => answer?,
            () = pulse.stops(http::SHARD_PATIENCE) => return Err(http::stalled(&self.url, http::SHARD_PATIENCE)),
        };
        self.accepted(answer).await.map(drop)
    }

    /// Says what was uploaded; the service compares it with what it got.
    pub async fn finish_upload(&self, upload: &str, cid: &str) -> Result<()> {
        // The service may read the whole piece before it answers.
        let request = self.request(&self.uploads, Method::POST, &["pdp", "piece", "uploads", upload], &[]);
        let request = request.timeout(http::PART_PATIENCE);
        let answer = self.send(request.json(&json!({ "pieceCid": cid }))).await?;
        self.accepted(answer).await.map(drop)
    }

    /// The hash of the transaction that adds pieces.
    pub async fn add_pieces(&self, data_set: u64, body: &Value) -> Result<String> {
        let path = ["pdp", "data-sets", &data_set.to_string(), "pieces"];
        let answer = self.send(self.request(&self.client, Method::POST, &path, &[]).json(body)).await?;
        self.location(&self.accepted(answer).await?)
    }

    fn request(
        &self,
        client: &reqwest::Client,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> reqwest::RequestBuilder {
        let mut url = self.url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = client.request(method, url);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<reqwest::Response> {
        request.send().await.map_err(|error| http::unreachable(&self.url, &error))
    }

    async fn accepted(&self, answer: reqwest::Response) -> Result<reqwest::Response> {
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let body = answer.text().await.unwrap_or_default();
        let error = http::refused(&self.place(), status, &body);
        Err(if status == StatusCode::UNAUTHORIZED && self.token.is_none() {
            error.hint(format!("set {DGOV_FILECOIN_TOKEN}"))
        } else {
            error
        })
    }

    /// The last part of the address that an answer points to. Only that: requests go to the service of the manifest.
    fn location(&self, answer: &reqwest::Response) -> Result<String> {
        let location = answer.headers().get("location").and_then(|value| value.to_str().ok());
        let id = location.and_then(|location| location.rsplit('/').next()).filter(|id| {
            !id.is_empty() && id.len() <= 128 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        });
        id.map(str::to_owned).ok_or_else(|| self.strange("an answer that points nowhere"))
    }

    fn strange(&self, what: &str) -> Error {
        Error::new(ErrorKind::Storage, "storage.answer", format!("{} gave {what}", self.place()))
            .hint("check `service` in [storage.filecoin]; it is the address before /pdp")
    }
}
