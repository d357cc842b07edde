//! `dgov keys import`.

use crate::context::Context;
use crate::error::Result;
use crate::ops::keys;
use crate::ui::Outcome;

/// Encrypt an existing private key into a keystore
///
/// The key is read from DGOV_PRIVATE_KEY, a prompt or standard input, never from the command line.
///
/// Example: dgov keys import treasurer < key.txt
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Name of the keystore
    name: String,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    Outcome::of(&keys::import(context, &args.name)?)
}
