//! `dgov data push`.

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::data::push;
use crate::session::Session;
use crate::ui::Outcome;

/// Package a dataset, store it, and record the version on chain
///
/// An unchanged dataset sends nothing. The first version is offered under the dataset's license.
///
/// Example: dgov data push raccoon
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Dataset of the manifest; may be left out when there is only one
    dataset: Option<String>,
    /// Do not offer the first version for sale
    #[arg(long)]
    no_offer: bool,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    let options = push::Options { dataset: args.dataset.as_deref(), offer: !args.no_offer };
    Outcome::of(&push::push(&session, &options, &args.tx).await?)
}
