//! The linter: everything that the format demands, everything that would keep a loader from reading the records, and
//! what the reference library lets through. It reads nothing but the card; [`files`] compares with the bytes.

mod dataset;
pub mod files;
mod records;
mod resources;
mod responsible;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::card::{Card, escape};
use super::names::Names;

/// What a card is measured by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CardProfile {
    /// The format.
    #[default]
    Default,
    /// The format, and the eight fields that NeurIPS asks for.
    Neurips,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The card is valid; something is missing that its readers will look for.
    Warning,
    /// The card is not valid.
    Error,
}

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable name: `card.license`.
    pub id: &'static str,
    /// How bad.
    pub severity: Severity,
    /// JSON pointer (RFC 6901) of the place; empty for the whole document.
    pub pointer: String,
    /// One sentence without a full stop.
    pub message: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// Findings of a card, the worst first, else in the order of the document's parts.
pub fn lint(bytes: &[u8], profile: CardProfile) -> Vec<Finding> {
    let card = match Card::parse(bytes) {
        Ok(card) => card,
        Err(error) => {
            return vec![Finding {
                id: "card.json",
                severity: Severity::Error,
                pointer: String::new(),
                message: format!("the card can't be read: {error}"),
                hint: Some("a data card is a JSON-LD document: `dgov data card init` writes one".to_owned()),
            }];
        }
    };
    lint_card(&card, profile)
}

/// As [`lint`], of a card that was read before.
pub fn lint_card(card: &Card, profile: CardProfile) -> Vec<Finding> {
    let mut cx = Cx { card, names: card.names(), findings: Vec::new(), ids: BTreeMap::new() };
    dataset::check(&mut cx);
    resources::check(&mut cx);
    records::check(&mut cx);
    responsible::check(&mut cx, profile);
    let mut findings = cx.findings;
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
}

/// What the rules share.
struct Cx<'c> {
    card: &'c Card,
    names: &'c Names,
    findings: Vec<Finding>,
    /// Every `@id` with the pointer of its node.
    ids: BTreeMap<String, String>,
}

impl Cx<'_> {
    fn report(&mut self, severity: Severity, id: &'static str, pointer: &str, message: impl Into<String>, hint: &str) {
        self.findings.push(Finding {
            id,
            severity,
            pointer: pointer.to_owned(),
            message: message.into(),
            hint: (!hint.is_empty()).then(|| hint.to_owned()),
        });
    }

    fn error(&mut self, id: &'static str, pointer: &str, message: impl Into<String>, hint: &str) {
        self.report(Severity::Error, id, pointer, message, hint);
    }

    fn warn(&mut self, id: &'static str, pointer: &str, message: impl Into<String>, hint: &str) {
        self.report(Severity::Warning, id, pointer, message, hint);
    }

    /// The pointer of a member, under the key as written.
    fn at(&self, node: &Value, pointer: &str, word: &str) -> String {
        self.names.get(node, word).map_or_else(|| pointer.to_owned(), |(key, _)| format!("{pointer}/{}", escape(key)))
    }

    /// Takes down an id; it has to be there, and the only one.
    fn identify(&mut self, node: &Value, pointer: &str, what: &str) -> Option<String> {
        let Some(id) = node.get("@id").and_then(Value::as_str).filter(|id| !id.trim().is_empty()) else {
            self.error(
                "card.id",
                pointer,
                format!("{what} has no @id"),
                "give it a name of its own: \"@id\": \"train.jsonl\"",
            );
            return None;
        };
        if let Some(first) = self.ids.insert(id.to_owned(), pointer.to_owned()) {
            let message = format!("`{id}` is the @id of {first}, too");
            self.error(
                "card.id-twice",
                &format!("{pointer}/@id"),
                message,
                "references to it mean nothing: rename one",
            );
        }
        Some(id.to_owned())
    }

    /// The texts of a member.
    fn texts(&self, node: &Value, word: &str) -> Vec<String> {
        self.names.value(node, word).map(super::names::texts).unwrap_or_default()
    }
}

/// The near one of a list of words, when one letter or two differ.
fn near<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let limit = if word.len() < 6 { 1 } else { 2 };
    known.into_iter().map(|other| (distance(word, other), other)).filter(|(d, _)| *d <= limit).min().map(|(_, w)| w)
}

/// Edits between two short words.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = diagonal + usize::from(!x.eq_ignore_ascii_case(y));
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
