//! `dgov license offer`.

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::license::offer;
use crate::session::Session;
use crate::ui::Outcome;

/// Offer a dataset under license terms that the DAO has approved
///
/// The first offer is the owner's; later changes are proposals (`dgov gov propose`).
///
/// Example: dgov license offer raccoon
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Dataset
    dataset: String,
    /// License of the manifest; the dataset's own when left out
    license: Option<String>,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    Outcome::of(&offer::offer(&session, &args.dataset, args.license.as_deref(), &args.tx).await?)
}
