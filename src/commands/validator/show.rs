//! `dgov validator show`.

use crate::context::Context;
use crate::error::Result;
use crate::ops::validator::show;
use crate::session::Session;
use crate::ui::Outcome;

/// Show an account's stake, what it secures and its record
///
/// Example: dgov validator show dev4
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Account; --from's account when left out
    account: Option<String>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open(context).await?;
    Outcome::of(&show::show(&session, args.account.as_deref()).await?)
}
