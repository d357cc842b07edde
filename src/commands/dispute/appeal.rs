//! `dgov dispute appeal`.

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::dispute::appeal;
use crate::session::Session;
use crate::ui::Outcome;

/// Appeal a ruling: the DAO's for twice the bond, an outside arbitrator's for what it asks
///
/// Example: dgov dispute appeal 1
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Number of the case, or `latest`
    case: String,
    /// Appeal bond; the least one when left out
    #[arg(long, value_name = "AMOUNT")]
    bond: Option<String>,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    Outcome::of(&appeal::appeal(&session, &args.case, args.bond.as_deref(), &args.tx).await?)
}
