//! `dgov gov cancel`.

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::gov::cancel;
use crate::session::Session;
use crate::ui::Outcome;

/// Cancel a proposal: its proposer before the vote, the guardian until its sunset
///
/// Example: dgov gov cancel latest
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Proposal id, a unique beginning of it, or `latest`
    proposal: String,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    Outcome::of(&cancel::cancel(&session, &args.proposal, &args.tx).await?)
}
