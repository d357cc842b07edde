//! `dgov run`: one file a verb.

pub mod open;
pub mod refund;
pub mod settle;
pub mod show;

use clap::Subcommand;

use crate::context::Context;
use crate::error::Result;
use crate::ui::Outcome;

/// Pay for training runs by what they used
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Open(open::Args),
    Show(show::Args),
    Settle(settle::Args),
    Refund(refund::Args),
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    match &args.verb {
        Verb::Open(args) => open::run(args, context).await,
        Verb::Show(args) => show::run(args, context).await,
        Verb::Settle(args) => settle::run(args, context).await,
        Verb::Refund(args) => refund::run(args, context).await,
    }
}
