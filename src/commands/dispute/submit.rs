//! `dgov dispute submit`.

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::dispute::submit;
use crate::session::Session;
use crate::ui::Outcome;

/// Take an answered case to who rules, once its answer window is over
///
/// Example: dgov dispute submit 1
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Number of the case, or `latest`
    case: String,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    Outcome::of(&submit::submit(&session, &args.case, &args.tx).await?)
}
