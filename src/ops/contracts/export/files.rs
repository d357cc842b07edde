//! Writing generated files into a folder that may hold files of others.

use std::collections::BTreeMap;

use alloy::primitives::B256;
use camino::{Utf8Component, Utf8Path};
use serde::{Deserialize, Serialize};

use super::MARK;
use crate::error::{Error, Result};
use crate::lockfile::write_atomically;
use crate::ops::documents::digest;

/// The list of what was written.
const INDEX: &str = "dgov-export.json";

/// What is in the folder that is ours.
#[derive(Default, Serialize, Deserialize)]
struct Index {
    note: String,
    /// Path relative to the folder, and sha256 of what was written there.
    files: BTreeMap<String, B256>,
}

/// What came of it.
pub(super) struct Written {
    pub(super) written: Vec<String>,
    pub(super) removed: Vec<String>,
}

/// Writes the files and removes those of an earlier run that are not among them. Before anything is touched, every file
/// that is in the way has to be one of an earlier run, as it was written.
///
/// # Errors
/// Input: `export.not_ours`; file errors.
pub(super) fn write(out: &Utf8Path, files: &BTreeMap<String, String>) -> Result<Written> {
    let index = read_index(out)?;
    let mut result = Written { written: Vec::new(), removed: Vec::new() };
    for (path, text) in files {
        match std::fs::read(out.join(path)) {
            Ok(bytes) if bytes == text.as_bytes() => continue,
            Ok(bytes) if index.files.get(path) == Some(&digest(&bytes)) => {}
            Ok(_) => return Err(not_ours(&out.join(path), index.files.contains_key(path))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
        result.written.push(path.clone());
    }
    let gone = index.files.iter().filter(|(path, _)| !files.contains_key(*path) && is_below(path));
    let gone: Vec<_> = gone
        .filter(|(path, known)| std::fs::read(out.join(path)).is_ok_and(|bytes| digest(&bytes) == **known))
        .map(|(path, _)| path.clone())
        .collect();
    fs_err::create_dir_all(out)?;
    // The index first: what a killed run wrote must be known as ours by the next one.
    let own = files.iter().map(|(path, text)| (path.clone(), digest(text.as_bytes())));
    let new = Index { note: MARK.to_owned(), files: own.collect() };
    let mut text = serde_json::to_string_pretty(&new)
        .map_err(|error| Error::bug("the index of an export did not serialize").caused_by(&error))?;
    text.push('\n');
    for path in &gone {
        fs_err::remove_file(out.join(path))?;
        result.removed.push(path.clone());
    }
    for path in &result.written {
        let target = out.join(path);
        if let Some(parent) = target.parent() {
            fs_err::create_dir_all(parent)?;
        }
        let text = files.get(path).ok_or_else(|| Error::bug("a file of the export is gone"))?;
        write_atomically(&target, text.as_bytes())?;
    }
    write_atomically(&out.join(INDEX), text.as_bytes())?;
    Ok(result)
}

fn read_index(out: &Utf8Path) -> Result<Index> {
    let path = out.join(INDEX);
    let text = match fs_err::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Index::default()),
        Err(error) => return Err(error.into()),
    };
    serde_json::from_str(&text).map_err(|error| {
        Error::input("export.not_ours", format!("{path} is no list of exported files"))
            .caused_by(&error)
            .hint("choose another folder with --out")
    })
}

/// An index that was edited must not lead out of the folder.
fn is_below(path: &str) -> bool {
    Utf8Path::new(path).components().all(|part| matches!(part, Utf8Component::Normal(_)))
}

fn not_ours(path: &Utf8Path, was: bool) -> Error {
    let message =
        if was { format!("{path} was changed after it was exported") } else { format!("{path} is not of an export") };
    Error::input("export.not_ours", message).hint("move it away, or choose another folder with --out")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn files(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn only_files_of_an_earlier_export_are_replaced_or_removed() {
        let dir = tempfile::tempdir().unwrap();
        let out = Utf8Path::from_path(dir.path()).unwrap();
        std::fs::write(out.join("mine.ts"), "mine").unwrap();
        let first = write(out, &files(&[("a.ts", "1"), ("abi/b.json", "2")])).unwrap();
        assert_eq!(first.written, ["a.ts", "abi/b.json"]);
        let again = write(out, &files(&[("a.ts", "1"), ("abi/b.json", "2")])).unwrap();
        assert!(again.written.is_empty() && again.removed.is_empty());
        let other = write(out, &files(&[("a.ts", "3")])).unwrap();
        assert_eq!((other.written, other.removed), (vec!["a.ts".to_owned()], vec!["abi/b.json".to_owned()]));
        assert!(!out.join("abi/b.json").exists());

        let error = write(out, &files(&[("mine.ts", "4"), ("new.ts", "5")])).err().unwrap();
        assert_eq!(error.code(), "export.not_ours");
        assert!(!out.join("new.ts").exists(), "nothing was touched");
        std::fs::write(out.join("a.ts"), "edited").unwrap();
        assert_eq!(write(out, &files(&[("a.ts", "6")])).err().unwrap().code(), "export.not_ours");
        // An edited file that is no longer exported stays.
        write(out, &files(&[("c.ts", "7")])).unwrap();
        assert_eq!(std::fs::read_to_string(out.join("a.ts")).unwrap(), "edited");
    }

    #[test]
    fn an_edited_index_does_not_lead_out_of_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(dir.path()).unwrap();
        let out = root.join("out");
        std::fs::create_dir(&out).unwrap();
        std::fs::write(root.join("secret"), "x").unwrap();
        let index = Index { note: String::new(), files: [("../secret".to_owned(), digest(b"x"))].into() };
        std::fs::write(out.join(INDEX), serde_json::to_string(&index).unwrap()).unwrap();
        assert!(write(&out, &files(&[("a", "1")])).unwrap().removed.is_empty());
        assert!(root.join("secret").exists());
    }
}
