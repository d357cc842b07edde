//! `dgov data prove`.

use crate::context::Context;
use crate::error::{Error, Result};
use crate::ops::data::{prove, prove_local};
use crate::session::Session;
use crate::ui::Outcome;
use camino::Utf8PathBuf;

/// Prove that a record is, or is not, in a version
///
/// The proof can be checked by anyone: offline with `dgov data verify-proof`, or by the registry contract.
///
/// Example: dgov data prove raccoon --record images/raccoon-1.jpg --out proof.json
///
/// Example: dgov data prove data/raccoon --local --absent other.jpg
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Dataset; with --local also a path
    dataset: String,
    /// Record that is in it: its locator (a path, or FILE:LINE) or its 0x-hex key
    #[arg(long, value_name = "RECORD", required_unless_present = "absent", conflicts_with = "absent")]
    record: Option<String>,
    /// Record that is not in it: a file to take the record from, or a 0x-hex key
    #[arg(long, value_name = "FILE|KEY")]
    absent: Option<String>,
    /// Version number; the latest when left out
    #[arg(long, value_name = "N")]
    version: Option<u32>,
    /// Also ask the registry contract to check the proof
    #[arg(long)]
    on_chain: bool,
    /// Prove from the files as they lie here, without chain and stores
    #[arg(long, conflicts_with_all = ["version", "on_chain"])]
    local: bool,
    /// Write the proof to this file too
    #[arg(long, value_name = "FILE")]
    out: Option<Utf8PathBuf>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let claim = match (&args.record, &args.absent) {
        (Some(record), _) => prove::Claim::Present(record),
        (None, Some(absent)) => prove::Claim::Absent(absent),
        (None, None) => {
            return Err(Error::usage("usage", "--record or --absent is needed").hint("see `dgov help data prove`"));
        }
    };
    if args.local {
        return Outcome::of(&prove_local::prove(context, &args.dataset, &claim, args.out.as_deref())?);
    }
    let session = Session::open(context).await?;
    let options = prove::Options {
        dataset: &args.dataset,
        claim,
        version: args.version,
        on_chain: args.on_chain,
        out: args.out.as_deref(),
    };
    Outcome::of(&prove::prove(&session, &options).await?)
}
