//! `dgov data cid`.

use crate::context::Context;
use crate::error::Result;
use crate::ops::data::cid;
use crate::ui::Outcome;
use camino::Utf8PathBuf;
use dgov_data::digests::Wanted;

/// Compute the CID of a file or folder, offline
///
/// The same as `ipfs add -r --only-hash` under the profile. Other digests are computed in the same read, of each file's
/// own bytes.
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
    /// Also the BLAKE3 digest of each file, as `b3sum` prints it
    #[arg(long)]
    blake3: bool,
    /// Also the data root that an Arweave transaction with each file's bytes has
    #[arg(long)]
    data_root: bool,
    /// Also the piece CID (CommP) that each file's bytes have on Filecoin
    #[arg(long)]
    piece: bool,
    /// These digests of the one CAR file that the package would be, instead of each file: reads everything twice
    #[arg(long)]
    car: bool,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome> {
    let Args { path, profile, hidden, blake3, data_root, piece, car } = args;
    let wanted = Wanted { blake3: *blake3, data_root: *data_root, piece: *piece };
    let what = cid::What { path, profile, hidden: *hidden, wanted, car: *car };
    Outcome::of(&cid::cid(context, &what)?)
}
