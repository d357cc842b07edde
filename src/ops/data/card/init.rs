//! `dgov data card init`: a card from the data, with marks where a person has to say something.

use camino::Utf8PathBuf;
use dgov_data::cards::write::{self, NewCard};
use dgov_data::cards::{CardProfile, Severity, is_placeholder, lint, readme};
use serde::Serialize;

use super::{FILE, Place, README, facts};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::lockfile::write_atomically;
use crate::manifest::values::ParentRef;
use crate::ops::data::package;
use crate::ops::documents::pretty;
use crate::ops::license::detect;
use crate::ui::{Report, table};

/// What was written.
#[derive(Serialize)]
pub struct InitReport {
    /// The card.
    pub card: String,
    /// Whether it was written now; a card that is there is never replaced.
    pub card_written: bool,
    /// The hub card.
    pub readme: String,
    /// `written`, `block refreshed` or `unchanged`.
    pub readme_state: &'static str,
    /// Files described.
    pub files: usize,
    /// Records counted in tables.
    pub records: Option<u64>,
    /// License of the card, as an SPDX expression, and where it was found.
    pub license: Option<String>,
    /// Properties that wait for a person.
    pub to_write: Vec<String>,
    /// What to do next.
    pub next: Vec<String>,
}

impl Report for InitReport {
    fn human(&self) -> String {
        let state = if self.card_written { "written" } else { "kept: a card is never replaced" };
        let rows = [
            ("card", format!("{} ({state})", self.card)),
            ("hub card", format!("{} ({})", self.readme, self.readme_state)),
            ("files", self.files.to_string()),
            ("records", self.records.map_or_else(|| "not a table".to_owned(), |count| count.to_string())),
            ("license", self.license.clone().unwrap_or_else(|| "not found".to_owned())),
            ("to write", if self.to_write.is_empty() { "nothing".into() } else { self.to_write.join(", ") }),
        ];
        let next: String = self.next.iter().map(|step| format!("next: {step}\n")).collect();
        format!("{}{next}", table::pairs(&rows))
    }
}

/// Writes what is not there yet, and refreshes the README's block.
///
/// # Errors
/// When the data can't be read, or the README's markers are broken; then nothing is written.
pub fn init(context: &Context, target: &str, out: Option<&Utf8PathBuf>) -> Result<InitReport> {
    let place = Place::of(context, target)?;
    let folder = out.cloned().unwrap_or_else(|| place.documents());
    let card_path = if out.is_some() { folder.join(FILE) } else { place.card() };
    let readme_path = folder.join(README);
    let options = place.table().map_or_else(Default::default, package::options);
    let facts = facts(&context.ui, &place.data, &options)?;
    let license = license(&place)?;
    let name = place.dataset.as_ref().map_or_else(
        || place.data.canonicalize_utf8().ok().and_then(|path| path.file_stem().map(str::to_owned)).unwrap_or_default(),
        |(_, name)| name.clone(),
    );
    let parents: Vec<String> =
        place.table().map_or_else(Vec::new, |table| table.parents.iter().map(ParentRef::to_string).collect());
    let creator = place.dataset.as_ref().map(|(loaded, _)| loaded.manifest.project.name.to_string());
    let new = NewCard {
        name: &name,
        description: place.table().and_then(|table| table.description.as_deref()),
        creator: creator.as_deref(),
        license: license.as_deref(),
        derived_from: &parents,
        marks: true,
        ..NewCard::default()
    };
    let card = write::card(&new, &facts);
    let mut bytes = pretty(&card)?;
    // Tables beside annotated images repeat the annotations.
    let tables = facts.files.iter().filter(|_| facts.annotated.is_none());
    let records = tables.filter_map(|file| file.records).reduce(u64::saturating_add);
    let (text, readme_state) = hub_card(&readme_path, &name, license.as_deref(), records, &facts)?;
    fs_err::create_dir_all(&folder)?;
    let card_written = !card_path.exists();
    if card_written {
        write_atomically(&card_path, &bytes)?;
    } else {
        bytes = super::read_card(&card_path)?;
    }
    if let Some(text) = text {
        write_atomically(&readme_path, text.as_bytes())?;
    }
    let to_write = waiting(&bytes);
    let mut next = Vec::new();
    if !to_write.is_empty() {
        next.push(format!("edit {card_path}: each TODO(dgov) is a sentence that only you can write"));
    }
    next.push(format!("dgov data card lint {target} --profile neurips"));
    if let Some((loaded, name)) = &place.dataset
        && place.table().is_some_and(|table| table.card.is_none())
        && let Ok(relative) = card_path.strip_prefix(&loaded.dir)
    {
        next.push(format!("in dgov.toml, [datasets.{name}]: card = \"{relative}\""));
    }
    Ok(InitReport {
        card: card_path.to_string(),
        card_written,
        readme: readme_path.to_string(),
        readme_state,
        files: facts.files.len(),
        records,
        license,
        to_write,
        next,
    })
}

/// The manifest's license; else what the folder's own files say, when they agree.
fn license(place: &Place) -> Result<Option<String>> {
    if let (Some(table), Some((loaded, _))) = (place.table(), &place.dataset) {
        let terms = loaded.manifest.licenses.get(table.license.as_str());
        return Ok(terms.and_then(|terms| terms.spdx.as_ref()).map(|spdx| spdx.as_str().to_owned()));
    }
    let found = detect::detect(&place.data)?;
    Ok(found.license.filter(|_| found.mismatches.is_empty()))
}

/// The README's new text, when it changes, and what is said of it.
fn hub_card(
    path: &camino::Utf8Path,
    name: &str,
    license: Option<&str>,
    records: Option<u64>,
    facts: &dgov_data::cards::facts::Facts,
) -> Result<(Option<String>, &'static str)> {
    let bytes: u64 = facts.files.iter().map(|file| file.bytes).sum();
    let mut lines = vec![
        "Described in `croissant.json` (Croissant 1.1), with the sha256 of each file.".to_owned(),
        String::new(),
        format!("- files: {}, {bytes} bytes", facts.files.len()),
    ];
    for file in facts.files.iter().filter(|file| file.records.is_some()).take(20) {
        let fields: Vec<_> = file.fields.iter().take(20).map(|field| format!("`{}`", field.name)).collect();
        let more = if file.fields.len() > 20 { ", …" } else { "" };
        lines.push(format!(
            "- `{}`: {} records of {}{more}",
            file.path,
            file.records.unwrap_or_default(),
            fields.join(", ")
        ));
    }
    lines.push(format!("- license: {}", license.unwrap_or("not found")));
    let block = lines.join("\n");
    let written = match std::fs::read_to_string(path) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => {
            return Err(Error::local_io("io", format!("cannot read {path}"))
                .caused_by(&error)
                .hint("it has to be UTF-8 text"));
        }
    };
    let before = written.clone().unwrap_or_else(|| readme::new(name, license, records));
    let text = readme::refreshed(&before, &block).map_err(|error| {
        Error::input("card.readme_markers", format!("{path}: {error}"))
            .hint("remove them: the block is written anew at the end of the file")
    })?;
    Ok(match written {
        None => (Some(text), "written"),
        Some(before) if before == text => (None, "unchanged"),
        Some(_) => (Some(text), "block refreshed"),
    })
}

/// Properties of the card that hold a mark or nothing.
fn waiting(card: &[u8]) -> Vec<String> {
    let Ok(parsed) = dgov_data::cards::Card::parse(card) else { return Vec::new() };
    let mut found: Vec<_> = lint(card, CardProfile::Neurips)
        .into_iter()
        .filter(|finding| finding.severity == Severity::Error || finding.id == "card.placeholder")
        .map(|finding| finding.pointer.trim_start_matches('/').to_owned())
        .filter(|pointer| !pointer.is_empty() && !pointer.contains('/'))
        .collect();
    let members = parsed.value().as_object().into_iter().flatten();
    let marked = members.filter(|(_, value)| value.as_str().is_some_and(is_placeholder)).map(|(key, _)| key.clone());
    found.extend(marked);
    found.sort();
    found.dedup();
    found
}
