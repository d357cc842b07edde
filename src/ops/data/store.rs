//! Putting a package into the stores of the manifest.

use std::io;

use dgov_data::unixfs::Package;

use super::package::unixfs_error;
use crate::error::{Error, Result};
use crate::session::Session;

/// The stores that hold a package already.
pub fn holders(session: &Session<'_>, package: &Package) -> Vec<String> {
    if session.local_store().has_package(&package.cid()) { vec!["local".to_owned()] } else { Vec::new() }
}

/// Stores a package; returns the names of the stores that hold it now. A package that is there is not read again.
pub fn store(session: &Session<'_>, package: &Package, label: &str) -> Result<Vec<String>> {
    let store = session.local_store();
    if !store.has_package(&package.cid()) {
        let bar = session.context.ui.bytes(label, package.cumulative_size());
        let mut writer = store.begin(&package.cid())?;
        let mut failed: Option<Error> = None;
        let outcome = package.for_each_block(&mut |block| {
            bar.inc(block.bytes.len() as u64);
            writer.put(&block.cid, block.bytes).map_err(|error| {
                let stop = io::Error::other(error.to_string());
                failed = Some(error);
                stop
            })
        });
        if let Some(error) = failed {
            return Err(error);
        }
        outcome.map_err(unixfs_error)?;
        crate::fault::point("store.finish.before");
        writer.finish()?;
        crate::fault::point("store.finish.after");
        bar.finish_and_clear();
    }
    Ok(vec!["local".to_owned()])
}
