//! The chain over HTTP for wallets and other programs, on loopback only.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use tokio::net::TcpListener;

use super::EmbeddedChain;
use crate::error::{Error, Result};

/// Serves JSON-RPC at `address` until `shutdown` resolves. Port 0 takes a free one; use [`bind`] and [`serve_on`] to
/// learn which.
///
/// # Errors
/// `chain.not_loopback` (usage) for an address that others could reach, `io.*` when the port can't be had.
pub async fn serve(
    chain: Arc<EmbeddedChain>,
    address: SocketAddr,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    serve_on(chain, bind(address).await?, shutdown).await
}

/// Takes the port.
///
/// # Errors
/// As [`serve`].
pub async fn bind(address: SocketAddr) -> Result<TcpListener> {
    if !address.ip().is_loopback() {
        return Err(Error::usage("chain.not_loopback", format!("{address} can be reached from other machines"))
            .hint("anybody can spend from the development accounts; serve on 127.0.0.1"));
    }
    TcpListener::bind(address).await.map_err(|error| {
        Error::local_io("io.port", format!("can't listen on {address}"))
            .caused_by(&error)
            .hint("another program may use the port; choose another one")
    })
}

/// Serves on a port taken before.
///
/// # Errors
/// `io.*`.
pub async fn serve_on(
    chain: Arc<EmbeddedChain>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    serve_with(chain, Router::new(), listener, shutdown).await
}

/// [`serve_on`] with further routes beside the chain's, open to the same clients.
///
/// # Errors
/// `io.*`.
pub async fn serve_with(
    chain: Arc<EmbeddedChain>,
    others: Router,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let routes = Router::new().route("/", post(answer)).with_state(chain).merge(others).layer(from_fn(local_only));
    axum::serve(listener, routes).with_graceful_shutdown(shutdown).await.map_err(Error::from)
}

async fn local_only(request: Request, next: Next) -> Response {
    if is_local(request.headers()) {
        return next.run(request).await;
    }
    (StatusCode::FORBIDDEN, "this server answers to its loopback name only\n").into_response()
}

async fn answer(State(chain): State<Arc<EmbeddedChain>>, headers: HeaderMap, body: Bytes) -> Response {
    if !is_json(&headers) {
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, "content-type must be application/json\n").into_response();
    }
    match tokio::task::spawn_blocking(move || chain.answer_text(&body)).await {
        Ok(Some(answer)) => axum::Json(answer).into_response(),
        Ok(None) => StatusCode::NO_CONTENT.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// A page of another site can point its own name at 127.0.0.1; its requests still carry that name.
fn is_local(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST).and_then(|host| host.to_str().ok()) else { return false };
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Browsers let any page post text; JSON needs a permission that this server never gives.
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}
