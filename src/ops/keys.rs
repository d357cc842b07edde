//! `dgov keys`: encrypted keystores. No report ever holds key material.

use std::io::{IsTerminal, Read};

use serde::Serialize;

use crate::chain::signers::{Keystore, KeystoreEntry, Password, parse_key};
use crate::context::Context;
use crate::env_vars::DGOV_PRIVATE_KEY;
use crate::error::{Error, Result};
use crate::session::environment;
use crate::ui::{Report, table};

/// A key is 64 hex digits; more than this on standard input is something else.
const LONGEST_KEY: u64 = 1024;

/// One keystore.
#[derive(Debug, Serialize)]
pub struct KeyReport {
    /// Name for `--from`.
    pub name: String,
    /// Checksummed address; null when the file does not say it.
    pub address: Option<String>,
    /// The file.
    pub path: String,
}

impl From<KeystoreEntry> for KeyReport {
    fn from(entry: KeystoreEntry) -> Self {
        Self {
            name: entry.name,
            address: entry.address.map(|address| address.to_checksum(None)),
            path: entry.path.to_string(),
        }
    }
}

impl Report for KeyReport {
    fn human(&self) -> String {
        let rows = [("key", self.name.clone()), ("address", self.shown()), ("keystore", self.path.clone())];
        format!("{}act as it with: --from {}\n", table::pairs(&rows), self.name)
    }
}

/// All keystores.
#[derive(Debug, Serialize)]
pub struct KeyList {
    /// Our own first, then Foundry's.
    pub keys: Vec<KeyReport>,
}

impl Report for KeyList {
    fn human(&self) -> String {
        if self.keys.is_empty() {
            return "no keystores; `dgov keys new NAME` makes one\n".to_owned();
        }
        let row = |key: &KeyReport| vec![key.name.clone(), key.shown(), key.path.clone()];
        let rows: Vec<_> = self.keys.iter().map(row).collect();
        table::render(&["name", "address", "keystore"], &rows)
    }
}

impl KeyReport {
    fn shown(&self) -> String {
        self.address.clone().unwrap_or_else(|| "unknown".to_owned())
    }
}

/// Makes a key and writes its keystore.
///
/// # Errors
/// `signer.exists`, `signer.bad_name`, `signer.no_password`, file errors.
pub fn new(context: &Context, name: &str) -> Result<KeyReport> {
    let entry = Keystore::of_user(&environment)?.create(name, &Password::from_environment(&environment))?;
    context.ui.notice("the password can't be recovered: keep it and a copy of the keystore");
    Ok(entry.into())
}

/// Writes the keystore of a key that exists: from `DGOV_PRIVATE_KEY`, standard input, or a hidden prompt.
///
/// # Errors
/// `signer.bad_key`, and those of [`new`].
pub fn import(context: &Context, name: &str) -> Result<KeyReport> {
    let signer = parse_key(&key_text(name)?)?;
    let entry = Keystore::of_user(&environment)?.import(name, &signer, &Password::from_environment(&environment))?;
    context.ui.notice("delete every other copy of the key that you do not need");
    Ok(entry.into())
}

fn key_text(name: &str) -> Result<String> {
    if let Some(key) = environment(DGOV_PRIVATE_KEY).filter(|key| !key.is_empty()) {
        return Ok(key);
    }
    let unreadable = |error: std::io::Error| {
        Error::input("signer.bad_key", "the private key could not be read")
            .caused_by(&error)
            .hint(format!("give it on standard input, in {DGOV_PRIVATE_KEY}, or at the prompt of a terminal"))
    };
    if std::io::stdin().is_terminal() {
        return rpassword::prompt_password(format!("Private key for `{name}` (hidden): ")).map_err(unreadable);
    }
    let mut text = String::new();
    std::io::stdin().lock().take(LONGEST_KEY).read_to_string(&mut text).map_err(unreadable)?;
    Ok(text)
}

/// Lists the keystores, Foundry's too.
///
/// # Errors
/// File errors.
pub fn list() -> Result<KeyList> {
    let entries = Keystore::of_user(&environment)?.list()?;
    Ok(KeyList { keys: entries.into_iter().map(KeyReport::from).collect() })
}
