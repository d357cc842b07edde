//! Good input for every parser.

use alloy_primitives::hex;
use dgov_data::arweave::{Bundle, DataItem};
use dgov_data::cards::{Card, CardProfile, lint};
use dgov_data::contributors::Contributors;
use dgov_data::licensing::{Rights, normalize, odrl};
use dgov_data::profile::Merger;
use dgov_data::records::{RecordFormat, csv_rows};
use serde_json::Value;

/// Something that takes strangers' bytes.
pub struct Target {
    pub name: &'static str,
    pub kind: Kind,
    pub corpus: Vec<Vec<u8>>,
    /// What the format is written with.
    pub tokens: &'static [&'static str],
    pub repair: Repair,
}

pub enum Kind {
    /// A function; whether it accepts.
    Bytes(fn(&[u8]) -> bool),
    /// A file among others, whose records are found and read.
    File { name: &'static str, beside: Vec<(String, Vec<u8>)>, format: RecordFormat },
}

/// What is made right again after a change, so that changes get past checksums.
pub enum Repair {
    Nothing,
    Tar,
    Tfrecord,
    /// sha256 of all before it, at the end.
    Digest,
}

const JSON: &[&str] =
    &["{", "}", "[", "]", "\"", ":", ",", "null", "-0.0", "1e308", "1e-400", "\\ud83d", "\\u0000", "9007199254740993"];
const CSV: &[&str] = &["\"", "\"\"", ",", "\t", "\n", "\r\n", "\r", "\u{feff}"];
const XML: &[&str] = &[
    "<",
    "</",
    "/>",
    ">",
    "<object>",
    "<bndbox>",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "&#x110000;",
    "&lt;",
    "<?xml ",
    "<!DOCTYPE a [",
];
const TAR: &[&str] = &["../", "/", "./", "\0", "9 path=a\n", "ustar  \0", "g", "L", "x", "5", "7777777"];

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Files of a vector, as hexadecimal digits by name.
fn files(vectors: &str, ending: &str) -> Vec<Vec<u8>> {
    let vectors = json(vectors);
    let files = vectors["files"].as_object().unwrap().iter().filter(|(name, _)| name.ends_with(ending));
    files.map(|(_, content)| hex::decode(content.as_str().unwrap()).unwrap()).collect()
}

fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

fn images() -> Vec<(String, Vec<u8>)> {
    let vectors = json(include_str!("../vectors/annotations.json"));
    let images = vectors["images"].as_object().unwrap().iter();
    images.map(|(path, content)| (path.clone(), content.as_str().unwrap().as_bytes().to_vec())).collect()
}

/// Documents of the vector with this ending.
fn documents(ending: &str) -> Vec<Vec<u8>> {
    let vectors = json(include_str!("../vectors/annotations.json"));
    let sets = vectors["sets"].as_object().unwrap().values();
    let documents = sets.flat_map(|set| set["documents"].as_object().unwrap().clone());
    let wanted = documents.filter(|(name, _)| name.ends_with(ending));
    wanted.map(|(_, content)| content.as_str().unwrap().as_bytes().to_vec()).collect()
}

const EXAMPLE: &[u8] =
    b"\x0a\x3d\x0a\x0e\x0a\x05label\x12\x05\x1a\x03\x0a\x01\x07\x0a\x0f\x0a\x04name\x12\x07\x0a\x05\x0a\x03cat\
    \x0a\x1a\x0a\x05score\x12\x11\x12\x0f\x0a\x08\x00\x00\x00\x3f\x00\x00\x00\x40\x0d\x00\x00\x80\x3f";

fn tfrecord() -> Vec<u8> {
    let masked = |content: &[u8]| crc32c::crc32c(content).rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes();
    let frame = |payload: &[u8]| {
        let length = (payload.len() as u64).to_le_bytes();
        [&length[..], &masked(&length), payload, &masked(payload)].concat()
    };
    [frame(b""), frame(EXAMPLE), frame(b"\xff\0")].concat()
}

/// Headers of images as their readers look for them.
fn heads() -> Vec<Vec<u8>> {
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x03\x08\x02\0\0\0\x12\x16\xf1M";
    let jpeg = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xc0\0\x11\x08\0\x03\0\x02\x03\x01\x22\0\x02\x11\x01\x03\x11\x01\xff\xd9";
    let webp = b"RIFF\x24\0\0\0WEBPVP8 \x18\0\0\0\x30\x01\0\x9d\x01\x2a\x02\0\x03\0\x02\x00\x34\x25\xa4\0\x03\x70\0\xfe\xfb\xfd\x50\0";
    let tiff = b"II*\0\x08\0\0\0\x02\0\0\x01\x03\0\x01\0\0\0\x02\0\0\0\x01\x01\x03\0\x01\0\0\0\x03\0\0\0\0\0\0\0";
    let heif = b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif\0\0\0\x3cmeta\0\0\0\0\0\0\0\x30iprp\0\0\0\x28ipco\0\0\0\x14ispe\0\0\0\0\0\0\0\x02\0\0\0\x03";
    let gif = b"GIF89a\x02\0\x03\0\0\0\0";
    let bmp = b"BM\x1a\0\0\0\0\0\0\0\x1a\0\0\0\x28\0\0\0\x02\0\0\0\x03\0\0\0";
    [&png[..], jpeg, webp, tiff, heif, gif, bmp].map(<[u8]>::to_vec).to_vec()
}

fn part_of_a_profile() -> Vec<Vec<u8>> {
    use dgov_data::profile::{Profiler, Scope, Shard, SplitRule, read};
    use dgov_data::unixfs::{Options, plan};
    let folder = tempfile::tempdir().unwrap();
    let text = "{\"a\": 1, \"b\": \"one two three four five six a@b.org\", \"c\": [1.5, {\"d\": null}]}\n";
    std::fs::write(folder.path().join("a.jsonl"), text.repeat(3)).unwrap();
    let path = camino::Utf8Path::from_path(folder.path()).unwrap();
    let plan = plan(path, &Options::default()).unwrap();
    let scratch = || tempfile::tempfile();
    let scope = Scope::new(&plan, &RecordFormat::Jsonl, &SplitRule::Names).unwrap();
    let mut profiler = Profiler::new(&scratch);
    read(&plan, &RecordFormat::Jsonl, &scope, None, &mut profiler, &|_| ()).unwrap();
    let mut part = Vec::new();
    profiler.write_part(&scope, Shard { number: 1, of: 1 }, &mut part).unwrap();
    vec![part]
}

fn joins(bytes: &[u8]) -> bool {
    let scratch = || tempfile::tempfile();
    let mut merger = Merger::new(&scratch);
    merger.take(&mut &*bytes).is_ok() && merger.finish().is_ok()
}

fn is_card(bytes: &[u8]) -> bool {
    let _ = lint(bytes, CardProfile::Neurips);
    Card::parse(bytes).is_ok()
}

fn is_expression(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let _ = Rights::of_expression(text);
    normalize(text).is_some()
}

/// Every parser of strangers' bytes.
pub fn targets() -> Vec<Target> {
    let file =
        |name: &'static str, format: &RecordFormat| Kind::File { name, beside: Vec::new(), format: format.clone() };
    let annotated = |name: &'static str, annotations: &str| Kind::File {
        name,
        beside: images(),
        format: RecordFormat::ImageAnnotations { images: None, annotations: annotations.to_owned() },
    };
    let target = |name, kind, corpus, tokens| Target { name, kind, corpus, tokens, repair: Repair::Nothing };
    let csv = texts(&["\u{feff}id,text,empty\r\n1,\"a, \"\"b\"\"\nc\",\r\n2,é,\"\"\n3,\"x\",y", "a\tb\n1\t2\n"]);
    let lines = texts(&["{\"a\": 1, \"b\": [null, {\"c\": \"d\"}]}\r\n[1.5]\n\"x\"\n", "{}\n{\"a\": 1e5}\n"]);
    let typed = |ending| files(include_str!("../vectors/typed_rows.json"), ending);
    let card = r#"{"@context": {"@vocab": "https://schema.org/"}, "@type": "sc:Dataset", "name": "a", "distribution": [{"@type": "cr:FileObject", "@id": "f", "contentUrl": "a.csv", "sha256": "00"}], "recordSet": [{"@type": "cr:RecordSet", "@id": "r", "field": [{"@id": "r/a", "dataType": "sc:Text", "source": {"fileObject": {"@id": "f"}}}]}]}"#;
    let arweave = json(include_str!("../vectors/arweave.json"));
    let bundles = arweave["bundles"].as_array().unwrap().iter();
    let bundles = bundles.map(|bundle| hex::decode(bundle["raw"].as_str().unwrap()).unwrap()).collect();
    let items = arweave["items"].as_array().unwrap().iter();
    let items = items.map(|item| hex::decode(item["header"].as_str().unwrap()).unwrap()).collect();
    let policies = ["CC-BY-NC-SA-4.0", "MIT OR GPL-3.0-only", "CC-BY-ND-4.0 AND Apache-2.0"];
    let policies = policies.map(|text| odrl::policy(&Rights::of_expression(text).unwrap(), "urn:x").to_string());
    vec![
        target("csv", file("a.csv", &RecordFormat::Csv), csv.clone(), CSV),
        target("tsv", file("a.tsv", &RecordFormat::Csv), csv.clone(), CSV),
        target("csv-record", Kind::Bytes(|bytes| csv_rows(bytes, b',').is_ok()), csv, CSV),
        target("jsonl", file("a.jsonl", &RecordFormat::Jsonl), lines, JSON),
        target("parquet", file("a.parquet", &RecordFormat::Parquet), typed(".parquet"), &[]),
        target("arrow", file("a.arrow", &RecordFormat::Arrow), typed(".arrow"), &[]),
        target("arrow-stream", file("a.arrows", &RecordFormat::Arrow), typed(".arrows"), &[]),
        Target {
            repair: Repair::Tfrecord,
            ..target("tfrecord", file("a.tfrecord", &RecordFormat::Tfrecord), vec![tfrecord()], &[])
        },
        Target {
            repair: Repair::Tar,
            ..target(
                "webdataset",
                file("a.tar", &RecordFormat::Webdataset),
                files(include_str!("../vectors/webdataset.json"), ".tar"),
                TAR,
            )
        },
        target("coco", annotated("annotations/x.json", "annotations/*.json"), documents(".json"), JSON),
        target("labels", annotated("labels.csv", "labels.csv"), documents(".csv"), CSV),
        target("voc", annotated("annotations/a.xml", "annotations/*.xml"), documents(".xml"), XML),
        target("image", annotated("images/a.jpg", "annotations/*.xml"), heads(), &[]),
        target(
            "contributors",
            Kind::Bytes(|bytes| Contributors::parse(bytes).is_ok()),
            texts(&["account,shares\n0x70997970C51812dc3A010C7d01b50e0d17dc79C8,1\n", "account,shares,consent\n"]),
            CSV,
        ),
        Target { repair: Repair::Digest, ..target("profile-part", Kind::Bytes(joins), part_of_a_profile(), JSON) },
        target("card", Kind::Bytes(is_card), texts(&[card]), JSON),
        target(
            "policy",
            Kind::Bytes(|bytes| odrl::read(bytes).is_ok()),
            texts(&policies.each_ref().map(String::as_str)),
            JSON,
        ),
        target(
            "license",
            Kind::Bytes(is_expression),
            texts(&["(MIT OR Apache-2.0) AND CC-BY-4.0", "GPL-2.0-or-later WITH Classpath-exception-2.0"]),
            &["(", ")", " AND ", " OR ", " WITH ", "LicenseRef-", "+"],
        ),
        target("arweave-item", Kind::Bytes(|bytes| DataItem::parse(bytes).is_ok()), items, &[]),
        target("arweave-bundle", Kind::Bytes(|bytes| Bundle::parse(bytes).is_ok()), bundles, &[]),
    ]
}
