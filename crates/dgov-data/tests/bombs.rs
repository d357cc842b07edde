//! Small files that would unpack to more memory than they announce: refused, in little memory. One test, because the
//! measure is that of the whole process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, missing_docs)]

mod common;

use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;
use common::one;
use dgov_data::records::RecordFormat;
use parquet::basic::{Compression, Repetition, Type as Physical};
use parquet::column::writer::ColumnCloseResult;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{ColumnPath, SchemaDescriptor, Type};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const MIB: usize = 1 << 20;

/// A number as Thrift's compact protocol has it.
fn zigzag(value: usize) -> Vec<u8> {
    let (mut value, mut out) = (value * 2, Vec::new());
    while value > 0x7f {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

/// The header of a data page of 32-bit numbers without nulls.
fn header(unpacked: usize, stored: usize, values: usize) -> Vec<u8> {
    let field = |value| [vec![0x15], zigzag(value)].concat();
    [field(0), field(unpacked), field(stored), vec![0x2c], field(values), field(0), field(3), field(3), vec![0, 0]]
        .concat()
}

/// A file with one column whose only page has these bytes, and says that they unpack to `unpacked`, with so many rows.
fn parquet(codec: Compression, page: &[u8], unpacked: usize, rows: usize) -> Vec<u8> {
    let column = Type::primitive_type_builder("n", Physical::INT32).with_repetition(Repetition::REQUIRED);
    let column = Arc::new(column.build().unwrap());
    let schema = Arc::new(Type::group_type_builder("schema").with_fields(vec![column]).build().unwrap());
    let chunk = [header(unpacked, page.len(), rows), page.to_vec()].concat();
    let descriptor = SchemaDescriptor::new(Arc::clone(&schema));
    assert_eq!(descriptor.column(0).path(), &ColumnPath::from("n"));
    let metadata = ColumnChunkMetaData::builder(descriptor.column(0))
        .set_compression(codec)
        .set_num_values(rows as i64)
        .set_total_compressed_size(chunk.len() as i64)
        .set_total_uncompressed_size(unpacked.min(1 << 30) as i64)
        .set_data_page_offset(0)
        .build()
        .unwrap();
    let close = ColumnCloseResult {
        bytes_written: chunk.len() as u64,
        rows_written: rows as u64,
        metadata,
        bloom_filter: None,
        column_index: None,
        offset_index: None,
    };
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(WriterProperties::new())).unwrap();
    let mut group = writer.next_row_group().unwrap();
    group.append_column(&Bytes::from(chunk), close).unwrap();
    group.close().unwrap();
    writer.into_inner().unwrap()
}

/// So many MiB of zeros, packed.
fn packed(codec: Compression, mib: usize) -> Vec<u8> {
    let zeros = vec![0; MIB];
    match codec {
        Compression::GZIP(_) => {
            // Several streams in a row are one, so that one of them can be packed and repeated.
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(&zeros).unwrap();
            encoder.finish().unwrap().repeat(mib)
        }
        Compression::BROTLI(_) => {
            let mut out = Vec::new();
            let mut encoder = brotli::CompressorWriter::new(&mut out, 4_096, 1, 22);
            (0..mib).for_each(|_| encoder.write_all(&zeros).unwrap());
            drop(encoder);
            out
        }
        _ => {
            let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
            (0..mib).for_each(|_| encoder.write_all(&zeros).unwrap());
            encoder.finish().unwrap()
        }
    }
}

/// The most memory that reading a file takes beyond the file itself, and what comes of it.
fn measured(content: &[u8]) -> (usize, Result<usize, String>) {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    let outcome = one("a.parquet", content, &RecordFormat::Parquet).map(|rows| rows.len());
    (MEMORY.peak_usage() - before, outcome)
}

#[test]
fn pages_that_unpack_to_more_than_they_announce_are_refused_in_little_memory() {
    let codecs = [Compression::GZIP(Default::default()), Compression::BROTLI(Default::default()), Compression::LZ4];
    for codec in codecs {
        let honest = parquet(codec, &packed(codec, 1), MIB, MIB / 4);
        assert_eq!(measured(&honest).1, Ok(MIB / 4), "{codec}");
        let bomb = packed(codec, 700);
        let (peak, outcome) = measured(&parquet(codec, &bomb, 4_096, 1_024));
        let error = outcome.expect_err("a bomb");
        assert!(error.contains("unpacks to more than the 4096 bytes it announces"), "{codec}: {error}");
        assert!(peak < 64 * MIB + 2 * bomb.len(), "{codec}: {} MiB", peak / MIB);
        eprintln!("{codec}: 700 MiB in {} KiB, refused with a peak of {} KiB", bomb.len() / 1024, peak / 1024);
    }
    let lying = i32::MAX as usize;
    let (peak, outcome) = measured(&parquet(codecs[0], &packed(codecs[0], 1), lying, 1_024));
    let error = outcome.expect_err("a page that is too large");
    assert!(error.contains("a page of 2147483647 bytes when unpacked") && peak < 64 * MIB, "{peak}: {error}");
    // Too small for more than the largest page: the parser may find out by itself.
    let (peak, outcome) = measured(&parquet(codecs[0], &packed(codecs[0], 400), 4_096, 1_024));
    assert!(outcome.is_err() && peak < 1_200 * MIB, "{} MiB", peak / MIB);
}
