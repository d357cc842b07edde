//! `dgov license detect`.

use camino::Utf8PathBuf;

use crate::context::Context;
use crate::error::Result;
use crate::ops::license::detect;
use crate::ui::Outcome;

/// Find out the license of a folder: license files by their text, the README's front matter, the data card
///
/// Exit code 3 when no license is found, 7 when what is found does not agree.
///
/// Example: dgov license detect data/raccoon
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder, or a file with a license text
    #[arg(value_name = "PATH", default_value = ".")]
    path: Utf8PathBuf,
}

pub(crate) fn run(args: &Args, _context: &Context) -> Result<Outcome> {
    let report = detect::detect(&args.path)?;
    let outcome = Outcome::of(&report)?;
    Ok(match report.failure() {
        Some(failure) => outcome.with_failure(failure),
        None => outcome,
    })
}
