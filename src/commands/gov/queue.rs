//! `dgov gov queue`.

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::gov::queue;
use crate::session::Session;
use crate::ui::Outcome;

/// Queue a proposal that won its vote in the timelock
///
/// Example: dgov gov queue latest
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Proposal id, a unique beginning of it, or `latest`
    proposal: String,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    Outcome::of(&queue::queue(&session, &args.proposal, &args.tx).await?)
}
