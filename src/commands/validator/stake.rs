//! `dgov validator stake`.

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::validator::stake;
use crate::session::Session;
use crate::ui::Outcome;

/// Bring an account's active stake to an amount
///
/// What is staked already counts: running it twice stakes once. Stake is what attestations lock and what a lost case
/// takes; it leaves by `dgov validator unstake`, after a wait.
///
/// Example: dgov validator stake "1 ETH" --from dev4
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Active stake to have, in the chain's own coin, e.g. "1 ETH"
    amount: String,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    Outcome::of(&stake::stake(&session, &args.amount, &args.tx).await?)
}
