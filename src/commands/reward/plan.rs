//! `dgov reward plan`.

use camino::Utf8PathBuf;

use crate::context::Context;
use crate::error::Result;
use crate::ops::reward::plan;
use crate::session::Session;
use crate::ui::Outcome;

/// Plan a reward round from the income of a period
///
/// The budget is divided among contributors as the royalties of the period are: by sales and settled usage of the
/// project's datasets, and each version's contributor list. Nothing is sent; the same chain gives the same file.
///
/// Example: dgov reward plan --since 2026-10-01 --until 2026-11-01 --budget "2 ETH"
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Begin of the period: a date, or a time in RFC 3339
    #[arg(long, value_name = "TIME")]
    since: String,
    /// End of the period, which does not belong to it
    #[arg(long, value_name = "TIME")]
    until: String,
    /// What is divided, e.g. "2 ETH"
    #[arg(long, value_name = "AMOUNT")]
    budget: String,
    /// Currency whose income counts; the budget's when left out
    #[arg(long, value_name = "SYMBOL")]
    income_in: Option<String>,
    /// Count deposits that were no sale and no settled usage, too
    #[arg(long)]
    deposits: bool,
    /// Count datasets that others registered here, too
    #[arg(long)]
    all: bool,
    /// File to write
    #[arg(long, value_name = "FILE", default_value = "reward.json")]
    out: Utf8PathBuf,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open(context).await?;
    let options = plan::Options {
        since: &args.since,
        until: &args.until,
        budget: &args.budget,
        income_in: args.income_in.as_deref(),
        deposits: args.deposits,
        all: args.all,
        out: &args.out,
    };
    Outcome::of(&plan::plan(&session, &options).await?)
}
