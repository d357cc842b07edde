//! `dgov validator`: one file a verb.

pub mod attest;
pub mod show;
pub mod stake;
pub mod unstake;

use clap::Subcommand;

use crate::context::Context;
use crate::error::Result;
use crate::ui::Outcome;

/// Stake, attest the quality of datasets, take stake out
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Stake(stake::Args),
    Attest(attest::Args),
    Unstake(unstake::Args),
    Show(show::Args),
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    match &args.verb {
        Verb::Stake(args) => stake::run(args, context).await,
        Verb::Attest(args) => attest::run(args, context).await,
        Verb::Unstake(args) => unstake::run(args, context).await,
        Verb::Show(args) => show::run(args, context).await,
    }
}
