//! `dgov deploy`.

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::deploy;
use crate::session::Session;
use crate::ui::Outcome;

/// Deploy what the manifest describes and the chain does not have yet
///
/// One factory transaction makes token, timelock, governor, AccessManager, registries, vault and passes, with the first
/// license terms, and leaves no admin outside the timelock. On a chain that dgov was never used on, the shared
/// implementations are deployed first.
///
/// Example: dgov deploy --network sepolia --from steward --max-spend "0.05 ETH"
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    Outcome::of(&deploy::deploy(&session, &args.tx).await?)
}
