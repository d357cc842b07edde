//! Content identifiers of files and folders, exactly as `ipfs add -r` computes them, and the blocks behind them.
//!
//! [`plan`] walks a folder, [`Plan::hash`] reads every byte once, on all cores, and gives a [`Package`]: the root CID, each
//! file's CID and a stamp that tells whether it changed since. A package keeps the digests of all chunks, so that every
//! interior block, the size of a CAR file and any part of it can be computed again without reading the data.

mod block;
mod blocks;
mod dagpb;
mod directory;
mod error;
mod file;
mod hamt;
mod package;
mod plan;
mod profile;
mod read;
mod remote;
mod shards;
mod stamp;
mod stream;
mod window;

pub use block::{BlockId, Codec};
pub use blocks::{Block, BlockSource, PlannedBlock};
pub use cid::Cid;
pub(crate) use dagpb::{leaf_frame, varint};
pub use error::UnixfsError;
pub use hamt::hash_name;
pub use package::{Entry, Package, hash_bytes, leaf_id};
pub use plan::{Options, Plan, plan};
pub use profile::Profile;
pub(crate) use read::Source;
pub use remote::{RemoteTree, plan_remote, plan_remote_file};
pub use shards::{Cursor, Rest, Shard};
pub use stamp::Stamp;
pub(crate) use stream::ContentHasher;
pub(crate) use window::{Broken, Found, NoScan, Part, Scan, Scanner};
pub use window::{Hashed, Memory, Window};
