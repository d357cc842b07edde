//! `dgov contracts`: one file a verb.

pub mod build;
pub mod export;
pub mod verify;

use clap::Subcommand;

use crate::context::Context;
use crate::error::Result;
use crate::ui::Outcome;

/// Build a project's own contracts; export and verify those of the suite
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Build(build::Args),
    Export(export::Args),
    Verify(verify::Args),
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    match &args.verb {
        Verb::Build(args) => build::run(args, context).await,
        Verb::Export(args) => export::run(args, context).await,
        Verb::Verify(args) => verify::run(args, context).await,
    }
}
