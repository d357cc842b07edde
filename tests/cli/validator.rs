//! Validators: stake, attest, leave; the contract is asked what came of it.

use alloy::primitives::{Address, aliases::U96};
use dgov_contracts::stake::{IValidatorStake, LockKind, LockState, StakeAccount};
use serde_json::{Value, json};

use crate::common::TestEnv;
use crate::common::anvil::Anvil;
use crate::common::project::DEV;

const ETH: u128 = 1_000_000_000_000_000_000;

/// A deployed project with a dataset and a report on it.
fn reviewed() -> TestEnv {
    let env = TestEnv::project();
    env.write("report.md", "# What was checked\nAll of it.\n");
    env.ok(&["deploy"]);
    env.ok(&["data", "push", "raccoon"]);
    env
}

fn on_chain(env: &TestEnv, account: &str) -> StakeAccount {
    let account: Address = account.parse().unwrap();
    env.ask(env.contract("stake"), IValidatorStake::accountOfCall { account })
}

fn wei(value: U96) -> u128 {
    value.to()
}

/// The whole way of a validator: in, an attestation that stands, and out.
fn story(env: &TestEnv, network: &str, advance: impl Fn(&str)) {
    let run = |args: &[&str]| env.json(&[args, &["--from", "dev4", "--network", network]].concat());
    let staked = run(&["validator", "stake", "1 ETH"]);
    assert_eq!(json!([staked["staked"], staked["added_wei"]]), json!([true, ETH.to_string()]));
    let again = run(&["validator", "stake", "1 ETH"]);
    assert_eq!(json!([again["staked"], again["added_wei"], again["tx_hash"]]), json!([false, "0", null]));
    assert_eq!(run(&["validator", "stake", "1.5 ETH"])["added_wei"], (ETH / 2).to_string());

    let attest = ["validator", "attest", "raccoon", "--score", "92.5%", "--evidence", "report.md"];
    let attested = run(&attest);
    assert_eq!(json!([attested["attested"], attested["score_bps"], attested["version"]]), json!([true, 9250, 1]));
    let again = run(&attest);
    assert_eq!(json!([again["attested"], again["tx_hash"]]), json!([false, null]));
    assert_eq!(again["challenge_until"], attested["challenge_until"]);

    let asked = run(&["validator", "unstake", "1.45 ETH", "--yes"]);
    assert_eq!(json!([asked["requested_wei"], asked["paid_wei"]]), json!(["1450000000000000000", "0"]));
    let again = run(&["validator", "unstake", "1.45 ETH", "--yes"]);
    assert_eq!(json!([again["requested_wei"], again["changed"], again["tx_hash"]]), json!(["0", false, null]));
    advance("42d");
    let before = run(&["validator", "show"]);
    assert_eq!(json!([before["locks"][0]["over"], before["requests"][0]["ready"]]), json!([true, true]));
    // The lock is freed first, or 0.05 of the request would have to stay.
    let paid = run(&["validator", "unstake"]);
    assert_eq!(json!([paid["paid_wei"], paid["released"]]), json!(["1450000000000000000", [attested["lock_id"]]]));
    assert_eq!(paid["requests"], json!([]));
    let done = run(&["validator", "unstake"]);
    assert_eq!(json!([done["changed"], done["tx_hash"]]), json!([false, null]));
    let shown = run(&["validator", "show"]);
    assert_eq!(
        json!([
            shown["active_wei"],
            shown["unbonding_wei"],
            shown["locked_wei"],
            shown["upheld"],
            shown["reputation_bps"]
        ]),
        json!(["50000000000000000", "0", "0", 1, 6666])
    );
    assert_eq!(json!([shown["locks"][0]["state"], shown["locks"][0]["dataset"]]), json!(["released", "raccoon"]));
}

#[test]
fn a_validator_stakes_attests_and_leaves() {
    let env = reviewed();
    let coins = env.wei(DEV[4]);
    story(&env, "local", |time| drop(env.ok(&["chain", "advance", time])));
    let stake = on_chain(&env, DEV[4]);
    assert_eq!((wei(stake.active), wei(stake.unbonding), wei(stake.locked)), (ETH / 20, 0, 0));
    // All but what is staked and a little for gas came back.
    assert!(coins - env.wei(DEV[4]) < ETH / 20 + ETH / 100);
}

#[test]
fn a_validator_on_a_node() {
    let Some(anvil) = Anvil::start() else { return };
    let env = TestEnv::project();
    env.write_project(anvil.port);
    env.write("report.md", "all of it");
    env.ok(&["deploy", "--network", "anvil"]);
    env.ok(&["data", "push", "raccoon", "--network", "anvil"]);
    story(&env, "anvil", |_| anvil.advance(42 * 86_400));
}

#[test]
fn an_attestation_is_what_the_chain_and_the_store_hold() {
    let env = reviewed();
    env.ok(&["validator", "stake", "0.25 ETH", "--from", "dev4"]);
    let attested =
        env.json(&["validator", "attest", "raccoon@1", "--score", "7%", "--evidence", "report.md", "--from", "dev4"]);
    let id = attested["lock_id"].as_str().unwrap().parse().unwrap();
    let lock = env.ask(env.contract("stake"), IValidatorStake::lockOfCall { lockId: id });
    assert_eq!((lock.kind, lock.state, lock.score), (LockKind::Attestation, LockState::Live, 700));
    assert_eq!(json!(lock.subject), attested["version_key"]);
    assert_eq!((lock.owner, wei(lock.amount)), (DEV[4].parse().unwrap(), ETH / 10));
    // The evidence is found by its digest, and its bytes are the document's.
    let digest = sha256(b"# What was checked\nAll of it.\n");
    assert_eq!(attested["evidence"], digest);
    let pack = env.dir().join(format!(".dgov/store/packs/{}.0.pack", attested["evidence_cid"].as_str().unwrap()));
    assert_eq!(std::fs::read(pack).unwrap(), b"# What was checked\nAll of it.\n");

    let attest = |version: &str, score: &str, file: &str, from: &str| {
        let args = ["validator", "attest", version, "--score", score, "--evidence", file, "--from", from];
        args.map(ToOwned::to_owned)
    };
    let fails = |args: [String; 9], exit: i32, code: &str| {
        let args: Vec<_> = args.iter().map(String::as_str).collect();
        env.fails(&args, exit, code);
    };
    // A validator has one word on a version.
    fails(attest("raccoon", "8%", "report.md", "dev4"), 3, "validator.attested_before");
    env.write("other.md", "something else");
    fails(attest("raccoon", "7%", "other.md", "dev4"), 3, "validator.attested_before");
    fails(attest("raccoon", "7%", "report.md", "dev5"), 5, "validator.stake_insufficient");
    fails(attest("raccoon", "101%", "report.md", "dev4"), 2, "usage.score");
    fails(attest("raccoon", "7", "report.md", "dev4"), 2, "usage.score");
    fails(attest("racoon", "7%", "report.md", "dev4"), 3, "dataset.unknown");
    fails(attest("raccoon@2", "7%", "report.md", "dev4"), 3, "dataset.version_unknown");
    env.write("empty.md", "");
    fails(attest("raccoon", "7%", "empty.md", "dev4"), 3, "validator.evidence_invalid");
    env.write("large.md", vec![b'a'; (1 << 20) + 1]);
    fails(attest("raccoon", "7%", "large.md", "dev4"), 3, "validator.evidence_invalid");
}

#[test]
fn nothing_is_sent_or_stored_by_a_plan() {
    let env = reviewed();
    let plan = env.json(&["validator", "stake", "1 ETH", "--from", "dev4", "--dry-run"]);
    assert_eq!(json!([plan["staked"], plan["added_wei"], plan["tx_hash"]]), json!([false, ETH.to_string(), null]));
    assert_eq!(plan["transactions"][0]["value_wei"], ETH.to_string());
    let file = env.json(&["validator", "stake", "1 ETH", "--from", "dev4", "--unsigned", "tx.json"]);
    assert_eq!(file["staked"], false);
    assert!(env.read("tx.json").contains("0xde0b6b3a7640000") || env.read("tx.json").contains(&ETH.to_string()));
    assert_eq!(wei(on_chain(&env, DEV[4]).active), 0);
    env.ok(&["validator", "stake", "1 ETH", "--from", "dev4"]);
    let attest = ["validator", "attest", "raccoon", "--score", "90%", "--evidence", "report.md", "--from", "dev4"];
    let plan = env.json(&[&attest[..], &["--dry-run"]].concat());
    assert_eq!(json!([plan["attested"], plan["challenge_until"]]), json!([false, null]));
    let pack = env.dir().join(format!(".dgov/store/packs/{}.0.pack", plan["evidence_cid"].as_str().unwrap()));
    assert!(!pack.exists());
    let plan = env.json(&["validator", "unstake", "1 ETH", "--from", "dev4", "--dry-run"]);
    assert_eq!(json!([plan["requested_wei"], plan["changed"]]), json!([ETH.to_string(), false]));
    assert_eq!(wei(on_chain(&env, DEV[4]).unbonding), 0);
}

#[test]
fn leaving_is_asked_and_never_more_than_there_is() {
    let env = reviewed();
    env.ok(&["validator", "stake", "1 ETH", "--from", "dev4"]);
    env.fails(&["validator", "unstake", "1 ETH", "--from", "dev4"], 8, "confirm.not_asked");
    env.fails(&["validator", "unstake", "1.1 ETH", "--from", "dev4", "--yes"], 5, "validator.stake_insufficient");
    for amount in ["0 ETH", "1 DOGE", "one"] {
        env.fails(&["validator", "unstake", amount, "--from", "dev4", "--yes"], 2, "usage.amount");
        env.fails(&["validator", "stake", amount, "--from", "dev4"], 2, "usage.amount");
    }
    assert_eq!(env.json(&["validator", "unstake", "--from", "dev5"])["changed"], false);
    let nobody = env.json(&["validator", "show", "dev5"]);
    assert_eq!(json!([nobody["active_wei"], nobody["locks"], nobody["requests"]]), json!(["0", [], []]));
    assert_eq!(nobody["reputation_bps"], 5_000);
}

#[test]
fn a_killed_command_stakes_and_asks_once() {
    let env = reviewed();
    let command = ["validator", "stake", "1 ETH", "--from", "dev4"];
    env.kill_everywhere(&command, |point| {
        env.ok(&command);
        assert_eq!(wei(on_chain(&env, DEV[4]).active), ETH, "after a kill at {point}");
    });
    env.ok(&command);
    let command = ["validator", "unstake", "0.5 ETH", "--from", "dev4", "--yes"];
    env.kill_everywhere(&command, |point| {
        env.ok(&command);
        let stake = on_chain(&env, DEV[4]);
        assert_eq!((wei(stake.active), wei(stake.unbonding)), (ETH / 2, ETH / 2), "after a kill at {point}");
    });
    let command = ["validator", "attest", "raccoon", "--score", "90%", "--evidence", "report.md", "--from", "dev4"];
    env.kill_everywhere(&command, |point| {
        env.ok(&command);
        assert_eq!(wei(on_chain(&env, DEV[4]).locked), ETH / 10, "after a kill at {point}");
    });
}

fn sha256(bytes: &[u8]) -> Value {
    use sha2::{Digest, Sha256};
    json!(alloy::hex::encode_prefixed(Sha256::digest(bytes)))
}
