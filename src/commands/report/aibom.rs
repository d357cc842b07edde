//! `dgov report aibom`.

use camino::Utf8PathBuf;

use crate::context::Context;
use crate::error::Result;
use crate::ops::report::aibom::{self, Options};
use crate::ui::Outcome;

/// Write a bill of materials of a model and its data (CycloneDX 1.7)
///
/// The datasets are those of [training], or all of the manifest: license, package, record root, and the digests of card,
/// license text and profile. With --receipt they are those that the run used, as its receipt names them, beside what the gate
/// said, the commit and the configuration. Needs no chain; the same input gives the same bytes.
///
/// Example: dgov report aibom --model out/model --model-version 1.2 --out bom.cdx.json
///
/// Example: dgov report aibom --receipt receipts/0123456789abcdef --key training.pub --out bom.cdx.json
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Name of the model; the project's unless given
    #[arg(long, value_name = "NAME")]
    model_name: Option<String>,
    /// Version of the model
    #[arg(long, value_name = "VERSION")]
    model_version: Option<String>,
    /// File or folder of the model, for its hashes
    #[arg(long, value_name = "PATH")]
    model: Option<Utf8PathBuf>,
    /// Receipt of the run that made the model: its folder, or its name
    #[arg(long, value_name = "RECEIPT")]
    receipt: Option<Utf8PathBuf>,
    /// Public key that has to have signed the receipt
    #[arg(long, value_name = "FILE", requires = "receipt")]
    key: Option<Utf8PathBuf>,
    /// Write the document into this file, too
    #[arg(long, value_name = "FILE")]
    out: Option<Utf8PathBuf>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let options = Options {
        name: args.model_name.as_deref(),
        version: args.model_version.as_deref(),
        model: args.model.as_deref(),
        receipt: args.receipt.as_deref(),
        key: args.key.as_deref(),
        out: args.out.as_deref(),
    };
    Outcome::of(&aibom::aibom(context, &options).await?)
}
