//! `dgov plan`.

use crate::context::Context;
use crate::error::{ErrorKind, Result};
use crate::ops::plan;
use crate::session::Session;
use crate::ui::Outcome;

/// Show the difference between the manifest and the chain
///
/// Changes nothing. Each difference names the verb that would settle it.
///
/// Example: dgov plan --exit-code
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Exit with 11 when there are differences
    #[arg(long)]
    exit_code: bool,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open(context).await?;
    let report = plan::plan(&session).await?;
    let outcome = Outcome::of(&report)?;
    Ok(if args.exit_code && !report.differences.is_empty() {
        outcome.with_exit(ErrorKind::Differences)
    } else {
        outcome
    })
}
