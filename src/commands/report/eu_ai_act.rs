//! `dgov report eu-ai-act`.

use super::form;
use crate::context::Context;
use crate::error::Result;
use crate::ops::report::eu_ai_act;
use crate::ui::Outcome;

/// Fill the public summary of training content of the EU AI Act
///
/// The template of the Commission (C(2025) 8311) for Article 53(1)(d). Answers come from a file that `--init` writes; what
/// nobody has answered is reported as not answered, and nothing is inferred. What the data says stands beside it, each line
/// with the digest it comes from. Needs no chain.
///
/// Example: dgov report eu-ai-act --init
///
/// Example: dgov report eu-ai-act --out eu-ai-act.md
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    form: form::FormArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    form::run(&eu_ai_act::FORM, &args.form, context).await
}
