//! `dgov data pull`: from a store, from gateways, killed, into a folder that has things already.

use std::fs;
use std::path::Path;
use std::sync::Mutex;

use serde_json::{Value, json};

use crate::chain::Server;
use crate::common::TestEnv;
use crate::common::gateway::{Gateway, respond};
use crate::common::package::{noise, tree};

const V1: &str = "unixfs-v1-2025";

fn pulled(env: &TestEnv) {
    assert_eq!(tree(&env.dir().join("out")), tree(&env.dir().join("data/raccoon")));
}

fn pull<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["data", "pull", "raccoon", "--to", "out"], more].concat()
}

#[test]
fn a_package_comes_whole_and_the_second_time_for_nothing() {
    let env = TestEnv::project();
    env.write("data/raccoon/big.bin", noise(3_000_000));
    env.write("data/raccoon/empty", "");
    env.ok(&["deploy"]);
    env.ok(&["data", "push"]);
    let first = env.json(&pull(&[]));
    pulled(&env);
    assert_eq!(json!([first["files"], first["kept_files"], first["bytes"]]), json!([9, 0, 3_006_200]));
    assert_eq!((&first["version"], &first["status"]), (&json!(1), &json!("active")));

    let again = env.json(&pull(&["--version", "1"]));
    assert_eq!(json!([again["files"], again["kept_files"], again["kept_bytes"]]), json!([0, 9, 3_006_200]));
    assert!(again["fetched_bytes"].as_u64().unwrap() < 10_000, "folders and the node of big.bin: {again}");

    let part = env.json(&["data", "pull", "--path", "images/", "--to", "part"]);
    assert_eq!(part["files"], 3);
    assert_eq!(tree(&env.dir().join("part/images")), tree(&env.dir().join("data/raccoon/images")));
    assert_eq!(fs::read_dir(env.dir().join("part")).unwrap().count(), 1);

    env.ok(&["data", "pull"]);
    assert_eq!(tree(&env.dir().join("raccoon")), tree(&env.dir().join("data/raccoon")), "the name is the folder");
    env.fails(&pull(&["--path", "images/none.jpg"]), 3, "pull.no_path");
    env.fails(&pull(&["--version", "2"]), 3, "dataset.version_unknown");
    env.fails(&pull(&["--gateway", "file:///etc"]), 2, "usage.gateway");
    env.fails(&pull(&["--max-bytes", "3000000"]), 7, "storage.too_large");
    env.fails(&pull(&["--max-files", "9"]), 7, "storage.too_large");
}

#[test]
fn a_joined_folder_pulls_from_the_projects_node() {
    let env = TestEnv::project();
    let project = env.json(&["deploy"])["project"].as_str().unwrap().to_owned();
    env.ok(&["data", "push"]);
    let server = Server::start(&env);
    let other = env.root().join("other");
    env.ok(&["join", &project, "--rpc-url", &server.url, "--dir", other.to_str().unwrap()]);
    let output = env.run_in(&other, &["data", "pull", "--json"]);
    assert_eq!(output.code, 0, "{output}");
    assert_eq!(tree(&other.join("raccoon")), tree(&env.dir().join("data/raccoon")));
    let report: Value = serde_json::from_str(&output.stdout).unwrap();
    let sources = report["data"]["sources"].as_array().unwrap().clone();
    let served = sources.iter().find(|source| source["blocks"] != 0).unwrap();
    assert!(served["source"].as_str().unwrap().starts_with(&server.url), "{report}");
}

#[test]
fn both_profiles_and_sharded_folders_come_from_a_gateway() {
    for profile in [V1, "unixfs-v0-2015"] {
        // Long names: above the size at which a folder becomes shards.
        let (env, blocks) = TestEnv::pushed_elsewhere(profile, |env| {
            for number in 0..1_500 {
                env.write(&format!("data/raccoon/many/{number:0>200}"), format!("{number}"));
            }
        });
        let gateway = Gateway::honest(blocks);
        let report = env.json(&pull(&["--gateway", &gateway.url]));
        pulled(&env);
        assert_eq!((&report["files"], &report["version"]), (&json!(1_509), &json!(1)), "{profile}");
        let one = format!("many/{:0>200}", 77);
        let asked = gateway.asked();
        env.ok(&["data", "pull", "--path", &one, "--to", "one", "--gateway", &gateway.url]);
        assert_eq!(fs::read_to_string(env.dir().join("one").join(one)).unwrap(), "77");
        assert!(gateway.asked() - asked < 10, "only the blocks on the way");
    }
}

#[test]
fn a_killed_pull_goes_on_and_shows_nothing_that_is_not_whole() {
    let (env, blocks) = TestEnv::pushed_elsewhere(V1, |_| {});
    let gateway = Gateway::honest(blocks);
    let wanted = tree(&env.dir().join("data/raccoon"));
    let (mut point, mut resumed) = (1, 0);
    loop {
        let _ = fs::remove_dir_all(env.dir().join("out"));
        let fault = point.to_string();
        let args = pull(&["--gateway", &gateway.url, "--jobs", "3"]);
        let killed = env.run_with(&env.dir(), &args, &[("DGOV_FAULT_AT", &fault)]);
        if killed.code == 0 {
            break;
        }
        assert_eq!(killed.code, -1, "{killed}");
        for (path, bytes) in tree(&env.dir().join("out")) {
            assert!(path.starts_with(".dgov-pull") || wanted[&path] == bytes, "{path} is not whole");
        }
        let again = env.json(&args);
        pulled(&env);
        resumed += again["resumed_bytes"].as_u64().unwrap();
        point += 1;
    }
    assert!(point > 20 && resumed >= 5 << 20, "{point} kills, {resumed} bytes not fetched twice");
}

#[test]
fn what_is_in_the_folder_is_overwritten_only_when_told() {
    let (env, blocks) = TestEnv::pushed_elsewhere(V1, |_| {});
    let gateway = Gateway::honest(blocks);
    env.write("out/LICENSE", "mine");
    env.write("out/notes.txt", "mine");
    let mut bad = noise(5_500_000);
    bad[3_000_000] ^= 1;
    env.write("out/big.bin", &bad);
    let args = pull(&["--gateway", &gateway.url]);
    let output = env.fails(&args, 3, "pull.differs");
    assert!(output.stdout.contains("LICENSE, big.bin"), "{output}");
    assert_eq!((env.read("out/LICENSE"), fs::read(env.dir().join("out/big.bin")).unwrap()), ("mine".into(), bad));
    assert_eq!(fs::read(env.dir().join("out/images/raccoon-1.jpg")).unwrap().len(), 2_000, "the rest is in place");

    let report = env.json(&[&args[..], &["--force"]].concat());
    assert_eq!(json!([report["files"], report["kept_files"]]), json!([2, 7]));
    assert!(report["fetched_bytes"].as_u64().unwrap() < 1_200_000, "one leaf of the large file: {report}");
    fs::remove_file(env.dir().join("out/notes.txt")).unwrap();
    pulled(&env);

    fs::remove_file(env.dir().join("out/LICENSE")).unwrap();
    fs::create_dir(env.dir().join("out/LICENSE")).unwrap();
    env.fails(&[&args[..], &["--force"]].concat(), 3, "pull.in_the_way");
}

#[test]
#[cfg(unix)]
fn links_in_the_folder_are_not_followed() {
    use std::os::unix::fs::symlink;
    let (env, blocks) = TestEnv::pushed_elsewhere(V1, |_| {});
    let gateway = Gateway::honest(blocks);
    let (out, outside) = (env.dir().join("out"), env.root().join("outside"));
    fs::create_dir_all(&outside).unwrap();
    fs::write(outside.join("LICENSE"), "theirs").unwrap();
    let args = pull(&["--gateway", &gateway.url, "--force"]);
    for link in ["images", ".dgov-pull"] {
        fs::create_dir_all(&out).unwrap();
        symlink(&outside, out.join(link)).unwrap();
        env.fails(&args, 3, "pull.link");
        fs::remove_dir_all(&out).unwrap();
    }
    fs::create_dir_all(&out).unwrap();
    symlink(outside.join("LICENSE"), out.join("LICENSE")).unwrap();
    symlink(outside.join("new"), out.join("big.bin")).unwrap();
    env.ok(&args);
    pulled(&env);
    assert_eq!(tree(&outside), [("LICENSE".to_owned(), b"theirs".to_vec())].into());
}

#[test]
fn a_range_reads_only_the_blocks_that_hold_it() {
    for profile in [V1, "unixfs-v0-2015"] {
        let (env, blocks) = TestEnv::pushed_elsewhere(profile, |_| {});
        let gateway = Gateway::honest(blocks);
        let whole = noise(5_500_000);
        let range = |range: &str| {
            let args = ["data", "pull", "--path", "big.bin", "--gateway", &gateway.url, "--range", range];
            env.command(&args).output().unwrap()
        };
        let asked = gateway.asked();
        let output = range("2097150-2097153");
        assert_eq!(output.stdout, whole[2_097_150..2_097_154]);
        // The root twice, the file's node, two leaves.
        assert_eq!(gateway.asked() - asked, 5, "{profile}");
        assert_eq!(range("5499999-").stdout, whole[5_499_999..]);
        assert_eq!(range("0-99999999").stdout, whole);
        let args = ["data", "pull", "--path", "LICENSE", "--gateway", &gateway.url, "--range", "0-8"];
        env.fails(&args, 2, "usage");
        assert_eq!(env.json(&[&args[..], &["--to", "head"]].concat())["bytes"], 9);
        assert_eq!(env.read("head"), "generated");
        env.fails(&[&args[..], &["--to", "head"]].concat(), 3, "pull.differs");
        let images = ["data", "pull", "--path", "images", "--gateway", &gateway.url, "--range", "0-8", "--to", "x"];
        env.fails(&images, 3, "pull.no_file");
        assert_eq!(range("5500000-").status.code(), Some(3));
    }
}

#[test]
fn when_a_host_goes_away_the_next_one_goes_on() {
    let (env, blocks) = TestEnv::pushed_elsewhere(V1, |_| {});
    let dying = {
        let blocks = blocks.clone();
        Gateway::start(move |number, cid, stream| {
            // Without an answer the connection ends.
            if let (Some(block), true) = (blocks.0.get(cid), number <= 6) {
                respond(stream, 200, block);
            }
        })
    };
    let steady = Gateway::honest(blocks);
    let report = env.json(&pull(&["--gateway", &dying.url, "--gateway", &steady.url, "--jobs", "2"]));
    pulled(&env);
    let served = |gateway: &Gateway| {
        let sources = report["sources"].as_array().unwrap();
        let of = |source: &&Value| source["source"].as_str().unwrap().starts_with(&gateway.url);
        sources.iter().find(of).unwrap().clone()
    };
    assert!(served(&dying)["blocks"].as_u64().unwrap() <= 6, "{report}");
    assert!(served(&steady)["bytes"].as_u64().unwrap() > 1 << 20, "{report}");
}

#[test]
fn a_host_that_lies_is_put_aside_and_named() {
    let (env, blocks) = TestEnv::pushed_elsewhere(V1, |_| {});
    let liar = Gateway::start(|_, cid, stream| respond(stream, 200, cid.as_bytes()));
    let steady = Gateway::honest(blocks);
    let output = env.ok(&pull(&["--gateway", &liar.url, "--gateway", &steady.url, "--json"]));
    pulled(&env);
    let report: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(report["warnings"][0]["code"], "storage.put_aside");
    assert!(report["warnings"][0]["message"].as_str().unwrap().starts_with(&liar.url), "{output}");
    assert!(liar.asked() < 20, "{} questions to a liar", liar.asked());
}

#[test]
fn one_host_that_stumbles_is_asked_again() {
    let (env, blocks) = TestEnv::pushed_elsewhere(V1, |_| {});
    let failed = Mutex::new(std::collections::BTreeSet::new());
    let stumbling = Gateway::start(move |_, cid, stream| {
        let first = failed.lock().unwrap().insert(cid.to_owned());
        match blocks.0.get(cid) {
            _ if first => respond(stream, 503, b"too busy"),
            Some(block) => respond(stream, 200, block),
            None => respond(stream, 404, b""),
        }
    });
    env.ok(&pull(&["--gateway", &stumbling.url, "--jobs", "16"]));
    pulled(&env);
}

#[test]
fn a_recalled_version_is_pulled_with_a_warning() {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    env.ok(&["data", "push"]);
    env.ok(&["data", "recall", "raccoon", "--reason", "consent was withdrawn", "--yes"]);
    let output = env.ok(&pull(&["--json"]));
    let report: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(
        (&report["data"]["status"], &report["warnings"][0]["code"]),
        (&json!("recalled"), &json!("dataset.status"))
    );
    assert!(Path::new(&env.dir().join("out/LICENSE")).exists());
}
