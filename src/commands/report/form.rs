//! What the forms of `dgov report` have in common: their flags, and what is done with them.

use camino::Utf8PathBuf;

use crate::context::Context;
use crate::error::Result;
use crate::ops::report::form::Form;
use crate::ops::report::{self, FormOptions, Format};
use crate::ui::Outcome;

// Not `Args`: clap names a group after the type, and each verb has one of that name.
#[derive(Debug, clap::Args)]
pub struct FormArgs {
    /// Write the file with all questions and stop
    #[arg(long, conflicts_with_all = ["out", "format"])]
    init: bool,
    /// File with the answers; the form's own, beside the manifest, unless given
    #[arg(long, value_name = "FILE")]
    answers: Option<Utf8PathBuf>,
    /// How the report is written
    #[arg(long, value_enum, default_value = "markdown", value_name = "FORMAT")]
    format: Format,
    /// Write the report into this file, too
    #[arg(long, value_name = "FILE")]
    out: Option<Utf8PathBuf>,
}

pub(super) async fn run(form: &'static Form, args: &FormArgs, context: &Context) -> Result<Outcome> {
    let answers = args.answers.as_deref();
    if args.init {
        return Outcome::of(&report::init(context, form, answers)?);
    }
    let options = FormOptions { answers, format: args.format, out: args.out.as_deref() };
    Outcome::of(&report::form(context, form, &options).await?)
}
