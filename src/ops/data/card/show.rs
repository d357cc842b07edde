//! `dgov data card show`: a card of anybody, as far as it says something.

use dgov_data::cards::{Card, Origin, Resource};
use serde::Serialize;

use super::lint::find;
use super::read_card;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ui::{Report, table};

/// What a card says.
#[derive(Serialize)]
pub struct CardReport {
    /// The card's file.
    pub card: String,
    /// Name.
    pub name: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Versions of the format.
    pub conforms_to: Vec<String>,
    /// Licenses as written.
    pub licenses: Vec<String>,
    /// The SPDX expression they stand for, when they do.
    pub spdx: Option<String>,
    /// Where the data comes from.
    #[serde(flatten)]
    pub origin: Origin,
    /// Sources named.
    pub derived_from: Vec<String>,
    /// RAI and PROV properties.
    pub responsible: Vec<(String, Vec<String>)>,
    /// Files and sets of files.
    pub distribution: Vec<Resource>,
}

impl Report for CardReport {
    fn human(&self) -> String {
        let or = |text: &Option<String>, none: &str| text.clone().unwrap_or_else(|| none.to_owned());
        let license = match (&self.spdx, self.licenses.as_slice()) {
            (Some(spdx), _) => spdx.clone(),
            (None, []) => "none: nothing is permitted".to_owned(),
            (None, written) => format!("{} (not on SPDX's list)", written.join(", ")),
        };
        let origin = match &self.origin {
            Origin::Declared { by } => {
                by.iter().map(|(word, text)| format!("{text} ({word})")).collect::<Vec<_>>().join("; ")
            }
            Origin::Undeclared { .. } => "undeclared".to_owned(),
        };
        let digests = self.distribution.iter().filter(|resource| resource.sha256.is_some()).count();
        let mut rows = vec![
            ("name", or(&self.name, "none")),
            ("description", or(&self.description, "none")),
            ("format", self.conforms_to.join(", ")),
            ("license", license),
            ("origin", origin),
            ("distribution", format!("{} members, {digests} with a sha256", self.distribution.len())),
        ];
        rows.extend(self.responsible.iter().map(|(word, texts)| (word.as_str(), texts.join("; "))));
        table::pairs(&rows)
    }
}

/// Reads a card.
///
/// # Errors
/// When there is none, or it is no JSON object.
pub fn show(context: &Context, target: Option<&str>) -> Result<CardReport> {
    let path = find(context, target)?.card;
    let card = Card::parse(&read_card(&path)?).map_err(|error| {
        Error::input("card.malformed", format!("{path}: {error}")).hint("a data card is a Croissant document (JSON-LD)")
    })?;
    Ok(CardReport {
        card: path.to_string(),
        name: card.name(),
        description: card.text("description"),
        conforms_to: card.conforms_to(),
        licenses: card.licenses(),
        spdx: card.license_expression().ok(),
        origin: card.origin(),
        derived_from: card.derived_from(),
        responsible: card.responsible(),
        distribution: card.distribution(),
    })
}
