//! `dgov chain`: one file a verb.

pub mod advance;
pub mod reset;
pub mod serve;

use clap::Subcommand;

use crate::context::Context;
use crate::error::Result;
use crate::ui::Outcome;

/// Serve, advance and reset the embedded chain
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Serve(serve::Args),
    Advance(advance::Args),
    Reset(reset::Args),
}

impl Args {
    /// Whether Ctrl-C is this verb's proper end, which it sees to itself, and no interruption.
    pub(crate) fn ends_with_interrupt(&self) -> bool {
        matches!(self.verb, Verb::Serve(_))
    }
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    match &args.verb {
        Verb::Serve(args) => serve::run(args, context).await,
        Verb::Advance(args) => advance::run(args, context).await,
        Verb::Reset(args) => reset::run(args, context).await,
    }
}
