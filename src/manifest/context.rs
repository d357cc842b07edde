//! What a load collects: the place of each key, findings, and values with their sources.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Display;
use std::ops::Range;

use super::finding::{Finding, Severity};
use super::sources::{Source, SourcedValue};
use super::values::ValueError;

/// What a whole load collects.
pub(super) struct Context<'a> {
    file: String,
    line_starts: Vec<usize>,
    text: &'a str,
    env: &'a dyn Fn(&str) -> Option<String>,
    spans: RefCell<HashMap<String, Range<usize>>>,
    findings: RefCell<Vec<Finding>>,
    values: RefCell<Vec<SourcedValue>>,
}

impl<'a> Context<'a> {
    pub(super) fn new(file: String, text: &'a str, env: &'a dyn Fn(&str) -> Option<String>) -> Self {
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(index, _)| index + 1)).collect();
        Self {
            file,
            line_starts,
            text,
            env,
            spans: RefCell::default(),
            findings: RefCell::default(),
            values: RefCell::default(),
        }
    }

    /// Line and column, from 1, of a byte of the file.
    fn position(&self, offset: usize) -> (usize, usize) {
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let start = self.line_starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let column = self.text.get(start..offset).map_or(0, |before| before.chars().count()) + 1;
        (line.max(1), column)
    }

    /// Notes where a key is.
    pub(super) fn remember(&self, key: String, span: Range<usize>) {
        self.spans.borrow_mut().insert(key, span);
    }

    /// The place of a key, or of the nearest table around it that is in the file.
    pub(super) fn place(&self, key: &str) -> usize {
        let spans = self.spans.borrow();
        let mut path = key;
        loop {
            if let Some(span) = spans.get(path) {
                return span.start;
            }
            match path.rfind(['.', '[']) {
                Some(end) => path = &path[..end],
                None => return 0,
            }
        }
    }

    /// Reports a finding at a byte of the file.
    pub(super) fn finding_at(
        &self,
        offset: usize,
        severity: Severity,
        code: &'static str,
        key: &str,
        error: ValueError,
    ) {
        let (line, column) = self.position(offset);
        self.findings.borrow_mut().push(Finding {
            severity,
            code,
            key: key.to_owned(),
            file: self.file.clone(),
            line,
            column,
            message: error.message,
            hint: error.hint,
        });
    }

    /// The manifest cannot be used because of that key.
    pub(super) fn error(&self, code: &'static str, key: &str, error: ValueError) {
        self.finding_at(self.place(key), Severity::Error, code, key, error);
    }

    /// That key is probably not what was meant.
    pub(super) fn warning(&self, code: &'static str, key: &str, error: ValueError) {
        self.finding_at(self.place(key), Severity::Warning, code, key, error);
    }

    /// Whether a key, or anything in it, has been found faulty: then nothing that follows from it is reported.
    pub(super) fn is_faulty(&self, key: &str) -> bool {
        let inside = |finding: &Finding| {
            finding.key.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        self.findings.borrow().iter().any(|finding| finding.severity == Severity::Error && inside(finding))
    }

    /// An environment variable.
    pub(super) fn env(&self, name: &str) -> Option<String> {
        (self.env)(name)
    }

    /// Records a value of the file.
    pub(super) fn written(&self, key: &str, value: impl Display) {
        let (line, _) = self.position(self.place(key));
        self.sourced(key, value, Source::File { file: self.file.clone(), line });
    }

    /// Records a value from elsewhere.
    pub(super) fn sourced(&self, key: &str, value: impl Display, source: Source) {
        self.values.borrow_mut().push(SourcedValue { key: key.to_owned(), value: value.to_string(), source });
    }

    pub(super) fn into_parts(self) -> (Vec<Finding>, Vec<SourcedValue>) {
        (self.findings.into_inner(), self.values.into_inner())
    }
}
