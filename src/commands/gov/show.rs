//! `dgov gov show`.

use crate::context::Context;
use crate::error::Result;
use crate::ops::gov::show;
use crate::session::Session;
use crate::ui::Outcome;

/// Show a proposal: text, decoded calls, votes, times
///
/// Example: dgov gov show latest
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Proposal id, a unique beginning of it, or `latest`
    proposal: String,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open(context).await?;
    Outcome::of(&show::show(&session, &args.proposal).await?)
}
