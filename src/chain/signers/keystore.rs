//! Encrypted keystores (Web3 Secret Storage): our own directory, and Foundry's to read.

use alloy::{
    primitives::Address,
    signers::{
        k256::elliptic_curve::rand_core::OsRng,
        local::{LocalSignerError, PrivateKeySigner},
    },
};
use camino::{Utf8Path, Utf8PathBuf};
use etcetera::BaseStrategy;
use serde_json::Value;

use super::{Account, PasswordSource};
use crate::env_vars::DGOV_HOME;
use crate::{Error, Result};

/// The directories of keystores.
#[derive(Debug, Clone)]
pub struct Keystore {
    /// Where new ones are written.
    own: Utf8PathBuf,
    /// Read only.
    others: Vec<Utf8PathBuf>,
}

/// A keystore, locked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeystoreEntry {
    /// File name without `.json`.
    pub name: String,
    /// The address, where the file says it.
    pub address: Option<Address>,
    /// The file.
    pub path: Utf8PathBuf,
}

impl Keystore {
    /// The directories of this user: `$DGOV_HOME/keystores`, or `dgov/keystores` in the configuration directory; and
    /// `~/.foundry/keystores`.
    ///
    /// # Errors
    /// `signer.no_home` where the user has no home directory and [`DGOV_HOME`] is unset.
    pub fn of_user(environment: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let home = environment("HOME").filter(|home| !home.is_empty()).map(Utf8PathBuf::from);
        let own = match environment(DGOV_HOME).filter(|home| !home.is_empty()) {
            Some(directory) => Utf8PathBuf::from(directory),
            None => configuration_directory()?.join("dgov"),
        };
        let others = home.iter().map(|home| home.join(".foundry/keystores")).collect();
        Ok(Self { own: own.join("keystores"), others })
    }

    /// Given directories: where new ones are written, and others to read.
    pub fn at(own: Utf8PathBuf, others: Vec<Utf8PathBuf>) -> Self {
        Self { own, others }
    }

    /// All keystores by name, our own first. Files that are no keystores are left out.
    ///
    /// # Errors
    /// File errors; a directory that does not exist is empty.
    pub fn list(&self) -> Result<Vec<KeystoreEntry>> {
        let mut all = Vec::new();
        for directory in [&self.own].into_iter().chain(&self.others) {
            let entries = match fs_err::read_dir(directory) {
                Ok(entries) => entries,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error.into()),
            };
            let mut found = Vec::new();
            for entry in entries {
                if let Ok(path) = Utf8PathBuf::from_path_buf(entry?.path())
                    && let Some(entry) = read_entry(path)
                {
                    found.push(entry);
                }
            }
            found.sort_by(|a, b| a.name.cmp(&b.name));
            all.extend(found);
        }
        Ok(all)
    }

    /// The keystore with this name, address or path.
    ///
    /// # Errors
    /// `signer.unknown`, with the names that exist.
    pub fn find(&self, name: &str) -> Result<KeystoreEntry> {
        let all = self.list()?;
        let address: Option<Address> = name.parse().ok();
        let named = all.iter().find(|entry| entry.name == name || (address.is_some() && entry.address == address));
        if let Some(entry) = named {
            return Ok(entry.clone());
        }
        if name.contains(['/', '\\'])
            && let Some(entry) = read_entry(Utf8PathBuf::from(name))
        {
            return Ok(entry);
        }
        let known: Vec<&str> = all.iter().map(|entry| entry.name.as_str()).collect();
        let hint = if known.is_empty() {
            "there are none yet: make one with `dgov keys new NAME`".to_owned()
        } else {
            format!("keystores: {}", known.join(", "))
        };
        Err(Error::input("signer.unknown", format!("there is no keystore `{name}`")).hint(hint))
    }

    /// Unlocks a keystore.
    ///
    /// # Errors
    /// `signer.unknown`, `signer.wrong_password` (exit 8), `signer.damaged`, those of the password source.
    pub fn unlock(&self, name: &str, passwords: &dyn PasswordSource) -> Result<Account> {
        let entry = self.find(name)?;
        let password = passwords.password(&entry.name, false)?;
        match PrivateKeySigner::decrypt_keystore(&entry.path, password) {
            Ok(signer) => Ok(Account::with_signer(entry.name, signer)),
            Err(error) if is_wrong_password(&error) => Err(Error::unauthorized(
                "signer.wrong_password",
                format!("wrong password for keystore `{}`", entry.name),
            )
            .hint("type it again, or check the first line of the file in DGOV_PASSWORD_FILE")),
            Err(error) => Err(Error::integrity("signer.damaged", format!("{} can't be decrypted", entry.path))
                .caused_by(&error)
                .hint("restore the keystore from a copy")),
        }
    }

    /// Makes a new key and writes it encrypted.
    ///
    /// # Errors
    /// `signer.exists`, `signer.bad_name`, file errors, those of the password source.
    pub fn create(&self, name: &str, passwords: &dyn PasswordSource) -> Result<KeystoreEntry> {
        self.import(name, &PrivateKeySigner::random_with(&mut OsRng), passwords)
    }

    /// Writes a key encrypted, readable by its owner only, and never over another one.
    ///
    /// # Errors
    /// As [`Keystore::create`].
    pub fn import(
        &self,
        name: &str,
        signer: &PrivateKeySigner,
        passwords: &dyn PasswordSource,
    ) -> Result<KeystoreEntry> {
        check_name(name)?;
        let path = self.own.join(name);
        let exists = || {
            Error::input("signer.exists", format!("there is a keystore `{name}` already"))
                .hint("keystores are never overwritten: choose another name")
        };
        if path.try_exists()? {
            return Err(exists());
        }
        create_private_directory(&self.own)?;
        let password = passwords.password(name, true)?;
        // The temporary directory is private from the start; the file gets its mode before its name.
        let temporary = tempfile::Builder::new().prefix(".new-").tempdir_in(&self.own)?;
        PrivateKeySigner::encrypt_keystore(&temporary, &mut OsRng, signer.to_bytes(), password, Some(name))
            .map_err(|error| Error::local_io("io", format!("{path} can't be written")).caused_by(&error))?;
        let text = fs_err::read_to_string(temporary.path().join(name))?;
        let mut document: Value = serde_json::from_str(&text)
            .map_err(|error| Error::bug("a keystore that was just written is not JSON").caused_by(&error))?;
        if let Some(fields) = document.as_object_mut() {
            fields.insert("address".to_owned(), format!("{:x}", signer.address()).into());
        }
        let mut file = tempfile::NamedTempFile::new_in(&self.own)?;
        std::io::Write::write_all(&mut file, document.to_string().as_bytes())?;
        file.as_file().sync_all()?;
        file.persist_noclobber(&path).map_err(|error| {
            if error.error.kind() == std::io::ErrorKind::AlreadyExists { exists() } else { Error::from(error.error) }
        })?;
        Ok(KeystoreEntry { name: name.to_owned(), address: Some(signer.address()), path })
    }
}

fn configuration_directory() -> Result<Utf8PathBuf> {
    let missing = || {
        Error::local_io("signer.no_home", "the user's configuration directory can't be found")
            .hint(format!("set {DGOV_HOME} to a directory"))
    };
    let strategy = etcetera::choose_base_strategy().map_err(|_| missing())?;
    Utf8PathBuf::from_path_buf(strategy.config_dir()).map_err(|_| missing())
}

/// Names become file names, and must not be taken for development accounts or addresses.
fn check_name(name: &str) -> Result<()> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let reserved = super::dev_number(name).is_some() || name.parse::<Address>().is_ok();
    if !name.is_empty() && name.len() <= 64 && name.bytes().all(plain) && !reserved {
        return Ok(());
    }
    Err(Error::input("signer.bad_name", format!("`{name}` can't be the name of a keystore"))
        .hint("use up to 64 letters, digits, - and _; dev0, dev1, ... and addresses are taken"))
}

fn is_wrong_password(error: &LocalSignerError) -> bool {
    // The crate of the inner error is not ours to name.
    matches!(error, LocalSignerError::EthKeystoreError(inner) if inner.to_string() == "Mac Mismatch")
}

fn read_entry(path: Utf8PathBuf) -> Option<KeystoreEntry> {
    let document: Value = serde_json::from_str(&fs_err::read_to_string(&path).ok()?).ok()?;
    document.get("crypto").or_else(|| document.get("Crypto"))?;
    let address = document.get("address").and_then(Value::as_str).and_then(|text| text.parse().ok());
    let name = path.file_name()?.trim_end_matches(".json").to_owned();
    Some(KeystoreEntry { name, address, path })
}

#[cfg(unix)]
fn create_private_directory(path: &Utf8Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    if let Some(parent) = path.parent() {
        fs_err::create_dir_all(parent)?;
    }
    match std::fs::DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(Error::local_io("io", format!("{path} can't be created")).caused_by(&error))
        }
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn create_private_directory(path: &Utf8Path) -> Result<()> {
    Ok(fs_err::create_dir_all(path)?)
}
