//! `dgov reward claim`.

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::reward::claim;
use crate::session::Session;
use crate::ui::Outcome;

/// Claim everything that reward rounds owe an account
///
/// For a publisher that is also the bond, once claims have started, and what is left of a round that ran out or was
/// cancelled. Anyone may send it; the money goes to the account only.
///
/// Example: dgov reward claim --for dev1
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Account to claim for; the sender when left out
    #[arg(long = "for", value_name = "ACCOUNT")]
    account: Option<String>,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    Outcome::of(&claim::claim(&session, args.account.as_deref(), &args.tx).await?)
}
