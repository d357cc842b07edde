//! What a part of a dataset adds to its profile, apart from the entries that are sorted.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::column::{ColumnState, add};
use super::distinct::Distinct;
use super::hash::{mix, more, start};
use super::{PersonalData, PiiColumn, PiiExample, PiiKind, pii};
use crate::records::{Row, Value};

/// Most columns that a profile describes. Of more, those whose names come first: a choice that no order of the records
/// changes, and that never needs a column again which was dropped before.
pub const MAX_COLUMNS: usize = 1000;

/// Examples of each kind of personal data.
const EXAMPLES: usize = 5;

/// Everything joins in any order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct State {
    pub records: u64,
    columns: BTreeMap<String, ColumnState>,
    names: Distinct,
    /// Records of each split, by its place in the list of splits.
    pub splits: Vec<u64>,
    pii: BTreeMap<PiiKind, PiiState>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct PiiState {
    matches: u64,
    records: u64,
    /// The first ones, by file and line.
    first: BTreeSet<Place>,
}

/// Where a match is; compared in the order of the fields.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Place {
    file: u64,
    line: u64,
    column: String,
    tag: String,
    record: String,
}

impl PiiState {
    fn place(&mut self, place: Place) {
        self.first.insert(place);
        if self.first.len() > EXAMPLES {
            self.first.pop_last();
        }
    }
}

/// The row that is being taken.
struct Current<'r, 'f> {
    row: &'r Row<'r>,
    record: &'f dyn Fn() -> String,
    /// Name of the column.
    name: String,
    /// Kinds of personal data in this record.
    kinds: BTreeSet<PiiKind>,
    found: Vec<pii::Match>,
}

impl State {
    /// Takes a row; `record` says where it is, `text` is called with every text.
    pub fn take(&mut self, row: &Row<'_>, record: &dyn Fn() -> String, text: &mut dyn FnMut(&str)) {
        self.records += 1;
        let mut current = Current { row, record, name: String::new(), kinds: BTreeSet::new(), found: Vec::new() };
        for field in row.fields {
            current.name.clear();
            push_name(&mut current.name, &field.name);
            if let Value::Text(value) = &field.value {
                text(value);
                self.personal(value, &mut current);
            }
            let nested = match &field.value {
                Value::Nested(value) => Some(value.as_ref()),
                _ => None,
            };
            if let Some(column) = self.column(&current.name) {
                match &field.value {
                    Value::Null => column.null(),
                    Value::Bool(value) => column.bool(*value),
                    Value::Integer(value) => column.integer(*value),
                    Value::Float(value) => column.float(*value),
                    Value::Text(value) => column.text(value),
                    Value::Bytes(value) => column.bytes(value),
                    Value::Stored { length, digest } => column.stored(*length, digest),
                    Value::Nested(value) => column.nested(value),
                }
            }
            if let Some(value) = nested {
                self.members(value, &mut current, text);
            }
        }
        for kind in current.kinds {
            self.pii.entry(kind).or_default().records += 1;
        }
    }

    /// Takes what is inside a nested value.
    fn members(&mut self, value: &serde_json::Value, current: &mut Current<'_, '_>, text: &mut dyn FnMut(&str)) {
        let length = current.name.len();
        match value {
            serde_json::Value::Array(items) => {
                current.name.push_str("[]");
                for item in items {
                    self.inside(item, current, text);
                }
            }
            serde_json::Value::Object(members) => {
                for (name, member) in members {
                    current.name.push('.');
                    push_name(&mut current.name, name);
                    self.inside(member, current, text);
                    current.name.truncate(length);
                }
            }
            _ => {}
        }
        current.name.truncate(length);
    }

    fn inside(&mut self, value: &serde_json::Value, current: &mut Current<'_, '_>, text: &mut dyn FnMut(&str)) {
        if let serde_json::Value::String(value) = value {
            text(value);
            self.personal(value, current);
        }
        if let Some(column) = self.column(&current.name) {
            column.inside = true;
            match value {
                serde_json::Value::Null => column.null(),
                serde_json::Value::Bool(value) => column.bool(*value),
                serde_json::Value::String(value) => column.text(value),
                serde_json::Value::Number(number) => {
                    match number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from)) {
                        Some(value) => column.integer(value),
                        None => column.float(number.as_f64().unwrap_or(f64::NAN)),
                    }
                }
                nested => column.nested(nested),
            }
        }
        self.members(value, current, text);
    }

    fn personal(&mut self, text: &str, current: &mut Current<'_, '_>) {
        pii::find(text, &mut current.found);
        for (kind, value) in std::mem::take(&mut current.found) {
            if let Some(column) = self.column(&current.name) {
                *column.pii.entry(kind).or_default() += 1;
            }
            current.kinds.insert(kind);
            let state = self.pii.entry(kind).or_default();
            state.matches += 1;
            let (file, line) = (current.row.file as u64, current.row.line);
            let late = |last: &Place| state.first.len() == EXAMPLES && (last.file, last.line) < (file, line);
            if state.first.last().is_some_and(late) {
                continue;
            }
            let (column, tag) = (current.name.clone(), pii::tag(kind, &value));
            state.place(Place { file, line, column, tag, record: (current.record)() });
        }
    }

    /// The column of that name; `None` when there are too many columns before it.
    fn column(&mut self, name: &str) -> Option<&mut ColumnState> {
        if !self.columns.contains_key(name) {
            self.names.take(mix(more(start(), name.as_bytes())));
            if self.columns.len() >= MAX_COLUMNS
                && self.columns.last_key_value().is_some_and(|(last, _)| name > &**last)
            {
                return None;
            }
            self.columns.insert(name.to_owned(), ColumnState::default());
            self.bound();
        }
        self.columns.get_mut(name)
    }

    fn bound(&mut self) {
        while self.columns.len() > MAX_COLUMNS {
            self.columns.pop_last();
        }
    }

    pub fn join(&mut self, other: &Self) {
        add(&mut self.records, other.records);
        for (name, column) in &other.columns {
            self.columns.entry(name.clone()).or_default().join(column);
        }
        self.bound();
        self.names.join(&other.names);
        self.splits.resize(self.splits.len().max(other.splits.len()), 0);
        for (split, records) in other.splits.iter().enumerate() {
            add(&mut self.splits[split], *records);
        }
        for (kind, pii) in &other.pii {
            let state = self.pii.entry(*kind).or_default();
            add(&mut state.matches, pii.matches);
            add(&mut state.records, pii.records);
            pii.first.iter().for_each(|place| state.place(place.clone()));
        }
    }

    pub fn columns(&self) -> Vec<super::Column> {
        self.columns.iter().map(|(name, column)| column.report(name, self.records)).collect()
    }

    pub fn columns_seen(&self) -> super::Count {
        self.names.count()
    }

    pub fn personal_data(&self) -> Vec<PersonalData> {
        let columns = |kind| -> Vec<PiiColumn> {
            let matches = |(name, column): (&String, &ColumnState)| {
                column.pii.get(&kind).map(|matches| PiiColumn { column: name.clone(), matches: *matches })
            };
            self.columns.iter().filter_map(matches).collect()
        };
        let kinds = self.pii.iter().map(|(kind, state)| PersonalData {
            kind: *kind,
            matches: state.matches,
            records: state.records,
            columns: columns(*kind),
            examples: state
                .first
                .iter()
                .map(|place| PiiExample {
                    record: place.record.clone(),
                    column: place.column.clone(),
                    tag: place.tag.clone(),
                })
                .collect(),
        });
        kinds.collect()
    }
}

/// Appends a name with its special characters escaped, so that no two paths read the same.
fn push_name(path: &mut String, name: &str) {
    for c in name.chars() {
        if matches!(c, '.' | '[' | ']' | '\\') {
            path.push('\\');
        }
        path.push(c);
    }
}
