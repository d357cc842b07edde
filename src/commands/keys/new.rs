//! `dgov keys new`.

use crate::context::Context;
use crate::error::Result;
use crate::ops::keys;
use crate::ui::Outcome;

/// Make a key and keep it in an encrypted keystore
///
/// Example: dgov keys new steward
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Name of the keystore
    name: String,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    Outcome::of(&keys::new(context, &args.name)?)
}
