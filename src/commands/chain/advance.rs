//! `dgov chain advance`.

use crate::context::Context;
use crate::error::Result;
use crate::manifest::values::Duration;
use crate::ops::chain::advance;
use crate::ui::Outcome;

/// Move the embedded chain's clock forward
///
/// Example: dgov chain advance 3d
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How far, e.g. 3d, 36h, 90s
    duration: Duration,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    Outcome::of(&advance::advance(context, args.duration).await?)
}
