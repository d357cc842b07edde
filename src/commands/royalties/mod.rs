//! `dgov royalties`: one file a verb.

pub mod claim;
pub mod deposit;
pub mod show;

use clap::Subcommand;

use crate::context::Context;
use crate::error::Result;
use crate::ui::Outcome;

/// Show, deposit and claim royalties
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Show(show::Args),
    Deposit(deposit::Args),
    Claim(claim::Args),
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    match &args.verb {
        Verb::Show(args) => show::run(args, context).await,
        Verb::Deposit(args) => deposit::run(args, context).await,
        Verb::Claim(args) => claim::run(args, context).await,
    }
}
