//! `dgov run show`.

use crate::context::Context;
use crate::error::Result;
use crate::ops::run::show;
use crate::session::Session;
use crate::ui::Outcome;

/// Show all jobs, or one: escrow, payees, report, times
///
/// Example: dgov run show latest
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Job id, a unique beginning of it, or `latest`
    job: Option<String>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open(context).await?;
    match &args.job {
        Some(job) => Outcome::of(&show::show(&session, job).await?),
        None => Outcome::of(&show::list(&session).await?),
    }
}
