//! Records inside files: pushed, proved on chain, and refused when the file is broken.

use alloy::hex;
use serde_json::{Value, json};

use crate::common::TestEnv;

/// A project whose dataset `raccoon` lies in `data/rows`.
fn project(format: &str, files: &[(&str, &[u8])]) -> TestEnv {
    let env = TestEnv::project();
    let dataset = format!("path = \"data/rows\"\nformat = \"{format}\"");
    env.write("dgov.toml", env.read("dgov.toml").replace("path = \"data/raccoon\"", &dataset));
    for (name, bytes) in files {
        env.write(&format!("data/rows/{name}"), bytes);
    }
    env.ok(&["deploy"]);
    env
}

/// A file of pyarrow: three rows, whose keys a script beside the file computes.
fn typed(name: &str) -> (Vec<u8>, Value) {
    let vectors: Value =
        serde_json::from_str(include_str!("../../crates/dgov-data/tests/vectors/typed_rows.json")).unwrap();
    (hex::decode(vectors["files"][name].as_str().unwrap()).unwrap(), vectors["keys"].clone())
}

/// Pushes, and proves the second of three records present and the one in `other` absent, to the chain and to a stranger.
fn prove(env: &TestEnv, record: &str, other: &str) -> Value {
    let pushed = env.json(&["data", "push"]);
    let proof = env.json(&["data", "prove", "raccoon", "--record", record, "--on-chain", "--out", "in.json"]);
    assert_eq!((&proof["claim"], &proof["accepted_on_chain"]), (&json!("present"), &json!(true)));
    assert_eq!((&proof["record_root"], &proof["total"]), (&pushed["record_root"], &json!("3")));
    env.ok(&["data", "verify-proof", "in.json"]);
    let absent = env.json(&["data", "prove", "raccoon", "--absent", other, "--on-chain", "--out", "out.json"]);
    assert_eq!((&absent["claim"], &absent["accepted_on_chain"]), (&json!("absent"), &json!(true)));
    env.ok(&["data", "verify-proof", "out.json"]);
    proof["key"].clone()
}

#[test]
fn rows_of_csv_are_pushed_and_proved() {
    let env = project("auto", &[("a.csv", b"id,text\n1,one\n2,\"two\n\"\n"), ("b.csv", b"id,text\n3,three\n")]);
    env.write("same.csv", "id,text\r\n\"2\",\"two\n\"\r\n");
    env.write("other.csv", "id,text\n2,two\n");
    prove(&env, "a.csv:2", "other.csv");
    env.fails(&["data", "prove", "raccoon", "--absent", "same.csv"], 7, "record.present");
    env.fails(&["data", "prove", "raccoon", "--absent", "data/rows/a.csv"], 3, "record.many_records");
    env.write("data/rows/b.csv", "id,text\n3\n");
    let refused = env.fails(&["data", "push"], 3, "dataset.damaged");
    assert!(refused.stdout.contains("b.csv, line 2, byte 8: 1 fields, but the header has 2"), "{}", refused.stdout);
}

#[test]
fn records_of_tfrecord_are_pushed_and_proved() {
    // `foo`, `bar`, `baz`; checksums by a script.
    let record = |body: &str| hex::decode(format!("0300000000000000b099490e{body}")).unwrap();
    let (foo, bar, baz) = (record("666f6f618abefe"), record("6261724600e5c8"), record("62617ab4eb7f3a"));
    let env = project("auto", &[("a.tfrecord", &[&*foo, &bar, &foo].concat())]);
    env.write("same.tfrecord", &bar);
    env.write("other.tfrecord", &baz);
    prove(&env, "a.tfrecord:2", "other.tfrecord");
    env.fails(&["data", "prove", "raccoon", "--absent", "same.tfrecord"], 7, "record.present");
    env.write("data/rows/a.tfrecord", &foo[..18]);
    assert!(env.fails(&["data", "push"], 3, "dataset.damaged").stdout.contains("a.tfrecord"));
}

#[test]
fn rows_of_parquet_and_arrow_are_pushed_and_proved() {
    for name in ["zstd.parquet", "lz4.arrow"] {
        let (content, keys) = typed(name);
        let env = project("auto", &[(name, &content)]);
        let key = prove(&env, &format!("{name}:2"), &format!("0x{}", "11".repeat(32)));
        assert_eq!(key, keys[1]);
        env.write(&format!("data/rows/{name}"), &content[..content.len() - 1]);
        assert!(env.fails(&["data", "push"], 3, "dataset.damaged").stdout.contains(name));
    }
}

/// A data page that needs a dictionary which is not there: the parser panics, and that is no bug of dgov.
#[test]
fn a_file_that_makes_its_parser_panic_is_a_broken_file() {
    let (mut broken, _) = typed("zstd.parquet");
    assert_eq!(broken[4..6], [0x15, 4]);
    // The dictionary becomes a page that readers pass over.
    broken[5] = 2;
    let env = project("parquet", &[("a.parquet", &broken)]);
    let refused = env.fails(&["data", "push"], 3, "dataset.damaged");
    assert!(refused.stdout.contains("a.parquet"), "{}", refused.stdout);
    assert!(!refused.stderr.contains("panicked"), "{}", refused.stderr);
}

/// A shard with members as ustar has them.
fn shard(members: &[(&str, &str)]) -> Vec<u8> {
    let mut shard = Vec::new();
    for (name, content) in members {
        let mut header = [0; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
        header[148..156].fill(b' ');
        header[156] = b'0';
        header[257..265].copy_from_slice(b"ustar\x0000");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        shard.extend(header);
        shard.extend_from_slice(content.as_bytes());
        shard.resize(shard.len().next_multiple_of(512), 0);
    }
    shard.resize(shard.len() + 1024, 0);
    shard
}

#[test]
fn samples_of_webdataset_are_pushed_and_proved() {
    let first = shard(&[("0.txt", "one"), ("0.cls", "1"), ("a/1.txt", "two"), ("a/1.cls", "2")]);
    let second = shard(&[("2.txt", "three")]);
    let env = project("auto", &[("train-0000.tar", &first), ("train-0001.tar", &second)]);
    env.write("same.tar", shard(&[("other.CLS", "2"), ("other.txt", "two")]));
    env.write("other.tar", shard(&[("a/1.txt", "two"), ("a/1.cls", "3")]));
    prove(&env, "train-0000.tar:2", "other.tar");
    env.fails(&["data", "prove", "raccoon", "--absent", "same.tar"], 7, "record.present");
    env.write("data/rows/train-0001.tar", &second[..second.len() - 512]);
    let refused = env.fails(&["data", "push"], 3, "dataset.damaged");
    assert!(refused.stdout.contains("train-0001.tar, byte 1536: the mark at the end"), "{}", refused.stdout);
    std::fs::remove_file(env.dir().join("data/rows/train-0001.tar")).unwrap();
    env.write("data/rows/train-0001.tar.gz", "");
    env.write("dgov.toml", env.read("dgov.toml").replace("\"auto\"", "\"webdataset\""));
    env.fails(&["data", "push"], 3, "dataset.compressed");
}

/// No manifest and no chain: a folder, a proof from it, and somebody with the proof and the record alone.
#[test]
fn records_inside_files_are_proved_from_a_folder_and_checked_by_a_stranger() {
    let (parquet, keys) = typed("zstd.parquet");
    let env = TestEnv::new();
    env.write("csv/a.csv", "id,text\n1,one\n2,two\n3,three\n");
    env.write("csv.here", "id,text\n2,two\n");
    env.write("csv.gone", "id,text\n2,three\n");
    env.write("parquet/a.parquet", &parquet);
    let samples = shard(&[("0.txt", "one"), ("1.txt", "two"), ("2.txt", "three")]);
    env.write("webdataset/a-000.tar", samples);
    env.write("webdataset.here", shard(&[("x.txt", "two")]));
    env.write("webdataset.gone", shard(&[("x.txt", "four")]));
    for (set, record, ending) in
        [("csv", "a.csv:2", ".csv"), ("parquet", "a.parquet:2", ".parquet"), ("webdataset", "a-000.tar:2", ".tar")]
    {
        let proof = env.json(&["data", "prove", set, "--local", "--record", record, "--out", "in.json"]);
        let profile = env.json(&["data", "profile", set]);
        assert_eq!((&proof["claim"], &proof["record_root"]), (&json!("present"), &profile["record_root"]), "{set}");
        assert_eq!(profile["record_format"], set);
        let root = proof["record_root"].as_str().unwrap();
        // Of Parquet no writer is here: its rows are known by their keys.
        let gone = if set == "parquet" {
            assert_eq!(proof["key"], keys[1]);
            format!("0x{}", "11".repeat(32))
        } else {
            env.write(&format!("gone{ending}"), env.read(&format!("{set}.gone")));
            env.write(&format!("here{ending}"), env.read(&format!("{set}.here")));
            let here = format!("here{ending}");
            let report = env.json(&["data", "verify-proof", "in.json", "--record", &here, "--root", root]);
            assert_eq!(report["record_matches"], json!(true), "{set}");
            env.fails(&["data", "verify-proof", "in.json", "--record", &format!("gone{ending}")], 7, "proof.refused");
            env.fails(&["data", "prove", set, "--local", "--absent", &here], 7, "record.present");
            format!("gone{ending}")
        };
        env.ok(&["data", "prove", set, "--local", "--absent", &gone, "--out", "out.json"]);
        let report = env.json(&["data", "verify-proof", "out.json", "--record", &gone, "--root", root]);
        assert_eq!((&report["claim"], &report["root_from"]), (&json!("absent"), &json!(["root"])), "{set}");
        let other = format!("0x{}", "22".repeat(32));
        env.fails(&["data", "verify-proof", "out.json", "--record", &other], 7, "proof.refused");
        assert!(env.run(&["data", "verify-proof", "out.json", "--root", &other]).code == 7, "{set}");
    }
}

#[test]
fn csv_parquet_and_webdataset_are_profiled() {
    let (parquet, _) = typed("zstd.parquet");
    let env = TestEnv::new();
    env.write("csv/train.csv", "id,text\n1,one\n2,\n2,\n");
    env.write("csv/test.tsv", "id\ttext\n2\t\n");
    env.write("parquet/a.parquet", &parquet);
    let sample = |name: &str, class: &str| {
        let named = |extension: &str| format!("{name}.{extension}");
        [
            (named("jpg"), "pixels".to_owned()),
            (named("cls"), class.to_owned()),
            (named("json"), format!("{{\"n\": {class}}}")),
        ]
    };
    let members: Vec<_> = [sample("0", "7"), sample("1", "9"), sample("2", "7")].concat();
    let members: Vec<_> = members.iter().map(|(name, content)| (name.as_str(), content.as_str())).collect();
    env.write("webdataset/a-000.tar", shard(&members));
    let column = |profile: &Value, name: &str| {
        let columns = profile["columns"].as_array().unwrap().iter();
        columns.clone().find(|column| column["name"] == name).unwrap_or_else(|| panic!("{name}: {profile}")).clone()
    };
    let csv = env.json(&["data", "profile", "csv"]);
    assert_eq!((&csv["record_format"], &csv["records"]), (&json!("csv"), &json!(4)));
    assert_eq!(csv["duplicates"]["exact"], json!(2));
    assert_eq!(csv["split_overlap"][0]["exact"], json!({"a_in_b": 1, "b_in_a": 2}));
    assert_eq!(column(&csv, "text")["kinds"]["null"], json!(3));
    let rows = env.json(&["data", "profile", "parquet"]);
    assert_eq!((&rows["record_format"], &rows["records"]), (&json!("parquet"), &json!(3)));
    assert_eq!(column(&rows, "dictionary")["kinds"]["text"].as_u64().map(|texts| texts > 0), Some(true));
    let samples = env.json(&["data", "profile", "webdataset"]);
    assert_eq!((&samples["record_format"], &samples["records"]), (&json!("webdataset"), &json!(3)));
    assert_eq!(samples["duplicates"]["exact"], json!(1), "a sample's name is no part of it");
    assert_eq!(column(&samples, "jpg")["byte_lengths"], json!({"min": 6, "max": 6, "mean": 6.0}));
    assert_eq!(column(&samples, "jpg")["distinct"], json!({"value": 1, "exact": true}));
    assert_eq!(column(&samples, "cls")["numbers"]["max"], json!(9));
    assert_eq!(column(&samples, "json.n")["distinct"], json!({"value": 2, "exact": true}));
    assert_eq!(column(&samples, "__key__")["distinct"], json!({"value": 3, "exact": true}));
    let parts = ["1.part", "2.part"];
    for (index, part) in parts.iter().enumerate() {
        env.ok(&["data", "profile", "csv", "--shard", &format!("{}/2", index + 1), "--out", part]);
    }
    env.ok(&["data", "profile", "csv", "--out", "whole.json"]);
    env.ok(&["data", "profile", "--merge", parts[0], parts[1], "--out", "merged.json"]);
    assert_eq!(env.read("merged.json"), env.read("whole.json"));
}

/// A COCO document: records change with what it says of them, and one that names images of nobody is refused.
#[test]
fn images_with_coco_are_pushed_and_proved() {
    let env = TestEnv::project();
    let coco = |name: &str| {
        json!({"images": [{"id": 1, "file_name": name}], "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1]}],
            "categories": [{"id": 1, "name": "raccoon"}]})
        .to_string()
    };
    env.write("data/raccoon/coco/all.json", coco("raccoon-1.jpg"));
    let manifest = env.read("dgov.toml");
    let line = manifest.lines().find(|line| line.starts_with("path = \"data/raccoon\"")).unwrap();
    let kept: Vec<_> = manifest.lines().filter(|line| !line.starts_with("annotations =")).collect();
    env.write("dgov.toml", kept.join("\n").replace(line, &format!("{line}\nannotations = \"coco/*.json\"")));
    env.ok(&["deploy"]);
    let profile = env.json(&["data", "profile", "raccoon"]);
    let columns = profile["columns"].as_array().unwrap().iter();
    let objects = columns.clone().find(|column| column["name"] == "objects").unwrap();
    assert_eq!((&objects["values"], &objects["missing"]), (&json!(1), &json!(2)));
    assert!(columns.clone().any(|column| column["name"] == "classes[]"));
    let pushed = env.json(&["data", "push"]);
    assert_eq!(pushed["record_root"], profile["record_root"]);
    let proof =
        env.json(&["data", "prove", "raccoon", "--record", "images/raccoon-1.jpg", "--on-chain", "--out", "in.json"]);
    assert_eq!((&proof["claim"], &proof["accepted_on_chain"]), (&json!("present"), &json!(true)));
    env.ok(&["data", "verify-proof", "in.json"]);
    env.write("data/raccoon/coco/all.json", coco("raccoon-9.jpg"));
    let refused = env.fails(&["data", "push"], 3, "dataset.damaged");
    assert!(refused.stdout.contains("coco/all.json, byte 11: image 1: there is no image"), "{}", refused.stdout);
}
