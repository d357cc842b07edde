//! Rules for record sets: what one record is, and where each of its fields is read from.

use serde_json::Value;

use super::{Cx, near};
use crate::cards::card::escape;
use crate::cards::names::{list, reference};
use crate::cards::placeholder::is_placeholder;

/// Data types that loaders know; types of Wikidata and other vocabularies add a meaning to one of these.
const DATA_TYPES: [&str; 16] = [
    "Text",
    "Integer",
    "Float",
    "Boolean",
    "Number",
    "Date",
    "DateTime",
    "Time",
    "URL",
    "ImageObject",
    "AudioObject",
    "VideoObject",
    "BoundingBox",
    "Split",
    "Enumeration",
    "SegmentationMask",
];

const FILE_PROPERTIES: [&str; 6] = ["fullpath", "filepath", "filename", "content", "lines", "lineNumbers"];

/// Field nesting that is followed.
const MAX_DEPTH: usize = 16;

pub(super) fn check(cx: &mut Cx<'_>) {
    let root = cx.card.value();
    let Some((key, value)) = cx.names.get(root, "recordSet") else { return };
    let base = format!("/{}", escape(key));
    let mut sets = Vec::new();
    for (index, set) in list(Some(value)).into_iter().enumerate() {
        let pointer = if value.is_array() { format!("{base}/{index}") } else { base.clone() };
        record_set(cx, set, &pointer);
        sets.push((set, pointer));
    }
    // References may go forward, so they are looked at when all ids are known.
    for (set, pointer) in sets {
        references(cx, set, &pointer, 0);
    }
}

fn record_set(cx: &mut Cx<'_>, set: &Value, pointer: &str) {
    if !set.is_object() {
        cx.error("card.record-set", pointer, "not an object", "a cr:RecordSet with fields");
        return;
    }
    if !cx.names.types(set).iter().any(|name| name == "RecordSet") {
        cx.error("card.record-set", pointer, "not a cr:RecordSet", "\"@type\": \"cr:RecordSet\"");
    }
    let id = cx.identify(set, pointer, "a record set");
    if !cx.texts(set, "name").iter().any(|text| !is_placeholder(text)) {
        let what = id.as_deref().unwrap_or("a record set");
        cx.error("card.record-set-name", pointer, format!("{what} has no name"), "usually its @id");
    }
    let fields = list(cx.names.value(set, "field"));
    let inline = cx.names.value(set, "data");
    if fields.is_empty() {
        cx.error(
            "card.fields",
            pointer,
            "a record set without fields: nobody knows what a record is",
            "list them in `field`",
        );
    }
    let base = cx.at(set, pointer, "field");
    for (index, field) in fields.iter().enumerate() {
        self::field(cx, field, &format!("{base}/{index}"), inline.is_some(), 0);
    }
    if let Some(data) = inline {
        rows(cx, &fields, data, &cx.at(set, pointer, "data"));
    }
}

fn field(cx: &mut Cx<'_>, field: &Value, pointer: &str, inline: bool, depth: usize) {
    if !field.is_object() || depth > MAX_DEPTH {
        cx.error("card.field", pointer, "not a field, or nested too deeply", "a cr:Field with a dataType and a source");
        return;
    }
    if !cx.names.types(field).iter().any(|name| name == "Field") {
        cx.error("card.field", pointer, "not a cr:Field", "\"@type\": \"cr:Field\"");
    }
    let id = cx.identify(field, pointer, "a field");
    let what = id.as_deref().map_or_else(|| "a field".to_owned(), |id| format!("`{id}`"));
    if !cx.texts(field, "name").iter().any(|text| !is_placeholder(text)) {
        cx.error("card.field-name", pointer, format!("{what} has no name"), "the key that a record has for it");
    }
    let subs = list(cx.names.value(field, "subField"));
    let types = cx.texts(field, "dataType");
    if types.is_empty() && subs.is_empty() {
        cx.error("card.data-type", pointer, format!("{what} has no dataType"), "\"dataType\": \"sc:Text\"");
    }
    let words: Vec<String> = types.iter().map(|name| cx.names.word(name)).collect();
    let known = |word: &String| DATA_TYPES.contains(&word.as_str());
    if !types.is_empty() && !words.iter().any(|word| known(word) || word.contains("://")) {
        let hint = near(&words[0], DATA_TYPES).map_or_else(String::new, |near| format!("did you mean `sc:{near}`?"));
        cx.error(
            "card.data-type",
            &cx.at(field, pointer, "dataType"),
            format!("`{}` is no data type", types[0]),
            &hint,
        );
    }
    match cx.names.value(field, "source") {
        Some(source) => self::source(cx, source, &cx.at(field, pointer, "source")),
        None if subs.is_empty() && !inline && cx.names.value(field, "value").is_none() && depth == 0 => {
            cx.error("card.source", pointer, format!("{what} says not where it is read from"), "add a `source`");
        }
        None => {}
    }
    let base = cx.at(field, pointer, "subField");
    for (index, sub) in subs.iter().enumerate() {
        self::field(cx, sub, &format!("{base}/{index}"), inline, depth + 1);
    }
}

/// How one value is taken out of what the source names: exactly one way.
fn source(cx: &mut Cx<'_>, source: &Value, pointer: &str) {
    let of_files = cx.names.value(source, "fileObject").or_else(|| cx.names.value(source, "fileSet"));
    let Some(extract) = cx.names.value(source, "extract") else {
        if of_files.is_some() {
            let hint = "\"extract\": {\"column\": \"text\"}, or jsonPath, or fileProperty";
            cx.error("card.extract", pointer, "the source says not what is taken from the file", hint);
        }
        return;
    };
    let place = cx.at(source, pointer, "extract");
    let ways: Vec<_> = ["column", "jsonPath", "fileProperty", "regex"]
        .into_iter()
        .filter_map(|word| cx.texts(extract, word).into_iter().next().map(|text| (word, text)))
        .collect();
    match ways.as_slice() {
        [] => cx.error("card.extract", &place, "`extract` takes nothing", "one of column, jsonPath, fileProperty"),
        [("fileProperty", text)] if !FILE_PROPERTIES.contains(&text.as_str()) => {
            let hint = format!("one of {}", FILE_PROPERTIES.join(", "));
            cx.error("card.extract", &place, format!("`{text}` is no property of a file"), &hint);
        }
        [(_, text)] if text.trim().is_empty() => {
            cx.error("card.extract", &place, "`extract` is empty", "name the column")
        }
        [_] => {}
        _ => cx.error("card.extract", &place, "`extract` names several ways at once", "keep one of them"),
    }
}

/// Rows written into the card have the fields that the card names, and no others.
fn rows(cx: &mut Cx<'_>, fields: &[&Value], data: &Value, pointer: &str) {
    let mut known: Vec<String> = fields.iter().flat_map(|field| cx.texts(field, "name")).collect();
    known.extend(fields.iter().filter_map(|field| field.get("@id").and_then(Value::as_str)).map(str::to_owned));
    let Some(rows) = data.as_array() else {
        cx.error("card.data", pointer, "`data` is no list of rows", "[{\"field\": value}, …]");
        return;
    };
    for (index, row) in rows.iter().enumerate() {
        let unknown = row.as_object().map(|row| row.keys().find(|key| !known.contains(*key)).cloned());
        match unknown {
            None => cx.error("card.data", &format!("{pointer}/{index}"), "a row is an object", "{\"field\": value}"),
            Some(Some(key)) => {
                let message = format!("a row has `{key}`, which is no field");
                cx.error("card.data", &format!("{pointer}/{index}/{}", escape(&key)), message, "name it in `field`");
                return;
            }
            Some(None) => {}
        }
    }
}

/// Everything below that refers to a node by `@id` refers to one that is there.
fn references(cx: &mut Cx<'_>, node: &Value, pointer: &str, depth: usize) {
    if depth > MAX_DEPTH * 2 {
        return;
    }
    match node {
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, item)| references(cx, item, &format!("{pointer}/{index}"), depth + 1));
        }
        Value::Object(map) => {
            for (key, value) in map {
                let below = format!("{pointer}/{}", escape(key));
                match cx.names.word(key).as_str() {
                    "data" | "examples" => {}
                    "fileObject" | "fileSet" | "key" | "parentField" => {
                        list(Some(value)).into_iter().for_each(|value| refers(cx, value, &below));
                    }
                    // In a source: the field or record set that values are taken from.
                    "field" | "recordSet" if value.get("@id").is_some() && value.get("@type").is_none() => {
                        refers(cx, value, &below);
                    }
                    "references" if reference(value).is_some() => refers(cx, value, &below),
                    _ => references(cx, value, &below, depth + 1),
                }
            }
        }
        _ => {}
    }
}

fn refers(cx: &mut Cx<'_>, value: &Value, pointer: &str) {
    let Some(id) = reference(value) else { return };
    if !cx.ids.contains_key(id) {
        let hint = near(id, cx.ids.keys().map(String::as_str)).map_or_else(
            || "references are written {\"@id\": \"…\"} with the @id of a node of this card".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        cx.error("card.reference", pointer, format!("nothing has the @id `{id}`"), &hint);
    }
}
