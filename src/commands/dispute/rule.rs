//! `dgov dispute rule`.

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::dispute::rule;
use crate::session::Session;
use crate::ui::Outcome;
use camino::Utf8PathBuf;

/// Propose the DAO's ruling on a case; vote and execute it like any proposal
///
/// Where an outside arbitrator rules, this says who.
///
/// Example: dgov dispute rule 1 challenger --body-file reasons.md
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Number of the case, or `latest`
    case: String,
    /// For whom
    ruling: rule::Ruling,
    /// Markdown file with the reasons
    #[arg(long, value_name = "FILE")]
    body_file: Option<Utf8PathBuf>,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    Outcome::of(&rule::rule(&session, &args.case, args.ruling, args.body_file.as_deref(), &args.tx).await?)
}
