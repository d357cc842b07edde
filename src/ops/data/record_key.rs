//! The key of a record that lies in a file of its own.

use alloy::primitives::B256;
use camino::Utf8Path;
use dgov_data::records::{self, RecordFormat, file_key, image_key, jsonl_key};
use dgov_data::unixfs::{self, Options, Profile, hash_bytes};

use super::package::{record_error, unixfs_error};
use crate::error::{Error, Result};
use crate::ops::names::word;

/// The key of a record that is given as its 0x key, or as the file that it lies in.
///
/// # Errors
/// Those of reading the file as one record of the format.
pub fn of(text: &str, format: &str) -> Result<B256> {
    match word(text) {
        Some(key) => Ok(key),
        None => of_file(Utf8Path::new(text), format),
    }
}

/// The key that the record in a file has in a dataset of this format.
///
/// # Errors
/// Input for a missing file, one with several records, and a format whose records can't lie in a file of their own.
fn of_file(path: &Utf8Path, format: &str) -> Result<B256> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(Error::input("record.no_file", format!("there is no file {path}"))
                .hint("give a file with the record, or its 0x key"));
        }
        Err(error) => return Err(Error::from(error)),
    };
    match format {
        "jsonl" => {
            let line = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.contains(&b'\n') {
                return Err(Error::input("record.many_lines", format!("{path} holds more than one line"))
                    .hint("a record of this dataset is one line; put it into a file of its own"));
            }
            Ok(jsonl_key(line))
        }
        "image-annotations" => {
            let mut digests: Vec<[u8; 32]> = Vec::new();
            if let Some(bytes) = annotation_of(path) {
                digests.push(crate::ops::documents::digest(&bytes).0);
            }
            Ok(image_key(&hash_bytes(Profile::V1_2025, &bytes), &mut digests))
        }
        "file" => Ok(file_key(&hash_bytes(Profile::V1_2025, &bytes))),
        "csv" => only_record(path, &RecordFormat::Csv),
        "parquet" => only_record(path, &RecordFormat::Parquet),
        "arrow" => only_record(path, &RecordFormat::Arrow),
        "tfrecord" => only_record(path, &RecordFormat::Tfrecord),
        "webdataset" => only_record(path, &RecordFormat::Webdataset),
        other => Err(Error::input("record.format", format!("a record of the format {other} is no file of its own"))
            .hint("give its 0x key: `dgov data prove NAME --record FILE:LINE` names it")),
    }
}

/// The key of the one record inside a file.
fn only_record(path: &Utf8Path, format: &RecordFormat) -> Result<B256> {
    let plan = unixfs::plan(path, &Options::default()).map_err(unixfs_error)?;
    let (_, set) = records::read(plan, format, &(), &|_| ()).map_err(record_error)?;
    match set.records() {
        [record] => Ok(record.key),
        several => Err(Error::input("record.many_records", format!("{path} holds {} records", several.len()))
            .hint("put the one that is meant into a file of its own, with the same header or schema")),
    }
}

/// The annotation document of an image, where it lies in the layout of the dataset or beside the image.
fn annotation_of(image: &Utf8Path) -> Option<Vec<u8>> {
    let name = format!("{}.xml", image.file_stem()?);
    let beside = image.with_file_name(&name);
    let sibling = image.parent()?.parent().map(|dir| dir.join("annotations").join(&name));
    [Some(beside), sibling].into_iter().flatten().find_map(|path| std::fs::read(path).ok())
}
