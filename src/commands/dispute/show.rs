//! `dgov dispute show`.

use crate::context::Context;
use crate::error::Result;
use crate::ops::dispute::show;
use crate::session::Session;
use crate::ui::Outcome;

/// List the cases, or show one: where it stands, until when, what happens by itself, what to do
///
/// Example: dgov dispute show
///
/// Example: dgov dispute show 1
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Number of the case, or `latest`; all cases when left out
    case: Option<String>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open(context).await?;
    match &args.case {
        Some(case) => Outcome::of(&show::show(&session, case).await?),
        None => Outcome::of(&show::list(&session).await?),
    }
}
