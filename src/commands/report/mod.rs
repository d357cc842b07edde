//! `dgov report`: one file a verb.

pub mod ab2013;
pub mod aibom;
pub mod eu_ai_act;
mod form;
pub mod impact;
pub mod lineage;

use clap::Subcommand;

use crate::context::Context;
use crate::error::Result;
use crate::ui::Outcome;

/// Report on training data: lineage, impact, and forms for authorities and buyers
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Lineage(lineage::Args),
    Impact(impact::Args),
    EuAiAct(eu_ai_act::Args),
    Ab2013(ab2013::Args),
    Aibom(aibom::Args),
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    match &args.verb {
        Verb::Lineage(args) => lineage::run(args, context),
        Verb::Impact(args) => impact::run(args, context),
        Verb::EuAiAct(args) => eu_ai_act::run(args, context).await,
        Verb::Ab2013(args) => ab2013::run(args, context).await,
        Verb::Aibom(args) => aibom::run(args, context).await,
    }
}
