//! `dgov data`: one file a verb.

pub mod card;
pub mod cid;
pub mod deprecate;
pub mod export;
pub mod list;
pub mod profile;
pub mod prove;
pub mod pull;
pub mod push;
pub mod recall;
pub mod reinstate;
pub mod show;
pub mod verify;
pub mod verify_proof;

use clap::Subcommand;

use crate::context::Context;
use crate::error::Result;
use crate::ui::Outcome;

/// Push, pull, verify, profile, describe, prove, list and recall datasets
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Push(push::Args),
    Pull(pull::Args),
    Verify(verify::Args),
    List(list::Args),
    Show(show::Args),
    Profile(profile::Args),
    Prove(prove::Args),
    Card(card::Args),
    VerifyProof(verify_proof::Args),
    Cid(cid::Args),
    Export(export::Args),
    Recall(recall::Args),
    Deprecate(deprecate::Args),
    Reinstate(reinstate::Args),
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    match &args.verb {
        Verb::Push(args) => push::run(args, context).await,
        Verb::Pull(args) => pull::run(args, context).await,
        Verb::Verify(args) => verify::run(args, context).await,
        Verb::List(args) => list::run(args, context).await,
        Verb::Show(args) => show::run(args, context).await,
        Verb::Profile(args) => profile::run(args, context).await,
        Verb::Prove(args) => prove::run(args, context).await,
        Verb::Card(args) => card::run(args, context),
        Verb::VerifyProof(args) => verify_proof::run(args, context).await,
        Verb::Cid(args) => cid::run(args, context).await,
        Verb::Export(args) => export::run(args, context).await,
        Verb::Recall(args) => recall::run(args, context).await,
        Verb::Deprecate(args) => deprecate::run(args, context).await,
        Verb::Reinstate(args) => reinstate::run(args, context).await,
    }
}
