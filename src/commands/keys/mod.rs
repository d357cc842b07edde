//! `dgov keys`: one file a verb.

pub mod import;
pub mod list;
pub mod new;

use clap::Subcommand;

use crate::context::Context;
use crate::error::Result;
use crate::ui::Outcome;

/// Make, import and list keys
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    New(new::Args),
    Import(import::Args),
    List(list::Args),
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    match &args.verb {
        Verb::New(args) => new::run(args, context).await,
        Verb::Import(args) => import::run(args, context).await,
        Verb::List(args) => list::run(args, context).await,
    }
}
