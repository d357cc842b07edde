//! `dgov run verify`.

use camino::Utf8PathBuf;

use crate::context::Context;
use crate::error::Result;
use crate::ops::run::verify::{self, Options};
use crate::ui::Outcome;

/// Verify a receipt, offline
///
/// Signatures and digests are computed again. The model, the configuration and the lock are compared when they are given.
///
/// Example: dgov run verify receipts/0123456789abcdef --key training.pub --model out/model --lock dgov.lock
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The receipt's folder
    folder: Utf8PathBuf,
    /// Public key of the signer, from a source that you trust
    #[arg(long, value_name = "FILE")]
    key: Utf8PathBuf,
    /// The model, to be hashed again
    #[arg(long, value_name = "PATH")]
    model: Option<Utf8PathBuf>,
    /// Folder from which the configuration files are named
    #[arg(long, value_name = "DIR")]
    config_dir: Option<Utf8PathBuf>,
    /// Lock file that has to hold the versions, or the folder with it
    #[arg(long, value_name = "FILE")]
    lock: Option<Utf8PathBuf>,
}

pub(crate) async fn run(args: &Args, _context: &Context) -> Result<Outcome> {
    let options = Options {
        folder: &args.folder,
        key: &args.key,
        model: args.model.as_deref(),
        config_dir: args.config_dir.as_deref(),
        lock: args.lock.as_deref(),
    };
    Outcome::of(&verify::verify(&options)?)
}
