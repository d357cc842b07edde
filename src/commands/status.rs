//! `dgov status`.

use crate::context::Context;
use crate::error::Result;
use crate::ops::status;
use crate::session::Session;
use crate::ui::Outcome;

/// Show the project on its network: contracts, datasets, offers, open proposals, unfinished work
///
/// Example: dgov status --json
#[derive(Debug, clap::Args)]
pub struct Args {}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let _ = args;
    let session = Session::open(context).await?;
    Outcome::of(&status::status(&session).await?)
}
