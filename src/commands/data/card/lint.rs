//! `dgov data card lint`.

use dgov_data::cards::CardProfile;

use crate::context::Context;
use crate::error::Result;
use crate::ops::data::card::lint;
use crate::ui::Outcome;

/// Check a data card, and the files beside it against their digests
///
/// Cards of others are read, too: Croissant 1.0 and 1.1. Exit code 3 when the card is not valid, 7 when a file is not
/// the one that it describes.
///
/// Example: dgov data card lint raccoon --profile neurips
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Card, folder with one, or dataset of the manifest; what is here when left out
    #[arg(value_name = "FILE|NAME")]
    target: Option<String>,
    /// What the card is measured by
    #[arg(long, value_enum, default_value_t = Profile::Default)]
    profile: Profile,
    /// Fail on warnings, too
    #[arg(long)]
    strict: bool,
    /// Do not read the files beside the card
    #[arg(long)]
    no_files: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Profile {
    /// The format
    Default,
    /// And the eight fields that NeurIPS asks for
    Neurips,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let options = lint::Options {
        target: args.target.clone(),
        profile: match args.profile {
            Profile::Default => CardProfile::Default,
            Profile::Neurips => CardProfile::Neurips,
        },
        strict: args.strict,
        no_files: args.no_files,
    };
    let report = lint::lint(context, &options)?;
    let outcome = Outcome::of(&report)?;
    Ok(match report.failure() {
        Some(failure) => outcome.with_failure(failure),
        None => outcome,
    })
}
