//! Property names of JSON-LD as one spelling: what `@context` makes of a key, shortened to the usual word. Enough of
//! JSON-LD to read cards of anybody without fetching anything.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Namespaces, and how names in them are written here.
const NAMESPACES: [(&str, &str); 8] = [
    ("https://schema.org/", ""),
    ("http://schema.org/", ""),
    ("http://mlcommons.org/croissant/RAI/", "rai:"),
    ("https://mlcommons.org/croissant/RAI/", "rai:"),
    ("http://mlcommons.org/croissant/", ""),
    ("https://mlcommons.org/croissant/", ""),
    ("http://purl.org/dc/terms/", ""),
    ("http://www.w3.org/ns/prov#", "prov:"),
];

/// Prefixes that are understood without a context.
const PREFIXES: [(&str, &str); 7] = [
    ("sc", "https://schema.org/"),
    ("schema", "https://schema.org/"),
    ("cr", "http://mlcommons.org/croissant/"),
    ("ml", "http://mlcommons.org/croissant/"),
    ("dct", "http://purl.org/dc/terms/"),
    ("rai", "http://mlcommons.org/croissant/RAI/"),
    ("prov", "http://www.w3.org/ns/prov#"),
];

/// The names of one document.
#[derive(Clone, Debug, Default)]
pub struct Names {
    terms: BTreeMap<String, String>,
    vocab: Option<String>,
}

impl Names {
    /// From `@context`: an object, or a list of them. Addresses of contexts are not fetched.
    pub fn of(context: Option<&Value>) -> Self {
        let mut names = Self::default();
        match context {
            Some(Value::Object(map)) => names.add(map),
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_object).for_each(|map| names.add(map)),
            _ => {}
        }
        names
    }

    fn add(&mut self, map: &Map<String, Value>) {
        for (key, value) in map {
            let target = value.as_str().or_else(|| value.get("@id").and_then(Value::as_str));
            match (key.as_str(), target) {
                ("@vocab", Some(vocab)) => self.vocab = Some(vocab.to_owned()),
                (key, Some(target)) if !key.starts_with('@') => {
                    self.terms.insert(key.to_owned(), target.to_owned());
                }
                _ => {}
            }
        }
    }

    /// Whether the context itself says what a term or a prefix is.
    pub fn defines(&self, term: &str) -> bool {
        self.terms.contains_key(term)
    }

    /// The IRI of a key or of a type.
    pub fn iri(&self, key: &str) -> String {
        if let Some(target) = self.terms.get(key) {
            return self.expand(target);
        }
        if key.contains(':') {
            return self.expand(key);
        }
        format!("{}{key}", self.vocab.as_deref().unwrap_or("https://schema.org/"))
    }

    fn expand(&self, compact: &str) -> String {
        let Some((prefix, rest)) = compact.split_once(':') else { return compact.to_owned() };
        if rest.starts_with("//") {
            return compact.to_owned();
        }
        let known = || PREFIXES.iter().find(|(name, _)| *name == prefix).map(|(_, iri)| *iri);
        match self.terms.get(prefix).map(String::as_str).filter(|iri| iri.contains("://")).or_else(known) {
            Some(base) => format!("{base}{rest}"),
            None => compact.to_owned(),
        }
    }

    /// The usual word for a key or a type: `name`, `recordSet`, `rai:dataBiases`, `prov:wasDerivedFrom`.
    pub fn word(&self, key: &str) -> String {
        if key.starts_with('@') {
            return key.to_owned();
        }
        let iri = self.iri(key);
        for (base, short) in NAMESPACES {
            if let Some(rest) = iri.strip_prefix(base) {
                return format!("{short}{rest}");
            }
        }
        iri
    }

    /// The member of an object that has this word, with the key as written.
    pub fn get<'v>(&self, object: &'v Value, word: &str) -> Option<(&'v str, &'v Value)> {
        let map = object.as_object()?;
        if let Some((key, value)) = map.get_key_value(word).filter(|_| self.word(word) == word) {
            return Some((key, value));
        }
        map.iter().find(|(key, _)| self.word(key) == word).map(|(key, value)| (key.as_str(), value))
    }

    /// As [`Names::get`], the value alone.
    pub fn value<'v>(&self, object: &'v Value, word: &str) -> Option<&'v Value> {
        self.get(object, word).map(|(_, value)| value)
    }

    /// The types of a node, as words.
    pub fn types(&self, node: &Value) -> Vec<String> {
        let types = list(node.get("@type"));
        types.into_iter().filter_map(Value::as_str).map(|name| self.word(name)).collect()
    }
}

/// A value as a list: nothing, one, or its elements.
pub fn list(value: Option<&Value>) -> Vec<&Value> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items.iter().collect(),
        Some(other) => vec![other],
    }
}

/// The texts in a value: strings, `@value`, language maps, and what names a node (`name`, `url`, `@id`).
pub fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Number(number) => vec![number.to_string()],
        Value::Bool(flag) => vec![flag.to_string()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(map) => {
            let named = ["@value", "name", "sc:name", "prov:label", "url", "sc:url", "@id"];
            match named.iter().find_map(|key| map.get(*key)) {
                Some(value) => texts(value),
                None => {
                    map.iter().filter(|(key, _)| !key.starts_with('@')).flat_map(|(_, value)| texts(value)).collect()
                }
            }
        }
        Value::Null => Vec::new(),
    }
}

/// A node's `@id`, or the text that refers to one.
pub fn reference(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| value.get("@id").and_then(Value::as_str))
}
