//! Where a card says otherwise than the project that publishes it.

use super::card::Card;
use super::lint::{Finding, Severity};
use crate::licensing::{self, Purposes, Rights};

/// What the project says of the same dataset. Days are `2026-12-01`, UTC.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// SPDX expression; `None` for terms of its own without an id.
    pub spdx: Option<String>,
    /// Purposes that it allows.
    pub allow: Purposes,
    /// Price of a pass, when it is not free.
    pub price: Option<String>,
    /// Day on which the rights end.
    pub ends: Option<String>,
    /// Today.
    pub today: String,
}

/// Contradictions about license, purposes, price and dates. What the card leaves out contradicts nothing.
pub fn contradictions(card: &Card, said: &Said) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut add = |id, severity, pointer: &str, message: String| {
        let hint =
            Some("correct the one that is wrong; a card that a push made is renewed by the next push".to_owned());
        found.push(Finding { id, severity, pointer: pointer.to_owned(), message, hint });
    };
    if let Some(spdx) = &said.spdx {
        let named = card.license_expression();
        let shown = named.as_ref().map_or_else(|unknown| unknown.join(", "), Clone::clone);
        let other = match &named {
            Ok(expression) => !same(expression, spdx),
            // What is no license of SPDX's list may be the project's own terms.
            Err(unknown) => !unknown.is_empty() && !spdx.contains("LicenseRef-"),
        };
        if other {
            let message = format!("the card names {shown}, the manifest {spdx}");
            add("card.contradicts-license", Severity::Error, "/license", message);
        }
        if let (Ok(expression), true) = (&named, other)
            && let Ok(rights) = Rights::of_expression(expression)
        {
            let denies = |purpose| rights.alternatives().iter().all(|way| way.terms.says(purpose) == Some(false));
            let denied: Vec<_> = said.allow.iter().filter(|purpose| denies(*purpose)).map(|it| it.name()).collect();
            if !denied.is_empty() {
                let message =
                    format!("the manifest allows {}, which {expression} in the card forbids", denied.join(", "));
                add("card.contradicts-purpose", Severity::Error, "/license", message);
            }
        }
    }
    if let (Some(price), Some("true")) = (&said.price, card.text("isAccessibleForFree").as_deref().map(str::trim)) {
        let message = format!("the card says that it is free, the manifest asks {price}");
        add("card.contradicts-price", Severity::Error, "/isAccessibleForFree", message);
    }
    if let (Some(ends), Some(expires)) = (&said.ends, day(card, "expires"))
        && expires > *ends
    {
        let message = format!("the card is good until {expires}, the rights end on {ends}");
        add("card.contradicts-end", Severity::Error, "/expires", message);
    }
    if let Some(published) = day(card, "datePublished") {
        if let Some(ends) = said.ends.as_ref().filter(|ends| published >= **ends) {
            let message = format!("it was published on {published}, the rights end on {ends}");
            add("card.contradicts-end", Severity::Error, "/datePublished", message);
        }
        if published > said.today {
            let message = format!("{published} has not been yet");
            add("card.published-later", Severity::Warning, "/datePublished", message);
        }
    }
    found
}

/// The same licenses, in whatever order and brackets.
fn same(a: &str, b: &str) -> bool {
    let words = |text: &str| {
        let text = licensing::normalize(text).unwrap_or_else(|| text.to_owned());
        let mut words: Vec<_> =
            text.split([' ', '(', ')']).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
        words.sort_unstable();
        words
    };
    words(a) == words(b)
}

/// The day of a date or time; dates of another form are the linter's to find.
fn day(card: &Card, word: &str) -> Option<String> {
    let text = card.text(word)?;
    let day = text.get(..10)?;
    let digits = day
        .bytes()
        .enumerate()
        .all(|(at, byte)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() });
    digits.then(|| day.to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::licensing::Purpose;

    fn said() -> Said {
        Said {
            spdx: Some("CC-BY-4.0".into()),
            allow: [Purpose::TrainGenerative, Purpose::Redistribute].into_iter().collect(),
            price: Some("5 USDC".into()),
            ends: Some("2027-06-30".into()),
            today: "2026-12-01".into(),
        }
    }

    fn found(card: Value, said: &Said) -> Vec<String> {
        let card = Card::parse(&serde_json::to_vec(&card).unwrap()).unwrap();
        contradictions(&card, said).into_iter().map(|finding| format!("{} {}", finding.id, finding.pointer)).collect()
    }

    #[test]
    fn a_card_that_says_the_same_or_nothing_contradicts_nothing() {
        let same = json!({
            "license": "https://spdx.org/licenses/CC-BY-4.0", "isAccessibleForFree": false,
            "datePublished": "2026-12-01", "expires": "2027-06-30",
        });
        assert!(found(same, &said()).is_empty());
        assert!(found(json!({}), &said()).is_empty());
        let vague = json!({ "datePublished": "yesterday", "expires": "20270630xx", "isAccessibleForFree": "maybe" });
        assert!(found(vague, &said()).is_empty());
        let either = Said { spdx: Some("MIT OR Apache-2.0".into()), ..said() };
        assert!(found(json!({ "license": "(Apache-2.0 OR MIT)" }), &either).is_empty());
        let own = Said { spdx: Some("LicenseRef-ours".into()), ..said() };
        assert!(found(json!({ "license": "https://example.org/terms" }), &own).is_empty());
        assert!(found(json!({ "license": "MIT" }), &Said::default()).is_empty());
    }

    #[test]
    fn each_contradiction_is_found() {
        for (card, expected) in [
            (json!({ "license": "MIT" }), &["card.contradicts-license /license"][..]),
            (json!({ "license": "https://example.org/terms" }), &["card.contradicts-license /license"]),
            (json!({ "license": "CC-BY-NC-ND-4.0" }), &["card.contradicts-license /license"]),
            (json!({ "isAccessibleForFree": true }), &["card.contradicts-price /isAccessibleForFree"]),
            (json!({ "expires": "2027-07-01T00:00:00Z" }), &["card.contradicts-end /expires"]),
            (json!({ "datePublished": "2026-12-02" }), &["card.published-later /datePublished"]),
            (
                json!({ "datePublished": "2027-06-30" }),
                &["card.contradicts-end /datePublished", "card.published-later /datePublished"],
            ),
        ] {
            let found = found(card.clone(), &said());
            assert!(expected.iter().all(|id| found.iter().any(|it| it == id)), "{card}: {found:?}");
            assert!(
                found.iter().all(|id| expected.contains(&id.as_str()) || id.starts_with("card.contradicts-purpose")),
                "{card}: {found:?}"
            );
        }
    }

    #[test]
    fn a_license_of_the_card_that_forbids_what_the_manifest_allows() {
        let all = Said { allow: Purposes::EVERY, ..said() };
        let denies = |id: &str| {
            let rights = Rights::of_expression(id).unwrap();
            let way = &rights.alternatives()[0].terms;
            Purposes::EVERY.iter().any(|purpose| way.says(purpose) == Some(false))
        };
        let id = licensing::table::licenses().map(|row| row.id.as_str()).find(|id| denies(id)).unwrap();
        let ids = found(json!({ "license": id }), &all);
        assert!(ids.contains(&"card.contradicts-purpose /license".to_owned()), "{id}: {ids:?}");
    }
}
