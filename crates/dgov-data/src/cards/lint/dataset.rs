//! Rules for the dataset itself: context, type, version, and the properties that the format demands.

use serde_json::Value;

use super::{Cx, near};
use crate::cards::card::escape;
use crate::cards::names::{list, texts};
use crate::cards::placeholder::is_placeholder;
use crate::licensing;

/// Terms of Croissant that a context has to define when they are used, or JSON-LD makes schema.org's of them.
const CROISSANT_TERMS: [&str; 29] = [
    "citeAs",
    "column",
    "conformsTo",
    "data",
    "dataType",
    "equivalentProperty",
    "examples",
    "excludes",
    "extract",
    "field",
    "fileProperty",
    "fileObject",
    "fileSet",
    "format",
    "includes",
    "isLiveDataset",
    "jsonPath",
    "key",
    "md5",
    "parentField",
    "path",
    "recordSet",
    "references",
    "regex",
    "repeated",
    "replace",
    "separator",
    "subField",
    "transform",
];

/// What a dataset may have: the format's properties and those of schema.org that cards use.
const PROPERTIES: [&str; 62] = [
    "name",
    "description",
    "license",
    "url",
    "creator",
    "datePublished",
    "dateCreated",
    "dateModified",
    "keywords",
    "publisher",
    "version",
    "sameAs",
    "inLanguage",
    "citeAs",
    "citation",
    "conformsTo",
    "distribution",
    "recordSet",
    "isLiveDataset",
    "sdLicense",
    "sdVersion",
    "sdDatePublished",
    "sdPublisher",
    "isAccessibleForFree",
    "alternateName",
    "identifier",
    "isBasedOn",
    "isBasedOnUrl",
    "isPartOf",
    "hasPart",
    "maintainer",
    "contributor",
    "copyrightHolder",
    "copyrightNotice",
    "copyrightYear",
    "creditText",
    "funder",
    "funding",
    "sponsor",
    "about",
    "abstract",
    "audience",
    "author",
    "contactPoint",
    "editor",
    "genre",
    "includedInDataCatalog",
    "measurementTechnique",
    "mainEntityOfPage",
    "spatialCoverage",
    "temporalCoverage",
    "thumbnailUrl",
    "usageInfo",
    "acquireLicensePage",
    "variableMeasured",
    "size",
    "image",
    "accountablePerson",
    "conditionsOfAccess",
    "additionalType",
    "subjectOf",
    "workExample",
];

pub(super) fn check(cx: &mut Cx<'_>) {
    let root = cx.card.value();
    context(cx, root);
    kind(cx, root);
    demanded(cx, root);
    license(cx, root);
    properties(cx, root);
}

fn context(cx: &mut Cx<'_>, root: &Value) {
    match root.get("@context") {
        None => {
            cx.error(
                "card.context",
                "",
                "there is no @context",
                "copy the one of the format's examples, or run `card init`",
            );
            return;
        }
        Some(Value::Object(map)) => {
            let vocab = map.get("@vocab").and_then(Value::as_str).unwrap_or_default();
            if vocab != "https://schema.org/" {
                let message = format!("@vocab is `{vocab}`, and has to be `https://schema.org/`");
                cx.error("card.context-vocab", "/@context/@vocab", message, "loaders compare it letter by letter");
            }
        }
        Some(_) => {
            let hint = "write the definitions into the card: nothing is fetched to read it";
            cx.error("card.context", "/@context", "@context is not an object with definitions", hint);
            return;
        }
    }
    let mut used = Vec::new();
    words(root, "", &mut used);
    for term in CROISSANT_TERMS {
        let Some((_, pointer)) = used.iter().find(|(word, _)| word == term) else { continue };
        if !cx.names.defines(term) {
            let message = format!("`{term}` is used, and @context does not define it");
            cx.error("card.context-term", pointer, message, &format!("add \"{term}\": \"cr:{term}\" to @context"));
        }
    }
    for prefix in ["cr", "rai", "prov", "dct", "sc"] {
        let begins = format!("{prefix}:");
        let Some((word, pointer)) = used.iter().find(|(word, _)| word.starts_with(&begins)) else { continue };
        if !cx.names.defines(prefix) {
            let message = format!("`{word}` is used, and @context does not define `{prefix}`");
            cx.error(
                "card.context-term",
                pointer,
                message,
                "without it the property means nothing to a JSON-LD reader",
            );
        }
    }
}

/// Every key of the document with the pointer of its first use, data and examples aside, whose keys are the data's own.
fn words(value: &Value, pointer: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let below = format!("{pointer}/{}", escape(key));
                if key == "@context" || key.starts_with('@') {
                    continue;
                }
                if !found.iter().any(|(known, _)| known == key) {
                    found.push((key.clone(), below.clone()));
                }
                if !matches!(key.as_str(), "data" | "examples" | "cr:data" | "cr:examples") {
                    words(value, &below, found);
                }
            }
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| words(item, &format!("{pointer}/{index}"), found));
        }
        _ => {}
    }
}

fn kind(cx: &mut Cx<'_>, root: &Value) {
    if !cx.names.types(root).iter().any(|name| name == "Dataset") {
        cx.error("card.type", "/@type", "the document is not a sc:Dataset", "\"@type\": \"sc:Dataset\"");
    }
    let versions = cx.card.conforms_to();
    let known = |text: &String| {
        let version = text.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        text.starts_with("http://mlcommons.org/croissant/") && matches!(version, "1.0" | "1.1")
    };
    let main: Vec<_> = versions.iter().filter(|text| !text.contains("/RAI/")).collect();
    let pointer = cx.at(root, "", "conformsTo");
    if main.is_empty() {
        let hint = "\"conformsTo\": \"http://mlcommons.org/croissant/1.1\"";
        cx.error("card.conforms-to", "", "conformsTo is missing: no reader knows which version this is", hint);
    } else if !main.iter().any(|text| known(text)) {
        let message = format!("conformsTo is `{}`: 1.0 and 1.1 are known", main[0]);
        cx.error("card.conforms-to", &pointer, message, "http://mlcommons.org/croissant/1.1, exactly");
    }
}

fn demanded(cx: &mut Cx<'_>, root: &Value) {
    for (word, hint) in [
        ("name", "a name that people can search for"),
        ("description", "one paragraph: what the data is, what one record is"),
    ] {
        let pointer = cx.at(root, "", word);
        if !cx.texts(root, word).iter().any(|text| !is_placeholder(text)) {
            cx.error(
                if word == "name" { "card.name" } else { "card.description" },
                &pointer,
                missing(cx, root, word),
                hint,
            );
        }
    }
    for (word, id, hint) in [
        ("url", "card.url", "where the dataset is published"),
        ("creator", "card.creator", "{\"@type\": \"sc:Organization\", \"name\": \"…\"}"),
        ("datePublished", "card.date-published", "the day of its publication: \"2026-12-01\""),
    ] {
        let pointer = cx.at(root, "", word);
        let said = cx.texts(root, word);
        if !said.iter().any(|text| !is_placeholder(text)) {
            cx.warn(id, &pointer, missing(cx, root, word), hint);
        } else if word == "creator" && !creators(cx, root) {
            cx.error(id, &pointer, "`creator` is neither a person nor an organization", hint);
        } else if word == "datePublished" && !said.iter().all(|text| is_date(text)) {
            cx.error(id, &pointer, format!("`{}` is no date", said[0]), "ISO 8601: \"2026-12-01\"");
        }
    }
}

/// Whether all of them are nodes of a type that loaders take.
fn creators(cx: &Cx<'_>, root: &Value) -> bool {
    let is_one =
        |node: &&Value| cx.names.types(node).iter().any(|name| matches!(name.as_str(), "Person" | "Organization"));
    list(cx.names.value(root, "creator")).iter().all(is_one)
}

fn missing(cx: &Cx<'_>, root: &Value, word: &str) -> String {
    match cx.names.value(root, word) {
        None => format!("`{word}` is missing"),
        Some(_) => format!("`{word}` is empty or a placeholder"),
    }
}

/// A calendar date, or a time that starts with one.
fn is_date(text: &str) -> bool {
    let number = |range: std::ops::Range<usize>| text.get(range).and_then(|part| part.parse::<u32>().ok());
    let day = matches!((number(0..4), number(5..7), number(8..10)), (Some(_), Some(1..=12), Some(1..=31)));
    let dashes = text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
    (day && dashes && (text.len() == 10 || matches!(text.as_bytes().get(10), Some(b'T' | b' '))))
        || (text.len() == 4 && number(0..4).is_some())
}

fn license(cx: &mut Cx<'_>, root: &Value) {
    let pointer = cx.at(root, "", "license");
    let licenses = cx.card.licenses();
    if licenses.is_empty() {
        let hint = "\"license\": \"https://spdx.org/licenses/CC-BY-4.0\"; without one nothing is permitted";
        cx.error("card.license", &pointer, missing(cx, root, "license"), hint);
    }
    for text in licenses {
        if licensing::normalize(&text).is_none() {
            let message =
                format!("`{text}` names no license of SPDX's list: what it permits has to be read by a person");
            cx.warn(
                "card.license-unknown",
                &pointer,
                message,
                "https://spdx.org/licenses/<id>, or the URL of the text",
            );
        }
    }
}

fn properties(cx: &mut Cx<'_>, root: &Value) {
    let Some(map) = root.as_object() else { return };
    let mut seen: Vec<(String, &str)> = Vec::new();
    for (key, value) in map {
        let word = cx.names.word(key);
        let pointer = format!("/{}", escape(key));
        if let Some((_, first)) = seen.iter().find(|(known, _)| *known == word) {
            let message = format!("`{key}` is the same property as `{first}`");
            cx.error("card.property-twice", &pointer, message, "readers take one of them: merge them into a list");
        }
        if word.starts_with("rai:") || word.starts_with("prov:") || key.starts_with('@') {
            seen.push((word, key));
            continue;
        }
        let known = PROPERTIES.contains(&word.as_str());
        if !known && !word.contains(':') {
            let message = format!("`{key}` is no property of a dataset");
            let hint = near(&word, PROPERTIES).map_or_else(String::new, |near| format!("did you mean `{near}`?"));
            cx.warn("card.unknown-property", &pointer, message, &hint);
        }
        if known && !matches!(word.as_str(), "name" | "description" | "license" | "url" | "creator" | "datePublished") {
            placeholder(cx, &pointer, value);
        }
        seen.push((word, key));
    }
}

/// Warns of text that nobody has written yet.
fn placeholder(cx: &mut Cx<'_>, pointer: &str, value: &Value) {
    if matches!(value, Value::Array(_) | Value::Object(_)) && !texts_are_flat(value) {
        return;
    }
    if texts(value).iter().any(|text| is_placeholder(text)) {
        cx.warn("card.placeholder", pointer, "a placeholder is left", "write it, or leave the property out");
    }
}

fn texts_are_flat(value: &Value) -> bool {
    matches!(value, Value::Array(items) if items.iter().all(Value::is_string))
}
