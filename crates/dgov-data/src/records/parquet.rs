//! Rows of Parquet files, page by page.
//!
//! Before a parser sees a file, what its footer claims is compared with the file: where column chunks lie, how large they are,
//! how many rows there are. Memory is that of the pages being read, one for each column.

use std::io::{self, Read};
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema};
use bytes::Bytes;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::basic::Type as Physical;
use parquet::errors::ParquetError;
use parquet::file::FOOTER_SIZE;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::{ChunkReader, Length};

use super::guard::guarded;
use super::inside::{Input, Visit};
use super::pages::Pages;
use super::{RecordError, typed};
use crate::unixfs::Source;

/// Rows decoded at a time,
const BATCH: usize = 1_024;
/// and most values of a list column, and bytes of a column of fixed length, when rows are large.
const BATCH_VALUES: u64 = 1 << 20;
const BATCH_BYTES: u64 = 64 << 20;
/// Most values of a list column in a row group: a list of nulls has any length in a few bytes.
const MAX_VALUES: i64 = 1 << 27;
/// Most bytes read at a time: a page, or the footer.
const MAX_PART: usize = 256 << 20;
/// Most bytes of a page header: it may hold the smallest and largest value of the page.
const MAX_HEADER: u64 = 16 << 20;
/// Most bytes of a column of one row group when it is unpacked.
const MAX_CHUNK: i64 = 1 << 30;
/// Most rows that a byte of a file can stand for: enough for columns of one value, too few to keep a machine busy for days.
const MAX_ROWS_PER_BYTE: u64 = 4_096;

#[derive(Clone)]
struct Shared {
    source: Arc<Source>,
    pages: Arc<Pages>,
}

/// Reads on from an offset.
struct Cursor {
    shared: Shared,
    offset: u64,
    /// Whether a page header comes first.
    header: bool,
}

impl Read for Cursor {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Shared { source, pages } = &self.shared;
        let rest = source.size().saturating_sub(self.offset);
        let length = buffer.len().min(usize::try_from(rest).unwrap_or(usize::MAX));
        source.read(&mut buffer[..length], self.offset).map_err(io::Error::other)?;
        if std::mem::take(&mut self.header)
            && !pages.header(self.offset, &buffer[..length]).map_err(io::Error::other)?
        {
            let mut long = vec![0; usize::try_from(rest.min(MAX_HEADER)).unwrap_or_default()];
            source.read(&mut long, self.offset).map_err(io::Error::other)?;
            if !pages.header(self.offset, &long).map_err(io::Error::other)? {
                return Err(io::Error::other("a page header that does not end"));
            }
        }
        self.offset += length as u64;
        Ok(length)
    }
}

impl Length for Shared {
    fn len(&self) -> u64 {
        self.source.size()
    }
}

impl ChunkReader for Shared {
    type T = io::BufReader<Cursor>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        // The end of the footer is read in this way, too.
        let header = start < self.source.size().saturating_sub(FOOTER_SIZE as u64);
        Ok(io::BufReader::new(Cursor { shared: self.clone(), offset: start, header }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        if length > MAX_PART {
            return Err(ParquetError::General(format!(
                "a part of {length} bytes; at most {MAX_PART} are read at once"
            )));
        }
        if start.checked_add(length as u64).is_none_or(|end| end > self.source.size()) {
            return Err(ParquetError::EOF(format!("{length} bytes from {start} on are not in the file")));
        }
        let mut bytes = vec![0; length];
        self.source.read(&mut bytes, start).map_err(|error| ParquetError::External(Box::new(error)))?;
        self.pages.check(start, &bytes).map_err(ParquetError::General)?;
        Ok(bytes.into())
    }
}

pub(super) fn read(input: &Input<'_>, visit: &mut Visit<'_>) -> Result<(), RecordError> {
    guarded(input, visit, |visit| rows(input, visit))
}

fn rows(input: &Input<'_>, visit: &mut Visit<'_>) -> Result<(), RecordError> {
    let footer = |reason: String| input.damaged("the footer", reason);
    let pages = Arc::new(Pages::default());
    let shared = Shared { source: Arc::clone(&input.source), pages: Arc::clone(&pages) };
    let metadata = ArrowReaderMetadata::load(&shared, ArrowReaderOptions::new());
    let metadata = metadata.map_err(|error| footer(error.to_string()))?;
    let announced = check(metadata.metadata(), input.source.size()).map_err(footer)?;
    pages.expect(metadata.metadata());
    typed::check_schema(metadata.schema()).map_err(footer)?;
    let schema = Arc::new(views(metadata.schema()));
    let options = ArrowReaderOptions::new().with_schema(Arc::clone(&schema));
    let metadata = ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options);
    let metadata = metadata.map_err(|error| footer(error.to_string()))?;
    let batch = batch(metadata.metadata());
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(shared, metadata);
    let reader = builder.with_batch_size(batch).build().map_err(|error| footer(error.to_string()))?;
    let (mut number, mut bytes) = (0, Vec::new());
    for batch in reader {
        let batch = batch.map_err(|error| input.damaged(format!("behind row {number}"), error.to_string()))?;
        for index in 0..batch.num_rows() {
            number += 1;
            let (key, fields) = typed::row(&batch, &schema, index, input.fields, &mut bytes)
                .map_err(|reason| input.damaged(format!("row {number}"), reason))?;
            if !visit(key, number, &fields) {
                return Ok(());
            }
        }
    }
    if number == announced {
        Ok(())
    } else {
        Err(footer(format!("{announced} rows are announced, {number} are there")))
    }
}

/// The schema with texts and bytes as views of the pages: a value of a dictionary is there once, however many rows have it.
fn views(schema: &Schema) -> Schema {
    let fields: Vec<_> = schema.fields().iter().map(view_field).collect();
    Schema::new_with_metadata(fields, schema.metadata().clone())
}

fn view_field(field: &Arc<Field>) -> Arc<Field> {
    Arc::new(field.as_ref().clone().with_data_type(view(field.data_type())))
}

/// Types are not deeper here than the schema's check allows.
fn view(kind: &DataType) -> DataType {
    match kind {
        DataType::Utf8 | DataType::LargeUtf8 => DataType::Utf8View,
        DataType::Binary | DataType::LargeBinary => DataType::BinaryView,
        DataType::List(item) => DataType::List(view_field(item)),
        DataType::LargeList(item) => DataType::LargeList(view_field(item)),
        DataType::FixedSizeList(item, size) => DataType::FixedSizeList(view_field(item), *size),
        DataType::Map(entries, sorted) => DataType::Map(view_field(entries), *sorted),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(view_field).collect()),
        other => other.clone(),
    }
}

/// How many rows are decoded at a time.
fn batch(metadata: &ParquetMetaData) -> usize {
    let mut batch = BATCH as u64;
    for group in metadata.row_groups() {
        let rows = u64::try_from(group.num_rows()).unwrap_or_default().max(1);
        for column in group.columns() {
            let values = u64::try_from(column.num_values()).unwrap_or_default().div_ceil(rows).max(1);
            if column.column_descr().max_rep_level() > 0 {
                batch = batch.min(BATCH_VALUES / values);
            }
            if column.column_descr().physical_type() == Physical::FIXED_LEN_BYTE_ARRAY {
                let length = u64::try_from(column.column_descr().type_length()).unwrap_or_default().max(1);
                batch = batch.min(BATCH_BYTES / length / values);
            }
        }
    }
    usize::try_from(batch).unwrap_or(BATCH).max(1)
}

/// Compares what the footer says with the file; the number of rows.
fn check(metadata: &ParquetMetaData, size: u64) -> Result<u64, String> {
    let mut rows = 0_u64;
    for (index, group) in metadata.row_groups().iter().enumerate() {
        let wrong = |what: String| format!("row group {}: {what}", index + 1);
        rows = u64::try_from(group.num_rows())
            .ok()
            .and_then(|more| rows.checked_add(more))
            .ok_or_else(|| wrong("a number of rows that can't be".into()))?;
        for column in group.columns() {
            let path = column.column_path();
            let start = column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
            let inside = |offset: i64, length: i64| {
                let (offset, length) = (u64::try_from(offset).ok()?, u64::try_from(length).ok()?);
                offset.checked_add(length).filter(|end| *end <= size)
            };
            if inside(start, column.compressed_size()).is_none() || inside(column.data_page_offset(), 0).is_none() {
                return Err(wrong(format!("column {path} lies outside the file")));
            }
            if column.column_descr().max_rep_level() > 0 && column.num_values() > MAX_VALUES {
                let values = column.num_values();
                return Err(wrong(format!("column {path} has {values} values; write smaller row groups")));
            }
            if !(0..=MAX_CHUNK).contains(&column.uncompressed_size()) {
                let bytes = column.uncompressed_size();
                return Err(wrong(format!("column {path} has {bytes} bytes; write smaller row groups")));
            }
        }
    }
    if rows > size.saturating_mul(MAX_ROWS_PER_BYTE) {
        return Err(format!("{rows} rows in {size} bytes"));
    }
    if u64::try_from(metadata.file_metadata().num_rows()) == Ok(rows) {
        Ok(rows)
    } else {
        Err(format!("{} rows are announced, the row groups have {rows}", metadata.file_metadata().num_rows()))
    }
}
