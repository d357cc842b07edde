//! `dgov report ab2013`.

use super::form;
use crate::context::Context;
use crate::error::Result;
use crate::ops::report::ab2013;
use crate::ui::Outcome;

/// Fill the training data documentation of California's AB 2013
///
/// The twelve items of Civil Code section 3111(a). Answers come from a file that `--init` writes; what nobody has answered is
/// reported as not answered, and nothing is inferred. What the data says stands beside it, each line with the digest it
/// comes from. Needs no chain.
///
/// Example: dgov report ab2013 --init
///
/// Example: dgov report ab2013 --out ab2013.md
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    form: form::FormArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    form::run(&ab2013::FORM, &args.form, context).await
}
