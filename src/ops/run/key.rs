//! `dgov run key`: a P-256 key for receipts.

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use crate::chain::signers::PasswordSource;
use crate::error::{Error, Result};
use crate::receipts::SigningKey;
use crate::ui::{Report, table};

/// A key that was made.
#[derive(Debug, Serialize)]
pub struct KeyReport {
    /// File with the private half.
    pub private: Utf8PathBuf,
    /// Whether it opens with a password.
    pub encrypted: bool,
    /// File with the public half.
    pub public: Utf8PathBuf,
    /// sha256 of the public file's text.
    pub fingerprint: String,
}

impl Report for KeyReport {
    fn human(&self) -> String {
        let how = if self.encrypted {
            "encrypted: keep its password"
        } else {
            "not encrypted: keep it out of version control"
        };
        let text = table::pairs(&[
            ("private key", format!("{} ({how})", self.private)),
            ("public key", self.public.to_string()),
            ("sha256", self.fingerprint.clone()),
        ]);
        format!("{text}sign with it: dgov run record --key {}\n", self.private)
    }
}

/// Makes a key, encrypted where passwords are given; never in the place of a file that is there.
///
/// # Errors
/// `usage.file_exists`, `key.empty_password`; those of asking for the password; file errors.
pub fn make(path: &Utf8Path, passwords: Option<&dyn PasswordSource>) -> Result<KeyReport> {
    let public = Utf8PathBuf::from(format!("{path}.pub"));
    // Before a password is asked for in vain.
    for file in [path, &public] {
        if file.exists() {
            return Err(exists(file));
        }
    }
    let key = SigningKey::generate()?;
    let text = match passwords {
        Some(passwords) => {
            let password = passwords.password(path.as_str(), true)?;
            if password.is_empty() {
                return Err(Error::input("key.empty_password", "an empty password protects nothing")
                    .hint("give one, or leave out --encrypt"));
            }
            key.to_encrypted_pem(&password)?
        }
        None => key.to_pem(),
    };
    write_new(path, &text, 0o600)?;
    write_new(&public, &key.public()?.to_pem(), 0o644)?;
    let encrypted = passwords.is_some();
    Ok(KeyReport { private: path.to_owned(), public, encrypted, fingerprint: key.public()?.hint() })
}

fn exists(path: &Utf8Path) -> Error {
    Error::usage("usage.file_exists", format!("{path} exists")).hint("a key is never overwritten")
}

fn write_new(path: &Utf8Path, text: &str, mode: u32) -> Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    match options.open(path) {
        Ok(mut file) => Ok(file.write_all(text.as_bytes()).and_then(|()| file.sync_all())?),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Err(exists(path)),
        Err(error) => Err(error.into()),
    }
}
