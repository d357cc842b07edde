//! Cards and license texts that lie here, as facts.

use alloy::primitives::B256;
use camino::{Utf8Path, Utf8PathBuf};
use dgov_data::cards::contradictions::{Said, contradictions};
use dgov_data::cards::{self, CardProfile, Origin, Severity, readme};

use super::{Gathering, shown};
use crate::error::Result;
use crate::gate::facts::{Card, Detected, Fact, Lint};
use crate::ops::data::card::{self, FILE, README};
use crate::ops::documents;
use crate::ops::license::detect::{self, Found};

/// A card of which nothing is read beyond this.
const MAX_README: u64 = 4 << 20;

/// Where the card of a dataset of the manifest lies: the one that it names, the one that the last push made, or, before a
/// push, what `data card init` wrote. A push takes that one only when the manifest names it.
pub(super) fn own_card(gathering: &Gathering<'_>, name: &str, named: Option<&Utf8Path>) -> Result<Fact<Card>> {
    let Some(loaded) = gathering.loaded else { return Ok(Fact::NotApplicable("there is no card".into())) };
    let said = card::said(loaded, name, gathering.question.usage.at);
    if let Some(path) = named {
        let path = loaded.resolve(path);
        return croissant(&path, shown(Some(loaded), &path), said.as_ref());
    }
    let made = [documents_of(&loaded.state_dir(), name).join(FILE), loaded.dir.join("cards").join(name).join(FILE)];
    match made.into_iter().find(|path| path.is_file()) {
        Some(path) => croissant(&path, shown(Some(loaded), &path), said.as_ref()),
        None => Ok(Fact::NotApplicable("there is no card; `dgov data card init` writes one".into())),
    }
}

/// Where the last push left the documents of a dataset.
fn documents_of(state: &Utf8Path, name: &str) -> Utf8PathBuf {
    state.join("documents").join(name)
}

/// The card beside data that no project governs: Croissant, else a hub's README.
pub(super) fn card_beside(gathering: &Gathering<'_>, data: &Utf8Path) -> Result<Fact<Card>> {
    let folder = folder(data);
    let mut cards = Vec::new();
    for entry in folder.read_dir_utf8()? {
        let entry = entry?;
        let name = entry.file_name();
        if entry.file_type()?.is_file() && (name == FILE || name.ends_with(".croissant.json")) {
            cards.push(entry.path().to_owned());
        }
    }
    // The usual name first, then one order everywhere.
    cards.sort_by_key(|path| (path.file_name() != Some(FILE), path.clone()));
    if let Some(path) = cards.first() {
        return croissant(path, shown(gathering.loaded, path), None);
    }
    let path = folder.join(README);
    if !path.is_file() {
        return Ok(Fact::NotApplicable(format!("there is neither {FILE} nor {README}")));
    }
    if path.metadata()?.len() > MAX_README {
        return Ok(Fact::NotApplicable(format!("{README} is too large for a card")));
    }
    let bytes = fs_err::read(&path)?;
    Ok(Fact::Known(hub(&bytes, shown(gathering.loaded, &path))))
}

fn hub(bytes: &[u8], path: String) -> Card {
    let text = String::from_utf8_lossy(bytes);
    let front = readme::front_matter(&text);
    Card {
        path,
        digest: documents::digest(bytes),
        lint: Fact::NotApplicable("a hub card has no form to be strict about".into()),
        origin: front.source_datasets.iter().any(|source| !cards::is_placeholder(source)),
    }
}

fn croissant(path: &Utf8Path, shown: String, said: Option<&Said>) -> Result<Fact<Card>> {
    let bytes = card::read_card(path)?;
    Ok(Fact::Known(of_bytes(&bytes, shown, said)))
}

/// A Croissant document as facts, and where it contradicts what the manifest says.
pub(super) fn of_bytes(bytes: &[u8], path: String, said: Option<&Said>) -> Card {
    let lint = cards::lint(bytes, CardProfile::default());
    let parsed = cards::Card::parse(bytes).ok();
    let other = parsed.iter().zip(said).flat_map(|(card, said)| contradictions(card, said));
    let other: Vec<_> = other
        .map(|finding| Lint {
            error: finding.severity == Severity::Error,
            message: format!("the card says otherwise at {}: {}", finding.pointer, finding.message),
            line: Some(1),
        })
        .collect();
    Card {
        path,
        digest: documents::digest(bytes),
        lint: Fact::Known(
            lint.into_iter()
                .map(|finding| {
                    let error = finding.severity == Severity::Error;
                    // What is only advised makes no card invalid.
                    let what = if error { "the card is not valid" } else { "the card could say more" };
                    let at = match finding.pointer.as_str() {
                        "" => String::new(),
                        pointer => format!(" at {pointer}"),
                    };
                    Lint { error, message: format!("{what}{at}: {}", finding.message), line: Some(1) }
                })
                .chain(other)
                .collect(),
        ),
        origin: parsed.is_some_and(|card| matches!(card.origin(), Origin::Declared { .. })),
    }
}

/// What the places around data say of its license.
#[derive(Clone)]
pub(super) struct Places {
    found: Vec<Found>,
    folder: Utf8PathBuf,
    /// sha256 of the license text.
    digest: Option<B256>,
}

impl Places {
    /// Looks at a folder, or at the one around a file.
    pub(super) fn around(data: &Utf8Path) -> Result<Self> {
        let folder = folder(data);
        Self::of(detect::detect(&folder)?.found, folder)
    }

    /// Of a license text alone; one that many datasets have is read once.
    pub(super) fn of_file(gathering: &Gathering<'_>, path: &Utf8Path) -> Result<Self> {
        let mut known = gathering.texts.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(places) = known.get(path) {
            return Ok(places.clone());
        }
        let places = Self::of(detect::detect(path)?.found, folder(path))?;
        known.insert(path.to_owned(), places.clone());
        Ok(places)
    }

    fn of(found: Vec<Found>, folder: Utf8PathBuf) -> Result<Self> {
        let mut places = Self { found, folder, digest: None };
        if let Some(text) = places.text() {
            let bytes = fs_err::read(places.folder.join(&text.file))?;
            places.digest = Some(documents::digest(&bytes));
        }
        Ok(places)
    }

    fn text(&self) -> Option<&Found> {
        self.found.iter().find(|found| found.kind == "license text")
    }

    /// The license that a card names, with the file that does.
    pub(super) fn named(&self) -> Option<(String, String)> {
        let cards = self.found.iter().filter(|found| found.kind != "license text");
        cards.into_iter().find_map(|found| Some((found.spdx.clone()?, found.file.clone())))
    }

    /// The license text: its path and its sha256.
    pub(super) fn digest(&self, gathering: &Gathering<'_>) -> Option<(String, B256)> {
        let path = self.folder.join(&self.text()?.file);
        Some((shown(gathering.loaded, &path), self.digest?))
    }

    /// What the text is by its words.
    pub(super) fn detected(&self) -> Detected {
        match self.text() {
            None => Detected::NothingToCompare("there is no license text here".into()),
            Some(found) => found.spdx.clone().map_or(Detected::Unrecognized, Detected::Is),
        }
    }
}

fn folder(data: &Utf8Path) -> Utf8PathBuf {
    if data.is_dir() {
        return data.to_owned();
    }
    match data.parent() {
        Some(parent) if !parent.as_str().is_empty() => parent.to_owned(),
        _ => Utf8PathBuf::from("."),
    }
}
