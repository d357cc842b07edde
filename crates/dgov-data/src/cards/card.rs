//! Reading a card: what a gate, a report or a person wants to know of it.

use serde::Serialize;
use serde_json::Value;

use super::names::{Names, list, reference, texts};
use super::placeholder::is_placeholder;
use crate::licensing;

/// Why bytes are no card.
#[derive(Debug, thiserror::Error)]
pub enum CardError {
    /// Not JSON.
    #[error("not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// JSON, but no object.
    #[error("a card is a JSON object")]
    NotAnObject,
}

/// A card of anybody.
#[derive(Clone, Debug)]
pub struct Card {
    value: Value,
    names: Names,
}

/// What a member of the distribution is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResourceKind {
    /// `cr:FileObject`: one file.
    File,
    /// `cr:FileSet`: files by pattern.
    Set,
    /// Neither.
    Other,
}

/// A member of the distribution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Resource {
    /// JSON pointer.
    pub pointer: String,
    /// `@id`.
    pub id: Option<String>,
    /// Kind.
    pub kind: ResourceKind,
    /// Where the bytes are: relative to the dataset's folder, or a URL.
    pub content_url: Option<String>,
    /// Media types.
    pub encoding_format: Vec<String>,
    /// sha256, hexadecimal, lower case; base64 is decoded.
    pub sha256: Option<String>,
    /// md5 as written.
    pub md5: Option<String>,
    /// Bytes, when written as a number of them.
    pub size: Option<u64>,
    /// Patterns of a set.
    pub includes: Vec<String>,
    /// Patterns left out of a set.
    pub excludes: Vec<String>,
    /// Ids of what it is contained in.
    pub contained_in: Vec<String>,
}

/// Whether a card says where its data comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "origin")]
pub enum Origin {
    /// It does, in these properties.
    Declared {
        /// Properties with what they say.
        by: Vec<(String, String)>,
    },
    /// It does not. Placeholders declare nothing.
    Undeclared {
        /// Properties that hold a placeholder.
        placeholders: Vec<String>,
    },
}

/// Properties that say where data comes from, each enough by itself.
const ORIGIN: [&str; 8] = [
    "prov:wasDerivedFrom",
    "prov:wasGeneratedBy",
    "prov:hadPrimarySource",
    "isBasedOn",
    "isBasedOnUrl",
    "rai:dataCollection",
    "rai:dataCollectionRawData",
    "rai:dataCollectionMissingData",
];

impl Card {
    /// Reads a card; which version it has and whether it is right is for the linter to say.
    ///
    /// # Errors
    /// When the bytes are no JSON object.
    pub fn parse(bytes: &[u8]) -> Result<Self, CardError> {
        let value: Value = serde_json::from_slice(bytes)?;
        if !value.is_object() {
            return Err(CardError::NotAnObject);
        }
        let names = Names::of(value.get("@context"));
        Ok(Self { value, names })
    }

    /// The document.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The names of its properties.
    pub(super) fn names(&self) -> &Names {
        &self.names
    }

    /// The texts of a property of the dataset, by its usual word: `name`, `rai:dataBiases`.
    pub fn texts(&self, word: &str) -> Vec<String> {
        self.names.value(&self.value, word).map(texts).unwrap_or_default()
    }

    /// The first text of a property, unless it is a placeholder.
    pub fn text(&self, word: &str) -> Option<String> {
        self.texts(word).into_iter().find(|text| !is_placeholder(text))
    }

    /// `name`.
    pub fn name(&self) -> Option<String> {
        self.text("name")
    }

    /// The versions that it says it conforms to, as written.
    pub fn conforms_to(&self) -> Vec<String> {
        self.texts("conformsTo")
    }

    /// Licenses as written: URLs, SPDX ids, names. All of them apply.
    pub fn licenses(&self) -> Vec<String> {
        self.texts("license").into_iter().filter(|text| !is_placeholder(text)).collect()
    }

    /// The licenses as one SPDX expression; those that no id stands for are in the error.
    ///
    /// # Errors
    /// The texts that are no license of SPDX's list; empty when the card names no license at all.
    pub fn license_expression(&self) -> Result<String, Vec<String>> {
        let written = self.licenses();
        let known: Vec<_> = written.iter().map(|text| licensing::normalize(text)).collect();
        let unknown: Vec<_> =
            written.iter().zip(&known).filter(|(_, id)| id.is_none()).map(|(text, _)| text.clone()).collect();
        let ids: Vec<_> = known.into_iter().flatten().collect();
        match ids.as_slice() {
            _ if !unknown.is_empty() => Err(unknown),
            [] => Err(Vec::new()),
            [only] => Ok(only.clone()),
            several => Ok(several.iter().map(|id| format!("({id})")).collect::<Vec<_>>().join(" AND ")),
        }
    }

    /// What `prov:wasDerivedFrom` and `isBasedOn` name: URLs, `ipfs://`, names.
    pub fn derived_from(&self) -> Vec<String> {
        let all = ["prov:wasDerivedFrom", "isBasedOn", "isBasedOnUrl"].iter().flat_map(|word| self.texts(word));
        let mut found: Vec<_> = all.filter(|text| !is_placeholder(text)).collect();
        found.dedup();
        found
    }

    /// Whether it says where the data comes from.
    pub fn origin(&self) -> Origin {
        let (mut by, mut placeholders) = (Vec::new(), Vec::new());
        for word in ORIGIN {
            let Some(value) = self.names.value(&self.value, word) else { continue };
            match texts(value).into_iter().find(|text| !is_placeholder(text)) {
                Some(text) => by.push((word.to_owned(), text)),
                None => placeholders.push(word.to_owned()),
            }
        }
        if by.is_empty() { Origin::Undeclared { placeholders } } else { Origin::Declared { by } }
    }

    /// `rai:hasSyntheticData`, when it is a yes or a no.
    pub fn has_synthetic_data(&self) -> Option<bool> {
        match self.text("rai:hasSyntheticData")?.to_lowercase().as_str() {
            "true" | "yes" => Some(true),
            "false" | "no" => Some(false),
            _ => None,
        }
    }

    /// All RAI and PROV properties of the dataset with their texts, in the order of the document.
    pub fn responsible(&self) -> Vec<(String, Vec<String>)> {
        let members = self.value.as_object().into_iter().flatten();
        let named = members.map(|(key, value)| (self.names.word(key), texts(value)));
        named.filter(|(word, _)| word.starts_with("rai:") || word.starts_with("prov:")).collect()
    }

    /// Members of `distribution`.
    pub fn distribution(&self) -> Vec<Resource> {
        let Some((key, value)) = self.names.get(&self.value, "distribution") else { return Vec::new() };
        let pointed = |index: usize| match value {
            Value::Array(_) => format!("/{}/{index}", escape(key)),
            _ => format!("/{}", escape(key)),
        };
        list(Some(value)).into_iter().enumerate().map(|(index, node)| self.resource(node, pointed(index))).collect()
    }

    fn resource(&self, node: &Value, pointer: String) -> Resource {
        let value = |word: &str| self.names.value(node, word);
        let first = |word: &str| value(word).and_then(|value| texts(value).into_iter().next());
        let all = |word: &str| value(word).map(texts).unwrap_or_default();
        let types = self.names.types(node);
        let is = |name: &str| types.iter().any(|known| known == name);
        Resource {
            pointer,
            id: node.get("@id").and_then(Value::as_str).map(str::to_owned),
            kind: if is("FileObject") {
                ResourceKind::File
            } else if is("FileSet") {
                ResourceKind::Set
            } else {
                ResourceKind::Other
            },
            content_url: first("contentUrl"),
            encoding_format: all("encodingFormat"),
            sha256: first("sha256").and_then(|text| digest_hex(&text, 32)),
            md5: first("md5"),
            size: first("contentSize").and_then(|text| bytes_of(&text)),
            includes: all("includes"),
            excludes: all("excludes"),
            contained_in: list(value("containedIn")).into_iter().filter_map(reference).map(str::to_owned).collect(),
        }
    }
}

/// A JSON pointer's escape of a key.
pub(super) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// A digest in hexadecimal, from hexadecimal or base64, when it has that many bytes.
pub(super) fn digest_hex(text: &str, bytes: usize) -> Option<String> {
    let text = text.trim();
    if text.len() == bytes * 2 && text.bytes().all(|c| c.is_ascii_hexdigit()) {
        return Some(text.to_lowercase());
    }
    let decoded = base64(text)?;
    (decoded.len() == bytes).then(|| decoded.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Standard base64 with padding.
fn base64(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let body = text.trim_end_matches('=');
    if text.len() - body.len() > 2 {
        return None;
    }
    let (mut bits, mut count, mut out) = (0_u32, 0, Vec::new());
    for c in body.bytes() {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    (bits == 0).then_some(out)
}

/// `1234`, `1234 B` or `1234 bytes`; rounded sizes (`1.2 GB`) say nothing exact.
pub(super) fn bytes_of(text: &str) -> Option<u64> {
    let text = text.trim();
    let number = text.trim_end_matches("bytes").trim_end_matches('B').trim();
    number.parse().ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    fn card(text: &str) -> Card {
        Card::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn spellings_of_one_property_are_one() {
        for text in [
            r#"{"@context":{"@vocab":"https://schema.org/","cr":"http://mlcommons.org/croissant/"},"name":"n","license":"MIT"}"#,
            r#"{"@context":{"sc":"https://schema.org/"},"sc:name":"n","sc:license":["https://spdx.org/licenses/MIT"]}"#,
            r#"{"@context":{"called":"https://schema.org/name"},"called":{"@value":"n"},"https://schema.org/license":"mit"}"#,
            r#"{"@context":"https://schema.org/","name":{"en":"n"},"license":{"@type":"CreativeWork","name":"MIT"}}"#,
        ] {
            let card = card(text);
            assert_eq!(card.name().as_deref(), Some("n"), "{text}");
            assert_eq!(card.license_expression().unwrap(), "MIT", "{text}");
        }
    }

    #[test]
    fn several_licenses_apply_together() {
        let card = card(r#"{"license":["cc-by-4.0","https://opensource.org/licenses/MIT"]}"#);
        assert_eq!(card.license_expression().unwrap(), "(CC-BY-4.0) AND (MIT)");
        let other = super::Card::parse(br#"{"license":["MIT","see website"]}"#).unwrap();
        assert_eq!(other.license_expression().unwrap_err(), ["see website"]);
        assert_eq!(super::Card::parse(b"{}").unwrap().license_expression().unwrap_err(), Vec::<String>::new());
    }

    #[test]
    fn an_origin_is_declared_by_text_and_not_by_a_template() {
        for text in [
            r#"{"rai:dataCollection":"Photographs from a public web search in 2017."}"#,
            r#"{"prov:wasDerivedFrom":{"@id":"https://example.org/set"}}"#,
            r#"{"@context":{"based":"https://schema.org/isBasedOn"},"based":["https://example.org/a"]}"#,
        ] {
            assert!(matches!(card(text).origin(), Origin::Declared { .. }), "{text}");
        }
        for text in [
            "{}",
            r#"{"rai:dataCollection":"TODO(dgov): how the data was collected"}"#,
            r#"{"prov:wasDerivedFrom":[]}"#,
            r#"{"isBasedOn":"[More Information Needed]","prov:wasDerivedFrom":"n/a"}"#,
            r#"{"description":"Photographs from the web"}"#,
        ] {
            assert!(matches!(card(text).origin(), Origin::Undeclared { .. }), "{text}");
        }
    }

    #[test]
    fn digests_in_both_spellings() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(digest_hex(&empty.to_uppercase(), 32).as_deref(), Some(empty));
        assert_eq!(digest_hex("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", 32).as_deref(), Some(empty));
        for text in ["", "47DEQpj8", "zz", "====", &empty[1..], "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV="] {
            assert_eq!(digest_hex(text, 32), None, "{text}");
        }
        assert_eq!(bytes_of("1234 B"), Some(1234));
        assert_eq!(bytes_of("1.2 GB"), None);
    }
}
