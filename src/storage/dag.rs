//! Reading UnixFS files and folders block by block, each block checked.

use std::collections::BTreeMap;

use cid::Cid;
use rust_unixfs::walk::{ContinuedWalk, Walker};

use super::{Source, fetch};
use crate::error::{Error, Result};

/// The files of a folder by their path below it (`/` between parts), in memory; more than `limit` bytes is an error.
pub async fn read_folder(sources: &[Source], root: &Cid, limit: u64) -> Result<BTreeMap<String, Vec<u8>>> {
    let malformed = |error: &dyn std::error::Error| {
        Error::integrity("storage.dag_malformed", format!("{root} is no readable UnixFS folder"))
            .caused_by(error)
            .hint("it was not written by dgov; ask its publisher")
    };
    let mut walker = Walker::new(*root, String::new());
    let mut cache = None;
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut total = 0u64;
    while walker.should_continue() {
        let next = *walker.pending_links().0;
        let block = fetch(sources, &next).await?;
        total += block.len() as u64;
        if total > limit {
            return Err(Error::integrity("storage.too_large", format!("{root} is larger than {limit} bytes")));
        }
        match walker.next(&block, &mut cache).map_err(|error| malformed(&error))? {
            ContinuedWalk::File(segment, _, path, _, _) => {
                let name = path.to_str().map(|path| path.trim_start_matches('/').to_owned()).unwrap_or_default();
                files.entry(name).or_default().extend_from_slice(segment.as_bytes());
            }
            ContinuedWalk::Bucket(..) | ContinuedWalk::Directory(..) | ContinuedWalk::RootDirectory(..) => {}
            ContinuedWalk::Symlink(_, _, path, _) => {
                return Err(Error::integrity("storage.link", format!("{root} holds a symbolic link, {}", path.display())));
            }
        }
    }
    Ok(files)
}
