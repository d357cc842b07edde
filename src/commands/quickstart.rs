//! `dgov quickstart`.

use crate::context::Context;
use crate::error::Result;
use crate::ops::quickstart;
use crate::ui::Outcome;
use camino::Utf8PathBuf;

/// Tell the whole story in an empty folder, on the embedded chain, with nothing installed
///
/// Makes a small generated image set, asks the gate, which says no, mends what it names, deploys, pushes, verifies, buys a license, changes the price by a vote, claims
/// royalties and proves an absence. Each command is printed so that it can be repeated; the project stays for play.
///
/// Example: mkdir demo && cd demo && dgov quickstart
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder to use, which must be empty; without it the current folder if it is empty, else a new one in it
    #[arg(value_name = "DIR")]
    dir: Option<Utf8PathBuf>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    Outcome::of(&quickstart::quickstart(context, args.dir.as_deref()).await?)
}
