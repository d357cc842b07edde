//! `dgov gov vote`.

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::gov::vote;
use crate::session::Session;
use crate::ui::Outcome;

/// Vote on a proposal
///
/// Example: dgov gov vote latest yes --reason "fair price"
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Proposal id, a unique beginning of it, or `latest`
    proposal: String,
    /// The vote
    vote: vote::Choice,
    /// A reason, recorded on chain
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    Outcome::of(&vote::vote(&session, &args.proposal, args.vote, args.reason.as_deref(), &args.tx).await?)
}
