//! The table of licenses, and how model hubs spell them. Both are files with a source for each row.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::purpose::{Purpose, Purposes};
use super::terms::{Modifiers, Terms};

/// SPDX id to purposes and modifiers.
const LICENSES: &str = include_str!("licenses.csv");
/// Hub id to SPDX id.
const HUB: &str = include_str!("hub.csv");

/// What a license says, and where that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// SPDX id, or `LicenseRef-` with the hub's name for it.
    pub id: String,
    /// Purposes and modifiers.
    pub terms: Terms,
    /// URL of the license or of its reading.
    pub source: String,
    /// What is unsettled or easily overlooked.
    pub note: String,
}

/// A hub's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HubId {
    /// As in the front matter of a README: `odc-by`.
    pub hub: String,
    /// SPDX id or `LicenseRef-`; `None` where the hub's id names a family, or nothing (`other`).
    pub spdx: Option<String>,
    /// Where the hub lists it.
    pub source: String,
}

static ROWS: LazyLock<BTreeMap<String, Row>> =
    LazyLock::new(|| rows(LICENSES).filter_map(|fields| row(&fields)).map(|row| (row.id.clone(), row)).collect());

static HUB_IDS: LazyLock<BTreeMap<String, HubId>> = LazyLock::new(|| {
    let ids = rows(HUB).filter_map(|fields| {
        let [hub, spdx, source] = fields.as_slice() else { return None };
        let spdx = (!spdx.is_empty()).then(|| spdx.clone());
        Some(HubId { hub: hub.clone(), spdx, source: source.clone() })
    });
    ids.map(|id| (id.hub.clone(), id)).collect()
});

/// The row of an id; SPDX ids are compared as written.
pub fn license(id: &str) -> Option<&'static Row> {
    ROWS.get(id)
}

/// All rows, ascending by id.
pub fn licenses() -> impl Iterator<Item = &'static Row> {
    ROWS.values()
}

/// What a hub's id stands for; letters are compared without case.
pub fn hub_id(id: &str) -> Option<&'static HubId> {
    HUB_IDS.get(&id.to_lowercase())
}

/// All ids of hubs, ascending.
pub fn hub_ids() -> impl Iterator<Item = &'static HubId> {
    HUB_IDS.values()
}

/// How a hub's front matter writes an SPDX expression: its own id where it has one.
pub fn hub_spelling(spdx: &str) -> Option<&'static str> {
    // The hub's list comes before what it merely understands.
    let listed = || HUB_IDS.values().filter(|id| id.source.contains("huggingface"));
    let is = |id: &&HubId, wanted: &str| id.spdx.as_deref() == Some(wanted);
    let or_later = || format!("{}-only", spdx.trim_end_matches("-or-later").trim_end_matches("-only"));
    listed()
        .find(|id| is(id, spdx))
        .or_else(|| spdx.contains("GPL").then(or_later).and_then(|base| listed().find(|id| is(id, &base))))
        .map(|id| id.hub.as_str())
}

/// The rows of a file without its header; what is malformed is missing, which the tests find.
fn rows(text: &'static str) -> impl Iterator<Item = Vec<String>> {
    let reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    reader.into_records().filter_map(Result::ok).map(|record| record.iter().map(str::to_owned).collect())
}

fn row(fields: &[String]) -> Option<Row> {
    let [id, allow, deny, commercial, attribution, share_alike, no_derivatives, use_restrictions, source, note] =
        fields
    else {
        return None;
    };
    let purposes = |list: &str| -> Option<Purposes> {
        list.split_whitespace().map(|word| word.parse::<Purpose>().ok()).collect::<Option<Purposes>>()
    };
    let modifiers = Modifiers {
        commercial: answer(commercial)?,
        attribution: answer(attribution)?,
        share_alike: answer(share_alike)?,
        no_derivatives: answer(no_derivatives)?,
        use_restrictions: answer(use_restrictions)?,
        ..Modifiers::default()
    };
    Some(Row {
        id: id.clone(),
        terms: Terms::new(purposes(allow)?, purposes(deny)?, modifiers),
        source: source.clone(),
        note: note.clone(),
    })
}

/// `yes`, `no`, or nothing.
fn answer(text: &str) -> Option<Option<bool>> {
    match text {
        "yes" => Some(Some(true)),
        "no" => Some(Some(false)),
        "" => Some(None),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read_known_to_spdx_and_has_a_source() {
        assert_eq!(licenses().count(), LICENSES.lines().count() - 1, "a row is malformed or there twice");
        assert!(licenses().count() >= 60);
        let mut before = "";
        for row in licenses() {
            assert!(row.source.starts_with("https://"), "{}: no source", row.id);
            match row.id.strip_prefix("LicenseRef-") {
                Some(hub) => {
                    assert_eq!(hub_id(hub).unwrap().spdx.as_ref(), Some(&row.id), "no hub has this id");
                    assert!(row.terms.allow.is_empty(), "{}: terms outside of SPDX's list need a person", row.id);
                }
                None => assert!(spdx::license_id(&row.id).is_some(), "{} is not on SPDX's list", row.id),
            }
            assert!(row.terms.allow.and(row.terms.deny).is_empty());
            assert!(before < row.id.as_str());
            before = &row.id;
        }
    }

    #[test]
    fn the_family_of_creative_commons_is_complete() {
        let listed = spdx::identifiers::LICENSES
            .iter()
            .map(|license| license.name)
            .filter(|name| name.starts_with("CC-") && !name.starts_with("CC-PD"));
        for id in listed {
            let row = license(id).unwrap_or_else(|| panic!("{id} is missing"));
            let parts: Vec<_> = id.split('-').collect();
            let modifiers = &row.terms.modifiers;
            assert_eq!(modifiers.commercial, Some(!parts.contains(&"NC")), "{id}");
            assert_eq!(modifiers.attribution, Some(parts.contains(&"BY")), "{id}");
            assert_eq!(modifiers.share_alike, Some(parts.contains(&"SA")), "{id}");
            assert_eq!(modifiers.no_derivatives, Some(parts.contains(&"ND")), "{id}");
            let may_train = row.terms.says(Purpose::TrainGenerative);
            assert_eq!(may_train, (!parts.contains(&"ND")).then_some(true), "{id}");
            assert_eq!(row.terms.says(Purpose::Sublicense), Some(false), "{id}");
        }
    }

    /// SPDX's texts are the witness.
    #[test]
    fn what_is_said_of_sublicensing_stands_in_the_text() {
        let other_words = ["Unlicense", "CC0-1.0", "CC-PDDC", "PDDL-1.0", "MPL-2.0"];
        for row in licenses().filter(|row| !other_words.contains(&row.id.as_str())) {
            let Some(id) = spdx::license_id(&row.id) else { continue };
            let text = id.text().to_lowercase();
            let in_english = text.contains(" the ") && !row.id.ends_with("-JP");
            let spoken_of = ["sublicens", "sub-licens", "sublicenc"].iter().any(|word| text.contains(word));
            let said = row.terms.says(Purpose::Sublicense);
            assert!(!in_english || said.is_some() == spoken_of, "{}: {said:?}", row.id);
        }
    }

    #[test]
    fn hub_ids_lead_to_spdx_and_back() {
        assert_eq!(hub_ids().count(), HUB.lines().count() - 1);
        for id in hub_ids() {
            assert!(id.source.starts_with("https://"), "{}", id.hub);
            if let Some(spdx) = &id.spdx {
                assert!(spdx.starts_with("LicenseRef-") || spdx::license_id(spdx).is_some(), "{spdx}");
            }
        }
        assert_eq!(hub_id("odc-by").unwrap().spdx.as_deref(), Some("ODC-By-1.0"));
        assert_eq!(hub_id("CC-BY-4.0").unwrap().spdx.as_deref(), Some("CC-BY-4.0"));
        assert_eq!(hub_id("other").unwrap().spdx, None);
        assert!(hub_id("no-such").is_none());
        assert_eq!(hub_spelling("ODC-By-1.0"), Some("odc-by"));
        assert_eq!(hub_spelling("GPL-3.0-or-later"), Some("gpl-3.0"));
        assert_eq!(hub_spelling("CC0-1.0"), Some("cc0-1.0"));
        assert_eq!(hub_spelling("O-UDA-1.0"), None);
    }
}
