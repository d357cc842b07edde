//! Reward rounds: planned from what came in, funded whole, claimed once; contract and balances are asked what came of it.

use alloy::primitives::{Address, U256};
use dgov_contracts::rounds::{IRewardRounds, Round, RoundState};
use serde_json::{Value, json};

use crate::common::TestEnv;
use crate::common::anvil::Anvil;
use crate::common::project::{DEV, copy_dir};

const ETH: u128 = 1_000_000_000_000_000_000;
/// Nothing of a test's chain is older.
const SINCE: &str = "2026-01-01";

/// A deployed project whose dataset was sold once, a month ago.
fn sold() -> TestEnv {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    env.ok(&["data", "push", "raccoon"]);
    env.ok(&["license", "buy", "raccoon", "--from", "dev3"]);
    env.ok(&["chain", "advance", "31d"]);
    env
}

/// The same with a plan for all of January.
fn planned() -> TestEnv {
    let env = sold();
    env.ok(&["reward", "plan", "--since", SINCE, "--until", "2026-02-01", "--budget", "1 ETH"]);
    env
}

fn round(env: &TestEnv, id: u64) -> Round {
    env.ask(env.contract("rounds"), IRewardRounds::roundOfCall { roundId: U256::from(id) })
}

fn count(env: &TestEnv) -> u64 {
    env.ask(env.contract("rounds"), IRewardRounds::roundCountCall {}).to()
}

/// From a sale to the last wei: the same on both networks. `until` is a time after the sale, as text.
fn story(env: &TestEnv, network: &str, until: &str, advance: impl Fn(u64)) {
    let run = |args: &[&str]| env.json(&[args, &["--network", network]].concat());
    let plan = ["reward", "plan", "--since", "2020-01-01", "--until", until, "--budget", "1 ETH"];
    let planned = run(&plan);
    assert_eq!(
        json!([planned["total"], planned["unit"], planned["income"][0]["income"]]),
        json!([ETH.to_string(), "1", "10000000000000000"])
    );
    // dev1 has 60 of 100 shares.
    assert_eq!(
        planned["payees"],
        json!([
            { "account": DEV[2], "units": "400000000000000000" },
            { "account": DEV[1], "units": "600000000000000000" }
        ])
    );
    run(&[&plan[..], &["--out", "again.json"]].concat());
    assert_eq!(env.read("again.json"), env.read("reward.json"), "the same chain gives the same plan");

    let published = run(&["reward", "publish", "reward.json", "--expires", "91d"]);
    assert_eq!(json!([published["published"], published["round"]]), json!([true, "1"]));
    assert_eq!(published["transactions"][0]["value_wei"], (ETH + ETH / 100).to_string(), "the total and the bond");
    let again = run(&["reward", "publish", "reward.json"]);
    assert_eq!(
        json!([again["published"], again["round"], again["published_before"]]),
        json!([false, "1", published["tx_hash"]])
    );

    let claim = |account: &str| run(&["reward", "claim", "--for", account, "--from", "dev4"]);
    let early = claim("dev1");
    assert_eq!(json!([early["rounds"], early["tx_hash"]]), json!([[], null]), "claims have not started");
    assert_eq!(run(&["reward", "show"])["rounds"][0]["stage"], "waiting");
    advance(3 * 86_400);
    let claimed = claim("dev1");
    assert_eq!(
        json!([claimed["claimed"], claimed["rounds"][0]["as"]]),
        json!([{ "ETH": "600000000000000000" }, "reward"])
    );
    let again = claim("dev1");
    assert_eq!(json!([again["claimed"], again["tx_hash"]]), json!([{}, null]));
    assert_eq!(json!([claim("dev3")["claimed"]]), json!([{}]), "dev3 is no payee");
    let shown = run(&["reward", "show", "1", "--for", "dev2"]);
    let shown = &shown["rounds"][0];
    assert_eq!(
        json!([shown["stage"], shown["claimed"], shown["reward"], shown["paid"]]),
        json!(["claimable", "600000000000000000", "400000000000000000", false])
    );

    // The bond first; once the round has run out, the rest.
    assert_eq!(run(&["reward", "claim"])["rounds"][0]["as"], "bond");
    advance(93 * 86_400);
    let rest = run(&["reward", "claim"]);
    assert_eq!(json!([rest["claimed"], rest["rounds"][0]["as"]]), json!([{ "ETH": "400000000000000000" }, "rest"]));
    assert_eq!(run(&["reward", "claim"])["rounds"], json!([]));
    assert_eq!(run(&["reward", "show"])["rounds"][0]["stage"], "swept");
}

#[test]
fn a_sale_becomes_a_round() {
    let env = sold();
    let before = [1, 2].map(|index| env.wei(DEV[index]));
    story(&env, "local", "2026-02-01", |seconds| drop(env.ok(&["chain", "advance", &format!("{seconds}s")])));
    assert_eq!(env.wei(DEV[1]) - before[0], ETH * 6 / 10, "dev4 sent it, dev1 got it");
    assert_eq!(env.wei(DEV[2]), before[1]);
    assert_eq!(env.account(&env.dir(), &env.contract("rounds").to_string()).1, "0x0");
}

#[test]
fn a_round_on_a_node() {
    let Some(anvil) = Anvil::start() else { return };
    let env = TestEnv::project();
    env.write_project(anvil.port);
    env.ok(&["deploy", "--network", "anvil"]);
    env.ok(&["data", "push", "raccoon", "--network", "anvil"]);
    env.ok(&["license", "buy", "raccoon", "--from", "dev3", "--network", "anvil"]);
    anvil.advance(86_400);
    let head = anvil.rpc("eth_getBlockByNumber", json!(["latest", false]))["timestamp"].clone();
    let head = i64::from_str_radix(head.as_str().unwrap().trim_start_matches("0x"), 16).unwrap();
    let until = jiff::Timestamp::from_second(head - 60).unwrap().to_string();
    story(&env, "anvil", &until, |seconds| anvil.advance(seconds));
}

#[test]
fn what_counts_is_what_was_sold_in_the_period() {
    let env = sold();
    let plan = |more: &[&str]| {
        let args = [&["reward", "plan", "--until", "2026-02-01", "--budget", "100 wei"], more].concat();
        env.run(&[&args[..], &["--json"]].concat())
    };
    let code = |output: &crate::common::Output| {
        let document: Value = serde_json::from_str(&output.stdout).unwrap();
        (output.code, document["errors"][0]["code"].as_str().unwrap_or_default().to_owned())
    };
    // The sale was in the first minutes of the year.
    assert_eq!(code(&plan(&["--since", "2026-01-02"])), (3, "reward.no_income".into()));
    assert_eq!(code(&plan(&["--since", SINCE])), (0, String::new()));
    assert_eq!(code(&plan(&["--since", "2026-02-01"])), (2, "usage.time".into()));
    assert_eq!(code(&plan(&["--since", "January"])), (2, "usage.time".into()));
    env.fails(
        &["reward", "plan", "--since", SINCE, "--until", "2026-02-02", "--budget", "1 wei"],
        3,
        "reward.period_open",
    );
    env.fails(&["reward", "plan", "--since", SINCE, "--until", "2026-02-01", "--budget", "0 ETH"], 2, "usage.amount");
    env.fails(
        &["reward", "plan", "--since", SINCE, "--until", "2026-02-01", "--budget", "1 wei"],
        3,
        "reward.budget_too_small",
    );

    // What is paid in by hand may come back to who paid it: it counts only where that is wanted.
    env.ok(&["royalties", "deposit", "raccoon", "1 ETH"]);
    env.ok(&["chain", "advance", "1d"]);
    let plan = ["reward", "plan", "--since", "2026-01-31", "--until", "2026-02-02", "--budget", "100 wei"];
    env.fails(&plan, 3, "reward.no_income");
    let counted = env.json(&[&plan[..], &["--deposits"]].concat());
    assert_eq!(counted["income"][0]["income"], ETH.to_string());
}

/// A stranger registers a dataset, sells it to itself, and would have most of the budget.
#[test]
fn the_datasets_of_others_count_only_where_that_is_wanted() {
    let env = TestEnv::project();
    let manifest = env.read("dgov.toml");
    env.ok(&["deploy"]);
    env.ok(&["data", "push", "raccoon"]);
    env.ok(&["license", "buy", "raccoon", "--from", "dev3"]);
    let foreign =
        "[datasets.foreign]\npath = \"data/foreign\"\nlicense = \"research\"\ncontributors = \"foreign.csv\"\n";
    env.write("dgov.toml", format!("{manifest}{foreign}"));
    env.write("data/foreign/a.txt", "nothing");
    env.write("foreign.csv", format!("account,shares\n{},1\n", DEV[4]));
    let lock = env.read("dgov.lock");
    let pushed = env.json(&["data", "push", "foreign", "--from", "dev4"]);
    env.write("dgov.toml", manifest);
    env.write("dgov.lock", lock);
    env.ok(&["license", "buy", pushed["dataset_id"].as_str().unwrap(), "--from", "dev4"]);
    env.ok(&["chain", "advance", "31d"]);
    let plan = ["reward", "plan", "--since", SINCE, "--until", "2026-02-01", "--budget", "100 wei"];
    assert_eq!(env.json(&plan)["payees"].as_array().unwrap().len(), 2);
    let all = env.json(&[&plan[..], &["--all"]].concat());
    assert_eq!(all["payees"].as_array().unwrap().len(), 3);
}

#[test]
fn a_plan_that_was_changed_is_not_published() {
    let env = planned();
    let plan = env.read("reward.json");
    let publish = |text: &str, exit: i32, code: &str| {
        env.write("changed.json", text);
        env.fails(&["reward", "publish", "changed.json"], exit, code);
    };
    publish(&plan.replace("600000000000000000", "600000000000000001"), 7, "reward.plan_differs");
    publish(&plan.replace(DEV[1], DEV[4]), 7, "reward.plan_differs");
    publish(&plan.replace("\"chain_id\": 31337", "\"chain_id\": 1"), 3, "reward.plan_elsewhere");
    publish(&plan.replace("plan.v1", "plan.v2"), 3, "reward.plan_malformed");
    publish("{}", 3, "reward.plan_malformed");
    env.fails(&["reward", "publish", "none.json"], 3, "reward.plan_missing");
    env.fails(&["reward", "publish", "reward.json", "--expires", "90d"], 2, "usage.expires");
    assert_eq!(count(&env), 0);
    let dry = env.json(&["reward", "publish", "reward.json", "--dry-run"]);
    assert_eq!(json!([dry["published"], dry["round"], dry["tx_hash"]]), json!([false, null, null]));
    let pack = env.dir().join(format!(".dgov/store/packs/{}.0.pack", dry["list_cid"].as_str().unwrap()));
    assert!(!pack.exists());
    let file = env.json(&["reward", "publish", "reward.json", "--unsigned", "tx.json"]);
    assert_eq!(file["published"], false);
    assert_eq!(count(&env), 0);
}

#[test]
fn the_guardian_cancels_before_claims_start() {
    let env = TestEnv::project();
    let manifest = env.read("dgov.toml").replace("quorum", "guardian = \"dev5\"\nguardian-sunset = \"365d\"\nquorum");
    env.write("dgov.toml", manifest);
    env.ok(&["deploy"]);
    env.ok(&["data", "push", "raccoon"]);
    env.ok(&["license", "buy", "raccoon", "--from", "dev3"]);
    env.ok(&["chain", "advance", "31d"]);
    env.ok(&["reward", "plan", "--since", SINCE, "--until", "2026-02-01", "--budget", "1 ETH"]);
    env.ok(&["reward", "publish", "reward.json"]);
    let treasury = env.contract("timelock").to_string();
    env.fails(&["reward", "cancel", "1", "--from", "dev4"], 5, "contract.would_revert");
    env.fails(&["reward", "cancel", "2", "--from", "dev5"], 3, "reward.unknown");
    assert_eq!(env.json(&["reward", "cancel", "1", "--from", "dev5"])["cancelled"], true);
    assert_eq!(env.wei(&treasury), ETH / 100);
    let again = env.json(&["reward", "cancel", "1", "--from", "dev5"]);
    assert_eq!(json!([again["cancelled"], again["tx_hash"]]), json!([false, null]));
    env.ok(&["chain", "advance", "4d"]);
    assert_eq!(env.json(&["reward", "claim", "--for", "dev1"])["rounds"], json!([]));
    let before = env.wei(DEV[0]);
    let rest = env.json(&["reward", "claim", "--for", "dev0", "--from", "dev4"]);
    assert_eq!(json!([rest["rounds"][0]["as"], rest["claimed"]]), json!(["rest", { "ETH": ETH.to_string() }]));
    assert_eq!(env.wei(DEV[0]) - before, ETH);
    assert_eq!(round(&env, 1).state, RoundState::Swept);
}

#[test]
fn a_token_pays_and_comes_back() {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    env.ok(&["data", "push", "raccoon"]);
    env.ok(&["license", "buy", "raccoon", "--from", "dev3"]);
    env.ok(&["chain", "advance", "31d"]);
    let token = env.contract("token");
    let manifest = env.read("dgov.toml");
    env.write("dgov.toml", format!("{manifest}[tokens.RCN]\ndecimals = 18\naddress = {{ local = \"{token}\" }}\n"));
    let plan = ["reward", "plan", "--since", SINCE, "--until", "2026-02-01", "--budget", "250 RCN"];
    env.fails(&plan, 3, "reward.no_income");
    let planned = env.json(&[&plan[..], &["--income-in", "ETH"]].concat());
    assert_eq!(json!([planned["unit"], planned["units"]]), json!(["1000", "250000000000000000"]));
    env.fails(&["reward", "publish", "reward.json", "--from", "dev3"], 5, "token.insufficient");
    let published = env.json(&["reward", "publish", "reward.json"]);
    assert_eq!(published["transactions"].as_array().unwrap().len(), 2, "a permission and the round");
    env.ok(&["chain", "advance", "3d"]);
    let claimed = env.json(&["reward", "claim", "--for", "dev2"]);
    assert_eq!(claimed["claimed"], json!({ "RCN": "100000000000000000000" }));
    let holder: Address = DEV[2].parse().unwrap();
    assert_eq!(env.tokens(token, holder), U256::from(100 * ETH));
}

#[test]
fn payees_must_be_readable_and_what_the_chain_says() {
    let env = planned();
    let published = env.json(&["reward", "publish", "reward.json"]);
    env.ok(&["chain", "advance", "3d"]);
    let store = env.dir().join(".dgov/store");
    let aside = env.dir().join("aside");
    std::fs::rename(&store, &aside).unwrap();
    let warned = |code: &str| {
        let output = env.run(&["reward", "claim", "--for", "dev1", "--json"]);
        assert_eq!(output.code, 0, "{output}");
        let document: Value = serde_json::from_str(&output.stdout).unwrap();
        assert!(document["warnings"].as_array().unwrap().iter().any(|warning| warning["code"] == code), "{output}");
        assert_eq!(document["data"]["rounds"], json!([]));
    };
    warned("reward.list_missing");
    env.store_block(published["list_cid"].as_str().unwrap(), b"something else");
    warned("storage.block_differs");
    let manifest = env.read("dgov.toml");
    env.write("dgov.toml", manifest.replace("targets = [\"local\"]", "targets = [\"local\"]\nsources = [\"aside\"]"));
    std::fs::remove_dir_all(&store).unwrap();
    assert_eq!(env.json(&["reward", "claim", "--for", "dev1"])["claimed"], json!({ "ETH": "600000000000000000" }));
}

#[test]
fn a_killed_command_publishes_and_pays_once() {
    let env = planned();
    let publish = ["reward", "publish", "reward.json", "--expires", "100d"];
    env.kill_everywhere(&publish, |point| {
        let report = env.json(&publish);
        assert_eq!((count(&env), report["round"].clone()), (1, json!("1")), "after a kill at {point}");
    });
    env.ok(&["chain", "advance", "3d"]);
    let base = env.wei(DEV[1]);
    let claim = ["reward", "claim", "--for", "dev1", "--from", "dev4"];
    let copy = env.dir().with_file_name("before-claim");
    copy_dir(&env.dir(), &copy);
    env.kill_everywhere(&claim, |point| {
        env.ok(&claim);
        assert_eq!(env.wei(DEV[1]) - base, ETH * 6 / 10, "after a kill at {point}");
    });
}
