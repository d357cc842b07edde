//! `dgov chain serve`.

use crate::context::Context;
use crate::error::Result;
use crate::ops::chain::serve;
use crate::ui::Outcome;

/// Serve the embedded chain as JSON-RPC, and the local store as a trustless gateway, on 127.0.0.1
///
/// Example: dgov chain serve --port 8545
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Port; 0 takes a free one
    #[arg(long, default_value_t = 8545)]
    port: u16,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    Outcome::of(&serve::serve(context, args.port).await?)
}
