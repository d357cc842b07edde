//! `dgov gov`: one file a verb.

pub mod cancel;
pub mod delegate;
pub mod execute;
pub mod list;
pub mod propose;
pub mod queue;
pub mod show;
pub mod vote;

use clap::Subcommand;

use crate::context::Context;
use crate::error::Result;
use crate::ui::Outcome;

/// Propose, vote, queue and execute
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Propose(propose::Args),
    List(list::Args),
    Show(show::Args),
    Delegate(delegate::Args),
    Vote(vote::Args),
    Queue(queue::Args),
    Execute(execute::Args),
    Cancel(cancel::Args),
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    match &args.verb {
        Verb::Propose(args) => propose::run(args, context).await,
        Verb::List(args) => list::run(args, context).await,
        Verb::Show(args) => show::run(args, context).await,
        Verb::Delegate(args) => delegate::run(args, context).await,
        Verb::Vote(args) => vote::run(args, context).await,
        Verb::Queue(args) => queue::run(args, context).await,
        Verb::Execute(args) => execute::run(args, context).await,
        Verb::Cancel(args) => cancel::run(args, context).await,
    }
}
