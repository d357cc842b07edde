//! `dgov run settle`.

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::run::settle;
use crate::session::Session;
use crate::ui::Outcome;

/// Pay out a report that nobody challenged, or that stood
///
/// The payees' pools get their parts, the payer is credited with the rest.
///
/// Example: dgov run settle latest
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Job id, a unique beginning of it, or `latest`
    job: String,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    Outcome::of(&settle::settle(&session, &args.job, &args.tx).await?)
}
