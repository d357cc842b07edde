//! `dgov reward cancel`.

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::reward::cancel;
use crate::session::Session;
use crate::ui::Outcome;

/// Cancel a reward round before its claims start, as the guardian
///
/// For a round whose list of payees is withheld or wrong. Its funds go back to the publisher, the bond to the treasury.
///
/// Example: dgov reward cancel 3 --from guardian
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Number of the round
    round: u64,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    Outcome::of(&cancel::cancel(&session, args.round, &args.tx).await?)
}
