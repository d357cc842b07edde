//! `dgov data cid`.

use crate::context::Context;
use crate::error::Result;
use crate::ops::data::cid;
use crate::ui::Outcome;
use camino::Utf8PathBuf;

/// Compute the CID of a file or folder, offline
///
/// The same as `ipfs add -r --only-hash` under the profile.
///
/// Example: dgov data cid data/raccoon
#[derive(Debug, clap::Args)]
pub struct Args {
    /// File or folder
    path: Utf8PathBuf,
    /// UnixFS profile
    #[arg(long, default_value = "unixfs-v1-2025", value_name = "PROFILE")]
    profile: String,
    /// Include hidden files
    #[arg(long)]
    hidden: bool,
    /// Also the piece CID of Filecoin: of the CAR file that the package would be
    #[arg(long)]
    piece: bool,
    /// Also the BLAKE3 digest: of a file its content, of a folder the CAR file that it would be
    #[arg(long)]
    blake3: bool,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let extras = cid::Extras { piece: args.piece, blake3: args.blake3 };
    Outcome::of(&cid::cid(context, &args.path, &args.profile, args.hidden, extras)?)
}
