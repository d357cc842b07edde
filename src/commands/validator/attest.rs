//! `dgov validator attest`.

use camino::Utf8PathBuf;

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::validator::attest;
use crate::session::Session;
use crate::ui::Outcome;

/// Attest the quality of a dataset's version, with stake behind it
///
/// The evidence goes into the content store, its sha256 on chain. An attestation can be challenged for some days; if it
/// is lost, so is the stake it locks. A validator attests a version once.
///
/// Example: dgov validator attest raccoon@1 --score 92.5% --evidence report.md --from dev4
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Dataset, with @N for another version than the latest
    dataset: String,
    /// Quality from 0% to 100%
    #[arg(long, value_name = "PERCENT")]
    score: String,
    /// Document that says what was checked, at most 1 MiB
    #[arg(long, value_name = "FILE")]
    evidence: Utf8PathBuf,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    let options = attest::Options { dataset: &args.dataset, score: &args.score, evidence: &args.evidence };
    Outcome::of(&attest::attest(&session, &options, &args.tx).await?)
}
