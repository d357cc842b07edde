//! `dgov gov delegate`.

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::gov::delegate;
use crate::session::Session;
use crate::ui::Outcome;

/// Hand the account's votes to a delegate, or take them back
///
/// Example: dgov gov delegate 0x70997970C51812dc3A010C7d01b50e0d17dc79C8
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Delegate; the account itself when left out
    to: Option<String>,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    Outcome::of(&delegate::delegate(&session, args.to.as_deref(), &args.tx).await?)
}
