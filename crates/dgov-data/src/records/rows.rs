//! Records with their fields, file by file: what the profile is made from.

use serde_json::Value as Json;

use super::{Field, Record, RecordError, RecordFormat, RecordSet, Row, Value, inside};
use crate::unixfs::Package;

/// Longest line that is taken apart. A longer one is hashed as a record all the same.
const MAX_LINE: usize = 64 << 20;

/// Gives the records of one file with their fields, in order; of a file without records, nothing. Holds one record at a time.
///
/// Fields of a JSONL record are the members of its object, or `value` when it is none; of a file its path, size and
/// extension; of an image also its width and height in pixels, where its header tells them, and of one with annotations how many
/// objects they name, of which classes, with how many boxes, and how many of those are not inside the image.
///
/// # Errors
/// [`RecordError::Malformed`] for what is no JSON, [`RecordError::Read`], and what `visit` returns.
pub fn rows<E: From<RecordError>>(
    package: &Package,
    set: &RecordSet,
    format: &RecordFormat,
    file: usize,
    visit: &mut dyn FnMut(Row<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let records = set.of_file(file);
    if records.is_empty() {
        return Ok(());
    }
    match format {
        RecordFormat::Jsonl => lines(package, records, file, visit),
        RecordFormat::File => records.iter().try_for_each(|record| visit(row(record, &about_file(package, file)))),
        RecordFormat::Csv
        | RecordFormat::Parquet
        | RecordFormat::Arrow
        | RecordFormat::Tfrecord
        | RecordFormat::Webdataset => {
            let mut outcome = Ok(());
            inside::read(package, format, file, true, &mut |key, line, fields| {
                outcome = visit(Row { key, file, line, fields });
                outcome.is_ok()
            })?;
            outcome
        }
        RecordFormat::ImageAnnotations { .. } => {
            let mut fields = about_file(package, file);
            let size = dimensions(package, file).map_err(E::from)?;
            let pixels = |count: f64| if size.is_some() { Value::Integer(count as i128) } else { Value::Null };
            let (width, height) = size.unwrap_or_default();
            fields.extend([field("width", pixels(width)), field("height", pixels(height))]);
            fields.extend(set.annotations.fields(package, file, size).map_err(E::from)?);
            records.iter().try_for_each(|record| visit(row(record, &fields)))
        }
    }
}

fn row<'a>(record: &Record, fields: &'a [Field<'a>]) -> Row<'a> {
    Row { key: record.key, file: record.file, line: record.line, fields }
}

fn field<'a>(name: &'a str, value: Value<'a>) -> Field<'a> {
    Field { name: name.into(), value }
}

fn about_file(package: &Package, file: usize) -> Vec<Field<'_>> {
    let entry = package.entry(file);
    let name = entry.path.rsplit('/').next().unwrap_or(entry.path);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    vec![
        field("path", Value::Text(entry.path.into())),
        field("bytes", Value::Integer(entry.stamp.size.into())),
        field("extension", Value::Text(extension.to_ascii_lowercase().into())),
    ]
}

/// Bytes of an image that tell its size in every format but some JPEG files with large metadata.
const IMAGE_HEAD: u64 = 256 << 10;

/// Width and height, where the header tells them.
fn dimensions(package: &Package, file: usize) -> Result<Option<(f64, f64)>, RecordError> {
    let source = package.open(file)?;
    let mut head = Vec::new();
    source.for_each_piece(0, source.size().min(IMAGE_HEAD), &mut |piece| {
        head.extend_from_slice(piece);
        true
    })?;
    let size = imagesize::blob_size(&head).ok();
    Ok(size.map(|size| (size.width as f64, size.height as f64)))
}

fn lines<E: From<RecordError>>(
    package: &Package,
    records: &[Record],
    file: usize,
    visit: &mut dyn FnMut(Row<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let source = package.open(file).map_err(RecordError::from)?;
    let mut lines = Lines { path: package.entry(file).path, records, line: Vec::new(), visit };
    let mut outcome = Ok(());
    let read = source.for_each_piece(0, source.size(), &mut |piece| {
        outcome = lines.take(piece);
        outcome.is_ok()
    });
    read.map_err(RecordError::from)?;
    outcome?;
    // The last line of a file needs no LF.
    if lines.line.is_empty() { Ok(()) } else { lines.complete() }
}

struct Lines<'a, E> {
    path: &'a str,
    /// Those of the lines that are still to come.
    records: &'a [Record],
    line: Vec<u8>,
    visit: &'a mut dyn FnMut(Row<'_>) -> Result<(), E>,
}

impl<E: From<RecordError>> Lines<'_, E> {
    fn take(&mut self, mut piece: &[u8]) -> Result<(), E> {
        while let Some(end) = memchr::memchr(b'\n', piece) {
            self.line.extend_from_slice(&piece[..end]);
            piece = &piece[end + 1..];
            self.complete()?;
        }
        self.line.extend_from_slice(piece);
        if self.line.len() > MAX_LINE {
            return Err(self.malformed(format!("it is longer than {} MiB", MAX_LINE >> 20)));
        }
        Ok(())
    }

    fn complete(&mut self) -> Result<(), E> {
        if self.line.last() == Some(&b'\r') {
            self.line.pop();
        }
        // One empty line at the end of a file is no record.
        let Some((record, rest)) = self.records.split_first() else { return Ok(()) };
        let json: Json = serde_json::from_slice(&self.line).map_err(|error| self.malformed(error.to_string()))?;
        let fields = match json {
            Json::Object(members) => {
                let members = members.into_iter();
                members.map(|(name, value)| Field { name: name.into(), value: value_of(value) }).collect()
            }
            other => vec![field("value", value_of(other))],
        };
        self.records = rest;
        self.line.clear();
        (self.visit)(row(record, &fields))
    }

    fn malformed(&self, reason: String) -> E {
        let line = self.records.first().map_or(0, |record| record.line);
        RecordError::Malformed { path: self.path.to_owned(), line, reason }.into()
    }
}

pub(super) fn value_of(json: Json) -> Value<'static> {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(value),
        Json::String(text) => Value::Text(text.into()),
        Json::Number(number) => match number.as_i128() {
            Some(whole) => Value::Integer(whole),
            None => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        nested => Value::Nested(std::borrow::Cow::Owned(nested)),
    }
}
