//! `dgov license`: one file a verb.

pub mod buy;
pub mod detect;
pub mod export;
pub mod grant;
pub mod list;
pub mod offer;
pub mod request;
pub mod requests;
pub mod revoke;

use clap::Subcommand;

use crate::context::Context;
use crate::error::Result;
use crate::ui::Outcome;

/// Offer, buy, grant, revoke, list and ask for licenses; detect and export them
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Offer(offer::Args),
    Buy(buy::Args),
    Grant(grant::Args),
    Revoke(revoke::Args),
    List(list::Args),
    Detect(detect::Args),
    Export(export::Args),
    Request(request::Args),
    Requests(requests::Args),
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    match &args.verb {
        Verb::Offer(args) => offer::run(args, context).await,
        Verb::Buy(args) => buy::run(args, context).await,
        Verb::Grant(args) => grant::run(args, context).await,
        Verb::Revoke(args) => revoke::run(args, context).await,
        Verb::Detect(args) => detect::run(args, context),
        Verb::Export(args) => export::run(args, context),
        Verb::List(args) => list::run(args, context).await,
        Verb::Request(args) => request::run(args, context).await,
        Verb::Requests(args) => requests::run(args, context).await,
    }
}
