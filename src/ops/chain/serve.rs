//! `dgov chain serve`.

use std::future::poll_fn;
use std::net::{Ipv4Addr, SocketAddr};
use std::task::Poll;

use serde::Serialize;

use super::place;
use crate::chain::embedded::server::{bind, serve_with};
use crate::chain::embedded::{CHAIN_ID, EmbeddedChain};
use crate::context::Context;
use crate::error::Result;
use crate::storage;

/// Where the server answers.
#[derive(Debug, Serialize)]
pub struct Serving {
    /// JSON-RPC at the root, blocks below `/ipfs/`.
    pub url: String,
    /// EIP-155 id.
    pub chain_id: u64,
    /// Network name.
    pub network: String,
}

/// Serves the embedded chain as JSON-RPC and the project's local store as a trustless gateway on 127.0.0.1, until
/// Ctrl-C. `ready` is called once the port is taken.
///
/// # Errors
/// `chain.not_embedded` (usage), `io.port` when the port can't be had, those of the chain's state.
pub async fn serve(context: &Context, port: u16, ready: impl FnOnce(&Serving) -> Result<()>) -> Result<()> {
    let place = place(context)?;
    let chain = EmbeddedChain::open(&place.directory)?;
    let listener = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
    let address = listener.local_addr()?;
    let mut interrupt = Box::pin(tokio::signal::ctrl_c());
    // Looked at once before anybody is told of the server: only then is the signal caught.
    let stopped_already = poll_fn(|cx| Poll::Ready(interrupt.as_mut().poll(cx).is_ready())).await;
    if stopped_already {
        return Ok(());
    }
    ready(&Serving { url: format!("http://{address}"), chain_id: CHAIN_ID, network: place.network.name })?;
    let blocks = storage::server::routes(place.loaded.state_dir().join("store"));
    let stopped = async {
        // Without the signal there is no other end than being killed, which loses nothing.
        if interrupt.await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    serve_with(chain, blocks, listener, stopped).await
}
