//! `dgov dispute`: one file a verb.

pub mod appeal;
pub mod close;
pub mod evidence;
pub mod join;
pub mod open;
pub mod rule;
pub mod show;
pub mod submit;

use clap::Subcommand;

use crate::context::Context;
use crate::error::Result;
use crate::ui::Outcome;

/// Open, answer and settle disputes on datasets, attestations and usage reports
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Open(open::Args),
    Join(join::Args),
    Evidence(evidence::Args),
    Submit(submit::Args),
    Rule(rule::Args),
    Appeal(appeal::Args),
    Show(show::Args),
    Close(close::Args),
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    match &args.verb {
        Verb::Open(args) => open::run(args, context).await,
        Verb::Join(args) => join::run(args, context).await,
        Verb::Evidence(args) => evidence::run(args, context).await,
        Verb::Submit(args) => submit::run(args, context).await,
        Verb::Rule(args) => rule::run(args, context).await,
        Verb::Appeal(args) => appeal::run(args, context).await,
        Verb::Show(args) => show::run(args, context).await,
        Verb::Close(args) => close::run(args, context).await,
    }
}
