//! `dgov config`: what the manifest comes down to, and its schema.

use serde::Serialize;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::manifest::schema::json_schema;
use crate::ui::{Report, table};

/// Every value of the manifest.
#[derive(Debug, Serialize)]
pub struct ConfigReport {
    /// The manifest's file.
    pub manifest: String,
    /// Network to work on.
    pub network: String,
    /// The values, in the order of the manifest's types.
    pub values: Vec<Value>,
}

/// One value.
#[derive(Debug, Serialize)]
pub struct Value {
    /// Path of the key.
    pub key: String,
    /// Canonical text; URLs as written, without what the environment fills in.
    pub value: String,
    /// `file:line`, `default`, a flag or a variable; with `--sources` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl Report for ConfigReport {
    fn human(&self) -> String {
        if self.values.iter().any(|value| value.source.is_some()) {
            let row =
                |value: &Value| vec![value.key.clone(), value.value.clone(), value.source.clone().unwrap_or_default()];
            let rows: Vec<_> = self.values.iter().map(row).collect();
            return table::render(&["key", "value", "source"], &rows);
        }
        let rows: Vec<_> = self.values.iter().map(|value| vec![value.key.clone(), value.value.clone()]).collect();
        table::render(&["key", "value"], &rows)
    }
}

/// Every value of the manifest, with where it comes from when `sources` is set.
///
/// # Errors
/// Those of the manifest.
pub fn show(context: &Context, sources: bool) -> Result<ConfigReport> {
    let loaded = context.manifest()?;
    let values = loaded.sources().iter().map(|value| Value {
        key: value.key.clone(),
        value: value.value.clone(),
        source: sources.then(|| value.source.to_string()),
    });
    Ok(ConfigReport { manifest: loaded.path.to_string(), network: loaded.network.clone(), values: values.collect() })
}

/// The JSON schema of dgov.toml, as a file.
///
/// # Errors
/// None that a user could cause.
pub fn schema() -> Result<String> {
    let text = serde_json::to_string_pretty(&json_schema())
        .map_err(|error| Error::bug("the schema did not serialize").caused_by(&error))?;
    Ok(text + "\n")
}
