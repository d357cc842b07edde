//! `dgov data verify --remote`: what the stores really hold.

use std::fs;

use serde_json::json;

use crate::common::TestEnv;
use crate::common::package::noise;

fn pushed() -> TestEnv {
    let env = TestEnv::project();
    env.write("data/raccoon/big.bin", noise(3_500_000));
    env.ok(&["deploy"]);
    env.ok(&["data", "push"]);
    env
}

/// Changes the bytes of the packs of the local store.
fn damage(env: &TestEnv, change: impl Fn(&mut Vec<u8>)) {
    for entry in fs::read_dir(env.dir().join(".dgov/store/packs")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "pack") {
            let mut bytes = fs::read(&path).unwrap();
            change(&mut bytes);
            fs::write(&path, bytes).unwrap();
        }
    }
}

#[test]
fn good_copies_are_told_with_what_was_read() {
    let env = pushed();
    let report = env.json(&["data", "verify", "--remote", "--sample", "2", "--seed", "7"]);
    let audits = report["audits"].as_array().unwrap();
    assert_eq!((&report["sample"], &report["seed"], audits.len()), (&json!(2), &json!(7), 2));
    assert_eq!(json!([audits[0]["package"], audits[1]["package"]]), json!(["data", "documents"]));
    // Root, two folders, the node of big.bin, two of eleven leaves.
    assert_eq!(json!([audits[0]["state"], audits[0]["checked_blocks"], audits[0]["blocks"]]), json!(["ok", 6, 15]));
    let again = env.json(&["data", "verify", "--remote", "--sample", "2", "--seed", "7"]);
    assert_eq!(again["audits"][0]["checked_bytes"], audits[0]["checked_bytes"], "the seed chooses");

    let all = env.json(&["data", "verify", "raccoon", "--remote", "--all", "--target", "local"]);
    assert_eq!(json!([all["audits"][0]["checked_blocks"], all["sample"]]), json!([15, null]));
    let text = env.ok(&["data", "verify", "--remote"]).stdout;
    assert!(
        text.contains("raccoon version 1 data at local: ok (15 of 15 blocks read") && text.contains("seed "),
        "{text}"
    );
    env.fails(&["data", "verify", "--remote", "--target", "ipfs"], 3, "storage.no_target");
    env.fails(&["data", "verify", "--all"], 2, "usage");
    env.fails(&["data", "verify", "nothing", "--remote"], 3, "dataset.not_pushed");
}

#[test]
fn the_first_bad_block_is_named_with_file_and_offset() {
    let env = pushed();
    let second = noise(3_500_000)[1 << 20..(1 << 20) + 64].to_vec();
    damage(&env, |bytes| {
        if let Some(at) = bytes.windows(64).position(|window| window == second) {
            bytes[at + 40] ^= 1;
        }
    });
    let output = env.fails(&["data", "verify", "--remote", "--all"], 7, "data.remote_differs");
    let report: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    let audit = &report["data"]["audits"][0];
    assert_eq!(json!([audit["state"], audit["bad_blocks"], audit["checked_blocks"]]), json!(["differs", 1, 14]));
    assert_eq!(json!([audit["first_bad"]["path"], audit["first_bad"]["offset"]]), json!(["big.bin", 1 << 20]));
    assert!(report["errors"][0]["message"].as_str().unwrap().contains("big.bin, from byte 1048576"), "{output}");
    env.ok(&["data", "verify"]);
}

#[test]
fn a_missing_block_is_a_difference_and_a_silent_store_is_not() {
    let env = pushed();
    let packs = env.dir().join(".dgov/store");
    fs::rename(&packs, env.dir().join("kept")).unwrap();
    let output = env.fails(&["data", "verify", "--remote"], 7, "data.remote_differs");
    assert!(output.stdout.contains("is missing"), "{output}");
    fs::rename(env.dir().join("kept"), &packs).unwrap();

    let manifest = env.read("dgov.toml");
    let two =
        manifest.replace("[\"local\"]", "[\"local\", \"ipfs\"]\ncopies = 1\nipfs = { api = \"http://127.0.0.1:1\" }");
    env.write("dgov.toml", two);
    let output = env.fails(&["data", "verify", "--remote"], 6, "data.remote_unreachable");
    let report: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    let states: Vec<_> =
        report["data"]["audits"].as_array().unwrap().iter().map(|audit| audit["state"].clone()).collect();
    assert_eq!(states, [json!("ok"), json!("ok"), json!("unreachable"), json!("unreachable")]);
    env.ok(&["data", "verify", "--remote", "--target", "local"]);
}
