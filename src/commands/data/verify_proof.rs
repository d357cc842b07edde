//! `dgov data verify-proof`.

use alloy::primitives::B256;
use camino::Utf8PathBuf;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::ops::data::verify_proof::{self, Options};
use crate::ops::names::word;
use crate::ui::Outcome;

/// Check a proof that somebody gave you, offline
///
/// Needs no project, no chain and no network. Everything in the file is computed again; only the root has to come from
/// somewhere that you trust: a lock file, the chain, or a publication.
///
/// Example: dgov data verify-proof proof.json --record raccoon-1.jpg --lock dgov.lock
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Proof, as `dgov data prove --out` writes it
    file: Utf8PathBuf,
    /// The record, a file or its 0x key: the key has to be the one that is proved
    #[arg(long, value_name = "RECORD")]
    record: Option<String>,
    /// Record root that the proof has to lead to
    #[arg(long, value_name = "ROOT")]
    root: Option<String>,
    /// Lock file that has to hold the version, or the folder with it
    #[arg(long, value_name = "FILE")]
    lock: Option<Utf8PathBuf>,
    /// Also ask the registry contract of the manifest's network
    #[arg(long)]
    on_chain: bool,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let root = args.root.as_deref().map(root).transpose()?;
    let options = Options { root, lock: args.lock.as_deref(), record: args.record.as_deref(), on_chain: args.on_chain };
    Outcome::of(&verify_proof::verify_proof(context, &args.file, &options).await?)
}

fn root(text: &str) -> Result<B256> {
    word(text).ok_or_else(|| {
        Error::usage("usage", format!("`{text}` is no root"))
            .hint("a root is 0x and 64 hex digits, as `dgov data show` prints it")
    })
}
