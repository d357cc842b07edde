//! `dgov license grant`.

use crate::commands::TxArgs;
use crate::context::Context;
use crate::error::Result;
use crate::ops::license::grant;
use crate::session::Session;
use crate::ui::Outcome;
use camino::Utf8PathBuf;

/// Give a pass without a sale; needs the issuer's and the holder's consent
///
/// Sent at once when the holder's key is at hand, too (a development account of a local chain). Otherwise --out writes a
/// grant signed by the dataset's owner, which the holder sends with --accept.
///
/// Example: dgov license grant raccoon --to 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --out grant.json
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Dataset
    #[arg(required_unless_present = "accept")]
    dataset: Option<String>,
    /// Holder of the pass
    #[arg(long, value_name = "ACCOUNT", required_unless_present = "accept")]
    to: Option<String>,
    /// How long; as long as the license lasts when left out
    #[arg(long, value_name = "DURATION")]
    duration: Option<String>,
    /// License of the manifest, where the dataset is offered under several
    #[arg(long, value_name = "LICENSE")]
    license: Option<String>,
    /// Write the signed grant into this file, for the holder to send
    #[arg(long, value_name = "FILE")]
    out: Option<Utf8PathBuf>,
    /// Send a signed grant as its holder
    #[arg(long, value_name = "FILE", conflicts_with_all = ["dataset", "to", "license", "duration", "out"])]
    accept: Option<Utf8PathBuf>,
    #[command(flatten)]
    tx: TxArgs,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open_exclusive(context).await?;
    if let Some(file) = &args.accept {
        return Outcome::of(&grant::accept(&session, file, &args.tx).await?);
    }
    let options = grant::Options {
        dataset: args.dataset.as_deref().unwrap_or_default(),
        to: args.to.as_deref().unwrap_or_default(),
        license: args.license.as_deref(),
        duration: args.duration.as_deref(),
        out: args.out.as_deref(),
    };
    Outcome::of(&grant::grant(&session, &options, &args.tx).await?)
}
