//! `dgov config`: one file a verb.

pub mod schema;
pub mod show;

use clap::Subcommand;

use crate::context::Context;
use crate::error::Result;
use crate::ui::Outcome;

/// Show the manifest with its sources; print its schema
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Show(show::Args),
    Schema(schema::Args),
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    match &args.verb {
        Verb::Show(args) => show::run(args, context).await,
        Verb::Schema(args) => schema::run(args, context).await,
    }
}
