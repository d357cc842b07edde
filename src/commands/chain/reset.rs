//! `dgov chain reset`.

use crate::context::Context;
use crate::error::Result;
use crate::ops::chain::reset;
use crate::ui::Outcome;

/// Delete the embedded chain's state; asks first
///
/// Example: dgov chain reset --yes
#[derive(Debug, clap::Args)]
pub struct Args {}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let _ = args;
    Outcome::of(&reset::reset(context)?)
}
