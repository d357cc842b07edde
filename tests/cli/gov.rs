//! `plan` and `gov`: from an edited manifest to an executed proposal, and what is refused on the way.

use alloy::hex;
use alloy::primitives::{Address, B256, U256};
use alloy::sol_types::SolCall;
use dgov_contracts::governance::{IDataGovernor, IDataTimelock, IDataToken};
use dgov_contracts::suite::{ILicenseRegistry, IRoyaltyVault};
use serde_json::{Value, json};

use crate::common::TestEnv;
use crate::common::project::DEV;

const ETHER: u128 = 1_000_000_000_000_000_000;

/// Asks a contract of the project on its embedded chain, past everything that dgov prints.
fn ask<C: SolCall>(env: &TestEnv, role: &str, call: &C) -> C::Return {
    let lock: toml::Value = toml::from_str(&env.read("dgov.lock")).unwrap();
    let to = lock["networks"]["local"]["contracts"][role].as_str().unwrap().to_owned();
    let dir = camino::Utf8PathBuf::from_path_buf(env.dir().join(".dgov/chain")).unwrap();
    let chain = dgov::chain::embedded::EmbeddedChain::open(&dir).unwrap();
    let request = json!([{ "to": to, "data": hex::encode_prefixed(call.abi_encode()) }, "latest"]);
    let answer = chain.answer("eth_call", Some(request)).unwrap();
    C::abi_decode_returns(&hex::decode(answer.as_str().unwrap()).unwrap()).unwrap()
}

/// The small project, deployed; with the data pushed when `push`.
fn deployed(push: bool) -> TestEnv {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    if push {
        env.ok(&["data", "push", "raccoon"]);
    } else {
        edit(&env, |manifest| manifest.split("[datasets.raccoon]").next().unwrap().to_owned());
    }
    env
}

fn edit(env: &TestEnv, change: impl Fn(&str) -> String) {
    let before = env.read("dgov.toml");
    let after = change(&before);
    assert_ne!(before, after, "the edit changed nothing");
    env.write("dgov.toml", after);
}

fn replace(env: &TestEnv, old: &str, new: &str) {
    edit(env, |manifest| manifest.replace(old, new));
}

/// Votes and waits until the latest proposal is executed.
fn carry(env: &TestEnv) -> Value {
    env.ok(&["chain", "advance", "1d2s"]);
    env.ok(&["gov", "vote", "latest", "yes"]);
    env.ok(&["chain", "advance", "3d"]);
    env.ok(&["gov", "queue", "latest"]);
    env.ok(&["chain", "advance", "2d"]);
    env.json(&["gov", "execute", "latest"])
}

/// `what`, `desired`, `actual`, `remedy` of all differences.
fn differences(plan: &Value) -> Vec<[String; 4]> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let rows = plan["differences"].as_array().unwrap().iter();
    rows.map(|row| [text(&row["what"]), text(&row["desired"]), text(&row["actual"]), text(&row["remedy"])]).collect()
}

fn rows(expected: &[[&str; 4]]) -> Vec<[String; 4]> {
    expected.iter().map(|row| row.map(str::to_owned)).collect()
}

fn clean(env: &TestEnv) {
    let output = env.run(&["plan", "--exit-code"]);
    assert_eq!(output.code, 0, "{output}");
}

/// Follows a hint such as "move the embedded chain's clock: `dgov chain advance 1d2s`".
fn follow(env: &TestEnv, args: &[&str]) {
    let output = env.fails(args, 5, "gov.too_early");
    let wait = output.stdout.split("dgov chain advance ").nth(1).and_then(|rest| rest.split('`').next()).unwrap();
    env.ok(&["chain", "advance", wait]);
}

#[test]
fn before_the_deployment_plan_names_deploy_and_push() {
    let env = TestEnv::project();
    let output = env.run(&["plan", "--exit-code"]);
    assert_eq!(output.code, 11, "{output}");
    assert!(output.stdout.contains("+ datasets.raccoon  published"), "{output}");
    let plan = env.json(&["plan"]);
    assert_eq!(
        differences(&plan),
        rows(&[
            ["project", "raccoon-commons deployed on local", "-", "deploy"],
            ["datasets.raccoon", "published", "-", "push"],
        ])
    );
    env.fails(&["gov", "propose"], 3, "project.not_deployed");
    env.fails(&["gov", "list"], 3, "project.not_deployed");
}

#[test]
fn a_price_changes_by_proposal() {
    let env = deployed(true);
    clean(&env);
    env.fails(&["gov", "propose"], 3, "gov.nothing_to_propose");
    let old: Vec<B256> = offered(&env);
    replace(&env, "0.01 ETH", "0.02 ETH");
    let plan = env.json_exit(&["plan", "--exit-code"], 11);
    assert_eq!(differences(&plan), rows(&[["licenses.research.price", "0.02 ETH", "0.01 ETH", "propose"]]));

    let proposed = env.json(&["gov", "propose"]);
    let id = proposed["proposal_id"].as_str().unwrap();
    assert_eq!(proposed["title"], "Change licenses.research.price from 0.01 ETH to 0.02 ETH");
    let calls = proposed["calls"].as_array().unwrap();
    let names: Vec<_> =
        calls.iter().map(|call| call["signature"].as_str().unwrap().split('(').next().unwrap()).collect();
    assert_eq!(names, ["addTerms", "setOffer", "setOffer", "retireTerms"]);
    let tried: Vec<_> = calls.iter().map(|call| call["simulation"].as_str().unwrap()).collect();
    assert_eq!(tried, ["passed", "passed", "after_earlier_call", "passed"]);
    assert!(proposed["description"].as_str().unwrap().ends_with(&format!("\n#proposer={}", DEV[0])));
    let known = ask(&env, "governor", &IDataGovernor::proposalProposerCall { proposalId: id.parse().unwrap() });
    assert_eq!(known, DEV[0].parse::<Address>().unwrap());

    let again = env.json(&["gov", "propose"]);
    assert_eq!((&again["proposal_id"], &again["tx_hash"], &again["already"]), (&json!(id), &Value::Null, &json!(true)));

    follow(&env, &["gov", "vote", "latest", "yes"]);
    let voted = env.json(&["gov", "vote", &id[..8], "yes", "--reason", "fair"]);
    assert_eq!(voted["proposal"]["votes"]["yes"], (1_000_000 * ETHER).to_string());
    let repeated = env.json(&["gov", "vote", "latest", "yes"]);
    assert_eq!((&repeated["already"], &repeated["transactions"]), (&json!(true), &json!([])));
    env.fails(&["gov", "vote", "latest", "no"], 5, "gov.voted_otherwise");

    follow(&env, &["gov", "queue", "latest"]);
    env.fails(&["gov", "execute", "latest"], 5, "gov.not_queued");
    env.ok(&["gov", "queue", "latest"]);
    assert_eq!(env.json(&["gov", "queue", "latest"])["already"], true);
    follow(&env, &["gov", "execute", "latest"]);
    let executed = env.json(&["gov", "execute", "latest"]);
    assert_eq!((&executed["state"], &executed["already"]), (&json!("executed"), &json!(false)));
    let again = env.json(&["gov", "execute", "latest"]);
    assert_eq!((&again["already"], &again["tx_hash"]), (&json!(true), &Value::Null));
    env.fails(&["gov", "vote", "latest", "yes", "--from", "dev1"], 5, "gov.wrong_state");
    clean(&env);

    let new = offered(&env);
    assert_eq!((old.len(), new.len()), (1, 1));
    let before = ask(&env, "licenses", &ILicenseRegistry::termsOfCall { termsId: old[0] });
    let after = ask(&env, "licenses", &ILicenseRegistry::termsOfCall { termsId: new[0] });
    assert_eq!((before.active, after.active, after.terms.price), (false, true, ETHER / 50));
}

/// Ids of the active terms that the dataset is offered under, from the chain.
fn offered(env: &TestEnv) -> Vec<B256> {
    let lock: toml::Value = toml::from_str(&env.read("dgov.lock")).unwrap();
    let dataset = lock["networks"]["local"]["datasets"]["raccoon"]["dataset-id"].as_str().unwrap().parse().unwrap();
    let mut ids = Vec::new();
    for number in 1..10_u32 {
        let id = ask(env, "licenses", &ILicenseRegistry::termsAtCall { number: number.try_into().unwrap() });
        if id.is_zero() {
            break;
        }
        if ask(env, "licenses", &ILicenseRegistry::isOfferedCall { datasetId: dataset, termsId: id }) {
            ids.push(id);
        }
    }
    ids
}

#[test]
fn splits_and_governor_settings_change_by_proposal() {
    let env = deployed(true);
    replace(&env, "contributors = \"80%\"", "contributors = \"70%\"");
    replace(&env, "curators = \"10%\"", "curators = \"20%\"");
    replace(&env, "voting-delay = \"1d\"", "voting-delay = \"2d\"");
    replace(&env, "voting-period = \"3d\"", "voting-period = \"6d\"\nlate-quorum-extension = \"1d\"");
    replace(&env, "timelock-delay = \"2d\"", "timelock-delay = \"12h\"");
    replace(&env, "quorum = \"4%\"", "quorum = \"5.5%\"");
    replace(&env, "threshold = \"1%\"", "threshold = \"0.5%\"");
    let split = |contributors, curators| format!("contributors {contributors}, curators {curators}, treasury 10%");
    assert_eq!(
        differences(&env.json(&["plan"])),
        rows(&[
            ["governance.voting-delay", "2d", "1d", "propose"],
            ["governance.voting-period", "6d", "3d", "propose"],
            ["governance.timelock-delay", "12h", "2d", "propose"],
            ["governance.proposal-threshold", "5000 votes", "10000 votes", "propose"],
            ["governance.quorum", "5.5%", "4%", "propose"],
            ["royalties", &split("70%", "20%"), &split("80%", "10%"), "propose"],
        ])
    );
    let noted = |env: &TestEnv, what: &str| env.json(&["plan"])["notes"].to_string().contains(what);
    let (first, then) = ("need a vote first (`dgov gov propose`)", "version 1 was published with other splits");
    assert!(noted(&env, first) && noted(&env, then), "a push takes nothing but what was decided");
    let proposed = env.json(&["gov", "propose"]);
    assert_eq!(proposed["title"], "Apply 6 changes of the manifest of raccoon-commons");
    let tried: Vec<_> = proposed["calls"].as_array().unwrap().iter().map(|call| call["simulation"].clone()).collect();
    assert_eq!(tried.iter().filter(|tried| **tried == "only_in_execution").count(), 4, "{tried:?}");
    assert_eq!(tried.iter().filter(|tried| **tried == "passed").count(), 2, "{tried:?}");
    carry(&env);
    clean(&env);
    assert_eq!(ask(&env, "governor", &IDataGovernor::votingDelayCall {}), U256::from(2 * 86_400));
    assert_eq!(ask(&env, "governor", &IDataGovernor::votingPeriodCall {}), U256::from(6 * 86_400));
    assert_eq!(ask(&env, "governor", &IDataGovernor::quorumNumeratorCall {}), U256::from(550));
    assert_eq!(ask(&env, "governor", &IDataGovernor::proposalThresholdCall {}), U256::from(5_000 * ETHER));
    assert_eq!(ask(&env, "timelock", &IDataTimelock::getMinDelayCall {}), U256::from(43_200));
    assert_eq!(ask(&env, "licenses", &ILicenseRegistry::policyCall {}).contributors, 7_000);

    // The version still has the splits it was published with: a note, until the next push.
    assert!(noted(&env, then) && !noted(&env, first));
    assert_eq!(env.json(&["data", "push", "raccoon"])["version"], 2);
    assert!(!noted(&env, then));
}

#[test]
fn licenses_are_added_exchanged_and_retired() {
    let env = deployed(true);
    edit(&env, |manifest| {
        let terms = "spdx = \"CC-BY-NC-4.0\"\nallow = [\"evaluate\"]\nprice = \"1 ETH\"\n";
        manifest
            .replace("[royalties]", &format!("[licenses.lab]\n{terms}[royalties]"))
            .replace("license = \"research\"", "license = \"lab\"")
    });
    let actual = "offered under research (0.01 ETH for 365d)";
    assert_eq!(
        differences(&env.json(&["plan"])),
        rows(&[
            ["licenses.lab", "1 ETH, forever", "-", "propose"],
            ["datasets.raccoon.license", "lab (1 ETH, forever)", actual, "propose"],
        ])
    );
    let before = offered(&env);
    env.ok(&["gov", "propose"]);
    carry(&env);
    clean(&env);
    let after = offered(&env);
    assert!(after.len() == 1 && after != before, "{before:?} {after:?}");

    // The license that is left in the manifest only by its terms on chain goes, too.
    edit(&env, |manifest| {
        let (start, rest) = manifest.split_once("[licenses.research]").unwrap();
        format!("{start}{}", &rest[rest.find("[licenses.lab]").unwrap()..])
    });
    let plan = env.json(&["plan"]);
    assert_eq!(
        (plan["differences"][0]["what"].as_str(), plan["differences"][0]["desired"].as_str()),
        (Some("licenses"), None)
    );
    env.ok(&["gov", "propose"]);
    carry(&env);
    clean(&env);
    assert!(!ask(&env, "licenses", &ILicenseRegistry::termsOfCall { termsId: before[0] }).active);

    // A license with terms that were retired brings them back.
    edit(&env, |manifest| {
        let terms = "spdx = \"CC-BY-NC-4.0\"\nallow = [\"train-generative\", \"evaluate\"]\nprice = \"0.01 ETH\"\nduration = \"365d\"\n";
        manifest.replace("[licenses.lab]", &format!("[licenses.research]\n{terms}[licenses.lab]"))
    });
    let expected = ["licenses.research", "0.01 ETH for 365d", "retired", "propose"];
    assert_eq!(differences(&env.json(&["plan"])), rows(&[expected]));
    let proposed = env.json(&["gov", "propose"]);
    let text = proposed["calls"][0]["text"].as_str().unwrap();
    assert_eq!(text, format!("licenses.reinstateTerms(termsId: {})", before[0]));
    carry(&env);
    clean(&env);
    assert!(ask(&env, "licenses", &ILicenseRegistry::termsOfCall { termsId: before[0] }).active);
    assert_eq!(offered(&env), after, "the dataset stays where the manifest has it");
}

#[test]
fn a_price_that_returns_is_for_sale_again() {
    let env = deployed(true);
    let first = offered(&env);
    let prices =
        [("0.01 ETH", "0.02 ETH"), ("0.02 ETH", "0.01 ETH"), ("0.01 ETH", "0.02 ETH"), ("0.02 ETH", "0.01 ETH")];
    for (turn, (old, new)) in prices.into_iter().enumerate() {
        replace(&env, old, new);
        assert_eq!(
            differences(&env.json(&["plan"])),
            rows(&[["licenses.research.price", new, old, "propose"]]),
            "turn {turn}"
        );
        let proposed = env.json(&["gov", "propose"]);
        let functions: Vec<_> = proposed["calls"]
            .as_array()
            .unwrap()
            .iter()
            .map(|call| call["signature"].as_str().unwrap().split('(').next().unwrap())
            .collect();
        let brought = if turn == 0 { "addTerms" } else { "reinstateTerms" };
        assert_eq!(functions, [brought, "setOffer", "setOffer", "retireTerms"], "turn {turn}");
        let tried = &proposed["calls"][2]["simulation"];
        assert_eq!(tried, "after_earlier_call", "the offer needs the terms that come back");
        carry(&env);
        clean(&env);
        let wei = if new == "0.01 ETH" { ETHER / 100 } else { ETHER / 50 };
        let buyer = format!("dev{}", turn + 3);
        let bought = env.json(&["license", "buy", "raccoon", "--from", &buyer, "--max-price", new]);
        assert_eq!((&bought["bought"], &bought["price"]), (&json!(true), &json!(wei.to_string())), "turn {turn}");
    }
    assert_eq!(offered(&env), first, "the very terms of the deployment");
}

#[test]
fn what_the_deployment_fixed_can_not_be_proposed() {
    let env = deployed(false);
    clean(&env);
    replace(&env, "symbol = \"RCN\"", "symbol = \"RAC\"");
    replace(&env, "quorum = \"4%\"", "quorum = \"4%\"\ncard-approval = \"dao\"");
    assert_eq!(
        differences(&env.json(&["plan"])),
        rows(&[
            ["governance.token.symbol", "RAC", "RCN", "immutable"],
            ["governance.card-approval", "dao", "publisher", "immutable"],
        ])
    );
    let output = env.fails(&["gov", "propose"], 3, "gov.nothing_to_propose");
    assert!(output.stdout.contains("dgov plan"), "{output}");
}

/// Windows that could be changed would let a validator leave while a case is open.
#[test]
fn what_the_modules_were_set_up_with_never_changes() {
    let env = deployed(false);
    clean(&env);
    let manifest = env.read("dgov.toml");
    let modules = format!(
        "[validators]\nlock = \"5 gwei\"\nchallenge-window = \"8d\"\nunbonding = \"100d\"\n\
         [disputes]\nbond = \"1 ETH\"\nbond-share = \"12.5%\"\nanswer-window = \"4d\"\nruling-window = \"15d\"\n\
         appeal-window = \"5d\"\narbitrator = \"{}\"\narbitrator-data = \"0x0003\"\n\
         [rewards]\ncancel-window = \"1d12h\"\nbond = \"0 wei\"\n",
        DEV[4]
    );
    env.write("dgov.toml", format!("{manifest}\n{modules}"));
    assert_eq!(
        differences(&env.json(&["plan"])),
        rows(&[
            ["validators.lock", "5 gwei", "0.1 ETH", "immutable"],
            ["validators.challenge-window", "8d", "7d", "immutable"],
            ["validators.unbonding", "100d", "42d", "immutable"],
            ["disputes.bond", "1 ETH", "0.05 ETH", "immutable"],
            ["disputes.bond-share", "12.5%", "10%", "immutable"],
            ["disputes.answer-window", "4d", "3d", "immutable"],
            ["disputes.ruling-window", "15d", "14d", "immutable"],
            ["disputes.appeal-window", "5d", "3d", "immutable"],
            ["disputes.arbitrator", DEV[4], "dao", "immutable"],
            ["disputes.arbitrator-data", "0x0003", "0x", "immutable"],
            ["rewards.cancel-window", "1d12h", "3d", "immutable"],
            ["rewards.bond", "0 ETH", "0.01 ETH", "immutable"],
        ])
    );
    env.fails(&["gov", "propose"], 3, "gov.nothing_to_propose");
}

/// An account is no arbitrator: nobody could rule there.
#[test]
fn an_arbitrator_is_a_contract() {
    let env = deployed(false);
    env.ok(&["chain", "reset", "--yes"]);
    let manifest = env.read("dgov.toml");
    env.write("dgov.toml", format!("{manifest}\n[disputes]\narbitrator = \"{}\"\n", DEV[4]));
    let output = env.run(&["deploy", "--json"]);
    assert!(output.code == 5 && output.stdout.contains("ArbitratorMissing"), "{output}");
}

#[test]
fn given_calls_are_tried_first() {
    let env = deployed(false);
    let output = env.fails(
        &["gov", "propose", "--call", &format!("token:transfer(address,uint256):{},1", DEV[1])],
        5,
        "contract.would_revert",
    );
    assert!(output.stdout.contains("ERC20InsufficientBalance"), "{output}");
    env.fails(&["gov", "propose", "--call", "governor:setVotingPeriod(uint32):0"], 5, "gov.bad_setting");
    env.fails(&["gov", "propose", "--call", "governor:updateQuorumNumerator(uint256):10001"], 5, "gov.bad_setting");
    env.fails(&["gov", "propose", "--call", &format!("{}:value=1ETH", DEV[1])], 5, "gov.treasury_short");
    env.fails(&["gov", "propose", "--call", &format!("{}:ping()", DEV[1])], 5, "gov.no_contract");
    env.fails(&["gov", "propose", "--call", "governer:ping()"], 2, "gov.call");
    env.fails(&["gov", "propose", "--title", " "], 2, "gov.title");
    env.fails(&["gov", "propose", "--call", "governor:relay(address,uint256,bytes)"], 2, "gov.call");
    assert_eq!(env.json(&["gov", "list"])["proposals"], json!([]), "nothing of this was sent");

    env.write("why.md", "Slower votes, **better** votes.\n");
    let call = "governor:setVotingDelay(uint48):172800";
    let arguments = ["gov", "propose", "--title", "Slow down", "--body-file", "why.md", "--call", call];
    let planned = env.json(&[&arguments[..], &["--dry-run"]].concat());
    assert_eq!(
        (&planned["state"], &planned["tx_hash"], &planned["dry_run"]),
        (&Value::Null, &Value::Null, &json!(true))
    );
    let proposed = env.json(&arguments);
    assert_eq!(proposed["proposal_id"], planned["proposal_id"]);
    assert!(
        proposed["description"]
            .as_str()
            .unwrap()
            .starts_with("# Slow down\n\nSlower votes, **better** votes.\n\n## Calls\n")
    );
    let shown = env.json(&["gov", "show", "latest"]);
    assert_eq!(shown["calls"][0]["text"], "governor.setVotingDelay(newVotingDelay: 172800)");
    assert_eq!((&shown["state"], &shown["proposer"]), (&json!("pending"), &json!(DEV[0])));
    carry(&env);
    assert_eq!(ask(&env, "governor", &IDataGovernor::votingDelayCall {}), U256::from(172_800));
    // The manifest still says one day, and the chain does not.
    let plan = env.json(&["plan"]);
    assert_eq!(differences(&plan), rows(&[["governance.voting-delay", "1d", "2d", "propose"]]));
}

#[test]
fn only_who_may_proposes_and_cancels() {
    let env = deployed(false);
    replace(&env, "quorum = \"4%\"", "quorum = \"5%\"");
    let output = env.fails(&["gov", "propose", "--from", "dev5"], 8, "gov.not_enough_votes");
    assert!(output.stdout.contains("has 0 votes; proposing takes 10000"), "{output}");
    env.fails(&["gov", "cancel", "latest"], 3, "gov.no_proposals");
    let first = env.json(&["gov", "propose"]);
    env.fails(&["gov", "show", "0"], 3, "gov.unknown_proposal");
    env.fails(&["gov", "cancel", "latest", "--from", "dev5"], 8, "gov.may_not_cancel");
    assert_eq!(env.json(&["gov", "cancel", "latest"])["state"], "canceled");
    let again = env.json(&["gov", "cancel", "latest"]);
    assert_eq!((&again["already"], &again["tx_hash"]), (&json!(true), &Value::Null));
    env.fails(&["gov", "queue", "latest"], 5, "gov.wrong_state");

    // The id is used up; the same change gets another one.
    let second = env.json(&["gov", "propose"]);
    assert_ne!(first["proposal_id"], second["proposal_id"]);
    assert!(second["description"].as_str().unwrap().contains("Proposed once before."));
    let states: Vec<_> =
        env.json(&["gov", "list"])["proposals"].as_array().unwrap().iter().map(|row| row["state"].clone()).collect();
    assert_eq!(states, ["canceled", "pending"]);
}

#[test]
fn votes_count_where_they_were_delegated_before_the_start() {
    let env = deployed(false);
    let delegated = env.json(&["gov", "delegate", DEV[1]]);
    assert_eq!(
        (&delegated["delegate"], &delegated["votes"]),
        (&json!(DEV[1]), &json!((1_000_000 * ETHER).to_string()))
    );
    assert_eq!(env.json(&["gov", "delegate", "dev1"])["tx_hash"], Value::Null, "it is so already");
    env.fails(&["gov", "delegate", "0x12"], 2, "usage.account");
    replace(&env, "quorum = \"4%\"", "quorum = \"5%\"");
    env.fails(&["gov", "propose"], 8, "gov.not_enough_votes");
    env.ok(&["gov", "propose", "--from", "dev1"]);
    env.ok(&["chain", "advance", "1d2s"]);
    env.fails(&["gov", "vote", "latest", "yes"], 8, "gov.no_votes");
    env.ok(&["gov", "vote", "latest", "no", "--from", "dev1"]);
    env.ok(&["chain", "advance", "3d"]);
    let output = env.fails(&["gov", "queue", "latest"], 5, "gov.wrong_state");
    assert!(output.stdout.contains("0 votes for, 1000000 against"), "{output}");
}

/// A choice that a killed command left in the ledger is not the one of today.
#[test]
fn a_delegation_is_made_again_after_another_one() {
    let env = deployed(false);
    let holder: Address = DEV[0].parse().unwrap();
    let mut mined = 0;
    env.kill_everywhere(&["gov", "delegate", "dev1"], |point| {
        let delegate = || -> Address { ask(&env, "token", &IDataToken::delegatesCall { account: holder }) };
        mined += u32::from(delegate().to_checksum(None) == DEV[1]);
        env.ok(&["gov", "delegate", "dev2"]);
        assert_eq!(delegate().to_checksum(None), DEV[2], "after a kill at {point}");
        let again = env.json(&["gov", "delegate", "dev1"]);
        assert!(again["tx_hash"].is_string() && again["already"] == false, "after a kill at {point}");
        assert_eq!(delegate().to_checksum(None), DEV[1], "after a kill at {point}");
        env.ok(&["gov", "delegate", "dev2"]);
    });
    assert!(mined >= 3, "only {mined} kills after the delegation was mined");
}

#[test]
fn a_killed_delegation_is_not_left_open() {
    let env = deployed(false);
    env.kill_everywhere(&["gov", "delegate", "dev1"], |point| {
        env.ok(&["gov", "delegate", "dev1"]);
        assert_eq!(env.json(&["status"])["unfinished"], json!([]), "after a kill at {point}");
    });
}

#[test]
fn unsigned_transactions_go_into_a_file() {
    let env = deployed(false);
    replace(&env, "quorum = \"4%\"", "quorum = \"5%\"");
    let report = env.json(&["gov", "propose", "--unsigned", "tx.json"]);
    assert_eq!((&report["unsigned"], &report["state"]), (&json!("tx.json"), &Value::Null));
    let governor = ask(&env, "timelock", &IDataTimelock::getMinDelayCall {});
    assert_eq!(governor, U256::from(2 * 86_400), "nothing was sent");
    assert_eq!(env.json(&["gov", "list"])["proposals"], json!([]));
    assert!(env.read("tx.json").to_lowercase().contains(&hex::encode(IDataGovernor::proposeCall::SELECTOR)));
}

#[test]
fn the_dao_approves_cards_where_the_manifest_says_so() {
    let env = TestEnv::project();
    replace(&env, "quorum = \"4%\"", "quorum = \"4%\"\ncard-approval = \"dao\"");
    env.ok(&["deploy"]);
    env.ok(&["data", "push", "raccoon"]);
    let plan = env.json(&["plan"]);
    let expected = ["datasets.raccoon.card", "card of version 1 approved", "not approved", "propose"];
    assert_eq!(differences(&plan), rows(&[expected]));
    assert_ne!(env.run(&["license", "buy", "raccoon", "--from", "dev3"]).code, 0, "not for sale before the vote");
    env.ok(&["gov", "propose"]);
    carry(&env);
    clean(&env);
    env.ok(&["license", "buy", "raccoon", "--from", "dev3"]);
}

#[test]
fn a_guardian_cancels_until_it_is_replaced() {
    let env = TestEnv::project();
    edit(&env, |manifest| manifest.split("[datasets.raccoon]").next().unwrap().to_owned());
    let guardian = |account: &str| format!("guardian = \"{account}\"\nguardian-sunset = \"365d\"\nquorum");
    replace(&env, "quorum", &guardian("dev5"));
    env.ok(&["deploy"]);
    clean(&env);

    replace(&env, "guardian = \"dev5\"", "guardian = \"dev6\"");
    let [row] = differences(&env.json(&["plan"])).try_into().unwrap();
    assert_eq!((row[0].as_str(), row[3].as_str()), ("governance.guardian", "propose"));
    env.ok(&["gov", "propose"]);
    env.ok(&["chain", "advance", "1d2s"]);
    env.fails(&["gov", "cancel", "latest"], 8, "gov.may_not_cancel");
    assert_eq!(env.json(&["gov", "cancel", "latest", "--from", "dev5"])["state"], "canceled");
    env.ok(&["gov", "propose"]);
    carry(&env);
    clean(&env);
    let now = ask(&env, "governor", &IDataGovernor::proposalGuardianCall {});
    assert_eq!(now, "0x976EA74026E726554dB657fA54763abd0C3a0aa9".parse::<Address>().unwrap());

    // The date is fixed, and when it has passed there is nothing to settle.
    replace(&env, "sunset = \"365d\"", "sunset = \"400d\"");
    let [row] = differences(&env.json(&["plan"])).try_into().unwrap();
    assert_eq!((row[0].as_str(), row[3].as_str()), ("governance.guardian-sunset", "immutable"));
    replace(&env, "sunset = \"400d\"", "sunset = \"365d\"");
    env.ok(&["chain", "advance", "366d"]);
    clean(&env);
    assert!(env.json(&["plan"])["notes"][0].as_str().unwrap().contains("its power has ended"));
}

#[test]
fn a_guardian_can_not_be_added_later() {
    let env = deployed(false);
    replace(&env, "quorum", "guardian = \"dev5\"\nguardian-sunset = \"365d\"\nquorum");
    let [row] = differences(&env.json(&["plan"])).try_into().unwrap();
    assert_eq!((row[0].as_str(), row[3].as_str()), ("governance.guardian", "immutable"));
}

#[test]
fn currencies_are_allowed_and_disallowed() {
    let env = deployed(false);
    // Any ERC-20 will do: the governance token is one.
    let lock: toml::Value = toml::from_str(&env.read("dgov.lock")).unwrap();
    let token = lock["networks"]["local"]["contracts"]["token"].as_str().unwrap().to_owned();
    let allowed = |env: &TestEnv| ask(env, "vault", &IRoyaltyVault::isAllowedCall { currency: token.parse().unwrap() });
    let table = format!("[tokens.RCN]\ndecimals = 18\naddress = {{ local = \"{token}\" }}\n");
    edit(&env, |manifest| format!("{manifest}{table}"));
    let [row] = differences(&env.json(&["plan"])).try_into().unwrap();
    assert_eq!((row[0].as_str(), row[3].as_str()), ("tokens.RCN", "propose"));
    env.ok(&["gov", "propose"]);
    assert!(!allowed(&env));
    carry(&env);
    clean(&env);
    assert!(allowed(&env));
    edit(&env, |manifest| manifest.replace(&table, ""));
    let [row] = differences(&env.json(&["plan"])).try_into().unwrap();
    assert_eq!((row[0].as_str(), row[1].as_str(), row[3].as_str()), ("tokens", "-", "propose"));
    env.ok(&["gov", "propose"]);
    carry(&env);
    clean(&env);
    assert!(!allowed(&env));
}

#[test]
fn a_dataset_of_the_same_name_by_a_stranger_is_not_ours() {
    let env = TestEnv::project();
    env.ok(&["deploy"]);
    let lock = env.read("dgov.lock");
    env.ok(&["data", "push", "raccoon", "--from", "dev5"]);
    // What another checkout of the project knows.
    env.write("dgov.lock", lock);
    assert_eq!(differences(&env.json(&["plan"])), rows(&[["datasets.raccoon", "published", "-", "push"]]));
    assert_eq!(env.json(&["plan", "--from", "dev5"])["differences"], json!([]));

    // It is offered under the project's terms, and goes along when their price changes.
    env.ok(&["data", "push", "raccoon"]);
    replace(&env, "0.01 ETH", "0.03 ETH");
    let calls = env.json(&["gov", "propose"])["calls"].as_array().unwrap().len();
    assert_eq!(calls, 6, "added, two offers withdrawn and two made, retired");
    carry(&env);
    clean(&env);
}
