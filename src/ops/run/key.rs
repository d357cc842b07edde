//! `dgov run key`: a P-256 key for receipts.

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::receipts::SigningKey;
use crate::ui::{Report, table};

/// A key that was made.
#[derive(Debug, Serialize)]
pub struct KeyReport {
    /// File with the private half.
    pub private: Utf8PathBuf,
    /// File with the public half.
    pub public: Utf8PathBuf,
    /// sha256 of the public file's text.
    pub fingerprint: String,
}

impl Report for KeyReport {
    fn human(&self) -> String {
        let text = table::pairs(&[
            ("private key", format!("{} (not encrypted: keep it out of version control)", self.private)),
            ("public key", self.public.to_string()),
            ("sha256", self.fingerprint.clone()),
        ]);
        format!("{text}sign with it: dgov run record --key {}\n", self.private)
    }
}

/// Makes a key; never in the place of a file that is there.
///
/// # Errors
/// `usage.file_exists`; file errors.
pub fn make(path: &Utf8Path) -> Result<KeyReport> {
    let public = Utf8PathBuf::from(format!("{path}.pub"));
    let key = SigningKey::generate()?;
    write_new(path, &key.to_pem(), 0o600)?;
    write_new(&public, &key.public()?.to_pem(), 0o644)?;
    Ok(KeyReport { private: path.to_owned(), public, fingerprint: key.public()?.hint() })
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
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            Err(Error::usage("usage.file_exists", format!("{path} exists")).hint("a key is never overwritten"))
        }
        Err(error) => Err(error.into()),
    }
}
