//! `dgov license export`: the rights in a dataset in the words of others.

use camino::{Utf8Path, Utf8PathBuf};
use dgov_data::licensing::{Rights, export, odrl};
use serde::Serialize;
use serde_json::Value;

use super::rights;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::lockfile::write_atomically;
use crate::ops::data::package;
use crate::ui::Report;

/// Whose words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// ODRL 2.2 offer, complete
    Odrl,
    /// RSL 1.0 document (license.xml)
    Rsl,
    /// TDMRep, /.well-known/tdmrep.json
    Tdmrep,
    /// The policy that TDMRep points to
    TdmPolicy,
    /// Content-Usage line (IETF AIPREF)
    Aipref,
    /// dataMiningPreference of ERC-7517
    Erc7517,
}

/// What to write.
pub struct Options<'a> {
    /// Dataset; the only one when left out.
    pub dataset: Option<&'a str>,
    /// Format.
    pub format: Format,
    /// Where the data is published: a path on the server or a URL.
    pub url: &'a str,
    /// Where the policy or the terms are published.
    pub policy_url: Option<&'a str>,
    /// File to write; standard output when left out.
    pub out: Option<&'a Utf8PathBuf>,
}

/// The document.
#[derive(Serialize)]
pub struct ExportReport {
    /// Dataset.
    pub dataset: String,
    /// Format.
    pub format: Format,
    /// The document: JSON, or text.
    pub document: Value,
    /// File written.
    pub file: Option<String>,
    #[serde(skip)]
    text: String,
}

impl Report for ExportReport {
    fn human(&self) -> String {
        match &self.file {
            Some(file) => format!("{file}\n"),
            None => self.text.clone(),
        }
    }
}

/// Writes the rights, those of the lineage included.
///
/// # Errors
/// Those of the manifest, of the license, and of the file.
pub fn export(context: &Context, options: &Options<'_>) -> Result<ExportReport> {
    let loaded = context.manifest()?;
    let (name, _) = package::find_in(&loaded, options.dataset)?;
    let rights = rights::effective(&loaded, name)?;
    let document = document(&rights, options);
    let text = match &document {
        Value::String(text) => text.clone(),
        json => format!("{json:#}\n"),
    };
    if let Some(out) = options.out {
        let folder = out.parent().filter(|folder| !folder.as_str().is_empty()).unwrap_or(Utf8Path::new("."));
        if !folder.is_dir() {
            return Err(Error::input("export.folder", format!("there is no folder {folder}")).hint("make it first"));
        }
        write_atomically(out, text.as_bytes())?;
    }
    Ok(ExportReport {
        dataset: name.to_owned(),
        format: options.format,
        document,
        file: options.out.map(ToString::to_string),
        text,
    })
}

fn document(rights: &Rights, options: &Options<'_>) -> Value {
    match options.format {
        Format::Odrl => odrl::policy(rights, options.url),
        Format::Rsl => Value::String(export::rsl(rights, options.url, options.policy_url)),
        Format::Tdmrep => export::tdmrep(rights, options.url, options.policy_url),
        Format::TdmPolicy => export::tdm_policy(rights, options.policy_url.unwrap_or(options.url), options.url),
        Format::Aipref => {
            let now = jiff::Timestamp::now().as_second();
            let preferences = export::aipref(rights, now);
            // Nothing is said where every category is unknown.
            let line = if preferences.is_empty() { String::new() } else { format!("Content-Usage: {preferences}\n") };
            Value::String(line)
        }
        Format::Erc7517 => serde_json::json!({ "dataMiningPreference": export::erc7517(rights) }),
    }
}
