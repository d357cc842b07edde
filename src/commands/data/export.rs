//! `dgov data export`.

use camino::Utf8PathBuf;

use crate::context::Context;
use crate::error::Result;
use crate::ops::data::export;
use crate::ui::Outcome;

/// Write a dataset as one CAR file, as `ipfs dag export` would
///
/// Offline. The file is complete when it has its name; it is made of the bytes that lie here, not of those that a version
/// on chain names: `dgov data verify` compares the two.
///
/// Example: dgov data export raccoon --car raccoon.car
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Dataset of the manifest; may be left out when there is only one
    dataset: Option<String>,
    /// A file or folder instead of a dataset; no manifest is needed
    #[arg(long, value_name = "PATH", conflicts_with = "dataset")]
    path: Option<Utf8PathBuf>,
    /// File to write
    #[arg(long, value_name = "FILE")]
    car: Utf8PathBuf,
    /// Replace the file
    #[arg(long)]
    force: bool,
    /// UnixFS profile of `--path`
    #[arg(long, default_value = "unixfs-v1-2025", value_name = "PROFILE", requires = "path")]
    profile: String,
    /// Include hidden files of `--path`
    #[arg(long, requires = "path")]
    hidden: bool,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let place = match &args.path {
        Some(path) => export::Place::of_path(path, &args.profile, args.hidden)?,
        None => export::Place::of_dataset(&context.manifest()?, args.dataset.as_deref())?,
    };
    Outcome::of(&export::export(context, &place, &args.car, args.force)?)
}
