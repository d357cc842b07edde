//! Rights as an ODRL 2.2 offer (https://www.w3.org/TR/odrl-model/) and back. ODRL's own terms where it has them
//! (`spatial`, `dateTime`, `pay`, `attribute`); purposes and the rest are terms of a profile with its own namespace,
//! because ODRL has no action for training, and a policy that says only `use` would say more than was meant.
//!
//! One policy for each alternative: a licensee takes one policy as a whole.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::purpose::{Purpose, Purposes};
use super::rights::Rights;
use super::ruling::Source;
use super::terms::{Geography, Modifiers, Terms};

/// Namespace of the profile; `docs/licensing.md` defines its terms.
pub const PROFILE: &str = "urn:dgov:odrl:1#";
/// Namespace of ODRL's context.
const CONTEXT: &str = "http://www.w3.org/ns/odrl.jsonld";

/// Why a document gives no rights.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// Not JSON.
    #[error("not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// Not a policy of this profile.
    #[error("{0}")]
    Foreign(String),
    /// Something that the profile does not define: what it permits is not known.
    #[error("{place}: {what}")]
    Unknown {
        /// JSON pointer.
        place: String,
        /// What is not understood.
        what: String,
    },
}

/// The offer of these rights in a target, e.g. `ipfs://…`.
pub fn policy(rights: &Rights, target: &str) -> Value {
    let all = rights.alternatives();
    let one = |index: usize, terms: &Terms| {
        let suffix = if all.len() == 1 { "offer".to_owned() } else { format!("offer-{}", index + 1) };
        offer(terms, target, &format!("{target}#{suffix}"))
    };
    let mut offers: Vec<_> =
        all.iter().enumerate().map(|(index, alternative)| one(index, &alternative.terms)).collect();
    let context = json!([CONTEXT, { "dgov": PROFILE }]);
    if offers.len() == 1
        && let Some(Value::Object(only)) = offers.pop()
    {
        let mut map = Map::new();
        map.insert("@context".into(), context);
        map.extend(only);
        return Value::Object(map);
    }
    json!({ "@context": context, "@graph": offers })
}

fn offer(terms: &Terms, target: &str, uid: &str) -> Value {
    let action = |purpose: Purpose| json!(format!("dgov:{}", purpose.name()));
    let (duties, constraints) = conditions(&terms.modifiers);
    let permission: Vec<_> = terms
        .allow
        .iter()
        .map(|purpose| {
            let mut rule = json!({ "target": target, "action": action(purpose) });
            if !constraints.is_empty() {
                rule["constraint"] = json!(constraints);
            }
            if !duties.is_empty() {
                rule["duty"] = json!(duties);
            }
            rule
        })
        .collect();
    let mut prohibition: Vec<_> =
        terms.deny.iter().map(|purpose| json!({ "target": target, "action": action(purpose) })).collect();
    if terms.modifiers.no_derivatives == Some(true) {
        prohibition.push(json!({ "target": target, "action": "dgov:distribute-changed" }));
    }
    let mut map = Map::new();
    map.insert("@type".into(), json!("Offer"));
    map.insert("uid".into(), json!(uid));
    map.insert("profile".into(), json!(PROFILE));
    // What the rules can't carry when there is no permission to hang it on, and what "not said" is.
    map.insert("dgov:conditions".into(), stated(&terms.modifiers));
    map.insert("permission".into(), json!(permission));
    map.insert("prohibition".into(), json!(prohibition));
    Value::Object(map)
}

/// Duties and constraints of each permission.
fn conditions(modifiers: &Modifiers) -> (Vec<Value>, Vec<Value>) {
    let (mut duties, mut constraints) = (Vec::new(), Vec::new());
    if modifiers.attribution == Some(true) {
        duties.push(json!({ "action": "attribute" }));
    }
    if modifiers.share_alike == Some(true) {
        duties.push(json!({ "action": "dgov:share-alike" }));
    }
    if modifiers.use_restrictions == Some(true) {
        duties.push(json!({ "action": "dgov:observe-use-restrictions" }));
    }
    for price in &modifiers.prices {
        duties.push(match price.split_once(' ').filter(|(amount, _)| is_amount(amount)) {
            Some((amount, unit)) => json!({
                "action": [{
                    "rdf:value": { "@id": "odrl:compensate" },
                    "refinement": [{
                        "leftOperand": "payAmount",
                        "operator": "eq",
                        "rightOperand": { "@value": amount, "@type": "xsd:decimal" },
                        "unit": format!("dgov:{unit}"),
                    }],
                }],
            }),
            None => json!({ "action": "compensate", "dgov:price": price }),
        });
    }
    // Without a word on commercial use nobody may read one into it.
    if modifiers.commercial != Some(true) {
        let purpose =
            if modifiers.commercial.is_some() { "dgov:non-commercial" } else { "dgov:commerciality-not-said" };
        constraints.push(json!({ "leftOperand": "purpose", "operator": "eq", "rightOperand": purpose }));
    }
    if let Geography::Only(places) = &modifiers.geography {
        let places: Vec<_> = places.iter().collect();
        constraints.push(json!({ "leftOperand": "spatial", "operator": "isAnyOf", "rightOperand": places }));
    }
    if let Some(end) = modifiers.expiry {
        constraints.push(json!({
            "leftOperand": "dateTime",
            "operator": "lt",
            "rightOperand": { "@value": rfc3339(end), "@type": "xsd:dateTime" },
        }));
    }
    (duties, constraints)
}

fn is_amount(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// The modifiers by name, those that are said.
fn stated(modifiers: &Modifiers) -> Value {
    let mut map = Map::new();
    for (name, answer) in [
        ("commercial", modifiers.commercial),
        ("attribution", modifiers.attribution),
        ("share-alike", modifiers.share_alike),
        ("no-derivatives", modifiers.no_derivatives),
        ("use-restrictions", modifiers.use_restrictions),
    ] {
        if let Some(answer) = answer {
            map.insert(format!("dgov:{name}"), json!(answer));
        }
    }
    if let Geography::Only(places) = &modifiers.geography {
        map.insert("dgov:geography".into(), json!(places));
    }
    if let Some(end) = modifiers.expiry {
        map.insert("dgov:expiry".into(), json!(end));
    }
    if !modifiers.prices.is_empty() {
        map.insert("dgov:price".into(), json!(modifiers.prices));
    }
    Value::Object(map)
}

/// Reads the rights of a policy of this profile. Everything in it has to be understood: a rule that is skipped could be
/// the prohibition.
///
/// # Errors
/// When it is another profile's, or has something that this profile does not define.
pub fn read(bytes: &[u8]) -> Result<Rights, PolicyError> {
    let document: Value = serde_json::from_slice(bytes)?;
    let offers = match document.get("@graph") {
        Some(Value::Array(offers)) => {
            offers.iter().enumerate().map(|(i, offer)| (format!("/@graph/{i}"), offer)).collect()
        }
        Some(_) => return Err(PolicyError::Foreign("@graph is no list".to_owned())),
        None => vec![(String::new(), &document)],
    };
    let mut rights = Rights::nothing();
    for (place, offer) in offers {
        let terms = read_offer(offer, &place)?;
        let source = Source::Document { place: format!("policy{place}") };
        rights = rights.join(&Rights::stated(source, terms));
    }
    Ok(rights)
}

fn read_offer(offer: &Value, place: &str) -> Result<Terms, PolicyError> {
    if offer.get("profile").and_then(Value::as_str) != Some(PROFILE) {
        return Err(PolicyError::Foreign(format!("not an ODRL policy of the profile {PROFILE}")));
    }
    let modifiers = read_modifiers(offer.get("dgov:conditions"), &format!("{place}/dgov:conditions"))?;
    let allow = read_rules(offer, "permission", place)?;
    let deny = read_rules(offer, "prohibition", place)?;
    let terms = Terms::new(allow, deny, modifiers);
    // The rules say the same as the conditions, or somebody has changed one of them.
    let target = target_of(offer);
    let again = self::offer(&terms, &target, offer.get("uid").and_then(Value::as_str).unwrap_or_default());
    for key in ["permission", "prohibition"] {
        let written = offer.get(key).cloned().unwrap_or_else(|| json!([]));
        if written != again[key] {
            let what = "the rules do not say what the conditions say".to_owned();
            return Err(PolicyError::Unknown { place: format!("{place}/{key}"), what });
        }
    }
    Ok(terms)
}

fn target_of(offer: &Value) -> String {
    let rules = ["permission", "prohibition"].iter().filter_map(|key| offer.get(*key)?.as_array());
    let first = rules.flatten().find_map(|rule| rule.get("target").and_then(Value::as_str));
    first.unwrap_or_default().to_owned()
}

fn read_rules(offer: &Value, key: &str, place: &str) -> Result<Purposes, PolicyError> {
    let mut found = Vec::new();
    for (index, rule) in offer.get(key).and_then(Value::as_array).into_iter().flatten().enumerate() {
        let action = rule.get("action").and_then(Value::as_str).unwrap_or_default();
        if key == "prohibition" && action == "dgov:distribute-changed" {
            continue;
        }
        let purpose = action.strip_prefix("dgov:").and_then(|name| name.parse::<Purpose>().ok());
        found.push(purpose.ok_or_else(|| PolicyError::Unknown {
            place: format!("{place}/{key}/{index}/action"),
            what: format!("`{action}` is no purpose"),
        })?);
    }
    Ok(found.into_iter().collect())
}

fn read_modifiers(value: Option<&Value>, place: &str) -> Result<Modifiers, PolicyError> {
    let unknown =
        |key: &str, what: &str| PolicyError::Unknown { place: format!("{place}/{key}"), what: what.to_owned() };
    let mut modifiers = Modifiers::default();
    let Some(map) = value.and_then(Value::as_object) else {
        return Err(unknown("", "the conditions are missing"));
    };
    let texts = |value: &Value| -> Option<BTreeSet<String>> {
        value.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
    };
    for (key, value) in map {
        let flag = || value.as_bool().map(Some).ok_or_else(|| unknown(key, "not true or false"));
        match key.as_str() {
            "dgov:commercial" => modifiers.commercial = flag()?,
            "dgov:attribution" => modifiers.attribution = flag()?,
            "dgov:share-alike" => modifiers.share_alike = flag()?,
            "dgov:no-derivatives" => modifiers.no_derivatives = flag()?,
            "dgov:use-restrictions" => modifiers.use_restrictions = flag()?,
            "dgov:expiry" => modifiers.expiry = Some(value.as_i64().ok_or_else(|| unknown(key, "no unix time"))?),
            "dgov:geography" => {
                modifiers.geography = Geography::Only(texts(value).ok_or_else(|| unknown(key, "no list of places"))?);
            }
            "dgov:price" => modifiers.prices = texts(value).ok_or_else(|| unknown(key, "no list of prices"))?,
            _ => return Err(unknown(key, "not a condition of the profile")),
        }
    }
    Ok(modifiers)
}

/// Seconds since 1970 as RFC 3339 in UTC (proleptic Gregorian calendar).
fn rfc3339(seconds: i64) -> String {
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Days to a date by eras of 400 years, which begin on the 1st of March.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3600, rest / 60 % 60, rest % 60)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::licensing::table;

    #[test]
    fn times_are_dates() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_767_225_599, "2025-12-31T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
        ] {
            assert_eq!(rfc3339(seconds), text);
        }
    }

    #[test]
    fn every_license_comes_back_from_its_policy() {
        for row in table::licenses() {
            let rights = Rights::of_expression(&row.id).unwrap();
            let policy = policy(&rights, "ipfs://bafy");
            let back = read(&serde_json::to_vec(&policy).unwrap()).unwrap();
            assert_eq!(back, rights, "{}", row.id);
        }
        let choice = Rights::of_expression("CC-BY-ND-4.0 OR CC-BY-NC-4.0").unwrap();
        let document = policy(&choice, "ipfs://bafy");
        assert_eq!(document["@graph"].as_array().unwrap().len(), 2);
        assert_eq!(read(&serde_json::to_vec(&document).unwrap()).unwrap(), choice);
    }

    #[test]
    fn a_rule_that_is_taken_out_or_put_in_is_noticed() {
        let rights = Rights::of_expression("CC-BY-NC-4.0").unwrap();
        let good = policy(&rights, "ipfs://bafy");
        type Change = fn(&mut Value);
        let changes: [Change; 6] = [
            |policy| policy["permission"][0]["constraint"] = json!([]),
            |policy| drop(policy["permission"][0].as_object_mut().unwrap().remove("duty")),
            |policy| policy["dgov:conditions"]["dgov:commercial"] = json!(true),
            |policy| policy["prohibition"][0]["action"] = json!("distribute"),
            |policy| policy["dgov:conditions"]["dgov:else"] = json!(true),
            |policy| policy["profile"] = json!("http://www.w3.org/ns/tdmrep"),
        ];
        for (index, change) in changes.into_iter().enumerate() {
            let mut policy = good.clone();
            change(&mut policy);
            assert!(read(&serde_json::to_vec(&policy).unwrap()).is_err(), "{index}");
        }
    }
}
