//! Versions recalled, deprecated and reinstated; the chain is asked what came of it.

use alloy::primitives::B256;
use dgov_contracts::suite::{IDatasetRegistry, Status};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::common::TestEnv;

const WHY: &str = "a contributor withdrew consent";

/// A deployed project with two versions of the small data set.
fn two_versions() -> TestEnv {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    env.ok(&["data", "push"]);
    env.write("data/raccoon/LICENSE", "generated for tests, mended\n");
    env.ok(&["data", "push"]);
    env
}

impl TestEnv {
    fn status_on_chain(&self, key: &Value) -> Status {
        let call = IDatasetRegistry::statusOfCall { versionKey: key.as_str().unwrap().parse().unwrap() };
        self.ask(self.contract("registry"), call).status
    }

    fn version(&self, index: usize) -> Value {
        self.json(&["data", "show", "raccoon"])["versions"][index].clone()
    }
}

#[test]
fn a_recall_is_on_chain_with_its_reason_and_its_successor() {
    let env = two_versions();
    let keys = [env.version(0)["version_key"].clone(), env.version(1)["version_key"].clone()];
    let recall = ["data", "recall", "raccoon@1", "--reason", WHY, "--successor", "raccoon@2"];
    let dry = env.json(&[&recall[..], &["--dry-run"]].concat());
    assert_eq!((&dry["changed"], &dry["status"], &dry["tx_hash"]), (&json!(false), &json!("recalled"), &Value::Null));
    assert_eq!(env.status_on_chain(&keys[0]), Status::Active, "a dry run changes nothing");

    let done = env.json(&recall);
    let digest = B256::from_slice(&Sha256::digest(format!("{WHY}\n")));
    assert_eq!((&done["changed"], &done["previous"]), (&json!(true), &json!("active")));
    assert_eq!((&done["evidence"], &done["successor_key"]), (&json!(digest), &keys[1]));
    assert_eq!(env.status_on_chain(&keys[0]), Status::Recalled);
    assert_eq!(env.status_on_chain(&keys[1]), Status::Active, "the other version is left alone");
    let shown = env.version(0);
    assert_eq!((&shown["status"], &shown["successor"]), (&json!("recalled"), &json!("raccoon@2")));
    assert_eq!((&shown["reason"], &shown["evidence"]), (&json!(WHY), &json!(digest)));
    let text = env.ok(&["data", "show", "raccoon"]).stdout;
    assert!(text.contains("version 1 (recalled, replaced by raccoon@2)") && text.contains(WHY), "{text}");
    // The block of the store that its CID names has the bytes whose digest is on chain.
    let cid = done["evidence_cid"].as_str().unwrap();
    assert!(env.dir().join(format!(".dgov/store/packs/{cid}.complete")).is_file(), "{cid}");

    let again = env.json(&recall);
    assert_eq!((&again["changed"], &again["tx_hash"]), (&json!(false), &Value::Null));
    let output = env.ok(&["data", "recall", "raccoon@1", "--reason", "another one", "--json"]);
    let document: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(document["data"]["changed"], false);
    assert_eq!(document["warnings"][0]["code"], "dataset.reason_stands");
    assert_eq!(env.version(0)["reason"], WHY);
}

#[test]
fn the_latest_version_shows_its_status_everywhere_and_cannot_be_bought() {
    let env = two_versions();
    env.write("why.md", "# Labels\n\nMended.\n");
    env.ok(&["data", "deprecate", "raccoon", "--reason", "why.md"]);
    assert_eq!(env.json(&["data", "list"])["datasets"][0]["status"], "deprecated");
    assert_eq!(env.json(&["status"])["datasets"][0]["status"], "deprecated");
    let notes = env.json(&["plan"])["notes"].to_string();
    assert!(notes.contains("datasets.raccoon: version 2 is deprecated"), "{notes}");
    assert_eq!(env.version(1)["reason"], "# Labels\n\nMended.");
    env.fails(&["license", "buy", "raccoon", "--from", "dev3"], 5, "contract.would_revert");
    // From deprecated to recalled, and back.
    assert_eq!(env.json(&["data", "recall", "raccoon", "--reason", "worse"])["previous"], "deprecated");
    let back = env.json(&["data", "reinstate", "raccoon"]);
    assert_eq!(
        (&back["status"], &back["evidence"], &back["successor"]),
        (&json!("active"), &Value::Null, &Value::Null)
    );
    env.ok(&["license", "buy", "raccoon", "--from", "dev3"]);
    assert_eq!(env.json(&["data", "reinstate", "raccoon"])["tx_hash"], Value::Null);
    // The same recall a second time is work of its own.
    assert_eq!(env.json(&["data", "recall", "raccoon", "--reason", "worse"])["changed"], true);
    // A successor may come later.
    let later = ["data", "recall", "raccoon@2", "--reason", "worse", "--successor", "raccoon@1"];
    assert_eq!(env.json(&later)["successor"], "raccoon@1");
    assert_eq!(env.json(&later)["changed"], false);
}

#[test]
fn what_cannot_be_recalled_says_why() {
    let env = two_versions();
    let recall: [&str; 4] = ["data", "recall", "raccoon@1", "--reason"];
    let output = env.fails(&[&recall[..], &[WHY, "--from", "dev1"]].concat(), 8, "dataset.not_owner");
    assert!(output.stdout.contains("--from"), "{output}");
    env.fails(&[&recall[..], &["no/such/file"]].concat(), 3, "note.missing");
    env.fails(&[&recall[..], &[" "]].concat(), 3, "note.empty");
    env.fails(&[&recall[..], &[WHY, "--successor", "raccoon@1"]].concat(), 3, "dataset.successor_is_self");
    env.fails(&[&recall[..], &[WHY, "--successor", "raccoon@9"]].concat(), 3, "dataset.version_unknown");
    env.fails(&["data", "recall", "racoon", "--reason", WHY], 3, "dataset.unknown");
    env.fails(&["data", "recall", "raccoon"], 2, "usage");
    assert!(
        env.json(&["data", "show", "raccoon"])["versions"].as_array().unwrap().iter().all(|v| v["status"] == "active")
    );
}

#[test]
fn a_dispute_is_the_daos() {
    let env = two_versions();
    let show = env.json(&["data", "show", "raccoon"]);
    let call = format!(
        "registry:setStatus(bytes32,uint32,uint8,bytes32,bytes32):{},2,3,{},{}",
        show["dataset_id"].as_str().unwrap(),
        B256::ZERO,
        B256::ZERO
    );
    env.ok(&["gov", "propose", "--title", "Dispute", "--call", &call]);
    env.ok(&["chain", "advance", "1d"]);
    env.ok(&["gov", "vote", "latest", "yes"]);
    env.ok(&["chain", "advance", "3d"]);
    env.ok(&["gov", "queue", "latest"]);
    env.ok(&["chain", "advance", "2d"]);
    env.ok(&["gov", "execute", "latest"]);
    let output = env.fails(&["data", "reinstate", "raccoon"], 8, "dataset.disputed");
    assert!(output.stdout.contains("dgov gov propose --call registry:"), "{output}");
    assert_eq!(env.json(&["data", "list"])["datasets"][0]["status"], "disputed");
}

#[test]
fn a_killed_recall_is_completed_once() {
    let env = two_versions();
    let command = ["data", "recall", "raccoon@1", "--reason", WHY];
    env.kill_everywhere(&command, |point| {
        env.ok(&command);
        assert_eq!(env.version(0)["status"], "recalled", "after a kill at {point}");
        assert_eq!(env.json(&["status"])["unfinished"], json!([]), "after a kill at {point}");
    });
}
