//! `dgov data card init`.

use camino::Utf8PathBuf;

use crate::context::Context;
use crate::error::Result;
use crate::ops::data::card::init;
use crate::ui::Outcome;

/// Write a data card from the data, and a hub README
///
/// Files with their sha256, the fields of tables, images with annotations and the license are filled in; what only a
/// person can say is marked TODO(dgov). A card that is there is kept; in a README only the block between dgov's markers
/// changes.
///
/// Example: dgov data card init data/raccoon
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Dataset of the manifest, or a folder or file
    #[arg(value_name = "NAME|PATH")]
    target: String,
    /// Folder for the card and the README; cards/NAME of the project, or the data's own folder, when left out
    #[arg(long, value_name = "DIR")]
    out: Option<Utf8PathBuf>,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Outcome> {
    Outcome::of(&init::init(context, &args.target, args.out.as_ref())?)
}
