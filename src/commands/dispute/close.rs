//! `dgov dispute close`.

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::dispute::close;
use crate::session::Session;
use crate::ui::Outcome;

/// End a case whose time is over, and pay what it owes
///
/// Example: dgov dispute close 1
///
/// Example: dgov dispute close 1 --all
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Number of the case, or `latest`
    case: String,
    /// Account to pay; the sender when left out
    #[arg(long = "for", value_name = "ACCOUNT")]
    account: Option<String>,
    /// Pay everybody with a bond in the case, and the treasury
    #[arg(long, conflicts_with = "account")]
    all: bool,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    let payees = match (&args.account, args.all) {
        (Some(account), _) => close::Payees::Account(account),
        (None, true) => close::Payees::All,
        (None, false) => close::Payees::Sender,
    };
    Outcome::of(&close::close(&session, &args.case, payees, &args.tx).await?)
}
