//! Profiles: of paths and datasets, in parts, and as documents of versions.

use serde_json::{Value, json};

use crate::common::TestEnv;
use crate::common::project::real_data;

/// Files of two splits with a common record, and personal data in one place.
fn lines() -> TestEnv {
    let env = TestEnv::new();
    let record = |n: u32| format!("{{\"text\":\"the number {n} comes after the number before it\",\"n\":{n}}}\n");
    env.write("set/train-0.jsonl", (0..40).map(record).collect::<String>());
    env.write("set/train-1.jsonl", (30..60).map(record).collect::<String>());
    env.write(
        "set/test.jsonl",
        (59..70).map(record).collect::<String>() + "{\"text\":\"ask bob@mail.de\",\"n\":null}\n",
    );
    env.write("set/LICENSE", "none\n");
    env
}

fn split_overlap(profile: &Value) -> &Value {
    &profile["split_overlap"][0]["exact"]
}

#[test]
fn a_path_is_profiled_without_a_manifest() {
    let env = lines();
    let profile = env.json(&["data", "profile", "set"]);
    assert_eq!(profile["format"], "dgov.profile.v1");
    assert_eq!((profile["records"].clone(), profile["files"].clone()), (json!(82), json!(4)));
    assert_eq!(
        (profile["duplicates"]["exact"].clone(), profile["duplicates"]["distinct"].clone()),
        (json!(11), json!(71))
    );
    assert_eq!(profile["splits"], json!([{"name": "test", "records": 12}, {"name": "train", "records": 70}]));
    assert_eq!(*split_overlap(&profile), json!({"a_in_b": 1, "b_in_a": 1}));
    assert_eq!(profile["pii"][0]["examples"][0]["record"], "test.jsonl:12");
    let written = env.read("profile.json");
    assert!(!written.contains("bob"), "{written}");
    let told = env.ok(&["data", "profile", "./set"]).stdout;
    assert!(told.contains("e-mail addresses: 1 in 1 records, first in test.jsonl:12"), "{told}");
    assert_eq!(env.read("profile.json"), written, "the same bytes again");

    // The root is that of the record tree, as a proof has it.
    let proof = env.json(&["data", "prove", "set", "--local", "--record", "test.jsonl:1"]);
    assert_eq!(proof["record_root"], profile["record_root"]);

    let args = ["data", "profile", "set", "--split", "held-out=test*", "--split", "rest=**", "--out", "named.json"];
    let named = env.json(&args);
    assert_eq!(named["splits"], json!([{"name": "held-out", "records": 12}, {"name": "rest", "records": 70}]));
    env.fails(&["data", "profile", "set", "--split", "test"], 2, "usage.split");
    env.fails(&["data", "profile", "nothing/here"], 3, "dataset.path_missing");
    env.fails(&["data", "profile"], 3, "manifest.not_found");
    env.write("bad/a.jsonl", "{\"n\":1}\n{\"n\":\n");
    let output = env.fails(&["data", "profile", "bad"], 3, "dataset.records");
    assert!(output.stdout.contains("a.jsonl:2"), "{output}");
}

#[test]
fn parts_join_to_the_bytes_of_the_whole() {
    let env = lines();
    env.ok(&["data", "profile", "set", "--out", "whole.json"]);
    for number in 1..=3 {
        let (shard, out) = (format!("{number}/3"), format!("{number}.part"));
        env.ok(&["data", "profile", "set", "--shard", &shard, "--out", &out]);
    }
    env.ok(&["data", "profile", "--merge", "3.part", "1.part", "2.part", "--out", "merged.json"]);
    assert_eq!(env.read("merged.json"), env.read("whole.json"));

    let merge = |parts: &[&str], exit, code| {
        env.fails(&[&["data", "profile", "--merge"][..], parts].concat(), exit, code);
    };
    merge(&["1.part", "2.part"], 3, "profile.parts");
    merge(&["1.part", "2.part", "2.part"], 3, "profile.parts");
    merge(&["1.part", "2.part", "4.part"], 3, "profile.part");
    let mut bytes = std::fs::read(env.dir().join("2.part")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    env.write("2.part", &bytes);
    merge(&["1.part", "2.part", "3.part"], 7, "profile.part");
    env.write("set/train-1.jsonl", "{\"n\":1}\n");
    env.ok(&["data", "profile", "set", "--shard", "2/3", "--out", "2.part"]);
    merge(&["1.part", "2.part", "3.part"], 3, "profile.parts");
    assert_eq!(env.run(&["data", "profile", "set", "--shard", "4/3"]).code, 2);
}

#[test]
fn a_profile_is_a_document_of_the_version_with_its_records_and_of_no_other() {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    let profile = env.json(&["data", "profile"]);
    assert_eq!(profile["record_format"], "image-annotations");
    let pushed = env.json(&["data", "push"]);
    assert_eq!(profile["record_root"], pushed["record_root"], "what a push puts on chain");
    let kept = env.read(".dgov/profiles/raccoon.json");
    assert_eq!(env.read(".dgov/documents/raccoon/profile.json"), kept);

    // One record more: the profile is of other records now.
    env.write("data/raccoon/images/raccoon-4.jpg", "pixels");
    let output = env.fails(&["data", "push"], 3, "profile.stale");
    assert!(output.stdout.contains("dgov data profile raccoon"), "{output}");
    env.ok(&["data", "profile", "raccoon"]);
    env.ok(&["data", "push"]);
    assert_ne!(env.read(".dgov/documents/raccoon/profile.json"), kept);
    env.write(".dgov/profiles/raccoon.json", "{}");
    env.fails(&["data", "push"], 3, "profile.malformed");
    std::fs::remove_file(env.dir().join(".dgov/profiles/raccoon.json")).unwrap();
    env.ok(&["data", "push"]);
    assert!(!env.dir().join(".dgov/documents/raccoon/profile.json").exists());
}

#[test]
fn the_real_sets() {
    let env = TestEnv::new();
    for (name, records, files) in [("gsm8k", 8792, 3), ("raccoon", 200, 405)] {
        let Some(path) = real_data(name) else { continue };
        let path = path.canonicalize().unwrap();
        let path = path.to_str().unwrap();
        let profile = env.json(&["data", "profile", path]);
        assert_eq!((profile["records"].clone(), profile["files"].clone()), (json!(records), json!(files)), "{name}");
        assert_eq!(profile["pii"], json!([]), "{name}: no float, sum or date is taken for personal data");
        for number in 1..=2 {
            env.ok(&["data", "profile", path, "--shard", &format!("{number}/2"), "--out", &format!("{number}.part")]);
        }
        let whole = env.read("profile.json");
        env.ok(&["data", "profile", "--merge", "1.part", "2.part"]);
        assert_eq!(env.read("profile.json"), whole, "{name}");
    }
}
