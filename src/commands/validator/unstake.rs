//! `dgov validator unstake`.

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::validator::unstake;
use crate::session::Session;
use crate::ui::Outcome;

/// Ask for stake, and take what is ready
///
/// Frees locks whose time is over, pays what was asked for long enough ago, and asks for as much as the amount is above
/// what is on its way already. Run it again when the wait is over; without an amount it asks for nothing new.
///
/// Example: dgov validator unstake "1 ETH" --from dev4 --yes
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What is to be on its way out, e.g. "1 ETH"
    amount: Option<String>,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    Outcome::of(&unstake::unstake(&session, args.amount.as_deref(), &args.tx).await?)
}
