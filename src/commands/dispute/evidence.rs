//! `dgov dispute evidence`.

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::dispute::evidence;
use crate::session::Session;
use crate::ui::Outcome;
use camino::Utf8PathBuf;

/// Bring evidence into a case
///
/// Example: dgov dispute evidence 1 recount.csv
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Number of the case, or `latest`
    case: String,
    /// The evidence
    file: Utf8PathBuf,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    Outcome::of(&evidence::evidence(&session, &args.case, &args.file, &args.tx).await?)
}
