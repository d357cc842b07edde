//! Files with many records inside that need a parser: read once more after they were hashed, file by file on all cores.

use std::sync::Arc;

use alloy_primitives::B256;
use rayon::prelude::*;

use super::{Field, Record, RecordError, RecordFormat, arrow, csv, format, parquet, tfrecord, webdataset};
use crate::unixfs::{Package, Source};

/// An open file, for the readers of formats.
pub(super) struct Input<'a> {
    pub source: Arc<Source>,
    /// Path within the package.
    pub path: &'a str,
    /// Whether fields are wanted, or keys only.
    pub fields: bool,
}

/// Takes the key of a record, its number in the file counted from 1, and its fields; none when only keys are wanted.
/// False ends the reading.
pub(super) type Visit<'a> = dyn FnMut(B256, u64, &[Field<'_>]) -> bool + 'a;

impl Input<'_> {
    /// An error at a place within the file.
    pub fn damaged(&self, place: impl Into<String>, reason: impl Into<String>) -> RecordError {
        RecordError::Damaged { path: self.path.to_owned(), place: place.into(), reason: reason.into() }
    }
}

/// Whether a file has records of the format inside.
pub(super) fn wants(format: &RecordFormat, path: &str) -> bool {
    match format {
        RecordFormat::Csv => format::is_csv(path),
        RecordFormat::Parquet => format::is_parquet(path),
        RecordFormat::Arrow => format::is_arrow(path),
        RecordFormat::Tfrecord => format::is_tfrecord(path),
        RecordFormat::Webdataset => format::is_tar(path),
        RecordFormat::File | RecordFormat::Jsonl | RecordFormat::ImageAnnotations { .. } => false,
    }
}

/// Gives the records of one file in order; of a file without records, nothing. A file that changed meanwhile is an error.
pub(super) fn read(
    package: &Package,
    format: &RecordFormat,
    file: usize,
    fields: bool,
    visit: &mut Visit<'_>,
) -> Result<(), RecordError> {
    let path = package.entry(file).path;
    if !wants(format, path) {
        return Ok(());
    }
    let input = Input { source: Arc::new(package.open(file)?), path, fields };
    let outcome = match format {
        RecordFormat::Csv => csv::read(&input, visit),
        RecordFormat::Parquet => parquet::read(&input, visit),
        RecordFormat::Arrow => arrow::read(&input, visit),
        RecordFormat::Tfrecord => tfrecord::read(&input, visit),
        RecordFormat::Webdataset => webdataset::read(&input, visit),
        RecordFormat::File | RecordFormat::Jsonl | RecordFormat::ImageAnnotations { .. } => Ok(()),
    };
    // What looks broken may only have changed.
    input.source.check()?;
    outcome
}

/// The records of all files; the error of the first file that has one.
pub(super) fn records(package: &Package, format: &RecordFormat) -> Result<Vec<Record>, RecordError> {
    let count = package.entries().len();
    if let Some(entry) = package.entries().find(|entry| format.is_compressed(entry.path)) {
        return Err(RecordError::Compressed { path: entry.path.to_owned() });
    }
    let of_file = |file| {
        let mut records = Vec::new();
        read(package, format, file, false, &mut |key, line, _| {
            records.push(Record { key, file, line });
            true
        })?;
        Ok(records)
    };
    let found: Vec<Result<Vec<Record>, RecordError>> = (0..count).into_par_iter().map(of_file).collect();
    let mut all = Vec::new();
    for records in found {
        all.extend(records?);
    }
    Ok(all)
}
