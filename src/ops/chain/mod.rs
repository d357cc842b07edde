//! `dgov chain`: the embedded chain of a project as something to move, empty and serve.

pub mod advance;
pub mod reset;
pub mod serve;

use camino::Utf8PathBuf;

use crate::chain::networks::{Endpoint, Network};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::manifest::Loaded;
use crate::session::resolve_network;

/// The chosen network's embedded chain, not opened yet.
struct Place {
    loaded: Loaded,
    network: Network,
    directory: Utf8PathBuf,
}

/// Where the embedded chain of the chosen network is.
///
/// # Errors
/// `chain.not_embedded` (usage) when the network is a node, which is not ours to move; those of the manifest.
fn place(context: &Context) -> Result<Place> {
    let loaded = context.manifest()?;
    let network = resolve_network(&loaded)?;
    if network.endpoint != Endpoint::Embedded {
        return Err(Error::usage(
            "chain.not_embedded",
            format!("network `{}` is a node, not the embedded chain", network.name),
        )
        .hint(
            "choose an embedded network with --network; a development node has its own way (evm_increaseTime, restart)",
        ));
    }
    let directory = loaded.state_dir().join("chain");
    Ok(Place { loaded, network, directory })
}
