//! `dgov report`: one file a verb.

pub mod impact;
pub mod lineage;

use clap::Subcommand;

use crate::context::Context;
use crate::error::Result;
use crate::ui::Outcome;

/// Report what was made from what, and what a dataset reaches
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Lineage(lineage::Args),
    Impact(impact::Args),
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    match &args.verb {
        Verb::Lineage(args) => lineage::run(args, context),
        Verb::Impact(args) => impact::run(args, context),
    }
}
