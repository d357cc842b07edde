//! What all clients of storage services share.

use std::time::Duration;

use url::Url;

use crate::chain::networks::is_loopback;
use crate::error::{Error, ErrorKind, Result};

/// How long a connection may take, and how long an answer may pause.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long an upload may take to be answered: [`reqwest`] counts from its first byte, not its last.
const UPLOAD_PATIENCE: Duration = Duration::from_secs(15 * 60);

/// A client for one service. Uploads may take as long as they go on; only silence is an error.
pub fn client(url: &Url) -> Result<reqwest::Client> {
    build(url, PATIENCE)
}

/// A client for requests with long bodies.
pub fn uploader(url: &Url) -> Result<reqwest::Client> {
    build(url, UPLOAD_PATIENCE)
}

fn build(url: &Url, patience: Duration) -> Result<reqwest::Client> {
    let mut client = reqwest::Client::builder()
        .connect_timeout(PATIENCE)
        .read_timeout(patience)
        .user_agent(concat!("dgov/", env!("CARGO_PKG_VERSION")));
    if is_loopback(url) {
        // A system proxy can't reach this machine's loopback.
        client = client.no_proxy();
    }
    client.build().map_err(|error| Error::bug("no HTTP client").caused_by(&error))
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
