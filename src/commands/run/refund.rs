//! `dgov run refund`.

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::run::refund;
use crate::session::Session;
use crate::ui::Outcome;

/// Give an escrow that nobody earned back to its payer
///
/// Also pays what is credited to the payer in this currency.
///
/// Example: dgov run refund latest
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Job id, a unique beginning of it, or `latest`
    job: String,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    Outcome::of(&refund::refund(&session, &args.job, &args.tx).await?)
}
