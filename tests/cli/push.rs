//! What a push reads and sends: only what is new, also after a kill.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::common::TestEnv;

const MIB: usize = 1 << 20;

/// Bytes that compress and repeat nowhere.
fn noise(len: usize, mut seed: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(len);
    while bytes.len() < len {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        bytes.extend_from_slice(&(seed ^ (seed >> 29)).to_be_bytes());
    }
    bytes.truncate(len);
    bytes
}

/// A deployed project whose only dataset lies in `data/big`. What is written now can be told from later changes.
fn project(files: &[(&str, &[u8])]) -> TestEnv {
    let env = TestEnv::project();
    let manifest = env.read("dgov.toml").replace("data/raccoon", "data/big");
    let manifest = manifest.lines().filter(|line| !line.starts_with("annotations")).collect::<Vec<_>>().join("\n");
    env.write("dgov.toml", manifest);
    for (name, bytes) in files {
        env.write(&format!("data/big/{name}"), bytes);
    }
    env.ok(&["deploy"]);
    settle();
    env
}

/// Longer than the time in which a change might leave the same stamp.
fn settle() {
    std::thread::sleep(Duration::from_millis(150));
}

fn sent(push: &Value) -> u64 {
    push["uploads"][0]["sent"].as_u64().unwrap()
}

fn packs(dir: &Path) -> usize {
    let entries = fs::read_dir(dir.join(".dgov/store/packs")).into_iter().flatten().flatten();
    entries.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "idx")).count()
}

#[test]
fn only_what_changed_is_read_and_only_new_blocks_are_sent() {
    let (a, b) = (noise(3 * MIB, 1), noise(2 * MIB, 2));
    let env = project(&[("a.bin", &a), ("b.bin", &b)]);
    let first = env.json(&["data", "push"]);
    assert_eq!(first["read"], 5 * MIB);
    assert!(sent(&first) > 5 * MIB as u64, "{first}");

    let again = env.json(&["data", "push"]);
    assert_eq!((again["read"].clone(), sent(&again)), (0.into(), 0));
    assert_eq!(again["changed"], false);

    // One byte of the second MiB: the file is read, one leaf and the nodes above it are sent.
    let mut changed = a.clone();
    changed[MIB + 7] ^= 1;
    env.write("data/big/a.bin", &changed);
    settle();
    let second = env.json(&["data", "push"]);
    assert_eq!(second["read"], 3 * MIB);
    assert!((MIB as u64..MIB as u64 + 20_000).contains(&sent(&second)), "{second}");
    assert_eq!(second["cid"], env.json(&["data", "cid", "data/big"])["cid"]);

    // The same bytes at the same size and time are another file all the same: it was made anew.
    let before = fs::metadata(env.dir().join("data/big/b.bin")).unwrap().modified().unwrap();
    let mut swapped = b.clone();
    swapped[0] ^= 1;
    env.write("data/big/b.bin", &swapped);
    fs::File::options().append(true).open(env.dir().join("data/big/b.bin")).unwrap().set_modified(before).unwrap();
    settle();
    let third = env.json(&["data", "push"]);
    assert_eq!(third["read"], 2 * MIB);
    assert_eq!(third["cid"], env.json(&["data", "cid", "data/big"])["cid"]);
}

#[test]
fn a_file_written_just_now_is_read_again_and_a_broken_cache_costs_only_time() {
    let env = project(&[("a.bin", &noise(MIB, 3))]);
    env.write("data/big/b.bin", noise(MIB, 4));
    env.json(&["data", "push"]);
    settle();
    assert!(env.json(&["data", "push"])["read"].as_u64().unwrap() <= MIB as u64);
    let cid = env.json(&["data", "push"])["cid"].clone();
    fs::write(env.dir().join(".dgov/cache/hashes.db"), "rubbish").unwrap();
    for name in ["hashes.db-wal", "hashes.db-shm"] {
        let _ = fs::remove_file(env.dir().join(".dgov/cache").join(name));
    }
    let again = env.json(&["data", "push"]);
    assert_eq!((again["read"].clone(), again["cid"].clone()), ((2 * MIB).into(), cid));
}

#[test]
fn a_push_that_was_killed_goes_on_at_its_shard() {
    let env = project(&[("a.bin", &noise(200 * MIB, 5))]);
    let mut point = 1;
    while packs(&env.dir()) < 2 {
        let output = env.run_with(&env.dir(), &["data", "push"], &[("DGOV_FAULT_AT", &point.to_string())]);
        assert_eq!(output.code, -1, "{output}");
        point += 1;
    }
    let push = env.json(&["data", "push"]);
    assert_eq!(push["read"], 0, "the hashes were known when the first shard was sent");
    // Two of thirteen shards of 16 MiB are there.
    assert!(sent(&push) < 185 * MIB as u64, "{push}");
    assert_eq!(env.json(&["data", "verify"])["datasets"][0]["bytes"], 200 * MIB);
}

#[test]
fn a_file_that_changes_meanwhile_is_read_again() {
    let env = project(&[("a.bin", b"x")]);
    let path = env.dir().join("data/big/a.bin");
    fs::File::options().write(true).open(&path).unwrap().set_len(300 << 20).unwrap();
    let writer = std::thread::spawn({
        let path = path.clone();
        move || {
            for _ in 0..10 {
                std::thread::sleep(Duration::from_millis(20));
                fs::File::options()
                    .write(true)
                    .open(&path)
                    .unwrap()
                    .set_modified(std::time::SystemTime::now())
                    .unwrap();
            }
        }
    });
    let output = env.run(&["data", "push", "--json"]);
    writer.join().unwrap();
    // Three changes in a row are a file that somebody is writing.
    match output.code {
        0 => {}
        7 => assert!(output.stdout.contains("dataset.changed") && output.stdout.contains("a.bin"), "{output}"),
        _ => panic!("{output}"),
    }
    settle();
    let push = env.json(&["data", "push"]);
    assert_eq!(push["cid"], env.json(&["data", "cid", "data/big"])["cid"]);
}

#[test]
fn a_store_that_is_gone_is_named_and_copies_decide_whether_that_matters() {
    let env = project(&[("a.bin", b"x")]);
    let manifest = env.read("dgov.toml");
    let storage = |copies: u32| {
        // Nobody listens on the discard port.
        let wanted =
            format!("targets = [\"local\", \"ipfs\"]\ncopies = {copies}\n[storage.ipfs]\napi = \"http://127.0.0.1:9\"");
        env.write("dgov.toml", manifest.replace("targets = [\"local\"]", &wanted));
    };
    storage(2);
    let output = env.fails(&["data", "push"], 6, "storage.copies");
    assert!(output.stdout.contains("ipfs: ") && output.stdout.contains("local has the package"), "{output}");
    assert_eq!(env.json(&["data", "list"])["datasets"].as_array().unwrap().len(), 0, "nothing was recorded on chain");
    storage(1);
    let push = env.json(&["data", "push"]);
    assert_eq!(push["stored"], serde_json::json!(["local"]));
}

#[test]
fn a_package_is_exported_as_one_car_file() {
    let env = project(&[("a.bin", &noise(2 * MIB + 1, 6)), ("b/c.txt", b"text")]);
    let report = env.json(&["data", "export", "--car", "out.car"]);
    let bytes = fs::read(env.dir().join("out.car")).unwrap();
    assert_eq!(report["car_bytes"], bytes.len());
    assert_eq!(report["cid"], env.json(&["data", "cid", "data/big"])["cid"]);
    env.fails(&["data", "export", "--car", "out.car"], 2, "usage.file_exists");
    env.ok(&["data", "export", "--path", "data/big", "--car", "out.car", "--force"]);
    assert_eq!(fs::read(env.dir().join("out.car")).unwrap(), bytes);
    env.fails(&["data", "export", "--path", "nowhere", "--car", "new.car"], 3, "dataset.path_missing");
    assert!(!env.dir().join("new.car").exists());
}

#[test]
fn what_the_store_has_lost_is_stored_again() {
    let a = noise(3 * MIB, 7);
    let env = project(&[("a.bin", &a)]);
    env.json(&["data", "push"]);
    let remove = |keep: &dyn Fn(&str) -> bool| {
        for entry in fs::read_dir(env.dir().join(".dgov/store/packs")).unwrap().flatten() {
            let name = entry.file_name().into_string().unwrap();
            if !name.ends_with(".complete") && !keep(&name) {
                fs::remove_file(entry.path()).unwrap();
            }
        }
    };
    // All packs are gone.
    remove(&|_| false);
    assert!(sent(&env.json(&["data", "push"])) > 3 * MIB as u64);
    env.ok(&["data", "verify", "--remote", "--all"]);

    // The pack of an earlier version, which holds most blocks of the latest, is gone.
    let first = env.json(&["data", "show", "raccoon"])["versions"][0]["cid"].as_str().unwrap().to_owned();
    env.write("data/big/b.bin", noise(MIB, 8));
    env.json(&["data", "push"]);
    remove(&|name| !name.starts_with(&first));
    assert!(sent(&env.json(&["data", "push"])) > 3 * MIB as u64);
    env.ok(&["data", "verify", "--remote", "--all"]);
    assert_eq!(sent(&env.json(&["data", "push"])), 0);

    // A byte has changed: the hint names the pack; without it a push stores its blocks again.
    let packs = fs::read_dir(env.dir().join(".dgov/store/packs")).unwrap().flatten();
    let largest = packs.max_by_key(|entry| entry.metadata().unwrap().len()).unwrap().path();
    let mut bytes = fs::read(&largest).unwrap();
    bytes[MIB / 2] ^= 1;
    fs::write(&largest, bytes).unwrap();
    let output = env.run(&["data", "verify", "--remote", "--all"]);
    assert!(output.code == 7 && output.stderr.contains(largest.file_name().unwrap().to_str().unwrap()), "{output}");
    fs::remove_file(&largest).unwrap();
    fs::remove_file(largest.with_extension("idx")).unwrap();
    assert!(sent(&env.json(&["data", "push"])) > 0);
    env.ok(&["data", "verify", "--remote", "--all"]);
}
