//! `dgov run key`.

use camino::Utf8PathBuf;

use crate::context::Context;
use crate::error::Result;
use crate::ops::run::key;
use crate::ui::Outcome;

/// Make a P-256 key that signs receipts
///
/// The private half is a PEM file that is not encrypted and only you can read; the public half, FILE.pub, is for those who
/// verify. OpenSSF model signing and others read both.
///
/// Example: dgov run key ~/keys/training
#[derive(Debug, clap::Args)]
pub struct Args {
    /// File for the private half
    file: Utf8PathBuf,
}

pub(crate) async fn run(args: &Args, _context: &Context) -> Result<Outcome> {
    Outcome::of(&key::make(&args.file)?)
}
