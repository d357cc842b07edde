//! `dgov contracts export`.

use camino::Utf8PathBuf;

use crate::context::Context;
use crate::error::Result;
use crate::ops::contracts::export::{self, Format, Options};
use crate::session::Session;
use crate::ui::Outcome;

/// Write ABIs, addresses and typed bindings of the project's contracts
///
/// viem: TypeScript ABIs `as const` for viem and wagmi. ethers: typed contracts for ethers v6. alloy: a Rust module of
/// `sol!` interfaces. The addresses are those of the selected network. Only files of an earlier export are replaced.
///
/// Example: dgov contracts export --format viem --out web/src/dgov
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Form of the bindings
    #[arg(long, value_enum, default_value = "json")]
    format: Format,
    /// Folder to write into
    #[arg(long, value_name = "DIR", default_value = "bindings")]
    out: Utf8PathBuf,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let session = Session::open(context).await?;
    let options = Options { format: args.format, out: args.out.clone() };
    Outcome::of(&export::export(&session, &options).await?)
}
