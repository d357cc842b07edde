//! Which blocks a store took in earlier pushes, so that only new ones travel: for each package that it holds, the sorted
//! digests of all its blocks. Only a hint: a store that lost blocks is noticed when a push is finished, and gets them all.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::io::Write;

use camino::{Utf8Path, Utf8PathBuf};
use dgov_data::unixfs::{BlockId, Package};
use sha2::{Digest, Sha256};

use super::Backend;
use crate::error::{Error, Result};

/// Longest list of one package that is kept: 256 MiB.
const MAX_BLOCKS: usize = 8 << 20;

/// The blocks that one store holds, as far as this project knows.
pub struct SentBlocks {
    dir: Utf8PathBuf,
    /// By root, as text.
    packages: HashMap<OsString, Vec<[u8; 32]>>,
}

impl SentBlocks {
    /// What was sent to this store before. Lists that can't be read count as none.
    pub fn of(state_dir: &Utf8Path, backend: &dyn Backend) -> Self {
        let dir = dir(state_dir, backend.name(), &backend.place());
        let lists = std::fs::read_dir(&dir).into_iter().flatten().flatten();
        let packages = lists.filter_map(|entry| {
            let bytes = std::fs::read(entry.path()).ok()?;
            let (digests, rest) = bytes.as_chunks();
            (rest.is_empty() && digests.is_sorted()).then(|| (entry.file_name(), digests.to_vec()))
        });
        Self { packages: packages.collect(), dir }
    }

    /// Whether the store took this block in an earlier push.
    pub fn has(&self, block: &BlockId) -> bool {
        self.packages.values().any(|digests| digests.binary_search(&block.digest).is_ok())
    }

    /// Remembers a package that the store now holds.
    ///
    /// # Errors
    /// File errors.
    pub fn add(&self, package: &Package) -> Result<()> {
        let root = package.cid().to_string();
        if self.packages.contains_key(OsStr::new(&root)) {
            return Ok(());
        }
        let mut digests = Vec::new();
        package
            .for_each_planned_block(&mut |block| {
                digests.push(block.id.digest);
                Ok(())
            })
            .map_err(|error| Error::bug(error.to_string()))?;
        if digests.len() > MAX_BLOCKS {
            return Ok(());
        }
        digests.sort_unstable();
        write(&self.dir, &root, &digests)
    }

    /// Forgets everything: the store has lost blocks.
    ///
    /// # Errors
    /// File errors.
    pub fn forget(&self) -> Result<()> {
        match fs_err::remove_dir_all(&self.dir) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }
}

/// Where lists of what went to a store are kept.
pub(super) fn dir(state_dir: &Utf8Path, name: &str, place: &str) -> Utf8PathBuf {
    let place = Sha256::digest(place);
    state_dir.join("sent").join(format!("{name}-{}", alloy::hex::encode(&place[..8])))
}

/// Writes a list whole or not at all.
pub(super) fn write(dir: &Utf8Path, name: &str, digests: &[[u8; 32]]) -> Result<()> {
    fs_err::create_dir_all(dir)?;
    let mut list = tempfile::NamedTempFile::new_in(dir)?;
    list.write_all(digests.as_flattened())?;
    list.persist(dir.join(name)).map_err(|error| Error::from(error.error))?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use dgov_data::unixfs::{Options, hash_bytes, plan};

    use super::*;
    use crate::storage::LocalStore;

    #[test]
    fn blocks_of_earlier_packages_are_known_until_the_store_has_lost_some() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        std::fs::create_dir(dir.join("data")).unwrap();
        std::fs::write(dir.join("data/a"), "a").unwrap();
        let package = plan(&dir.join("data"), &Options::default()).unwrap().hash(&|_| {}).unwrap();
        let (here, elsewhere) = (LocalStore::new(dir.join("one")), LocalStore::new(dir.join("two")));
        let [known, unknown] = ["a", "b"].map(|text| hash_bytes(package.profile(), text.as_bytes()));

        SentBlocks::of(dir, &here).add(&package).unwrap();
        let sent = SentBlocks::of(dir, &here);
        assert!(sent.has(&known) && sent.has(&package.root_id()) && !sent.has(&unknown));
        assert!(!SentBlocks::of(dir, &elsewhere).has(&known), "each store has a list of its own");
        // A damaged list is none.
        std::fs::write(sent.dir.join(package.cid().to_string()), [7; 33]).unwrap();
        assert!(!SentBlocks::of(dir, &here).has(&known));
        sent.forget().unwrap();
        assert!(!sent.dir.exists());
    }
}
