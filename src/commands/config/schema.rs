//! `dgov config schema`.

use crate::context::Context;
use crate::error::Result;
use crate::ops::config;
use crate::ui::Outcome;

/// Print the JSON schema of dgov.toml
///
/// Example: dgov config schema > dgov.schema.json
#[derive(Debug, clap::Args)]
pub struct Args {}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let _ = (args, context);
    Ok(Outcome::raw(config::schema()?))
}
