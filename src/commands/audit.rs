//! `dgov audit`.

use camino::Utf8PathBuf;

use crate::context::Context;
use crate::error::Result;
use crate::ops::audit::{self, Format, Options};
use crate::ops::times;
use crate::session::Session;
use crate::ui::Outcome;

/// Show everything that happened to a dataset, from record to payment, in the order of time
///
/// Versions, approvals and recalls, terms and offers, passes, income and royalties, consents, attestations and stake, jobs,
/// disputes, votes of the DAO, and the runs whose receipts are here. Each line has its block, time, transaction and the
/// digest that it comes from; amounts are exact. What the chain says is read from its events; receipts say what their
/// signers claim.
///
/// Example: dgov audit raccoon --format csv --out raccoon.csv
///
/// Example: dgov audit raccoon --record images/raccoon-1.jpg
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Dataset: NAME or its 0x id; NAME@N for what concerns one version
    dataset: String,
    /// Narrow to the versions that hold this record: a path, FILE:LINE or a 0x key
    #[arg(long, value_name = "RECORD")]
    record: Option<String>,
    /// Leave out what was before: a date (2026-11-01) or an RFC 3339 time
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Leave out what was at this time or later
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// How it is written
    #[arg(long, value_enum, default_value = "table", value_name = "FORMAT")]
    format: Format,
    /// Write it into this file, too
    #[arg(long, value_name = "FILE")]
    out: Option<Utf8PathBuf>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let options = Options {
        dataset: &args.dataset,
        record: args.record.as_deref(),
        since: args.since.as_deref().map(times::parse).transpose()?,
        until: args.until.as_deref().map(times::parse).transpose()?,
        format: args.format,
        out: args.out.as_deref(),
    };
    let session = Session::open(context).await?;
    Outcome::of(&audit::audit(&session, &options).await?)
}
