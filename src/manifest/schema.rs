//! The manifest's JSON schema and its reference in Markdown, both made from the types and their doc comments.

use std::fmt::Write;

use serde_json::Value;

use super::Manifest;

/// The JSON schema (draft 2020-12) of `dgov.toml`, for editors. What it permits may still break a rule between keys.
pub fn json_schema() -> Value {
    let mut schema = schemars::schema_for!(Manifest);
    schema.insert("title".into(), "dgov.toml".into());
    let mut schema = schema.to_value();
    unwrap_lines(&mut schema);
    schema
}

/// Doc comments are broken into lines for the source; descriptions are not.
fn unwrap_lines(value: &mut Value) {
    match value {
        Value::Object(object) => {
            for (key, value) in object.iter_mut() {
                match value {
                    Value::String(text) if key == "description" => *text = text.replace('\n', " "),
                    _ => unwrap_lines(value),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(unwrap_lines),
        _ => {}
    }
}

/// A key of the manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyDoc {
    /// Path, with `<name>` for names that the user chooses and `[]` for the rows of a list.
    pub path: String,
    /// Whether a manifest without it, in a table that is there, is refused.
    pub required: bool,
    /// Type, default, choices and examples.
    pub form: String,
    /// What it means.
    pub description: String,
}

/// All keys that hold values, in the order of the types.
pub fn keys() -> Vec<KeyDoc> {
    let schema = json_schema();
    let mut keys = Vec::new();
    collect(&schema, &schema, "", &mut keys);
    keys
}

fn resolve<'a>(root: &'a Value, node: &'a Value) -> &'a Value {
    let reference = node["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    if let Some(target) = reference.and_then(|pointer| root.pointer(pointer)) {
        return target;
    }
    // `Option<T>` is `anyOf [T, null]`.
    match node["anyOf"].as_array().and_then(|options| options.iter().find(|option| option["type"] != "null")) {
        Some(option) => resolve(root, option),
        None => node,
    }
}

fn collect(root: &Value, table: &Value, path: &str, keys: &mut Vec<KeyDoc>) {
    let required = |key: &str| table["required"].as_array().is_some_and(|names| names.iter().any(|name| name == key));
    for (key, node) in table["properties"].as_object().into_iter().flatten() {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let target = resolve(root, node);
        let rows = resolve(root, &target["items"]);
        let entries = resolve(root, &target["additionalProperties"]);
        if target["properties"].is_object() {
            collect(root, target, &path, keys);
        } else if rows["properties"].is_object() {
            collect(root, rows, &format!("{path}[]"), keys);
        } else if entries["properties"].is_object() {
            collect(root, entries, &format!("{path}.<name>"), keys);
        } else {
            let by_name = entries.is_object();
            let description = node["description"].as_str().or(target["description"].as_str()).unwrap_or_default();
            keys.push(KeyDoc {
                path: if by_name { format!("{path}.<name>") } else { path },
                required: required(key),
                form: form(root, node, if by_name { entries } else { target }),
                description: description.to_owned(),
            });
        }
    }
}

/// What may be written: one of the choices, or a type with examples; and the default.
fn form(root: &Value, node: &Value, target: &Value) -> String {
    let list = target["type"] == "array" || types(target).any(|name| name == "array");
    let element = if list { resolve(root, &target["items"]) } else { target };
    let choices = choices(element);
    let mut form = if !choices.is_empty() {
        choices.join(", ")
    } else if let Some(examples) = element["examples"].as_array().filter(|examples| !examples.is_empty()) {
        let examples: Vec<String> = examples.iter().map(|example| format!("`{example}`")).collect();
        format!("for example {}", examples.join(", "))
    } else {
        let name = types(element).find(|name| *name != "null").unwrap_or("string");
        match name {
            "boolean" => "`true` or `false`".to_owned(),
            "integer" => "a whole number".to_owned(),
            _ => "text".to_owned(),
        }
    };
    if list {
        form = format!("a list of: {form}");
    }
    match &node["default"] {
        Value::Null => form,
        default => format!("{form}; default `{default}`"),
    }
}

fn types(node: &Value) -> impl Iterator<Item = &str> {
    let several = node["type"].as_array().into_iter().flatten();
    several.chain(std::iter::once(&node["type"])).filter_map(Value::as_str)
}

fn choices(node: &Value) -> Vec<String> {
    let listed = node["enum"].as_array().into_iter().flatten().filter(|choice| !choice.is_null());
    let mut choices: Vec<String> = listed.map(|choice| format!("`{choice}`")).collect();
    for option in node["oneOf"].as_array().into_iter().flatten() {
        match (option["const"].as_str(), option["description"].as_str()) {
            (Some(name), Some(meaning)) => {
                choices.push(format!("`\"{name}\"` ({})", meaning.trim_end_matches('.')));
            }
            _ => choices.extend(self::choices(option)),
        }
    }
    choices
}

/// The part of `docs/manifest.md` that lists every key.
pub fn reference() -> String {
    let mut text = String::new();
    let mut section = String::new();
    for key in keys() {
        let (table, name) = key.path.rsplit_once('.').unwrap_or(("", &key.path));
        if table != section {
            section = table.to_owned();
            let header = match section.strip_suffix("[]") {
                Some(rows) => format!("[[{rows}]]"),
                None => format!("[{section}]"),
            };
            // Writing to a String cannot fail.
            let _ = write!(text, "\n### `{header}`\n\n| key | write | meaning |\n| --- | --- | --- |\n");
        }
        let required = if key.required { " (required)" } else { "" };
        let form = key.form.replace('|', "\\|");
        let _ = writeln!(text, "| `{name}`{required} | {form} | {} |", key.description.replace('|', "\\|"));
    }
    text
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::collections::BTreeSet;

    use camino::Utf8Path;
    use snapbox::{assert_data_eq, file};

    use super::*;
    use crate::manifest::{Loaded, Overrides};

    const EXAMPLE: &str = include_str!("../../dgov.toml.example");

    fn load(text: &str) -> Loaded {
        let env = |name: &str| (name == "RPC_KEY").then(|| "key".to_owned());
        Manifest::parse(text, Utf8Path::new("dgov.toml"), &env, &Overrides::default()).unwrap()
    }

    /// TOML as JSON, the way editors see it.
    fn as_json(text: &str) -> Value {
        toml::from_str::<Value>(text).unwrap()
    }

    /// A path of the loader with what the user chose replaced, as in [`KeyDoc::path`].
    fn general(path: &str) -> String {
        let mut parts: Vec<String> = path.split('.').map(str::to_owned).collect();
        if ["networks", "tokens", "licenses", "datasets"].contains(&parts[0].as_str()) {
            parts[1] = "<name>".to_owned();
        }
        if parts.len() == 4 && parts[2] == "address" {
            parts[3] = "<name>".to_owned();
        }
        if parts.len() == 3 && parts[0] == "training" && parts[1] == "rules" {
            parts[2] = "<name>".to_owned();
        }
        for part in &mut parts {
            if let Some(open) = part.find('[') {
                part.replace_range(open.., "[]");
            }
        }
        parts.join(".")
    }

    #[test]
    fn schema_file_is_fresh() {
        let text = serde_json::to_string_pretty(&json_schema()).unwrap() + "\n";
        assert_data_eq!(text, file!["../../docs/manifest.schema.json"].raw());
    }

    #[test]
    fn reference_is_fresh() {
        let document = include_str!("../../docs/manifest.md");
        let marker = "<!-- Generated from the types: see src/manifest/schema.rs. -->\n";
        let (by_hand, _) = document.split_once(marker).expect("the marker");
        assert_data_eq!(format!("{by_hand}{marker}{}", reference()), file!["../../docs/manifest.md"].raw());
    }

    #[test]
    fn example_shows_every_key_and_no_other() {
        let loaded = load(EXAMPLE);
        assert_eq!(loaded.warnings, []);
        let written = loaded.sources().iter().filter(|value| value.source.to_string() != "default");
        let written: BTreeSet<String> =
            written.map(|value| general(&value.key)).filter(|key| key != "network").collect();
        let known: BTreeSet<String> = keys().into_iter().map(|key| key.path).collect();
        assert_eq!(written, known);
    }

    #[test]
    fn schema_accepts_what_loads() {
        let validator = jsonschema::validator_for(&json_schema()).unwrap();
        for text in [EXAMPLE, include_str!("testdata/raccoon.toml"), "[project]\nname = \"p\""] {
            let errors: Vec<String> = validator.iter_errors(&as_json(text)).map(|error| error.to_string()).collect();
            assert_eq!(errors, Vec::<String>::new());
            load(text);
        }
    }

    #[test]
    fn schema_refuses_slips() {
        let validator = jsonschema::validator_for(&json_schema()).unwrap();
        for (from, to) in [
            ("name = \"raccoon-commons\"", "name = \"Raccoon Commons\""),
            ("\"80%\"", "\"80\""),
            ("\"evaluate\"", "\"evaluation\""),
            ("license = \"research\"", ""),
            ("voting-delay", "voting-dalay"),
            ("targets = [\"local\"]", "targets = [\"tape\"]"),
            ("0.01 ETH", "0.01"),
        ] {
            let text = include_str!("testdata/raccoon.toml");
            assert!(text.contains(from), "{from}");
            assert!(!validator.is_valid(&as_json(&text.replace(from, to))), "{to}");
        }
    }

    #[test]
    fn every_key_is_described() {
        for key in keys() {
            assert!(key.description.ends_with('.') && !key.description.contains('\n'), "{key:?}");
        }
    }
}
