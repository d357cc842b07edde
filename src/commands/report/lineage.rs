//! `dgov report lineage`.

use crate::context::Context;
use crate::error::Result;
use crate::ops::report::lineage;
use crate::ui::Outcome;

/// Show what was made from what: dataset versions, what they were derived from, models trained with them
///
/// From dgov.lock, the manifest and the receipts, without a network; each line names its digest.
///
/// Example: dgov report lineage raccoon --svg > lineage.svg
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Dataset (NAME or NAME@N), receipt or digest; everything on record when left out
    name: Option<String>,
    /// Write an SVG picture instead of Markdown
    #[arg(long)]
    svg: bool,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let report = lineage::lineage(context, args.name.as_deref())?;
    if args.svg { Ok(Outcome::raw(report.svg())) } else { Outcome::of(&report) }
}
