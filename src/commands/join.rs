//! `dgov join`.

use crate::context::Context;
use crate::error::Result;
use crate::ops::join;
use crate::ui::Outcome;
use camino::Utf8PathBuf;
use url::Url;

/// Start as a contributor, buyer or member of a project that others run
///
/// Needs only the registry's address. Everything is read from the chain and from storage, and checked.
///
/// Example: dgov join eip155:31337:0x5FbDB2315678afecb367f032d93F642f64180aa3 --rpc-url http://127.0.0.1:8545
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The project: eip155:CHAIN:REGISTRY
    project: String,
    /// JSON-RPC endpoint of the chain; not needed for chains that dgov knows when DGOV_RPC_URL is set
    #[arg(long, value_name = "URL", env = crate::env_vars::DGOV_RPC_URL)]
    rpc_url: Url,
    /// Where to read documents and data: a folder with a content store, or the URL of a trustless gateway; repeatable
    #[arg(long = "source", value_name = "PATH|URL")]
    sources: Vec<String>,
    /// Folder to set up
    #[arg(long, default_value = ".", value_name = "DIR")]
    dir: Utf8PathBuf,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let options =
        join::Options { project: &args.project, rpc_url: &args.rpc_url, sources: &args.sources, dir: &args.dir };
    Outcome::of(&join::join(context, &options).await?)
}
