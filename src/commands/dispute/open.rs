//! `dgov dispute open`.

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::dispute::open;
use crate::session::Session;
use crate::ui::Outcome;
use camino::Utf8PathBuf;

/// Challenge a version of a dataset, an attestation or a usage report
///
/// The evidence is stored and named on chain by its sha256. A bond goes along: it is lost if the subject stands, and comes
/// back with a part of what others lose if the challenge is right.
///
/// Example: dgov dispute open raccoon@2 --evidence findings.pdf
///
/// Example: dgov dispute open --attestation 0x5ae4…91c2 --evidence recount.csv --bond "0.1 ETH"
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Dataset, with @NUMBER for another version than the latest
    #[arg(required_unless_present_any = ["attestation", "report"])]
    dataset: Option<String>,
    /// Id of an attestation instead
    #[arg(long, value_name = "ID", conflicts_with_all = ["dataset", "report"])]
    attestation: Option<String>,
    /// Id of the usage job whose report is challenged instead
    #[arg(long, value_name = "JOB", conflicts_with = "dataset")]
    report: Option<String>,
    /// File that shows what is wrong
    #[arg(long, value_name = "FILE")]
    evidence: Utf8PathBuf,
    /// Bond; the least one when left out
    #[arg(long, value_name = "AMOUNT")]
    bond: Option<String>,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    let subject = match (&args.dataset, &args.attestation, &args.report) {
        (_, Some(id), _) => open::Subject::Attestation(id),
        (_, _, Some(id)) => open::Subject::Report(id),
        (dataset, ..) => open::Subject::Version(dataset.as_deref().unwrap_or_default()),
    };
    Outcome::of(&open::open(&session, subject, &args.evidence, args.bond.as_deref(), &args.tx).await?)
}
