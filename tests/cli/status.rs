//! `dgov status` and `dgov doctor`: also where something is missing.

use serde_json::Value;

use crate::common::TestEnv;
use crate::common::project::DEV;

#[test]
fn a_project_is_shown_from_nothing_to_a_sale() {
    let env = TestEnv::project();
    let empty = env.json(&["status"]);
    assert_eq!(
        (&empty["deployed"], &empty["project"], &empty["chain_id"]),
        (&false.into(), &Value::Null, &31337.into())
    );
    assert_eq!(empty["account"]["address"], DEV[0]);

    let deployed = env.json(&["deploy"]);
    env.ok(&["data", "push"]);
    let status = env.json(&["status"]);
    assert_eq!((&status["deployed"], &status["project"]), (&true.into(), &deployed["project"]));
    let contracts = status["contracts"].as_array().unwrap();
    assert_eq!(contracts.len(), 13);
    assert!(contracts.iter().all(|contract| contract["code"] == "ok"));
    let dataset = &status["datasets"][0];
    assert_eq!(
        (&dataset["dataset"], &dataset["version"], &dataset["status"]),
        (&"raccoon".into(), &1.into(), &"active".into())
    );
    assert_eq!((&dataset["owner"], &dataset["stored"]), (&DEV[0].into(), &true.into()));
    let offer = &dataset["offers"][0];
    assert_eq!((&offer["price"], &offer["currency_symbol"]), (&"10000000000000000".into(), &"ETH".into()));
    assert_eq!(
        (&offer["duration_seconds"], &offer["allow"]),
        (&31_536_000.into(), &serde_json::json!(["train-generative", "evaluate"]))
    );
    assert_eq!((&status["open_proposals"], &status["unfinished"]), (&serde_json::json!([]), &serde_json::json!([])));

    let text = env.ok(&["status"]).stdout;
    assert!(text.contains("0.01 ETH for 365d") && text.contains("raccoon"), "{text}");
}

#[test]
fn open_proposals_are_shown_until_they_are_decided() {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    env.write("dgov.toml", env.read("dgov.toml").replace("quorum = \"4%\"", "quorum = \"5%\""));
    env.ok(&["gov", "propose", "--yes"]);
    let status = env.json(&["status"]);
    assert_eq!((&status["proposals"], &status["open_proposals"][0]["state"]), (&1.into(), &"pending".into()));
    env.ok(&["chain", "advance", "10d"]);
    let status = env.json(&["status"]);
    assert_eq!((&status["proposals"], &status["open_proposals"]), (&1.into(), &serde_json::json!([])), "nobody voted");
}

#[test]
fn a_chain_that_forgot_the_project_is_a_state() {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    std::fs::remove_dir_all(env.dir().join(".dgov/chain")).unwrap();
    let status = env.json(&["status"]);
    assert_eq!((&status["deployed"], &status["contracts"][0]["code"]), (&true.into(), &"missing".into()));
    let report = doctor(&env, 4);
    assert_eq!(check(&report, "contracts")["result"], "fail");
    env.fails(&["status", "--network", "anvil"], 4, "chain.unreachable");
}

/// Runs doctor, expects this exit code.
fn doctor(env: &TestEnv, code: i32) -> Value {
    let output = env.run(&["doctor", "--json"]);
    assert_eq!(output.code, code, "{output}");
    let document: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(document["success"], code == 0);
    document["data"].clone()
}

fn check<'a>(report: &'a Value, name: &str) -> &'a Value {
    report["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["name"] == name)
        .unwrap_or_else(|| panic!("{report}"))
}

#[test]
fn a_healthy_project_has_nothing_to_mend() {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    env.ok(&["data", "push"]);
    let report = doctor(&env, 0);
    let names: Vec<_> =
        report["checks"].as_array().unwrap().iter().map(|check| check["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["manifest", "state", "lock", "ledger", "store", "network", "deployer", "account", "contracts"]);
    assert!(report["checks"].as_array().unwrap().iter().all(|check| check["result"] == "ok"), "{report}");
}

#[test]
fn what_is_broken_is_named_with_its_exit_code() {
    let report = doctor(&TestEnv::new(), 3);
    assert_eq!(
        (&check(&report, "manifest")["result"], check(&report, "manifest")["hint"].is_string()),
        (&"fail".into(), true)
    );

    let mut env = TestEnv::project();
    env.ok(&["deploy"]);
    env.ok(&["data", "push"]);
    env.var("DGOV_NETWORK", "anvil");
    let report = doctor(&env, 4);
    assert_eq!(
        (&check(&report, "network")["result"], &check(&report, "store")["result"]),
        (&"fail".into(), &"ok".into())
    );
    env.var("DGOV_NETWORK", "local");

    env.var("DGOV_FROM", "nobody");
    assert_eq!(check(&doctor(&env, 3), "account")["result"], "fail");
    env.var("DGOV_FROM", "0x00000000000000000000000000000000000000aa");
    assert_eq!(check(&doctor(&env, 0), "account")["result"], "warn", "an account without money");
    env.var("DGOV_FROM", "dev0");

    let lock = env.read("dgov.lock");
    let digest =
        lock.split("[networks.local.code]").nth(1).unwrap().split("vault = \"").nth(1).unwrap()[..66].to_owned();
    env.write("dgov.lock", lock.replace(&digest, &format!("0x{}", "11".repeat(32))));
    assert_eq!(check(&doctor(&env, 7), "contracts")["result"], "fail");
    env.ok(&["sync"]);
    doctor(&env, 0);

    let packs = env.dir().join(".dgov/store/packs");
    let pack = std::fs::read_dir(packs)
        .unwrap()
        .map(|e| e.unwrap().path())
        .find(|p| p.extension().is_some_and(|e| e == "pack"));
    std::fs::write(pack.unwrap(), "cut").unwrap();
    assert_eq!(check(&doctor(&env, 7), "store")["result"], "fail");
}
