//! `dgov royalties show`.

use crate::context::Context;
use crate::error::Result;
use crate::ops::royalties::show;
use crate::session::Session;
use crate::ui::Outcome;

/// Show the pools of the project: income, paid, and what an account can claim
///
/// Example: dgov royalties show --for dev3
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only this dataset
    dataset: Option<String>,
    /// Account to compute the claim of; --from's account when left out
    #[arg(long = "for", value_name = "ACCOUNT")]
    account: Option<String>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open(context).await?;
    Outcome::of(&show::show(&session, args.dataset.as_deref(), args.account.as_deref()).await?)
}
