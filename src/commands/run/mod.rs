//! `dgov run`: one file a verb.

pub mod anchor;
pub mod key;
pub mod open;
pub mod record;
pub mod refund;
pub mod settle;
pub mod show;
pub mod verify;

use clap::Subcommand;

use crate::context::Context;
use crate::error::Result;
use crate::ui::Outcome;

/// Training runs: signed receipts, and payment by what was used
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Record(record::Args),
    Verify(verify::Args),
    Anchor(anchor::Args),
    Key(key::Args),
    Open(open::Args),
    Show(show::Args),
    Settle(settle::Args),
    Refund(refund::Args),
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    match &args.verb {
        Verb::Record(args) => record::run(args, context).await,
        Verb::Verify(args) => verify::run(args, context).await,
        Verb::Anchor(args) => anchor::run(args, context).await,
        Verb::Key(args) => key::run(args, context).await,
        Verb::Open(args) => open::run(args, context).await,
        Verb::Show(args) => show::run(args, context).await,
        Verb::Settle(args) => settle::run(args, context).await,
        Verb::Refund(args) => refund::run(args, context).await,
    }
}
