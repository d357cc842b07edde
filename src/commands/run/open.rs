//! `dgov run open`.

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::run::open;
use crate::session::Session;
use crate::ui::Outcome;

/// Escrow the pay for a training run, and fix who reports it and who may be paid
///
/// The same command opens one job, however often it is run; --reference means another one.
///
/// Example: dgov run open --dataset raccoon --pay "1 ETH" --oracle dev5 --oracle dev6 --threshold 2
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Dataset that may be paid, with @NUMBER for another version than the latest; may be repeated
    #[arg(long = "dataset", value_name = "NAME[@N]", required = true)]
    datasets: Vec<String>,
    /// What is escrowed, e.g. "1 ETH"
    #[arg(long, value_name = "AMOUNT")]
    pay: String,
    /// The most that a dataset gets, e.g. "raccoon=0.5 ETH"; may be repeated
    #[arg(long = "cap", value_name = "NAME=AMOUNT")]
    caps: Vec<String>,
    /// Account that may sign the report; may be repeated
    #[arg(long = "oracle", value_name = "ACCOUNT", required = true)]
    oracles: Vec<String>,
    /// How many of them must sign; all unless given
    #[arg(long, value_name = "NUMBER")]
    threshold: Option<u64>,
    /// How long they have; then the escrow can be taken back
    #[arg(long, value_name = "DURATION", default_value = "30d")]
    deadline: String,
    /// A name for this run: one job is opened for a name, whatever else changes
    #[arg(long, value_name = "TEXT")]
    reference: Option<String>,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    let options = open::Options {
        datasets: &args.datasets,
        pay: &args.pay,
        caps: &args.caps,
        oracles: &args.oracles,
        threshold: args.threshold,
        deadline: &args.deadline,
        reference: args.reference.as_deref(),
    };
    Outcome::of(&open::open(&session, &options, &args.tx).await?)
}
