//! `dgov data verify`.

use crate::context::Context;
use crate::error::Result;
use crate::ops::data::verify;
use crate::session::Session;
use crate::ui::Outcome;

/// Hash the local bytes again and compare with dgov.lock and the chain
///
/// Exit code 7 when anything differs; the first bad file is named.
///
/// Example: dgov data verify raccoon
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Dataset; all of the manifest when left out
    dataset: Option<String>,
    /// Version number; the latest when left out
    #[arg(long, value_name = "N")]
    version: Option<u32>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open(context).await?;
    Outcome::of(&verify::verify(&session, args.dataset.as_deref(), args.version).await?)
}
