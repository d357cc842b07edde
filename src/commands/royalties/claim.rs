//! `dgov royalties claim`.

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::royalties::claim;
use crate::session::Session;
use crate::ui::Outcome;

/// Claim everything an account is owed over all datasets, in one transaction
///
/// Anyone may send it; the money goes to the account only. With --to the account itself sends it, and has its money paid to
/// another address: the way out for an account that can't be paid where it is. That takes one transaction a currency.
///
/// Example: dgov royalties claim --for 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --dry-run
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Account to claim for; the sender when left out
    #[arg(long = "for", value_name = "ACCOUNT")]
    account: Option<String>,
    /// Only this dataset
    #[arg(long, value_name = "DATASET")]
    dataset: Option<String>,
    /// Pay to this address instead; only for the sender's own royalties
    #[arg(long, value_name = "ACCOUNT")]
    to: Option<String>,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    let options =
        claim::Options { account: args.account.as_deref(), dataset: args.dataset.as_deref(), to: args.to.as_deref() };
    Outcome::of(&claim::claim(&session, &options, &args.tx).await?)
}
