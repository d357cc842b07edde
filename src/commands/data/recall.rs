//! `dgov data recall`.

use dgov_contracts::suite::Status;

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::data::set_status;
use crate::session::Session;
use crate::ui::Outcome;

/// Recall a version: it must not be used any more, and nobody can buy it
///
/// For the dataset's owner. The reason is stored with the dataset and its sha256 goes on chain. Passes that were bought
/// stay; `dgov data reinstate` takes a recall back.
///
/// Example: dgov data recall raccoon@1 --reason "a contributor withdrew consent" --successor raccoon@2
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Dataset, or NAME@N for another version than the latest
    #[arg(value_name = "NAME[@N]")]
    dataset: String,
    /// Why: a file, or the words themselves
    #[arg(long, value_name = "FILE|TEXT")]
    reason: String,
    /// Version that replaces it
    #[arg(long, value_name = "NAME@N")]
    successor: Option<String>,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    let options = set_status::Options {
        dataset: &args.dataset,
        status: Status::Recalled,
        reason: Some(&args.reason),
        successor: args.successor.as_deref(),
    };
    Outcome::of(&set_status::set(&session, &options, &args.tx).await?)
}
