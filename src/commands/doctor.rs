//! `dgov doctor`.

use crate::context::Context;
use crate::error::{Error, Result};
use crate::ops::doctor;
use crate::ui::Outcome;

/// Check manifest, network, account, storage and state, and say what to mend
///
/// The exit code is that of the first check that fails.
///
/// Example: dgov doctor
#[derive(Debug, clap::Args)]
pub struct Args {}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let _ = args;
    let report = doctor::doctor(context).await;
    let outcome = Outcome::of(&report)?;
    Ok(match report.failed() {
        Some(kind) => {
            let failure =
                Error::new(kind, "doctor.failed", "something needs mending").hint("each failed check says how");
            outcome.with_failure(failure)
        }
        None => outcome,
    })
}
