//! `dgov init`.

use crate::context::Context;
use crate::error::Result;
use crate::ops::init;
use crate::ui::Outcome;
use camino::Utf8PathBuf;

/// Set up a project: manifest, cards, charter, contributors file, CI workflow
///
/// Existing files are never overwritten without --force.
///
/// Example: dgov init --template image-annotation --name raccoon-commons
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder to set up
    #[arg(default_value = ".", value_name = "DIR")]
    dir: Utf8PathBuf,
    /// What kind of data it is for
    #[arg(long, value_enum, default_value_t = init::Template::ImageAnnotation)]
    template: init::Template,
    /// Project name; the folder's name when left out
    #[arg(long)]
    name: Option<String>,
    /// Overwrite files that exist
    #[arg(long)]
    force: bool,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let _ = context;
    Outcome::of(&init::init(&args.dir, args.template, args.name.as_deref(), args.force)?)
}
