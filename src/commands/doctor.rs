//! `dgov doctor`.

use crate::context::Context;
use crate::error::Result;
use crate::ops::doctor;
use crate::ui::Outcome;

/// Check manifest, network, account, storage and state, and say what to mend
///
/// Example: dgov doctor
#[derive(Debug, clap::Args)]
pub struct Args {

}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let _ = args;
    Outcome::of(&doctor::doctor(context).await?)
}
