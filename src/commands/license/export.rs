//! `dgov license export`.

use camino::Utf8PathBuf;

use crate::context::Context;
use crate::error::Result;
use crate::ops::license::export::{self, Format};
use crate::ui::Outcome;

/// Write what may be done with a dataset in the words of others
///
/// The rights are those of the dataset's license and of everything that it was derived from. What a format can't say is
/// said as no.
///
/// Example: dgov license export raccoon --format rsl --url /data/raccoon/ --out license.xml
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Dataset; the only one when left out
    dataset: Option<String>,
    /// Whose words
    #[arg(long, value_enum)]
    format: Format,
    /// Where the data is published: a path on the server, or a URL
    #[arg(long, value_name = "URL", default_value = "/")]
    url: String,
    /// Where the terms or the policy are published
    #[arg(long, value_name = "URL")]
    policy_url: Option<String>,
    /// File to write; standard output when left out
    #[arg(long, value_name = "FILE")]
    out: Option<Utf8PathBuf>,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let options = export::Options {
        dataset: args.dataset.as_deref(),
        format: args.format,
        url: &args.url,
        policy_url: args.policy_url.as_deref(),
        out: args.out.as_ref(),
    };
    Outcome::of(&export::export(context, &options)?)
}
