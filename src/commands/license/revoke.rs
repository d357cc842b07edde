//! `dgov license revoke`.

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::license::revoke;
use crate::session::Session;
use crate::ui::Outcome;

/// End a pass before its time, where its terms allow that
///
/// Example: dgov license revoke raccoon --holder 0x70997970C51812dc3A010C7d01b50e0d17dc79C8
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Dataset
    dataset: String,
    /// Holder of the pass
    #[arg(long, value_name = "ACCOUNT")]
    holder: String,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    Outcome::of(&revoke::revoke(&session, &args.dataset, &args.holder, &args.tx).await?)
}
