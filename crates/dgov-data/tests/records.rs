//! Records of every format: keys, places, detection, broken input.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod common;

use std::collections::HashMap;
use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use alloy_primitives::{B256, hex};
use camino::Utf8Path;
use common::Folder;
use dgov_data::records::{self, RecordError, RecordFormat, RecordSet, detect, jsonl_key};
use dgov_data::tree::{Kind, verify};
use dgov_data::unixfs::{Hashed, Memory, Options, Package, Profile, Stamp, Window, plan};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

fn read(path: &Utf8Path, format: &RecordFormat) -> Result<(Package, RecordSet), RecordError> {
    records::read(plan(path, &Options::default()).unwrap(), format, &(), &|_| ())
}

fn records(path: &Utf8Path, format: &RecordFormat) -> Result<RecordSet, RecordError> {
    read(path, format).map(|(_, records)| records)
}

fn lines(content: &[u8]) -> Result<RecordSet, RecordError> {
    let folder = Folder::new();
    folder.write("train.jsonl", content);
    records(&folder.path(), &RecordFormat::Jsonl)
}

fn sha256(parts: &[&[u8]]) -> B256 {
    B256::new(Sha256::digest(parts.concat()).into())
}

fn keys(set: &RecordSet) -> Vec<B256> {
    set.records().iter().map(|record| record.key).collect()
}

#[test]
fn a_line_is_hashed_without_its_end() {
    let expected = [sha256(&[&[0, 2], b"{\"a\":1}"]), sha256(&[&[0, 2], b"[2]"]), sha256(&[&[0, 2], b"3\r x"])];
    for content in [
        "{\"a\":1}\n[2]\n3\r x",
        "{\"a\":1}\r\n[2]\r\n3\r x\r\n",
        "{\"a\":1}\n[2]\r\n3\r x\n\n",
        "{\"a\":1}\n[2]\n3\r x\r\n\r\n",
    ] {
        assert_eq!(keys(&lines(content.as_bytes()).unwrap()), expected, "{content:?}");
    }
    assert_eq!(jsonl_key(b"[2]"), expected[1]);
    assert_eq!(keys(&lines(b"1\r").unwrap()), [sha256(&[&[0, 2], b"1\r"])], "a CR without LF belongs to the line");
}

#[test]
fn broken_lines_are_named() {
    for (content, line) in [
        (&b"1\n\n2\n"[..], 2),
        (b"\n1\n", 1),
        (b"1\n \t\n2", 2),
        (b"1\n2\n\r\n\r\n", 3),
        (b"1\n2\n\n\n", 3),
        (b"1\n2\n  ", 3),
        (b"1\n2\n  \n", 3),
        (b"1\n\r", 2),
    ] {
        let error = lines(content).err().expect("refused");
        assert!(
            matches!(&error, RecordError::BlankLine { path, line: found } if path == "train.jsonl" && *found == line),
            "{content:?}: {error}"
        );
    }
    for mark in [&b"\xef\xbb\xbf{}\n"[..], b"\xff\xfe{\0}\0", b"\xfe\xff\0{"] {
        assert!(matches!(lines(mark), Err(RecordError::ByteOrderMark { .. })));
    }
    for nothing in [&b""[..], b"\n"] {
        assert!(matches!(lines(nothing), Err(RecordError::NoRecords { .. })), "{nothing:?}");
    }
}

/// Longer than a segment (4 MiB), with lines longer than a piece and longer than a segment.
#[test]
fn large_files_are_split_without_losing_a_line() {
    for end in ["\n", "\r\n"] {
        let mut content = Vec::new();
        let mut expected = Vec::new();
        for i in 0_usize..40 {
            let len = match i % 8 {
                0 => (4 << 20) - 1 - end.len(),
                1 => 128 << 10,
                2 => (128 << 10) - 1,
                3 => 1,
                4 if i == 12 => 9 << 20,
                _ => 1 + i * 7919 % 500_000,
            };
            let line = vec![b'a' + (i % 26) as u8; len];
            expected.push(jsonl_key(&line));
            content.extend_from_slice(&line);
            content.extend_from_slice(end.as_bytes());
        }
        let set = lines(&content).unwrap();
        assert_eq!(keys(&set), expected);
        assert_eq!(set.records().iter().map(|record| record.line).collect::<Vec<_>>(), (1..=40).collect::<Vec<_>>());
        content.truncate(content.len() - end.len());
        assert_eq!(keys(&lines(&content).unwrap()), expected);
        // A blank line far behind the first segment keeps its number.
        content.extend_from_slice(format!("{end} {end}x").as_bytes());
        assert!(matches!(lines(&content), Err(RecordError::BlankLine { line: 41, .. })));
    }
}

#[test]
fn formats_are_detected_by_names() {
    let folder = Folder::new();
    let found = |folder: &Folder| detect(&plan(&folder.path(), &Options::default()).unwrap());
    assert_eq!(found(&folder), RecordFormat::File);
    folder.write("LICENSE", "");
    folder.write("readme.md", "");
    assert_eq!(found(&folder), RecordFormat::File);
    folder.write("a/train.jsonl", "1");
    folder.write("TEST.JSONL", "1");
    assert_eq!(found(&folder), RecordFormat::Jsonl);
    folder.write("images/a.JPG", "1");
    assert_eq!(found(&folder), RecordFormat::File);
    folder.write("annotations/a.xml", "1");
    let images = RecordFormat::ImageAnnotations { images: None, annotations: "annotations/*.xml".to_owned() };
    assert_eq!(found(&folder), images);
    let text = serde_json::to_string(&images).unwrap();
    assert_eq!(text, r#"{"format":"image-annotations","annotations":"annotations/*.xml"}"#);
    assert_eq!(serde_json::from_str::<RecordFormat>(&text).unwrap(), images);
}

#[test]
fn files_and_images_are_known_by_cid_and_annotations_by_digest() {
    let folder = Folder::new();
    folder.write("images/a.jpg", "image a");
    folder.write("images/b.jpg", "image b");
    folder.write("notes/a.xml", "x");
    folder.write("notes/deep/a.json", vec![b'j'; (1 << 20) + 1]);
    folder.write("notes/lost.xml", "x");
    let (package, files) = read(&folder.path(), &RecordFormat::File).unwrap();
    let cid = |path| package.find(path).unwrap().id.cid(Profile::V1_2025).to_bytes();

    assert_eq!(files.len(), 5);
    assert_eq!(files.records()[0].key, sha256(&[&[0, 1], &cid("images/a.jpg")]));
    assert_eq!(files.locator(&files.records()[1]), "images/b.jpg");

    let format = RecordFormat::ImageAnnotations { images: None, annotations: "notes".to_owned() };
    let set = records(&folder.path(), &format).unwrap();
    let mut digests = [sha256(&[b"x"]), sha256(&[&vec![b'j'; (1 << 20) + 1]])];
    digests.sort();
    let a = sha256(&[&[0, 6], &cid("images/a.jpg"), &digests[0][..], &digests[1][..]]);
    assert_eq!(keys(&set), [a, sha256(&[&[0, 6], &cid("images/b.jpg")])]);
    assert_eq!(set.unmatched(), ["notes/lost.xml"]);

    folder.write("more/a.png", "another");
    let error = records(&folder.path(), &format).err().unwrap();
    assert!(
        matches!(error, RecordError::AmbiguousAnnotation { first, second, .. } if (first.as_str(), second.as_str()) == ("images/a.jpg", "more/a.png"))
    );
    let chosen =
        RecordFormat::ImageAnnotations { images: Some("images/*.jpg".to_owned()), annotations: "notes".to_owned() };
    assert_eq!(keys(&records(&folder.path(), &chosen).unwrap()), keys(&set));

    let old = Options { profile: Profile::V0_2015, ..Options::default() };
    let old = records::read(plan(&folder.path(), &old).unwrap(), &RecordFormat::File, &(), &|_| ());
    assert!(matches!(old, Err(RecordError::Profile { .. })));
}

#[test]
fn records_are_located_by_place_and_by_key_and_prove_themselves() {
    let folder = Folder::new();
    folder.write("a.jsonl", "1\n2\n1\n");
    folder.write("b/c.jsonl", "3\n");
    let set = records(&folder.path(), &RecordFormat::Jsonl).unwrap();
    assert_eq!(set.len(), 4);
    let third = set.locate("a.jsonl:3").unwrap();
    assert_eq!((third.key, set.locator(third)), (jsonl_key(b"1"), "a.jsonl:3".to_owned()));
    assert_eq!(set.locate("./b/c.jsonl:1").unwrap().key, jsonl_key(b"3"));
    assert_eq!(set.locate(&hex::encode_prefixed(jsonl_key(b"1"))).unwrap().line, 1);
    for unknown in ["a.jsonl", "a.jsonl:0", "a.jsonl:4", "a.jsonl:+1x", "c.jsonl:1", "0x00", "", ":"] {
        assert!(set.locate(unknown).is_none(), "{unknown}");
    }
    let tree = set.tree().unwrap();
    assert_eq!((tree.total(), tree.leaves().len()), (4, 3));
    let verified = verify(&tree.root(), Kind::Records, &third.key, &tree.prove(&third.key)).unwrap();
    assert_eq!(verified.member(&third.key).unwrap().weight, 2);

    let single = package_of_single_file(&folder);
    assert_eq!(single.locate("c.jsonl:1").unwrap().key, jsonl_key(b"3"));
}

fn package_of_single_file(folder: &Folder) -> RecordSet {
    records(&folder.path().join("b/c.jsonl"), &RecordFormat::Jsonl).unwrap()
}

#[test]
fn a_file_that_changed_since_it_was_planned_is_named() {
    let folder = Folder::new();
    let path = folder.write("a.jsonl", "1\n");
    let planned = plan(&folder.path(), &Options::default()).unwrap();
    fs::write(path, "2\n3\n").unwrap();
    assert!(matches!(records::read(planned, &RecordFormat::Jsonl, &(), &|_| ()), Err(RecordError::Read(_))));
}

#[test]
fn known_windows_are_not_read_and_give_the_same_records() {
    let folder = Folder::new();
    // Two windows, and lines across their border and those of the segments.
    let line = format!("{{\"text\": \"{}\"}}\n", "word ".repeat(1_001));
    folder.write("long.jsonl", line.repeat((70 << 20) / line.len()));
    folder.write("short.jsonl", "1\n2");
    folder.write("notes.txt", "no record");
    let memory = Remembered::default();
    let read = || {
        let bytes = AtomicU64::new(0);
        let count = |read| {
            bytes.fetch_add(read, Ordering::Relaxed);
        };
        let planned = plan(&folder.path(), &Options::default()).unwrap();
        let (package, set) = records::read(planned, &RecordFormat::Jsonl, &memory, &count).unwrap();
        (package.cid(), keys(&set), bytes.into_inner())
    };
    let (cid, all, bytes) = read();
    assert_eq!(bytes, plan(&folder.path(), &Options::default()).unwrap().content_size());
    assert_eq!(all, keys(&records(&folder.path(), &RecordFormat::Jsonl).unwrap()));
    assert_eq!(read(), (cid, all.clone(), 0));
    memory.0.lock().unwrap().retain(|(path, window), _| path != "long.jsonl" || *window == 0);
    let (again, same, bytes) = read();
    assert_eq!((again, same), (cid, all));
    assert!(bytes < 7 << 20, "only the second window: {bytes}");
}

#[derive(Default)]
struct Remembered(Mutex<HashMap<(String, u64), (Stamp, Hashed)>>);

impl Memory for Remembered {
    fn recall(&self, window: &Window<'_>) -> Option<Hashed> {
        let known = self.0.lock().unwrap();
        known
            .get(&(window.path.to_owned(), window.index))
            .filter(|known| known.0 == *window.stamp)
            .map(|known| known.1.clone())
    }

    fn remember(&self, window: &Window<'_>, hashed: &Hashed) {
        let key = (window.path.to_owned(), window.index);
        self.0.lock().unwrap().insert(key, (*window.stamp, hashed.clone()));
    }
}

/// The definition, for files that fit into memory.
fn slow(content: &[u8]) -> Option<Vec<B256>> {
    let mut parts: Vec<&[u8]> = content.split(|byte| *byte == b'\n').collect();
    let last = parts.pop().unwrap();
    let mut lines: Vec<&[u8]> = parts.iter().map(|line| line.strip_suffix(b"\r").unwrap_or(line)).collect();
    if last.is_empty() {
        lines.pop_if(|line| line.is_empty());
    } else {
        lines.push(last);
    }
    let blank = |line: &&[u8]| line.iter().all(u8::is_ascii_whitespace);
    if lines.is_empty() || lines.iter().any(blank) {
        None
    } else {
        Some(lines.iter().map(|line| jsonl_key(line)).collect())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes_give_the_keys_of_the_definition_or_an_error(content in "[a \r\n]{0,24}") {
        prop_assert_eq!(lines(content.as_bytes()).ok().map(|set| keys(&set)), slow(content.as_bytes()));
    }
}
