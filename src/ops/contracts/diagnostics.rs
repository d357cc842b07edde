//! What the compiler says, with the place in the sources.

use std::collections::HashMap;

use camino::Utf8Path;
use foundry_compilers::ProjectCompileOutput;
use foundry_compilers::error::SolcError;
use foundry_compilers::solc::SolcCompiler;

use super::build::Diagnostic;
use crate::error::Error;

/// Errors and warnings of a run.
pub(super) struct Findings {
    pub(super) errors: Vec<Diagnostic>,
    pub(super) warnings: Vec<Diagnostic>,
}

/// The compiler's findings, each once, without warnings about files that `ignored` says yes to.
pub(super) fn read(
    folder: &Utf8Path,
    output: &ProjectCompileOutput<SolcCompiler>,
    ignored: impl Fn(&str) -> bool,
) -> Findings {
    let mut texts: HashMap<String, Vec<u8>> = HashMap::new();
    let mut findings = Findings { errors: Vec::new(), warnings: Vec::new() };
    for error in &output.output().errors {
        let place = error.source_location.as_ref().filter(|place| !place.file.is_empty());
        let position = place.and_then(|place| {
            // A file that is gone by now only costs the line number.
            let text = texts
                .entry(place.file.clone())
                .or_insert_with(|| fs_err::read(folder.join(&place.file)).unwrap_or_default());
            line_and_column(text, usize::try_from(place.start).ok()?)
        });
        let file = place.map(|place| {
            let path = Utf8Path::new(&place.file);
            path.strip_prefix(folder).unwrap_or(path).to_string()
        });
        let diagnostic = Diagnostic {
            file,
            line: position.map(|(line, _)| line),
            column: position.map(|(_, column)| column),
            code: error.error_code,
            kind: error.r#type.clone(),
            message: error.message.trim().to_owned(),
        };
        let is_error = error.severity.is_error();
        if !is_error && diagnostic.file.as_deref().is_some_and(&ignored) {
            continue;
        }
        let list = if is_error { &mut findings.errors } else { &mut findings.warnings };
        // A file that is in two compiler runs is warned of twice.
        if !list.contains(&diagnostic) {
            list.push(diagnostic);
        }
    }
    findings
}

/// Line and column, both from 1, of a byte offset.
fn line_and_column(text: &[u8], offset: usize) -> Option<(usize, usize)> {
    let before = text.get(..offset)?;
    let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    Some((line, offset - start + 1))
}

/// The error that names every error of the compiler.
pub(super) fn invalid(errors: &[Diagnostic]) -> Error {
    let lines: String = errors.iter().map(|error| format!("\n  {error}")).collect();
    let details = serde_json::to_value(errors).unwrap_or_default();
    Error::input("contracts.invalid", format!("the contracts do not compile{lines}"))
        .with_details(details)
        .hint("mend the file and line that is named, then build again")
}

/// An error of the compiler driver: sources that can't be read, imports that lead nowhere, versions that don't fit.
pub(super) fn of_build(error: &SolcError) -> Error {
    let text = anstream::adapter::strip_str(&error.to_string()).to_string();
    match error {
        SolcError::SolcError(..) | SolcError::SerdeJson(_) | SolcError::InvalidUtf8 => {
            Error::input("contracts.bad_compiler", format!("the compiler failed: {text}"))
                .hint("run it by hand with --standard-json, or give another one with --solc PATH")
        }
        SolcError::Message(_) if text.contains("compiler version") || text.contains("incompatible versions") => {
            Error::input("contracts.compiler_version", text)
                .hint("change the `pragma solidity` line, or give a compiler of that version with --solc PATH")
        }
        SolcError::Message(_) => Error::input("contracts.bad_settings", text)
            .hint("mend foundry.toml: every restriction needs a profile that satisfies it"),
        SolcError::Io(_) => Error::local_io("io", text).hint("see that the file is there and may be read and written"),
        _ => Error::input("contracts.unresolved", text)
            .hint("install the library into node_modules or lib, or add a remapping to foundry.toml"),
    }
}

#[cfg(test)]
mod tests {
    use super::line_and_column;

    #[test]
    fn offsets_become_lines() {
        let text = b"ab\nc\n";
        assert_eq!(line_and_column(text, 0), Some((1, 1)));
        assert_eq!(line_and_column(text, 1), Some((1, 2)));
        assert_eq!(line_and_column(text, 3), Some((2, 1)));
        assert_eq!(line_and_column(text, 5), Some((3, 1)));
        assert_eq!(line_and_column(text, 6), None);
    }
}
