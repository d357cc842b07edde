//! `dgov license buy`.

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::license::buy;
use crate::session::Session;
use crate::ui::Outcome;

/// Buy or renew the license that a dataset is offered under
///
/// The pass belongs to the sender. A pass that is still valid is not bought again without --renew.
///
/// Example: dgov license buy raccoon --from lab --max-price "0.01 ETH"
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Dataset
    dataset: String,
    /// Refuse a higher price than this
    #[arg(long, value_name = "AMOUNT")]
    max_price: Option<String>,
    /// License of the manifest, where the dataset is offered under several
    #[arg(long, value_name = "LICENSE")]
    license: Option<String>,
    /// Add a term to a pass that is still valid; not when more than one term is left of it, nor when another machine
    /// bought it within the last hundredth of a term
    #[arg(long)]
    renew: bool,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    let options = buy::Options {
        dataset: &args.dataset,
        license: args.license.as_deref(),
        max_price: args.max_price.as_deref(),
        renew: args.renew,
    };
    Outcome::of(&buy::buy(&session, &options, &args.tx).await?)
}
