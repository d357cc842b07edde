//! `dgov data reinstate`.

use dgov_contracts::suite::Status;

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::data::set_status;
use crate::session::Session;
use crate::ui::Outcome;

/// Make a recalled or deprecated version active again
///
/// For the dataset's owner; a version under dispute is the DAO's.
///
/// Example: dgov data reinstate raccoon@1 --reason "the consent was found to be valid"
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Dataset, or NAME@N for another version than the latest
    #[arg(value_name = "NAME[@N]")]
    dataset: String,
    /// Why: a file, or the words themselves
    #[arg(long, value_name = "FILE|TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    let options = set_status::Options {
        dataset: &args.dataset,
        status: Status::Active,
        reason: args.reason.as_deref(),
        successor: None,
    };
    Outcome::of(&set_status::set(&session, &options, &args.tx).await?)
}
