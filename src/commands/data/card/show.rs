//! `dgov data card show`.

use crate::context::Context;
use crate::error::Result;
use crate::ops::data::card::show;
use crate::ui::Outcome;

/// Show what a data card says: license, origin, responsible use, files
///
/// Example: dgov data card show data/raccoon/croissant.json
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Card, folder with one, or dataset of the manifest; what is here when left out
    #[arg(value_name = "NAME|FILE")]
    target: Option<String>,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Outcome> {
    Outcome::of(&show::show(context, args.target.as_deref())?)
}
