//! `dgov sync`.

use crate::context::Context;
use crate::error::Result;
use crate::ops::sync;
use crate::session::Session;
use crate::ui::Outcome;

/// Rebuild dgov.lock and the ledger from chain and storage
///
/// Example: dgov sync
#[derive(Debug, clap::Args)]
pub struct Args {}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let _ = args;
    let session = Session::open_exclusive(context).await?;
    Outcome::of(&sync::sync(&session).await?)
}
