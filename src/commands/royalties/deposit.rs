//! `dgov royalties deposit`.

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::royalties::deposit;
use crate::session::Session;
use crate::ui::Outcome;

/// Pay income into the pool of a dataset's latest version
///
/// Example: dgov royalties deposit raccoon "0.5 ETH" --reference invoice-2026-11
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Dataset
    dataset: String,
    /// Amount, e.g. "0.5 ETH"
    amount: String,
    /// A name for this payment: a second deposit with the same reference by the same account is not sent
    #[arg(long, value_name = "TEXT")]
    reference: Option<String>,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    let options =
        deposit::Options { dataset: &args.dataset, amount: &args.amount, reference: args.reference.as_deref() };
    Outcome::of(&deposit::deposit(&session, &options, &args.tx).await?)
}
