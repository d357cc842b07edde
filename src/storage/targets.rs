//! From the manifest to the stores that packages are sent to.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::backend::Backend;
use super::journal::Journal;
use super::{Arweave, Ipfs, LocalStore, arweave};
use crate::env_vars::{DGOV_ARWEAVE_KEYFILE, DGOV_IPFS_TOKEN};
use crate::error::Result;
use crate::manifest::{Storage, StorageTarget};

/// What the stores of a project are made from.
pub struct Setting<'a> {
    /// `[storage]`.
    pub storage: &'a Storage,
    /// The project's own state.
    pub state_dir: Utf8PathBuf,
    /// Where tokens and keys come from.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// Who signs uploads that an account of the chain pays.
    pub signer: arweave::Signer,
    /// Roots of the packages that `dgov.lock` names.
    pub packages: Vec<cid::Cid>,
}

impl Setting<'_> {
    /// The targets of the manifest, in its order. Nothing is asked yet.
    ///
    /// # Errors
    /// `storage.url`, `storage.insecure`.
    pub fn backends(&self) -> Result<Vec<Arc<dyn Backend>>> {
        self.storage.targets.iter().map(|target| self.backend(*target)).collect()
    }

    fn backend(&self, target: StorageTarget) -> Result<Arc<dyn Backend>> {
        Ok(match target {
            StorageTarget::Local => Arc::new(LocalStore::new(local_store(&self.state_dir))),
            StorageTarget::Ipfs => Arc::new(Ipfs::new(&self.storage.ipfs.api, (self.environment)(DGOV_IPFS_TOKEN))?),
            StorageTarget::Arweave => Arc::new(Arweave::new(
                &self.storage.arweave,
                arweave::Setting {
                    journal: self.journal(),
                    signer: Arc::clone(&self.signer),
                    packages: self.packages.clone(),
                    keyfile: (self.environment)(DGOV_ARWEAVE_KEYFILE),
                },
            )?),
        })
    }

    /// Where paid and waiting uploads are written down.
    pub fn journal(&self) -> Journal {
        Journal::new(self.state_dir.join("ledger.db"))
    }
}

/// Folder of the project's own content store.
pub fn local_store(state_dir: &Utf8Path) -> Utf8PathBuf {
    state_dir.join("store")
}
