//! What can be known of a dataset by reading it: its files with sizes and digests, and the fields of its records. One
//! pass over each file, hashed and parsed in the same read, with bounded memory.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::records::glob;
use crate::unixfs::{Package, Source, UnixfsError};

/// A line of more bytes than this ends the search for fields: it is no table that a loader reads row by row.
const MAX_LINE: u64 = 64 << 20;
/// More columns than this are not listed one by one.
const MAX_FIELDS: usize = 512;

/// What one value of a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldKind {
    /// `sc:Boolean`.
    Boolean,
    /// `sc:Integer`.
    Integer,
    /// `sc:Float`.
    Float,
    /// `sc:Text`.
    Text,
    /// Something with members of its own, which has no data type.
    Nested,
}

impl FieldKind {
    /// The kind that holds values of both.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        match (self, other) {
            (a, b) if a == b => a,
            (Self::Integer, Self::Float) | (Self::Float, Self::Integer) => Self::Float,
            (Self::Nested, _) | (_, Self::Nested) => Self::Nested,
            _ => Self::Text,
        }
    }

    /// Its name in a card.
    pub fn data_type(self) -> Option<&'static str> {
        match self {
            Self::Boolean => Some("sc:Boolean"),
            Self::Integer => Some("sc:Integer"),
            Self::Float => Some("sc:Float"),
            Self::Text => Some("sc:Text"),
            Self::Nested => None,
        }
    }
}

/// A column, or a member of each JSON line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldFact {
    /// As in the data.
    pub name: String,
    /// Of all its values; `None` when all are missing.
    pub kind: Option<FieldKind>,
    /// Whether a value is a list of these.
    pub repeated: bool,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFact {
    /// Relative to the dataset's folder, with `/`.
    pub path: String,
    /// Bytes.
    pub bytes: u64,
    /// sha256, hexadecimal.
    pub sha256: String,
    /// Its fields in the order of the data, when it is a table; none when that could not be read as one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldFact>,
    /// Records, when it is a table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records: Option<u64>,
}

/// Images, each with annotations of the same name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnnotatedImages {
    /// Patterns of the images.
    pub images: Vec<String>,
    /// Pattern of the annotation documents.
    pub annotations: String,
}

/// Everything found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// All files, in the order given.
    pub files: Vec<FileFact>,
    /// Images with annotations, when the dataset is that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotated: Option<AnnotatedImages>,
}

/// The media type of a file, by its extension.
pub fn media_type(path: &str) -> &'static str {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_lowercase();
    match extension.as_str() {
        "jsonl" | "ndjson" => "application/jsonlines",
        "json" => "application/json",
        "csv" => "text/csv",
        "tsv" => "text/tsv",
        "parquet" => "application/x-parquet",
        "arrow" | "feather" => "application/vnd.apache.arrow.file",
        "tfrecord" => "application/x-tfrecord",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "bmp" => "image/bmp",
        "tif" | "tiff" => "image/tiff",
        "wav" => "audio/wav",
        "mp3" => "audio/mpeg",
        "flac" => "audio/flac",
        "mp4" => "video/mp4",
        "xml" => "application/xml",
        "txt" => "text/plain",
        "md" => "text/markdown",
        "html" | "htm" => "text/html",
        "pdf" => "application/pdf",
        "zip" => "application/zip",
        "tar" => "application/x-tar",
        "gz" | "tgz" => "application/gzip",
        "zst" => "application/zstd",
        "yaml" | "yml" => "application/yaml",
        _ if matches!(name, "LICENSE" | "COPYING" | "README" | "NOTICE" | "LICENCE") => "text/plain",
        _ => "application/octet-stream",
    }
}

/// Reads files below a folder; `progress` is told of every chunk of bytes.
///
/// # Errors
/// When a file can't be read; its path is in the message.
pub fn read(root: &Path, paths: &[String], progress: &dyn Fn(u64)) -> io::Result<Facts> {
    let files = paths.iter().map(|path| {
        let full = if path.is_empty() { root.to_owned() } else { root.join(path) };
        let name = full.file_name().and_then(|name| name.to_str()).filter(|_| path.is_empty()).unwrap_or(path);
        File::open(&full)
            .and_then(|content| file(content, name, progress))
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", full.display())))
    });
    let files = files.collect::<io::Result<Vec<_>>>()?;
    let annotated = annotated(paths);
    Ok(Facts { files, annotated })
}

/// Reads the files of a package, wherever they lie. A file that is no longer what was packaged is an error: the card and the
/// CID have to be of the same bytes.
///
/// # Errors
/// Those of reading the package.
pub fn of_package(package: &Package, progress: &dyn Fn(u64)) -> Result<Facts, UnixfsError> {
    let mut files = Vec::new();
    for (at, entry) in package.entries().enumerate() {
        let source = package.open(at)?;
        let read = file(Content { source: &source, offset: 0 }, entry.path, progress);
        files.push(read.map_err(|error| unixfs_error(error, entry.path))?);
        source.check()?;
    }
    files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    let paths: Vec<String> = files.iter().map(|file| file.path.clone()).collect();
    Ok(Facts { annotated: annotated(&paths), files })
}

/// The content of a file of a package, from its start to its end.
struct Content<'s> {
    source: &'s Source,
    offset: u64,
}

impl Read for Content<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = self.source.size() - self.offset;
        let length = buffer.len().min(usize::try_from(rest).unwrap_or(usize::MAX));
        self.source.read(&mut buffer[..length], self.offset).map_err(io::Error::other)?;
        self.offset += length as u64;
        Ok(length)
    }
}

fn unixfs_error(error: io::Error, path: &str) -> UnixfsError {
    error.downcast::<UnixfsError>().unwrap_or_else(|source| UnixfsError::Io { path: path.into(), source })
}

fn file(content: impl Read, name: &str, progress: &dyn Fn(u64)) -> io::Result<FileFact> {
    let mut reader = BufReader::with_capacity(1 << 20, Tee { content, sha256: Sha256::new(), bytes: 0, progress });
    let table = match media_type(name) {
        "application/jsonlines" => json_lines(&mut reader)?,
        "text/csv" => separated(&mut reader, b',')?,
        "text/tsv" => separated(&mut reader, b'\t')?,
        _ => None,
    };
    // What the parser did not want is still hashed.
    io::copy(&mut reader, &mut io::sink())?;
    let tee = reader.into_inner();
    let (records, fields) = table.map_or((None, Vec::new()), |table| (Some(table.records), table.fields));
    let sha256 = tee.sha256.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(FileFact { path: name.to_owned(), bytes: tee.bytes, sha256, fields, records })
}

/// Hashes what is read through it.
struct Tee<'p, R> {
    content: R,
    sha256: Sha256,
    bytes: u64,
    progress: &'p dyn Fn(u64),
}

impl<R: Read> Read for Tee<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.content.read(buffer)?;
        self.sha256.update(&buffer[..read]);
        self.bytes += read as u64;
        (self.progress)(read as u64);
        Ok(read)
    }
}

/// A table while it is read.
#[derive(Default)]
struct Table {
    records: u64,
    fields: Vec<FieldFact>,
    places: BTreeMap<String, usize>,
}

impl Table {
    fn place(&mut self, name: &str) -> usize {
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        let place = self.fields.len();
        self.fields.push(FieldFact { name: name.to_owned(), kind: None, repeated: false });
        self.places.insert(name.to_owned(), place);
        place
    }

    fn see(&mut self, place: usize, kind: Option<FieldKind>, repeated: bool) {
        let Some(kind) = kind else { return };
        let field = &mut self.fields[place];
        field.kind = Some(match field.kind {
            // A list in one line and none in another has no type that a loader could take.
            Some(known) if field.repeated == repeated => known.with(kind),
            Some(_) => FieldKind::Nested,
            None => kind,
        });
        field.repeated = repeated;
    }
}

/// The fields of JSON lines; `None` when a line is no object.
fn json_lines<R: Read>(reader: &mut BufReader<R>) -> io::Result<Option<Table>> {
    let (mut table, mut line) = (Table::default(), Vec::new());
    loop {
        line.clear();
        if reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(Some(table));
        }
        if line.len() as u64 == MAX_LINE {
            return Ok(None);
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let Ok(Value::Object(row)) = serde_json::from_slice::<Value>(&line) else { return Ok(None) };
        table.records += 1;
        for (name, value) in &row {
            let place = table.place(name);
            match value {
                Value::Array(items) => {
                    let kinds = items.iter().map(|item| scalar(item).unwrap_or(FieldKind::Nested));
                    let kind = kinds.reduce(FieldKind::with);
                    table.see(place, kind, true);
                }
                Value::Null => {}
                other => table.see(place, Some(scalar(other).unwrap_or(FieldKind::Nested)), false),
            }
        }
        if table.fields.len() > MAX_FIELDS {
            return Ok(None);
        }
    }
}

fn scalar(value: &Value) -> Option<FieldKind> {
    match value {
        Value::Bool(_) => Some(FieldKind::Boolean),
        Value::Number(number) if number.is_f64() => Some(FieldKind::Float),
        Value::Number(_) => Some(FieldKind::Integer),
        Value::String(_) => Some(FieldKind::Text),
        _ => None,
    }
}

/// The columns of a file with a header; `None` when rows have other lengths or are no UTF-8.
fn separated<R: Read>(reader: &mut BufReader<R>, delimiter: u8) -> io::Result<Option<Table>> {
    let mut rows = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(reader);
    let mut table = Table::default();
    match rows.headers() {
        Ok(header) if !header.is_empty() && header.len() <= MAX_FIELDS => {
            for name in header.iter() {
                // Two columns of one name can't be told apart by it.
                if name.is_empty() || table.places.contains_key(name) {
                    return Ok(None);
                }
                table.place(name);
            }
        }
        Ok(_) => return Ok(None),
        Err(error) => return broken(error),
    }
    let mut row = csv::StringRecord::new();
    loop {
        match rows.read_record(&mut row) {
            Ok(false) => return Ok(Some(table)),
            Ok(true) => {
                table.records += 1;
                for (place, cell) in row.iter().enumerate() {
                    table.see(place, cell_kind(cell), false);
                }
            }
            Err(error) => return broken(error),
        }
    }
}

/// A file that is no table is a file; one that can't be read is an error.
fn broken(error: csv::Error) -> io::Result<Option<Table>> {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => Err(error),
        _ => Ok(None),
    }
}

fn cell_kind(cell: &str) -> Option<FieldKind> {
    let cell = cell.trim();
    if cell.is_empty() {
        return None;
    }
    Some(if cell.parse::<i64>().is_ok() {
        FieldKind::Integer
    } else if cell.parse::<f64>().is_ok_and(f64::is_finite) {
        FieldKind::Float
    } else if matches!(cell, "true" | "false" | "True" | "False" | "TRUE" | "FALSE") {
        FieldKind::Boolean
    } else {
        FieldKind::Text
    })
}

/// Images in one folder and XML documents of the same names in another, as for Pascal VOC.
fn annotated(paths: &[String]) -> Option<AnnotatedImages> {
    let stem = |path: &str| path.rsplit('/').next()?.rsplit_once('.').map(|(stem, _)| stem.to_owned());
    let documents: Vec<_> = paths.iter().filter(|path| path.ends_with(".xml")).collect();
    let folder = documents.first()?.rsplit_once('/').map_or("", |(folder, _)| folder);
    let annotations = if folder.is_empty() { "*.xml".to_owned() } else { format!("{folder}/*.xml") };
    let stems: std::collections::BTreeSet<_> =
        documents.iter().filter(|path| glob::matches(&annotations, path)).filter_map(|path| stem(path)).collect();
    let images: Vec<_> = paths.iter().filter(|path| media_type(path).starts_with("image/")).collect();
    let matched = images.iter().filter(|path| stem(path).is_some_and(|stem| stems.contains(&stem))).count();
    // Documents that annotate something else are none of these.
    if images.is_empty() || matched * 2 < images.len() {
        return None;
    }
    let mut patterns: Vec<_> = images
        .iter()
        .filter_map(|path| {
            let extension = path.rsplit_once('.')?.1;
            Some(match path.rsplit_once('/') {
                Some((folder, _)) => format!("{folder}/*.{extension}"),
                None => format!("*.{extension}"),
            })
        })
        .collect();
    patterns.sort();
    patterns.dedup();
    Some(AnnotatedImages { images: patterns, annotations })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    fn facts(name: &str, text: &[u8]) -> FileFact {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(name), text).unwrap();
        read(dir.path(), &[name.to_owned()], &|_| {}).unwrap().files.remove(0)
    }

    fn kinds(fact: &FileFact) -> Vec<(&str, Option<FieldKind>, bool)> {
        fact.fields.iter().map(|field| (field.name.as_str(), field.kind, field.repeated)).collect()
    }

    #[test]
    fn fields_of_json_lines_hold_every_line() {
        let text =
            b"{\"a\":1,\"b\":\"x\"}\n{\"a\":2.5,\"c\":[1,2],\"d\":null}\r\n\n{\"a\":null,\"b\":true,\"e\":{\"x\":1}}\n";
        let fact = facts("t.jsonl", text);
        assert_eq!(fact.records, Some(3));
        assert_eq!(
            kinds(&fact),
            [
                ("a", Some(FieldKind::Float), false),
                ("b", Some(FieldKind::Text), false),
                ("c", Some(FieldKind::Integer), true),
                ("d", None, false),
                ("e", Some(FieldKind::Nested), false),
            ]
        );
        assert_eq!(fact.bytes, text.len() as u64);
    }

    #[test]
    fn what_is_no_table_is_still_hashed() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(facts("e.jsonl", b"").sha256, empty);
        // `printf 'a,b\n1\n' | sha256sum`
        let ragged = facts("r.csv", b"a,b\n1\n");
        assert_eq!(ragged.records, None);
        assert_eq!(ragged.sha256, "551cf7e87e04261c5fc4f1a58b2598b1ddf3b221711faf2ce212b1692b233988");
        assert!(facts("l.jsonl", b"[1]\n").fields.is_empty());
        assert!(facts("b.csv", b"a,b\n\xff,1\n").fields.is_empty());
        assert!(facts("d.csv", b"a,a\n1,2\n").fields.is_empty());
    }

    #[test]
    fn columns_have_the_type_of_all_their_cells() {
        let fact = facts("t.csv", b"n,x,t,e\n1,1.5,a,\n2,2,\"b,c\",\n");
        assert_eq!(
            kinds(&fact),
            [
                ("n", Some(FieldKind::Integer), false),
                ("x", Some(FieldKind::Float), false),
                ("t", Some(FieldKind::Text), false),
                ("e", None, false),
            ]
        );
    }
}
