//! `dgov data card lint`: what is wrong with a card, and whether the bytes beside it are those that it describes.

use camino::{Utf8Path, Utf8PathBuf};
use dgov_data::cards::contradictions::{Said, contradictions};
use dgov_data::cards::lint::files::lint_files;
use dgov_data::cards::lint::lint_card;
use dgov_data::cards::{Card, CardProfile, Finding, Severity, lint as lint_bytes};
use serde::Serialize;
use serde_json::json;

use super::{FILE, Folder, Place, read_card, said};
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::ui::Report;

/// How strict to be.
pub struct Options {
    /// Dataset, card or folder; what is here when left out.
    pub target: Option<String>,
    /// What it is measured by.
    pub profile: CardProfile,
    /// Whether warnings fail, too.
    pub strict: bool,
    /// Whether the files beside it are left unread.
    pub no_files: bool,
}

/// The findings.
#[derive(Serialize)]
pub struct LintReport {
    /// The card's file.
    pub card: String,
    /// Folder whose files were compared; none when there is none.
    pub data: Option<String>,
    /// Profile.
    pub profile: CardProfile,
    /// Number of errors.
    pub errors: usize,
    /// Number of warnings.
    pub warnings: usize,
    /// All of them, errors first.
    pub findings: Vec<Finding>,
    #[serde(skip)]
    strict: bool,
}

impl Report for LintReport {
    fn human(&self) -> String {
        let mut text = String::new();
        for finding in &self.findings {
            let severity = if finding.severity == Severity::Error { "error" } else { "warning" };
            let place = if finding.pointer.is_empty() { "the card" } else { &finding.pointer };
            text += &format!("{severity}[{}] {place}: {}\n", finding.id, finding.message);
            if let Some(hint) = &finding.hint {
                text += &format!("  {hint}\n");
            }
        }
        let bytes = match &self.data {
            Some(data) => format!("compared with the files in {data}"),
            None => "files not compared".to_owned(),
        };
        text + &format!("{}: {} errors, {} warnings; {bytes}\n", self.card, self.errors, self.warnings)
    }
}

impl LintReport {
    /// Why the card does not pass: bytes that differ are a matter of integrity, the rest of input.
    pub fn failure(&self) -> Option<Error> {
        let failing = |finding: &&Finding| finding.severity == Severity::Error || self.strict;
        let count = self.findings.iter().filter(failing).count();
        if count == 0 {
            return None;
        }
        let bytes = self.findings.iter().any(|finding| matches!(finding.id, "card.file-digest" | "card.file-size"));
        let message = format!("{} has {count} findings", self.card);
        let error = if bytes {
            Error::new(ErrorKind::Integrity, "card.bytes", message)
        } else {
            Error::input("card.invalid", message)
        };
        let ids: Vec<_> = self.findings.iter().filter(failing).map(|finding| finding.id).collect();
        Some(error.hint("each finding says what to write instead").with_details(json!(ids)))
    }
}

/// Measures a card.
///
/// # Errors
/// When there is no card, or a file can't be read. Findings are no error: see [`LintReport::failure`].
pub fn lint(context: &Context, options: &Options) -> Result<LintReport> {
    let Found { card: path, data, said } = find(context, options.target.as_deref())?;
    let bytes = read_card(&path)?;
    let mut findings = match Card::parse(&bytes) {
        Ok(card) => {
            let mut findings = lint_card(&card, options.profile);
            findings.extend(said.iter().flat_map(|said| contradictions(&card, said)));
            if let (Some(data), false) = (&data, options.no_files) {
                let folder = Folder::open(&context.ui, data)?;
                let of_files = lint_files(&card, &folder).map_err(|error| {
                    Error::local_io("io", "a file of the dataset can't be read")
                        .caused_by(&error)
                        .hint("check its permissions")
                })?;
                findings.extend(of_files);
            }
            findings
        }
        Err(_) => lint_bytes(&bytes, options.profile),
    };
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    Ok(LintReport {
        card: path.to_string(),
        data: data.filter(|_| !options.no_files).map(|data| data.to_string()),
        profile: options.profile,
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        findings,
        strict: options.strict,
    })
}

/// A card that was found.
pub(super) struct Found {
    /// Its file.
    pub card: Utf8PathBuf,
    /// The folder that it describes.
    pub data: Option<Utf8PathBuf>,
    /// What the manifest says of the dataset, when it is one of the project.
    said: Option<Said>,
}

impl Found {
    fn of(place: &Place) -> Self {
        let now = jiff::Timestamp::now().as_second();
        Self {
            card: place.card(),
            data: Some(place.data.clone()).filter(|data| data.exists()),
            said: place.dataset.as_ref().and_then(|(loaded, name)| said(loaded, name, now)),
        }
    }
}

/// The card that is meant.
pub(super) fn find(context: &Context, target: Option<&str>) -> Result<Found> {
    let Some(target) = target else {
        if Utf8Path::new(FILE).is_file() {
            return Ok(Found { card: FILE.into(), data: Some(".".into()), said: None });
        }
        let Some(loaded) = super::manifest(context)? else {
            return Err(Error::input("card.missing", format!("there is no {FILE} here"))
                .hint("name a card, a folder with one, or a dataset of dgov.toml"));
        };
        let (name, _) = crate::ops::data::package::find_in(&loaded, None)?;
        let name = name.to_owned();
        return Ok(Found::of(&Place::of(context, &name)?));
    };
    let path = Utf8Path::new(target);
    if !path.is_dir() && (target.ends_with(".json") || target.ends_with(".jsonld")) {
        let beside = path.parent().filter(|folder| !folder.as_str().is_empty()).unwrap_or(Utf8Path::new("."));
        return Ok(Found { card: path.to_owned(), data: data_beside(path, beside), said: None });
    }
    Ok(Found::of(&Place::of(context, target)?))
}

/// The folder of a card, when at least one of the files that it names is there: a card may lie anywhere.
fn data_beside(card: &Utf8Path, folder: &Utf8Path) -> Option<Utf8PathBuf> {
    let parsed = Card::parse(&read_card(card).ok()?).ok()?;
    let here = |url: &String| !url.contains("://") && folder.join(url).is_file();
    let some = parsed.distribution().iter().any(|resource| resource.content_url.as_ref().is_some_and(here));
    some.then(|| folder.to_owned())
}
