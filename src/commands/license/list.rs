//! `dgov license list`.

use crate::context::Context;
use crate::error::Result;
use crate::ops::license::list;
use crate::session::Session;
use crate::ui::Outcome;

/// List license terms, what is offered under them, and an account's passes
///
/// Example: dgov license list --for dev1
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Also list the passes of this account; --from's account when left out
    #[arg(long = "for", value_name = "ACCOUNT")]
    account: Option<String>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open(context).await?;
    Outcome::of(&list::list(&session, args.account.as_deref()).await?)
}
