//! Disputes: from a challenge to the last payment, what happens by itself, and what is refused on the way. The court and
//! the balances are asked what came of it.

use alloy::primitives::{Address, U256};
use alloy::sol_types::SolCall;
use dgov_contracts::court::{IDisputeCourt, Side};
use serde_json::{Value, json};

use crate::common::TestEnv;
use crate::common::anvil::Anvil;
use crate::common::project::DEV;

const MILLI: u128 = 1_000_000_000_000_000;

/// A deployed project with its data, and what two people found.
fn published() -> TestEnv {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    env.ok(&["data", "push", "raccoon"]);
    env.write("found.txt", "image 2 is not ours");
    env.write("more.txt", "and neither is image 3");
    env
}

/// Votes and waits until the latest proposal is executed.
fn carry(env: &TestEnv) {
    env.ok(&["chain", "advance", "1d2s"]);
    env.ok(&["gov", "vote", "latest", "yes"]);
    env.ok(&["chain", "advance", "3d"]);
    env.ok(&["gov", "queue", "latest"]);
    env.ok(&["chain", "advance", "2d"]);
    env.ok(&["gov", "execute", "latest"]);
}

/// Follows a hint such as "move the embedded chain's clock: `dgov chain advance 3d`".
fn follow(env: &TestEnv, args: &[&str]) {
    let output = env.fails(args, 5, "dispute.too_early");
    let wait = output.stdout.split("dgov chain advance ").nth(1).and_then(|rest| rest.split('`').next()).unwrap();
    env.ok(&["chain", "advance", wait]);
}

fn bond(env: &TestEnv, case: u64, side: Side, account: &str) -> u128 {
    let account: Address = account.parse().unwrap();
    let call = IDisputeCourt::bondOfCall { caseId: U256::from(case), side, account };
    env.ask(env.contract("court"), call).to()
}

fn status(env: &TestEnv) -> Value {
    env.json(&["data", "list"])["datasets"][0]["status"].clone()
}

#[test]
fn from_a_challenge_over_an_appeal_to_the_last_payment() {
    let env = published();
    assert_eq!(env.json(&["dispute", "show"])["cases"], json!([]));
    env.fails(&["dispute", "show", "1"], 3, "dispute.no_cases");

    // Nothing is sent or stored by a plan.
    let open = ["dispute", "open", "raccoon", "--evidence", "found.txt", "--from", "dev1"];
    let plan = env.json(&[&open[..], &["--dry-run"]].concat());
    assert_eq!((plan["case_id"].clone(), plan["dry_run"].clone()), (Value::Null, json!(true)));
    assert_eq!(plan["bond_wei"], (50 * MILLI).to_string());
    let opened = env.json(&open);
    assert_eq!((opened["case_id"].clone(), opened["already"].clone()), (json!(1), json!(false)));
    assert_eq!(opened["evidence"], plan["evidence"]);
    assert_eq!(opened["case"]["state"], "open");
    let digest = std::process::Command::new("sha256sum").arg(env.dir().join("found.txt")).output().unwrap();
    let digest = String::from_utf8(digest.stdout).unwrap();
    assert_eq!(opened["evidence"], format!("0x{}", digest.split(' ').next().unwrap()));
    // The file is stored under the CID that the chain names.
    let cid = env.json(&["data", "cid", "found.txt"])["cid"].clone();
    assert_eq!(opened["uri"], format!("ipfs://{}", cid.as_str().unwrap()));

    // Again, by others, with other evidence.
    let again = env.json(&open);
    assert_eq!(json!([again["already"], again["case_id"], again["tx_hash"]]), json!([true, 1, null]));
    let by_others = ["dispute", "open", "raccoon", "--evidence", "found.txt", "--from", "dev2"];
    env.fails(&by_others, 5, "dispute.evidence_used");
    env.fails(&["dispute", "open", "raccoon", "--evidence", "more.txt"], 5, "dispute.case_open");

    // Sides.
    env.fails(&["dispute", "close", "1"], 5, "dispute.too_early");
    let answer = env.json(&["dispute", "join", "1", "--side", "respondent"]);
    assert_eq!(json!([answer["already"], answer["bond_wei"]]), json!([false, (50 * MILLI).to_string()]));
    assert_eq!(env.json(&["dispute", "join", "1", "--side", "respondent"])["already"], true);
    env.fails(&["dispute", "join", "1", "--side", "challenger", "--from", "dev2"], 2, "dispute.bond_missing");
    let ally = ["dispute", "join", "latest", "--side", "challenger", "--bond", "0.15 ETH", "--from", "dev2"];
    env.ok(&ally);
    assert_eq!(env.json(&ally)["already"], true);
    assert_eq!(bond(&env, 1, Side::Challenger, DEV[2]), 150 * MILLI);
    assert_eq!(bond(&env, 1, Side::Respondent, DEV[0]), 50 * MILLI);
    let more = ["dispute", "evidence", "1", "more.txt", "--from", "dev2"];
    assert_eq!(env.json(&more)["already"], false);
    assert_eq!(env.json(&more)["already"], true);

    // To the DAO.
    env.fails(&["dispute", "rule", "1", "challenger"], 5, "dispute.wrong_state");
    follow(&env, &["dispute", "submit", "1"]);
    let more_bond = ["dispute", "join", "1", "--side", "challenger", "--bond", "0.2 ETH", "--from", "dev2"];
    env.fails(&more_bond, 5, "dispute.too_late");
    assert_eq!(env.json(&["dispute", "submit", "1"])["state"], "contested");
    assert_eq!(env.json(&["dispute", "submit", "1"])["already"], true);
    let rule = ["dispute", "rule", "1", "challenger"];
    let proposed = env.json(&rule);
    assert_eq!(proposed["title"], "Rule case 1 on version 1 of raccoon for the challenger");
    assert_eq!(proposed["calls"][0]["text"], "court.decide(caseId: 1, ruling: 1)");
    assert_eq!(proposed["calls"][0]["simulation"], "passed");
    assert_eq!(env.json(&rule)["already"], true);
    carry(&env);
    let shown = env.json(&["dispute", "show", "1"]);
    assert_eq!(json!([shown["state"], shown["ruling"]]), json!(["ruled", "challenger"]));
    assert_eq!(status(&env), "disputed");
    env.fails(&rule, 5, "dispute.wrong_state");

    // Appealed, and ruled the same.
    env.fails(&["dispute", "appeal", "1", "--bond", "0.09 ETH"], 5, "dispute.bond_too_small");
    let appeal = env.json(&["dispute", "appeal", "1"]);
    assert_eq!(json!([appeal["paid_wei"], appeal["already"]]), json!([(100 * MILLI).to_string(), false]));
    assert_eq!(env.json(&["dispute", "appeal", "1"])["already"], true);
    let second = env.json(&rule);
    assert_eq!(second["title"], "Rule case 1 on version 1 of raccoon on appeal for the challenger");
    carry(&env);
    let before = [1, 2].map(|index| env.wei(DEV[index]));
    let closed = env.json(&["dispute", "close", "1", "--all", "--from", "dev3"]);
    assert_eq!(json!([closed["already"], closed["case"]["state"]]), json!([false, "closed"]));
    // 50 of the respondent and 100 of the appeal: half to the treasury, half by 50 and 150.
    let paid: Vec<_> = closed["payments"].as_array().unwrap().iter().map(|row| row["amount_wei"].clone()).collect();
    assert_eq!(paid, [68_750, 206_250, 75_000].map(|micro| json!((micro * MILLI / 1_000).to_string())));
    let after = [1, 2].map(|index| env.wei(DEV[index]));
    assert_eq!([after[0] - before[0], after[1] - before[1]], [68_750 * MILLI / 1_000, 206_250 * MILLI / 1_000]);
    assert_eq!(env.wei(&env.contract("court").to_string()), 0);
    assert_eq!(status(&env), "recalled");
    let again = env.json(&["dispute", "close", "1", "--all"]);
    assert_eq!(json!([again["already"], again["payments"], again["tx_hash"]]), json!([true, [], null]));
    let output = env.fails(&["dispute", "open", "raccoon", "--evidence", "more.txt"], 5, "contract.would_revert");
    assert!(output.stdout.contains("VersionNotChallengeable"), "{output}");
}

#[test]
fn what_nobody_does_happens_by_itself() {
    let env = published();
    // Nobody answers: the challenger's.
    env.ok(&["dispute", "open", "raccoon", "--evidence", "found.txt", "--bond", "0.2 ETH", "--from", "dev1"]);
    let row = &env.json(&["dispute", "show"])["cases"][0];
    assert!(row["default_outcome"].as_str().unwrap().starts_with("for the challenger"), "{row}");
    follow(&env, &["dispute", "close", "1"]);
    env.fails(&["dispute", "submit", "1"], 5, "dispute.unanswered");
    env.fails(&["dispute", "join", "1", "--side", "respondent"], 5, "dispute.too_late");
    assert_eq!(env.json(&["dispute", "show", "1"])["overdue"], true);
    let plan = env.json(&["dispute", "close", "1", "--dry-run"]);
    assert_eq!(json!([plan["dry_run"], plan["case"]["state"]]), json!([true, "open"]));
    let closed = env.json(&["dispute", "close", "1", "--for", "dev1"]);
    assert_eq!(closed["payments"][0]["amount_wei"], (200 * MILLI).to_string());
    assert_eq!(status(&env), "recalled");

    // Answered, submitted, and the DAO does not rule: nobody's.
    env.write("data/raccoon/images/new.jpg", "new");
    env.ok(&["data", "push", "raccoon"]);
    env.ok(&["dispute", "open", "raccoon@2", "--evidence", "found.txt", "--from", "dev1"]);
    env.ok(&["dispute", "join", "2", "--side", "respondent"]);
    follow(&env, &["dispute", "submit", "2"]);
    env.ok(&["dispute", "submit", "2"]);
    follow(&env, &["dispute", "close", "2"]);
    env.fails(&["dispute", "rule", "2", "respondent"], 5, "dispute.too_late");
    let closed = env.json(&["dispute", "close", "2", "--all"]);
    assert_eq!(closed["case"]["ruling"], "nobody");
    assert_eq!(closed["payments"].as_array().unwrap().len(), 2);
    assert_eq!(status(&env), "active");

    // Answered, and nobody submits it.
    env.ok(&["dispute", "open", "raccoon@2", "--evidence", "more.txt", "--from", "dev1"]);
    env.ok(&["dispute", "join", "latest", "--side", "respondent"]);
    follow(&env, &["dispute", "submit", "3"]);
    let early = env.fails(&["dispute", "close", "3"], 5, "dispute.too_early");
    assert!(early.stdout.contains("dgov dispute submit 3"), "{early}");
    follow(&env, &["dispute", "close", "3"]);
    assert_eq!(env.json(&["dispute", "close", "3"])["case"]["ruling"], "nobody");
}

#[test]
fn slips_are_told() {
    let env = published();
    let open = |more: &[&'static str]| [&["dispute", "open"], more].concat();
    assert_eq!(env.run(&open(&["--evidence", "found.txt"])).code, 2);
    assert_eq!(env.run(&open(&["raccoon", "--report", "0x01", "--evidence", "found.txt"])).code, 2);
    env.fails(&open(&["raccoon", "--evidence", "none.txt"]), 3, "evidence.missing");
    env.fails(&open(&["raccoon", "--evidence", "data"]), 3, "evidence.not_a_file");
    env.write("empty.txt", "");
    env.fails(&open(&["raccoon", "--evidence", "empty.txt"]), 3, "evidence.empty");
    env.fails(&open(&["racoon", "--evidence", "found.txt"]), 3, "dataset.unknown");
    env.fails(&open(&["raccoon", "--evidence", "found.txt", "--bond", "1 USDC"]), 2, "usage.amount");
    env.fails(&open(&["raccoon", "--evidence", "found.txt", "--bond", "1 wei"]), 5, "dispute.bond_too_small");
    env.fails(&open(&["--attestation", "0x01", "--evidence", "found.txt"]), 2, "usage.id");
    let id = "0x0101010101010101010101010101010101010101010101010101010101010101";
    env.fails(&["dispute", "open", "--attestation", id, "--evidence", "found.txt"], 3, "dispute.unknown_attestation");
    env.fails(&["dispute", "open", "--report", id, "--evidence", "found.txt"], 3, "dispute.no_report");
    env.ok(&open(&["raccoon", "--evidence", "found.txt"]));
    for case in ["0", "2", "x", "-1"] {
        assert!([2, 3].contains(&env.run(&["dispute", "show", case]).code), "{case}");
    }
    assert_eq!(env.run(&["dispute", "join", "1", "--side", "nobody"]).code, 2);
    env.fails(&["dispute", "appeal", "1"], 5, "dispute.wrong_state");
}

/// Killed at any point and run again: one case, one bond.
#[test]
fn killed_and_run_again_nothing_is_paid_twice() {
    let env = published();
    let open = ["dispute", "open", "raccoon", "--evidence", "found.txt", "--from", "dev1"];
    env.kill_everywhere(&open, |point| {
        env.ok(&open);
        assert_eq!(bond(&env, 1, Side::Challenger, DEV[1]), 50 * MILLI, "after a kill at {point}");
        let count = env.ask(env.contract("court"), IDisputeCourt::caseCountCall {});
        assert_eq!(count, U256::from(1), "after a kill at {point}");
    });
    let join = ["dispute", "join", "1", "--side", "respondent", "--bond", "0.07 ETH", "--from", "dev2"];
    env.kill_everywhere(&join, |point| {
        env.ok(&join);
        env.ok(&join);
        assert_eq!(bond(&env, 1, Side::Respondent, DEV[2]), 70 * MILLI, "after a kill at {point}");
    });
    follow(&env, &["dispute", "submit", "1"]);
    env.ok(&["dispute", "submit", "1"]);
    follow(&env, &["dispute", "close", "1"]);
    let close = ["dispute", "close", "1", "--all", "--from", "dev3"];
    env.kill_everywhere(&close, |point| {
        env.ok(&close);
        assert_eq!(env.wei(&env.contract("court").to_string()), 0, "after a kill at {point}");
    });
}

/// On a node, with real stake: an attestation is challenged and lost, a backing is slashed.
#[test]
fn stake_behind_what_was_false_is_lost_on_anvil() {
    let Some(anvil) = Anvil::start() else { return };
    let env = TestEnv::new();
    env.write_project(anvil.port);
    env.write_small_set();
    env.write("found.txt", "image 2 is not ours");
    let run = |args: &[&str]| env.json(&[args, &["--network", "anvil"]].concat());
    run(&["deploy"]);
    let pushed = run(&["data", "push", "raccoon"]);
    let lock: toml::Table = env.read("dgov.lock").parse().unwrap();
    let address = |role: &str| lock["networks"]["anvil"]["contracts"][role].as_str().unwrap().to_owned();
    let stake = address("stake");
    let send = |from: &str, data: Vec<u8>, value: u128| {
        let request = json!([{ "from": from, "to": stake, "data": alloy::hex::encode_prefixed(data), "value": format!("{value:#x}") }]);
        anvil.rpc("eth_sendTransaction", request);
        anvil.rpc("evm_mine", json!([]));
    };
    alloy::sol! {
        function stake() external payable;
        function back(bytes32 datasetId, uint96 amount) external returns (bytes32 lockId);
        function attest(bytes32 versionKey, uint16 score, bytes32 evidence) external returns (bytes32 lockId);
        function attestationIdOf(address validator, bytes32 versionKey) external view returns (bytes32);
    }
    let dataset = pushed["dataset_id"].as_str().unwrap().parse().unwrap();
    let version = pushed["version_key"].as_str().unwrap().parse().unwrap();
    send(DEV[0], stakeCall {}.abi_encode(), 2_000 * MILLI);
    send(DEV[0], backCall { datasetId: dataset, amount: (2_000 * MILLI).try_into().unwrap() }.abi_encode(), 0);
    send(DEV[4], stakeCall {}.abi_encode(), 500 * MILLI);
    send(DEV[4], attestCall { versionKey: version, score: 9_000, evidence: version }.abi_encode(), 0);
    let id = attestationIdOfCall { validator: DEV[4].parse().unwrap(), versionKey: version }.abi_encode();
    let id = anvil.rpc("eth_call", json!([{ "to": stake, "data": alloy::hex::encode_prefixed(id) }, "latest"]));
    let id = id.as_str().unwrap();

    // A tenth of the backing is more than the least bond; of the attestation's lock it is not.
    let opened = run(&["dispute", "open", "raccoon", "--evidence", "found.txt", "--from", "dev1"]);
    assert_eq!(json!([opened["bond_wei"], opened["case"]["holds_stake"]]), json!([(200 * MILLI).to_string(), true]));
    let attested = run(&["dispute", "open", "--attestation", id, "--evidence", "found.txt", "--from", "dev1"]);
    assert_eq!(json!([attested["case_id"], attested["bond_wei"]]), json!([2, (50 * MILLI).to_string()]));
    anvil.advance(3 * 86_400);
    let first = run(&["dispute", "close", "1", "--from", "dev1"]);
    assert_eq!(first["case"]["slashed_wei"], (2_000 * MILLI).to_string());
    assert_eq!(first["payments"][0]["amount_wei"], (1_200 * MILLI).to_string());
    let second = run(&["dispute", "close", "2", "--all"]);
    assert_eq!(second["case"]["slashed_wei"], (100 * MILLI).to_string());
    let treasury = second["payments"].as_array().unwrap().iter().find(|row| row["account"] == "treasury").unwrap();
    assert_eq!(treasury["amount_wei"], (1_050 * MILLI).to_string());
    let late = env.fails(
        &["dispute", "open", "--attestation", id, "--evidence", "found.txt", "--from", "dev2", "--network", "anvil"],
        5,
        "dispute.evidence_used",
    );
    assert!(late.stdout.contains("case 2"), "{late}");
    env.write("other.txt", "once more");
    let gone = ["dispute", "open", "--attestation", id, "--evidence", "other.txt", "--network", "anvil"];
    env.fails(&gone, 5, "dispute.not_challengeable");
}
