//! `dgov report impact`.

use crate::context::Context;
use crate::error::Result;
use crate::ops::report::impact;
use crate::ui::Outcome;

/// Show which derived datasets and recorded models a dataset reaches, for instance before it is recalled
///
/// Example: dgov report impact raccoon@1
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Dataset: NAME, NAME@N or a version key
    dataset: String,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Outcome> {
    Outcome::of(&impact::impact(context, &args.dataset)?)
}
