//! The result of a command, printed once: as text, or as the JSON envelope.

use std::io::{ErrorKind as IoErrorKind, Write};

use alloy::primitives::Address;
use serde::Serialize;
use serde_json::{Value, json};

use crate::error::{Error, ErrorKind, Result};

/// Version of the JSON envelope.
pub const SCHEMA_VERSION: u32 = 1;

/// A typed, serializable result of a command.
pub trait Report: Serialize {
    /// The result for people: complete lines, without color codes of its own making.
    fn human(&self) -> String;
}

/// Something the user should know that is no error.
#[derive(Clone, Debug, Serialize)]
pub struct Warning {
    /// Stable, dotted name.
    pub code: String,
    /// One sentence.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Warning {
    /// A warning without a hint.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), hint: None }
    }

    /// Adds what the user can do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// What a command hands to `main`.
pub struct Outcome {
    data: Value,
    human: String,
    /// The exit code when it is neither success nor an error, e.g. 11 for `plan --exit-code`.
    exit: u8,
    /// Why the result is not a success, beside the data.
    failure: Option<Error>,
    /// Printed raw: generated files such as completions, never wrapped into the envelope.
    raw: bool,
}

impl Outcome {
    /// Success with this report.
    pub fn of<R: Report>(report: &R) -> Result<Self> {
        let data = serde_json::to_value(report)
            .map_err(|error| Error::bug("a report could not be serialized").caused_by(&error))?;
        Ok(Self { data: with_checksums(data), human: report.human(), exit: 0, failure: None, raw: false })
    }

    /// The result for people.
    pub fn human(&self) -> &str {
        &self.human
    }

    /// The result for programs.
    pub fn data(&self) -> &Value {
        &self.data
    }

    /// The whole document that `--json` prints, without warnings: for a file of its own.
    pub fn envelope(&self) -> String {
        let errors: Vec<_> = self.failure.iter().map(entry).collect();
        envelope(errors.is_empty(), self.data.clone(), errors, &[])
    }

    /// Text that is a file of its own (completions, man page, schema).
    pub fn raw(text: String) -> Self {
        Self { data: Value::Null, human: text, exit: 0, failure: None, raw: true }
    }

    /// The same report with another exit code, which is no failure: 11 for differences.
    #[must_use]
    pub fn with_exit(mut self, kind: ErrorKind) -> Self {
        self.exit = kind.exit_code();
        self
    }

    /// The same report beside an error, whose kind is the exit code.
    #[must_use]
    pub fn with_failure(mut self, error: Error) -> Self {
        self.exit = error.kind().exit_code();
        self.failure = Some(error);
        self
    }
}

/// Addresses in documents carry the checksum of EIP-55, whatever the types below write.
fn with_checksums(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(checksummed(text)),
        Value::Array(items) => Value::Array(items.into_iter().map(with_checksums).collect()),
        Value::Object(map) => {
            Value::Object(map.into_iter().map(|(key, value)| (checksummed(key), with_checksums(value))).collect())
        }
        other => other,
    }
}

fn checksummed(text: String) -> String {
    if text.len() != 42 || !text.starts_with("0x") {
        return text;
    }
    text.parse::<Address>().map_or(text, |address| address.to_checksum(None))
}

/// Prints a result and returns the exit code.
pub fn finish(json: bool, outcome: Result<Outcome>, warnings: Vec<Warning>) -> u8 {
    match outcome {
        Ok(outcome) => {
            let text = if json && !outcome.raw {
                let errors: Vec<_> = outcome.failure.iter().map(entry).collect();
                envelope(errors.is_empty(), outcome.data, errors, &warnings)
            } else {
                outcome.human
            };
            if !json {
                for warning in &warnings {
                    print_warning(warning);
                }
            }
            let exit = write_stdout(&text, outcome.exit);
            if let Some(error) = outcome.failure.filter(|_| !json) {
                print_error(&error);
            }
            exit
        }
        Err(error) => {
            let code = error.kind().exit_code();
            if json {
                let text = envelope(false, Value::Null, vec![entry(&error)], &warnings);
                return write_stdout(&text, code);
            }
            for warning in &warnings {
                print_warning(warning);
            }
            print_error(&error);
            code
        }
    }
}

/// An error as `errors[]` has it.
fn entry(error: &Error) -> Value {
    let hint = error.hints().join("; ");
    let mut entry = json!({
        "code": error.code(),
        "message": error.to_string(),
        "hint": if hint.is_empty() { Value::Null } else { Value::String(hint) },
    });
    if let (Some(details), Some(entry)) = (error.details(), entry.as_object_mut()) {
        entry.insert("details".into(), details.clone());
    }
    entry
}

fn envelope(success: bool, data: Value, errors: Vec<Value>, warnings: &[Warning]) -> String {
    let document = json!({
        "schema_version": SCHEMA_VERSION,
        "success": success,
        "data": data,
        "errors": errors,
        "warnings": warnings,
    });
    format!("{document:#}\n")
}

/// Prints one object on a line of its own at once: the form of everything that is a stream.
pub fn line<T: Serialize>(value: &T) -> Result<()> {
    let mut text =
        serde_json::to_string(value).map_err(|error| Error::bug("a line could not be serialized").caused_by(&error))?;
    text.push('\n');
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != IoErrorKind::BrokenPipe => Err(Error::from(error)),
        _ => Ok(()),
    }
}

/// Prints bytes that are no text; `false` when the reader went away.
pub fn bytes(bytes: &[u8]) -> Result<bool> {
    // Not `anstream`: it would take bytes for color codes.
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == IoErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Error::from(error)),
    }
}

/// A reader that went away (`dgov … | head`) is no error of ours; a full disk is.
pub(crate) fn write_stdout(text: &str, exit: u8) -> u8 {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => exit,
        Err(error) if error.kind() == IoErrorKind::BrokenPipe => exit,
        Err(error) => {
            print_error(&Error::from(error));
            ErrorKind::LocalIo.exit_code()
        }
    }
}

fn print_error(error: &Error) {
    let red = anstyle::AnsiColor::Red.on_default().bold();
    let cyan = anstyle::AnsiColor::Cyan.on_default();
    let mut text = format!("{red}error{red:#}: {}\n", error.message());
    for cause in error.causes() {
        text.push_str(&format!("  caused by: {cause}\n"));
    }
    for hint in error.hints() {
        text.push_str(&format!("{cyan}hint{cyan:#}: {hint}\n"));
    }
    write_stderr(&text);
}

fn print_warning(warning: &Warning) {
    let yellow = anstyle::AnsiColor::Yellow.on_default().bold();
    let mut text = format!("{yellow}warning{yellow:#}: {}\n", warning.message);
    if let Some(hint) = &warning.hint {
        text.push_str(&format!("  hint: {hint}\n"));
    }
    write_stderr(&text);
}

/// Standard error may be closed; there is nobody left to tell.
pub(crate) fn write_stderr(text: &str) {
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}
