//! `dgov data profile`.

use camino::Utf8PathBuf;
use dgov_data::profile::Shard;

use crate::context::Context;
use crate::error::Result;
use crate::ops::data::profile::{self, Options};
use crate::ui::Outcome;

/// Profile a dataset: columns, duplicates, overlap of splits, hints at personal data
///
/// Needs no chain, and for a path no manifest. The profile of a dataset of the manifest is kept in .dgov/profiles and
/// becomes a document of the next version that is pushed; that of a path is written to profile.json. The same data gives
/// the same bytes.
///
/// Example: dgov data profile data/gsm8k
///
/// Example: dgov data profile gsm8k --split train='train*.jsonl' --split test='test*.jsonl'
///
/// Example: dgov data profile gsm8k --shard 1/4 --out 1.part
///
/// Example: dgov data profile --merge 1.part 2.part 3.part 4.part --out profile.json
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Dataset or path; may be left out when the manifest has only one
    target: Option<String>,
    /// File for the profile, or for the part
    #[arg(long, value_name = "FILE")]
    out: Option<Utf8PathBuf>,
    /// Files of a split, the first that matches; can be repeated. Without it the names of files and folders tell
    #[arg(long, value_name = "NAME=PATTERN")]
    split: Vec<String>,
    /// Profile this part of the files only, e.g. 2/8: so that several machines share the work
    #[arg(long, value_name = "PART/PARTS")]
    shard: Option<Shard>,
    /// Join parts into the profile of the whole
    #[arg(long, value_name = "PART", num_args = 1.., conflicts_with_all = ["target", "split", "shard"])]
    merge: Vec<Utf8PathBuf>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let options = Options { target: args.target.as_deref(), splits: &args.split, out: args.out.as_deref() };
    match args.shard {
        _ if !args.merge.is_empty() => Outcome::of(&profile::merge(&args.merge, options.out)?),
        Some(shard) => Outcome::of(&profile::part(context, &options, shard)?),
        None => Outcome::of(&profile::profile(context, &options)?),
    }
}
