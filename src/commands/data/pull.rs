//! `dgov data pull`.

use std::io::Write;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use crate::context::Context;
use crate::error::{Error, Result};
use crate::ops::data::pull::{self, ByteRange, Options};
use crate::session::Session;
use crate::ui::Outcome;
use crate::ui::output;

/// Fetch a version into a folder, every block checked
///
/// Blocks come from the project's stores, the sources of the manifest and the gateways named here, whichever has them; one
/// that is gone, silent or lying is left for the next. What is in the folder and right is not fetched again, also after
/// the command was killed. A file that differs is replaced with --force only.
///
/// Example: dgov data pull raccoon --to raccoon-copy --gateway https://trustless-gateway.link
///
/// Example: dgov data pull raccoon --path images/raccoon-1.jpg --range 0-1023 --to head.bin
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Dataset: a name, NAME@N, or an id; may be left out when there is only one
    dataset: Option<String>,
    /// Version number; the latest when left out
    #[arg(long, value_name = "N")]
    version: Option<u32>,
    /// Folder to pull into, the dataset's name when left out; with --range, file to write
    #[arg(long, value_name = "DIR")]
    to: Option<Utf8PathBuf>,
    /// Pull this file or folder of the package only
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// Write these bytes of the file --path, to standard output without --to: FIRST-LAST or FIRST-, from 0
    #[arg(long, value_name = "RANGE", requires = "path")]
    range: Option<ByteRange>,
    /// Trustless gateway to read from as well; can be repeated
    #[arg(long, value_name = "URL")]
    gateway: Vec<String>,
    /// Replace files that differ from the package
    #[arg(long)]
    force: bool,
    /// Also write names that not every system can hold, or tell apart
    #[arg(long)]
    native_names: bool,
    /// Refuse a package that says it has more bytes; without it, one that the disk has no room for
    #[arg(long, value_name = "BYTES")]
    max_bytes: Option<u64>,
    /// Refuse a package of more files and folders
    #[arg(long, value_name = "N", default_value_t = 4_000_000)]
    max_files: u64,
    /// Blocks on their way at once
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u8).range(1..=64))]
    jobs: u8,
    /// Seconds that a block may take before another source is asked
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    timeout: u32,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open(context).await?;
    let options = Options {
        dataset: args.dataset.as_deref(),
        version: args.version,
        to: args.to.as_deref(),
        path: args.path.as_deref(),
        gateways: &args.gateway,
        force: args.force,
        native_names: args.native_names,
        max_bytes: args.max_bytes,
        max_files: args.max_files,
        jobs: usize::from(args.jobs),
        timeout: Duration::from_secs(u64::from(args.timeout)),
    };
    match (args.range, &args.to) {
        (None, _) => Outcome::of(&pull::pull(&session, &options).await?),
        (Some(range), Some(to)) => to_file(&session, &options, range, to).await,
        (Some(_), None) if context.global.json => {
            Err(Error::usage("usage", "--range writes bytes to standard output, which --json needs for itself")
                .hint("give a file for them with --to"))
        }
        (Some(range), None) => {
            pull::range(&session, &options, range, &mut output::bytes).await?;
            Ok(Outcome::raw(String::new()))
        }
    }
}

async fn to_file(session: &Session<'_>, options: &Options<'_>, range: ByteRange, to: &Utf8Path) -> Result<Outcome> {
    let dir = to.parent().filter(|dir| !dir.as_str().is_empty()).unwrap_or(Utf8Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    let mut write = |bytes: &[u8]| Ok(file.write_all(bytes).map(|()| true)?);
    let report = pull::range(session, options, range, &mut write).await?;
    if options.force {
        file.persist(to).map_err(|error| Error::from(error.error))?;
    } else if let Err(error) = file.persist_noclobber(to) {
        return Err(match error.error.kind() {
            std::io::ErrorKind::AlreadyExists => Error::input("pull.differs", format!("{to} is there already"))
                .hint("--force replaces it, --to names another file"),
            _ => error.error.into(),
        });
    }
    Outcome::of(&report)
}
