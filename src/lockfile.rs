//! `dgov.lock`: what is on which chain, committed to the project's repository. Written by dgov only; `dgov sync`
//! rebuilds it from the chain.

use std::collections::BTreeMap;

use alloy::primitives::{Address, B256};
use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// File name, beside the manifest.
pub const FILE_NAME: &str = "dgov.lock";
const FORMAT: u32 = 1;
const HEADER: &str = "# Written by dgov; commit it. `dgov sync` rebuilds it from the chain.\n";

/// The whole file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Lock {
    /// Version of the format.
    pub format: u32,
    /// By the network's name in the manifest.
    #[serde(default)]
    pub networks: BTreeMap<String, NetworkLock>,
}

/// One project on one network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct NetworkLock {
    /// EIP-155 id.
    pub chain_id: u64,
    /// Account that deployed the project.
    pub deployer: Address,
    /// The factory that made the contracts.
    pub factory: Address,
    /// Binds deployer and configuration.
    pub salt: B256,
    /// Block of the deployment; nothing of the project is older.
    pub block: u64,
    /// Transaction of the deployment.
    pub transaction: B256,
    /// Addresses by role (`token`, `registry`, …).
    pub contracts: BTreeMap<String, Address>,
    /// keccak256 of the deployed code by role.
    pub code: BTreeMap<String, B256>,
    /// By slug.
    #[serde(default)]
    pub datasets: BTreeMap<String, DatasetLock>,
}

/// One dataset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct DatasetLock {
    /// Also the token id, as an integer.
    pub dataset_id: B256,
    /// First owner.
    pub publisher: Address,
    /// Ascending by number, without gaps.
    #[serde(default)]
    pub versions: Vec<VersionLock>,
}

/// One version: what the chain holds of it, and where its bytes are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct VersionLock {
    /// From 1.
    pub number: u32,
    /// EIP-712 struct hash of the version.
    pub version_key: B256,
    /// Root of the package.
    pub cid: String,
    /// Root of the documents.
    pub meta_cid: String,
    /// Root of the record tree.
    pub record_root: B256,
    /// Number of records.
    pub records: u64,
    /// Root of the contributor tree.
    pub contributor_root: B256,
    /// Digest of the splits.
    pub splits_digest: B256,
    /// sha256 of the data card.
    pub card_digest: B256,
    /// sha256 of the license text.
    pub license_digest: B256,
    /// Digest of the parents' version keys, or zero.
    pub parents_hash: B256,
    /// Transaction that recorded it.
    pub transaction: B256,
    /// Block that recorded it.
    pub block: u64,
    /// Storage targets that hold its bytes.
    #[serde(default)]
    pub stored: Vec<String>,
}

impl Default for Lock {
    fn default() -> Self {
        Self { format: FORMAT, networks: BTreeMap::new() }
    }
}

impl Lock {
    /// Path of the lock file of a project.
    pub fn path(project_dir: &Utf8Path) -> Utf8PathBuf {
        project_dir.join(FILE_NAME)
    }

    /// The lock of a project; empty when there is no file.
    pub fn load(project_dir: &Utf8Path) -> Result<Self> {
        let path = Self::path(project_dir);
        let text = match fs_err::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(Error::from(error)),
        };
        let lock: Self = toml::from_str(&text).map_err(|error| {
            Error::input("lock.malformed", format!("{path} is malformed"))
                .caused_by(&error)
                .hint("restore it from version control, or delete it and run `dgov sync`")
        })?;
        if lock.format > FORMAT {
            return Err(Error::input(
                "lock.newer",
                format!("{path} has format {}, this dgov reads {FORMAT}", lock.format),
            )
            .hint("update dgov"));
        }
        Ok(lock)
    }

    /// Writes the lock: the old file or the new one, never a torn one. An equal file is left alone.
    pub fn save(&self, project_dir: &Utf8Path) -> Result<()> {
        let body = toml::to_string(self).map_err(|error| Error::bug("the lock did not serialize").caused_by(&error))?;
        let text = format!("{HEADER}{body}");
        let path = Self::path(project_dir);
        if std::fs::read_to_string(&path).is_ok_and(|old| old == text) {
            return Ok(());
        }
        write_atomically(&path, text.as_bytes())
    }
}

/// Replaces a file in one step: temporary file beside it, fsync, rename.
pub fn write_atomically(path: &Utf8Path, bytes: &[u8]) -> Result<()> {
    use std::io::Write;
    let dir = path.parent().filter(|dir| !dir.as_str().is_empty()).unwrap_or(Utf8Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(bytes)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| Error::from(error.error))?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn sample() -> Lock {
        let version = VersionLock {
            number: 1,
            version_key: B256::repeat_byte(1),
            cid: "bafy".into(),
            meta_cid: "bafz".into(),
            record_root: B256::repeat_byte(2),
            records: 200,
            contributor_root: B256::repeat_byte(3),
            splits_digest: B256::repeat_byte(4),
            card_digest: B256::repeat_byte(5),
            license_digest: B256::repeat_byte(6),
            parents_hash: B256::ZERO,
            transaction: B256::repeat_byte(7),
            block: 12,
            stored: vec!["local".into()],
        };
        let dataset = DatasetLock {
            dataset_id: B256::repeat_byte(8),
            publisher: Address::repeat_byte(9),
            versions: vec![version],
        };
        let network = NetworkLock {
            chain_id: 31337,
            deployer: Address::repeat_byte(1),
            factory: Address::repeat_byte(2),
            salt: B256::repeat_byte(3),
            block: 10,
            transaction: B256::repeat_byte(4),
            contracts: BTreeMap::from([("registry".into(), Address::repeat_byte(5))]),
            code: BTreeMap::from([("registry".into(), B256::repeat_byte(6))]),
            datasets: BTreeMap::from([("raccoon".into(), dataset)]),
        };
        Lock { format: FORMAT, networks: BTreeMap::from([("local".into(), network)]) }
    }

    #[test]
    fn a_lock_survives_a_round_trip() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        assert_eq!(Lock::load(dir).unwrap(), Lock::default());
        sample().save(dir).unwrap();
        assert_eq!(Lock::load(dir).unwrap(), sample());
    }

    #[test]
    fn malformed_and_newer_locks_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        std::fs::write(Lock::path(dir), "format = 1\n[networks.local]\n").unwrap();
        assert_eq!(Lock::load(dir).unwrap_err().code(), "lock.malformed");
        std::fs::write(Lock::path(dir), "format = 99\n").unwrap();
        assert_eq!(Lock::load(dir).unwrap_err().code(), "lock.newer");
    }
}
