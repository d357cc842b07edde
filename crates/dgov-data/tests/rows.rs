//! Records inside files: keys by their definition, fields, broken files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod common;

use alloy_primitives::B256;
use common::{Folder, one, read, rows};
use crc32c::crc32c;
use dgov_data::records::{self, RecordError, RecordFormat, detect};
use dgov_data::unixfs::{Options, plan};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

fn sha256(parts: &[&[u8]]) -> B256 {
    B256::new(Sha256::digest(parts.concat()).into())
}

fn csv_key(fields: &[&str]) -> B256 {
    let mut bytes = vec![0, 3];
    bytes.extend((fields.len() as u32).to_be_bytes());
    for field in fields {
        bytes.extend((field.len() as u32).to_be_bytes());
        bytes.extend(field.as_bytes());
    }
    sha256(&[&bytes])
}

#[test]
fn rows_of_csv() {
    let text = "\u{feff}id,text,empty\r\n1,\"a, \"\"b\"\"\nc\",\r\n2,é,\"\"\n3,\"x\",y";
    let rows = one("a.csv", text, &RecordFormat::Csv).unwrap();
    let keys: Vec<_> = rows.iter().map(|row| row.0).collect();
    assert_eq!(keys, [csv_key(&["1", "a, \"b\"\nc", ""]), csv_key(&["2", "é", ""]), csv_key(&["3", "x", "y"])]);
    assert_eq!(rows[0].1, 1);
    assert_eq!(rows[0].2, ["id=Text(\"1\")", "text=Text(\"a, \\\"b\\\"\\nc\")", "empty=Null"]);
    assert_eq!(one("a.TSV", "a\tb\n1,2\t3\n", &RecordFormat::Csv).unwrap()[0].0, csv_key(&["1,2", "3"]));
    let quoted = one("a.csv", "\u{feff}\"a\",b\n1,\u{feff}2\n", &RecordFormat::Csv).unwrap();
    assert_eq!((quoted[0].0, &*quoted[0].2[0]), (csv_key(&["1", "\u{feff}2"]), "a=Text(\"1\")"));
    assert_eq!(records::csv_key(["1", "x"].into_iter()), csv_key(&["1", "x"]));
}

#[test]
fn broken_csv_is_refused_with_its_place() {
    for (text, place, reason) in [
        ("a,b\n1,2\n3\n", "line 3, byte 8", "1 fields, but the header has 2"),
        ("a,b\n1,2,3\n", "line 2, byte 4", "3 fields"),
        ("a,b\n\n1,2\n", "line 2, byte 4", "blank"),
        ("a,b\n1,2\n\n", "line 3, byte 8", "blank"),
        ("a\n\"1\n\"\n\"2", "line 4, byte 7", "ends inside a quoted field"),
        ("a\n1\"2\n", "line 2, byte 2", "a quote inside"),
        ("a\n\"1\"2\n", "line 2, byte 2", "text behind"),
        ("a\n1\r2\n", "line 2, byte 2", "carriage return"),
        ("a\n1\r", "line 2, byte 2", "carriage return"),
        ("a,a\n1,2\n", "line 1, byte 0", "two columns are named `a`"),
    ] {
        let error = one("x.csv", text, &RecordFormat::Csv).expect_err(text);
        assert!(error.starts_with(&format!("x.csv, {place}: ")) && error.contains(reason), "{text:?}: {error}");
    }
    assert!(one("x.csv", b"a\n\xff\n", &RecordFormat::Csv).unwrap_err().contains("not UTF-8"));
    assert!(one("x.csv", "a\n", &RecordFormat::Csv).unwrap_err().contains("no records"));
    let compressed = Folder::new();
    compressed.write("x.csv.gz", "a\n");
    compressed.write("y.csv", "a\n1\n");
    assert!(matches!(read(&compressed, &RecordFormat::Csv), Err(RecordError::Compressed { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// What is accepted means the same to the crate that everybody uses.
    #[test]
    fn accepted_csv_is_read_as_others_read_it(text in "[ab,\"\r\n]{0,30}") {
        let text = format!("h\n{text}");
        if let Ok(rows) = records::csv_rows(text.as_bytes(), b',') {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let others: Vec<Vec<String>> =
                reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
            // The crate drops rows of one empty quoted field at the very end; nothing else may differ.
            prop_assert_eq!(rows, others);
        }
    }
}

fn masked(crc: u32) -> [u8; 4] {
    (crc.rotate_right(15).wrapping_add(0xa282_ead8)).to_le_bytes()
}

fn tfrecord(payloads: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for payload in payloads {
        let length = (payload.len() as u64).to_le_bytes();
        bytes.extend([&length[..], &masked(crc32c(&length)), payload, &masked(crc32c(payload))].concat());
    }
    bytes
}

/// Example { label: 7, name: "cat", score: [0.5, 2.0] }, as protocol buffers encode it.
const EXAMPLE: &[u8] = b"\x0a\x3d\
    \x0a\x0e\x0a\x05label\x12\x05\x1a\x03\x0a\x01\x07\
    \x0a\x0f\x0a\x04name\x12\x07\x0a\x05\x0a\x03cat\
    \x0a\x1a\x0a\x05score\x12\x11\x12\x0f\x0a\x08\x00\x00\x00\x3f\x00\x00\x00\x40\x0d\x00\x00\x80\x3f";

#[test]
fn records_of_tfrecord() {
    // Framed by a script of its own, with a bitwise CRC-32C.
    let framed = b"\x03\0\0\0\0\0\0\0\xb0\x99\x49\x0efoo\x61\x8a\xbe\xfe";
    assert_eq!(tfrecord(&[b"foo"]), framed);
    let rows = one("a.tfrecord-00000-of-00002", tfrecord(&[b"", EXAMPLE, b"\xff"]), &RecordFormat::Tfrecord).unwrap();
    let keys: Vec<_> = rows.iter().map(|row| row.0).collect();
    assert_eq!(keys, [sha256(&[&[0, 5]]), sha256(&[&[0, 5], EXAMPLE]), sha256(&[&[0, 5, 255]])]);
    assert_eq!(rows[1].2[..2], ["label=Integer(7)", "name=Text(\"cat\")"]);
    assert_eq!(rows[1].2[2], "score=Nested(Array [Number(0.5), Number(2.0), Number(1.0)])");
    assert_eq!(rows[2].2, ["payload=Bytes([255])"]);
}

#[test]
fn every_damage_of_a_tfrecord_is_noticed() {
    let good = tfrecord(&[b"abc", EXAMPLE]);
    for bit in 0..good.len() * 8 {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        let error = one("a.tfrecord", &bad, &RecordFormat::Tfrecord).expect_err("a flipped bit");
        assert!(error.contains("byte 0") || error.contains("record 2, byte 19"), "{error}");
    }
    for length in (1..good.len()).filter(|length| *length != 19) {
        assert!(one("a.tfrecord", &good[..length], &RecordFormat::Tfrecord).is_err(), "{length}");
    }
    let mut lying = u64::MAX.to_le_bytes().to_vec();
    lying.extend(masked(crc32c(&lying)));
    assert!(one("a.tfrecord", &lying, &RecordFormat::Tfrecord).unwrap_err().contains("the file ends before"));
}

#[test]
fn formats_are_detected_by_the_names_of_data_files() {
    for (names, format) in [
        (&["a.csv", "b/c.tsv", "README.md"][..], RecordFormat::Csv),
        (&["a.tfrecord", "b.tfrecords", "c.tfrecord-00000-of-00010"], RecordFormat::Tfrecord),
        (&["a.csv", "b.jsonl"], RecordFormat::File),
        (&["train-0000.tar", "x/test-0000.tar", "x/test-0001.tar", "README.md"], RecordFormat::Webdataset),
        (&["001.tar", "002.tar"], RecordFormat::Webdataset),
        (&["backup-2024.tar"], RecordFormat::File),
        (&["000.tar", "model.tar"], RecordFormat::File),
        (&["a.jsonl", "contributors.csv"], RecordFormat::Jsonl),
        (&["a.jsonl", "croissant.json", "profile.json", "robots.txt", "tdmrep.json"], RecordFormat::Jsonl),
        (&["a.csv", "a.croissant.json", "dataset_infos.json"], RecordFormat::Csv),
        (&["profile.csv"], RecordFormat::Csv),
        (&["a.jsonl", "more.json"], RecordFormat::File),
    ] {
        let folder = Folder::new();
        for name in names {
            folder.write(name, "");
        }
        assert_eq!(detect(&plan(&folder.path(), &Options::default()).unwrap()), format, "{names:?}");
    }
}

#[test]
fn rows_of_lines_files_and_images_have_the_keys_of_the_push() {
    let folder = Folder::new();
    folder.write("a.jsonl", "{\"a\":1,\"b\":null}\r\n[2]\n\n");
    let lines = rows(&folder, &RecordFormat::Jsonl).unwrap();
    assert_eq!(lines[0].2, ["a=Integer(1)", "b=Null"]);
    folder.write("images/a.gif", b"GIF89a\x02\0\x03\0\0\0\0\0\0\0");
    folder.write("annotations/a.xml", "<annotation/>");
    assert_eq!(rows(&folder, &RecordFormat::File).unwrap().len(), 3);
    let images = RecordFormat::ImageAnnotations { images: None, annotations: "annotations/*.xml".to_owned() };
    let found = rows(&folder, &images).unwrap();
    assert!(found[0].2.contains(&"width=Integer(2)".to_owned()), "{found:?}");
    let broken = Folder::new();
    broken.write("a.jsonl", "{\"a\":1}\n{\"a\":\n");
    assert!(rows(&broken, &RecordFormat::Jsonl).unwrap_err().to_string().starts_with("a.jsonl:2"));
    let deep = Folder::new();
    deep.write("a.jsonl", "[".repeat(100_000));
    assert!(rows(&deep, &RecordFormat::Jsonl).unwrap_err().to_string().starts_with("a.jsonl:1"));
}

fn vectors() -> (Vec<String>, Vec<(String, Vec<u8>)>) {
    let text = include_str!("vectors/typed_rows.json");
    let vectors: serde_json::Value = serde_json::from_str(text).unwrap();
    let keys = vectors["keys"].as_array().unwrap().iter().map(|key| key.as_str().unwrap().to_owned()).collect();
    let files = vectors["files"].as_object().unwrap().iter();
    let hex = |data: &serde_json::Value| alloy_primitives::hex::decode(data.as_str().unwrap()).unwrap();
    (keys, files.map(|(name, data)| (name.clone(), hex(data))).collect())
}

fn typed(name: &str) -> RecordFormat {
    if name.ends_with(".parquet") { RecordFormat::Parquet } else { RecordFormat::Arrow }
}

/// One table that pyarrow wrote in twelve ways, and the keys that an implementation in Python gives its rows.
#[test]
fn typed_rows_have_the_keys_that_another_implementation_computes() {
    let (keys, files) = vectors();
    assert_eq!((keys.len(), files.len()), (3, 12));
    for (name, content) in files {
        let rows = one(&name, &content, &typed(&name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(rows.iter().map(|row| row.0.to_string()).collect::<Vec<_>>(), keys, "{name}");
        assert!(rows[0].2.contains(&"dictionary=Text(\"x\")".to_owned()), "{:?}", rows[0].2);
        assert!(rows[2].2.contains(&"map=Null".to_owned()), "{:?}", rows[2].2);
    }
}

#[test]
fn a_lost_dictionary_is_an_error() {
    let content = vectors().1.into_iter().find(|(name, _)| name == "zstd.parquet").unwrap().1;
    let error = |content: &[u8]| one("a.parquet", content, &RecordFormat::Parquet).unwrap_err();
    // The first page: a dictionary (2, doubled).
    assert_eq!(content[4..6], [0x15, 4]);
    // As a page that readers pass over, the dictionary is missing, which the parser of this version answers with a panic.
    let mut lost = content;
    lost[5] = 2;
    let refused = error(&lost);
    assert!(refused.starts_with("a.parquet, ") && refused.contains("its parser does not know"), "{refused}");
    assert!(!records::panic_is_caught());
}

/// A file that was cut anywhere is refused; one that was changed is refused or read without harm.
#[test]
fn broken_typed_files_are_errors() {
    let mut random = common::KeyStream::new("broken typed files");
    let mut draw = move |below: usize| u64::from_le_bytes(random.bytes(8).try_into().unwrap()) as usize % below;
    let (mut refused, mut cases) = (0, 0);
    for (name, content) in vectors().1 {
        for length in
            [0, 3, 8, 11, content.len() / 2, content.len() - 1].into_iter().chain((0..20).map(|_| draw(content.len())))
        {
            assert!(one(&name, &content[..length], &typed(&name)).is_err(), "{name} cut at {length}");
        }
        for _ in 0..200 {
            let mut bad = content.clone();
            for _ in 0..=draw(4) {
                let at = draw(bad.len());
                match draw(4) {
                    0 => bad[at] ^= 1 << draw(8),
                    1 => bad[at] = [0, 1, 0x7f, 0x80, 0xff][draw(5)],
                    2 => bad[at..].iter_mut().take(8).for_each(|byte| *byte = 0xff),
                    _ => {
                        bad.drain(at..(at + draw(16)).min(content.len().min(at + 1)));
                    }
                }
            }
            cases += 1;
            refused += u32::from(one(&name, &bad, &typed(&name)).is_err());
        }
    }
    assert!(refused > cases / 4, "{refused} of {cases}");
}
