//! The gate without asking the chain: what the proofs of an earlier check show, and what no change of them can make it say.

use alloy::sol_types::SolCall;
use serde_json::{Value, json};

use crate::check::{QUESTION, check, deployed, found, message, passed, rules, undeployed};
use crate::common::TestEnv;
use crate::common::anvil::Anvil;
use crate::common::project::DEV;

const FILE: &str = ".dgov/cache/gate/local.json";
/// Rules that need the chain.
const CHAIN: [&str; 5] = ["DG002", "DG004", "DG010", "DG014", "DG015"];

fn offline(more: &[&'static str]) -> Vec<&'static str> {
    [&QUESTION[..], &["--offline"], more].concat()
}

fn file(env: &TestEnv) -> Value {
    serde_json::from_str(&env.read(FILE)).unwrap()
}

/// The file with one change.
fn changed(env: &TestEnv, good: &Value, change: impl Fn(&mut Value)) {
    let mut file = good.clone();
    change(&mut file);
    assert_ne!(file, *good, "nothing was changed");
    env.write(FILE, serde_json::to_vec(&file).unwrap());
}

/// Hex with its last digit changed.
fn flipped(hex: &str) -> String {
    let (head, last) = hex.split_at(hex.len() - 1);
    format!("{head}{}", if last == "0" { "1" } else { "0" })
}

/// What is decided and passed, by subject.
fn answer(report: &Value) -> Value {
    let subjects = report["subjects"].as_array().unwrap().iter();
    let subjects: Vec<_> = subjects.map(|it| json!([it["name"], it["decision"], it["passed"]])).collect();
    json!([report["decision"], subjects, report["findings"]])
}

/// The same answer with and without the chain.
#[track_caller]
fn same(env: &TestEnv, more: &[&'static str], exit: i32) -> Value {
    let online = check(env, &[&QUESTION[..], more].concat(), exit);
    let report = check(env, &offline(more), exit);
    assert_eq!(report["chain"]["source"], "proved", "{report:#}");
    assert_eq!(answer(&online), answer(&report), "{report:#}");
    report
}

#[test]
fn what_the_last_check_proved_is_the_answer_without_the_chain() {
    let env = deployed();
    let report = same(&env, &[], 0);
    CHAIN.iter().for_each(|rule| assert!(passed(&report, rule), "{rule}: {report:#}"));
    let hash = report["chain"]["block_hash"].as_str().unwrap().to_owned();
    assert_eq!(report["chain"]["pinned"], false);
    let text = env.ok(&offline(&[])).stdout;
    assert!(text.contains("proved against block") && text.contains(&hash), "{text}");

    // The block that was reviewed, and another one.
    let pin = |hash: &str| {
        [QUESTION.map(str::to_owned).to_vec(), ["--offline", "--block-hash", hash].map(str::to_owned).to_vec()].concat()
    };
    let run = |hash: &str, exit: i32| {
        let args = pin(hash);
        check(&env, &args.iter().map(String::as_str).collect::<Vec<_>>(), exit)
    };
    assert_eq!(run(&hash, 0)["chain"]["pinned"], true);
    let report = run(&flipped(&hash), 9);
    assert_eq!(rules(&report, "undecided"), ["DG005", "DG010", "DG014", "DG015"], "{report:#}");
    assert!(report["chain"]["why"].as_str().unwrap().contains("not of 0x"), "{report:#}");
    env.fails(&[&QUESTION[..], &["--block-hash", &hash]].concat(), 2, "usage");

    // Where there is no pass at all, nobody has one.
    let report = check(&env, &offline(&["--from", "dev3"]), 1);
    assert_eq!(found(&report), ["DG014"], "{report:#}");
    let report = same(&env, &["--from", "dev3"], 1);
    assert_eq!(found(&report), ["DG014"], "{report:#}");
    env.ok(&["license", "buy", "raccoon", "--from", "dev3", "--yes"]);
    assert_eq!(found(&check(&env, &offline(&["--from", "dev3"]), 1)), ["DG014"], "as of that block");
    same(&env, &["--from", "dev3"], 0);
    // The pass of an account that nobody asked about is not known, and not guessed.
    env.ok(&["license", "buy", "raccoon", "--from", "dev4", "--yes"]);
    same(&env, &["--from", "dev3"], 0);
    let report = check(&env, &offline(&["--from", "dev4"]), 9);
    assert_eq!(rules(&report, "undecided"), ["DG014"], "{report:#}");
    assert!(message(&report, "DG014").contains("the proof does not show slot"), "{report:#}");

    // A version that is younger than the proofs.
    env.write("data/raccoon/images/raccoon-4.jpg", "new");
    env.ok(&["data", "push"]);
    let report = check(&env, &offline(&["--from", "dev3"]), 9);
    assert!(message(&report, "DG010").contains("younger than the block"), "{report:#}");
    same(&env, &["--from", "dev3"], 0);
}

#[test]
fn nothing_that_was_changed_in_the_file_is_believed() {
    let env = deployed();
    env.write("data/raccoon/images/raccoon-4.jpg", "new");
    env.ok(&["data", "push"]);
    env.ok(&["data", "recall", "raccoon@2", "--reason", "r", "--successor", "raccoon@1", "--yes"]);
    let report = same(&env, &[], 1);
    assert_eq!(found(&report), ["DG010"], "{report:#}");
    assert!(message(&report, "DG010").contains("raccoon@1 replaces it"), "{report:#}");

    let good = file(&env);
    let text = good.to_string();
    assert!(text.contains("recalled"));
    // What is remembered beside the proof counts for nothing.
    env.write(FILE, text.replace("recalled", "active"));
    assert_eq!(found(&check(&env, &offline(&[]), 1)), ["DG010"]);

    let refused = |what: &str, change: &dyn Fn(&mut Value)| {
        changed(&env, &good, change);
        let report = check(&env, &offline(&[]), 9);
        assert!(!passed(&report, "DG010") && found(&report).is_empty(), "{what}: {report:#}");
    };
    let nodes = good["proof"]["nodes"].as_array().unwrap().len();
    assert!(nodes > 5, "{good:#}");
    let mut unknown = 0;
    for index in 0..nodes {
        changed(&env, &good, |file| {
            let node = flipped(file["proof"]["nodes"][index].as_str().unwrap());
            file["proof"]["nodes"][index] = json!(node);
        });
        // The value of a node that only the pass needs does not matter to the recall: that is found all the same.
        let output = env.run(&[&offline(&[])[..], &["--json"]].concat());
        let report: Value = serde_json::from_str(&output.stdout).unwrap();
        assert!(!rules(&report["data"], "undecided").is_empty(), "node {index}: {output}");
        assert!(!passed(&report["data"], "DG010"), "node {index}: {output}");
        unknown += usize::from(output.code == 9);
    }
    assert!(unknown > 0);
    refused("header", &|file| file["proof"]["header"] = json!(flipped(file["proof"]["header"].as_str().unwrap())));
    refused("no header", &|file| file["proof"]["header"] = json!("0x"));
    refused("code", &|file| file["proof"]["codes"] = json!([]));
    refused("time", &|file| file["block_time"] = json!(file["block_time"].as_u64().unwrap() + 1));
    refused("hash", &|file| file["block_hash"] = json!(flipped(file["block_hash"].as_str().unwrap())));
    refused("format", &|file| file["format"] = json!(1));
    refused("registry", &|file| file["registry"] = json!(DEV[0]));
    refused("nodes", &|file| file["proof"]["nodes"] = json!([]));
    env.write(FILE, &text.as_bytes()[..text.len() / 2]);
    check(&env, &offline(&[]), 9);

    // A proof of the same contracts before the recall is one of another block: who pins the block is not deceived.
    let hash = good["block_hash"].as_str().unwrap();
    changed(&env, &good, |file| file["proof"] = Value::Null);
    let report = check(&env, &offline(&[]), 1);
    assert_eq!(report["chain"]["source"], "remembered", "{report:#}");
    let pinned = [&offline(&[])[..], &["--block-hash", hash]].concat();
    let report = check(&env, &pinned, 9);
    assert!(report["chain"]["why"].as_str().unwrap().contains("no proofs"), "{report:#}");
    env.write(FILE, text);
    check(&env, &pinned, 1);

    // Contracts of the lock that are others than those that are proved.
    let lock = env.read("dgov.lock");
    let code = lock.split("[networks.local.code]").nth(1).unwrap();
    let code = code.lines().find(|line| line.starts_with("registry")).unwrap();
    env.write("dgov.lock", lock.replace(code, &format!("{}\"", flipped(code.trim_end_matches('"')))));
    let report = check(&env, &offline(&[]), 9);
    assert!(report["chain"]["why"].as_str().unwrap().contains("other code than in dgov.lock"), "{report:#}");
}

#[test]
fn proofs_may_lie_in_a_file_of_the_project() {
    let env = deployed();
    let asked = check(&env, &[&QUESTION[..], &["--proofs", "gate/proofs.json"]].concat(), 0);
    assert!(!env.dir().join(FILE).exists());
    std::fs::remove_dir_all(env.dir().join(".dgov/chain")).unwrap();
    let report = check(&env, &offline(&["--proofs", "gate/proofs.json"]), 0);
    assert!(asked["chain"]["block_hash"].is_string() && asked["chain"]["block_hash"] == report["chain"]["block_hash"]);
    assert_eq!(report["chain"]["source"], "proved", "{report:#}");
    let report = check(&env, &offline(&["--proofs", "nowhere.json"]), 9);
    assert!(report["chain"]["why"].as_str().unwrap().contains("nowhere.json can't be read"), "{report:#}");
}

#[test]
fn what_was_never_pushed_is_refused_without_asking_as_well() {
    let env = undeployed(true);
    env.ok(&["deploy"]);
    assert_eq!(found(&same(&env, &[], 1)), ["DG001", "DG002"]);
    std::fs::remove_file(env.dir().join(FILE)).unwrap();
    assert_eq!(found(&check(&env, &offline(&[]), 1)), ["DG001", "DG002"]);
}

#[test]
fn disputes_and_consents_are_proved_as_well() {
    let env = undeployed(true);
    let consents = [[1_u8; 32], [2; 32]].map(alloy::hex::encode_prefixed);
    let list = format!("account,shares,consent\n{},60,{}\n{},40,{}\n", DEV[1], consents[0], DEV[2], consents[1]);
    env.write("contributors.csv", list);
    env.ok(&["deploy"]);
    env.ok(&["data", "push"]);
    assert!(passed(&same(&env, &[], 0), "DG008"));

    let revoke = dgov_contracts_calls::revokeConsentCall { consentDigest: [2; 32].into() };
    let data = alloy::hex::encode_prefixed(revoke.abi_encode());
    // A consent is revoked by who gave it.
    env.send_from(1, &env.contract("registry").to_string(), &data);
    same(&env, &[], 0);
    env.send_from(2, &env.contract("registry").to_string(), &data);
    let report = same(&env, &[], 1);
    assert_eq!(found(&report), ["DG008"], "{report:#}");
    assert!(message(&report, "DG008").contains(&format!("{} revoked their consent at 20", DEV[2])), "{report:#}");

    // Where there is no proof, what is remembered of consents counts, and nothing else does.
    let good = file(&env);
    changed(&env, &good, |file| file["proof"] = Value::Null);
    assert_eq!(found(&check(&env, &offline(&[]), 1)), ["DG008"]);
    changed(&env, &good, |file| {
        file["proof"] = Value::Null;
        file["versions"].as_object_mut().unwrap().values_mut().for_each(|it| it["consents"] = Value::Null);
    });
    assert_eq!(rules(&check(&env, &offline(&[]), 9), "undecided"), ["DG008"]);

    env.write("found.txt", "image 2 is not ours");
    env.ok(&["dispute", "open", "raccoon", "--evidence", "found.txt", "--from", "dev1"]);
    let report = same(&env, &[], 1);
    assert_eq!(found(&report), ["DG008", "DG015"], "{report:#}");
    assert!(message(&report, "DG015").contains("case 1 disputes this version"), "{report:#}");
}

mod dgov_contracts_calls {
    alloy::sol! {
        function revokeConsent(bytes32 consentDigest) external;
    }
}

#[test]
fn anvil_proves_the_same() {
    let Some(anvil) = Anvil::start() else { return };
    let env = undeployed(true);
    let manifest = env.read("dgov.toml").replace("http://127.0.0.1:1\"", &format!("{}\"", anvil.url()));
    env.write("dgov.toml", manifest);
    let on = |args: &[&str], exit: i32| check(&env, &[args, &["--network", "anvil"]].concat(), exit);
    env.ok(&["deploy", "--network", "anvil"]);
    env.ok(&["data", "push", "--network", "anvil"]);
    let online = on(&QUESTION, 0);
    let port = anvil.port;
    drop(anvil);
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
    let report = on(&offline(&[]), 0);
    assert_eq!(report["chain"]["source"], "proved", "{report:#}");
    assert_eq!(answer(&online), answer(&report), "{report:#}");
    CHAIN.iter().for_each(|rule| assert!(passed(&report, rule), "{rule}: {report:#}"));
    assert_eq!(found(&on(&offline(&["--from", "dev3"]), 1)), ["DG014"]);
}
