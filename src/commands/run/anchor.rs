//! `dgov run anchor`.

use camino::Utf8PathBuf;

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::run::anchor;
use crate::session::Session;
use crate::ui::Outcome;

/// Put the digest of a receipt on chain, so that everybody sees by when it was there
///
/// A transaction of the account to itself, whose calldata is `dgov.run.anchor.v1` and the sha256. Nothing else of the
/// receipt is published. The folder keeps the transaction's hash; a second call sends nothing.
///
/// Example: dgov run anchor receipts/0123456789abcdef
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The receipt's folder
    folder: Utf8PathBuf,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    Outcome::of(&anchor::anchor(&session, &args.folder, &args.tx).await?)
}
