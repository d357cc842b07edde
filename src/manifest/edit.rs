//! Editing of a manifest that keeps its comments, its order and its layout.

use std::io::Write;

use camino::{Utf8Path, Utf8PathBuf};
use toml_edit::{DocumentMut, Item, Key, Table, Value};

use crate::error::{Error, ErrorKind, Result};

/// A manifest that is being edited.
#[derive(Clone, Debug)]
pub struct Editor {
    document: DocumentMut,
}

impl Editor {
    /// Reads a manifest's text.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] when it is not TOML.
    pub fn parse(text: &str) -> Result<Self> {
        let document = text.parse::<DocumentMut>().map_err(|error| {
            Error::input("manifest.invalid", format!("the manifest is not valid TOML: {}", error.message()))
        })?;
        Ok(Self { document })
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// As [`Editor::parse`], and [`ErrorKind::LocalIo`] when the file cannot be read.
    pub fn open(path: &Utf8Path) -> Result<Self> {
        Self::parse(&fs_err::read_to_string(path)?)
    }

    /// Sets a value by its key path, e.g. `licenses.research.price` to `"0.02 ETH"`; tables on the way that do not exist
    /// are added. A comment behind a value that is replaced stays.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] when the path is malformed, leads through a value, or names a table.
    pub fn set(&mut self, path: &str, value: impl Into<Value>) -> Result<()> {
        let keys = Key::parse(path).map_err(|_| bad_path(path, "is not a key path"))?;
        let Some((last, tables)) = keys.split_last() else { return Err(bad_path(path, "is empty")) };
        let mut table: &mut dyn toml_edit::TableLike = self.document.as_table_mut();
        for key in tables {
            let item = table.entry(key.get()).or_insert_with(|| {
                // Implicit: no bare header for a table that holds only tables.
                let mut created = Table::new();
                created.set_implicit(true);
                Item::Table(created)
            });
            table = item.as_table_like_mut().ok_or_else(|| bad_path(path, "leads through a value"))?;
        }
        let mut value = value.into();
        match table.get_mut(last.get()) {
            Some(Item::Value(old)) => {
                *value.decor_mut() = old.decor().clone();
                *old = value;
            }
            Some(item) if !item.is_none() => return Err(bad_path(path, "names a table, not a value")),
            _ => {
                table.insert(last.get(), Item::Value(value));
            }
        }
        Ok(())
    }

    /// Appends to a list by its key path, e.g. `storage.sources`; what is on the way and does not exist is added.
    ///
    /// # Errors
    /// As [`Editor::set`], also when the path names a value that is not a list.
    pub fn push(&mut self, path: &str, value: impl Into<Value>) -> Result<()> {
        let keys = Key::parse(path).map_err(|_| bad_path(path, "is not a key path"))?;
        let mut item = Some(self.document.as_item_mut());
        for key in &keys {
            item = item.and_then(Item::as_table_like_mut).and_then(|table| table.get_mut(key.get()));
        }
        match item {
            Some(Item::Value(Value::Array(list))) => {
                list.push(value);
                Ok(())
            }
            Some(item) if !item.is_none() => Err(bad_path(path, "names no list")),
            _ => self.set(path, toml_edit::Array::from_iter([value.into()])),
        }
    }

    /// Writes the manifest; readers see the old file or the new one, never a part.
    ///
    /// # Errors
    /// [`ErrorKind::LocalIo`].
    pub fn save(&self, path: &Utf8Path) -> Result<()> {
        let dir = match path.parent() {
            Some(parent) if !parent.as_str().is_empty() => parent.to_owned(),
            _ => Utf8PathBuf::from("."),
        };
        let mut file = tempfile::Builder::new().prefix(".dgov-").tempfile_in(&dir)?;
        file.write_all(self.to_string().as_bytes())?;
        if let Ok(old) = fs_err::metadata(path) {
            file.as_file().set_permissions(old.permissions())?;
        }
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| {
            Error::new(ErrorKind::LocalIo, "io", format!("cannot write {path}")).caused_by(&error.error)
        })?;
        Ok(())
    }
}

impl std::fmt::Display for Editor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.document.fmt(f)
    }
}

fn bad_path(path: &str, why: &str) -> Error {
    Error::usage("manifest.key_path", format!("`{path}` {why}")).hint("write for example `licenses.research.price`")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn only_the_value_changes() {
        let text = "# Ours\n[project]\nname = \"p\"\n\n[licenses.research] # terms\nspdx = 'MIT'\nprice   = \"0.01 ETH\" # cheap\n";
        let mut editor = Editor::parse(text).unwrap();
        editor.set("licenses.research.price", "0.02 ETH").unwrap();
        assert_eq!(editor.to_string(), text.replace("0.01", "0.02"));
    }

    #[test]
    fn new_keys_and_tables_are_added() {
        let mut editor = Editor::parse("[project]\nname = \"p\"\n").unwrap();
        editor.set("project.\"odd.name\"", true).unwrap();
        editor.set("governance.token.symbol", "RCN").unwrap();
        let expected = "[project]\nname = \"p\"\n\"odd.name\" = true\n\n[governance.token]\nsymbol = \"RCN\"\n";
        assert_eq!(editor.to_string(), expected);
    }

    #[test]
    fn lists_grow_at_their_end() {
        let mut editor = Editor::parse("[a]\nb = [ \"x\" ] # two\nc = 1\n").unwrap();
        editor.push("a.b", "y").unwrap();
        editor.push("a.d", "z").unwrap();
        assert_eq!(editor.to_string(), "[a]\nb = [ \"x\" , \"y\"] # two\nc = 1\nd = [\"z\"]\n");
        assert_eq!(editor.push("a.c", "w").unwrap_err().code(), "manifest.key_path");
    }

    #[test]
    fn inline_and_dotted_tables_stay_so() {
        let mut editor = Editor::parse("a = { b = 1 } # x\nc.d = 2\n").unwrap();
        editor.set("a.b", 3).unwrap();
        editor.set("c.d", 4).unwrap();
        assert_eq!(editor.to_string(), "a = { b = 3 } # x\nc.d = 4\n");
    }

    #[test]
    fn wrong_paths_change_nothing() {
        let text = "[a]\nb = 1\n[[c]]\nd = 1\n";
        let mut editor = Editor::parse(text).unwrap();
        for path in ["", "a", "a.b.c", "a..b", "c.d"] {
            let error = editor.set(path, 2).unwrap_err();
            assert_eq!(error.code(), "manifest.key_path", "{path}");
        }
        assert_eq!(editor.to_string(), text);
    }

    #[cfg(unix)]
    #[test]
    fn saved_whole_and_with_the_same_rights() {
        let temp = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(temp.path().join("dgov.toml")).unwrap();
        fs_err::write(&path, "a = 1\n").unwrap();
        fs_err::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
        let before = fs_err::metadata(&path).unwrap().permissions();
        let mut editor = Editor::open(&path).unwrap();
        editor.set("a", 2).unwrap();
        editor.save(&path).unwrap();
        assert_eq!(fs_err::read_to_string(&path).unwrap(), "a = 2\n");
        assert_eq!(fs_err::metadata(&path).unwrap().permissions(), before);
        assert_eq!(fs_err::read_dir(temp.path()).unwrap().count(), 1);
        assert!(Editor::parse("a = ").is_err());
    }
}
