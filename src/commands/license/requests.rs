//! `dgov license requests`.

use crate::context::Context;
use crate::error::Result;
use crate::ops::license::requests;
use crate::session::Session;
use crate::ui::Outcome;

/// List what buyers asked for
///
/// Example: dgov license requests raccoon
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Dataset; all when left out
    dataset: Option<String>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open(context).await?;
    Outcome::of(&requests::list(&session, args.dataset.as_deref()).await?)
}
