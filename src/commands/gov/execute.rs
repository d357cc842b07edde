//! `dgov gov execute`.

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::gov::execute;
use crate::session::Session;
use crate::ui::Outcome;

/// Execute a queued proposal whose delay has passed
///
/// Example: dgov gov execute latest
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Proposal id, a unique beginning of it, or `latest`
    proposal: String,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    Outcome::of(&execute::execute(&session, &args.proposal, &args.tx).await?)
}
