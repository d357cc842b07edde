//! `dgov reward`: one file a verb.

pub mod cancel;
pub mod claim;
pub mod plan;
pub mod publish;
pub mod show;

use clap::Subcommand;

use crate::context::Context;
use crate::error::Result;
use crate::ui::Outcome;

/// Plan, publish and claim reward rounds
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Plan(plan::Args),
    Publish(publish::Args),
    Claim(claim::Args),
    Show(show::Args),
    Cancel(cancel::Args),
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    match &args.verb {
        Verb::Plan(args) => plan::run(args, context).await,
        Verb::Publish(args) => publish::run(args, context).await,
        Verb::Claim(args) => claim::run(args, context).await,
        Verb::Show(args) => show::run(args, context).await,
        Verb::Cancel(args) => cancel::run(args, context).await,
    }
}
