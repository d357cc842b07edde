//! Reading of one TOML table at a time: every key is remembered with its place, every fault becomes a finding, and
//! reading goes on.

use std::cell::RefCell;
use std::fmt::Display;
use std::ops::Range;
use std::str::FromStr;

use toml_edit::{Item, TableLike};

use super::context::Context;
use super::finding::Severity;
use super::sources::Source;
use super::values::{ValueError, did_you_mean};

/// One table of the manifest; an absent one reads as empty, so that defaults are recorded all the same.
pub(super) struct Reader<'a> {
    pub(super) cx: &'a Context<'a>,
    table: Option<&'a dyn TableLike>,
    path: String,
    known: RefCell<Vec<&'static str>>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(cx: &'a Context<'a>, table: Option<&'a dyn TableLike>, path: String) -> Self {
        Self { cx, table, path, known: RefCell::default() }
    }

    /// Whether the table is in the file.
    pub(super) fn is_present(&self) -> bool {
        self.table.is_some()
    }

    /// Path of a key of this table.
    pub(super) fn key(&self, key: &str) -> String {
        join(&self.path, key)
    }

    /// Path of this table.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn error(&self, code: &'static str, key: &str, error: ValueError) {
        self.cx.error(code, &self.key(key), error);
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.is_some_and(|table| table.contains_key(key))
    }

    fn item(&self, key: &'static str) -> Option<&'a Item> {
        self.known.borrow_mut().push(key);
        let item = self.table?.get(key).filter(|item| !item.is_none())?;
        self.remember(key, item);
        Some(item)
    }

    fn remember(&self, key: &str, item: &Item) {
        // Faults of a value point to the value; those of a table to its header or key.
        let named = self.table.and_then(|table| table.key(key)).and_then(toml_edit::Key::span);
        if let Some(span) = item.as_value().and_then(toml_edit::Value::span).or_else(|| item.span()).or(named) {
            self.cx.remember(self.key(key), span);
        }
    }

    fn wrong_type(&self, key: &str, item: &Item, wanted: &str) {
        let message = format!("expected {wanted}, found {}", described(item.type_name()));
        let quoted = item.as_integer().map(|_| ()).or_else(|| item.as_float().map(|_| ()));
        let error = match quoted {
            Some(()) if wanted.starts_with("text") => ValueError::new(message).hint("put it into quotes"),
            _ => ValueError::new(message),
        };
        self.error("manifest.wrong_type", key, error);
    }

    /// A text as written, variables and all.
    pub(super) fn raw_text(&self, key: &'static str, wanted: &str) -> Option<&'a str> {
        let item = self.item(key)?;
        let text = item.as_str();
        if text.is_none() {
            self.wrong_type(key, item, wanted);
        }
        text
    }

    /// A text without variables.
    fn text(&self, key: &'static str, wanted: &str) -> Option<&'a str> {
        let text = self.raw_text(key, wanted)?;
        self.without_variables(&self.key(key), text).then_some(text)
    }

    fn without_variables(&self, key: &str, text: &str) -> bool {
        let none = !text.contains("${");
        if !none {
            let error = ValueError::new("environment variables are not filled in here")
                .hint("only `rpc-url` may contain `${NAME}`");
            self.cx.error("manifest.variable_not_allowed", key, error);
        }
        none
    }

    /// A value by a parser of its own; the canonical text is recorded.
    pub(super) fn parsed<T: Display>(
        &self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, ValueError>,
    ) -> Option<T> {
        let text = self.text(key, "text")?;
        match parse(text) {
            Ok(value) => {
                self.cx.written(&self.key(key), &value);
                Some(value)
            }
            Err(error) => {
                self.error("manifest.invalid_value", key, error);
                None
            }
        }
    }

    /// An optional value.
    pub(super) fn value<T: Display + FromStr<Err = ValueError>>(&self, key: &'static str) -> Option<T> {
        self.parsed(key, str::parse)
    }

    /// A value with a default.
    pub(super) fn value_or<T: Display + FromStr<Err = ValueError>>(&self, key: &'static str, default: T) -> T {
        self.value(key).unwrap_or_else(|| self.defaulted(key, default))
    }

    /// Records the default of a key that is absent.
    pub(super) fn defaulted<T: Display>(&self, key: &'static str, default: T) -> T {
        if !self.has(key) {
            self.cx.sourced(&self.key(key), &default, Source::Default);
        }
        default
    }

    /// A text that must not be empty and needs no other form.
    pub(super) fn plain(&self, key: &'static str) -> Option<String> {
        self.parsed(key, |text| match text.trim() {
            "" => Err(ValueError::new("is empty").hint("write something, or leave the key out")),
            _ => Ok(text.to_owned()),
        })
    }

    /// Says that a key is missing, unless it is there with another fault.
    pub(super) fn required<T>(&self, key: &str, value: Option<T>, hint: &str) -> Option<T> {
        if value.is_none() && !self.has(key) {
            self.error("manifest.missing_key", key, ValueError::new(format!("`{key}` is missing")).hint(hint));
        }
        value
    }

    /// One of a closed list of names; the name is recorded.
    pub(super) fn choice<T: Copy>(&self, key: &'static str, choices: &[(&'static str, T)]) -> Option<T> {
        let name = self.parsed(key, |text| choose(text, choices).map(|(name, _)| name))?;
        choices.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    /// `true` or `false`.
    pub(super) fn flag(&self, key: &'static str) -> Option<bool> {
        let item = self.item(key)?;
        let value = item.as_bool();
        match value {
            Some(flag) => self.cx.written(&self.key(key), flag),
            None => self.wrong_type(key, item, "true or false"),
        }
        value
    }

    /// `true` or `false`, with a default.
    pub(super) fn flag_or(&self, key: &'static str, default: bool) -> bool {
        self.flag(key).unwrap_or_else(|| self.defaulted(key, default))
    }

    /// A whole number within bounds.
    pub(super) fn number(&self, key: &'static str, bounds: Range<u64>) -> Option<u64> {
        let item = self.item(key)?;
        let Some(number) = item.as_integer() else {
            self.wrong_type(key, item, "a whole number");
            return None;
        };
        let valid = u64::try_from(number).ok().filter(|number| bounds.contains(number));
        match valid {
            Some(number) => self.cx.written(&self.key(key), number),
            None => {
                let message = format!("{number} is out of range: from {} to {}", bounds.start, bounds.end - 1);
                self.error("manifest.invalid_value", key, ValueError::new(message));
            }
        }
        valid
    }

    /// A list of texts, each with the path of its element; faulty elements are left out.
    pub(super) fn list<T: Display>(
        &self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, ValueError>,
    ) -> Option<Vec<T>> {
        let item = self.item(key)?;
        let Some(array) = item.as_array() else {
            self.wrong_type(key, item, "a list");
            return None;
        };
        let mut values = Vec::with_capacity(array.len());
        let path = self.key(key);
        for (index, element) in array.iter().enumerate() {
            let element_path = format!("{path}[{index}]");
            if let Some(span) = element.span() {
                self.cx.remember(element_path.clone(), span);
            }
            let Some(text) = element.as_str() else {
                let error = ValueError::new(format!("expected text, found {}", described(element.type_name())));
                self.cx.error("manifest.wrong_type", &element_path, error);
                continue;
            };
            if !self.without_variables(&element_path, text) {
                continue;
            }
            match parse(text) {
                Ok(value) => values.push(value),
                Err(error) => self.cx.error("manifest.invalid_value", &element_path, error),
            }
        }
        let shown: Vec<String> = values.iter().map(T::to_string).collect();
        self.cx.written(&path, format!("[{}]", shown.join(", ")));
        Some(values)
    }

    /// A table in this one.
    pub(super) fn table(&self, key: &'static str) -> Reader<'a> {
        let table = self.item(key).and_then(|item| {
            let table = item.as_table_like();
            if table.is_none() {
                self.wrong_type(key, item, "a table");
            }
            table
        });
        Reader::new(self.cx, table, self.key(key))
    }

    /// Names of all keys in this table, in the order of the file.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.table.into_iter().flat_map(|table| table.iter()).map(|(name, _)| name)
    }

    /// All tables in this one with their names, which the user chose, in the order of the file.
    pub(super) fn entries(&self) -> Vec<(&'a str, Reader<'a>)> {
        let mut entries = Vec::new();
        for (name, item) in self.table.into_iter().flat_map(|table| table.iter()) {
            self.remember(name, item);
            match item.as_table_like() {
                Some(table) => entries.push((name, Reader::new(self.cx, Some(table), self.key(name)))),
                None => self.wrong_type(name, item, "a table"),
            }
        }
        entries
    }

    /// All texts in this table with their names, which the user chose, in the order of the file.
    pub(super) fn texts(&self) -> Vec<(&'a str, &'a str)> {
        let mut texts = Vec::new();
        for (name, item) in self.table.into_iter().flat_map(|table| table.iter()) {
            self.remember(name, item);
            match item.as_str() {
                Some(text) if self.without_variables(&self.key(name), text) => {
                    self.cx.written(&self.key(name), text);
                    texts.push((name, text));
                }
                Some(_) => {}
                None => self.wrong_type(name, item, "text"),
            }
        }
        texts
    }

    /// An array of tables, in either of TOML's notations.
    pub(super) fn tables(&self, key: &'static str) -> Vec<Reader<'a>> {
        let Some(item) = self.item(key) else { return Vec::new() };
        let mut found: Vec<(Option<Range<usize>>, &'a dyn TableLike)> = Vec::new();
        if let Some(array) = item.as_array_of_tables() {
            found.extend(array.iter().map(|table| (table.span(), table as &dyn TableLike)));
        } else if let Some(array) = item.as_array().filter(|array| array.iter().all(toml_edit::Value::is_inline_table))
        {
            let inline = array.iter().filter_map(toml_edit::Value::as_inline_table);
            found.extend(inline.map(|table| (table.span(), table as &dyn TableLike)));
        } else {
            self.wrong_type(key, item, "a list of tables");
        }
        let path = self.key(key);
        let readers = found.into_iter().enumerate().map(|(index, (span, table))| {
            let path = format!("{path}[{index}]");
            if let Some(span) = span {
                self.cx.remember(path.clone(), span);
            }
            Reader::new(self.cx, Some(table), path)
        });
        readers.collect()
    }

    /// Records a value that was read by a way of its own.
    pub(super) fn recorded(&self, key: &str, value: impl Display) {
        self.cx.written(&self.key(key), value);
    }

    /// Warns of keys that nobody asked for. To be called when all keys of the table have been read.
    pub(super) fn finish(&self) {
        let known = self.known.borrow();
        for (key, _) in self.table.into_iter().flat_map(|table| table.iter()) {
            if known.contains(&key) {
                continue;
            }
            let error = ValueError::new(format!("unknown key `{key}`, ignored"));
            let error = match did_you_mean(key, known.iter().copied()) {
                Some(close) => error.hint(format!("did you mean `{close}`?")),
                None => error,
            };
            let span = self.table.and_then(|table| table.key(key)).and_then(toml_edit::Key::span);
            let offset = span.map_or_else(|| self.cx.place(&self.path), |span| span.start);
            self.cx.finding_at(offset, Severity::Warning, "manifest.unknown_key", &self.key(key), error);
        }
    }
}

/// Path of a key in the table at `path`; names that TOML would quote are quoted.
fn join(path: &str, key: &str) -> String {
    let bare = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    let key = if bare { key.to_owned() } else { format!("{key:?}") };
    if path.is_empty() { key } else { format!("{path}.{key}") }
}

/// The choice of that name.
pub(super) fn choose<T: Copy>(text: &str, choices: &[(&'static str, T)]) -> Result<(&'static str, T), ValueError> {
    if let Some(choice) = choices.iter().find(|(name, _)| *name == text) {
        return Ok(*choice);
    }
    let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
    let error = ValueError::new(format!("`{text}` is not known here"));
    Err(match did_you_mean(text, names.iter().copied()) {
        Some(close) => error.hint(format!("did you mean `{close}`?")),
        None => error.hint(format!("known are {}", names.join(", "))),
    })
}

fn described(type_name: &str) -> &'static str {
    match type_name {
        "string" => "text",
        "integer" => "a whole number",
        "float" => "a fraction",
        "boolean" => "true or false",
        "datetime" => "a date",
        "array" => "a list",
        _ => "a table",
    }
}
