//! `dgov gov propose`.

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::gov::propose;
use crate::session::Session;
use crate::ui::Outcome;
use camino::Utf8PathBuf;

/// Draft and send a proposal; without arguments from the difference between manifest and chain
///
/// Example: dgov gov propose
///
/// Example: dgov gov propose --request 1
///
/// Example: dgov gov propose --title "Fund labeling" --body-file why.md --call 0x7099…79C8:"pay()":value=1ETH
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Title of the proposal
    #[arg(long)]
    title: Option<String>,
    /// Markdown file with the text of the proposal
    #[arg(long, value_name = "FILE")]
    body_file: Option<Utf8PathBuf>,
    /// A call: TARGET:SIGNATURE[:ARGUMENT,...][:value=AMOUNT]; TARGET an address or a role such as `licenses`; repeatable
    #[arg(long = "call", value_name = "CALL")]
    calls: Vec<String>,
    /// What a buyer asked for, by its number in `dgov license requests`: adds the terms and offers the dataset under them
    #[arg(long, value_name = "ID", conflicts_with = "calls")]
    request: Option<String>,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    let options = propose::Options {
        title: args.title.as_deref(),
        body_file: args.body_file.as_deref(),
        calls: &args.calls,
        request: args.request.as_deref(),
    };
    Outcome::of(&propose::propose(&session, &options, &args.tx).await?)
}
