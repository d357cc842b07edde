//! `dgov reward publish`.

use camino::Utf8PathBuf;

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::reward::publish;
use crate::session::Session;
use crate::ui::Outcome;

/// Publish a planned round and fund it
///
/// The list of payees goes into the content store, its digest and the whole total on chain, with a bond. Until claims
/// start the guardian or the DAO may cancel the round: the funds come back then, the bond does not.
///
/// Example: dgov reward publish reward.json --expires 180d
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The plan that `dgov reward plan` wrote
    plan: Utf8PathBuf,
    /// How long it pays once claims have started, 91d at least; for ever when left out
    #[arg(long, value_name = "DURATION")]
    expires: Option<String>,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    let options = publish::Options { plan: &args.plan, expires: args.expires.as_deref() };
    Outcome::of(&publish::publish(&session, &options, &args.tx).await?)
}
