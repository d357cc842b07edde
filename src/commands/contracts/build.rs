//! `dgov contracts build`.

use camino::Utf8PathBuf;

use crate::context::Context;
use crate::error::Result;
use crate::ops::contracts::build::{self, Options};
use crate::ui::Outcome;

/// Compile the project's own contracts into .dgov/artifacts
///
/// Takes a Foundry layout (src, foundry.toml, remappings.txt, node_modules, lib); files that did not change are not
/// compiled again. The compiler is the one of --solc, or npm's solc beside the contracts or the manifest, or solc on
/// PATH. Nothing is downloaded.
///
/// Example: dgov contracts build --path contracts
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder of the contracts; `contracts` beside the manifest when left out
    #[arg(long, value_name = "DIR")]
    path: Option<Utf8PathBuf>,
    /// Compiler: a solc program, or a folder that holds npm's package solc
    #[arg(long, value_name = "PATH")]
    solc: Option<Utf8PathBuf>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let options = Options { path: args.path.clone(), solc: args.solc.clone() };
    Outcome::of(&build::build(context, &options).await?)
}
