//! `dgov data verify`.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use crate::context::Context;
use crate::error::Result;
use crate::ops::data::audit::{self, Sample};
use crate::ops::data::verify;
use crate::session::Session;
use crate::ui::Outcome;

/// Hash the local bytes again and compare with dgov.lock and the chain
///
/// Exit code 7 when anything differs; the first bad file is named. With --remote the copies in the project's stores are
/// read back instead: the first bad or missing block is named with its file and offset.
///
/// Example: dgov data verify raccoon
///
/// Example: dgov data verify raccoon --remote --target ipfs --all
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Dataset; all of the manifest when left out
    dataset: Option<String>,
    /// Version number; the latest when left out
    #[arg(long, value_name = "N")]
    version: Option<u32>,
    /// Audit what the stores hold, not the local files
    #[arg(long)]
    remote: bool,
    /// Store to audit; all of `targets` when left out
    #[arg(long, value_name = "NAME", requires = "remote")]
    target: Option<String>,
    /// Leaves to read of each package, chosen at random
    #[arg(long, value_name = "N", default_value_t = 64, requires = "remote", conflicts_with = "all")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100_000))]
    sample: u32,
    /// Read every block
    #[arg(long, requires = "remote")]
    all: bool,
    /// Choose the same leaves as an earlier run
    #[arg(long, value_name = "SEED", requires = "remote", conflicts_with = "all")]
    seed: Option<u32>,
    /// Blocks on their way at once
    #[arg(long, value_name = "N", default_value_t = 16, requires = "remote")]
    #[arg(value_parser = clap::value_parser!(u8).range(1..=64))]
    jobs: u8,
    /// Seconds that a block may take
    #[arg(long, value_name = "SECONDS", default_value_t = 30, requires = "remote")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    timeout: u32,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open(context).await?;
    if !args.remote {
        return Outcome::of(&verify::verify(&session, args.dataset.as_deref(), args.version).await?);
    }
    let seed = || args.seed.unwrap_or_else(|| RandomState::new().hash_one(()) as u32);
    let count = usize::try_from(args.sample).unwrap_or(usize::MAX);
    let report = audit::audit(
        &session,
        &audit::Options {
            dataset: args.dataset.as_deref(),
            version: args.version,
            target: args.target.as_deref(),
            sample: if args.all { Sample::All } else { Sample::Leaves { count, seed: seed() } },
            jobs: usize::from(args.jobs),
            timeout: Duration::from_secs(u64::from(args.timeout)),
        },
    )
    .await?;
    let outcome = Outcome::of(&report)?;
    Ok(match report.failure() {
        Some(failure) => outcome.with_failure(failure),
        None => outcome,
    })
}
