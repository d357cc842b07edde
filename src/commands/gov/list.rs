//! `dgov gov list`.

use crate::context::Context;
use crate::error::Result;
use crate::ops::gov::list;
use crate::session::Session;
use crate::ui::Outcome;

/// List the proposals and their state
///
/// Example: dgov gov list
#[derive(Debug, clap::Args)]
pub struct Args {}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let _ = args;
    let session = Session::open(context).await?;
    Outcome::of(&list::list(&session).await?)
}
