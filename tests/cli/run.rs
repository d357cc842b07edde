//! Training runs that pay per use: one escrow for each run, reports by m of n oracles, settlement to the wei, refunds; the
//! contracts are asked what came of it.

use alloy::primitives::{Address, B256, U256, hex};
use alloy::sol_types::SolCall;
use dgov_contracts::usage::{IUsageLedger, Job, JobState};
use serde_json::{Value, json};

use crate::common::TestEnv;
use crate::common::anvil::Anvil;
use crate::common::project::DEV;

/// A second dataset of the project, paid to dev2 alone.
const NOTES: &str = r#"
[datasets.notes]
path = "data/notes"
license = "research"
contributors = "notes.csv"
"#;

/// The default window in which a report can be challenged, and the default term of a job.
const WINDOW: &[&str] = &["chain", "advance", "7d"];
const TERM: &[&str] = &["chain", "advance", "30d"];

const OPEN: &[&str] = &[
    "run",
    "open",
    "--dataset",
    "raccoon",
    "--dataset",
    "notes",
    "--pay",
    "1000 wei",
    "--cap",
    "notes=100 wei",
    "--oracle",
    "dev5",
    "--oracle",
    "dev6",
    "--oracle",
    "dev7",
    "--threshold",
    "2",
    "--from",
    "dev4",
];

/// A deployed project with both datasets pushed, and a file that says what was used.
fn market() -> TestEnv {
    let env = TestEnv::project();
    let manifest = env.read("dgov.toml");
    env.write("dgov.toml", format!("{manifest}{NOTES}"));
    env.write("data/notes/a.txt", "a note");
    env.write("notes.csv", format!("account,shares\n{},1\n", DEV[2]));
    env.write("usage.csv", "dataset,records\nraccoon,3\nnotes,4\n");
    env.ok(&["deploy"]);
    env.ok(&["data", "push", "raccoon"]);
    env.ok(&["data", "push", "notes"]);
    env
}

fn attest<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["oracle", "attest", "latest", "--usage", "usage.csv"], more].concat()
}

fn job(env: &TestEnv, id: &Value) -> Job {
    let id: B256 = id.as_str().unwrap().parse().unwrap();
    env.ask(env.contract("ledger"), IUsageLedger::jobOfCall { jobId: id })
}

fn credit(env: &TestEnv, account: &str) -> U256 {
    let call = IUsageLedger::creditOfCall { account: account.parse().unwrap(), currency: Address::ZERO };
    env.ask(env.contract("ledger"), call)
}

/// The pool of the only version of a dataset.
fn pool(env: &TestEnv, dataset: &str) -> Value {
    env.json(&["royalties", "show", dataset])["pools"][0]["pool_id"].clone()
}

#[test]
fn a_run_is_paid_by_what_it_used() {
    let env = market();
    let plan = env.json(&[OPEN, &["--dry-run"]].concat());
    assert_eq!(json!([plan["opened"], plan["tx_hash"]]), json!([false, null]));
    let opened = env.json(OPEN);
    assert_eq!(json!([opened["opened"], opened["opened_before"]]), json!([true, null]));
    assert_eq!(opened["job_id"], plan["job_id"], "the id comes from what was asked for");
    let id = &opened["job_id"];
    assert_eq!(job(&env, id).amount, 1000);
    assert_eq!(env.json(&["run", "show"])["jobs"][0]["state"], "open");

    // The first signature is kept in the file, the second one sends.
    let file = ["--signatures", "report.json"];
    let first = env.json(&attest(&[&file[..], &["--from", "dev5"]].concat()));
    assert_eq!(json!([first["reported"], first["threshold"], first["tx_hash"]]), json!([false, 2, null]));
    let twice = env.json(&attest(&[&file[..], &["--from", "dev5"]].concat()));
    assert_eq!(twice["signed_by"], first["signed_by"], "signing twice is signing once");
    assert_eq!(job(&env, id).state, JobState::Open);
    let second = env.json(&attest(&[&file[..], &["--from", "dev7"]].concat()));
    assert_eq!(json!([second["reported"], second["transactions"][0].is_object()]), json!([true, true]));
    assert_eq!(job(&env, id).state, JobState::Reported);
    let again = env.json(&attest(&["--from", "dev6"]));
    assert_eq!(json!([again["reported_before"], again["tx_hash"]]), json!([second["tx_hash"], null]));

    let shown = env.json(&["run", "show", id.as_str().unwrap()]);
    let mut parts: Vec<_> =
        shown["payees"].as_array().unwrap().iter().map(|row| json!([row["dataset"], row["part"]])).collect();
    parts.sort_by_key(ToString::to_string);
    // floor(1000 * 4 / 7) is 571, but 100 at most; floor(1000 * 3 / 7) is 428.
    assert_eq!(parts, [json!(["notes@1", "100"]), json!(["raccoon@1", "428"])]);
    assert_eq!(json!([shown["state"], shown["threshold"], shown["round"]]), json!(["reported", 2, 1]));

    env.fails(&["run", "settle", "latest"], 5, "run.challenge_open");
    env.fails(&["run", "refund", "latest"], 5, "run.refund_early");
    env.ok(WINDOW);
    let settled = env.json(&["run", "settle", "latest", "--from", "dev9"]);
    assert_eq!(json!([settled["paid"], settled["returned"], settled["settled"]]), json!(["528", "472", true]));
    assert_eq!(env.income(&pool(&env, "raccoon"), Address::ZERO), "428");
    assert_eq!(env.income(&pool(&env, "notes"), Address::ZERO), "100");
    assert_eq!(credit(&env, DEV[4]), 472);
    let again = env.json(&["run", "settle", "latest"]);
    assert_eq!(json!([again["settled_before"], again["tx_hash"]]), json!([true, null]));

    let before = env.wei(DEV[4]);
    let refunded = env.json(&["run", "refund", "latest"]);
    assert_eq!(json!([refunded["refunded"], refunded["withdrawn"]]), json!(["0", "472"]));
    assert_eq!(env.wei(DEV[4]) - before, 472, "dev0 sent it, dev4 got it");
    let nothing = env.json(&["run", "refund", "latest"]);
    assert_eq!(json!([nothing["withdrawn"], nothing["tx_hash"]]), json!(["0", null]));
    env.fails(&attest(&["--from", "dev5", "--receipts", "notes.csv"]), 5, "oracle.reported_otherwise");
}

#[test]
fn one_job_is_opened_for_one_run() {
    let env = market();
    let first = env.json(OPEN);
    // A new version, and a lost ledger, change nothing about what was asked for; nor does the order of the flags.
    env.write("contributors.csv", format!("account,shares\n{},1\n", DEV[2]));
    env.ok(&["data", "push", "raccoon"]);
    std::fs::remove_dir_all(env.dir().join(".dgov/jobs")).unwrap();
    std::fs::remove_file(env.dir().join(".dgov/ledger.db")).unwrap();
    let turned = [
        "run",
        "open",
        "--pay",
        "1000 wei",
        "--oracle",
        "dev7",
        "--oracle",
        "dev6",
        "--oracle",
        "dev5",
        "--threshold",
        "2",
        "--cap",
        "notes=100 wei",
        "--dataset",
        "notes",
        "--dataset",
        "raccoon",
        "--from",
        "dev4",
    ];
    let again = env.json(&turned);
    assert_eq!(
        json!([again["job_id"], again["opened"], again["opened_before"], again["tx_hash"]]),
        json!([first["job_id"], false, first["tx_hash"], null])
    );
    assert_eq!(env.json(&["run", "show", "latest"])["threshold"], 2, "the oracles are known again");
    // Anything else is another job; so is a name.
    let other = env.json(&[OPEN, &["--deadline", "31d"]].concat());
    assert_ne!(other["job_id"], first["job_id"]);
    let named = env.json(&[OPEN, &["--reference", "run-7"]].concat());
    assert_ne!(named["job_id"], first["job_id"]);
    let named_again = env.json(&[OPEN, &["--reference", "run-7", "--deadline", "2d"]].concat());
    assert_eq!(json!([named_again["job_id"], named_again["tx_hash"]]), json!([named["job_id"], null]));
    let mut dearer = [OPEN, &["--reference", "run-7"]].concat();
    dearer[7] = "1001 wei";
    env.fails(&dearer, 3, "run.reference_used");
    assert_eq!(env.json(&["run", "show"])["jobs"].as_array().unwrap().len(), 3);
}

#[test]
fn what_nobody_earned_goes_back() {
    let env = market();
    let id = env.json(OPEN)["job_id"].clone();
    env.fails(&["run", "refund", "latest"], 5, "run.refund_early");
    env.fails(&["run", "settle", "latest"], 5, "run.not_reported");
    env.ok(TERM);
    env.ok(&["chain", "advance", "1s"]);
    env.fails(&attest(&["--from", "dev5", "--signatures", "report.json"]), 5, "oracle.late");
    let before = env.wei(DEV[4]);
    let plan = env.json(&["run", "refund", "latest", "--dry-run"]);
    assert_eq!(json!([plan["withdrawn"], plan["tx_hash"]]), json!(["1000", null]));
    let refunded = env.json(&["run", "refund", "latest"]);
    assert_eq!(json!([refunded["refunded"], refunded["withdrawn"]]), json!(["1000", "1000"]));
    assert_eq!(env.wei(DEV[4]) - before, 1000);
    assert_eq!(job(&env, &id).state, JobState::Refunded);
    env.fails(&attest(&["--from", "dev5", "--signatures", "report.json"]), 5, "oracle.over");
    env.fails(&["run", "settle", "latest"], 5, "run.refunded");
    let nothing = env.json(&["run", "refund", "latest"]);
    assert_eq!(json!([nothing["withdrawn"], nothing["tx_hash"]]), json!(["0", null]));
    // The same command does not open it once more.
    assert_eq!(env.json(OPEN)["tx_hash"], Value::Null);
}

#[test]
fn only_the_oracles_of_the_job_report_it_and_all_the_same() {
    let env = market();
    env.ok(OPEN);
    let file = ["--signatures", "report.json"];
    let with = |more: &[&'static str]| attest(&[&file[..], more].concat());
    env.fails(&with(&["--from", "dev4"]), 8, "oracle.not_in_set");
    env.fails(&attest(&["--from", "dev5"]), 2, "oracle.file_required");
    env.ok(&with(&["--from", "dev5"]));
    // Another usage, or other receipts, is another report.
    env.write("other.csv", "dataset,records\nraccoon,3\n");
    let other = ["oracle", "attest", "latest", "--usage", "other.csv", "--signatures", "report.json", "--from", "dev6"];
    env.fails(&other, 3, "oracle.report_differs");
    env.fails(&with(&["--from", "dev6", "--receipts", "notes.csv"]), 3, "oracle.report_differs");
    // A signature that somebody changed, or put under another name.
    let good = env.read("report.json");
    let document: Value = serde_json::from_str(&good).unwrap();
    let (signer, signature) = document["signatures"].as_object().unwrap().iter().next().unwrap();
    let signature = signature.as_str().unwrap();
    let flipped = if signature.ends_with("1b") { "1c" } else { "1b" };
    env.write("report.json", good.replace(signature, &format!("{}{flipped}", &signature[..signature.len() - 2])));
    env.fails(&with(&["--from", "dev6"]), 7, "oracle.signature_invalid");
    env.write(
        "report.json",
        good.replace(&format!("\"{signer}\": \"{signature}\""), &format!("\"{}\": \"{signature}\"", DEV[3])),
    );
    env.fails(&with(&["--from", "dev6"]), 7, "oracle.signature_invalid");
    env.write("report.json", "{}");
    env.fails(&with(&["--from", "dev6"]), 3, "oracle.file_malformed");
    env.write("report.json", &good);
    for (usage, code) in [
        ("dataset,records\nraccoon,0\n", "usage.records"),
        ("dataset,records\nraccoon,1\nraccoon@1,2\n", "usage.twice"),
        ("raccoon,1\n", "usage.malformed"),
        ("dataset,records\nracoon,1\n", "dataset.unknown"),
    ] {
        env.write("other.csv", usage);
        env.fails(&other, 3, code);
    }

    // On another machine the file says who the oracles are; without it the flags must.
    std::fs::remove_dir_all(env.dir().join(".dgov/jobs")).unwrap();
    let alone = ["--from", "dev6", "--signatures", "mine.json"];
    env.fails(&attest(&alone), 3, "oracle.set_unknown");
    let set = ["--oracle", "dev7", "--oracle", "dev6", "--oracle", "dev5", "--threshold"];
    env.fails(&attest(&[&alone[..], &set, &["1"]].concat()), 3, "oracle.set_differs");
    env.ok(&attest(&[&alone[..], &set, &["2", "--dry-run"]].concat()));
    assert!(!env.dir().join("mine.json").exists(), "a dry run writes nothing");
    // Somebody who is no oracle may send what is complete, for a wallet, too.
    env.ok(&attest(&[&alone[..], &set, &["2"]].concat()));
    let mut both: Value = serde_json::from_str(&good).unwrap();
    let mine: Value = serde_json::from_str(&env.read("mine.json")).unwrap();
    for (signer, signature) in mine["signatures"].as_object().unwrap() {
        both["signatures"][signer] = signature.clone();
    }
    env.write("report.json", both.to_string());
    env.ok(&with(&["--from", "dev9", "--unsigned", "send.json"]));
    assert!(env.dir().join("send.json").exists());
    let sent = env.json(&with(&["--from", "dev9"]));
    assert_eq!(sent["reported"], true);
    // The receipts can be read back by the digest that is on chain.
    let digest = sent["receipt_digest"].as_str().unwrap();
    assert_eq!(env.json(&["run", "show", "latest"])["receipt_digest"], digest);
}

#[test]
fn what_can_not_be_opened_is_told() {
    let env = market();
    let open = |more: &[&'static str]| [&["run", "open", "--oracle", "dev5"], more].concat();
    let raccoon = ["--dataset", "raccoon", "--pay", "1 wei"];
    let with = |more: &[&'static str]| open(&[&raccoon[..], more].concat());
    env.fails(&open(&["--dataset", "raccoon", "--pay", "0 ETH"]), 2, "usage.amount");
    env.fails(&open(&["--dataset", "racoon", "--pay", "1 wei"]), 3, "dataset.unknown");
    env.fails(&with(&["--dataset", "raccoon@1"]), 3, "run.payees");
    env.fails(&with(&["--oracle", "dev5"]), 2, "usage.oracle");
    env.fails(&with(&["--threshold", "2"]), 2, "usage.threshold");
    env.fails(&with(&["--threshold", "0"]), 2, "usage.threshold");
    env.fails(&with(&["--deadline", "4000d"]), 2, "usage.duration");
    env.fails(&with(&["--deadline", "soon"]), 2, "usage.duration");
    env.fails(&with(&["--cap", "raccoon"]), 2, "usage.cap");
    env.fails(&with(&["--cap", "notes=1 wei"]), 2, "usage.cap");
    env.fails(&["run", "show", "latest"], 3, "run.no_jobs");
    env.ok(&with(&[]));
    env.fails(&["run", "show", "0xabcdef"], 3, "run.unknown_job");
}

#[test]
fn a_killed_settlement_and_a_killed_report_are_made_once() {
    let env = market();
    env.ok(OPEN);
    let file = ["--signatures", "report.json"];
    env.ok(&attest(&[&file[..], &["--from", "dev5"]].concat()));
    let second = attest(&[&file[..], &["--from", "dev6"]].concat());
    env.kill_everywhere(&second, |point| {
        env.ok(&second);
        let shown = env.json(&["run", "show", "latest"]);
        assert_eq!(json!([shown["state"], shown["round"]]), json!(["reported", 1]), "after a kill at {point}");
    });
    env.ok(WINDOW);
    let raccoon = pool(&env, "raccoon");
    env.kill_everywhere(&["run", "settle", "latest", "--from", "dev9"], |point| {
        env.ok(&["run", "settle", "latest", "--from", "dev9"]);
        assert_eq!(env.income(&raccoon, Address::ZERO), "428", "after a kill at {point}");
        assert_eq!(credit(&env, DEV[4]), 472, "after a kill at {point}");
    });
    let before = env.wei(DEV[4]);
    env.kill_everywhere(&["run", "refund", "latest", "--from", "dev9"], |point| {
        env.ok(&["run", "refund", "latest", "--from", "dev9"]);
        assert_eq!(env.wei(DEV[4]) - before, 472, "after a kill at {point}");
    });
}

/// Permission and escrow in a token: one job, whatever a killed command left behind, and the pool gets all of it.
#[test]
fn a_run_can_be_paid_in_a_token() {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    let token = env.contract("token");
    std::fs::remove_file(env.dir().join("dgov.lock")).unwrap();
    let manifest = env.read("dgov.toml").replace("raccoon-commons", "token-market").replace("0.01 ETH", "2.5 RCN");
    env.write("dgov.toml", format!("{manifest}[tokens.RCN]\ndecimals = 18\naddress = {{ local = \"{token}\" }}\n"));
    env.write("usage.csv", "dataset,records\nraccoon,3\n");
    env.ok(&["deploy"]);
    env.ok(&["data", "push", "raccoon"]);
    let ledger = env.contract("ledger");
    let open = ["run", "open", "--dataset", "raccoon", "--pay", "10 RCN", "--oracle", "dev5"];
    env.kill_everywhere(&open, |point| {
        env.ok(&open);
        assert_eq!(env.tokens(token, ledger), U256::from(10).pow(U256::from(19)), "after a kill at {point}");
    });
    let opened = env.json(&open);
    assert!(opened["opened_before"].is_string(), "{opened}");
    env.ok(&attest(&["--from", "dev5"]));
    env.ok(WINDOW);
    env.ok(&["run", "settle", "latest"]);
    assert_eq!(env.income(&pool(&env, "raccoon"), token), "10000000000000000000");
    assert_eq!(env.tokens(token, ledger), U256::ZERO);
    env.fails(
        &["run", "open", "--dataset", "raccoon", "--pay", "10000000 RCN", "--oracle", "dev5"],
        5,
        "token.insufficient",
    );
}

/// The court strikes the first report; another one follows in the second round.
#[test]
fn a_struck_report_is_followed_by_another_on_anvil() {
    let Some(anvil) = Anvil::start() else { return };
    let env = TestEnv::project();
    env.write_project(anvil.port);
    let network = ["--network", "anvil"];
    let run = |args: &[&str]| env.json(&[args, &network].concat());
    run(&["deploy"]);
    run(&["data", "push"]);
    run(&["run", "open", "--dataset", "raccoon", "--pay", "1 ETH", "--oracle", "dev5", "--from", "dev4"]);
    let id: B256 = run(&["run", "show"])["jobs"][0]["job_id"].as_str().unwrap().parse().unwrap();
    env.write("usage.csv", "dataset,records\nraccoon,3\n");
    let report = ["oracle", "attest", "latest", "--usage", "usage.csv", "--from", "dev5"];
    assert_eq!(run(&report)["reported"], true);

    let lock: toml::Table = env.read("dgov.lock").parse().unwrap();
    let contracts = lock["networks"]["anvil"]["contracts"].clone();
    let (court, ledger) = (contracts["court"].as_str().unwrap(), contracts["ledger"].as_str().unwrap());
    anvil.rpc("anvil_impersonateAccount", json!([court]));
    anvil.rpc("anvil_setBalance", json!([court, "0xde0b6b3a7640000"]));
    let as_court = |data: Vec<u8>| {
        let call = json!([{ "from": court, "to": ledger, "data": hex::encode_prefixed(data), "gas": "0x30d40" }]);
        anvil.rpc("eth_sendTransaction", call);
    };
    as_court(HoldReport { jobId: id }.abi_encode());
    let held = env.fails(&[&["run", "settle", "latest"], &network[..]].concat(), 5, "run.held");
    assert!(held.stdout.contains("dispute"), "{held}");
    as_court(StrikeReport { jobId: id }.abi_encode());
    assert_eq!(run(&["run", "show", "latest"])["state"], "struck");

    env.write("usage.json", r#"[{"dataset": "raccoon", "records": 1}]"#);
    let second = run(&["oracle", "attest", "latest", "--usage", "usage.json", "--from", "dev5"]);
    assert_eq!(json!([second["reported"], second["round"]]), json!([true, 1]));
    assert_eq!(second["transactions"].as_array().unwrap().len(), 2, "opened again, and reported");
    anvil.advance(7 * 86_400);
    let settled = run(&["run", "settle", "latest"]);
    assert_eq!(settled["paid"], "1000000000000000000");
    assert_eq!(run(&["run", "show", "latest"])["state"], "settled");
}

alloy::sol! {
    #[derive(Debug)]
    interface ICourtSide {
        function holdReport(bytes32 jobId) external;
        function strikeReport(bytes32 jobId) external;
    }
}

use ICourtSide::{holdReportCall as HoldReport, strikeReportCall as StrikeReport};
