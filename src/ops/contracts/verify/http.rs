//! Asking a verification service: bounded answers, a few tries where it is busy, no key in any message.

use std::time::Duration;

use reqwest::{RequestBuilder, StatusCode};
use serde_json::Value;
use url::Url;

use crate::chain::networks::is_loopback;
use crate::error::{Error, ErrorKind, Result};

/// Longest answer that is read.
const ANSWER_LIMIT: usize = 4 << 20;
const TIMEOUT: Duration = Duration::from_secs(60);
/// How often a busy service is asked.
const TRIES: u32 = 4;
/// Longest pause that a service may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What a service said.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    /// Null where the answer is no JSON.
    pub(super) body: Value,
}

impl Answer {
    /// A text of the answer.
    pub(super) fn text(&self, key: &str) -> &str {
        self.body[key].as_str().unwrap_or_default()
    }
}

/// A service at an address.
pub(super) struct Client {
    http: reqwest::Client,
    url: Url,
    /// Pause between two questions about the same work.
    pub(super) poll: Duration,
}

impl Client {
    pub(super) fn new(url: Url) -> Result<Self> {
        let mut http =
            reqwest::Client::builder().timeout(TIMEOUT).user_agent(concat!("dgov/", env!("CARGO_PKG_VERSION")));
        let near = is_loopback(&url);
        if near {
            // A system proxy can't reach this machine's loopback.
            http = http.no_proxy();
        }
        let http = http.build().map_err(|error| Error::bug("no HTTP client").caused_by(&error))?;
        Ok(Self { http, url, poll: Duration::from_millis(if near { 25 } else { 3_000 }) })
    }

    /// The service's address for messages: without what may be a key.
    pub(super) fn name(&self) -> String {
        let mut url = self.url.clone();
        url.set_query(None);
        url.to_string().trim_end_matches('/').to_owned()
    }

    /// The address of something below the service's.
    pub(super) fn at(&self, path: &[&str]) -> Url {
        let mut url = self.url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    pub(super) fn get(&self, url: Url) -> RequestBuilder {
        self.http.get(url)
    }

    pub(super) fn post(&self, url: Url) -> RequestBuilder {
        self.http.post(url)
    }

    /// Sends a request, again after a pause while `busy` says that the service wants one.
    ///
    /// # Errors
    /// Storage: `verify.unreachable`, `verify.rate_limit`.
    pub(super) async fn ask(&self, request: RequestBuilder, busy: impl Fn(&Answer) -> bool) -> Result<Answer> {
        let mut pause = self.poll;
        for _ in 0..TRIES {
            let again = request.try_clone().ok_or_else(|| Error::bug("a request can't be sent twice"))?;
            let answer = again.send().await.map_err(|error| self.unreachable(error))?;
            let asked = answer.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
            let answer = self.read(answer).await?;
            if answer.status.is_server_error() {
                let message = format!("{} fails: {}", self.name(), answer.status);
                return Err(Error::new(ErrorKind::Storage, "verify.unreachable", message)
                    .hint("the service is down; run the same command again later"));
            }
            if answer.status != StatusCode::TOO_MANY_REQUESTS && !busy(&answer) {
                return Ok(answer);
            }
            tokio::time::sleep(asked.map_or(pause, Duration::from_secs).min(LONGEST_PAUSE)).await;
            pause *= 2;
        }
        Err(Error::new(ErrorKind::Storage, "verify.rate_limit", format!("{} wants fewer requests", self.name()))
            .hint("run the same command again in some minutes: what is published already is not sent again"))
    }

    async fn read(&self, mut answer: reqwest::Response) -> Result<Answer> {
        let status = answer.status();
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| self.unreachable(error))? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > ANSWER_LIMIT {
                let message = format!("{} sends more than {ANSWER_LIMIT} bytes", self.name());
                return Err(Error::new(ErrorKind::Storage, "verify.refused", message)
                    .hint("is this the address of a verification service? see --url"));
            }
        }
        Ok(Answer { status, body: serde_json::from_slice(&bytes).unwrap_or_default() })
    }

    fn unreachable(&self, error: reqwest::Error) -> Error {
        Error::new(ErrorKind::Storage, "verify.unreachable", format!("{} does not answer", self.name()))
            // The address may hold a key.
            .caused_by(&error.without_url())
            .hint("check --url and the connection; run the same command again")
    }
}
