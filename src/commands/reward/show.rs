//! `dgov reward show`.

use crate::context::Context;
use crate::error::Result;
use crate::ops::reward::show;
use crate::session::Session;
use crate::ui::Outcome;

/// Show reward rounds, and what an account gets of each
///
/// Example: dgov reward show --for dev1
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only this round
    round: Option<u64>,
    /// Account to show the reward of; --from's account when left out
    #[arg(long = "for", value_name = "ACCOUNT")]
    account: Option<String>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open(context).await?;
    Outcome::of(&show::show(&session, args.round, args.account.as_deref()).await?)
}
