//! A model as files: what a bill of materials says of it.

use std::fs::File;

use alloy::primitives::B256;
use camino::{Utf8Path, Utf8PathBuf};
use dgov_data::unixfs::{self, Options};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// A file of a model.
pub struct ModelFile {
    /// Path below the folder given; the file's name for a file.
    pub path: Utf8PathBuf,
    /// sha256 of its bytes.
    pub sha256: B256,
}

/// The files of a model, ascending by path.
///
/// # Errors
/// `model.not_found` and `model.empty`; those of files.
pub fn files(path: &Utf8Path) -> Result<Vec<ModelFile>> {
    if !path.exists() {
        return Err(Error::input("model.not_found", format!("there is no file or folder {path}"))
            .hint("give the trained model: a file, or the folder with its files"));
    }
    if path.is_file() {
        let name = path.file_name().unwrap_or(path.as_str());
        return Ok(vec![ModelFile { path: name.into(), sha256: sha256(path)? }]);
    }
    let plan = unixfs::plan(path, &Options { hidden: true, ..Options::default() }).map_err(|error| {
        Error::input("model.unreadable", format!("{path} can't be read"))
            .caused_by(&error)
            .hint("check its permissions")
    })?;
    let mut all = Vec::new();
    for (name, _) in plan.files() {
        all.push(ModelFile { path: name.into(), sha256: sha256(&path.join(name))? });
    }
    all.sort_by(|a, b| a.path.cmp(&b.path));
    if all.is_empty() {
        return Err(Error::input("model.empty", format!("{path} has no files")).hint("give the folder of the model"));
    }
    Ok(all)
}

fn sha256(path: &Utf8Path) -> Result<B256> {
    let mut hasher = Sha256::new();
    std::io::copy(&mut File::open(path)?, &mut hasher)?;
    Ok(B256::from_slice(&hasher.finalize()))
}
