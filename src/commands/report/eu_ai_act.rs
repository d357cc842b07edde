//! `dgov report eu-ai-act`.

use camino::Utf8PathBuf;

use crate::context::Context;
use crate::error::Result;
use crate::ops::report::{self, FormOptions, Format, eu_ai_act};
use crate::ui::Outcome;

/// Fill the public summary of training content of the EU AI Act
///
/// The template of the Commission (C(2025) 8311) for Article 53(1)(d). Answers come from a file that `--init` writes; what
/// nobody has answered is reported as not answered, and nothing is inferred. What the data says stands beside it, each line
/// with the digest it comes from. Needs no chain.
///
/// Example: dgov report eu-ai-act --init
/// Example: dgov report eu-ai-act --out eu-ai-act.md
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write the file with all questions and stop
    #[arg(long, conflicts_with_all = ["out", "format"])]
    init: bool,
    /// File with the answers; eu-ai-act.toml beside the manifest unless given
    #[arg(long, value_name = "FILE")]
    answers: Option<Utf8PathBuf>,
    /// How the report is written
    #[arg(long, value_enum, default_value = "markdown", value_name = "FORMAT")]
    format: Format,
    /// Write the report into this file, too
    #[arg(long, value_name = "FILE")]
    out: Option<Utf8PathBuf>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let answers = args.answers.as_deref();
    if args.init {
        return Outcome::of(&report::init(context, &eu_ai_act::FORM, answers)?);
    }
    let options = FormOptions { answers, format: args.format, out: args.out.as_deref() };
    Outcome::of(&report::form(context, &eu_ai_act::FORM, &options).await?)
}
