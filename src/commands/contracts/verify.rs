//! `dgov contracts verify`.

use crate::context::Context;
use crate::error::Result;
use crate::ops::contracts::verify::{self, Options, Service};
use crate::session::Session;
use crate::ui::Outcome;

/// Publish the sources of the project's contracts, so that everybody can read the code behind an address
///
/// Sends the compiler's exact input, which is inside dgov, of each contract and of what all projects of the chain share.
/// What is published already is left alone. Proxies and code holders are explained.
///
/// Example: dgov contracts verify --network sepolia
///
/// Example: dgov contracts verify registry pass --service blockscout --url https://base.blockscout.com
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Roles (registry) or contracts (DatasetRegistry); all when left out
    #[arg(value_name = "CONTRACT")]
    contracts: Vec<String>,
    /// Where to publish
    #[arg(long, value_enum, default_value = "sourcify")]
    service: Service,
    /// Address of the service instead of the usual one
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Send nothing; with --json, show what would be sent
    #[arg(long)]
    dry_run: bool,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open(context).await?;
    let options =
        Options { service: args.service, url: args.url.as_deref(), contracts: &args.contracts, dry_run: args.dry_run };
    let report = verify::verify(&session, &options).await?;
    let outcome = Outcome::of(&report)?;
    Ok(match report.failure() {
        Some(failure) => outcome.with_failure(failure),
        None => outcome,
    })
}
