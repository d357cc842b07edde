//! `dgov oracle attest`.

use camino::Utf8PathBuf;

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::oracle::attest;
use crate::session::Session;
use crate::ui::Outcome;

/// Sign what a job used; with enough signatures the report is sent
///
/// Example: dgov oracle attest latest --usage usage.csv --signatures report.json --from dev5
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Job id, a unique beginning of it, or `latest`
    job: String,
    /// What was used: a CSV with the heading dataset,records, or a JSON list of such objects
    #[arg(long, value_name = "FILE")]
    usage: Utf8PathBuf,
    /// The document that shows it, the same for all oracles; made from the usage unless given
    #[arg(long, value_name = "FILE")]
    receipts: Option<Utf8PathBuf>,
    /// File in which the oracles collect their signatures
    #[arg(long, value_name = "FILE")]
    signatures: Option<Utf8PathBuf>,
    /// Oracle of the job, where neither the file nor this project knows them; may be repeated
    #[arg(long = "oracle", value_name = "ACCOUNT")]
    oracles: Vec<String>,
    /// How many of them must sign
    #[arg(long, value_name = "NUMBER", requires = "oracles")]
    threshold: Option<u64>,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    let options = attest::Options {
        job: &args.job,
        usage: &args.usage,
        receipts: args.receipts.as_deref(),
        signatures: args.signatures.as_deref(),
        oracles: &args.oracles,
        threshold: args.threshold,
    };
    Outcome::of(&attest::attest(&session, &options, &args.tx).await?)
}
