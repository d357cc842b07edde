//! `dgov dispute join`.

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::dispute::join;
use crate::session::Session;
use crate::ui::Outcome;

/// Put a bond on a side of an open case; the first respondent answers it
///
/// The bond is what the account shall have on this side: running the command again adds nothing.
///
/// Example: dgov dispute join 1 --side respondent
///
/// Example: dgov dispute join 1 --side challenger --bond "0.2 ETH"
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Number of the case, or `latest`
    case: String,
    /// The side
    #[arg(long)]
    side: join::Joined,
    /// What the account shall have on this side; the least bond when left out by the first respondent
    #[arg(long, value_name = "AMOUNT")]
    bond: Option<String>,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    Outcome::of(&join::join(&session, &args.case, args.side, args.bond.as_deref(), &args.tx).await?)
}
