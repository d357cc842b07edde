//! The card against the bytes: sizes, digests, and sets that match nothing.

use std::io;

use super::{Finding, Severity};
use crate::cards::card::{Card, ResourceKind};
use crate::records::glob;

/// What a file on disk really is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Bytes.
    pub size: u64,
    /// sha256, hexadecimal, lower case.
    pub sha256: String,
}

/// The folder that a card describes.
pub trait Files {
    /// Paths of all files below it, with `/`.
    fn paths(&self) -> &[String];

    /// Size and digest of one of them; `None` when there is no such file.
    ///
    /// # Errors
    /// When it can't be read.
    fn observe(&self, path: &str) -> io::Result<Option<Observed>>;
}

/// Compares every file of the card that is named by a relative path.
///
/// # Errors
/// When a file that is there can't be read.
pub fn lint_files(card: &Card, files: &dyn Files) -> io::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let mut report = |id, pointer: &str, message: String, hint: &str| {
        findings.push(Finding {
            id,
            severity: Severity::Error,
            pointer: pointer.to_owned(),
            message,
            hint: Some(hint.to_owned()),
        });
    };
    for resource in card.distribution() {
        let pointer = &resource.pointer;
        if resource.kind == ResourceKind::Set && resource.contained_in.is_empty() && !resource.includes.is_empty() {
            let included = |path: &String| resource.includes.iter().any(|pattern| matches(pattern, path));
            let excluded = |path: &String| resource.excludes.iter().any(|pattern| matches(pattern, path));
            if !files.paths().iter().any(|path| included(path) && !excluded(path)) {
                let message = format!("no file matches `{}`", resource.includes.join("`, `"));
                report("card.files-none", pointer, message, "correct the pattern, or add the files");
            }
        }
        let (ResourceKind::File, Some(path), true) =
            (resource.kind, &resource.content_url, resource.contained_in.is_empty())
        else {
            continue;
        };
        if path.contains("://") || path.starts_with('/') || path.split('/').any(|part| part == "..") {
            continue;
        }
        let Some(seen) = files.observe(path.trim_start_matches("./"))? else {
            report(
                "card.file-missing",
                pointer,
                format!("there is no file `{path}`"),
                "take it out of the card, or add it",
            );
            continue;
        };
        if let Some(size) = resource.size.filter(|size| *size != seen.size) {
            let message = format!("`{path}` has {} bytes, the card says {size}", seen.size);
            report("card.file-size", pointer, message, "the file or the card is another version");
        }
        if let Some(digest) = resource.sha256.as_ref().filter(|digest| **digest != seen.sha256) {
            let message = format!("`{path}` is not the file of the card: its sha256 is {}, not {digest}", seen.sha256);
            report("card.file-digest", pointer, message, "the file or the card is another version");
        }
    }
    Ok(findings)
}

/// A pattern without a folder means files of any folder, as loaders read it.
fn matches(pattern: &str, path: &str) -> bool {
    glob::matches(pattern, path) || !pattern.contains('/') && glob::matches(&format!("**/{pattern}"), path)
}
