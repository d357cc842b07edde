//! From the manifest to the stores that packages are sent to.

use std::sync::Arc;

use camino::Utf8Path;

use super::backend::Backend;
use super::{Ipfs, LocalStore};
use crate::env_vars::DGOV_IPFS_TOKEN;
use crate::error::Result;
use crate::manifest::{Storage, StorageTarget};

/// The targets of a manifest, in its order. Nothing is asked yet.
///
/// # Errors
/// `storage.url`, `storage.insecure`.
pub fn backends(
    storage: &Storage,
    local: &Utf8Path,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<Arc<dyn Backend>>> {
    let backend = |target: &StorageTarget| -> Result<Arc<dyn Backend>> {
        Ok(match target {
            StorageTarget::Local => Arc::new(LocalStore::new(local)),
            StorageTarget::Ipfs => Arc::new(Ipfs::new(&storage.ipfs.api, environment(DGOV_IPFS_TOKEN))?),
        })
    };
    storage.targets.iter().map(backend).collect()
}
