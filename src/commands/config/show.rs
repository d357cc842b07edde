//! `dgov config show`.

use crate::context::Context;
use crate::error::Result;
use crate::ops::config;
use crate::ui::Outcome;

/// Show every value of the manifest, and where it comes from
///
/// Example: dgov config show --sources
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Add the source of each value: file and line, default, flag or environment
    #[arg(long)]
    sources: bool,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    Outcome::of(&config::show(context, args.sources)?)
}
