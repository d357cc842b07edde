//! `dgov report ab2013`.

use camino::Utf8PathBuf;

use crate::context::Context;
use crate::error::Result;
use crate::ops::report::{self, FormOptions, Format, ab2013};
use crate::ui::Outcome;

/// Fill the training data documentation of California's AB 2013
///
/// The twelve items of Civil Code section 3111(a). Answers come from a file that `--init` writes; what nobody has answered is
/// reported as not answered, and nothing is inferred. What the data says stands beside it, each line with the digest it
/// comes from. Needs no chain.
///
/// Example: dgov report ab2013 --init
/// Example: dgov report ab2013 --out ab2013.md
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write the file with all questions and stop
    #[arg(long, conflicts_with_all = ["out", "format"])]
    init: bool,
    /// File with the answers; ab2013.toml beside the manifest unless given
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
        return Outcome::of(&report::init(context, &ab2013::FORM, answers)?);
    }
    let options = FormOptions { answers, format: args.format, out: args.out.as_deref() };
    Outcome::of(&report::form(context, &ab2013::FORM, &options).await?)
}
