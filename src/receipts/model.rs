//! A model folder or file as OpenSSF model signing describes it (predicate `https://model_signing/signature/v1.0`): every file
//! with its sha256, and one digest over all of them.

use camino::Utf8Path;
use dgov_data::unixfs::{Options, plan};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::statement::{Statement, Subject};
use crate::error::{Error, Result};

/// The predicate's type.
pub const PREDICATE: &str = "https://model_signing/signature/v1.0";
/// The signature's file inside the model's folder, which is not part of the model.
pub const SIGNATURE_FILE: &str = "model.sig";
/// What is never part of a model.
const GIT_PATHS: [&str; 4] = [".git", ".gitattributes", ".github", ".gitignore"];

/// A model's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// Name of the folder or file.
    pub name: String,
    /// sha256 over the digests of the files, in the order of their names.
    pub digest: String,
    files: Vec<Resource>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Resource {
    name: String,
    algorithm: String,
    digest: String,
}

impl Model {
    /// Hashes a model; all cores, a file each.
    ///
    /// # Errors
    /// `model.empty`; file errors.
    pub fn read(path: &Utf8Path) -> Result<Self> {
        let plan = plan(path, &Options { hidden: true, ..Options::default() })
            .map_err(crate::ops::data::package::unixfs_error)?;
        let single = plan.is_single_file();
        let ignored =
            |path: &str| path == SIGNATURE_FILE || GIT_PATHS.contains(&path.split('/').next().unwrap_or(path));
        let mut paths: Vec<String> =
            plan.files().map(|(path, _)| path.to_owned()).filter(|path| single || !ignored(path)).collect();
        paths.sort_unstable();
        if paths.is_empty() {
            return Err(Error::input("model.empty", format!("{path} holds no file of a model"))
                .hint("give the folder or file that the run wrote"));
        }
        let root = plan.root().to_owned();
        let digest = |name: &String| -> Result<[u8; 32]> {
            let mut hasher = Sha256::new();
            let mut file = fs_err::File::open(if single { root.clone() } else { root.join(name) })?;
            std::io::copy(&mut file, &mut hasher)?;
            Ok(hasher.finalize().into())
        };
        let digests = paths.par_iter().map(digest).collect::<Result<Vec<_>>>()?;
        let whole = digests.iter().fold(Sha256::new(), |hasher, digest| hasher.chain_update(digest)).finalize();
        let resource = |(name, digest): (String, [u8; 32])| Resource {
            // A single file has no name of its own.
            name: if single { ".".to_owned() } else { name },
            algorithm: "sha256".to_owned(),
            digest: super::hex(&digest),
        };
        Ok(Self {
            name: root.file_name().unwrap_or("model").to_owned(),
            digest: super::hex(&whole),
            files: paths.into_iter().zip(digests).map(resource).collect(),
        })
    }

    /// Number of files.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is none; never of one that was read.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// As the subject of a statement.
    pub fn subject(&self) -> Subject {
        Subject::sha256(&self.name, &self.digest)
    }

    /// The statement that `model_signing` verifies.
    pub fn statement(&self) -> Statement {
        let mut ignored = vec![SIGNATURE_FILE];
        ignored.extend(GIT_PATHS);
        let predicate = json!({
            "serialization": {
                "method": "files", "hash_type": "sha256", "allow_symlinks": false, "ignore_paths": ignored,
            },
            "resources": self.files,
        });
        Statement::new(vec![self.subject()], PREDICATE, predicate)
    }

    /// Files in which this model differs from the one of a statement.
    ///
    /// # Errors
    /// `receipt.malformed`.
    pub fn differences(&self, predicate: &Value) -> Result<Vec<String>> {
        let known: Vec<Resource> = serde_json::from_value(predicate["resources"].clone())
            .map_err(|error| super::malformed("the model's files can't be read".to_owned()).caused_by(&error))?;
        let mut differences = Vec::new();
        for file in &self.files {
            match known.iter().find(|known| known.name == file.name) {
                None => differences.push(format!("{} was not there", file.name)),
                Some(known) if known != file => differences.push(format!("{} has other content", file.name)),
                Some(_) => {}
            }
        }
        let gone = known.iter().filter(|known| !self.files.iter().any(|file| file.name == known.name));
        differences.extend(gone.map(|known| format!("{} is gone", known.name)));
        Ok(differences)
    }
}
