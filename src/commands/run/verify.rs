//! `dgov run verify`.

use camino::Utf8PathBuf;

use crate::context::Context;
use crate::error::Result;
use crate::ops::run::anchor;
use crate::ops::run::verify::{self, Options};
use crate::session::Session;
use crate::ui::Outcome;

/// Verify a receipt, offline unless its anchor is asked for
///
/// Signatures and digests are computed again. The model, the configuration and the lock are compared when they are given; the
/// chain is asked for the anchor with --anchor (the project's network) or --rpc-url (any node of that chain).
///
/// Example: dgov run verify receipts/0123456789abcdef --key training.pub --model out/model --lock dgov.lock
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The receipt's folder
    folder: Utf8PathBuf,
    /// Public key of the signer, from a source that you trust
    #[arg(long, value_name = "FILE")]
    key: Utf8PathBuf,
    /// The model, to be hashed again
    #[arg(long, value_name = "PATH")]
    model: Option<Utf8PathBuf>,
    /// Folder from which the configuration files are named
    #[arg(long, value_name = "DIR")]
    config_dir: Option<Utf8PathBuf>,
    /// Lock file that has to hold the versions, or the folder with it
    #[arg(long, value_name = "FILE")]
    lock: Option<Utf8PathBuf>,
    /// Ask the project's network for the anchor
    #[arg(long)]
    anchor: bool,
    /// Ask this node for the anchor; no project is needed
    #[arg(long, value_name = "URL", conflicts_with = "anchor")]
    rpc_url: Option<String>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = if args.anchor { Some(Session::open(context).await?) } else { None };
    let node = match (&args.rpc_url, anchor::of_folder(&args.folder)?) {
        (Some(url), Some(known)) => Some(anchor::node(url, known.chain_id).await?),
        (Some(_), None) => return Err(anchor::missing(&args.folder)),
        (None, _) => None,
    };
    let options = Options {
        folder: &args.folder,
        key: &args.key,
        model: args.model.as_deref(),
        config_dir: args.config_dir.as_deref(),
        lock: args.lock.as_deref(),
        chain: node.as_ref().or(session.as_ref().map(|session| &session.connection)),
    };
    Outcome::of(&verify::verify(&options).await?)
}
