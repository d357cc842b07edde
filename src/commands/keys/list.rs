//! `dgov keys list`.

use crate::context::Context;
use crate::error::Result;
use crate::ops::keys;
use crate::ui::Outcome;

/// List the keystores, Foundry's too
///
/// Example: dgov keys list
#[derive(Debug, clap::Args)]
pub struct Args {}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let _ = (args, context);
    Outcome::of(&keys::list()?)
}
