//! `dgov data show`.

use crate::context::Context;
use crate::error::Result;
use crate::ops::data::show;
use crate::session::Session;
use crate::ui::Outcome;

/// Show a dataset: versions, license, splits, where its bytes are
///
/// Example: dgov data show raccoon
///
/// Example: dgov data show raccoon@2 --json
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Dataset: NAME or its 0x id; NAME@N for one version
    dataset: String,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open(context).await?;
    Outcome::of(&show::show(&session, &args.dataset).await?)
}
