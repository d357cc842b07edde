//! What all clients of storage services share.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use url::Url;

use crate::chain::networks::is_loopback;
use crate::error::{Error, ErrorKind, Result};

/// How long a connection may take, and how long an answer may pause.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How long some megabytes may be on their way, and the service think about them.
pub const PART_PATIENCE: Duration = Duration::from_secs(15 * 60);

/// How long a service may take nothing of a shard, or think about it before it answers.
pub const SHARD_PATIENCE: Duration = Duration::from_secs(120);

/// Most redirects that are followed for one request.
const MAX_REDIRECTS: usize = 3;

/// A client for one service, for short requests: silence is an error.
pub fn client(url: &Url) -> Result<reqwest::Client> {
    build(url, reqwest::Client::builder().read_timeout(PATIENCE))
}

/// A client for bodies that take long: reqwest counts the silence before an answer from the start of the request, so that
/// every request needs a limit of its own, or a [`Pulse`].
pub fn upload_client(url: &Url) -> Result<reqwest::Client> {
    build(url, reqwest::Client::builder())
}

/// A client for bodies of some megabytes.
pub fn part_client(url: &Url) -> Result<reqwest::Client> {
    build(url, reqwest::Client::builder().read_timeout(PART_PATIENCE))
}

fn build(url: &Url, client: reqwest::ClientBuilder) -> Result<reqwest::Client> {
    let mut client =
        client.connect_timeout(PATIENCE).redirect(redirects()).user_agent(concat!("dgov/", env!("CARGO_PKG_VERSION")));
    if is_loopback(url) {
        // A system proxy can't reach this machine's loopback.
        client = client.no_proxy();
    }
    client.build().map_err(|error| Error::bug("no HTTP client").caused_by(&error))
}

/// When something last went on with an upload.
#[derive(Clone)]
pub struct Pulse(Arc<Mutex<Instant>>);

impl Pulse {
    /// Starts now.
    pub fn start() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    /// Something goes on.
    pub fn beat(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Returns when nothing went on for this long.
    pub async fn stops(&self, limit: Duration) {
        loop {
            let quiet = self.0.lock().unwrap_or_else(PoisonError::into_inner).elapsed();
            match limit.checked_sub(quiet) {
                Some(rest) => tokio::time::sleep(rest).await,
                None => return,
            }
        }
    }
}

/// A path below an address, whose own path is kept.
pub fn join(base: &Url, path: &[&str]) -> Url {
    let mut url = base.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    url
}

/// Gateways send to a host of the CID's own, over one or two steps. Nobody is sent from https to plain text, nor from a
/// public host to a service of this machine; what is not HTTP is refused by the client itself.
fn redirects() -> reqwest::redirect::Policy {
    reqwest::redirect::Policy::custom(|attempt| {
        let (from, to) = (attempt.previous().last(), attempt.url());
        let downgrade = from.is_some_and(|from| from.scheme() == "https" && to.scheme() != "https");
        let inwards = from.is_some_and(|from| !is_loopback(from)) && is_loopback(to);
        if downgrade || inwards {
            attempt.error("a redirect that is not followed")
        } else if attempt.previous().len() > MAX_REDIRECTS {
            attempt.error("too many redirects")
        } else {
            attempt.follow()
        }
    })
}

/// An address from the manifest. A token goes only where nobody on the way can read it.
pub fn address(key: &'static str, text: &str, secret: bool) -> Result<Url> {
    let url = Url::parse(text).map_err(|error| {
        Error::input("storage.url", format!("`{key}` is not a URL: {text}"))
            .caused_by(&error)
            .hint("write e.g. http://127.0.0.1:5001")
    })?;
    if secret && url.scheme() != "https" && !is_loopback(&url) {
        return Err(Error::input("storage.insecure", format!("`{key}` would send a token over {}", url.scheme()))
            .hint("use https, or a service on this machine"));
    }
    Ok(url)
}

/// The error for a service that does not answer, or breaks off.
pub fn unreachable(url: &Url, error: &reqwest::Error) -> Error {
    let place = url.host_str().map_or_else(|| url.to_string(), |_| url.origin().ascii_serialization());
    Error::new(ErrorKind::Storage, "storage.unreachable", format!("{place} does not answer"))
        .caused_by(error)
        .hint("is the service running, and is its address right?")
}

/// The error for an answer that says no.
pub fn refused(what: &str, status: reqwest::StatusCode, body: &str) -> Error {
    let said: String = body.trim().chars().take(300).collect();
    let error = Error::new(ErrorKind::Storage, "storage.refused", format!("{what} answered {status}: {said}"));
    match status.as_u16() {
        401 | 403 => error.hint("check the token or the credentials"),
        413 | 507 => error.hint("the service has no room for it"),
        429 => error.hint("the service asks to slow down; run the command again later, it goes on where it was"),
        _ => error.hint("run the command again; what was stored is not sent twice"),
    }
}

/// The error for a service that takes nothing more.
pub fn stalled(url: &Url, limit: Duration) -> Error {
    let place = url.origin().ascii_serialization();
    Error::new(ErrorKind::Storage, "storage.stalled", format!("{place} took nothing for {} s", limit.as_secs()))
        .hint("look whether the service is well; run the command again: what was stored is not sent twice")
}
