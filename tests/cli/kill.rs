//! A command that is killed anywhere and run again ends in the state of one that was not, and sends nothing twice.

use std::path::Path;

use serde_json::{Value, json};

use crate::common::anvil::Anvil;
use crate::common::project::{DEV, copy_dir};
use crate::common::{Output, TestEnv};

/// How a killed process ends.
const ABORTED: i32 = -1;

/// The ledger's files below .dgov.
const LEDGER: [&str; 3] = ["ledger.db", "ledger.db-wal", "ledger.db-shm"];

struct Case {
    /// What the story so far needs.
    before: &'static [&'static [&'static str]],
    /// The command that is killed.
    command: &'static [&'static str],
}

const PROPOSE: &[&str] =
    &["gov", "propose", "--title", "Pay", "--call", "0x90F79bf6EB2c4f870365E785982E1f101E93b906:value=0 ETH"];
const VOTE: &[&str] = &["gov", "vote", "latest", "yes"];
const QUEUE: &[&str] = &["gov", "queue", "latest"];
const EXECUTE: &[&str] = &["gov", "execute", "latest"];
/// Until the vote starts, until it is over, until the timelock lets it through.
const WAITS: [&[&str]; 3] =
    [&["chain", "advance", "86402s"], &["chain", "advance", "259200s"], &["chain", "advance", "172800s"]];

const CASES: [Case; 10] = [
    Case { before: &[], command: &["deploy"] },
    Case { before: &[&["deploy"]], command: &["data", "push"] },
    Case { before: &[&["deploy"], &["data", "push"]], command: &["license", "buy", "raccoon", "--from", "dev3"] },
    Case {
        before: &[&["deploy"], &["data", "push"], &["license", "buy", "raccoon", "--from", "dev3"]],
        command: &["royalties", "claim", "--from", "dev1"],
    },
    Case {
        before: &[&["deploy"], &["data", "push"]],
        command: &["royalties", "deposit", "raccoon", "1 ETH", "--reference", "invoice-1", "--from", "dev4"],
    },
    Case {
        before: &[&["deploy"], &["data", "push"]],
        command: &["run", "open", "--dataset", "raccoon", "--pay", "1 ETH", "--oracle", "dev5", "--from", "dev4"],
    },
    Case { before: &[&["deploy"], &["data", "push"]], command: PROPOSE },
    Case { before: &[&["deploy"], PROPOSE, WAITS[0]], command: VOTE },
    Case { before: &[&["deploy"], PROPOSE, WAITS[0], VOTE, WAITS[1]], command: QUEUE },
    Case { before: &[&["deploy"], PROPOSE, WAITS[0], VOTE, WAITS[1], QUEUE, WAITS[2]], command: EXECUTE },
];

fn killed_at(env: &TestEnv, dir: &Path, command: &[&str], point: usize) -> Output {
    env.run_with(dir, command, &[("DGOV_FAULT_AT", &point.to_string())])
}

/// What must not depend on kills: the lock, and what each account sent and holds.
fn state(env: &TestEnv, dir: &Path) -> (String, Vec<Value>) {
    let lock = std::fs::read_to_string(dir.join("dgov.lock")).unwrap_or_default();
    let accounts = DEV.iter().map(|account| json!(env.account(dir, account))).collect();
    (lock, accounts)
}

#[test]
fn killed_at_any_point_and_run_again_on_the_embedded_chain() {
    for case in &CASES {
        let env = TestEnv::project();
        for command in case.before {
            env.ok(command);
        }
        let base = env.dir().with_file_name("base");
        copy_dir(&env.dir(), &base);
        env.ok(case.command);
        let expected = state(&env, &env.dir());
        let mut point = 1;
        let mut kills = 0;
        loop {
            let dir = env.dir().with_file_name(format!("at-{point}"));
            copy_dir(&base, &dir);
            let killed = killed_at(&env, &dir, case.command, point);
            if killed.code == 0 {
                break;
            }
            assert_eq!(killed.code, ABORTED, "{:?} at {point}\n{killed}", case.command);
            kills += 1;
            // A second kill, a little later, and then the rest.
            killed_at(&env, &dir, case.command, point + 2);
            let finished = env.run_in(&dir, case.command);
            assert_eq!(finished.code, 0, "{:?} after a kill at {point}\n{finished}", case.command);
            assert_eq!(state(&env, &dir), expected, "{:?} after a kill at {point}", case.command);
            std::fs::remove_dir_all(&dir).unwrap();
            point += 1;
        }
        assert!(kills >= 5, "{:?} has only {kills} fault points", case.command);
    }
}

/// The same on a real node, with the project's state lost after the kill, as on a CI runner: only what is committed
/// (manifest, data, lock) is left.
#[test]
fn killed_at_any_point_and_run_again_from_a_fresh_clone_on_anvil() {
    let Some(anvil) = Anvil::start() else { return };
    for case in &CASES {
        let env = TestEnv::project();
        env.write_project(anvil.port);
        let network = ["--network", "anvil"];
        let clean = anvil.rpc("evm_snapshot", json!([]));
        for command in case.before {
            match command.strip_prefix(&["chain", "advance"]) {
                Some(time) => anvil.advance(time[0].trim_end_matches('s').parse().unwrap()),
                None => drop(env.ok(&[command, &network[..]].concat())),
            }
        }
        let base = env.dir().with_file_name("base");
        copy_dir(&env.dir(), &base);
        let command = [case.command, &network[..]].concat();
        let snapshot = anvil.rpc("evm_snapshot", json!([]));
        env.ok(&command);
        let expected = balances(&anvil);
        anvil.rpc("evm_revert", json!([snapshot]));
        let mut point = 1;
        loop {
            let snapshot = anvil.rpc("evm_snapshot", json!([]));
            let dir = env.dir().with_file_name(format!("at-{point}"));
            copy_dir(&base, &dir);
            let killed = killed_at(&env, &dir, &command, point);
            if killed.code == 0 {
                break;
            }
            assert_eq!(killed.code, ABORTED, "{command:?} at {point}\n{killed}");
            // A claim needs the documents, and the store is where they are. Everything else below .dgov is gone, and where the
            // data itself is at hand the store, too.
            if case.command[0] != "royalties" {
                let _ = std::fs::remove_dir_all(dir.join(".dgov"));
            }
            for lost in LEDGER.into_iter().chain(["documents", "lock", "change.lock"]) {
                let path = dir.join(".dgov").join(lost);
                let _ = std::fs::remove_file(&path);
                let _ = std::fs::remove_dir_all(&path);
            }
            if !case.before.is_empty() {
                let synced = env.run_in(&dir, &["sync", "--network", "anvil"]);
                assert_eq!(synced.code, 0, "{synced}");
            }
            let finished = env.run_in(&dir, &command);
            assert_eq!(finished.code, 0, "{command:?} after a kill at {point}\n{finished}");
            assert_eq!(balances(&anvil), expected, "{command:?} after a kill at {point}");
            std::fs::remove_dir_all(&dir).unwrap();
            anvil.rpc("evm_revert", json!([snapshot]));
            point += 2;
        }
        anvil.rpc("evm_revert", json!([clean]));
    }
}

/// What each account has sent: the number of its transactions, whatever fees they paid.
fn balances(anvil: &Anvil) -> Vec<Value> {
    DEV.iter().map(|account| anvil.rpc("eth_getTransactionCount", json!([account, "latest"]))).collect()
}

/// Work that somebody else did meanwhile is given up: what was signed for it is not sent by the account's next command.
#[test]
fn what_is_no_longer_wanted_is_never_sent_by_another_command() {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    for command in [PROPOSE, WAITS[0], VOTE, WAITS[1]] {
        env.ok(command);
    }
    let queue = ["gov", "queue", "latest", "--from", "dev1"];
    let (mut taken_back, mut point) = (0, 1);
    let count = |dir: &Path| {
        let (count, _) = env.account(dir, DEV[1]);
        u64::from_str_radix(count.trim_start_matches("0x"), 16).unwrap()
    };
    loop {
        let dir = env.dir().with_file_name(format!("at-{point}"));
        copy_dir(&env.dir(), &dir);
        let killed = killed_at(&env, &dir, &queue, point);
        if killed.code == 0 {
            break;
        }
        let before = count(&dir);
        // The other one has a ledger of their own.
        let aside = env.dir().with_file_name("aside");
        copy_dir(&dir.join(".dgov"), &aside);
        for file in LEDGER {
            let _ = std::fs::remove_file(dir.join(".dgov").join(file));
        }
        let other = env.run_in(&dir, &["gov", "queue", "latest", "--from", "dev2"]);
        assert_eq!(other.code, 0, "{other}");
        for file in LEDGER {
            let _ = std::fs::remove_file(dir.join(".dgov").join(file));
            let _ = std::fs::copy(aside.join(file), dir.join(".dgov").join(file));
        }
        std::fs::remove_dir_all(aside).unwrap();
        // Its own command finds nothing to do, and says so when it takes something back.
        let again = env.run_in(&dir, &queue);
        assert_eq!(again.code, 0, "{again}");
        taken_back += usize::from(again.stderr.contains("no longer wanted"));
        let delegated = env.run_in(&dir, &["gov", "delegate", "dev4", "--from", "dev1"]);
        assert_eq!(delegated.code, 0, "{delegated}");
        assert!(!delegated.stderr.contains("sent again"), "after a kill at {point}\n{delegated}");
        assert_eq!(count(&dir), before + 1, "after a kill at {point}");
        std::fs::remove_dir_all(&dir).unwrap();
        point += 1;
    }
    assert!(taken_back > 0, "no kill left a signed transaction behind");
}

/// What an unfinished command signed is sent by the account's next command only with a word about it.
#[test]
fn what_another_command_sends_again_is_told() {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    env.ok(&["data", "push"]);
    let mut told = 0;
    env.kill_everywhere(&["license", "buy", "raccoon", "--from", "dev3"], |point| {
        let (before, _) = env.account(&env.dir(), DEV[3]);
        let delegated = env.run(&["gov", "delegate", "dev4", "--from", "dev3", "--json"]);
        assert_eq!(delegated.code, 0, "{delegated}");
        let (after, _) = env.account(&env.dir(), DEV[3]);
        let document: Value = serde_json::from_str(&delegated.stdout).unwrap();
        let codes: Vec<_> = document["warnings"].as_array().unwrap().iter().map(|w| &w["code"]).collect();
        let sent = if codes.contains(&&json!("tx.resent")) { 2 } else { 1 };
        let number = |text: &str| u64::from_str_radix(text.trim_start_matches("0x"), 16).unwrap();
        assert_eq!(number(&after), number(&before) + sent, "after a kill at {point}: {codes:?}");
        told += usize::from(sent == 2);
    });
    assert!(told > 0, "no kill left a signed transaction behind");
}

/// A chain that is made anew knows nothing of what the ledger holds: every verb does its work once more. The clock of the
/// tests stands still, so that even the first block is the same.
#[test]
fn after_a_reset_every_verb_starts_again() {
    let env = TestEnv::project();
    let story: [&[&str]; 11] = [
        &["deploy"],
        &["data", "push"],
        &["license", "buy", "raccoon", "--from", "dev3"],
        &["royalties", "deposit", "raccoon", "1 ETH", "--reference", "invoice-1", "--from", "dev4"],
        &["royalties", "claim", "--from", "dev1"],
        PROPOSE,
        WAITS[0],
        VOTE,
        WAITS[1],
        QUEUE,
        &["gov", "delegate", "dev2"],
    ];
    let run = || story.iter().map(|command| (*command, env.json(command)["transactions"].take())).collect::<Vec<_>>();
    let first = run();
    let expected = state(&env, &env.dir());
    assert!(first.iter().filter(|(_, sent)| sent.as_array().is_some_and(|sent| !sent.is_empty())).count() >= 9);
    env.ok(&["chain", "reset", "--yes"]);
    let second = run();
    assert_eq!(second, first);
    assert_eq!(state(&env, &env.dir()), expected);
    assert_eq!(env.json(&["sync"])["unfinished"], json!([]));
}

/// A guardian's span ends later on every run, and with it the calldata changes: still one suite is deployed.
#[test]
fn a_killed_deployment_with_a_guardians_span_is_not_made_twice() {
    let env = TestEnv::project();
    let manifest = env.read("dgov.toml");
    let plan = env.json(&["deploy", "--dry-run"]);
    assert_eq!(plan["transactions"].as_array().unwrap().len(), 16, "an empty chain can be planned for");
    // The shared contracts are there after this.
    env.ok(&["deploy"]);
    std::fs::remove_file(env.dir().join("dgov.lock")).unwrap();
    let guarded = format!("[governance]\nguardian = \"{}\"\nguardian-sunset = \"365d\"", DEV[4]);
    env.write("dgov.toml", manifest.replace("[governance]", &guarded));
    let sent = u64::from_str_radix(env.account(&env.dir(), DEV[0]).0.trim_start_matches("0x"), 16).unwrap();
    let later = (crate::common::START.parse::<u64>().unwrap() + 5_000).to_string();
    env.kill_everywhere(&["deploy"], |point| {
        let output = env.run_with(&env.dir(), &["deploy"], &[("DGOV_EMBEDDED_TIME", &later)]);
        assert_eq!(output.code, 0, "after a kill at {point}\n{output}");
        assert_eq!(env.account(&env.dir(), DEV[0]).0, format!("{:#x}", sent + 1), "after a kill at {point}");
    });
}
