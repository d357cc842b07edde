//! WebDataset shards: keys by their definition, grouping, and archives that readers would disagree about.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod common;

use common::{Folder, one, read, rows};
use dgov_data::records::{RecordError, RecordFormat, webdataset_key};
use dgov_data::unixfs::{Profile, hash_bytes};

const FORMAT: RecordFormat = RecordFormat::Webdataset;

/// A member as ustar has it, with what a test changes about its header.
fn member(name: &str, content: &[u8], change: &dyn Fn(&mut [u8])) -> Vec<u8> {
    let mut header = vec![0; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[100..108].copy_from_slice(b"0000644\0");
    header[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
    header[136..148].copy_from_slice(b"00000000000\0");
    header[156] = b'0';
    header[257..265].copy_from_slice(b"ustar\x0000");
    change(&mut header);
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header.extend_from_slice(content);
    header.resize(header.len().next_multiple_of(512), 0);
    header
}

fn file(name: &str, content: &[u8]) -> Vec<u8> {
    member(name, content, &|_| ())
}

fn of_kind(name: &str, kind: u8, content: &[u8]) -> Vec<u8> {
    member(name, content, &|header| header[156] = kind)
}

fn pax(records: &[(&str, &str)]) -> Vec<u8> {
    let record = |(key, value): &(&str, &str)| {
        let rest = key.len() + value.len() + 3;
        let length = (rest..).find(|length| length.to_string().len() + rest == *length).unwrap();
        format!("{length} {key}={value}\n")
    };
    of_kind("pax", b'x', records.iter().map(record).collect::<String>().as_bytes())
}

fn archive(members: &[Vec<u8>]) -> Vec<u8> {
    [members.concat(), vec![0; 1024]].concat()
}

fn refused(content: &[u8]) -> String {
    one("a.tar", content, &FORMAT).expect_err("an archive that has to be refused")
}

/// Archives that Python's tarfile wrote, and keys that a script computes from the definition.
#[test]
fn samples_have_the_keys_that_another_implementation_computes() {
    let vectors: serde_json::Value = serde_json::from_str(include_str!("vectors/webdataset.json")).unwrap();
    let all: Vec<_> = vectors["keys"].as_array().unwrap().iter().map(|key| key.as_str().unwrap()).collect();
    let long = vectors["long"].as_u64().unwrap() as usize;
    let files = vectors["files"].as_object().unwrap();
    assert_eq!(files.len(), 4);
    for (name, content) in files {
        let content = alloy_primitives::hex::decode(content.as_str().unwrap()).unwrap();
        let found = one(name, &content, &FORMAT).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut expected = all.clone();
        if name == "ustar.tar" {
            expected.remove(long);
        }
        assert_eq!(found.iter().map(|row| row.0.to_string()).collect::<Vec<_>>(), expected, "{name}");
        assert_eq!(found.iter().map(|row| row.1).collect::<Vec<_>>(), (1..=expected.len() as u64).collect::<Vec<_>>());
        let first = &found[0].2;
        assert_eq!(first[0], "__key__=Text(\"000\")");
        assert!(first[1].starts_with("jpg=Stored { length: 13, digest: ["), "{first:?}");
        assert_eq!(first[2], "json=Nested(Object {\"caption\": String(\"a bear\"), \"n\": Number(3)})");
        assert_eq!(first[3], "txt=Text(\"ein Bär\")");
        assert_eq!(found[1].2[1], "cls=Integer(7)");
        for length in (0..content.len()).step_by(97) {
            assert!(one(name, &content[..length], &FORMAT).is_err(), "{name} cut at {length}");
        }
    }
}

#[test]
fn a_key_is_that_of_the_members_whatever_their_order_and_size() {
    let large: Vec<u8> = (0..(3_u32 << 20) + 5).map(|i| (i ^ i >> 7) as u8).collect();
    let found = one("a.tar", archive(&[file("./s.b", &large), file("./s.a.c", b"2")]), &FORMAT).unwrap();
    let id = |content: &[u8]| hash_bytes(Profile::V1_2025, content);
    assert_eq!(found[0].0, webdataset_key(&mut [("a.c", id(b"2")), ("b", id(&large))]));
    assert_eq!(found[0].2[0], "__key__=Text(\"./s\")");
    let other = one("a.tar", archive(&[file("t.a.C", b"2"), file("t.b", &large)]), &FORMAT).unwrap();
    assert_eq!(found[0].0, other[0].0);
    assert_ne!(found[0].0, webdataset_key(&mut [("a.c", id(b"3")), ("b", id(&large))]));
}

#[test]
fn what_readers_see_differently_is_refused_with_its_place() {
    let good = || file("s.a", b"1");
    for (members, place, reason) in [
        (vec![good(), of_kind("s.b", b'1', b"")], 1024, "hard link"),
        (vec![good(), of_kind("s.b", b'2', b"")], 1024, "symbolic link"),
        (vec![of_kind("s.b", b'3', b"")], 0, "device"),
        (vec![of_kind("s.b", b'S', b"")], 0, "sparse"),
        (vec![of_kind("s.b", b'K', b"target\0")], 0, "symbolic link"),
        (vec![of_kind("s.b", b'Z', b"")], 0, "unknown type 'Z'"),
        (vec![of_kind("d/", b'5', b"x")], 0, "with content"),
        (vec![file("/s.a", b"")], 0, "absolute"),
        (vec![file("../s.a", b"")], 0, "names no file"),
        (vec![file("a//s.a", b"")], 0, "names no file"),
        (vec![file("a/../s.a", b"")], 0, "names no file"),
        (vec![file("", b"")], 0, "names no file"),
        (vec![file("readme", b"")], 0, "in no sample"),
        (vec![file("a.b/.hidden", b"")], 0, "in no sample"),
        (vec![file("s.", b"")], 0, "in no sample"),
        (vec![file("s.__KEY__", b"")], 0, "the name of the sample"),
        (vec![good(), file("s.A", b"2")], 1024, "two members of the sample \"s\" have the extension \"a\""),
        (vec![good(), file("t.a", b"2"), file("s.b", b"3")], 2048, "apart from the other members"),
        (vec![good(), file("./t.a", b"2"), file("./s.b", b"3")], 2048, "apart from the other members"),
        (vec![pax(&[("path", "t.a"), ("size", "2")]), good()], 0, "two sizes, 1 and 2"),
        (vec![pax(&[("size", "9000000000")]), good()], 0, "two sizes"),
        (vec![pax(&[("size", "9000000000")]), file("s.a", b"")], 0, "9000000000 bytes are announced"),
        (vec![pax(&[("size", "-1")]), good()], 0, "no number"),
        (vec![pax(&[("path", "a"), ("path", "b")]), good()], 0, "gives the path twice"),
        (vec![pax(&[("path", "/a.b")]), good()], 0, "absolute"),
        (vec![pax(&[("path", "x\0y.b")]), good()], 0, "NUL"),
        (vec![pax(&[("GNU.sparse.major", "1")]), good()], 0, "sparse"),
        (vec![pax(&[("hdrcharset", "BINARY")]), good()], 0, "UTF-8"),
        (vec![pax(&[("path", "a.b")]), of_kind("@", b'L', b"c.d\0"), good()], 0, "two headers"),
        (vec![pax(&[("path", "a.b")])], 0, "a member that does not follow"),
        (vec![of_kind("g", b'g', b"9 path=a\n"), good()], 0, "global header"),
        (vec![of_kind("x", b'x', b"99 path=a\n"), good()], 0, "length key=value"),
        (vec![of_kind("x", b'x', b"0 path=a\n"), good()], 0, "length key=value"),
        (vec![of_kind("x", b'x', b"path=a\n"), good()], 0, "length key=value"),
        (vec![of_kind("@", b'L', b"\xff.a\0"), good()], 0, "UTF-8"),
        (vec![member("s.a", b"", &|h| h[257..263].copy_from_slice(b"other!"))], 0, "neither ustar nor GNU"),
        (
            vec![member("s.a", b"", &|h| h[257..346].copy_from_slice(&[b"ustar  \0", &[0; 80][..], b"1"].concat()))],
            0,
            "nor GNU",
        ),
        (
            vec![member("s.a", b"", &|h| h[124..136].copy_from_slice(b"77777777777\0"))],
            0,
            "8589934591 bytes are announced",
        ),
        (
            vec![member("s.a", b"", &|h| h[124..136].copy_from_slice(b"\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff"))],
            0,
            "18446744073709551615 bytes",
        ),
        (vec![member("s.a", b"", &|h| h[124..136].fill(0xff))], 0, "a size that is no number"),
        (vec![file("s.json", b"{\"a\":")], 0, "\"s.json\" is no JSON"),
        (vec![file("s.json", b"\xff")], 0, "no JSON"),
    ] {
        let error = refused(&archive(&members));
        assert!(error.starts_with(&format!("a.tar, byte {place}: ")) && error.contains(reason), "{reason}: {error}");
    }
    let two = [archive(&[good()]), archive(&[file("t.a", b"2")])].concat();
    assert!(refused(&two).starts_with("a.tar, byte 2048: something follows the mark"));
    assert!(refused(&good()).contains("byte 1024: the mark at the end"));
    assert!(refused(&[good(), vec![0; 512]].concat()).contains("the mark at the end"));
    assert!(refused(&vec![0; 10_240]).contains("no records"));
}

#[test]
fn a_flipped_bit_of_a_header_is_noticed() {
    let good = archive(&[file("s.a", b"1"), file("t.a", b"2")]);
    let keys = one("a.tar", &good, &FORMAT).unwrap();
    // Every third one: all positions within a byte, in all fields.
    for bit in (0..1024 * 8).step_by(3) {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        match one("a.tar", &bad, &FORMAT) {
            Err(error) => assert!(error.starts_with("a.tar, byte "), "{error}"),
            // The padding behind content is no part of a record, and spaces in numbers are as good as zeros at their end.
            Ok(found) if found.iter().map(|row| row.0).eq(keys.iter().map(|row| row.0)) => {
                assert!(matches!(bit / 8 % 1024, 512.. | 148..156), "bit {bit}");
            }
            Ok(_) => assert_eq!(bit / 8 % 1024, 512, "bit {bit}"),
        }
    }
}

#[test]
fn compressed_shards_are_refused_and_large_texts_have_keys_only() {
    for name in ["b.tar.gz", "b.tgz", "b.tar.zst"] {
        let folder = Folder::new();
        folder.write("a.tar", archive(&[file("s.a", b"1")]));
        folder.write(name, "");
        assert!(matches!(read(&folder, &FORMAT), Err(RecordError::Compressed { .. })), "{name}");
    }
    let folder = Folder::new();
    folder.write("a.tar", archive(&[file("s.txt", &vec![b'x'; 9 << 20]), file("s.text", &vec![b'x'; 9 << 20])]));
    assert_eq!(read(&folder, &FORMAT).unwrap().1.len(), 1);
    let error = rows(&folder, &FORMAT).unwrap_err().to_string();
    assert!(error.contains("\"s.text\" is too long to be taken apart"), "{error}");
}
