//! `dgov chain serve`.

use crate::context::Context;
use crate::error::Result;
use crate::ops::chain::serve;
use crate::ui::{Outcome, output};

/// Serve the embedded chain as JSON-RPC, and the local store as a trustless gateway, on 127.0.0.1
///
/// Runs until Ctrl-C. With --json the first line of standard output is an object with the `url`.
///
/// Example: dgov chain serve --port 8545
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Port; 0 takes a free one
    #[arg(long, default_value_t = 8545)]
    port: u16,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let ready = |serving: &serve::Serving| {
        context.ui.notice(format!("serving chain {} on {}, ctrl-c stops", serving.chain_id, serving.url));
        if context.ui.json() { output::line(serving) } else { Ok(()) }
    };
    serve::serve(context, args.port, ready).await?;
    Ok(Outcome::raw(String::new()))
}
