//! What is wrong with a manifest, and where.

use std::fmt;

use serde::Serialize;

use crate::error::{Error, ErrorKind};

/// Whether a finding keeps the manifest from being used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The manifest cannot be used.
    Error,
    /// It can, but is probably not what was meant.
    Warning,
}

/// One thing that is wrong with a manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Error or warning.
    pub severity: Severity,
    /// Stable, dotted name for programs, e.g. `manifest.unknown_key`.
    pub code: &'static str,
    /// Path of the key, e.g. `licenses.research.price`; empty for the file as a whole.
    pub key: String,
    /// The file.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
    /// One sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: ", self.file, self.line, self.column)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)?;
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

/// The error of a manifest that cannot be used: all its findings, errors first, in the order of the file.
pub(super) fn invalid(file: &str, mut findings: Vec<Finding>) -> Error {
    findings.sort_by_key(|finding| (finding.severity == Severity::Warning, finding.line, finding.column));
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    let problems = if errors == 1 { "1 problem".to_owned() } else { format!("{errors} problems") };
    let mut message = format!("{file} has {problems}");
    for finding in &findings {
        let label = match finding.severity {
            Severity::Error => "",
            Severity::Warning => "warning: ",
        };
        message.push_str(&format!("\n  {label}{finding}"));
    }
    let error = Error::new(ErrorKind::Input, "manifest.invalid", message);
    match serde_json::to_value(&findings) {
        Ok(details) => error.with_details(details),
        Err(_) => error,
    }
}
