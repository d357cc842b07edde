//! Packages: push, verify, prove, and everything that can be wrong with a folder.

use std::fs;

use serde_json::Value;

use crate::common::TestEnv;

fn deployed() -> TestEnv {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    env
}

#[test]
fn a_push_records_a_version_and_an_unchanged_one_sends_nothing() {
    let env = deployed();
    let first = env.json(&["data", "push", "raccoon"]);
    assert_eq!((first["version"].clone(), first["records"].clone()), (1.into(), 3.into()));
    assert_eq!(first["cid"], env.json(&["data", "cid", "data/raccoon"])["cid"]);
    assert_eq!(first["transactions"].as_array().unwrap().len(), 2, "register and offer");
    assert!(first["tx_hash"].is_string() && first["gas_used"].as_u64().unwrap() > 100_000);
    let lock = env.read("dgov.lock");

    let again = env.json(&["data", "push", "raccoon"]);
    assert_eq!((again["changed"].clone(), again["tx_hash"].clone()), (false.into(), Value::Null));
    assert_eq!((again["cid"].clone(), again["version"].clone()), (first["cid"].clone(), 1.into()));
    assert_eq!(env.read("dgov.lock"), lock);

    env.write("data/raccoon/images/raccoon-4.jpg", "new");
    let second = env.json(&["data", "push"]);
    assert_eq!((second["version"].clone(), second["records"].clone()), (2.into(), 4.into()));
    assert_eq!(second["token_id"], first["token_id"]);
    assert_eq!(env.json(&["data", "show", "raccoon"])["versions"].as_array().unwrap().len(), 2);
    let second = env.json(&["data", "show", "raccoon@2"]);
    assert_eq!((second["versions"].as_array().unwrap().len(), &second["versions"][0]["version"]), (1, &2.into()));
    env.fails(&["data", "show", "raccoon@3"], 3, "dataset.version_unknown");
    assert_eq!(env.json(&["data", "list"])["datasets"][0]["version"], 2);
}

#[test]
fn verify_names_the_first_bad_file_and_byte() {
    let env = deployed();
    env.ok(&["data", "push"]);
    assert_eq!(env.json(&["data", "verify"])["datasets"][0]["files"], 7);
    let path = env.dir().join("data/raccoon/images/raccoon-2.jpg");
    let good = fs::read(&path).unwrap();
    let mut bad = good.clone();
    bad[1_000] ^= 1;
    fs::write(&path, &bad).unwrap();
    let output = env.fails(&["data", "verify", "raccoon"], 7, "data.differs");
    assert!(output.stdout.contains("images/raccoon-2.jpg changed"), "{output}");
    fs::write(&path, good).unwrap();
    env.ok(&["data", "verify"]);
    env.write("data/raccoon/extra", "x");
    assert!(env.fails(&["data", "verify"], 7, "data.differs").stdout.contains("extra is new"));
    fs::remove_file(env.dir().join("data/raccoon/extra")).unwrap();
    fs::remove_file(env.dir().join("data/raccoon/LICENSE")).unwrap();
    assert!(env.fails(&["data", "verify"], 7, "data.differs").stdout.contains("LICENSE is missing"));
}

#[test]
fn records_are_proved_present_and_absent_here_and_on_chain() {
    let env = deployed();
    let pushed = env.json(&["data", "push"]);
    let proof = env.json(&["data", "prove", "raccoon", "--record", "images/raccoon-1.jpg", "--on-chain"]);
    assert_eq!((proof["claim"].clone(), proof["accepted_on_chain"].clone()), ("present".into(), true.into()));
    assert_eq!((proof["record_root"].clone(), proof["total"].clone()), (pushed["record_root"].clone(), "3".into()));
    let key = proof["key"].as_str().unwrap();
    assert_eq!(env.json(&["data", "prove", "raccoon", "--record", key])["record"], "images/raccoon-1.jpg");

    env.write("other.jpg", "nobody has seen this");
    let absent = env.json(&["data", "prove", "raccoon", "--absent", "other.jpg", "--on-chain", "--out", "proof.json"]);
    assert_eq!((absent["claim"].clone(), absent["accepted_on_chain"].clone()), ("absent".into(), true.into()));
    assert_eq!(serde_json::from_str::<Value>(&env.read("proof.json")).unwrap()["key"], absent["key"]);

    let image = "data/raccoon/images/raccoon-1.jpg";
    env.fails(&["data", "prove", "raccoon", "--absent", image], 7, "record.present");
    env.fails(&["data", "prove", "raccoon", "--record", "images/raccoon-9.jpg"], 3, "record.unknown");
    env.fails(&["data", "prove", "raccoon", "--absent", "nothing.jpg"], 3, "record.no_file");
    env.fails(&["data", "prove", "raccoon", "--record", "LICENSE", "--version", "7"], 3, "dataset.no_version");
}

#[test]
fn bad_folders_and_names_are_refused_before_anything_is_sent() {
    let env = deployed();
    env.fails(&["data", "push", "racoon"], 3, "dataset.unknown");
    env.fails(&["data", "verify", "raccoon"], 3, "dataset.not_pushed");
    let folder = env.dir().join("data/raccoon");
    std::os::unix::fs::symlink("/etc/hostname", folder.join("link")).unwrap();
    env.fails(&["data", "push"], 3, "dataset.symlink");
    fs::remove_file(folder.join("link")).unwrap();
    env.write("contributors.csv", "account,shares\n0x1234,5\n");
    env.fails(&["data", "push"], 3, "contributors.malformed");
    fs::remove_file(env.dir().join("contributors.csv")).unwrap();
    env.fails(&["data", "push"], 3, "contributors.missing");
    fs::remove_dir_all(&folder).unwrap();
    env.fails(&["data", "cid", "data/raccoon"], 3, "dataset.path_missing");
    fs::create_dir_all(&folder).unwrap();
    env.fails(&["data", "cid", "data/raccoon"], 3, "dataset.empty");
    assert_eq!(env.json(&["data", "list"])["datasets"].as_array().unwrap().len(), 0);
}

#[test]
fn before_a_deployment_the_hint_is_to_deploy() {
    let env = TestEnv::project();
    let output = env.fails(&["data", "push"], 3, "project.not_deployed");
    assert!(output.stdout.contains("dgov deploy"), "{output}");
    let elsewhere = TestEnv::new();
    elsewhere.fails(&["data", "push"], 3, "manifest.not_found");
}

#[test]
fn somebody_else_cannot_append_to_a_dataset() {
    let env = deployed();
    env.ok(&["data", "push"]);
    env.write("data/raccoon/more", "x");
    env.fails(&["data", "push", "--from", "dev1"], 8, "dataset.not_owner");
}

#[test]
fn a_dry_run_prices_the_push_and_changes_nothing() {
    let env = deployed();
    let lock = env.read("dgov.lock");
    let plan = env.json(&["data", "push", "--dry-run"]);
    assert_eq!((plan["dry_run"].clone(), plan["tx_hash"].clone()), (true.into(), Value::Null));
    assert!(plan["transactions"][0]["gas_used"].as_u64().unwrap() > 100_000);
    assert_eq!(env.read("dgov.lock"), lock);
    assert_eq!(env.json(&["data", "list"])["datasets"].as_array().unwrap().len(), 0);
}

#[test]
fn a_damaged_store_is_noticed_when_it_is_read() {
    let env = deployed();
    env.ok(&["data", "push"]);
    let packs = env.dir().join(".dgov/store/packs");
    for entry in fs::read_dir(packs).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "pack") {
            let mut bytes = fs::read(&path).unwrap();
            bytes.iter_mut().for_each(|byte| *byte ^= 0x20);
            fs::write(&path, bytes).unwrap();
        }
    }
    env.fails(&["data", "prove", "raccoon", "--record", "images/raccoon-1.jpg"], 7, "storage.block_differs");
}

#[test]
fn a_price_has_one_shape_wherever_it_is_told() {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    env.ok(&["data", "push"]);
    let rows = [
        env.json(&["data", "list"])["datasets"][0]["prices"][0].clone(),
        env.json(&["data", "show", "raccoon"])["offers"][0].clone(),
        env.json(&["license", "list"])["terms"][0].clone(),
        env.json(&["status"])["datasets"][0]["offers"][0].clone(),
        env.json(&["license", "buy", "raccoon", "--from", "dev3"]),
    ];
    let zero = "0x0000000000000000000000000000000000000000";
    for row in rows {
        let price = [&row["price"], &row["price_text"], &row["currency"], &row["currency_symbol"]];
        assert_eq!(
            serde_json::json!(price),
            serde_json::json!(["10000000000000000", "0.01 ETH", zero, "ETH"]),
            "{row}"
        );
    }
}

#[test]
fn a_contributor_list_without_rows_is_named() {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    env.write("contributors.csv", "account,shares\n");
    let output = env.fails(&["data", "push"], 3, "contributors.empty");
    assert!(output.stdout.contains("contributors.csv has a header, but no rows"), "{output}");
}

#[test]
#[cfg(unix)]
fn a_link_to_nothing_is_called_broken() {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    let link = env.dir().join("data/raccoon/images/raccoon-4.jpg");
    std::os::unix::fs::symlink("gone.jpg", &link).unwrap();
    for args in [&["data", "push"][..], &["data", "cid", "data/raccoon"], &["data", "cid", link.to_str().unwrap()]] {
        let output = env.fails(args, 3, "dataset.symlink_broken");
        assert!(output.stdout.contains("images/raccoon-4.jpg is a broken symbolic link"), "{output}");
    }
}

#[test]
fn a_path_that_was_typed_wrong_is_named_in_the_hint() {
    let env = TestEnv::new();
    let output = env.fails(&["data", "cid", "nope"], 3, "dataset.path_missing");
    assert!(output.stdout.contains("the path given, `nope`") && !output.stdout.contains("dgov.toml"), "{output}");
}

/// Digests that other programs know files by, in one read; of the CAR file of the package in a second one.
#[test]
fn other_digests_of_a_package() {
    use dgov_data::{arweave::ChunkTree, car, filecoin::PieceHasher, unixfs};

    let env = TestEnv::new();
    let long: Vec<u8> = (0..9_000_001u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    env.write("data/a.txt", "one");
    env.write("data/b/c.bin", &long);
    env.write("data/empty", "");
    let root = camino::Utf8PathBuf::from_path_buf(env.dir().join("data")).unwrap();
    let digests = |bytes: &[u8]| {
        let mut hasher = PieceHasher::default();
        std::io::Write::write_all(&mut hasher, bytes).unwrap();
        let (piece, root) = (hasher.finish(), ChunkTree::of(bytes).root());
        serde_json::json!({
            "bytes": bytes.len(),
            "blake3": blake3::hash(bytes).to_hex().to_string(),
            "data_root": base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, root),
            "piece": { "cid": piece.cid_v2().to_string(), "cid_v1": piece.cid_v1().to_string(),
                       "payload_bytes": bytes.len(), "piece_bytes": piece.padded_size() },
        })
    };
    let all = ["--blake3", "--data-root", "--piece"];
    let folder = env.json(&[&["data", "cid", "data"][..], &all].concat());
    let mut expected = Vec::new();
    for (path, bytes) in [("a.txt", &b"one"[..]), ("b/c.bin", &long), ("empty", b"")] {
        let mut of_file = digests(bytes);
        of_file["path"] = path.into();
        expected.push(of_file);
    }
    assert_eq!(folder["digests"], serde_json::Value::from(expected));
    assert_eq!((&folder["read"], &folder["bytes"]), (&9_000_004.into(), &9_000_004.into()), "one read");
    assert_eq!(folder["cid"], env.json(&["data", "cid", "data"])["cid"]);

    let mut bytes = Vec::new();
    let package = unixfs::plan(&root, &unixfs::Options::default()).unwrap().hash(&|_| {}).unwrap();
    car::write(&package, &mut bytes).unwrap();
    let car = env.json(&[&["data", "cid", "data", "--car"][..], &all].concat());
    assert_eq!((&car["car"], &car["read"]), (&digests(&bytes), &18_000_008.into()));
    assert!(car.get("digests").is_none());

    let file = env.json(&["data", "cid", "data/a.txt", "--blake3"]);
    assert_eq!(file["digests"][0]["blake3"], blake3::hash(b"one").to_hex().to_string());
    assert!(file["digests"][0].get("piece").is_none() && file.get("car").is_none());
    let shown = env.ok(&["data", "cid", "data/a.txt", "--blake3"]).stdout;
    assert!(shown.contains(&blake3::hash(b"one").to_hex().to_string()) && shown.contains("a.txt"), "{shown}");
    env.fails(&["data", "cid", "data", "--car"], 2, "usage.car");
}
