//! What goes wrong outside: nodes, locks, disks, passwords, interrupts, two processes at once. One clear error with a
//! hint, the documented exit code, nothing lost.

use std::fs;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::common::TestEnv;
use crate::common::anvil::Anvil;

#[test]
fn a_malformed_manifest_shows_every_finding_with_its_line() {
    let env = TestEnv::project();
    let manifest = env.read("dgov.toml");
    env.write(
        "dgov.toml",
        manifest.replace("\"80%\"", "\"81%\"").replace("0.01 ETH", "0.01 EHT").replace("\"1d\"", "\"1 day\""),
    );
    let output = env.run(&["plan", "--json"]);
    assert_eq!(output.code, 3, "{output}");
    let document: Value = serde_json::from_str(&output.stdout).unwrap();
    let details = document["errors"][0]["details"].to_string();
    for line in ["\"line\":", "royalties", "licenses.research.price", "governance.voting-delay"] {
        assert!(details.contains(line), "{line} is not in {details}");
    }
    env.write("dgov.toml", "[project\nname = 1");
    assert_eq!(env.run(&["plan"]).code, 3);
}

#[test]
fn a_node_that_is_not_there_or_another_chain_is_exit_4() {
    let env = TestEnv::project();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    env.write_project(free);
    env.fails(&["deploy", "--network", "anvil"], 4, "chain.unreachable");
    let Some(anvil) = Anvil::start() else { return };
    env.write_project(anvil.port);
    let manifest = env.read("dgov.toml");
    env.write("dgov.toml", manifest.replace("chain-id = 31337", "chain-id = 31338"));
    env.fails(&["deploy", "--network", "anvil"], 4, "chain.wrong_chain");
    env.fails(&["deploy", "--network", "nowhere"], 2, "network.unknown");
}

#[test]
fn a_call_that_would_revert_is_named_before_anything_is_signed() {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    env.ok(&["data", "push"]);
    let before = env.account(&env.dir(), crate::common::project::DEV[0]);
    let call =
        "registry:approveCard(bytes32,bool):0x1111111111111111111111111111111111111111111111111111111111111111,true";
    let output = env.run(&["gov", "propose", "--title", "Approve a card that is not there", "--call", call, "--json"]);
    assert_eq!(output.code, 5, "{output}");
    assert!(output.stdout.contains("VersionUnknown"), "{output}");
    assert_eq!(env.account(&env.dir(), crate::common::project::DEV[0]), before);
}

/// Another process holds the project's lock: the command waits, then gives up.
#[test]
fn a_held_lock_is_waited_for_and_then_exit_10() {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    let file = fs::File::create(env.dir().join(".dgov/change.lock")).unwrap();
    file.lock().unwrap();
    let start = Instant::now();
    env.fails(&["data", "push"], 10, "io.lock_held");
    assert!(start.elapsed() >= Duration::from_secs(9));
    env.ok(&["data", "list"]);
    drop(file);
    env.ok(&["data", "push"]);
}

#[test]
fn two_pushes_at_once_record_one_version() {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    let children: Vec<_> = (0..3)
        .map(|_| {
            env.command(&["data", "push", "--json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        let code = output.status.code();
        assert!(matches!(code, Some(0 | 10)), "{code:?} {}", String::from_utf8_lossy(&output.stdout));
    }
    assert_eq!(env.json(&["data", "show", "raccoon"])["versions"].as_array().unwrap().len(), 1);
    assert_eq!(env.ok(&["data", "push"]).code, 0);
}

/// A file system that is full: only root can mount a small one, so the test says when it can't run.
#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_exit_10_and_nothing_is_half_recorded() {
    let env = TestEnv::new();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=2500k", "tmpfs"]).arg(env.dir()).output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED: a small file system can't be mounted here");
        return;
    }
    let unmount = Unmount(env.dir());
    env.write_project(1);
    env.write_small_set();
    env.ok(&["deploy"]);
    let lock = env.read("dgov.lock");
    let free = env.dir().join("filler");
    // All but a few kilobytes are taken.
    let mut size = 2_500_000usize;
    while size > 4_096 {
        let mut bytes = fs::read(&free).unwrap_or_default();
        bytes.extend(std::iter::repeat_n(7u8, size));
        if fs::write(&free, &bytes).is_err() {
            bytes.truncate(bytes.len() - size);
            let _ = fs::write(&free, &bytes);
            size /= 2;
        }
    }
    let output = env.run(&["data", "push", "--json"]);
    assert_eq!(output.code, 10, "{output}");
    assert_eq!(env.read("dgov.lock"), lock);
    fs::remove_file(&free).unwrap();
    env.ok(&["data", "push"]);
    assert_eq!(env.json(&["data", "show", "raccoon"])["versions"].as_array().unwrap().len(), 1);
    drop(unmount);
}

struct Unmount(std::path::PathBuf);

impl Drop for Unmount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

/// Ctrl-C while a transaction waits for a block that does not come: exit 130; with blocks again a rerun completes the
/// same transaction.
#[test]
#[cfg(unix)]
fn an_interrupt_is_exit_130_and_a_rerun_goes_on() {
    let Some(anvil) = Anvil::start() else { return };
    let env = TestEnv::project();
    env.write_project(anvil.port);
    env.ok(&["deploy", "--network", "anvil"]);
    anvil.rpc("evm_setAutomine", serde_json::json!([false]));
    let child = env.command(&["data", "push", "--network", "anvil"]).stderr(Stdio::piped()).spawn().unwrap();
    let start = Instant::now();
    while anvil.rpc("txpool_status", serde_json::json!([]))["pending"] == "0x0" {
        assert!(start.elapsed() < Duration::from_secs(20), "nothing was sent");
        std::thread::sleep(Duration::from_millis(30));
    }
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert!(stderr.contains("run the same command again"), "{stderr}");
    anvil.rpc("evm_setAutomine", serde_json::json!([true]));
    anvil.rpc("evm_mine", serde_json::json!([]));
    let pushed = env.json(&["data", "push", "--network", "anvil"]);
    assert_eq!(pushed["version"], 1);
    assert_eq!(env.json(&["data", "show", "raccoon", "--network", "anvil"])["versions"].as_array().unwrap().len(), 1);
}

#[test]
fn an_unsigned_export_is_sent_by_nobody() {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    let report = env.json(&["data", "push", "--unsigned", "safe.json"]);
    assert_eq!(report["tx_hash"], Value::Null);
    let exported: Value = serde_json::from_str(&env.read("safe.json")).unwrap();
    assert!(
        exported.to_string().contains(&env.json(&["deploy"])["contracts"]["registry"].to_string().replace('"', "")),
        "{exported}"
    );
    assert_eq!(env.json(&["data", "list"])["datasets"].as_array().unwrap().len(), 0);
}

#[test]
fn spending_more_than_allowed_is_refused_before_it_is_signed() {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    env.ok(&["data", "push"]);
    env.fails(&["license", "buy", "raccoon", "--from", "dev3", "--max-spend", "0.005 ETH"], 8, "tx.max_spend");
    env.fails(
        &["license", "buy", "raccoon", "--from", "dev3", "--max-price", "0.005 ETH"],
        8,
        "license.price_above_max",
    );
    env.ok(&["license", "buy", "raccoon", "--from", "dev3", "--max-spend", "0.02 ETH"]);
}

/// A URL that can't be reached is named by host and port, with the cause; what may hold a key stays out.
#[test]
fn an_unreachable_node_is_named_without_its_key() {
    let env = TestEnv::project();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    env.write_project(free);
    let manifest = env.read("dgov.toml");
    let url = format!("http://127.0.0.1:{free}");
    env.write(
        "dgov.toml",
        manifest.replace(&url, &format!("http://user:hunter2@127.0.0.1:{free}/v1/hunter2?key=hunter2")),
    );
    let output = env.fails(&["status", "--network", "anvil"], 4, "chain.unreachable");
    assert!(output.stdout.contains(&format!("127.0.0.1:{free} can't be reached: connection refused")), "{output}");
    assert!(!output.stdout.contains("hunter2") && !output.stdout.contains("/v1"), "{output}");

    let project = "eip155:1:0x00000000000000000000000000000000000000aa";
    let dir = env.root().join("other");
    let join = |url: &str| {
        env.fails(&["join", project, "--rpc-url", url, "--dir", dir.to_str().unwrap()], 4, "chain.unreachable")
    };
    let output = join(&format!("{url}/hunter2"));
    assert!(output.stdout.contains("connection refused") && !output.stdout.contains("hunter2"), "{output}");
    assert!(output.stdout.contains("--rpc-url") && !output.stdout.contains("--network"), "{output}");
    // A name below .invalid never resolves (RFC 6761).
    let output = join("http://node.invalid:1234/hunter2");
    assert!(output.stdout.contains("node.invalid:1234") && output.stdout.contains("DNS"), "{output}");
}

/// A project that can be read but not written: a bind mount without the leave to write, which only root can make.
#[test]
#[cfg(target_os = "linux")]
fn a_read_only_project_can_be_read() {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    env.ok(&["data", "push"]);
    let fresh = env.root().join("fresh");
    fs::create_dir(&fresh).unwrap();
    fs::write(fresh.join("dgov.toml"), "[project]\nname = \"fresh\"\n").unwrap();
    let Some(_mount) = read_only(&env.dir()) else { return };
    for args in [
        &["status"][..],
        &["data", "list"],
        &["data", "show", "raccoon"],
        &["plan"],
        &["royalties", "show"],
        &["license", "list"],
        &["gov", "list"],
        &["data", "verify"],
    ] {
        env.json(args);
    }
    let output = env.fails(&["data", "push"], 10, "io.read_only");
    assert!(output.stdout.contains("work/.dgov/change.lock"), "{output}");

    // Nothing was ever written here: an empty chain and no ledger.
    let Some(_mount) = read_only(&fresh) else { return };
    let output = env.run_in(&fresh, &["status", "--json"]);
    assert!(output.code == 0 && output.stdout.contains("\"deployed\": false"), "{output}");
    assert_eq!(env.run_in(&fresh, &["deploy", "--json"]).code, 10);
}

#[cfg(target_os = "linux")]
fn read_only(dir: &std::path::Path) -> Option<Unmount> {
    let mount = |options: &str| {
        let output = Command::new("mount").args(["-o", options]).arg(dir).arg(dir).output();
        output.is_ok_and(|output| output.status.success())
    };
    if !mount("bind") {
        eprintln!("SKIPPED: a read-only file system can't be mounted here");
        return None;
    }
    let mounted = Unmount(dir.to_owned());
    let remount = Command::new("mount").args(["-o", "remount,ro,bind"]).arg(dir).output();
    assert!(remount.is_ok_and(|output| output.status.success()), "the mount stays writable");
    Some(mounted)
}
