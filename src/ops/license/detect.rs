//! `dgov license detect`: what a folder says of its license, in how many places, and whether they agree.

use std::io::Read;
use std::sync::LazyLock;

use camino::{Utf8Path, Utf8PathBuf};
use dgov_data::cards::{Card, readme};
use dgov_data::licensing;
use serde::Serialize;
use spdx::detection::{Store, TextData, scan::Scanner};

use crate::error::{Error, ErrorKind, Result};
use crate::ui::{Report, table};

/// A text that matches less than this is no license that we know.
const THRESHOLD: f32 = 0.9;
/// No license text is longer.
const MAX_TEXT: u64 = 1 << 20;
/// A card of which only the license is wanted.
const MAX_CARD: u64 = 64 << 20;

/// One place that says something.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// The file.
    pub file: String,
    /// `license text`, `front matter` or `card`.
    pub kind: &'static str,
    /// What stands there: the first line of a text, or the id as written.
    pub says: String,
    /// SPDX expression; none when it stands for none.
    pub spdx: Option<String>,
    /// How well a text matches, from 0 to 1; of texts only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
}

/// All of them.
#[derive(Debug, Serialize)]
pub struct DetectReport {
    /// What was looked at.
    pub path: String,
    /// The license that every place names which names one.
    pub license: Option<String>,
    /// The places.
    pub found: Vec<Found>,
    /// Where two of them do not agree, one sentence each.
    pub mismatches: Vec<String>,
}

impl Report for DetectReport {
    fn human(&self) -> String {
        let rows: Vec<_> = self
            .found
            .iter()
            .map(|found| {
                let confidence = found.confidence.map_or_else(String::new, |confidence| format!("{confidence:.2}"));
                let spdx = found.spdx.clone().unwrap_or_else(|| format!("unknown: {}", found.says));
                vec![found.file.clone(), found.kind.to_owned(), spdx, confidence]
            })
            .collect();
        let listed = table::render(&["file", "kind", "license", "confidence"], &rows);
        let verdict = match &self.license {
            Some(license) if self.mismatches.is_empty() => format!("license: {license}\n"),
            _ => String::new(),
        };
        let listed = if rows.is_empty() { String::new() } else { listed };
        format!("{listed}{verdict}Texts are compared, not read: this is no legal advice.\n")
    }
}

impl DetectReport {
    /// Why this is no answer.
    pub fn failure(&self) -> Option<Error> {
        if let Some(mismatch) = self.mismatches.first() {
            return Some(
                Error::new(ErrorKind::Integrity, "license.mismatch", mismatch.clone())
                    .hint("find out which one is right, and correct the others"),
            );
        }
        if self.license.is_none() {
            let message = match self.found.first() {
                None => format!("{} says nothing of a license", self.path),
                Some(found) => format!("{} is no license that is known: `{}`", found.file, found.says),
            };
            return Some(
                Error::input("license.not_found", message)
                    .hint("without a license nothing is permitted: ask whoever made it"),
            );
        }
        None
    }
}

/// The texts of SPDX's list; unpacked once.
static STORE: LazyLock<Option<Store>> = LazyLock::new(|| Store::load_inline().ok());

/// The license of SPDX's list whose text this is, and how well it matches from 0 to 1; the best match below 0.9 has no id.
///
/// # Errors
/// Of the table of texts, which is a bug.
pub fn of_text(text: &str) -> Result<(Option<String>, f64)> {
    let store = STORE.as_ref().ok_or_else(|| Error::bug("the texts of licenses could not be unpacked"))?;
    let data = TextData::new(text);
    let whole = store.analyze(&data);
    let exact = whole.score >= THRESHOLD;
    // A text with more around it: the part of it that is a license.
    let (name, score) = if exact {
        (Some(whole.name.to_owned()), whole.score)
    } else {
        let scanner = Scanner::new(store).confidence_threshold(THRESHOLD).optimize(true).max_passes(2);
        let scan = scanner.scan(&data);
        let parts: Vec<_> = scan.containing.iter().map(|part| (part.license.name, part.score)).collect();
        match parts.as_slice() {
            [(name, score)] => (Some((*name).to_owned()), *score),
            // Several licenses in one file: whether they apply together only its reader can tell.
            _ => (None, whole.score),
        }
    };
    Ok((name.map(|name| current(&name)), f64::from((score * 1000.0).round()) / 1000.0))
}

/// The id that is not deprecated: texts of GNU's licenses do not say whether later versions may be chosen.
fn current(name: &str) -> String {
    licensing::normalize(name).unwrap_or_else(|| name.to_owned())
}

/// Looks at a folder, or at one file as a license text.
///
/// # Errors
/// When the path is not there or can't be read.
pub fn detect(path: &Utf8Path) -> Result<DetectReport> {
    let mut found = Vec::new();
    if path.is_file() {
        found.extend(text_file(path)?);
    } else {
        let entries = path.read_dir_utf8().map_err(|error| {
            Error::input("license.path", format!("cannot look into {path}"))
                .caused_by(&error)
                .hint("name a folder or a file")
        })?;
        let mut files: Vec<Utf8PathBuf> = entries
            .filter_map(|entry| entry.ok())
            .filter(|entry| entry.path().is_file())
            .map(|entry| entry.path().to_owned())
            .collect();
        files.sort();
        for file in &files {
            match file.file_name().unwrap_or_default() {
                "README.md" => found.extend(front_matter(file)?),
                name if is_license(name) => found.extend(text_file(file)?),
                name if name == "croissant.json" || name.ends_with(".croissant.json") => found.extend(card(file)?),
                _ => {}
            }
        }
    }
    let mismatches = mismatches(&found);
    let license = found.iter().find_map(|found| found.spdx.clone());
    Ok(DetectReport { path: path.to_string(), license, found, mismatches })
}

/// `LICENSE`, `LICENSE.txt`, `LICENSE-MIT`, `COPYING.LESSER`, `UNLICENSE`.
fn is_license(name: &str) -> bool {
    let upper = name.to_uppercase();
    ["LICENSE", "LICENCE", "COPYING", "UNLICENSE"].iter().any(|word| {
        upper.strip_prefix(word).is_some_and(|rest| {
            let code = [".RS", ".PY", ".JSON", ".CSV", ".JSONL", ".XML"].iter().any(|ending| rest.ends_with(ending));
            !code && (rest.is_empty() || rest.starts_with(['.', '-', '_']))
        })
    })
}

fn read(path: &Utf8Path, limit: u64) -> Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let failed = |error: &std::io::Error| {
        Error::local_io("io", format!("cannot read {path}")).caused_by(error).hint("check the file's permissions")
    };
    let file = std::fs::File::open(path).map_err(|error| failed(&error))?;
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}

fn name_of(path: &Utf8Path) -> String {
    path.file_name().unwrap_or(path.as_str()).to_owned()
}

fn text_file(path: &Utf8Path) -> Result<Option<Found>> {
    let bytes = read(path, MAX_TEXT)?;
    let text = bytes.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
    let says: String =
        text.lines().find(|line| !line.trim().is_empty()).unwrap_or("empty").trim().chars().take(80).collect();
    // A file may name its license in one line.
    let tag = text.lines().take(5).find_map(|line| line.trim().strip_prefix("SPDX-License-Identifier:"));
    let (spdx, confidence) = match tag.and_then(|tag| licensing::normalize(tag.trim())) {
        Some(expression) if text.lines().count() <= 5 => (Some(expression), 1.0),
        _ => of_text(&text)?,
    };
    Ok(Some(Found { file: name_of(path), kind: "license text", says, spdx, confidence: Some(confidence) }))
}

fn front_matter(path: &Utf8Path) -> Result<Option<Found>> {
    let bytes = read(path, MAX_TEXT)?.unwrap_or_default();
    let front = readme::front_matter(&String::from_utf8_lossy(&bytes));
    if front.license.is_empty() {
        return Ok(None);
    }
    let spdx = front.expression();
    Ok(Some(Found {
        file: name_of(path),
        kind: "front matter",
        says: front.license.join(", "),
        spdx,
        confidence: None,
    }))
}

fn card(path: &Utf8Path) -> Result<Option<Found>> {
    let Some(bytes) = read(path, MAX_CARD)? else { return Ok(None) };
    // A broken card is the linter's business.
    let Ok(card) = Card::parse(&bytes) else { return Ok(None) };
    let says = card.licenses().join(", ");
    if says.is_empty() {
        return Ok(None);
    }
    let spdx = card.license_expression().ok();
    Ok(Some(Found { file: name_of(path), kind: "card", says, spdx, confidence: None }))
}

/// Pairs of places that name different licenses. Several texts are a choice or a bundle: the others have to name one of
/// them.
fn mismatches(found: &[Found]) -> Vec<String> {
    let texts: Vec<_> = found.iter().filter(|found| found.kind == "license text").collect();
    let named: Vec<_> = found.iter().filter(|found| found.kind != "license text").collect();
    let mut list = Vec::new();
    for claim in &named {
        let Some(spdx) = &claim.spdx else { continue };
        let texts: Vec<_> = texts.iter().filter_map(|text| Some((text, text.spdx.as_ref()?))).collect();
        if !texts.is_empty() && !texts.iter().any(|(_, id)| names(spdx, id)) {
            let (text, id) = texts[0];
            list.push(format!("{} says {spdx}, {} is the text of {id}", claim.file, text.file));
        }
    }
    for (index, a) in named.iter().enumerate() {
        for b in &named[index + 1..] {
            if let (Some(x), Some(y)) = (&a.spdx, &b.spdx)
                && x != y
            {
                list.push(format!("{} says {x}, {} says {y}", a.file, b.file));
            }
        }
    }
    list
}

/// Whether an expression names a license; a version "or later" is the text of that version.
fn names(expression: &str, id: &str) -> bool {
    let base = |text: &str| text.trim_end_matches("-only").trim_end_matches("-or-later").to_owned();
    let words = expression.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')'));
    words.into_iter().any(|word| base(word) == base(id))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_known_and_half_a_text_is_not() {
        let text = crate::ops::license_text::of_expression("CC-BY-4.0").unwrap();
        let (id, score) = of_text(&text).unwrap();
        assert_eq!((id.as_deref(), score > 0.98), (Some("CC-BY-4.0"), true), "{score}");
        let cut: String = text.lines().skip(20).collect::<Vec<_>>().join("\n");
        // With its first paragraphs gone it is like that license, but not enough to be called it.
        let (id, score) = of_text(&cut).unwrap();
        assert!(id.is_none() && (0.8..0.9).contains(&score), "{id:?} {score}");
        let (id, _) = of_text("All rights reserved. Ask before you use it.").unwrap();
        assert_eq!(id, None);
        for id in ["MIT", "Apache-2.0", "ODbL-1.0", "CC0-1.0", "CDLA-Permissive-2.0"] {
            let text = crate::ops::license_text::of_expression(id).unwrap();
            assert_eq!(of_text(&text).unwrap().0.as_deref(), Some(id));
        }
    }

    #[test]
    fn license_files_by_their_name() {
        for name in ["LICENSE", "license.txt", "LICENCE.md", "COPYING", "COPYING.LESSER", "LICENSE-MIT", "UNLICENSE"] {
            assert!(is_license(name), "{name}");
        }
        for name in ["licenses.csv", "license.rs", "LICENSED", "license.json", "README"] {
            assert!(!is_license(name), "{name}");
        }
    }

    #[test]
    fn an_expression_names_its_licenses() {
        assert!(names("(MIT) AND (CC-BY-4.0)", "CC-BY-4.0"));
        assert!(names("GPL-3.0-or-later", "GPL-3.0-only"));
        assert!(!names("CC-BY-NC-4.0", "CC-BY-4.0"));
    }
}
