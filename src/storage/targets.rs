//! From the manifest to the stores that packages are sent to.

use std::sync::Arc;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use super::backend::Backend;
use super::journal::Journal;
use super::{Arweave, Filecoin, Ipfs, LocalStore, Pinning, S3, arweave};
use crate::env_vars::{DGOV_ARWEAVE_KEYFILE, DGOV_FILECOIN_TOKEN, DGOV_IPFS_TOKEN, DGOV_PINNING_TOKEN};
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
            StorageTarget::Ipfs => Arc::new(self.ipfs()?),
            StorageTarget::S3 => Arc::new(S3::new(&self.storage.s3, self.environment)?),
            StorageTarget::Filecoin => {
                let (place, token) = (&self.storage.filecoin, (self.environment)(DGOV_FILECOIN_TOKEN));
                let patience = Duration::from_secs(place.wait.as_secs());
                let data_set = place.data_set.unwrap_or_default();
                Arc::new(Filecoin::new(&place.service, data_set, token, self.journal(), &self.state_dir, patience)?)
            }
            StorageTarget::Pinning => {
                let (service, token) = (&self.storage.pinning, (self.environment)(DGOV_PINNING_TOKEN));
                let patience = Duration::from_secs(service.wait.as_secs());
                Arc::new(Pinning::new(&service.endpoint, token, self.ipfs()?, self.journal(), patience)?)
            }
            StorageTarget::Arweave => Arc::new(Arweave::new(
                &self.storage.arweave,
                arweave::Setting {
                    journal: self.journal(),
                    state_dir: self.state_dir.clone(),
                    signer: Arc::clone(&self.signer),
                    packages: self.packages.clone(),
                    keyfile: (self.environment)(DGOV_ARWEAVE_KEYFILE),
                },
            )?),
        })
    }

    fn ipfs(&self) -> Result<Ipfs> {
        Ipfs::new(&self.storage.ipfs.api, (self.environment)(DGOV_IPFS_TOKEN))
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
