//! `dgov data card`: one file a verb.

pub mod init;
pub mod lint;
pub mod show;

use clap::Subcommand;

use crate::context::Context;
use crate::error::Result;
use crate::ui::Outcome;

/// Write, check and show data cards (Croissant)
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Init(init::Args),
    Lint(lint::Args),
    Show(show::Args),
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Outcome> {
    match &args.verb {
        Verb::Init(args) => init::run(args, context),
        Verb::Lint(args) => lint::run(args, context),
        Verb::Show(args) => show::run(args, context),
    }
}
